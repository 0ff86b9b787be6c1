// SPDX-License-Identifier: Apache-2.0
// What was seen in the DNS, in state.db: the last result for each record, and whether a domain's mail comes to us. It
// may be lost: another round sees it again.
#pragma once

#include "mailctl/model/domain_name.hpp"
#include "mailctl/store/state.hpp"

#include <map>
#include <span>

namespace mailctl {

// One record of a domain, its state as a word.
struct StoredDnsRecord {
    std::string name, type, aspect, state;
    bool required = false;
    std::string expected;
    std::vector<std::string> found;
    std::string hint;
    Instant since;
    std::optional<Instant> last_good;
};
struct StoredDnsDomain {
    bool active = false;
    std::optional<Instant> since;
    unsigned bad_rounds = 0;
    std::optional<Instant> counted;
};
struct StoredDnsRound {
    std::string domain; // A-labels; of the hosts their name
    StoredDnsDomain state;
    std::vector<StoredDnsRecord> records;
};

// All Errors are the state's, and temporary.
[[nodiscard]] Result<std::vector<StoredDnsRecord>> dns_records_of(State& state, const std::string& domain);
[[nodiscard]] Result<StoredDnsDomain> dns_domain_of(State& state, const std::string& domain);
[[nodiscard]] Result<std::map<std::string, StoredDnsDomain>> all_dns_domains(State& state);
// In place of what was known of these domains; all or none.
[[nodiscard]] Status save_dns_rounds(State& state, std::span<const StoredDnsRound> rounds);

} // namespace mailctl
