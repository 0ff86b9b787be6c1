// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/address.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace mailctl {
namespace {

using namespace std::string_view_literals;

// Any local part that can exist: printable ASCII with all the specials, and letters beyond it.
rc::Gen<std::string> local_bytes() {
    const auto ascii =
        rc::gen::map(rc::gen::inRange(0x20, 0x7F), [](int c) { return std::string(1, static_cast<char>(c)); });
    const auto other = rc::gen::elementOf(std::vector<std::string>{"é", "я", "日", "😀"});
    return rc::gen::map(
        rc::gen::container<std::vector<std::string>>(rc::gen::weightedOneOf<std::string>({{5, ascii}, {1, other}})),
        [](const std::vector<std::string>& parts) { return join(parts, ""); });
}

} // namespace

TEST_CASE("quoted local parts are read and written as RFC 5321 says") {
    struct Row {
        std::string_view written, unquoted, rewritten;
    };
    for (const auto& [written, unquoted, rewritten] :
         std::initializer_list<Row>{{R"("a b"@d.example)", "a b", R"("a b"@d.example)"},
                                    {R"("a\"b"@d.example)", "a\"b", R"("a\"b"@d.example)"},
                                    {R"("a\\b"@d.example)", "a\\b", R"("a\\b"@d.example)"},
                                    {R"("@"@d.example)", "@", R"("@"@d.example)"},
                                    {R"(""@d.example)", "", R"(""@d.example)"},
                                    {R"("paul"@d.example)", "paul", "paul@d.example"},
                                    {R"("\p\a\u\l"@d.example)", "paul", "paul@d.example"},
                                    {R"("a..b"@d.example)", "a..b", R"("a..b"@d.example)"},
                                    {"Paul+x=y@D.Example", "Paul+x=y", "Paul+x=y@d.example"},
                                    {"a@[192.0.2.1]", "a", "a@[192.0.2.1]"},
                                    {"a@[IPv6:2001:DB8::1]", "a", "a@[IPv6:2001:db8::1]"},
                                    {"büro@bücher.example", "büro", "büro@xn--bcher-kva.example"}}) {
        CAPTURE(written);
        const auto address = Address::parse(written);
        REQUIRE(address.has_value());
        CHECK(address->local.text() == unquoted);
        CHECK(address->text() == rewritten);
    }
}

TEST_CASE("stray dots, which real senders use, are taken and quoted when they leave") {
    for (const auto* text : {".a@d.example", "a.@d.example", "a..b@d.example"}) {
        CAPTURE(text);
        const auto address = Address::parse(text);
        REQUIRE(address.has_value());
        CHECK(address->text().starts_with('"'));
        CHECK(*Address::parse(address->text()) == *address);
    }
}

TEST_CASE("addresses that are refused") {
    for (const auto text : {""sv,
                            "a"sv,
                            "@"sv,
                            "@d.example"sv,
                            "a@"sv,
                            "a@b@d.example"sv,
                            "a b@d.example"sv,
                            "a@d..example"sv,
                            "<a@d.example>"sv,
                            "a,b@d.example"sv,
                            "a@d.example "sv,
                            " a@d.example"sv,
                            "\"a@d.example"sv,
                            "\"a\"b@d.example"sv,
                            "\"a\"b\"@d.example"sv,
                            "\"a\\\"@d.example"sv,
                            "\"@d.example"sv,
                            "a\"b@d.example"sv,
                            "\"a@d.example\""sv,
                            "a@[192.0.2.1"sv,
                            "a@[x]"sv,
                            "a\r@d.example"sv,
                            "a\n@d.example"sv,
                            "a\0@d.example"sv,
                            "\"a\rb\"@d.example"sv,
                            "\"a\\\nb\"@d.example"sv,
                            "\"a\0b\"@d.example"sv,
                            "\"a\x7f\"@d.example"sv,
                            "\"a\tb\"@d.example"sv,
                            "a@d.example\r\nRCPT"sv,
                            "\xFF@d.example"sv,
                            "\"\xE2\x82\"@d.example"sv,
                            "\xC3@d.example"sv}) {
        CAPTURE(printable(text));
        const auto address = Address::parse(text);
        REQUIRE_FALSE(address.has_value());
        CHECK(address.error().kind == ErrorKind::invalid);
        CHECK(printable(address.error().what) == address.error().what);
    }
}

TEST_CASE("a local part has 2048 bytes at most, counted without its quotes") {
    CHECK(LocalPart::parse(std::string(2048, 'a')).has_value());
    CHECK_FALSE(LocalPart::parse(std::string(2049, 'a')).has_value());
    CHECK(LocalPart::parse('"' + std::string(2048, ' ') + '"').has_value());
    CHECK_FALSE(LocalPart::parse("").has_value());
    CHECK(LocalPart::parse("\"\"")->text().empty());
}

TEST_CASE("lookups know no case, headers keep it") {
    const auto address = *Address::parse("Paul.M@Example.COM");
    CHECK(address.key() == "paul.m@example.com");
    CHECK(address.text() == "Paul.M@example.com");
    CHECK(address.local.key() == "paul.m");
    CHECK(Address::parse("paul.m@example.com")->key() == address.key());
}

TEST_CASE("people see U-labels") {
    CHECK(Address::parse("\"a b\"@xn--bcher-kva.example")->display() == "\"a b\"@bücher.example");
}

TEST_CASE("only an address with ASCII throughout passes a server without SMTPUTF8") {
    CHECK(Address::parse("a@bücher.example")->is_ascii());
    CHECK_FALSE(Address::parse("büro@example.com")->is_ascii());
}

TEST_CASE("the null sender is the empty text") {
    CHECK(sender_text(std::nullopt).empty());
    CHECK(sender_text(*Address::parse("\"a b\"@d.example")) == "\"a b\"@d.example");
}

TEST_CASE("every address is read back from what it writes") {
    CHECK(rc::check("parse(text(address)) == address", [] {
        const auto bytes =
            *rc::gen::suchThat(local_bytes(), [](const std::string& local) { return local.size() <= 255; });
        const Address address{LocalPart::from_trusted(bytes), *DomainName::parse("d.example")};
        const auto again = Address::parse(address.text());
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == address);
        RC_ASSERT(Address::parse(address.display())->key() == address.key());
    }));
}

TEST_CASE("no input of any bytes puts a control byte or invalid UTF-8 into an address") {
    CHECK(rc::check("hostile bytes", [] {
        const auto quoted = *rc::gen::arbitrary<bool>();
        const auto bytes = *rc::gen::arbitrary<std::string>();
        const auto address = Address::parse((quoted ? '"' + bytes + '"' : bytes) + "@d.example");
        if (!address) return;
        RC_ASSERT(is_utf8(address->local.text()));
        for (const char c : address->text())
            RC_ASSERT((c < 0 || c >= ' ') && c != 0x7F);
        RC_ASSERT(*Address::parse(address->text()) == *address);
    }));
}

} // namespace mailctl
