// SPDX-License-Identifier: Apache-2.0
// How often each address is used is read in the map that was installed last: one file, and not all domains.
#include "source_address.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/maps/sending.hpp"
#include "mailctl/os/files.hpp"

#include <algorithm>

namespace mailctl {
namespace {

bool has_address_to_draw(const Site& site, const Domain& domain) {
    if (domain.source_ip != "auto") return !domain.source_ip_chosen.empty();
    return !site.source_ips.empty() &&
           std::ranges::find(site.source_ips, domain.source_ip_chosen) == site.source_ips.end();
}

Edit chosen_edit(const std::string& ip) {
    const KeyPath path{"domain", "source_ip_chosen"};
    if (ip.empty()) return RemoveKey{path};
    return SetValue{path, ip};
}

} // namespace

Status draw_source_addresses(const SiteView& view, Validated& validated, std::vector<Draft>& drafts) {
    std::optional<SendingUses> uses;
    for (auto& draft : drafts) {
        if (!draft.file.domain || !draft.next || draft.is_part()) continue;
        auto& domain = validated.domains.at(*draft.file.domain);
        if (!domain || !has_address_to_draw(validated.site, *domain)) continue;
        if (!uses) {
            TRY_ASSIGN(const auto map, find_file(view.paths().maps + "/sender-transport"));
            uses = sending_uses(validated.site, map.value_or(""));
        }
        domain->source_ip_chosen = domain->source_ip == "auto" ? uses->draw(domain->name) : std::string();
        const std::vector<Edit> edits{chosen_edit(domain->source_ip_chosen)};
        TRY_ASSIGN(draft.next, apply_edits(*draft.next, edits, draft.file.path(view.paths())));
    }
    return {};
}

} // namespace mailctl
