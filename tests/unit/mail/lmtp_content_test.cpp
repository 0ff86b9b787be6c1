// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/lmtp_content.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <optional>
#include <string>
#include <vector>

using namespace mailctl;

namespace {

struct Decoded {
    std::string content;
    std::size_t used = 0;
    bool ended = false;
    std::uint64_t wire_size = 0;
    bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view bytes, std::size_t piece, ContentForm form = ContentForm::dotted) {
    LmtpContent content(form);
    Decoded decoded;
    const auto sink = [&](std::string_view part) { decoded.content += part; };
    while (decoded.used < bytes.size() && !content.ended())
        decoded.used += content.feed(bytes.substr(decoded.used, piece), sink);
    if (form == ContentForm::chunked) content.end_chunks(sink);
    decoded.ended = content.ended();
    decoded.wire_size = content.wire_size();
    return decoded;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
        text.replace(at, from.size(), to);
}

// The rules of RFC 5321 4.5.2, said another way: search and replace over the whole text.
std::optional<std::string> reference(const std::string& bytes) {
    std::string text = "\r\n" + bytes;
    const auto end = text.find("\r\n.\r\n");
    if (end == text.npos) return std::nullopt;
    text.resize(end + 2);
    replace_all(text, "\r\n.", "\r\n");
    replace_all(text, "\r\n", "\n");
    return text.substr(1);
}

auto wire_text() { return rc::gen::container<std::string>(rc::gen::element('\r', '\n', '.', '.', 'x', '\0', '\xff')); }

} // namespace

TEST_CASE("only CRLF dot CRLF ends the data") {
    const std::vector<std::string> not_the_end{
        "\n.\n",        "\n.\r\n",     "\r\n.\n",    "\r.\r",       "\r\n.\r",   "\r.\r\n",     "\r\n.\r\r\n",
        "\r\n.\r.\r\n", "\r\n\0.\r\n", "\r\n. \r\n", "\r\n\r.\r\n", "\n\r.\r\n", "\r\n.\n\r\n", "\r\n..\r\n"};
    for (std::string vector : not_the_end) {
        CAPTURE(vector);
        const std::string bytes = "a" + vector + "b";
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
            CHECK_FALSE(decode(bytes, piece).ended);
    }
    CHECK(decode("a\r\n.\r\nb", 100) == Decoded{"a\n", 6, true, 3});
}

TEST_CASE("the end of data is found at every split, also as the very first bytes") {
    for (const std::string bytes : {".\r\nQUIT\r\n", "a\r\n.\r\nQUIT\r\n", "\r\n.\r\nQUIT\r\n"})
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
            const Decoded decoded = decode(bytes, piece);
            CHECK(decoded.ended);
            CHECK(bytes.substr(decoded.used) == "QUIT\r\n");
        }
    CHECK(decode(".\r\n", 1).content.empty());
}

TEST_CASE("dots are unstuffed after CRLF and nowhere else") {
    const auto content = [](std::string_view bytes) { return decode(bytes, 100).content; };
    CHECK(content("..\r\n.\r\n") == ".\n");
    CHECK(content("a\r\n...b\r\n.\r\n") == "a\n..b\n");
    CHECK(content("a\n..b\r\n.\r\n") == "a\n..b\n");
    CHECK(content("a\r..b\r\n.\r\n") == "a\r..b\n");
    CHECK(content(".a\r\n.\r\n") == "a\n");
    CHECK(content(".\n\r\n.\r\n") == "\n\n");
}

TEST_CASE("bare CR, bare LF, NUL and 8-bit bytes stay as they are") {
    using namespace std::string_literals;
    CHECK(decode("\r\r\n\n\0\xff\r"s + "x\r\n.\r\n", 3).content == "\r\n\n\0\xff\rx\n"s);
}

TEST_CASE("a decoder reference by search and replace agrees, in any split") {
    CHECK(rc::check("decode equals the reference", [] {
        const std::string bytes = *wire_text() + *rc::gen::element<std::string>("", "\r\n.\r\n") + *wire_text();
        const auto piece = *rc::gen::inRange<std::size_t>(1, 9);
        const auto expected = reference(bytes);
        const Decoded whole = decode(bytes, bytes.size() + 1);
        RC_ASSERT(whole.ended == expected.has_value());
        if (expected) RC_ASSERT(whole.content == *expected);
        if (expected) RC_ASSERT(bytes.substr(0, whole.used).ends_with(".\r\n"));
        RC_ASSERT(decode(bytes, piece) == whole);
    }));
}

TEST_CASE("chunked content knows no dots and no end") {
    CHECK(rc::check("only CRLF changes", [] {
        const std::string bytes = *wire_text();
        std::string expected = bytes;
        replace_all(expected, "\r\n", "\n");
        const Decoded decoded = decode(bytes, *rc::gen::inRange<std::size_t>(1, 9), ContentForm::chunked);
        RC_ASSERT(decoded.content == expected);
        RC_ASSERT(decoded.wire_size == bytes.size());
        RC_ASSERT(!decoded.ended);
    }));
}

TEST_CASE("content is handed over in large pieces, and lines of any length pass") {
    std::string bytes;
    for (int i = 0; i < 2000; ++i)
        bytes += "a line of mail that is neither long nor short, it is just a line\r\n";
    bytes += std::string(200'000, 'x') + "\r\n.\r\n";
    LmtpContent content;
    std::size_t pieces = 0, size = 0;
    content.feed(bytes, [&](std::string_view piece) {
        ++pieces;
        size += piece.size();
    });
    CHECK(content.ended());
    CHECK(size == bytes.size() - 3 - 2001);
    CHECK(content.wire_size() == bytes.size() - 3);
    CHECK(pieces < 20);
}
