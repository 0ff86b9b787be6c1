// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/wanted.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

namespace mailctl {
namespace {

DomainName host_name(std::string_view text) { return *DomainName::parse(text); }

struct WantedFixture {
    Site site;
    Domain domain{host_name("example.org")};
    DnsSubject subject{&domain, host_name("example.org"), {}, ""};

    WantedFixture() { site.hostname = host_name("mx.example.net"); }
    [[nodiscard]] std::vector<WantedRecord> all() const { return wanted_records(site, subject); }
    [[nodiscard]] std::string value(const std::string& name, const std::string& type) const {
        for (const auto& wanted : all())
            if (wanted.record.name == name && wanted.record.type == type) return wanted.record.value;
        return "(none)";
    }
    [[nodiscard]] bool required(const std::string& name, const std::string& type) const {
        return std::ranges::any_of(all(), [&](const auto& wanted) {
            return wanted.record.name == name && wanted.record.type == type && wanted.required;
        });
    }
};

TEST_CASE_FIXTURE(WantedFixture, "without a word in the site file mail comes to the hostname") {
    CHECK(value("example.org", "MX") == "10 mx.example.net.");
    CHECK(value("example.org", "TXT") == "v=spf1 mx -all");
    CHECK(value("_dmarc.example.org", "TXT") == "v=DMARC1; p=quarantine; np=reject");
    CHECK(required("example.org", "MX"));
    CHECK(required("example.org", "TXT"));
    CHECK(required("_dmarc.example.org", "TXT"));
    CHECK(value("_mta-sts.example.org", "TXT") == "(none)");
    CHECK(value("_smtp._tls.example.org", "TXT") == "(none)");
}

TEST_CASE_FIXTURE(WantedFixture, "SPF names the domain's own address and those who send for us") {
    site.source_ips = {"192.0.2.10", "2001:DB8::10"};
    site.dns.spf_include = {host_name("spf.relay.example")};
    CHECK(value("example.org", "TXT") == "v=spf1 mx include:spf.relay.example -all");
    domain.source_ip = "192.0.2.77";
    CHECK(value("example.org", "TXT") == "v=spf1 mx ip4:192.0.2.77 include:spf.relay.example -all");
    domain.source_ip = "auto";
    CHECK(value("example.org", "TXT") == "v=spf1 mx ip4:192.0.2.10 ip6:2001:db8::10 include:spf.relay.example -all");
}

TEST_CASE_FIXTURE(WantedFixture, "DMARC follows the domain file, and a foreign report address needs consent") {
    domain.dmarc = Dmarc{"none", "mailto:reports,all@collector.example"};
    CHECK(value("_dmarc.example.org", "TXT") == "v=DMARC1; p=none; rua=mailto:reports%2Call@collector.example");
    CHECK(value("example.org._report._dmarc.collector.example", "TXT") == "v=DMARC1");
    domain.dmarc = Dmarc{"reject", "mailto:dmarc@reports.example.org"};
    CHECK(value("_dmarc.example.org", "TXT") == "v=DMARC1; p=reject; np=reject; rua=mailto:dmarc@reports.example.org");
    CHECK(value("example.org._report._dmarc.reports.example.org", "TXT") == "(none)");
}

TEST_CASE_FIXTURE(WantedFixture, "a key in use is required, another is not") {
    subject.dkim = {{"202608r", "v=DKIM1; k=rsa; p=abc", true}, {"202701r", "v=DKIM1; k=rsa; p=def", false}};
    CHECK(value("202608r._domainkey.example.org", "TXT") == "v=DKIM1; k=rsa; p=abc");
    CHECK(required("202608r._domainkey.example.org", "TXT"));
    CHECK(value("202701r._domainkey.example.org", "TXT") == "v=DKIM1; k=rsa; p=def");
    CHECK_FALSE(required("202701r._domainkey.example.org", "TXT"));
}

TEST_CASE_FIXTURE(WantedFixture, "services are where the clients keys say, by TLS or not at all") {
    CHECK(value("_submissions._tcp.example.org", "SRV") == "0 1 465 mx.example.net.");
    CHECK(value("_submission._tcp.example.org", "SRV") == "10 1 587 mx.example.net.");
    CHECK(value("_imaps._tcp.example.org", "SRV") == "0 1 993 mx.example.net.");
    CHECK(value("_imap._tcp.example.org", "SRV") == "0 0 0 .");
    site.clients.imap = {"imap.example.net", 1993, ClientSecurity::starttls};
    site.clients.pop.security = ClientSecurity::off;
    CHECK(value("_imap._tcp.example.org", "SRV") == "0 1 1993 imap.example.net.");
    CHECK(value("_imaps._tcp.example.org", "SRV") == "0 0 0 .");
    CHECK(value("_pop3s._tcp.example.org", "SRV") == "0 0 0 .");
    CHECK(value("imap.example.org", "CNAME") == "imap.example.net.");
    CHECK(value("pop.example.org", "CNAME") == "(none)");
}

TEST_CASE_FIXTURE(WantedFixture, "a name in the user's domain is an alias of the host, but no host is an alias") {
    site.clients.imap.host = "imap.%d";
    site.clients.webmail = "https://webmail.%d/";
    CHECK(value("imap.example.org", "CNAME") == "mx.example.net.");
    CHECK(value("_imaps._tcp.example.org", "SRV") == "0 1 993 mx.example.net.");
    CHECK(value("webmail.example.org", "CNAME") == "mx.example.net.");
    site.hostname = host_name("imap.example.org");
    CHECK(value("imap.example.org", "CNAME") == "(none)");
    site.hostname = host_name("mx.example.net");
    site.dns.mx = {{10, host_name("smtp.example.org")}};
    CHECK(value("smtp.example.org", "CNAME") == "(none)");
}

TEST_CASE_FIXTURE(WantedFixture, "MTA-STS, TLS reports and CAA appear where they are set up") {
    site.dns.mta_sts.mode = MtaStsMode::testing;
    site.dns.tlsrpt = "mailto:tls@example.net";
    site.dns.caa = {"0 issue \"ca.example\""};
    site.dns.web_host = host_name("www.example.net");
    subject.policy_id = "abc";
    CHECK(value("_mta-sts.example.org", "TXT") == "v=STSv1; id=abc");
    CHECK(value("mta-sts.example.org", "CNAME") == "www.example.net.");
    CHECK(value("_smtp._tls.example.org", "TXT") == "v=TLSRPTv1; rua=mailto:tls@example.net");
    CHECK(value("example.org", "CAA") == "0 issue \"ca.example\"");
    CHECK(value("autoconfig.example.org", "CNAME") == "www.example.net.");
    site.dns.mx = {{20, host_name("mx2.example.net")}, {10, host_name("mx1.example.net")}};
    CHECK(mta_sts_policy(site) ==
          "version: STSv1\nmode: testing\nmx: mx1.example.net\nmx: mx2.example.net\nmax_age: 604800\n");
}

TEST_CASE_FIXTURE(WantedFixture, "an alias has all records under its name, the alternate name those of mail") {
    site.alternate_suffix = host_name("backup.example.net");
    domain.aliases = {host_name("example.com")};
    CHECK(names_of_domain(site, domain) ==
          std::vector{host_name("example.org"), host_name("example.com"), host_name("exampleorg.backup.example.net")});
    subject.name = host_name("example.com");
    CHECK(value("example.com", "MX") == "10 mx.example.net.");
    CHECK(value("imap.example.com", "CNAME") == "mx.example.net.");
    subject.name = host_name("exampleorg.backup.example.net");
    CHECK(value("_dmarc.exampleorg.backup.example.net", "TXT") == "v=DMARC1; p=quarantine; np=reject");
    CHECK(value("imap.exampleorg.backup.example.net", "CNAME") == "(none)");
}

TEST_CASE_FIXTURE(WantedFixture, "hosts need addresses, names of addresses, and SPF for HELO") {
    site.dns.addresses = {"192.0.2.1", "2001:db8::1"};
    site.source_ips = {"192.0.2.1", "192.0.2.2"};
    std::vector<DnsRecord> records;
    for (const auto& wanted : wanted_host_records(site))
        records.push_back(wanted.record);
    const std::vector<DnsRecord> expected{
        {"mx.example.net", "A", "192.0.2.1"},
        {"mx.example.net", "AAAA", "2001:db8::1"},
        {"mx.example.net", "A", "192.0.2.2"},
        {"1.2.0.192.in-addr.arpa", "PTR", "mx.example.net."},
        {reverse_name("2001:db8::1"), "PTR", "mx.example.net."},
        {"2.2.0.192.in-addr.arpa", "PTR", "mx.example.net."},
        {"mx.example.net", "TXT", "v=spf1 a ip4:192.0.2.1 ip6:2001:db8::1 ip4:192.0.2.2 -all"}};
    CHECK(records == expected);
    site.dns.mx = {{10, host_name("mx1.example.net")}, {20, host_name("mx2.example.net")}};
    for (const auto& wanted : wanted_host_records(site))
        CHECK(wanted.rule != DnsRule::host_address);
}

TEST_CASE("the domain of a report address") {
    CHECK(report_domain("mailto:a@Collector.example") == "collector.example");
    CHECK(report_domain("mailto:a@collector.example!10m") == "collector.example");
    CHECK(report_domain("https://collector.example/").empty());
    CHECK(report_domain("mailto:a@dmarc_in.Collector.example") == "dmarc_in.collector.example");
    CHECK(report_domain("mailto:a@i❤.ws") == "xn--i-7iq.ws");
    CHECK(report_domain("mailto:a@[192.0.2.1]").empty());
    CHECK(report_domain("mailto:nobody").empty());
}

} // namespace
} // namespace mailctl
