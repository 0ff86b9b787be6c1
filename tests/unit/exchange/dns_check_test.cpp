// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/check.hpp"

#include "answer_book.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::string_view rsa_1024_spki = // made for this test
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDdOqvIFMJsRMC9vxjKe64xDKvftgsvvJn44Vsd7fgSzLzWMJkjp+YsKUiUqHYdDVbUlBhgsk"
    "TfssO86IsPUbGM1rpfcZmkxWaW2tRvFb6Q40/9ngAuEjW8hVlO99ENuGLdYvzUcM/flfB+ZeCkpHNWeYYJOTaX9f+q8pmiCvIwcQIDAQAB";

DomainName checked_name(std::string_view text) { return *DomainName::parse(text); }

// A domain of which everything is right.
struct CheckFixture : AnswerBook {
    Site site;
    Domain domain{checked_name("example.org")};
    DnsSubject subject{&domain, checked_name("example.org"), {}, ""};
    DnsFacts facts;

    CheckFixture() {
        site.hostname = checked_name("mx.example.net");
        site.dns.addresses = {"192.0.2.1"};
        facts.asks_name_servers = false;
        answer("example.org", "MX", {"10 mx.example.net."});
        answer("mx.example.net", "A", {"192.0.2.1"});
        answer("other.example", "A", {"203.0.113.1"});
        answer("example.org", "TXT", {"v=spf1 mx -all"});
        answer("_dmarc.example.org", "TXT", {"v=DMARC1; p=quarantine"});
    }
    std::vector<DnsRow> rows() {
        return settle([&](DnsBook& known) { return check_domain_records(site, subject, facts, known); });
    }
    DnsRow row(const std::string& name, const std::string& type, const std::string& aspect = {}) {
        for (auto& one : rows())
            if (one.name == name && one.type == type && one.aspect == aspect) return one;
        DnsRow none;
        none.name = "(none)";
        return none;
    }
    std::string state(const std::string& name, const std::string& type, const std::string& aspect = {}) {
        const auto found = row(name, type, aspect);
        return found.name == "(none)" ? "(none)" : std::string(dns_state_word(found.state));
    }
    std::string mx(std::vector<std::string> values) {
        answer("example.org", "MX", std::move(values));
        return state("example.org", "MX");
    }
    std::string spf(std::vector<std::string> values) {
        answer("example.org", "TXT", std::move(values));
        return state("example.org", "TXT");
    }
    std::string dmarc(std::vector<std::string> values) {
        answer("_dmarc.example.org", "TXT", std::move(values));
        return state("_dmarc.example.org", "TXT");
    }
};

TEST_CASE_FIXTURE(CheckFixture, "MX is held against ours after resolving") {
    CHECK(mx({"10 mx.example.net."}) == "ok");
    CHECK(mx({}) == "missing");
    CHECK(mx({"0 ."}) == "wrong");
    CHECK(mx({"10 192.0.2.1."}) == "wrong");
    CHECK(mx({"10 other.example."}) == "wrong");
    CHECK(mx({"10 nowhere.example."}) == "wrong");
    answer("same.example", "A", {"192.0.2.1"});
    CHECK(mx({"10 same.example."}) == "ok");
    answer("same.example", "CNAME", {"mx.example.net."});
    CHECK(mx({"10 same.example."}) == "wrong");
    CHECK(mx({"5 other.example.", "10 mx.example.net."}) == "wrong");
    CHECK(mx({"10 mx.example.net.", "20 other.example."}) == "ok");
    CHECK(state("example.org", "MX", "foreign-mx") == "advice");
    CHECK(mx({"10 mx.example.net.", "20 nowhere.example."}) == "ok");
    CHECK(state("example.org", "MX", "dead-mx") == "advice");
    site.dns.addresses = {"192.0.2.99"}; // behind NAT the world sees what this key says
    CHECK(mx({"10 mx.example.net."}) == "wrong");
}

TEST_CASE_FIXTURE(CheckFixture, "who did not answer is unknown, never wrong") {
    refuse("example.org", "MX");
    CHECK(state("example.org", "MX") == "unknown");
    refuse("unheard.example", "A");
    CHECK(mx({"10 unheard.example."}) == "unknown");
    refuse("unheard.example", "MX");
    CHECK(spf({"v=spf1 mx:unheard.example ~all"}) == "unknown");
    refuse("_dmarc.example.org", "TXT");
    CHECK(state("_dmarc.example.org", "TXT") == "unknown");
}

