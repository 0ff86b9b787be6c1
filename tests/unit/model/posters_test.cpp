// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/posters.hpp"

#include "mailctl/model/others_address.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace mailctl {
namespace {

const DomainName posters_host = DomainName::from_trusted("mx.host.example");

} // namespace

TEST_CASE("who may post is a word or addresses, and never a text that looks like one") {
    using Texts = std::vector<std::string>;
    CHECK(Posters{}.texts() == Texts{"anyone"});
    for (const char* word : {"anyone", "domain", "members"}) {
        REQUIRE(Posters::find_word(word));
        CHECK(Posters::find_word(word)->texts() == Texts{word});
        CHECK(Posters::find_word(word)->is_word());
    }
    for (const char* text : {"", "named", "nobody", "Anyone", "anyone ", "members@example.com"})
        CHECK_FALSE(Posters::find_word(text));
    const auto members = Posters::only({*Address::parse("members@example.com")});
    CHECK(members.texts() == Texts{"members@example.com"});
    CHECK(members != *Posters::find_word("members"));
    CHECK(Posters::only({}).texts().empty()); // nobody
    CHECK(Posters::only({}) != Posters{});
}

TEST_CASE("posters are anybody: their names are kept as they have them") {
    for (const std::string text :
         {"bounce_1@mail_out.far.example", "a@-a-.example", "a@xn--i-7iq.ws", "\"a b\"@far.example",
          "\"@\"@far.example", "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "\"\"@far.example", "a+b=c@far.example",
          "é@far.example", "prvs=1234abcdef=a@far.example", "a@localhost"}) {
        const auto posters = Posters::only({*Address::parse(text)});
        CHECK(posters.texts() == std::vector{text});
        CHECK(Posters::only({*Address::parse(posters.texts().front())}) == posters);
    }
    CHECK(Posters::only({*Address::parse("Paul@i❤.WS")}).keys() == std::vector<std::string>{"paul@xn--i-7iq.ws"});
}

TEST_CASE("what an MTA takes as a sender is written so that it is read again, and in safe characters") {
    CHECK(rc::check("parse(text(x)) == x", [] {
        const auto local = *rc::gen::container<std::string>(rc::gen::inRange<char>(0x1e, 0x7f));
        const auto kept = keep_address(local + "@far_away.example", posters_host);
        RC_PRE(kept.has_value());
        const auto text = Posters::only({*kept}).texts().front();
        RC_ASSERT(text.find_first_of(std::string_view("\r\n\0\x7f", 4)) == std::string::npos);
        const auto again = Address::parse(text);
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == *kept);
    }));
}

} // namespace mailctl
