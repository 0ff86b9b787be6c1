// SPDX-License-Identifier: Apache-2.0
// Records in the order in which an administrator sets them up: mail comes in, mail goes out, then what users see.
#include "mailctl/exchange/dns/wanted.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/dns_words.hpp"
#include "mailctl/model/others_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {
namespace {

std::string dotted(std::string_view name) { return fmt::format("{}.", name); }

class RecordList {
  public:
    RecordList(const Site& site, std::string name) : site_(site), name_(std::move(name)) {}

    void add(DnsRule rule, std::string_view label, std::string_view type, std::string value, std::string reason,
             bool required = false) {
        auto owner = label.empty() ? name_ : fmt::format("{}.{}", label, name_);
        records_.push_back(
            {rule, {std::move(owner), std::string(type), std::move(value)}, std::move(reason), required});
    }
    // A name that users know. Not where it is a host of ours itself: that has addresses, and what an MX names may be no
    // alias (RFC 2181 10.3).
    void add_alias(DnsRule rule, std::string_view label, const std::string& target, std::string reason) {
        const auto owner = fmt::format("{}.{}", label, name_);
        const auto exchanges = mail_exchanges(site_);
        const bool is_host =
            owner == site_.hostname.text() ||
            std::ranges::any_of(exchanges, [&](const auto& exchange) { return exchange.host.text() == owner; });
        if (owner != target && !is_host) add(rule, label, "CNAME", dotted(target), std::move(reason));
    }
    std::vector<WantedRecord> take() { return std::move(records_); }

