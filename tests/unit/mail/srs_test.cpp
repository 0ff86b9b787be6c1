// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/srs.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"

#include "parsed_address.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace mailctl;
using mailctl::test::address;

namespace {

constexpr DayNumber today = 20'000;
const SrsKeys keys{DomainName::from_trusted("us.example"), {"secret"}, '='};
const SrsKeys first{DomainName::from_trusted("first.example"), {"theirs"}, '='};
const SrsKeys second{DomainName::from_trusted("second.example"), {"another"}, '+'};

Address rewritten(const Address& sender, const SrsKeys& with = keys, DayNumber day = today) {
    const Sender result = srs_rewrite(sender, with, day);
    REQUIRE(result.has_value());
    return *result;
}
SrsVerdict verdict(std::string_view local, DayNumber day = today, const SrsKeys& with = keys) {
    return srs_reverse(LocalPart::from_trusted(std::string(local)), with, day).verdict;
}

} // namespace

TEST_CASE("a rewritten sender is in our domain and leads back") {
    const Address sender = address("paul@client.example");
    const Address srs = rewritten(sender);
    CHECK(srs.domain == keys.domain);
    CHECK(srs.local.text().starts_with("SRS0="));
    CHECK(srs.local.text().ends_with("=client.example=paul"));
    CHECK(srs.local.text().size() == std::string("SRS0=HHHH=TT=client.example=paul").size());
    CHECK(Address::parse(srs.text()).value() == srs);
    const auto back = srs_reverse(srs.local, keys, today);
    CHECK(back.verdict == SrsVerdict::genuine);
    CHECK(back.address == sender);
}

TEST_CASE("the null sender, our own and a site without secret are left alone") {
    CHECK_FALSE(srs_rewrite(std::nullopt, keys, today).has_value());
    CHECK(rewritten(address("paul@us.example")) == address("paul@us.example"));
    CHECK(rewritten(address("paul@client.example"), {keys.domain, {}, '='}) == address("paul@client.example"));
}

TEST_CASE("ordinary addresses are no SRS") {
    for (const char* local : {"", "paul", "SRS", "SRS0", "SRS2=x", "srs0x", "xSRS0=a", "SRS1"})
        CHECK_MESSAGE(verdict(local) == SrsVerdict::not_srs, local);
}

TEST_CASE("what we did not sign is forged") {
    const std::string local = rewritten(address("paul@client.example")).local.text();
    for (std::size_t i = 5; i < local.size(); ++i) {
        std::string changed = local;
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        CHECK_MESSAGE(verdict(changed) == SrsVerdict::forged, changed);
    }
    for (const char* bad : {"SRS0=", "SRS0==", "SRS0=====", "SRS0=abcd", "SRS0=abcd=ef=client.example=paul",
                            "SRS1=", "SRS1=abcd=x.example==abcd=ef=c.example=p",
                            "SRS1=abcd=x.example=", "SRS0=abcd=ef=client.example", "SRS0==ef=client.example=paul"})
        CHECK_MESSAGE(verdict(bad) == SrsVerdict::forged, bad);
    CHECK(verdict(local, today, {keys.domain, {"other"}, '='}) == SrsVerdict::forged);
    CHECK(verdict(local, today, {keys.domain, {}, '='}) == SrsVerdict::forged);
    CHECK(verdict("SRS1" + local.substr(4)) == SrsVerdict::forged);
}

TEST_CASE("an address is good for 21 days, also around the turn of the cycle") {
    for (DayNumber day : {DayNumber{0}, DayNumber{1023}, DayNumber{1024}, today}) {
        const std::string local = rewritten(address("paul@client.example"), keys, day).local.text();
        CHECK(verdict(local, day - 1) == SrsVerdict::genuine);
        CHECK(verdict(local, day) == SrsVerdict::genuine);
        CHECK(verdict(local, day + 21) == SrsVerdict::genuine);
        CHECK(verdict(local, day + 22) == SrsVerdict::expired);
        CHECK(verdict(local, day - 2) == SrsVerdict::expired);
        CHECK(verdict(local, day + 500) == SrsVerdict::expired);
    }
}