TEST_CASE_FIXTURE(CheckFixture, "SPF is evaluated for the domain's own address") {
    CHECK(spf({"google-site-verification=1", "v=spf1 a:elsewhere.example ip4:192.0.2.0/28 ~all"}) == "ok");
    CHECK(spf({"something else"}) == "missing");
    CHECK(spf({"v=spf1 mx -all", "v=spf1 -all"}) == "several");
    CHECK(spf({"v=spf1 ip4:203.0.113.1 -all"}) == "wrong");
    CHECK(row("example.org", "TXT").hint.contains("mail from 192.0.2.1 gets 'fail'"));
    domain.source_ip = "192.0.2.77";
    CHECK(spf({"v=spf1 mx -all"}) == "wrong");
    CHECK(spf({"v=spf1 mx ip4:192.0.2.77 -all"}) == "ok");
    CHECK(spf({"v=spf1 +all"}) == "ok");
    CHECK(state("example.org", "TXT", "spf-everybody") == "advice");
    CHECK(spf({"v=spf1 ip4:192.0.2.77 ptr ?all a"}) == "ok");
    CHECK(state("example.org", "TXT", "spf-ptr") == "advice");
    CHECK(state("example.org", "TXT", "spf-neutral") == "advice");
    CHECK(state("example.org", "TXT", "spf-after-all") == "advice");
    CHECK(spf({"v=spf1 ip4:192.0.2.77"}) == "ok");
    CHECK(state("example.org", "TXT", "spf-open") == "advice");
    CHECK(spf({"v=spf1 ip4:192.0.2.77 a:1.x.example a:2.x.example a:3.x.example -all"}) == "wrong");
}

