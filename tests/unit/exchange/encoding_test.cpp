// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/encoding.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace std::string_literals;

namespace {

std::string utf16(std::string_view ascii, bool little, bool mark) {
    std::string out;
    const auto put = [&](char high, char low) {
        out += little ? low : high;
        out += little ? high : low;
    };
    if (mark) put('\xfe', '\xff');
    for (const char c : ascii)
        put('\0', c);
    return out;
}

} // namespace

TEST_CASE("UTF-8 is taken as it is, its byte order mark off") {
    CHECK(decode_text("a\xc3\xbc").value() == "a\xc3\xbc");
    CHECK(decode_text("\xef\xbb\xbf"
                      "a")
              .value() == "a");
    CHECK(decode_text("\xef\xbb\xbf"
                      "a",
                      "utf-8")
              .value() == "a");
    CHECK(decode_text("").value().empty());
}

TEST_CASE("UTF-16 is known by its mark or its NUL bytes") {
    for (const bool little : {true, false})
        for (const bool mark : {true, false}) {
            CHECK(decode_text(utf16("address,name\npaul@example.com,Paul\n", little, mark)).value() ==
                  "address,name\npaul@example.com,Paul\n");
        }
    CHECK(decode_text("\xff\xfe\xfc\0"s).value() == "\xc3\xbc");
}

TEST_CASE("other encodings are named by the caller") {
    CHECK(decode_text("J\xfcrgen \x80", "windows-1252").value() == "J\xc3\xbcrgen \xe2\x82\xac");
    CHECK(decode_text("\xb1", "iso-8859-2").value() == "\xc4\x85");
    CHECK(decode_text(utf16("ab", true, false), "utf-16le").value() == "ab");
    const auto unknown = decode_text("a", "latin-lover");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == ErrorKind::usage);
}

TEST_CASE("what cannot be told is refused with its line") {
    const auto refused = decode_text("a\nb\nJ\xfcrgen\n");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
    CHECK(refused.error().what == "line 3: byte 0xfc is not UTF-8");
    CHECK(refused.error().hint.find("--encoding") != std::string::npos);
    CHECK_FALSE(decode_text("\xff\xfe\0\xd8"s)); // half a surrogate pair
    CHECK_FALSE(decode_text("od\0"s, "utf-16le"));
}
