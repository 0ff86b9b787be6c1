// SPDX-License-Identifier: Apache-2.0
// The book first, in one transaction, then the maps: a front end that is killed between the two makes its maps whole
// when it pulls again, without asking for anything twice.
#include "mailctl/admin/cluster/front_pull.hpp"

#include "front_reader.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/maps/front_files.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/site/site_view.hpp"

#include <fmt/format.h>

#include <thread>

namespace mailctl {

namespace {

constexpr std::size_t most_domains_by_rows = 1000; // more are sooner made whole

// The site as it is published, and how this machine makes maps.
Result<Site> front_site(const SiteView& view, const std::string& settings) {
    TRY_ASSIGN(Site site, parse_site(settings, "published settings"));
    site.maps = view.site().maps;
    return site;
}

// What a pull does to the book.
class FrontTaking {
  public:
    FrontTaking(DirectoryReader& reader, FrontBook& book) : reader_(reader), book_(book) {}

    Status take(const Site& site, const FrontState& before, FrontState& after, const DirectoryNews& news) {
        const bool is_other_site = before.settings != after.settings; // alternate names are in every row
        if (news.is_whole() || is_other_site) return take_all(site);
        TRY_ASSIGN(const auto changed, read_changed_domains(reader_, news));
        change_.nodes_before = before.nodes;
        change_.nodes_after = after.nodes;
        by_rows_ = changed.size() <= most_domains_by_rows;
        for (const auto& name : changed) {
            TRY(forget(DomainName::from_trusted(name)));
        }
        domains_ = changed.size();
        return changed.empty()
                   ? Status{}
                   : read_front_domains(reader_, site, &changed, [&](FrontDomain domain) { return put(domain); });
    }

    [[nodiscard]] std::size_t domains() const { return domains_; }
    [[nodiscard]] std::optional<RowChanges> row_changes() const {
        return by_rows_ ? front_row_changes(change_) : std::nullopt;
    }

  private:
    Status take_all(const Site& site) {
        TRY(book_.clear());
        return read_front_domains(reader_, site, nullptr, [&](const FrontDomain& domain) {
            ++domains_;
            return book_.put(domain);
        });
    }
    Status forget(const DomainName& name) {
        if (by_rows_) {
            TRY_ASSIGN(change_.before[name], book_.find(name));
            change_.after[name];
        }
        return book_.remove(name);
    }
    Status put(const FrontDomain& domain) {
        TRY(book_.put(domain));
        if (by_rows_) change_.after[domain.name] = domain;
        return {};
    }

    DirectoryReader& reader_;
    FrontBook& book_;
    FrontChange change_;
    bool by_rows_ = false;
    std::size_t domains_ = 0;
};

Report front_report(const SiteView& view, std::int64_t generation, std::size_t domains,
                    const std::vector<std::string>& maps) {
    Report report = report_of("node_pull", Layout::story);
    report.rows.push_back({{"id", view.site().hostname.text()},
                           {"front", true},
                           {"generation", generation},
                           {"domains", static_cast<std::int64_t>(domains)},
                           {"maps", maps}});
    if (maps.empty() && domains == 0)
        report.notes.emplace_back("nothing to change");
    else
        report.notes.push_back(fmt::format("generation {}: took {} domain{}{}{}", generation, domains,
                                           domains == 1 ? "" : "s", maps.empty() ? "" : ", wrote ", join(maps, ", ")));
    return report;
}

} // namespace

FrontPuller::FrontPuller(const World& world, std::string version) : world_(world), version_(std::move(version)) {}

FrontPuller::~FrontPuller() = default;

Result<Report> FrontPuller::pull(const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world_));
    const auto& database = view.site().publish.database;
    if (database.empty())
        return fail(ErrorKind::conflict, "the site names no database to pull from",
                    "mailctl config set publish.database='host=... dbname=...'");
    auto report = fetch(options);
    if (!report) reader_.reset(); // it may be amidst a transaction
    if (options.dry_run) return report;
    TRY_ASSIGN(auto book, FrontBook::open(view.paths()));
    TRY_ASSIGN(const auto state, book.state());
    DirectoryStatus status{view.site().hostname.text(), true, state.generation, state.sha256, {}, version_,
                           report.has_value()};
    if (!report) status.error = report.error().what;
    const auto reported = report_status(database, status);
    if (report && !reported)
        report->notes.push_back(
            fmt::format("warning: the state of the front end is not reported: {}", reported.error().what));
    return report;
}

Result<Report> FrontPuller::fetch(const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world_));
    TRY_ASSIGN(const auto lock, Lock::acquire(view.paths().lock, options.lock_timeout, world_.command_line));
    if (!reader_) {
        TRY_ASSIGN(auto opened, DirectoryReader::open(view.site().publish.database));
        reader_ = std::make_unique<DirectoryReader>(std::move(opened));
        TRY(reader_->listen());
    }
    TRY_ASSIGN(auto book, FrontBook::open(view.paths()));
    TRY_ASSIGN(const auto before, book.state());
    const auto news = reader_->begin(GenerationBook{before.generation, before.sha256, 0, {}});
    if (!news) return fail(news.error());
    FrontState after{news->id, news->sha256, {}, {}, before.maps_stamp};
    TRY_ASSIGN(after.nodes, read_front_nodes(*reader_));
    TRY_ASSIGN(const auto settings, reader_->settings());
    after.settings = settings.payload;
    TRY_ASSIGN(const Site site, front_site(view, after.settings));
    FrontTaking taking(*reader_, book);
    TRY(book.begin());
    TRY(taking.take(site, before, after, *news));
    TRY(reader_->end());
    if (options.dry_run) return front_report(view, after.generation, taking.domains(), {});
    if (after != before) {
        after.maps_stamp.clear(); // the maps are those of another generation now
        TRY(book.put_state(after));
    }
    TRY(book.commit());
    const auto rows = taking.row_changes();
    TRY_ASSIGN(const auto making, find_front_making(view.paths(), site));
    TRY_ASSIGN(const auto maps,
               install_front_maps(view.paths(), site, making, book, {rows ? &*rows : nullptr, before.maps_stamp}));
    auto report = front_report(view, after.generation, taking.domains(), maps);
    report.notes.insert(report.notes.begin(), making.notes.begin(), making.notes.end());
    return report;
}

void FrontPuller::wait(std::chrono::milliseconds time) { wait_for_news(reader_, time); }

} // namespace mailctl
