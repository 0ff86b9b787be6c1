// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/others_address.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace mailctl {
namespace {

const DomainName host = DomainName::from_trusted("mx.host.example");

} // namespace

TEST_CASE("domains of other people are names by the rules of DNS") {
    for (const std::string& text :
         {std::string("mail_out.far.example"), std::string("_dmarc.example"), std::string("-a-.example"),
          std::string("a_"), std::string("xn--i-7iq.ws"), std::string("xn--a.example"),
          std::string(63, '_') + ".example", std::string("[192.0.2.1]"), std::string("[IPv6:2001:db8::1]")}) {
        const auto domain = parse_others_domain(text);
        REQUIRE_MESSAGE(domain.has_value(), text);
        CHECK(domain->text() == text);
        CHECK(parse_others_domain(domain->display()).value() == *domain);
        CHECK((DomainName::parse(text).has_value()) == false); // not a name of ours
    }
    CHECK(parse_others_domain("Mail_Out.Far.EXAMPLE")->text() == "mail_out.far.example");
}

TEST_CASE("a U-label is its A-label, whatever the rules it was made by") {
    CHECK(parse_others_domain("bücher.example")->text() == "xn--bcher-kva.example");
    CHECK(parse_others_domain("straße.example")->text() == "xn--strae-oqa.example");
    CHECK(parse_others_domain("i❤.ws")->text() == "xn--i-7iq.ws");
    CHECK(parse_others_domain("☃.example")->text() == "xn--n3h.example");
    CHECK(parse_others_domain("mail_büro.example")->text() == "xn--mail_bro-c6a.example");
    CHECK(parse_others_domain("a-.bücher.example")->text() == "a-.xn--bcher-kva.example");
    CHECK(DomainName::from_trusted("xn--i-7iq.ws").display() == "i❤.ws");
    CHECK(DomainName::from_trusted("xn--a.example").display() == "xn--a.example");
    CHECK_FALSE(parse_others_domain("ß❤.example")); // the older rules would make another name of it
}

TEST_CASE("what is no name of anybody is refused") {
    using namespace std::string_view_literals;
    for (const auto text : {""sv, "."sv, "a."sv, ".a"sv, "a..b"sv, "a b"sv, "a/b"sv, "a@b"sv, "a%b"sv, "a\0b"sv,
                            "a\n"sv, "[x]"sv, "[]"sv, "\xFF"sv, "ü/x"sv})
        CHECK_FALSE_MESSAGE(parse_others_domain(text).has_value(), printable(text));
    CHECK_FALSE(parse_others_domain(std::string(64, 'a') + ".x").has_value());
    CHECK_FALSE(parse_others_domain(std::string(5000, 'a')).has_value());
}

TEST_CASE("a recipient without quotes is the same as with them") {
    CHECK(keep_address("a b@far.example", host)->text() == "\"a b\"@far.example");
    CHECK(*keep_address("a b@far.example", host) == *keep_address("\"a b\"@far.example", host));
    CHECK(*keep_address("a\"b@far.example", host) == *keep_address(R"("a\"b"@far.example)", host));
    CHECK(*keep_address("a\\b@far.example", host) == *keep_address(R"("a\\b"@far.example)", host));
    CHECK(*keep_address("a(b),c@far.example", host) == *keep_address(R"("a(b),c"@far.example)", host));
    CHECK(keep_address("postmaster", host)->text() == "postmaster@mx.host.example");
}

TEST_CASE("whatever is kept is safe, and is read again from what it writes") {
    using namespace std::string_view_literals;
    for (const auto text :
         {""sv, "a\nb@c.example"sv, "a\0b@c.example"sv, "a\x7F@c.example"sv, "a@b\rc"sv, "\xC3@c.example"sv})
        CHECK_FALSE_MESSAGE(keep_address(text, host).has_value(), printable(text));
    CHECK_FALSE(keep_address(std::string(2049, 'a') + "@c.example", host).has_value());
    CHECK(rc::check("keep(text(keep(x))) == keep(x)", [] {
        const auto text = *rc::gen::container<std::string>(
            rc::gen::element('a', 'B', '@', '.', '"', '\\', ' ', '[', ']', '<', '>', ',', '=', '/', '_', '-', ':'));
        const auto kept = keep_address(text, host);
        RC_PRE(kept.has_value());
        const auto again = keep_address(kept->text(), host);
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == *kept);
        RC_ASSERT(kept->domain.text().find_first_of(" <>@/\"\\=") == std::string::npos);
    }));
}

} // namespace mailctl
