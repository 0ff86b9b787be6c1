// SPDX-License-Identifier: Apache-2.0
// `dns check --connect`: what the hosts that the DNS names say when somebody comes. Looking is one thing, judging what
// was seen another, which is pure.
#pragma once

#include "mailctl/exchange/dns/check.hpp"
#include "mailctl/os/remote_servers.hpp"

#include <optional>
#include <set>

namespace mailctl {

// An MX host at one of its addresses.
struct ExchangeSeen {
    std::string host, address;
    std::string trouble; // why nothing was seen
    SmtpGreeting greeting;
    std::string tls_trouble; // why no certificate was seen, where STARTTLS is offered
    std::optional<ShownCertificate> certificate;
    std::string key_digest;        // SHA-256 of its public key, 64 hex digits
    std::vector<std::string> tlsa; // what the DNS has for its port 25
};
// The policy of a domain, as its web server gives it out.
struct PolicySeen {
    std::string domain, address, trouble;
    WebAnswer answer;
};

// `demands_tls`: a policy of ours tells others to send by TLS only.
[[nodiscard]] std::vector<DnsRow> rows_of_exchange(const ExchangeSeen& seen, bool demands_tls);
[[nodiscard]] DnsRow row_of_policy(const PolicySeen& seen, std::string_view wanted);

// Whom to look at: gathered from answers of the DNS while a round goes on. Each place once.
class Connections {
  public:
    explicit Connections(const Site& site) : site_(site) {}
    // Has the book ask for what connecting needs to know.
    void ask_for(const std::vector<DnsSubject>& subjects, DnsBook& book) const;
    void add(const std::string& shown, const std::vector<DnsSubject>& subjects, const DnsBook& book);
    // Connects to all, some at a time, and says what to make of it: the domain that is shown, and a row.
    [[nodiscard]] std::vector<std::pair<std::string, DnsRow>> look() const;

  private:
    const Site& site_;
    std::map<std::pair<std::string, std::string>, ExchangeSeen> exchanges_;                      // by host and address
    std::map<std::pair<std::string, std::string>, std::pair<std::string, PolicySeen>> policies_; // with what is shown
};

} // namespace mailctl
