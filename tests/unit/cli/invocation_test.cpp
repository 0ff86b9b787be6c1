// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

TEST_CASE("a command line for the history is quoted as a shell would take it, without the code of an invitation") {
    const auto line = [](std::vector<std::string> words) { return format_command_line(words); };
    CHECK(line({"mailbox", "create", "ann@example.org", "--name", "Ann B."}) ==
          "mailctl mailbox create ann@example.org --name 'Ann B.'");
    CHECK(line({"mailbox", "password", "ann@example.org", "--code", "K7QX-2M9P", "-n"}) ==
          "mailctl mailbox password ann@example.org --code '********' -n");
    CHECK(line({"mailbox", "password", "ann@example.org", "--code=K7QX-2M9P"}) ==
          "mailctl mailbox password ann@example.org '--code=********'");
}
