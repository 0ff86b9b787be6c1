// SPDX-License-Identifier: Apache-2.0
// What the rules about single records have in common: the case before them, the verdict, and what several of them ask.
#pragma once

#include "mailctl/exchange/dns/check.hpp"

#include <span>

namespace mailctl {

// One name and type: what is wanted there, and everything a rule may ask about it.
struct DnsCase {
    const Site& site;
    const DnsSubject* subject; // nullptr: of the hosts
    std::span<const WantedRecord> wanted;
    const DnsFacts& facts;
    DnsBook& book;

    [[nodiscard]] const DnsRecord& first() const { return wanted.front().record; }
};

// Something else to say about a record, in a row of its own.
struct DnsNote {
    std::string aspect, hint;
    DnsState state = DnsState::advice;
    std::string name = {}, type = {}; // "" = those of the record
    std::vector<std::string> found = {};
    std::string expected = {};
};

struct DnsVerdict {
    DnsState state = DnsState::ok;
    std::string hint = {};
    std::vector<std::string> found = {}; // "" = what the answer holds
    std::vector<DnsNote> notes = {};
};

// The verdict on an answer that is known; it may be void.
using DnsJudge = DnsVerdict (*)(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_mx(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_spf(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_helo_spf(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_dkim(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_dmarc(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_report_consent(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_mta_sts(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_tls_reports(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_service(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_client_name(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_policy_host(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_caa(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_host_address(const DnsCase& item, const DnsAnswer& answer);
DnsVerdict judge_reverse(const DnsCase& item, const DnsAnswer& answer);

// The addresses of a host, in canonical form.
struct HostAddresses {
    std::vector<std::string> found;
    bool complete = true; // false: A or AAAA could not be asked
    [[nodiscard]] bool are_none() const { return complete && found.empty(); }
};
[[nodiscard]] HostAddresses addresses_of_host(DnsBook& book, const std::string& host);
// Those of the hosts that take our mail: dns.addresses, else what their names have.
[[nodiscard]] HostAddresses own_addresses(const DnsCase& item);
[[nodiscard]] bool share_one(std::span<const std::string> some, std::span<const std::string> others);
[[nodiscard]] std::string without_dot(std::string_view name);
// A note where mail for a report address of ours reaches nobody.
void add_report_notes(const DnsCase& item, std::span<const std::string> uris, std::vector<DnsNote>& notes);
// The key of a DKIM record is there and not withdrawn.
[[nodiscard]] bool has_dkim_key(const DnsAnswer& answer);
[[nodiscard]] unsigned rsa_bits(std::string_view base64); // of a public key as SPKI; 0: it is none
// The hosts that an MX answer names, best first.
struct FoundExchange {
    unsigned preference = 0;
    std::string host; // "" = null MX
};
[[nodiscard]] std::vector<FoundExchange> found_exchanges(const DnsAnswer& answer);

} // namespace mailctl
