// SPDX-License-Identifier: Apache-2.0
// Diffs of what would change.
#include "mailctl/change/dry_run.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/maps/ledger.hpp"
#include "mailctl/change/maps/maps_of_change.hpp"
#include "mailctl/report/unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

std::string hide_hashes(std::string_view text) {
    std::string hidden;
    while (!text.empty()) {
        const auto open = text.find('{');
        const auto close = open == std::string_view::npos
                               ? open
                               : text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.", open + 1);
        if (close == std::string_view::npos) break;
        const bool scheme = text[close] == '}' && close > open + 1;
        hidden += text.substr(0, close + (scheme ? 1 : 0));
        text.remove_prefix(close + (scheme ? 1 : 0));
        if (!scheme) continue;
        const auto end = std::min(text.find_first_of(" \t\r\n\"':"), text.size());
        if (end > 0) hidden += "********";
        text.remove_prefix(end);
    }
    return hidden.append(text);
}

namespace {

// A report of diffs: as text, and each file's as a row.
class Diffs {
  public:
    Diffs() {
        report_.type = "diff";
        report_.layout = Layout::text;
    }
    void add(const std::string& path, const SourceText& before, const SourceText& after) {
        add(path, unified_diff(before.value_or(""), after.value_or(""), before ? path : "/dev/null",
                               after ? path : "/dev/null"));
    }
    void add(const std::string& path, std::string_view shown) {
        const std::string diff = hide_hashes(shown);
        if (diff.empty()) return;
        report_.text += diff;
        report_.brief += diff;
        report_.rows.push_back({{"file", path}, {"diff", diff}});
    }
    // People are told how much of a map changes, for they did not write it.
    void add_map(const std::string& path, const std::string& diff) {
        auto brief = report_.brief;
        add(path, diff);
        report_.brief = std::move(brief);
        if (!diff.empty()) maps_.push_back(sum_of(path, diff));
    }
    [[nodiscard]] Report take() {
        if (maps_.empty()) report_.brief.clear();
        if (!maps_.empty()) report_.brief += fmt::format("maps: {} (-v shows their lines)\n", join(maps_, ", "));
        return std::move(report_);
    }

  private:
    // "mailboxes +8 -12", from the lines below the two of the heading.
    static std::string sum_of(const std::string& path, std::string_view diff) {
        std::size_t added = 0, removed = 0, line_number = 0;
        for (const auto line : split(diff, '\n')) {
            if (++line_number <= 2) continue;
            added += line.starts_with('+') ? 1 : 0;
            removed += line.starts_with('-') ? 1 : 0;
        }
        std::string sum = path.substr(path.rfind('/') + 1);
        if (added > 0) sum += fmt::format(" +{}", added);
        if (removed > 0) sum += fmt::format(" -{}", removed);
        return sum;
    }

    Report report_;
    std::vector<std::string> maps_;
};

// Whether the installed maps show the change by rows is for them to say; a pending one has changed them half.
Status add_maps(const World& world, const SiteView& view, std::span<const Draft> drafts, const Validated& validated,
                Diffs& diffs) {
    const bool changes_site = std::ranges::any_of(drafts, [](const Draft& draft) { return !draft.file.domain; });
    TRY_ASSIGN(const auto ledger, find_ledger(view.paths()));
    TRY_ASSIGN(const auto* compiled, view.compiled());
    const LinkedLookup* before = view.pending() || changes_site ? nullptr : compiled;
    std::optional<ChangedLinks> after;
    if (before) after.emplace(validated.site, *before, validated.domains);
    const KnownDomains domains{validated.before, validated.domains, {}, {}};
    return foresee_in_maps(
        {world, view, validated.site, changes_site, before, after ? &*after : nullptr, domains, ledger},
        [&](const std::string& path, const std::string& diff) { diffs.add_map(path, diff); });
}

} // namespace

Result<Report> show_drafts(const World& world, const SiteView& view, std::span<const Draft> drafts,
                           const Validated& validated) {
    Diffs diffs;
    // A diff has neighbouring lines in it: a user would see others', an owner those of other domains in the maps.
    if (world.role.kind == Role::Kind::user) return diffs.take();
    for (const auto& draft : drafts)
        diffs.add(draft.file.path(view.paths()), draft.found == draft.next ? draft.applied : draft.found, draft.next);
    if (world.role.kind != Role::Kind::site) return diffs.take();
    TRY(add_maps(world, view, drafts, validated, diffs));
    return diffs.take();
}

} // namespace mailctl
