// SPDX-License-Identifier: Apache-2.0
// Which domains may differ is told by the history since the change published last; where the books of both sides do not
// agree, every domain's digest is compared. Rows of a domain are only read from the database where its digest differs.
#include "mailctl/admin/cluster/publish.hpp"

#include "mailctl/change/look_ups.hpp"
#include "mailctl/config/assignment.hpp"
#include "mailctl/config/published_settings.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/site/past_texts.hpp"
#include "mailctl/store/generation_book.hpp"
#include "published_tables.hpp"
#include "sealed_parts.hpp"
#include "srs_digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mailctl {
namespace {

std::string book_path(const Paths& paths) { return paths.lib + "/published"; }

// The names that the domains changed since may have; nullopt: any.
using Suspects = std::optional<std::set<std::string>>;

struct Changed {
    Suspects suspects;
    std::vector<Renaming> renamings;
};

Result<Changed> changed_since(const SiteView& view, std::uint64_t change) {
    auto records = records_since(view, change + 1);
    if (!records && records.error().kind == ErrorKind::missing) return Changed{std::set<std::string>{}, {}};
    if (!records) return Changed{}; // a record that cannot be read: everything is looked at
    std::set<std::string> names;
    for (const auto& record : *records) {
        TRY_ASSIGN(const auto files, files_of(record));
        for (const auto& file : files)
            if (file.domain) names.insert(file.domain->text());
    }
    return Changed{std::move(names), renamings_of(*records)};
}

std::vector<std::string> texts_of(const std::vector<DomainName>& names) {
    std::vector<std::string> texts;
    for (const auto& name : names)
        texts.push_back(name.text());
    return texts;
}

bool is_split(const Domain& domain) {
    return std::ranges::any_of(domain.mailboxes,
                               [&](const auto& mailbox) { return node_of(domain, mailbox.second) != domain.node; });
}

PublishedDomain published_form(const Domain& domain, const PublishedParts& parts) {
    const auto unknown = format_unknown_action(domain.unknown);
    return {domain.node, is_split(domain), texts_of(domain.aliases), unknown.substr(0, unknown.find(':')),
            sha256(row_bytes(parts))};
}

// What differs between the rows of a domain as published and as they should be.
void add_differences(const std::string& name, PublishedParts before, PublishedParts after,
                     std::vector<ChangedRow>& changes) {
    using Key = std::pair<std::string, std::string>;
    std::map<Key, PublishedRow> old;
    for (auto& [node, rows] : before)
        for (auto& row : rows)
            old.emplace(Key{node, row.local}, std::move(row));
    for (auto& [node, rows] : after)
        for (auto& row : rows) {
            const auto found = old.find({node, row.local});
            const bool is_same = found != old.end() && found->second == row;
            if (found != old.end()) old.erase(found);
            if (!is_same) changes.push_back({node, name, std::move(row), false});
        }
    for (auto& [key, row] : old)
        changes.push_back({key.first, name, {row.local, row.kind, ""}, true});
}

class Publisher {
  public:
    Publisher(const World& world, const SiteView& view, const PublishRequest& request, PublishedTables& tables)
        : world_(world), view_(view), request_(request), tables_(tables) {}

    Result<Report> run() {
        TRY_ASSIGN(const auto newest, next_record_id(view_.paths().history));
        TRY_ASSIGN(const auto book, load_book(book_path(view_.paths())));
        TRY_ASSIGN(const auto last, tables_.generation());
        TRY(refuse_older(book, last));
        id_ = std::max({last.id, book.generation, last.highest_seen}) + 1;
        const bool agrees = book.generation == last.id && book.sha256 == last.sha256 && last.id != 0;
        TRY(find_changes(agrees ? book.history : 0, agrees));
        TRY(put());
        GenerationBook next{last.id, last.sha256, newest - 1, {}};
        if (changed_ || request_.go_above) {
            next.generation = id_;
            next.sha256 = sha256(last.sha256 + said_);
            TRY(tables_.commit(id_, next.sha256, world_.actor));
        }
        if (next != book) {
            TRY(save_book(book_path(view_.paths()), next));
        }
        return report(next.generation);
    }

