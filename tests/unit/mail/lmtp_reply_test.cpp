// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/lmtp_reply.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace mailctl;

TEST_CASE("a reply is code, enhanced code and text on one line") {
    CHECK(format_lmtp_reply({250, "2.1.5", "ok"}) == "250 2.1.5 ok\r\n");
    CHECK(format_lmtp_reply({550, "5.1.1", "no such user"}) == "550 5.1.1 no such user\r\n");
}

TEST_CASE("line breaks and bytes that are not ASCII cannot leave in a reply") {
    CHECK(format_lmtp_reply({451, "4.3.0", "no\r\n250 2.0.0 saved"}) == "451 4.3.0 no\\x0D\\x0A250 2.0.0 saved\r\n");
    CHECK(format_lmtp_reply({451, "4.3.0", "\xff"}) == "451 4.3.0 \\xFF\r\n");
}

TEST_CASE("code and enhanced code are of one class") {
    CHECK(format_lmtp_reply({550, "4.1.1", "x"}) == "550 5.0.0 x\r\n");
    CHECK(format_lmtp_reply({250, "", "x"}) == "250 2.0.0 x\r\n");
    CHECK(format_lmtp_reply({452, "4.2.2\r\n250 2.0.0", "x"}) == "452 4.0.0 x\r\n");
    CHECK(format_lmtp_reply({354, "3.0.0", "x"}) == "451 4.3.0 x\r\n");
    CHECK(format_lmtp_reply({-1, "5.1.1", "x"}) == "451 4.3.0 x\r\n");
    for (const char* malformed : {"5.1", "5.1.", "5..1", "5.1.1.1", "5.1111.1", "5.1.1a"})
        CHECK(format_lmtp_reply({550, malformed, "x"}) == "550 5.0.0 x\r\n");
}

TEST_CASE("whatever a reply holds, one line of at most 512 printable bytes leaves") {
    CHECK(rc::check("format_lmtp_reply", [] {
        const LmtpReply reply{*rc::gen::inRange(-10, 1000), *rc::gen::arbitrary<std::string>(),
                              *rc::gen::resize(2000, rc::gen::arbitrary<std::string>())};
        const std::string line = format_lmtp_reply(reply);
        RC_ASSERT(line.size() <= 512U);
        RC_ASSERT(line.ends_with("\r\n"));
        RC_ASSERT(line[0] == line[4]);
        RC_ASSERT(std::string_view("245").find(line[0]) != std::string_view::npos);
        RC_ASSERT(std::ranges::all_of(line.substr(0, line.size() - 2), [](char c) { return c >= 0x20 && c < 0x7f; }));
    }));
    CHECK(format_lmtp_reply({550, "5.1.1", std::string(1'000'000, 'x')}).size() == 512);
}
