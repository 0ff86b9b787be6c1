// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/command_line.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using Words = std::vector<std::string_view>;

namespace {

Result<AgentCommand> parse(const Words& words, std::string_view variable = "") {
    return parse_agent_command(words, variable);
}

} // namespace

TEST_CASE("the pipe form takes sender and recipients as data") {
    const auto command = parse({"pipe", "--root", "/r", "-f", "a@b.example", "--", "-x@one.example", "--root"}).value();
    CHECK(command.verb == AgentCommand::Verb::pipe);
    CHECK(command.root == "/r");
    CHECK(command.sender == "a@b.example");
    CHECK(command.recipients == std::vector<std::string>{"-x@one.example", "--root"});
    CHECK(parse({"pipe", "-f", "-f@b.example", "--", "x"}).value().sender == "-f@b.example");
    CHECK(parse({"pipe", "-fa@b.example", "--", "x"}).value().sender == "a@b.example");
}

TEST_CASE("an empty sender is the null sender, also when the MTA dropped the argument") {
    CHECK(parse({"pipe", "-f", "", "--", "x"}).value().sender.empty());
    CHECK(parse({"pipe", "-f", "--", "x"}).value().sender.empty());
    CHECK(parse({"pipe", "-f", "--", "x"}).value().recipients == std::vector<std::string>{"x"});
}

TEST_CASE("the lmtp form takes any number of places to listen on") {
    const auto command = parse({"lmtp", "--listen=unix:/a", "--listen", "inet:h:24", "--root=/r"}).value();
    CHECK(command.verb == AgentCommand::Verb::lmtp);
    CHECK(command.listen == std::vector<std::string>{"unix:/a", "inet:h:24"});
    CHECK(command.root == "/r");
    CHECK(command.policy.empty());
    CHECK(parse({"lmtp", "--policy=unix:/p", "--policy", "inet:h:25000"}).value().policy ==
          std::vector<std::string>{"unix:/p", "inet:h:25000"});
}

TEST_CASE("the root comes from the environment where no option gives it") {
    CHECK(parse({"lmtp"}, "/env").value().root == "/env");
    CHECK(parse({"--root", "/r", "lmtp"}, "/env").value().root == "/r");
}

TEST_CASE("help and version need nothing else") {
    CHECK(parse({"--help"}).value().verb == AgentCommand::Verb::help);
    CHECK(parse({"pipe", "--help"}).value().verb == AgentCommand::Verb::help);
    CHECK(parse({"--version"}).value().verb == AgentCommand::Verb::version);
}

TEST_CASE("what is not understood is a usage error") {
    for (const Words& words :
         {Words{}, Words{"serve"}, Words{"lmtp", "x"}, Words{"lmtp", "--listen"}, Words{"lmtp", "--policy"},
          Words{"pipe", "--", "x"}, Words{"pipe", "-f", "a@b.example"}, Words{"pipe", "-f", "a@b.example", "--"},
          Words{"pipe", "-x", "-f", "a", "--", "x"}, Words{"lmtp", "--root"}}) {
        const auto command = parse(words);
        REQUIRE_FALSE(command);
        CHECK(command.error().kind == ErrorKind::usage);
    }
}
