// SPDX-License-Identifier: Apache-2.0
// What the mail user may have written into state.db.
#include "row_values.hpp"

#include <doctest/doctest.h>

namespace mailctl {
namespace {

TEST_CASE("row values: a domain is one only in the form that it is stored in") {
    CHECK(stored_domain("example.com"));
    CHECK(stored_domain("xn--bcher-kva.example"));
    for (const char* text : {"", ".", "..", "../../etc/systemd/system/x.service.d", "example.com/", "Example.com",
                             "a b.example", "bücher.example", "[192.0.2.1]", "example.com\n", "-.example"})
        CHECK_MESSAGE(!stored_domain(text), text);
    CHECK_FALSE(stored_domain(std::string("a\0.example", 10)));
    CHECK_FALSE(stored_domain(std::string(300, 'a')));
}

TEST_CASE("row values: a local part is folded, UTF-8, without control bytes, and no longer than one may be") {
    for (const char* text : {"paul", "a b", "", "a/b", "..", "\"", "jörg", "a@b"})
        CHECK_MESSAGE(stored_local_part(text), text);
    for (const char* text : {"Paul", "a\nb", "\x1b[31m", "\xff\xfe"})
        CHECK_MESSAGE(!stored_local_part(text), text);
    CHECK_FALSE(stored_local_part(std::string("a\0b", 3)));
    CHECK(stored_local_part(std::string(255, 'a')));
    CHECK_FALSE(stored_local_part(std::string(256, 'a')));
}

TEST_CASE("row values: an address is a key, and is read back as it was written") {
    for (const char* text : {"paul@example.com", "a b@example.com", "a@b@example.com", "@example.com"}) {
        const auto address = stored_address(text);
        REQUIRE_MESSAGE(address, text);
        CHECK(address->key() == text);
    }
    for (const char* text : {"", "paul", "paul@", "paul@../x", "Paul@example.com", "a\nb@example.com"})
        CHECK_MESSAGE(!stored_address(text), text);
}

TEST_CASE("row values: times and counts are within what there can be") {
    CHECK(stored_instant(0));
    CHECK(stored_instant(253'402'300'799'999'999));
    for (const std::int64_t number : {std::int64_t{-1}, INT64_MIN, INT64_MAX, std::int64_t{253'402'300'800'000'000}})
        CHECK_FALSE(stored_instant(number));
    CHECK(stored_count(INT64_MAX) == static_cast<std::uint64_t>(INT64_MAX));
    CHECK_FALSE(stored_count(-1));
}

TEST_CASE("row values: archived mail lies in the archive area, or in a file that somebody named") {
    for (const char* text : {".archive/example.com/paul-20261122T032800Z-7", "/root/paul.tar"})
        CHECK_MESSAGE(stored_archive(text), text);
    for (const char* text : {"", ".archive", ".archive/example.com", ".archive/example.com/", ".archive/example.com/..",
                             ".archive/../paul", ".archive/example.com/a/b", "mail/example.com/paul", ".archive//paul",
                             ".archive/example.com/a\nb", "/root/a\nb", "example.com/paul/new"})
        CHECK_MESSAGE(!stored_archive(text), text);
    CHECK_FALSE(stored_archive(".archive/example.com/" + std::string(256, 'x')));
    CHECK_FALSE(stored_archive("/" + std::string(5000, 'x')));
}

TEST_CASE("row values: texts of strangers are cut at a character's end") {
    CHECK(bounded_text("short", 10) == "short");
    CHECK(bounded_text("0123456789", 4) == "0123");
    CHECK(bounded_text("abc\xc3\xa4", 4) == "abc");
}

} // namespace
} // namespace mailctl
