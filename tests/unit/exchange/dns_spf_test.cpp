// SPDX-License-Identifier: Apache-2.0
#include "dns/spf.hpp"

#include "answer_book.hpp"

#include <doctest/doctest.h>

namespace mailctl {
namespace {

struct SpfFixture : AnswerBook {
    std::string_view result(std::string_view text, std::string_view address = "192.0.2.10") {
        return spf_word(
            settle([&](DnsBook& known) { return evaluate_spf(known, "example.org", text, address); }).result);
    }
    SpfCost cost(std::string_view text) {
        return settle([&](DnsBook& known) { return cost_of_spf(known, "example.org", text); });
    }
};

TEST_CASE_FIXTURE(SpfFixture, "mechanisms match addresses") {
    CHECK(result("v=spf1 ip4:192.0.2.0/24 -all") == "pass");
    CHECK(result("v=spf1 ip4:192.0.2.11 -all") == "fail");
    CHECK(result("v=spf1 ~all") == "softfail");
    CHECK(result("v=spf1 ?all") == "neutral");
    CHECK(result("v=spf1") == "neutral");
    CHECK(result("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::5") == "pass");
    CHECK(result("v=spf1 -ip4:192.0.2.10 +all") == "fail");
    answer("example.org", "A", {"192.0.2.10"});
    answer("host.example", "A", {"192.0.2.200"});
    CHECK(result("v=spf1 a -all") == "pass");
    CHECK(result("v=spf1 a:host.example -all") == "fail");
    CHECK(result("v=spf1 a:host.example/24 -all") == "pass");
    answer("example.org", "MX", {"10 mx.example"});
    answer("mx.example", "A", {"192.0.2.10"});
    CHECK(result("v=spf1 mx -all") == "pass");
    CHECK(result("v=spf1 mx -all", "192.0.2.11") == "fail");
    CHECK(result("V=SPF1 MX -ALL") == "pass");
}

TEST_CASE_FIXTURE(SpfFixture, "includes and redirects are followed") {
    answer("spf.relay.example", "TXT", {"other", "v=spf1 ip4:192.0.2.10 -all"});
    CHECK(result("v=spf1 include:spf.relay.example -all") == "pass");
    CHECK(result("v=spf1 include:spf.relay.example -all", "192.0.2.11") == "fail");
    CHECK(result("v=spf1 redirect=spf.relay.example") == "pass");
    CHECK(result("v=spf1 redirect=spf.relay.example", "192.0.2.11") == "fail");
    CHECK(result("v=spf1 include:nothing.example -all") == "permerror");
    answer("two.example", "TXT", {"v=spf1 -all", "v=spf1 +all"});
    CHECK(result("v=spf1 include:two.example -all") == "permerror");
    CHECK(result("v=spf1 nonsense -all") == "permerror");
    CHECK(result("v=spf1 ip4:192.0.2.0/33 -all") == "permerror");
}

TEST_CASE_FIXTURE(SpfFixture, "macros are expanded") {
    answer("10.2.0.192.in-addr._spf.example.org", "A", {"127.0.0.2"});
    CHECK(result("v=spf1 exists:%{ir}.%{v}._spf.%{d} -all") == "pass");
    answer("postmaster.org.check.example", "A", {"127.0.0.2"});
    CHECK(result("v=spf1 exists:%{l}.%{d1}.check.example -all") == "pass");
    CHECK(result("v=spf1 exists:%{i}.absent.example -all") == "fail");
}

TEST_CASE_FIXTURE(SpfFixture, "what could not be looked up is temporary, and too many look-ups are not") {
    refuse("example.org", "MX");
    CHECK(result("v=spf1 mx -all") == "temperror");
    CHECK(result("v=spf1 ip4:192.0.2.10 mx -all") == "pass");
    std::string text = "v=spf1";
    for (int i = 0; i < 11; ++i) {
        answer("h" + std::to_string(i) + ".example", "A", {"203.0.113.1"});
        text += " a:h" + std::to_string(i) + ".example";
    }
    CHECK(result(text + " -all") == "permerror");
    CHECK(cost(text + " -all").lookups == 11);
    CHECK(result("v=spf1 a:x1.example a:x2.example a:x3.example -all") == "permerror");
    CHECK(cost("v=spf1 a:x1.example a:x2.example a:x3.example -all").voids == 3);
}

TEST_CASE_FIXTURE(SpfFixture, "the cost says who consumes the look-ups, and a loop ends") {
    answer("big.example", "TXT", {"v=spf1 a mx exists:x.example include:small.example -all"});
    answer("small.example", "TXT", {"v=spf1 a -all"});
    const auto found = cost("v=spf1 mx include:big.example ip4:192.0.2.1 -all");
    CHECK(found.lookups == 7);
    CHECK(found.consumers == std::vector<std::pair<std::string, unsigned>>{{"mx", 1}, {"include:big.example", 6}});
    answer("loop.example", "TXT", {"v=spf1 include:loop.example -all"});
    CHECK(cost("v=spf1 include:loop.example -all").lookups > most_spf_lookups);
    CHECK(result("v=spf1 include:loop.example -all") == "permerror");
}

} // namespace
} // namespace mailctl
