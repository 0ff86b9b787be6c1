// SPDX-License-Identifier: Apache-2.0
// Rows of the database may be anything; a state that is no word of ours is none.
#include "dns_memory.hpp"

namespace mailctl {

Result<std::vector<DnsRecordState>> load_dns_records(State& state, const std::string& key) {
    TRY_ASSIGN(auto stored, dns_records_of(state, key));
    std::vector<DnsRecordState> records;
    for (auto& one : stored) {
        const auto word = parse_dns_state(one.state);
        if (!word) continue;
        records.push_back({{std::move(one.name), std::move(one.type), std::move(one.aspect), *word, one.required,
                            std::move(one.expected), std::move(one.found), std::move(one.hint)},
                           one.since,
                           one.last_good});
    }
    return records;
}

Result<DnsDomainState> load_dns_domain(State& state, const std::string& key) {
    TRY_ASSIGN(const auto stored, dns_domain_of(state, key));
    return DnsDomainState{stored.active, stored.since, stored.bad_rounds, stored.counted};
}

StoredDnsRound stored_round(const std::string& key, const DnsDomainState& domain,
                            std::span<const DnsRecordState> records) {
    StoredDnsRound round{key, {domain.active, domain.since, domain.bad_rounds, domain.counted}, {}};
    for (const auto& [row, since, last_good] : records)
        round.records.push_back({row.name, row.type, row.aspect, std::string(dns_state_word(row.state)), row.required,
                                 row.expected, row.found, row.hint, since, last_good});
    return round;
}

std::string dns_key_of_hosts(const Site& site) { return "hosts of " + site.hostname.text(); }

} // namespace mailctl
