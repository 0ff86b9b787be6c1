// SPDX-License-Identifier: Apache-2.0
// Diffs of what would change.
#include "mailctl/change/dry_run.hpp"

#include "mailctl/report/unified_diff.hpp"

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

Result<Report> show_drafts(const World& world, const SiteView& view, std::span<const Draft> drafts,
                           const Validated& validated) {
    Report report;
    report.type = "diff";
    report.layout = Layout::text;
    const auto add = [&](const std::string& path, const SourceText& before, const SourceText& after) {
        const std::string diff = hide_hashes(unified_diff(before.value_or(""), after.value_or(""),
                                                          before ? path : "/dev/null", after ? path : "/dev/null"));
        if (diff.empty()) return;
        report.text += diff;
        report.rows.push_back({{"file", path}, {"diff", diff}});
    };
    // A diff has neighbouring lines in it: a user would see others', an owner those of other domains in the maps.
    if (world.role.kind == Role::Kind::user) return report;
    for (const auto& draft : drafts)
        add(draft.file.path(view.paths()), draft.found == draft.next ? draft.applied : draft.found, draft.next);
    if (world.role.kind != Role::Kind::site) return report;
    TRY_ASSIGN(const auto wanted, wanted_maps(view, world, validated.site, validated.domains));
    for (const auto& map : wanted.files) {
        TRY_ASSIGN(const auto state, compare_map(view.paths(), wanted, map));
        if (state.text_current) continue;
        add(view.paths().maps + "/" + map.name, state.installed ? SourceText(state.installed_in_order()) : std::nullopt,
            map.text);
    }
    return report;
}

} // namespace mailctl