  private:
    const Site& site_;
    std::string name_;
    std::vector<WantedRecord> records_;
};

std::string uri_for_tag(std::string_view uri) { // RFC 9989 4.7: a comma separates URIs, a semicolon tags
    std::string text;
    for (const char c : uri)
        text += c == ',' ? "%2C" : c == ';' ? "%3B" : c == '!' ? "%21" : std::string(1, c);
    return text;
}

void add_incoming(RecordList& list, const Site& site) {
    for (const auto& exchange : mail_exchanges(site))
        list.add(DnsRule::mx, "", "MX", fmt::format("{} {}", exchange.preference, dotted(exchange.host.text())),
                 "mail for the domain comes to this host", true);
}

void add_outgoing(RecordList& list, const Site& site, const DnsSubject& subject) {
    list.add(DnsRule::spf, "", "TXT", spf_text(site, *subject.domain), "who may send mail of the domain (RFC 7208)",
             true);
    const bool is_own = subject.name == subject.domain->name;
    for (const auto& key : subject.dkim)
        list.add(DnsRule::dkim, key.selector + "._domainkey", "TXT", key.value,
                 key.active ? "the key that mail is signed with (RFC 6376)" : "a key of signed mail (RFC 6376)",
                 key.active && is_own);
    list.add(DnsRule::dmarc, "_dmarc", "TXT", dmarc_text(subject.domain->dmarc),
             "what others do with forged mail of the domain (RFC 9989)", true);
}

// Where reports go to another domain, that has to say that they are welcome. A domain's own subdomains need not be
// asked, and whether two domains belong together otherwise is seen in the DNS only.
void add_report_consent(std::vector<WantedRecord>& records, const DnsSubject& subject) {
    const auto receiver = subject.domain->dmarc ? report_domain(subject.domain->dmarc->report_to) : std::string();
    const auto& own = subject.name.text();
    if (receiver.empty() || lies_below(receiver, own) || lies_below(own, receiver)) return;
    records.push_back({DnsRule::report_consent,
                       {fmt::format("{}._report._dmarc.{}", own, receiver), "TXT", "v=DMARC1"},
                       fmt::format("'{}' takes DMARC reports about the domain (RFC 9990 4)", receiver),
                       false});
}

void add_transport_security(RecordList& list, const Site& site, const DnsSubject& subject) {
    const auto web = site.dns.web_host.value_or(site.hostname).text();
    if (!subject.policy_id.empty()) {
        list.add(DnsRule::mta_sts, "_mta-sts", "TXT", fmt::format("v=STSv1; id={}", subject.policy_id),
                 "there is an MTA-STS policy, of this version (RFC 8461)");
        list.add_alias(DnsRule::policy_host, "mta-sts", web, "the web server that gives out the MTA-STS policy");
    }
    if (!site.dns.tlsrpt.empty())
        list.add(DnsRule::tls_reports, "_smtp._tls", "TXT",
                 fmt::format("v=TLSRPTv1; rua={}", uri_for_tag(site.dns.tlsrpt)),
                 "where others report trouble with TLS (RFC 8460)");
}

struct ClientProtocol {
    const Site::ClientService& service;
    std::string_view label, words; // of the branded name; of reasons
    std::string_view tls_name, starttls_name;
    unsigned tls_port, starttls_port;
    unsigned preference; // among protocols for reading
};

// An SRV record may name no alias (RFC 2782), and a name in the user's own domain is one.
std::string server_of(const Site& site, const Site::ClientService& service) {
    return service.host.empty() || service.host.contains("%d") ? site.hostname.text() : service.host;
}

// Port 587 stays open where users are told 465: programs that know nothing newer use it.
bool is_second_choice(const ClientProtocol& protocol, bool starttls) {
    return starttls && protocol.label == "smtp" && protocol.service.security == ClientSecurity::tls;
}

std::string service_value(const ClientProtocol& protocol, const std::string& host, bool starttls) {
    if (is_second_choice(protocol, starttls)) return fmt::format("10 1 {} {}", protocol.starttls_port, dotted(host));
    const bool offered = protocol.service.security == (starttls ? ClientSecurity::starttls : ClientSecurity::tls);
    // RFC 6186 3.4: a target of "." says that it is not offered.
    if (!offered) return "0 0 0 .";
    const unsigned usual = starttls ? protocol.starttls_port : protocol.tls_port;
    return fmt::format("{} 1 {} {}", protocol.preference, protocol.service.port != 0 ? protocol.service.port : usual,
                       dotted(host));
}

void add_service(RecordList& list, const Site& site, const ClientProtocol& protocol) {
    const auto host = server_of(site, protocol.service);
    list.add(DnsRule::service, protocol.tls_name, "SRV", service_value(protocol, host, false),
             fmt::format("where programs {} with TLS (RFC 8314)", protocol.words));
    list.add(DnsRule::service, protocol.starttls_name, "SRV", service_value(protocol, host, true),
             fmt::format("where programs {} with STARTTLS (RFC 6186)", protocol.words));
}

std::string webmail_host(const Site& site) {
    const auto& url = site.clients.webmail;
    const auto begin = url.find("://");
    if (begin == url.npos) return {};
    const auto host = url.substr(begin + 3, url.find_first_of(":/?#", begin + 3) - (begin + 3));
    return host.contains("%d") || !DomainName::parse(host) ? site.hostname.text() : host;
}

void add_for_clients(RecordList& list, const Site& site) {
    const auto& clients = site.clients;
    const ClientProtocol protocols[] = {
        {clients.smtp, "smtp", "send", "_submissions._tcp", "_submission._tcp", 465, 587, 0},
        {clients.imap, "imap", "read mail by IMAP", "_imaps._tcp", "_imap._tcp", 993, 143, 0},
        {clients.pop, "pop", "read mail by POP3", "_pop3s._tcp", "_pop3._tcp", 995, 110, 10},
    };
    for (const auto& protocol : protocols)
        add_service(list, site, protocol);
    const auto web = site.dns.web_host.value_or(site.hostname).text();
    list.add(DnsRule::service, "_autodiscover._tcp", "SRV", fmt::format("0 1 443 {}", dotted(web)),
             "where Outlook finds the settings");
    list.add_alias(DnsRule::client_name, "autoconfig", web, "where Thunderbird finds the settings");
    list.add_alias(DnsRule::client_name, "autodiscover", web, "where Outlook finds the settings first");
    for (const auto& protocol : protocols)
        if (protocol.service.security != ClientSecurity::off)
            list.add_alias(DnsRule::client_name, protocol.label, server_of(site, protocol.service),
                           fmt::format("the name by which users of the domain {}", protocol.words));
    if (const auto host = webmail_host(site); !host.empty())
        list.add_alias(DnsRule::client_name, "webmail", host, "the name by which users find the webmail");
}

std::vector<std::string> host_addresses(const Site& site) {
    std::vector<std::string> addresses;
    for (const auto* list : {&site.dns.addresses, &site.source_ips})
        for (const auto& address : *list)
            if (std::ranges::find(addresses, canonical_address(address)) == addresses.end())
                addresses.push_back(canonical_address(address));
    return addresses;
}

} // namespace

std::vector<Site::MailExchange> mail_exchanges(const Site& site) {
    auto exchanges = site.dns.mx;
    if (exchanges.empty()) exchanges.push_back({10, site.hostname});
    std::ranges::stable_sort(exchanges, {}, &Site::MailExchange::preference);
    return exchanges;
}

