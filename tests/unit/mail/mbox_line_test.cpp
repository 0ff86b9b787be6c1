// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/mbox_line.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace mailctl;

namespace {

std::string without_line(std::string_view message, std::size_t step) {
    std::string out;
    MboxLineRemover remover([&](std::string_view piece) { out += piece; });
    for (std::size_t at = 0; at < message.size(); at += step)
        remover.add(message.substr(at, step));
    remover.end();
    return out;
}

} // namespace

TEST_CASE("a line of mbox is taken away, escaped or not, where a header follows") {
    CHECK(mbox_line_length("From a@b Mon\nA: 1\n") == 13);
    CHECK(mbox_line_length(">From a@b Mon\nA: 1\n") == 14);
    CHECK(mbox_line_length("From a@b\n\nbody\n") == 9);
    CHECK(mbox_line_length("From a@b") == 8);
    CHECK(mbox_line_length("From a@b\n") == 9);
    for (const char* other :
         {"From: a@b\n", "", "from a\nA: 1\n", ">>From a\nA: 1\n", "From me to you\nwith love\n", " From a\nA: 1\n"})
        CHECK_MESSAGE(mbox_line_length(other) == 0, other);
}

TEST_CASE("the message is the same in whatever pieces it comes") {
    const std::string long_line = "From " + std::string(20'000, 'x') + "\nA: 1\n\n";
    for (const std::string& message :
         {std::string("From a@b Mon\nA: 1\n\nFrom b\n"), std::string(">From a\nA: 1\n"), std::string("Fro"),
          std::string("From me to you\nwith love\n"), std::string("A: 1\n\nx\n"), long_line})
        for (const std::size_t step : {std::size_t{1}, std::size_t{7}, message.size() + 1}) {
            const auto expected = message.size() > 10'000 ? message : message.substr(mbox_line_length(message));
            CHECK(without_line(message, step == 0 ? 1 : step) == expected);
        }
    CHECK(rc::check([](const std::string& text) { RC_ASSERT(without_line("A: " + text, 3) == "A: " + text); }));
}
