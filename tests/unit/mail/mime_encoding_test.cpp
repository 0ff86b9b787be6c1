// SPDX-License-Identifier: Apache-2.0
#include "mime_encoding.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace mailctl;

namespace {

std::size_t longest_line(std::string_view text) {
    std::size_t longest = 0;
    for (const auto line : split(text, '\n'))
        longest = std::max(longest, line.size());
    return longest;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

} // namespace

TEST_CASE("base64 is that of RFC 4648, in lines of 76") {
    CHECK(encode_base64("") == "");
    CHECK(encode_base64("f") == "Zg==\n");
    CHECK(encode_base64("fo") == "Zm8=\n");
    CHECK(encode_base64("foobar") == "Zm9vYmFy\n");
    const std::string bytes("\xff\x00\xfe", 3);
    CHECK(encode_base64(bytes) == "/wD+\n");
    CHECK(encode_base64(std::string(57, 'a')) == encode_base64(std::string(54, 'a')).substr(0, 72) + "YWFh\n");
    CHECK(longest_line(encode_base64(std::string(1000, 'a'))) == 76);
}

TEST_CASE("quoted-printable keeps what people can read") {
    CHECK(encode_quoted_printable("Grüße = hello\n") == "Gr=C3=BC=C3=9Fe =3D hello\n");
    CHECK(encode_quoted_printable("no line end") == "no line end\n");
    CHECK(encode_quoted_printable("blank at the end \nnext\t\n") == "blank at the end=20\nnext=09\n");
    CHECK(encode_quoted_printable("one\r\ntwo\rthree") == "one\ntwo\nthree\n");
    CHECK(encode_quoted_printable(std::string("nul \0.", 6)) == "nul =00.\n");
    const std::string wide = encode_quoted_printable(std::string(100, 'x'));
    CHECK(wide == std::string(75, 'x') + "=\n" + std::string(25, 'x') + "\n");
}

TEST_CASE("a text that a boundary could be taken for is encoded") {
    CHECK(is_plain_text("hello\nyou\n"));
    CHECK_FALSE(is_plain_text("--=_a1\n"));
    CHECK(encode_quoted_printable("--=_a1\n") == "--=3D_a1\n");
    CHECK_FALSE(is_plain_text("line\rbreak"));
    CHECK_FALSE(is_plain_text(std::string(79, 'x')));
    CHECK_FALSE(is_plain_text("Grüße"));
}

TEST_CASE("an ASCII subject stays as it is") {
    CHECK(encode_unstructured("Thank you") == "Thank you");
    CHECK(encode_unstructured("  Thank you \n") == "Thank you");
}

TEST_CASE("a line break in a value cannot begin a header field") {
    CHECK(encode_unstructured("hello\r\nBcc: all@example.org") == "hello  Bcc: all@example.org");
    CHECK(encode_phrase("Paul\nBcc: x") == "\"Paul Bcc: x\"");
}

TEST_CASE("what imitates an encoded word is encoded") {
    CHECK(encode_unstructured("=?x?q?y?=") == "=?UTF-8?B?PT94P3E/eT89?=");
}

TEST_CASE("a subject that is not ASCII becomes encoded words of whole code points") {
    CHECK(encode_unstructured("Grüße") == "=?UTF-8?B?R3LDvMOfZQ==?=");
    CHECK(encode_unstructured("bad \xff byte") == "=?UTF-8?B?YmFkIO+/vSBieXRl?=");
}

TEST_CASE("a name before an address is atoms, quoted or encoded") {
    CHECK(encode_phrase("Ann Brown") == "Ann Brown");
    CHECK(encode_phrase("Brown, Ann \"A\"") == R"("Brown, Ann \"A\"")");
    CHECK(encode_phrase("Jürgen") == "=?UTF-8?B?SsO8cmdlbg==?=");
}

TEST_CASE("a file name is a parameter on a line of its own") {
    CHECK(encode_parameter("filename", "price list.pdf") == ";\n filename=\"price list.pdf\"");
    CHECK(encode_parameter("filename", "größe \"1\".pdf") == ";\n filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.pdf");
}

TEST_CASE("a field is folded between words, never into a blank line") {
    CHECK(fold_field("Subject", "short") == "Subject: short\n");
    CHECK(fold_field("References", std::string(60, 'a') + " " + std::string(60, 'b')) ==
          "References: " + std::string(60, 'a') + "\n " + std::string(60, 'b') + "\n");
    CHECK(fold_field("X", std::string(76, 'a') + "    b") == "X: " + std::string(76, 'a') + "    b\n");
}

TEST_CASE("any text is short lines of ASCII in a header") {
    CHECK(rc::check([](const std::string& text) {
        const std::string field = fold_field("Subject", encode_unstructured(text, 9));
        RC_ASSERT(is_ascii(field));
        RC_ASSERT(std::ranges::count(field, '\r') == 0);
        for (const auto line : split(std::string_view(field).substr(0, field.size() - 1), '\n')) {
            RC_ASSERT(line.starts_with("Subject:") || line.starts_with(" "));
            RC_ASSERT(line.size() <= 500U);
        }
    }));
}

TEST_CASE("any bytes are short lines of ASCII in a body") {
    CHECK(rc::check([](const std::string& text) {
        for (const std::string& body : {encode_quoted_printable(text), encode_base64(text)}) {
            RC_ASSERT(is_ascii(body));
            RC_ASSERT(longest_line(body) <= 76U);
            RC_ASSERT(body.find("=_") == std::string::npos);
        }
    }));
}
