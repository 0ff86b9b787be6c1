// SPDX-License-Identifier: Apache-2.0
#include "earlier_owner.hpp"

#include "mailctl/site/past_texts.hpp"

#include <algorithm>
#include <map>

namespace mailctl {

std::vector<Tombstone> within_role(const SiteView& view, std::vector<Tombstone> tombstones) {
    if (tombstones.empty() || view.role().kind == Role::Kind::site) return tombstones;
    const auto oldest = std::ranges::min(tombstones, {}, &Tombstone::change).change;
    const auto records = records_since(view, oldest);
    if (!records || view.role().kind == Role::Kind::user) return {};
    std::map<std::string, std::uint64_t> made; // a file -> the last change that made it
    for (const auto& record : *records)
        for (const auto& change : record.files)
            if (!record.reverts && !change.before_digest) made[change.path] = std::max(made[change.path], record.id);
    std::erase_if(tombstones, [&](const Tombstone& tombstone) {
        const auto last = made.find(SourceFile{tombstone.address.domain}.relative());
        return last != made.end() && last->second >= tombstone.change;
    });
    return tombstones;
}

} // namespace mailctl