  private:
    Status refuse_older(const GenerationBook& book, const PublishedGeneration& last) const {
        if (request_.go_above) {
            if (*request_.go_above == last.id) return {};
            return fail(ErrorKind::conflict,
                        fmt::format("the database is at generation {}, not at {}", last.id, *request_.go_above),
                        fmt::format("if that is meant: mailctl publish --full --confirm={}", last.id));
        }
        const auto highest = std::max(book.generation, last.highest_seen);
        const bool is_other = last.id == book.generation && last.id != 0 && last.sha256 != book.sha256;
        if (last.id >= highest && !is_other) return {};
        const auto what =
            is_other ? fmt::format("the database has another generation {} than was published from here", last.id)
                     : fmt::format("the database is at generation {}, and generation {} was published already: "
                                   "an older state of it was restored",
                                   last.id, highest);
        return fail(
            ErrorKind::conflict, what,
            fmt::format("to publish the whole site above all of them: mailctl publish --full --confirm={}", last.id));
    }

    Status find_changes(std::uint64_t since, bool agrees) {
        Suspects suspects;
        if (agrees) {
            TRY_ASSIGN(auto changed, changed_since(view_, since));
            renamings_ = std::move(changed.renamings);
            if (!request_.everything) suspects = std::move(changed.suspects);
        }
        TRY_ASSIGN(published_, tables_.domains(suspects ? &*suspects : nullptr));
        std::set<std::string> gone;
        for (const auto& [name, unused] : published_)
            gone.insert(name);
        TRY_ASSIGN(const auto applied, view_.applied_domain_names());
        Progress progress("comparing domains", applied.size());
        for (const auto& name : applied) {
            progress.step();
            gone.erase(name.text());
            if (suspects && !suspects->contains(name.text())) continue;
            TRY(look_at(name));
        }
        gone_ = std::move(gone);
        return {};
    }

    // A domain that is new is looked at when its rows are sent: it need not be read twice.
    Status look_at(const DomainName& name) {
        const auto before = published_.find(name.text());
        if (before == published_.end()) {
            new_.push_back(name);
            return {};
        }
        TRY_ASSIGN(const auto domain, view_.find_applied_domain(name));
        if (!domain) return {};
        auto parts = sealed_parts(*domain);
        auto form = published_form(*domain, parts);
        const bool is_same = before->second == form;
        if (is_same && !request_.everything) return {};
        TRY_ASSIGN(auto old, tables_.rows(name.text()));
        const auto count = rows_.size();
        add_differences(name.text(), std::move(old), std::move(parts), rows_);
        if (is_same && rows_.size() == count) return {};
        domains_.emplace(name.text(), std::move(form));
        std::ranges::move(moves_of(*domain), std::back_inserter(moves_));
        return {};
    }

    Status put() {
        TRY_ASSIGN(const auto secret, srs_digest(view_));
        TRY_ASSIGN(const bool nodes, tables_.put_nodes(view_.site().nodes, id_));
        TRY_ASSIGN(const bool settings, tables_.put_settings(compose_settings(view_.site()), secret, id_));
        if (!new_.empty() || !domains_.empty()) {
            TRY(send_rows());
            TRY(tables_.put_domains(domains_, id_));
            TRY(tables_.put_sent_rows(id_));
        }
        if (!gone_.empty()) {
            TRY(tables_.delete_domains(gone_, id_));
        }
        changed_ = nodes || settings || !domains_.empty() || !gone_.empty() || !renamings_.empty();
        if (nodes) say("nodes");
        if (settings) say(compose_settings(view_.site()));
        for (const auto& [name, domain] : domains_)
            say(name + "=" + domain.hash + domain.node);
        for (const auto& name : gone_)
            say("-" + name);
        return put_moves();
    }

