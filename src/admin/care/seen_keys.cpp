// SPDX-License-Identifier: Apache-2.0
// From the results of the last round, in the state database. Where it cannot tell, nothing was seen.
#include "seen_keys.hpp"

#include "mailctl/exchange/dkim_record.hpp"
#include "mailctl/store/dns_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

SeenKey seen_keys(const SiteView& view, const DomainName& domain) {
    return [paths = view.paths(), domain](const DkimSelector& selector) {
        auto state = State::of_reader(paths);
        const auto records = dns_records_of(state, domain.text());
        const auto name = fmt::format("{}.{}", dkim_label(selector.name), domain.text());
        return records && std::ranges::any_of(*records, [&](const StoredDnsRecord& record) {
                   return record.name == name && record.aspect.empty() && record.state == "ok";
               });
    };
}

} // namespace mailctl