std::vector<std::string> sending_addresses(const Site& site, const Domain& domain) {
    std::vector<std::string> addresses;
    const bool is_drawn = std::ranges::find(site.source_ips, domain.source_ip_chosen) != site.source_ips.end();
    if (domain.source_ip == "auto" && is_drawn) {
        addresses.push_back(canonical_address(domain.source_ip_chosen));
    } else if (domain.source_ip == "auto") {
        for (const auto& address : site.source_ips)
            addresses.push_back(canonical_address(address));
    } else if (!domain.source_ip.empty()) {
        addresses.push_back(canonical_address(domain.source_ip));
    }
    return addresses;
}

std::string spf_text(const Site& site, const Domain& domain) {
    std::string text = "v=spf1 mx";
    for (const auto& address : sending_addresses(site, domain))
        text += fmt::format(" {}:{}", is_ipv6(address) ? "ip6" : "ip4", address);
    for (const auto& name : site.dns.spf_include)
        text += fmt::format(" include:{}", name.text());
    return text + " -all";
}

// RFC 9989 7.4: quarantine is the end state for domains with people in them, and what does not exist sends nothing.
// With p=none nothing is enforced, so np is left out.
std::string dmarc_text(const std::optional<Dmarc>& dmarc) {
    if (!dmarc) return "v=DMARC1; p=quarantine; np=reject";
    std::string text = fmt::format("v=DMARC1; p={}", dmarc->policy);
    if (dmarc->policy != "none") text += "; np=reject";
    if (!dmarc->report_to.empty()) text += fmt::format("; rua={}", uri_for_tag(dmarc->report_to));
    return text;
}

std::string report_domain(std::string_view uri) {
    if (!fold(uri).starts_with("mailto:")) return {};
    uri.remove_prefix(std::string_view("mailto:").size());
    uri = uri.substr(0, uri.find_first_of("?!"));
    const auto at = uri.rfind('@');
    const auto name = at == uri.npos ? std::string_view{} : uri.substr(at + 1);
    const auto domain = parse_others_domain(name);
    return domain && !domain->is_literal() ? domain->text() : std::string();
}

std::string mta_sts_policy(const Site& site) {
    std::string text = fmt::format("version: STSv1\nmode: {}\n", mta_sts_mode_text(site.dns.mta_sts.mode));
    std::set<std::string> hosts;
    for (const auto& exchange : mail_exchanges(site))
        if (hosts.insert(exchange.host.text()).second) text += fmt::format("mx: {}\n", exchange.host.text());
    return text + fmt::format("max_age: {}\n", site.dns.mta_sts.max_age.count());
}

std::vector<DomainName> names_of_domain(const Site& site, const Domain& domain) {
    std::vector<DomainName> names{domain.name};
    names.insert(names.end(), domain.aliases.begin(), domain.aliases.end());
    if (site.alternate_suffix) names.push_back(alternate_name(domain.name, *site.alternate_suffix));
    return names;
}

std::vector<WantedRecord> wanted_records(const Site& site, const DnsSubject& subject) {
    RecordList list(site, subject.name.text());
    const bool is_alternate =
        site.alternate_suffix && subject.name == alternate_name(subject.domain->name, *site.alternate_suffix);
    add_incoming(list, site);
    add_outgoing(list, site, subject);
    add_transport_security(list, site, subject);
    if (!is_alternate) add_for_clients(list, site); // nobody is told to log in under that name
    for (const auto& value : site.dns.caa)
        list.add(DnsRule::caa, "", "CAA", value, "who may make certificates for the domain (RFC 8659)");
    auto records = list.take();
    add_report_consent(records, subject);
    return records;
}

std::vector<WantedRecord> wanted_host_records(const Site& site) {
    std::vector<WantedRecord> records;
    std::vector<std::string> hosts{site.hostname.text()};
    for (const auto& exchange : mail_exchanges(site))
        if (std::ranges::find(hosts, exchange.host.text()) == hosts.end()) hosts.push_back(exchange.host.text());
    const auto own = host_addresses(site);
    // Which address is whose is known where there is one host.
    if (hosts.size() == 1)
        for (const auto& address : own)
            records.push_back({DnsRule::host_address,
                               {hosts.front(), is_ipv6(address) ? "AAAA" : "A", address},
                               "an address of the host",
                               true});
    for (const auto& address : own)
        records.push_back({DnsRule::reverse,
                           {reverse_name(address), "PTR", dotted(hosts.front())},
                           "others refuse mail from an address without a name",
                           true});
    std::string spf = "v=spf1 a";
    for (const auto& address : own)
        spf += fmt::format(" {}:{}", is_ipv6(address) ? "ip6" : "ip4", address);
    records.push_back({DnsRule::helo_spf,
                       {site.hostname.text(), "TXT", spf + " -all"},
                       "who may say this name in HELO: bounces have no other sender (RFC 7208 2.4)",
                       false});
    return records;
}

} // namespace mailctl
