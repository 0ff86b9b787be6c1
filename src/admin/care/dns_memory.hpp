// SPDX-License-Identifier: Apache-2.0
// What the rounds remember, between the values of the rules and state.db.
#pragma once

#include "mailctl/exchange/dns/rounds.hpp"
#include "mailctl/site/site_view.hpp"
#include "mailctl/store/dns_state.hpp"

namespace mailctl {

[[nodiscard]] Result<std::vector<DnsRecordState>> load_dns_records(State& state, const std::string& key);
[[nodiscard]] Result<DnsDomainState> load_dns_domain(State& state, const std::string& key);
[[nodiscard]] StoredDnsRound stored_round(const std::string& key, const DnsDomainState& domain,
                                          std::span<const DnsRecordState> records);
// Under which the hosts' own records are remembered; no domain has that name.
[[nodiscard]] std::string dns_key_of_hosts(const Site& site);

} // namespace mailctl
