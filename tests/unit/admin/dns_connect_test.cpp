// SPDX-License-Identifier: Apache-2.0
// What is made of what mail and web hosts say when they are called.
#include "care/dns_connect.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

ExchangeSeen healthy_exchange() {
    ExchangeSeen seen;
    seen.host = "mx.test.example", seen.address = "192.0.2.1";
    seen.greeting = {"220 mx.test.example ESMTP", {"STARTTLS", "SIZE"}};
    seen.certificate = ShownCertificate{"pem", ""};
    seen.key_digest = "ab12";
    return seen;
}
std::string states_of(const ExchangeSeen& seen, bool demands_tls = false) {
    std::string text;
    for (const auto& row : rows_of_exchange(seen, demands_tls))
        text += (text.empty() ? "" : " ") + row.aspect + ":" + std::string(dns_state_word(row.state)) +
                (row.required ? "!" : "");
    return text;
}
PolicySeen policy_seen(std::string body, unsigned status = 200) {
    return {"one.example", "192.0.2.9", "", {status, std::move(body)}};
}
constexpr std::string_view policy_wanted = "version: STSv1\nmode: enforce\nmx: mx.test.example\nmax_age: 604800\n";

} // namespace

TEST_CASE("a mail host that says what it should is right at each point") {
    CHECK(states_of(healthy_exchange()) == "greeting:ok! starttls:ok certificate:ok");
    CHECK(states_of(healthy_exchange(), true) == "greeting:ok! starttls:ok! certificate:ok!");
}

TEST_CASE("a mail host that nobody can reach is unknown, and nothing is required of it") {
    auto seen = healthy_exchange();
    seen.trouble = "'192.0.2.1:25' does not answer";
    CHECK(states_of(seen, true) == "greeting:unknown");
}

TEST_CASE("a greeting that refuses mail is wrong; one under a name of no domain is advice") {
    auto seen = healthy_exchange();
    seen.greeting = {"554 no service", {}};
    CHECK(states_of(seen) == "greeting:wrong!");
    for (const auto* banner : {"220", "220 ", "220 localhost ESMTP"}) {
        seen = healthy_exchange();
        seen.greeting.banner = banner;
        CHECK(states_of(seen) == "greeting:advice! starttls:ok certificate:ok");
    }
}

TEST_CASE("without STARTTLS, or with a certificate of another name, mail comes unless a policy demands them") {
    auto seen = healthy_exchange();
    seen.greeting.offers.clear(), seen.certificate.reset();
    CHECK(states_of(seen) == "greeting:ok! starttls:advice");
    CHECK(states_of(seen, true) == "greeting:ok! starttls:missing!");
    seen = healthy_exchange();
    seen.certificate->trouble = "hostname mismatch";
    CHECK(states_of(seen) == "greeting:ok! starttls:ok certificate:advice");
    CHECK(states_of(seen, true) == "greeting:ok! starttls:ok! certificate:wrong!");
    seen = healthy_exchange();
    seen.certificate.reset(), seen.tls_trouble = "it shows no certificate";
    CHECK(states_of(seen) == "greeting:ok! starttls:wrong");
}

TEST_CASE("one TLSA record that fits is enough; of other forms nothing is known") {
    auto seen = healthy_exchange();
    seen.tlsa = {"3 1 1 ffff", "3 1 1 AB12"};
    CHECK(states_of(seen) == "greeting:ok! starttls:ok certificate:ok tlsa:ok!");
    seen.tlsa = {"3 1 1 ffff"};
    CHECK(states_of(seen) == "greeting:ok! starttls:ok certificate:ok tlsa:wrong!");
    seen.tlsa = {"3 1 1 ffff", "2 0 1 eeee"};
    CHECK(states_of(seen) == "greeting:ok! starttls:ok certificate:ok tlsa:unknown");
}

TEST_CASE("a policy is the same in any order of lines, with either line end, and with blanks") {
    CHECK(row_of_policy(policy_seen(std::string(policy_wanted)), policy_wanted).state == DnsState::ok);
    const auto* other = "version:STSv1\r\nmx: MX.test.example\r\nmode: enforce \r\nmax_age: 604800\r\n";
    CHECK(row_of_policy(policy_seen(other), policy_wanted).state == DnsState::ok);
}

TEST_CASE("a policy that says something else, is not there or cannot be fetched is wrong") {
    for (const auto& seen : {policy_seen("version: STSv1\nmode: none\n"), policy_seen(""),
                             policy_seen(std::string(policy_wanted) + "mx: other.example\n"),
                             policy_seen(std::string(policy_wanted), 404)}) {
        const auto row = row_of_policy(seen, policy_wanted);
        CHECK(row.state == DnsState::wrong);
        CHECK(row.required);
        CHECK(row.hint.find("mailctl dns policy one.example") != std::string::npos);
    }
    auto silent = policy_seen("");
    silent.trouble = "'192.0.2.9:443' gives no page";
    CHECK(row_of_policy(silent, policy_wanted).hint == "the policy cannot be fetched: '192.0.2.9:443' gives no page");
}