TEST_CASE_FIXTURE(CheckFixture, "DKIM is its key, in however many strings and tags") {
    const std::string key(rsa_1024_spki);
    subject.dkim = {{"s1", "v=DKIM1; k=rsa; p=" + key, true}};
    const auto dkim = [&](std::vector<std::string> values) {
        answer("s1._domainkey.example.org", "TXT", std::move(values));
        return state("s1._domainkey.example.org", "TXT");
    };
    CHECK(dkim({"p=" + key.substr(0, 100) + " " + key.substr(100) + "; n=note;"}) == "ok");
    CHECK(dkim({}) == "missing");
    CHECK(dkim({"v=DKIM1; p="}) == "wrong");
    CHECK(dkim({"v=DKIM1; k=ed25519; p=" + key}) == "wrong");
    CHECK(dkim({"v=DKIM1; p=" + key.substr(4)}) == "wrong");
    CHECK(dkim({"v=DKIM1; p=" + key, "v=DKIM1; p=abc"}) == "several");
    CHECK(dkim({"v=DKIM1; t=y:s; p=" + key}) == "ok");
    CHECK(state("s1._domainkey.example.org", "TXT", "dkim-test") == "advice");
    CHECK(row("s1._domainkey.example.org", "TXT", "short-key").hint.contains("1024 bits"));
    subject.dkim = {{"s1", "v=DKIM1; p=", false}};
    CHECK(dkim({}) == "ok");
    CHECK(dkim({"v=DKIM1; p="}) == "ok");
    CHECK(dkim({"v=DKIM1; p=" + key}) == "wrong");
    subject.dkim = {{"s1", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", true}};
    CHECK(dkim({"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}) == "ok");
    CHECK(state("s1._domainkey.example.org", "TXT", "ed25519-alone") == "advice");
}

TEST_CASE_FIXTURE(CheckFixture, "DMARC: any valid record is good where the domain file says nothing") {
    CHECK(dmarc({"v=DMARC1; p=none"}) == "ok");
    CHECK(dmarc({"v=DMARC1;"}) == "ok"); // p may be absent
    CHECK(dmarc({"v=DMARC1; p=strict"}) == "wrong");
    CHECK(dmarc({"p=none; v=DMARC1"}) == "missing");
    CHECK(dmarc({"v=DMARC1; p=none", "v=DMARC1; p=reject"}) == "several");
    CHECK(dmarc({"v=DMARC1; p=none; pct=50; ri=3600"}) == "ok");
    CHECK(state("_dmarc.example.org", "TXT", "dmarc-obsolete") == "advice");
    CHECK(dmarc({}) == "missing");
    answer("_dmarc.org", "TXT", {"v=DMARC1; p=reject; psd=y"});
    CHECK(state("_dmarc.example.org", "TXT") == "ok");
}

TEST_CASE_FIXTURE(CheckFixture, "DMARC: the domain file's policy and report address are looked for") {
    domain.dmarc = Dmarc{"quarantine", "mailto:dmarc@collector.example"};
    CHECK(dmarc({"v=DMARC1; p=none; rua=mailto:dmarc@collector.example"}) == "wrong");
    CHECK(dmarc({"v=DMARC1; p=quarantine"}) == "wrong");
    CHECK(dmarc({"v=DMARC1; p=quarantine; rua=mailto:a@b.example, mailto:dmarc@collector.example!10m"}) == "ok");
    CHECK(state("example.org._report._dmarc.collector.example", "TXT") == "missing");
    CHECK(state("example.org._report._dmarc.b.example", "TXT", "report-consent") == "missing");
    answer("example.org._report._dmarc.collector.example", "TXT", {"v=DMARC1;"});
    CHECK(state("example.org._report._dmarc.collector.example", "TXT") == "ok");
    domain.dmarc->policy = "reject";
    CHECK(dmarc({"v=DMARC1; p=reject; rua=mailto:dmarc@collector.example"}) == "wrong"); // nothing is signed
    subject.dkim = {{"s1", "v=DKIM1; p=abc", true}};
    answer("s1._domainkey.example.org", "TXT", {"v=DKIM1; p=abc"});
    CHECK(state("_dmarc.example.org", "TXT") == "ok");
}

TEST_CASE_FIXTURE(CheckFixture, "reports to an address of ours must reach somebody") {
    facts.receives = [](const Address& address) -> std::optional<bool> {
        if (address.domain.text() != "example.org") return std::nullopt;
        return address.local.text() == "postmaster";
    };
    dmarc({"v=DMARC1; p=none; rua=mailto:nobody@example.org,mailto:x@elsewhere.example"});
    CHECK(state("_dmarc.example.org", "TXT", "report-address") == "wrong");
    dmarc({"v=DMARC1; p=none; rua=mailto:postmaster@example.org"});
    CHECK(state("_dmarc.example.org", "TXT", "report-address") == "(none)");
}

TEST_CASE_FIXTURE(CheckFixture, "MTA-STS: the id is that of our policy, and the policy covers every MX") {
    answer("_mta-sts.example.org", "TXT", {"v=STSv1; id=1;"});
    CHECK(state("_mta-sts.example.org", "TXT", "leftover") == "extra");
    site.dns.mta_sts.mode = MtaStsMode::enforce;
    subject.policy_id = "1";
    CHECK(state("_mta-sts.example.org", "TXT") == "ok");
    subject.policy_id = "2";
    CHECK(state("_mta-sts.example.org", "TXT") == "wrong");
    mx({"10 mx.example.net.", "20 other.example."});
    CHECK(state("_mta-sts.example.org", "TXT", "policy-mx") == "advice");
}

TEST_CASE_FIXTURE(CheckFixture, "names of services lead to the right host, by whichever way") {
    answer("_imaps._tcp.example.org", "SRV", {"5 5 993 mx.example.net."});
    CHECK(state("_imaps._tcp.example.org", "SRV") == "ok");
    answer("_imaps._tcp.example.org", "SRV", {"0 1 993 other.example."});
    CHECK(state("_imaps._tcp.example.org", "SRV") == "wrong");
    answer("_imap._tcp.example.org", "SRV", {"0 0 0 ."});
    CHECK(state("_imap._tcp.example.org", "SRV") == "ok");
    answer("imap.example.org", "CNAME", {"mx.example.net."});
    CHECK(state("imap.example.org", "CNAME") == "ok");
    answer("smtp.example.org", "A", {"192.0.2.1"});
    CHECK(state("smtp.example.org", "CNAME") == "ok");
    answer("pop.example.org", "A", {"203.0.113.1"});
    CHECK(state("pop.example.org", "CNAME") == "wrong");
    CHECK(state("autoconfig.example.org", "CNAME") == "missing");
}

TEST_CASE_FIXTURE(CheckFixture, "CAA holds from the nearest name on the way up") {
    site.dns.caa = {"0 issue \"ca.example\""};
    CHECK(state("example.org", "CAA") == "missing");
    answer("org", "CAA", {"0 issue \"ca.example\""});
    CHECK(state("example.org", "CAA") == "ok");
    answer("example.org", "CAA", {"0 issue \"other.example\""});
    CHECK(state("example.org", "CAA") == "wrong");
}

TEST_CASE_FIXTURE(CheckFixture, "bogus, unsigned, wildcards and an alias at the top are told") {
    facts.validates = true;
    CHECK(state("example.org", "DS", "dnssec") == "unsigned");
    DnsAnswer bogus;
    bogus.rcode = "SERVFAIL";
    bogus.bogus = true;
    bogus.trouble = "signature expired";
    book.put({"example.org", "MX"}, bogus);
    CHECK(state("example.org", "MX") == "bogus");
    CHECK(row("example.org", "MX").hint == "signature expired");
    answer("mailctl-no-such-name.example.org", "TXT", {"x"});
    CHECK(state("*.example.org", "TXT", "wildcard") == "advice");
    answer("example.org", "CNAME", {"www.example.net."});
    CHECK(state("example.org", "CNAME", "apex") == "wrong");
}

TEST_CASE_FIXTURE(CheckFixture, "a signature that ends soon is told") {
    DnsAnswer mx_answer;
    mx_answer.rcode = "NOERROR";
    mx_answer.values = {"10 mx.example.net."};
    mx_answer.signed_until = facts.now + std::chrono::days{2};
    book.put({"example.org", "MX"}, mx_answer);
    CHECK(state("example.org", "MX", "signature") == "advice");
    mx_answer.signed_until = facts.now + std::chrono::days{4};
    book.put({"example.org", "MX"}, mx_answer);
    CHECK(state("example.org", "MX", "signature") == "(none)");
}

TEST_CASE_FIXTURE(CheckFixture, "servers at odds are propagating if one of them is right, else wrong") {
    facts.servers = {"192.0.2.53:53"};
    const auto other = [&](std::vector<std::string> values) {
        answer("example.org", "MX", std::move(values), "192.0.2.53:53");
        return state("example.org", "MX");
    };
    CHECK(other({"10 mx.example.net."}) == "ok");
    CHECK(other({}) == "propagating");
    CHECK(other({"10 other.example."}) == "propagating");
    mx({"10 other.example."});
    CHECK(other({"10 mx.example.net."}) == "propagating");
    CHECK(other({}) == "wrong");
}

TEST_CASE_FIXTURE(CheckFixture, "the zone's name servers are asked each by itself") {
    facts.asks_name_servers = true;
    answer("example.org", "NS", {"ns1.example.", "ns2.example.", "ns3.example."});
    for (const char* n : {"1", "2", "3"})
        answer(std::string("ns") + n + ".example", "A", {std::string("198.51.100.") + n});
    answer("example.org", "SOA", {"ns1.example. h.example. 7 1 1 1 1"}, "198.51.100.1:53");
    answer("example.org", "SOA", {"ns1.example. h.example. 6 1 1 1 1"}, "198.51.100.2:53");
    answer("example.org", "MX", {"10 mx.example.net."}, "198.51.100.1:53");
    answer("example.org", "MX", {"10 other.example."}, "198.51.100.2:53");
    CHECK(state("example.org", "MX") == "propagating");
    CHECK(row("example.org", "MX").hint.contains("ns2.example"));
    CHECK(state("example.org", "SOA", "serial") == "advice");
    CHECK(row("example.org", "NS", "lame").hint.contains("ns3.example"));
}

TEST_CASE_FIXTURE(CheckFixture, "hosts need names that lead back, and are looked up in block lists") {
    const auto host_state = [&](const std::string& name, const std::string& type) {
        for (const auto& one : settle([&](DnsBook& known) { return check_host_records(site, facts, known); }))
            if (one.name == name && one.type == type) return std::string(dns_state_word(one.state));
        return std::string("(none)");
    };
    CHECK(host_state("mx.example.net", "A") == "ok");
    CHECK(host_state("1.2.0.192.in-addr.arpa", "PTR") == "missing");
    answer("1.2.0.192.in-addr.arpa", "PTR", {"mx.example.net."});
    CHECK(host_state("1.2.0.192.in-addr.arpa", "PTR") == "ok");
    answer("1.2.0.192.in-addr.arpa", "PTR", {"other.example."});
    CHECK(host_state("1.2.0.192.in-addr.arpa", "PTR") == "wrong");
    answer("1.2.0.192.in-addr.arpa", "PTR", {"mx.example.net.", "other.example."});
    CHECK(host_state("1.2.0.192.in-addr.arpa", "PTR") == "several");
    answer("mx.example.net", "A", {"192.0.2.2"});
    CHECK(host_state("mx.example.net", "A") == "wrong");
    site.dns.blocklists = {checked_name("bl.example")};
    CHECK(host_state("1.2.0.192.bl.example", "A") == "ok");
    answer("1.2.0.192.bl.example", "A", {"127.0.0.4"});
    CHECK(host_state("1.2.0.192.bl.example", "A") == "wrong");
    answer("1.2.0.192.bl.example", "A", {"127.255.255.254"}); // an error code, no listing
    CHECK(host_state("1.2.0.192.bl.example", "A") == "unknown");
}

} // namespace
} // namespace mailctl
