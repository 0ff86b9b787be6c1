// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/update.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace mailctl {
namespace {

struct UpdateFixture {
    Site site;
    Domain domain{*DomainName::parse("example.org")};
    DnsSubject subject{&domain, domain.name, {{"s1", "v=DKIM1; k=rsa; p=AAAA", true}}, "abc", {"s0"}};

    UpdateFixture() {
        site.hostname = *DomainName::parse("mx.example.net");
        site.dns.tlsrpt = "mailto:tls@example.net";
        site.dns.mta_sts.mode = MtaStsMode::testing;
        site.dns.spf_include = {*DomainName::parse("relay.example")};
        domain.source_ip = "192.0.2.7";
    }
    // What is done about one name and type, of which these values were seen: "-" removed, "+" added, "?" somebody
    // else's.
    [[nodiscard]] std::string update(const std::string& name, const std::string& type, DnsState state,
                                     std::vector<std::string> found) const {
        const std::vector<DnsRow> seen{{name, type, "", state, true, "", std::move(found), ""}};
        const auto made = find_update(site, subject, seen);
        std::string text;
        const auto add = [&](char sign, const std::vector<DnsRecord>& records) {
            for (const auto& record : records)
                if (record.name == name && record.type == type) text += sign + record.value + '\n';
        };
        add('-', made.removed);
        add('+', made.added);
        add('?', made.foreign);
        return text;
    }
};

constexpr auto spf_now = "v=spf1 mx ip4:192.0.2.7 include:relay.example -all";

TEST_CASE_FIXTURE(UpdateFixture, "of what was never seen all is added, and nothing is deleted") {
    const auto made = find_update(site, subject, {});
    CHECK(made.removed.empty());
    CHECK(made.foreign.empty());
    CHECK(made.added.size() == wanted_records(site, subject).size());
    CHECK(nsupdate_text(DnsUpdate{{}, {{"example.org", "TXT", "v=spf1 -all"}}, {}}, 60) ==
          "update add example.org. 60 IN TXT \"v=spf1 -all\"\nsend\n");
    CHECK(nsupdate_text(DnsUpdate{}, 60).empty());
}

TEST_CASE_FIXTURE(UpdateFixture, "a string that mailctl wrote before goes, somebody else's stays and is told of") {
    const auto added = std::string("+") + spf_now + "\n";
    const auto spf = [&](std::vector<std::string> found, DnsState state = DnsState::wrong) {
        return update("example.org", "TXT", state, std::move(found));
    };
    CHECK(spf({"site-verification=1", "v=spf1 mx ip4:192.0.2.1 -all"}) == "-v=spf1 mx ip4:192.0.2.1 -all\n" + added);
    CHECK(spf({"v=spf1 mx -all", spf_now}, DnsState::several) == "-v=spf1 mx -all\n" + added);
    CHECK(spf({}, DnsState::missing) == added);
    CHECK(spf({"v=spf10 mx"}, DnsState::missing) == added);
    CHECK(spf({"v=spf1 mx include:other.example -all"}) == std::string("?") + spf_now + "\n");
    CHECK(spf({"v=spf1 a ip4:192.0.2.1 ~all"}) == std::string("?") + spf_now + "\n");
    CHECK(spf({"v=spf1 mx ip4:192.0.2.0/24 -all"}) == std::string("?") + spf_now + "\n");
    CHECK(spf({"v=spf1 a include:other.example ip4:192.0.2.7 -all"}, DnsState::ok).empty()); // good as it is
    CHECK(spf({}, DnsState::unknown) == added);
    const auto dmarc = [&](const std::string& found) {
        return update("_dmarc.example.org", "TXT", DnsState::wrong, {found}).substr(0, 1);
    };
    CHECK(dmarc("v=DMARC1; p=none") == "-");
    CHECK(dmarc("v=DMARC1; p=none; fo=1") == "?");
}

TEST_CASE_FIXTURE(UpdateFixture, "what has a name of ours is ours: selectors, also those that are gone, and MTA-STS") {
    const auto key = std::string("s1._domainkey.example.org");
    CHECK(update(key, "TXT", DnsState::wrong, {"v=DKIM1; p=BBBB; n=by hand"}) == "-\n+v=DKIM1; k=rsa; p=AAAA\n");
    CHECK(update(key, "TXT", DnsState::missing, {}) == "+v=DKIM1; k=rsa; p=AAAA\n");
    CHECK(update("s0._domainkey.example.org", "TXT", DnsState::extra, {"p=CCCC"}) == "-\n");
    CHECK(update("s0._domainkey.example.org", "TXT", DnsState::extra, {"p=CCCC", "else"}) == "-p=CCCC\n");
    CHECK(nsupdate_text(DnsUpdate{{{"s0.example.org", "TXT", ""}, {"example.org", "TXT", "a \"b\""}}, {}, {}}, 60) ==
          "update delete s0.example.org. IN TXT\nupdate delete example.org. IN TXT \"a \\\"b\\\"\"\nsend\n");
    CHECK(update("s9._domainkey.example.org", "TXT", DnsState::extra, {"p=CCCC"}).empty());
    CHECK(update("_mta-sts.example.org", "TXT", DnsState::wrong, {"v=STSv1; id=old;"}) ==
          "-v=STSv1; id=old;\n+v=STSv1; id=abc\n");
}

TEST_CASE_FIXTURE(UpdateFixture, "services of another host go; what would be another line for nsupdate does not") {
    const auto imaps = [&](const std::string& found) {
        return update("_imaps._tcp.example.org", "SRV", DnsState::wrong, {found});
    };
    CHECK(imaps("0 1 993 old.example.") == "-0 1 993 old.example.\n+0 1 993 mx.example.net.\n");
    CHECK(imaps("0 1 993 old.example.\nupdate delete example.org.") == "+0 1 993 mx.example.net.\n");
    CHECK(update("example.org", "MX", DnsState::wrong, {"10 other.example."}) == "+10 mx.example.net.\n");
}

} // namespace
} // namespace mailctl
