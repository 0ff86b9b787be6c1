// SPDX-License-Identifier: Apache-2.0
// From the results of the last round, in the state database. Where it cannot tell, nothing was seen.
#include "seen_keys.hpp"

#include "mailctl/exchange/dkim_record.hpp"
#include "mailctl/store/dns_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

SeenKeys::SeenKeys(const SiteView& view) : state_(std::make_shared<State>(State::of_reader(view.paths()))) {}

SeenKey SeenKeys::of(const DomainName& domain) const {
    return [state = state_, domain](const DkimSelector& selector) {
        const auto records = dns_records_of(*state, domain.text());
        const auto name = fmt::format("{}.{}", dkim_label(selector.name), domain.text());
        return records && std::ranges::any_of(*records, [&](const StoredDnsRecord& record) {
                   return record.name == name && record.aspect.empty() && record.state == "ok";
               });
    };
}

} // namespace mailctl
