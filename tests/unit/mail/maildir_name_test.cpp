// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/maildir_name.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>

using namespace mailctl;

namespace {

const UniqueName example_name{1'700'000'000, 42, 1234, 7, "mx.example.org"};

auto unicode_text() {
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(
                            rc::gen::element<std::string>("a", "Z", "&", "-", " ", "+", ",", "~", "é", "ü", "日", "本",
                                                          "\U0001F600", "\U0010FFFF", "\u007f", "\x01")),
                        [](const std::vector<std::string>& parts) { return join(parts, ""); });
}

} // namespace

TEST_CASE("message names are Dovecot's, with a counter") {
    CHECK(format_unique_name(example_name) == "1700000000.M000042P1234Q7.mx.example.org");
    CHECK(format_message_name(example_name, 120, 125) == "1700000000.M000042P1234Q7.mx.example.org,S=120,W=125");
    CHECK(add_sizes(format_unique_name(example_name), 120, 125) == format_message_name(example_name, 120, 125));
}

TEST_CASE("names differ when any part differs") {
    std::set<std::string> names{format_unique_name(example_name)};
    UniqueName other = example_name;
    other.counter = 8;
    names.insert(format_unique_name(other));
    other = example_name;
    other.pid = 1235;
    names.insert(format_unique_name(other));
    other = example_name;
    other.microseconds = 43;
    names.insert(format_unique_name(other));
    other = example_name;
    other.host = "mx2.example.org";
    names.insert(format_unique_name(other));
    CHECK(names.size() == 5);
}

TEST_CASE("a host name cannot hold what divides names or paths") {
    CHECK(escape_host("mx.example.org") == "mx.example.org");
    CHECK(escape_host("a/b:c,d e\tf\n\\") == "a\\057b\\072c\\054d\\040e\\011f\\012\\134");
    CHECK(escape_host("") == "localhost");
    CHECK(escape_host(std::string(300, 'x')).size() <= 128);
    CHECK(rc::check("format_message_name", [] {
        UniqueName any = example_name;
        any.host = *rc::gen::arbitrary<std::string>();
        const std::string text = format_message_name(any, 5, 6);
        RC_ASSERT(text.find_first_of(std::string_view("/: \t\r\n\0", 7)) == std::string::npos);
        RC_ASSERT(text.front() != '.');
        RC_ASSERT(text.size() < 255U);
        const MessageName parsed = parse_message_name(text);
        RC_ASSERT(parsed.size == 5U);
        RC_ASSERT(parsed.virtual_size == 6U);
    }));
}

TEST_CASE("message names are read back, flags and all") {
    const auto parsed = parse_message_name("1.M2P3.h,S=120,W=125:2,FS");
    CHECK(parsed.base == "1.M2P3.h,S=120,W=125");
    CHECK(parsed.size == 120U);
    CHECK(parsed.virtual_size == 125U);
    CHECK(parsed.flags == "FS");
    CHECK(parse_message_name("1.x,W=5,S=4,X=1:2,").size == 4U);
    CHECK(parse_message_name("1.x:2,T,extra").flags == "T");
    CHECK(parse_message_name("1.x:1,T").flags.empty());
}

TEST_CASE("a damaged size is no size") {
    for (const char* damaged : {"1.x", "1.x,S=", "1.x,S=-5", "1.x,S=5x", "1.x,S=99999999999999999999", "1.xS=5",
                                "1.x:2,S=5", "S=5", "1.x,s=5"})
        CHECK_MESSAGE(!parse_message_name(damaged).size.has_value(), damaged);
}

TEST_CASE("folder names become Maildir++ directories and back") {
    CHECK(folder_directory("Work") == ".Work");
    CHECK(folder_directory("Work/2026/Überlegung") == ".Work.2026.&ANw-berlegung");
    CHECK(folder_directory("R&D") == ".R&-D");
    CHECK(folder_from_directory(".Work.2026.&ANw-berlegung") == "Work/2026/Überlegung");
    CHECK(folder_directory("INBOX/sub") == ".INBOX.sub");
}

