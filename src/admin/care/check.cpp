// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/care/check.hpp"

#include "check_facts.hpp"
#include "mailctl/admin/maps.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/maildir/stale_files.hpp"
#include "mailctl/maildir/wrong_sizes.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/site_mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>

namespace mailctl {

namespace {

std::string_view word_for(Weight weight) {
    if (weight == Weight::error) return "error";
    return weight == Weight::warning ? "warning" : "advice";
}

Weight weight_of(const SiteFinding& finding) { return finding.weight.value_or(finding.check->weight); }

Status check_words(const std::vector<std::string>& only) {
    std::vector<std::string> known;
    for (const auto* check : all_checks()) {
        known.emplace_back(check->id);
        known.emplace_back(check->area());
    }
    for (const auto& word : only) {
        if (std::ranges::find(known, word) != known.end()) continue;
        const auto near = nearest(word, known);
        return fail(ErrorKind::usage, fmt::format("no area and no check is called '{}'", printable(word)),
                    near ? fmt::format("did you mean '{}'?", *near) : std::string("mailctl-check(8) lists them"));
    }
    return {};
}

std::set<std::string_view> areas_of(const std::vector<std::string>& only) {
    std::set<std::string_view> areas;
    for (const auto* check : all_checks())
        if (only.empty() || std::ranges::any_of(only, [&](const std::string& word) {
                return word == check->area() || word == check->id;
            }))
            areas.insert(check->area());
    return areas;
}

Report report_of_findings(const std::vector<SiteFinding>& findings) {
    Report report{.type = "finding", .layout = Layout::story, .rows = {}, .text = {}, .notes = {}};
    bool is_serious = false;
    for (const auto& finding : findings) {
        const auto weight = weight_of(finding);
        is_serious = is_serious || weight != Weight::advice;
        report.rows.push_back({{"id", std::string(finding.check->id)},
                               {"severity", std::string(word_for(weight))},
                               {"place", finding.place},
                               {"what", finding.what},
                               {"remedy", finding.remedy},
                               {"fixable", finding.check->is_fixable}});
        report.text +=
            fmt::format("{}: {}: {} ({})\n", word_for(weight), finding.place, finding.what, finding.check->id);
        if (!finding.remedy.empty()) report.text += fmt::format("  {}\n", finding.remedy);
    }
    if (is_serious) report.status = exit_code(ErrorKind::found);
    if (findings.empty()) report.notes.emplace_back("nothing is wrong");
    return report;
}

// What a finding that can be mended is mended by. Each may be done twice.
class Mending {
  public:
    Mending(const World& world, const CheckRequest& request) : world_(world), request_(request) {}

    Result<std::vector<std::string>> run(const std::vector<SiteFinding>& findings) {
        for (const auto& finding : findings) {
            if (!finding.check->is_fixable) continue;
            const auto area = finding.check->area();
            if (area == "maps")
                maps_ = true;
            else if (finding.check->id == "mail.maildirsize")
                sizes_.push_back(finding.place);
            else if (area == "mail")
                tmp_ = true;
            else
                modes_.insert(finding.place);
        }
        TRY(mend_modes());
        TRY(mend_maps());
        TRY(mend_tmp());
        TRY(mend_sizes());
        return std::move(said_);
    }

  private:
    void say(const std::string& what) {
        said_.push_back((request_.options.dry_run ? "would mend: " : "mended: ") + what);
    }
    Status mend_modes() {
        constexpr mode_t everybody = 0007, of_a_file = 07777;
        for (const auto& path : modes_) {
            const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
            struct stat about {};
            if (file.get() < 0 || ::fstat(file.get(), &about) != 0) continue; // gone, or a link: not what was looked at
            say(fmt::format("'{}' is not for everybody any more", path));
            if (request_.options.dry_run) continue;
            if (::fchmod(file.get(), about.st_mode & of_a_file & ~everybody) != 0)
                return fail(system_error(errno, "cannot change the mode of", path));
        }
        return {};
    }
    Status mend_maps() {
        if (!maps_) return {};
        say("the maps are built anew");
        if (request_.options.dry_run) return {};
        TRY(build_maps(world_, request_.options));
        return {};
    }
    Status mend_tmp() {
        if (!tmp_) return {};
        say("old files in tmp are removed");
        if (request_.options.dry_run) return {};
        TRY_ASSIGN(const auto view, SiteView::open(world_));
        TRY(work_on_mail(view, [now = world_.clock()](const MailStore& store) -> Result<Words> {
            TRY(remove_all_stale_files(store, now));
            return Words{};
        }));
        return {};
    }

    Status mend_sizes() {
        for (const auto& place : sizes_)
            say(fmt::format("'{}/maildirsize' is removed: the next delivery counts anew", place));
        if (sizes_.empty() || request_.options.dry_run) return {};
        TRY_ASSIGN(const auto view, SiteView::open(world_));
        TRY(work_on_mail(view, [this](const MailStore& store) -> Result<Words> {
            TRY(drop_sizes(store, sizes_));
            return Words{};
        }));
        return {};
    }

    const World& world_;
    const CheckRequest& request_;
    std::vector<std::string> sizes_;
    std::set<std::string> modes_;
    bool maps_ = false, tmp_ = false;
    std::vector<std::string> said_;
};

} // namespace

Result<Report> check_site(const World& world, const CheckRequest& request) {
    TRY(check_words(request.only));
    const auto look = [&]() -> Result<std::vector<SiteFinding>> {
        TRY_ASSIGN(const auto facts, gather_facts(world, request.version, request.domains, areas_of(request.only)));
        return look_at_all(facts, request.only);
    };
    TRY_ASSIGN(auto findings, look());
    std::vector<std::string> mended;
    if (request.fix) {
        TRY_ASSIGN(mended, Mending(world, request).run(findings));
        if (!mended.empty() && !request.options.dry_run) {
            TRY_ASSIGN(findings, look());
        }
    }
    auto report = report_of_findings(findings);
    report.notes.insert(report.notes.begin(), mended.begin(), mended.end());
    return report;
}

std::vector<CheckAbout> list_checks() {
    std::vector<CheckAbout> checks;
    for (const auto* check : all_checks())
        checks.push_back(
            {check->id, check->area(), word_for(check->weight), check->says, check->number, check->is_fixable});
    return checks;
}

} // namespace mailctl
