// SPDX-License-Identifier: Apache-2.0
#include "charset.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>

#include <iconv.h>

using namespace mailctl;

namespace {

// The C library's own tables, which a test may rely on.
std::optional<std::string> by_iconv(std::string bytes, const char* charset) {
    const iconv_t converter = iconv_open("UTF-8", charset);
    REQUIRE(converter != reinterpret_cast<iconv_t>(-1));
    std::string out(16, '\0');
    char* from = bytes.data();
    char* to = out.data();
    std::size_t left = bytes.size(), room = out.size();
    bool good = iconv(converter, &from, &left, &to, &room) == 0;
    good = good && iconv(converter, nullptr, nullptr, &to, &room) == 0; // what waits for a combining character
    iconv_close(converter);
    out.resize(out.size() - room);
    return good ? std::optional(out) : std::nullopt;
}

} // namespace

TEST_CASE("every byte of every charset is what the C library says") {
    for (const char* charset :
         {"iso-8859-1",   "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",
          "iso-8859-7",   "iso-8859-8",   "iso-8859-9",   "iso-8859-10",  "iso-8859-11",  "iso-8859-13",
          "iso-8859-14",  "iso-8859-15",  "iso-8859-16",  "windows-1250", "windows-1251", "windows-1252",
          "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258",
          "koi8-r",       "koi8-u",       "ibm866",       "ibm850",       "ibm852",       "ibm437"})
        for (int byte = 0x20; byte < 0x100; ++byte) {
            const std::string text(1, static_cast<char>(byte));
            const auto expected = by_iconv(text, charset);
            const auto read = text_in_charset(text, charset);
            CAPTURE(charset);
            CAPTURE(byte);
            if (expected) CHECK(read == expected);
            if (read) CHECK(is_utf8(*read));
        }
}

TEST_CASE("charsets go by many names") {
    for (const char* name : {"KOI8-R", "koi8-r", "cskoi8r"})
        CHECK(text_in_charset("\xf0\xd2", name) == "Пр");
    for (const char* name : {"windows-1251", "CP1251", "x-cp1251", "win-1251"})
        CHECK(text_in_charset("\xcf\xf0", name) == "Пр");
    for (const char* name : {"iso-8859-2", "ISO8859-2", "iso_8859-2", "latin2"})
        CHECK(text_in_charset("\xf8", name) == "ř");
    CHECK(text_in_charset("ü", "UTF8") == "ü");
    for (const char* name : {"", "gb2312", "iso-2022-jp", "shift_jis", "iso-8859-12", "windows-12", "cp", "x-unknown"})
        CHECK_FALSE(text_in_charset("x", name));
    CHECK_FALSE(text_in_charset("\xfc", "utf-8"));
}
