// SPDX-License-Identifier: Apache-2.0
#include "encoded_word.hpp"

#include "mime_encoding.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace mailctl;

TEST_CASE("words of the usual charsets are decoded") {
    CHECK(decode_unstructured("plain text") == "plain text");
    CHECK(decode_unstructured("=?utf-8?q?gr=C3=BC=C3=9Fe?=") == "grüße");
    CHECK(decode_unstructured("Re: =?UTF-8?B?Z3LDvMOfZQ==?= (x)") == "Re: grüße (x)");
    CHECK(decode_unstructured("=?ISO-8859-1*de?Q?gr=FC=DFe_an_alle?=") == "grüße an alle");
    CHECK(decode_unstructured("=?iso-8859-15?q?5_=A4?=") == "5 €");
    CHECK(decode_unstructured("=?windows-1252?Q?=84x=93?=") == "„x“");
    CHECK(decode_unstructured("grüße") == "grüße");
    CHECK(decode_unstructured("=?koi8-r?B?8NLJ18XU?=") == "Привет");
    CHECK(decode_unstructured("=?iso-8859-2?Q?p=F8=ED=B9t=EC?=") == "příště");
    CHECK(decode_unstructured("=?Windows-1251?Q?=CF=F0=E8=E2=E5=F2?= =?cp1251?Q?!?=") == "Привет!");
}

TEST_CASE("blanks between two words are dropped, others kept, and a character may be divided") {
    CHECK(decode_unstructured("=?utf-8?q?a?= =?utf-8?q?b?=") == "ab");
    CHECK(decode_unstructured("=?utf-8?q?a?=  x  =?utf-8?q?b?=") == "a  x  b");
    CHECK(decode_unstructured("=?utf-8?q?gr=C3?=\t=?utf-8?q?=BCn?=") == "grün");
    CHECK(decode_unstructured("=?iso-8859-1?q?=FC?= =?utf-8?q?x?=") == "üx");
}

TEST_CASE("what cannot be read is nothing, and what only looks like a word stays") {
    CHECK_FALSE(decode_unstructured("=?gb18030?b?xOO6ww==?="));
    CHECK_FALSE(decode_unstructured("=?utf-8?q?=FC?="));
    CHECK_FALSE(decode_unstructured("=?utf-8?q?=X?="));
    CHECK_FALSE(decode_unstructured("=?utf-8?b?!?="));
    CHECK(decode_unstructured("gr\xfc\xdf =?utf-8?q?=C3=BC?=") == "grüß ü"); // raw latin-1, as old programs send it
    CHECK_FALSE(decode_unstructured("\x81"));                                // nothing in windows-1252 either
    for (const char* text : {"=?", "=?utf-8", "=?utf-8?q?x", "=?utf-8?x?y?=", "=?utf-8?q?a b?=", "1 =? 2"})
        CHECK(decode_unstructured(text) == text);
}

TEST_CASE("decoding takes back what encoding made, and no text makes it fail") {
    CHECK(rc::check([](const std::vector<std::uint16_t>& codes) {
        std::string text;
        for (const auto code : codes) {
            if (code < 0x21 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000)) continue;
            if (code < 0x80) {
                text += static_cast<char>(code);
            } else if (code < 0x800) {
                text += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
            } else {
                text += {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3f)),
                         static_cast<char>(0x80 | (code & 0x3f))};
            }
        }
        RC_ASSERT(decode_unstructured(encode_unstructured(text, 9)) == text);
    }));
    CHECK(rc::check([](const std::string& text) { (void)decode_unstructured("=?utf-8?q?" + text); }));
}
