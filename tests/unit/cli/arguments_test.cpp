// SPDX-License-Identifier: Apache-2.0
// Words of a command line into options and the rest, through the real table.
#include "arguments.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

using Words = std::vector<std::string>;

Arguments parsed(const Words& words) {
    auto arguments = parse_arguments(words);
    if (!arguments) FAIL(arguments.error().what);
    return std::move(*arguments);
}

Error refusal_of_parsing(const Words& words) {
    const auto arguments = parse_arguments(words);
    REQUIRE_FALSE(arguments);
    CHECK(arguments.error().kind == ErrorKind::usage);
    return arguments.error();
}

Error refusal(const Words& words) {
    const Arguments arguments = parsed(words);
    const auto command = find_command(arguments.words);
    REQUIRE(command);
    const Status status = check_arguments(**command, arguments);
    REQUIRE_FALSE(status);
    CHECK(status.error().kind == ErrorKind::usage);
    return status.error();
}

bool accepted(const Words& words) {
    const Arguments arguments = parsed(words);
    const auto command = find_command(arguments.words);
    REQUIRE(command);
    return check_arguments(**command, arguments).has_value();
}

} // namespace

TEST_CASE("options may stand anywhere: before the noun, between and behind") {
    const Words wanted = {"mailbox", "create", "ann@example.org"};
    for (const Words& words : {Words{"--quota", "2G", "--json", "mailbox", "create", "ann@example.org"},
                               Words{"mailbox", "--json", "create", "--quota=2G", "ann@example.org"},
                               Words{"mailbox", "create", "ann@example.org", "--quota", "2G", "--json"}}) {
        const Arguments arguments = parsed(words);
        CHECK(arguments.words == wanted);
        CHECK(arguments.find("quota") == "2G");
        CHECK(arguments.has("json"));
    }
}

TEST_CASE("a repeatable option collects its values and takes one word each") {
    const Arguments arguments = parsed({"mailbox", "create", "--alias", "a", "ann@example.org", "--alias=b"});
    CHECK(arguments.all("alias") == Words{"a", "b"});
    CHECK(arguments.words == Words{"mailbox", "create", "ann@example.org"});
}

TEST_CASE("everything behind -- is a word, also what looks like an option") {
    const Arguments arguments = parsed({"explain", "--", "-x@example.org", "--json"});
    CHECK(arguments.words == Words{"explain", "-x@example.org", "--json"});
    CHECK_FALSE(arguments.has("json"));
}

TEST_CASE("a value may begin with a dash, be empty, or look like a list") {
    CHECK(parsed({"map", "build", "-m", "-why"}).find("m") == "-why");
    CHECK(parsed({"map", "build", "-mwhy"}).find("m") == "why");
    CHECK(parsed({"mailbox", "create", "--name=", "a@b.example"}).find("name") == "");
    CHECK(parsed({"mailbox", "create", "--name=", "a@b.example"}).words == Words{"mailbox", "create", "a@b.example"});
    CHECK(parsed({"mailbox", "create", "--name", "[a,b]", "x"}).find("name") == "[a,b]");
    CHECK(parsed({"explain", "[a,b]"}).words == Words{"explain", "[a,b]"});
    CHECK(parsed({"explain", ""}).words == Words{"explain", ""});
}

TEST_CASE("short switches may be joined") {
    const Arguments arguments = parsed({"map", "build", "-nq"});
    CHECK(arguments.has("dry-run"));
    CHECK(arguments.has("quiet"));
}

TEST_CASE("an option nobody has is refused with the nearest as hint") {
    const Error error = refusal_of_parsing({"mailbox", "list", "--jsno"});
    CHECK(error.what == "no such option: '--jsno'");
    CHECK(error.hint.find("did you mean '--json'?") == 0);
    CHECK(refusal_of_parsing({"explain", "-x@y"}).hint == "a target that begins with '-' goes behind '--'");
    CHECK(refusal_of_parsing({"explain", "--\x1b[2J"}).what == "no such option: '--\\x1B[2J'");
}

TEST_CASE("options are never abbreviated") {
    CHECK(refusal_of_parsing({"mailbox", "list", "--js"}).what == "no such option: '--js'");
    CHECK(refusal_of_parsing({"map", "build", "--dry"}).what == "no such option: '--dry'");
}

TEST_CASE("a missing value and a value too many are named") {
    CHECK(refusal_of_parsing({"mailbox", "create", "--quota"}).what == "option '--quota' needs a value: SIZE");
    CHECK(refusal_of_parsing({"mailbox", "list", "--json=no"}).what == "option '--json' takes no value");
}

TEST_CASE("an option of another command is refused") {
    CHECK(refusal({"mailbox", "list", "--quota", "2G"}).what == "'mailbox list' does not take --quota");
    CHECK(refusal({"mailbox", "list", "--dry-run"}).what == "'mailbox list' does not take --dry-run");
}

TEST_CASE("an option that holds one value is given once") {
    CHECK(refusal({"mailbox", "create", "a@b.example", "--quota=1G", "--quota=2G"}).what ==
          "--quota is given more than once");
    CHECK(accepted({"mailbox", "create", "a@b.example", "--alias=x", "--alias=y"}));
    CHECK(accepted({"mailbox", "list", "-v", "-v"}));
}

TEST_CASE("options of one group exclude one another") {
    CHECK(refusal({"mailbox", "list", "--json", "--csv"}).what == "--json and --csv exclude one another");
    CHECK(refusal({"mailbox", "password", "a@b.example", "--generate", "--no-password"}).what ==
          "--generate and --no-password exclude one another");
}

TEST_CASE("a choice is one of its words") {
    CHECK(refusal({"banished", "add", "x@b.example", "--answer", "bounce"}).hint == "one of: discard, reject");
    CHECK(refusal({"completion", "tcsh"}).what == "no such shell: 'tcsh'");
    CHECK(accepted({"completion", "fish"}));
}

TEST_CASE("too few and too many words are refused with the usage") {
    CHECK(refusal({"alias", "create", "info"}).what == "'alias create' needs MAILBOX");
    CHECK(refusal({"alias", "create"}).hint == "usage: mailctl alias create ALIAS... MAILBOX [OPTION...]");
    CHECK(refusal({"history", "show", "1", "2"}).what == "'history show' does not take '2'");
    CHECK(refusal({"version", "now"}).what == "'version' does not take 'now'");
    CHECK(accepted({"mailbox", "list"}));
    CHECK(accepted({"mailbox", "list", "a.example", "b.example"}));
}
