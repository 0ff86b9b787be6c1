// SPDX-License-Identifier: Apache-2.0
// Diffs of what would change.
#include "mailctl/change/dry_run.hpp"

#include "mailctl/change/map_changes.hpp"
#include "mailctl/report/unified_diff.hpp"
#include "map_ledger.hpp"

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
        report_.rows.push_back({{"file", path}, {"diff", diff}});
    }
    [[nodiscard]] Report take() { return std::move(report_); }

  private:
    Report report_;
};

// The rows that go and come, under the headings they stand below in the map; their neighbours mean nothing.
std::string rows_diff(const std::string& path, const std::vector<LineChanges>& sections) {
    std::string diff = fmt::format("--- {0}\n+++ {0}\n", path);
    for (const auto& lines : sections) {
        diff += fmt::format("@@ {} @@\n", lines.section);
        for (const auto& row : lines.removed)
            diff.append("-").append(row).append("\n");
        for (const auto& row : lines.added)
            diff.append("+").append(row).append("\n");
    }
    return diff;
}

// What the change itself would do to large maps; nullopt: it would make them whole.
Result<std::optional<RowChanges>> find_rows(const World& world, const SiteView& view, std::span<const Draft> drafts,
                                            const Validated& validated, const MapMaking& making) {
    if (view.pending() || std::ranges::any_of(drafts, [](const Draft& draft) { return !draft.file.domain; }))
        return std::nullopt;
    TRY_ASSIGN(const auto ledger, find_ledger(view.paths()));
    TRY_ASSIGN(const auto* before, view.compiled());
    if (!ledger || !before) return std::nullopt;
    const ChangedLinks after(validated.site, *before, validated.domains);
    return find_row_changes({making.context, validated.site, *before, after, validated.before, validated.domains},
                            {view.paths(), *ledger, making.made_from, world.whole_maps_below});
}

Status add_maps(const World& world, const SiteView& view, std::span<const Draft> drafts, const Validated& validated,
                Diffs& diffs) {
    TRY_ASSIGN(auto making, find_map_making(view, world, validated.site));
    TRY_ASSIGN(const auto rows, find_rows(world, view, drafts, validated, making));
    if (rows) {
        for (const auto& [map, sections] : *rows)
            diffs.add(view.paths().maps + "/" + map, rows_diff(view.paths().maps + "/" + map, sections));
        return {};
    }
    TRY_ASSIGN(const auto wanted, wanted_maps(view, std::move(making), validated.site, validated.domains));
    for (const auto& map : wanted.files) {
        TRY_ASSIGN(const auto state, compare_map(view.paths(), wanted, map));
        if (state.text_current) continue;
        diffs.add(view.paths().maps + "/" + map.name,
                  state.installed ? SourceText(state.installed_in_order()) : std::nullopt, map.text);
    }
    return {};
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
