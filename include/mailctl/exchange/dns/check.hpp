// SPDX-License-Identifier: Apache-2.0
// What the DNS says, held against what it should say: rows for people and programs, by the table of exchange/dns/rules.
// Pure: answers come from a book, and what it lacks is left there as open questions; the rows count only once none is
// open.
#pragma once

#include "mailctl/exchange/dns/answers.hpp"
#include "mailctl/exchange/dns/dane.hpp"
#include "mailctl/exchange/dns/wanted.hpp"

#include <functional>

namespace mailctl {

enum class DnsState { ok, missing, wrong, several, propagating, bogus, unsigned_zone, unknown, extra, advice };
[[nodiscard]] std::string_view dns_state_word(DnsState state); // "unsigned"
[[nodiscard]] std::optional<DnsState> parse_dns_state(std::string_view word);
// Of a required record: something is wrong with it, and `dns check` ends with 5.
[[nodiscard]] bool is_bad(DnsState state);

struct DnsRow {
    std::string name, type;
    std::string aspect; // "" = the record itself; a word for what else there is to say about it
    DnsState state = DnsState::unknown;
    bool required = false;
    std::string expected;
    std::vector<std::string> found;
    std::string hint; // what is wrong, and the line to paste
};

struct DnsFacts {
    std::vector<std::string> servers; // those of --server behind the first: each is asked, and no other
    bool asks_name_servers = true;    // the zone's own, each directly
    bool validates = false;           // whoever answers looks at DNSSEC
    Instant now;
    HostKeys keys = {}; // of the hostname
    // Whether mail for an address of ours reaches somebody; absent: it is not ours.
    std::function<std::optional<bool>(const Address&)> receives;
};

[[nodiscard]] std::vector<DnsRow> check_domain_records(const Site& site, const DnsSubject& subject,
                                                       const DnsFacts& facts, DnsBook& book);
[[nodiscard]] std::vector<DnsRow> check_host_records(const Site& site, const DnsFacts& facts, DnsBook& book);

} // namespace mailctl