TEST_CASE("names that could leave the Maildir, or mean INBOX, are no folders") {
    for (const std::string& bad :
         {std::string(), std::string("/"), std::string("a/"), std::string("/a"), std::string("a//b"), std::string("."),
          std::string(".."), std::string("a.b"), std::string("../x"), std::string("~root"), std::string("a/~b"),
          std::string("a\nb"), std::string("a\0b", 3), std::string("\xff"), std::string("inbox"), std::string(256, 'x'),
          std::string(60, '\x7f')})
        CHECK_MESSAGE(!folder_directory(bad).has_value(), bad);
    for (const char* bad :
         {"", ".", "cur", "..", "..x", ".a..b", ".a/b", ".a.", ".&bad", ".&ANw", ".&AGE-", ".\xc3\xbc"})
        CHECK_MESSAGE(!folder_from_directory(bad).has_value(), bad);
}

TEST_CASE("a detail names a folder only when nothing in it is doubtful") {
    CHECK(detail_directory("lists") == ".lists");
    CHECK(detail_directory("lists.debian") == ".lists.debian");
    CHECK(detail_directory("Büro") == ".B&APw-ro");
    for (const std::string& bad :
         {std::string(), std::string("."), std::string(".."), std::string(".hidden"), std::string("a..b"),
          std::string("a."), std::string("a/b"), std::string("../../etc"), std::string("~"), std::string("a\rb"),
          std::string("a\0", 2), std::string("INBOX"), std::string(100, '\xfc'), std::string(255, 'x')})
        CHECK_MESSAGE(!detail_directory(bad).has_value(), bad);
    CHECK(detail_directory(std::string(254, 'x'))->size() == 255);
}

TEST_CASE("modified UTF-7 follows RFC 3501") {
    CHECK(encode_modified_utf7("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
    CHECK(encode_modified_utf7("Entwürfe") == "Entw&APw-rfe");
    CHECK(encode_modified_utf7("\U0001F600") == "&2D3eAA-");
    CHECK(encode_modified_utf7("&&") == "&-&-");
    CHECK_FALSE(encode_modified_utf7("\xc3").has_value());
    CHECK(decode_modified_utf7("&2D3eAA-") == "\U0001F600");
    CHECK(decode_modified_utf7("&U,BTFw-&ZeVnLIqe-") == std::nullopt); // one run, written as two
}

TEST_CASE("every text survives modified UTF-7, and every directory that decodes has one spelling") {
    CHECK(rc::check("round trip of text", [] {
        const std::string text = *unicode_text();
        const auto encoded = encode_modified_utf7(text);
        RC_ASSERT(encoded.has_value());
        RC_ASSERT(decode_modified_utf7(*encoded) == text);
    }));
    CHECK(rc::check("round trip of encoded names", [] {
        const auto encoded =
            *rc::gen::container<std::string>(rc::gen::element('&', '-', 'A', 'G', 'E', '2', 'D', ',', '+', 'w'));
        const auto text = decode_modified_utf7(encoded);
        if (text) RC_ASSERT(encode_modified_utf7(*text) == encoded);
    }));
    CHECK(rc::check("no detail leaves the Maildir", [] {
        const auto detail =
            *rc::gen::container<std::string>(rc::gen::element('.', '/', '~', 'a', '&', '\0', '\n', '\xc3', '\xbc'));
        const auto directory = detail_directory(detail);
        if (!directory) return;
        RC_ASSERT(directory->front() == '.');
        RC_ASSERT(directory->find("..") == std::string::npos);
        RC_ASSERT(directory->find_first_of(std::string_view("/\0\n", 3)) == std::string::npos);
        RC_ASSERT(directory->size() > 1U);
        RC_ASSERT(folder_from_directory(*directory).has_value());
    }));
}
