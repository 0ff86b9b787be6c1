// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/domain_name.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace mailctl {
namespace {

rc::Gen<std::string> ldh_label() {
    const std::string inner = "abcXYZ019-", outer = "abcXYZ019";
    return rc::gen::apply(
        [](char first, const std::string& rest, char last) { return std::string(1, first) + rest + last; },
        rc::gen::elementOf(outer), rc::gen::resize(20, rc::gen::container<std::string>(rc::gen::elementOf(inner))),
        rc::gen::elementOf(outer));
}

} // namespace

TEST_CASE("both written forms of an internationalized name are one name") {
    const auto a = DomainName::parse("xn--bcher-kva.example"), u = DomainName::parse("bücher.example"),
               capitals = DomainName::parse("BÜCHER.Example"),
               decomposed = DomainName::parse("bu\xCC\x88"
                                              "cher.example");
    REQUIRE((a && u && capitals && decomposed));
    CHECK(*a == *u);
    CHECK(*a == *capitals);
    CHECK(*a == *decomposed);
    CHECK(a->text() == "xn--bcher-kva.example");
    CHECK(a->display() == "bücher.example");
}

TEST_CASE("IDNA2008 keeps the sharp s") {
    CHECK(DomainName::parse("straße.example")->text() == "xn--strae-oqa.example");
}

TEST_CASE("names that are taken") {
    const auto label63 = std::string(63, 'a');
    for (const auto& text : {std::string("example.com"), std::string("localhost"), std::string("a-b.c1"),
                             label63 + ".x", std::string("1and1.example"), std::string("ab--cd.example"),
                             label63 + '.' + label63 + '.' + label63 + '.' + std::string(61, 'a')})
        CHECK_MESSAGE(DomainName::parse(text).has_value(), text);
}

TEST_CASE("names that are refused") {
    using namespace std::string_view_literals;
    for (const auto text : {""sv,
                            "."sv,
                            "example.com."sv,
                            ".example.com"sv,
                            "a..b"sv,
                            "-a.example"sv,
                            "a-.example"sv,
                            "a_b.example"sv,
                            "a b.example"sv,
                            "a/b.example"sv,
                            "a@b.example"sv,
                            "[192.0.2.1]"sv,
                            "a\0.example"sv,
                            "a.example\n"sv,
                            "ü\0.example"sv,
                            "ü/x.example"sv,
                            "ü\uFF0Fx.example"sv, // a full-width solidus maps to '/'
                            "ü.example."sv,
                            "ü..example"sv,
                            "☃.example"sv, // a symbol, not IDNA2008
                            "\xFF.example"sv,
                            "xn--a.example"sv, // no U-label behind it
                            "xn--.example"sv}) {
        CAPTURE(printable(text));
        const auto name = DomainName::parse(text);
        REQUIRE_FALSE(name.has_value());
        CHECK(name.error().kind == ErrorKind::invalid);
    }
    CHECK_FALSE(DomainName::parse(std::string(64, 'a') + ".x").has_value());
    CHECK_FALSE(DomainName::parse(std::string(5000, 'a')).has_value());
    const auto label63 = std::string(63, 'a');
    CHECK_FALSE(DomainName::parse(label63 + '.' + label63 + '.' + label63 + '.' + std::string(62, 'a')).has_value());
}

TEST_CASE("an address literal has one written form") {
    CHECK(DomainName::parse_literal("[192.0.2.1]")->text() == "[192.0.2.1]");
    CHECK(DomainName::parse_literal("[ipv6:2001:DB8:0:0::1]")->text() == "[IPv6:2001:db8::1]");
    CHECK(DomainName::parse_literal("[192.0.2.1]")->is_literal());
    CHECK_FALSE(DomainName::parse("example.com")->is_literal());
    for (const auto* text : {"", "[", "[]", "192.0.2.1", "[192.0.2]", "[192.0.2.256]", "[2001:db8::1]", "[IPv6:]",
                             "[IPv6:192.0.2.1]", "[192.0.2.1", "[x]"})
        CHECK_FALSE_MESSAGE(DomainName::parse_literal(text).has_value(), text);
}

TEST_CASE("a name parsed again is itself, in both forms") {
    CHECK(rc::check("ASCII labels", [] {
        const auto text = *ldh_label() + '.' + *ldh_label();
        const auto name = DomainName::parse(text);
        RC_PRE(name.has_value()); // a label may happen to begin with xn--
        RC_ASSERT(name->text() == fold(text));
        RC_ASSERT(*DomainName::parse(name->text()) == *name);
    }));
    CHECK(rc::check("letters of several scripts", [] {
        const std::vector<std::string> letters{"a", "ü", "ß", "é", "я", "α", "日", "本", "x"};
        std::string text;
        for (const auto& letter : *rc::gen::nonEmpty(
                 rc::gen::resize(12, rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(letters)))))
            text += letter;
        const auto name = DomainName::parse(text + ".example");
        RC_ASSERT(name.has_value());
        RC_ASSERT(*DomainName::parse(name->text()) == *name);
        RC_ASSERT(*DomainName::parse(name->display()) == *name);
        RC_ASSERT(name->display() == text + ".example");
    }));
}

TEST_CASE("whatever is taken holds letters, digits, hyphens and dots only") {
    CHECK(rc::check("stored form of any bytes", [] {
        const auto name = DomainName::parse(*rc::gen::arbitrary<std::string>() + ".x");
        if (name)
            RC_ASSERT(name->text().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos);
    }));
}

} // namespace mailctl
