// SPDX-License-Identifier: Apache-2.0
// The DNS records that a mail domain and the site's hosts should have, made from the site and the domain file alone.
// What is found in the DNS is held against them by the rule each names (exchange/dns/rules).
#pragma once

#include "mailctl/exchange/dns/record.hpp"
#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mailctl {

enum class DnsRule {
    mx,
    spf,
    dkim,
    dmarc,
    report_consent, // RFC 9990: reports about another domain are welcome here
    mta_sts,
    tls_reports,
    service,     // SRV
    client_name, // a name that users know: webmail, imap, autoconfig
    policy_host, // mta-sts
    caa,
    host_address,
    reverse, // PTR
    helo_spf,
};

struct WantedRecord {
    DnsRule rule = DnsRule::mx;
    DnsRecord record;
    std::string reason; // for people: what it is for
    bool required = false;
};

// A selector's record as it should be; the keys are another's business.
struct DkimWanted {
    std::string selector, value;  // "v=DKIM1; k=rsa; p=..."; p= without a key: revoked
    bool active = false;          // mail is signed with it: then the record is required
    std::string key_trouble = {}; // why signatures cannot be checked by the record, as its private key tells
};

// What the records are made from besides the site.
struct DnsSubject {
    const Domain* domain = nullptr;
    DomainName name; // the one they stand under: the domain's own, an alias, or the alternate one
    std::vector<DkimWanted> dkim;
    std::string policy_id;              // of the MTA-STS policy; "" = none is set up
    std::vector<std::string> gone = {}; // selectors that had a record once
};

[[nodiscard]] std::vector<WantedRecord> wanted_records(const Site& site, const DnsSubject& subject);
// Of the hosts of dns.mx and the hostname itself.
[[nodiscard]] std::vector<WantedRecord> wanted_host_records(const Site& site);

// What they are put together from.
[[nodiscard]] std::vector<Site::MailExchange> mail_exchanges(const Site& site); // best first; never empty
// The addresses that the domain's mail leaves from, in canonical form. Empty: those of the hosts.
[[nodiscard]] std::vector<std::string> sending_addresses(const Site& site, const Domain& domain);
[[nodiscard]] std::string spf_text(const Site& site, const Domain& domain);
[[nodiscard]] std::string dmarc_text(const std::optional<Dmarc>& dmarc);
// The domain of a "mailto:" address; "" of anything else.
[[nodiscard]] std::string report_domain(std::string_view uri);

// The MTA-STS policy (RFC 8461 3.2) of every domain of the site, as its web server should give it out.
[[nodiscard]] std::string mta_sts_policy(const Site& site);

// The domain's own name, its aliases, and the alternate one.
[[nodiscard]] std::vector<DomainName> names_of_domain(const Site& site, const Domain& domain);

} // namespace mailctl