    Status put_moves() {
        std::set<std::string> touched = gone_;
        for (const auto& [name, unused] : domains_)
            touched.insert(name);
        if (!changed_) return {};
        TRY(tables_.put_renamings(renamings_, id_));
        return touched.empty() ? Status{} : tables_.put_moves(touched, moves_, id_);
    }

    // Those that are compared already, then all of each new domain, one domain in memory at a time.
    Status send_rows() {
        Progress progress("publishing domains", new_.size());
        Status trouble;
        std::size_t at = 0, next_domain = 0;
        const auto next = [&](ChangedRow& row) {
            while (at == rows_.size()) {
                if (next_domain == new_.size() || !trouble) return false;
                progress.step();
                rows_.clear();
                at = 0;
                trouble = take_new(new_[next_domain++]);
            }
            row = std::move(rows_[at++]);
            ++row_count_;
            return true;
        };
        TRY(tables_.send_rows(next));
        return trouble;
    }

    Status take_new(const DomainName& name) {
        TRY_ASSIGN(const auto domain, view_.find_applied_domain(name));
        if (!domain) return {};
        auto parts = sealed_parts(*domain);
        domains_.emplace(name.text(), published_form(*domain, parts));
        std::ranges::move(moves_of(*domain), std::back_inserter(moves_));
        add_differences(name.text(), {}, std::move(parts), rows_);
        return {};
    }

    void say(const std::string& words) { said_ += fmt::format("{}:{}", words.size(), words); }

    [[nodiscard]] Report report(std::int64_t generation) const {
        Report report = report_of("publish", Layout::story);
        const auto domains = static_cast<std::int64_t>(domains_.size() + gone_.size());
        report.rows.push_back({{"id", generation},
                               {"published", generation == id_},
                               {"domains", domains},
                               {"rows", static_cast<std::int64_t>(row_count_)}});
        report.notes.push_back(generation != id_
                                   ? fmt::format("nothing to publish: generation {} stands", generation)
                                   : fmt::format("published generation {}: {} domain{}, {} row{}", generation, domains,
                                                 domains == 1 ? "" : "s", row_count_, row_count_ == 1 ? "" : "s"));
        return report;
    }

    const World& world_;
    const SiteView& view_;
    const PublishRequest& request_;
    PublishedTables& tables_;
    std::int64_t id_ = 0; // of the generation that this makes
    bool changed_ = false;
    std::string said_; // what changed, for the digest of the generation
    std::map<std::string, PublishedDomain> published_, domains_;
    std::set<std::string> gone_;
    std::vector<DomainName> new_;
    std::vector<MovingMail> moves_; // of domains_
    std::vector<Renaming> renamings_;
    std::vector<ChangedRow> rows_;
    std::size_t row_count_ = 0;
};

Status check_is_published(const Site& site) {
    if (!site.publish.database.empty()) return {};
    return fail(ErrorKind::conflict, "the site names no database to publish to",
                "mailctl config set publish.database='host=... dbname=...'");
}

} // namespace

Result<Report> publish_site(const World& world, const PublishRequest& request) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY(check_is_published(view.site()));
    TRY_ASSIGN(auto tables, PublishedTables::open(view.site().publish.database));
    return Publisher(world, view, request, tables).run();
}

void publish_change(const World& world, Report& report) {
    const auto view = SiteView::open(world);
    if (!view || !view->site().publish.automatic || view->site().publish.database.empty()) return;
    const auto book = load_book(book_path(view->paths()));
    const auto newest = next_record_id(view->paths().history);
    if (book && newest && book->history + 1 >= *newest && book->generation != 0) return;
    if (const auto published = publish_site(world, {}); !published) {
        report.notes.push_back(
            fmt::format("warning: the change is made, but not published: {}", published.error().what));
        report.notes.push_back("hint: try again with 'mailctl publish'");
    }
}

} // namespace mailctl