TEST_CASE("case changed on the way does not matter") {
    std::string local = rewritten(address("Paul@client.example")).local.text();
    CHECK(verdict(fold(local)) == SrsVerdict::genuine);
    std::ranges::transform(local, local.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const auto back = srs_reverse(LocalPart::from_trusted(local), keys, today);
    CHECK(back.verdict == SrsVerdict::genuine);
    CHECK(back.address->key() == "paul@client.example");
}

TEST_CASE("an old secret verifies, the first one signs") {
    const std::string old = rewritten(address("paul@client.example")).local.text();
    const SrsKeys rotated{keys.domain, {"new", "secret"}, '='};
    CHECK(verdict(old, today, rotated) == SrsVerdict::genuine);
    const std::string fresh = rewritten(address("paul@client.example"), rotated).local.text();
    CHECK(verdict(fresh, today, {keys.domain, {"new"}, '='}) == SrsVerdict::genuine);
    CHECK(verdict(fresh, today, keys) == SrsVerdict::forged);
}

TEST_CASE("a chain of forwarders stays one step from the first, and unwinds") {
    const Address sender = address("paul@client.example");
    const Address at_first = rewritten(sender, first);
    const Address at_second = rewritten(at_first, second);
    CHECK(at_second.local.text().starts_with("SRS1+"));
    CHECK(at_second.local.text().find("=first.example==") != std::string::npos);
    const Address at_us = rewritten(at_second);
    CHECK(at_us.local.text().starts_with("SRS1="));
    CHECK(at_us.local.text().size() == at_second.local.text().size());

    const auto to_first = srs_reverse(at_us.local, keys, today);
    REQUIRE(to_first.verdict == SrsVerdict::genuine);
    CHECK(*to_first.address == at_first);
    CHECK(srs_reverse(at_second.local, second, today).address == at_first);
    CHECK(srs_reverse(to_first.address->local, first, today).address == sender);
}

TEST_CASE("each separator is kept through a chain") {
    for (char separator : {'=', '+', '-'}) {
        SrsKeys with = first;
        with.separator = separator;
        const Address at_first = rewritten(address("p@client.example"), with);
        CHECK(at_first.local.text()[4] == separator);
        const auto back = srs_reverse(rewritten(at_first).local, keys, today);
        CHECK(back.address == at_first);
        CHECK(srs_reverse(at_first.local, with, today).verdict == SrsVerdict::genuine);
    }
}

TEST_CASE("long local parts keep the long form; what fits in no address is left as it is") {
    const Address long_sender = address(std::string(64, 'x') + "@client.example");
    const Address srs = rewritten(long_sender);
    CHECK(srs.local.text().size() > 64);
    CHECK(srs_reverse(srs.local, keys, today).address == long_sender);
    const Address too_long = address(std::string(250, 'x') + "@client.example");
    CHECK(rewritten(too_long) == too_long);
}

TEST_CASE("something that only looks like SRS is rewritten as an ordinary sender") {
    for (const char* text :
         {"SRS1=x@client.example", "srs0-fan@client.example", "SRS1=abcd=no%domain==ef=c.example=p@client.example"}) {
        const Address srs = rewritten(address(text));
        CHECK(srs.local.text().starts_with("SRS0="));
        CHECK(srs_reverse(srs.local, keys, today).address == address(text));
    }
}

TEST_CASE("an SRS0 that only its maker can read is one step away, as any other") {
    for (const char* text : {"SRS0=x@client.example", "SRS0=0123456789abcdef@client.example",
                             "SRS0+key@client_a.example", "SRS0-key@client.example", "srs0=key=x@client.example"}) {
        const Address srs = rewritten(address(text));
        CHECK(srs.local.text().starts_with("SRS1="));
        CHECK(srs_reverse(srs.local, keys, today).address->key() == address(text).key());
        const Address at_second = rewritten(srs, second);
        CHECK(at_second.local.text().size() == srs.local.text().size());
    }
}

TEST_CASE("domains of other people lead back whatever they are") {
    for (const char* text : {"news@mail_out.far.example", "a@xn--i-7iq.ws", "a@-b-.example", "#@[]", "a@b..example"}) {
        const auto sender = keep_address(text, keys.domain);
        REQUIRE(sender.has_value());
        const Address srs = rewritten(*sender);
        CHECK(srs.domain == keys.domain);
        CHECK(srs_reverse(srs.local, keys, today).address == *sender);
    }
}

TEST_CASE("every sender leads back") {
    CHECK(rc::check("rewrite and reverse", [] {
        const auto local =
            *rc::gen::container<std::string>(rc::gen::element('a', 'Z', '=', '+', '-', '.', ' ', '"', '\\', '@', '0'));
        const Address sender{LocalPart::from_trusted(local),
                             DomainName::from_trusted(*rc::gen::element<std::string>("c.example", "[192.0.2.1]", "x"))};
        const SrsKeys with{keys.domain, keys.secrets, *rc::gen::element('=', '+', '-')};
        const Address srs = *srs_rewrite(sender, with, today);
        const auto parsed = Address::parse(srs.text());
        RC_ASSERT(parsed.has_value());
        RC_ASSERT(*parsed == srs);
        RC_ASSERT(srs_reverse(srs.local, with, today + *rc::gen::inRange(0, 22)).address == sender);
    }));
}
