// SPDX-License-Identifier: Apache-2.0
// The command table itself: what every row must have, and how words find a row.
#include "command.hpp"

#include "arguments.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace mailctl;

namespace {

template <class See>
void each_command(See see) {
    for (const Noun& noun : nouns()) {
        for (const Command& command : noun.commands)
            see(noun, command);
    }
}

std::string hint_for(std::vector<std::string> words) {
    const auto found = find_command(words);
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == ErrorKind::usage);
    return found.error().hint;
}

} // namespace

TEST_CASE("every command has a function, a summary and an example that names it") {
    each_command([](const Noun& noun, const Command& command) {
        CAPTURE(command.name());
        CHECK(command.noun == noun.name);
        CHECK((command.run != nullptr));
        CHECK_FALSE(command.summary.empty());
        CHECK_FALSE(command.summary.ends_with('.'));
        REQUIRE_FALSE(command.examples.empty());
        for (const Example& example : command.examples)
            CHECK(example.command.find("mailctl " + command.name()) != std::string::npos);
    });
}

TEST_CASE("a noun either has verbs or is the whole command") {
    for (const Noun& noun : nouns()) {
        CAPTURE(noun.name);
        std::set<std::string> verbs;
        for (const Command& command : noun.commands)
            CHECK(verbs.insert(command.verb).second);
        if (verbs.contains("")) CHECK(noun.commands.size() == 1);
    }
}

TEST_CASE("an option name takes a value everywhere or nowhere") {
    std::map<std::string, bool> takes_value;
    each_command([&](const Noun&, const Command& command) {
        std::set<std::string> own;
        for (const Option& option : options_of(command)) {
            CAPTURE(option.spelled());
            CHECK(own.insert(option.key()).second);
            const auto [known, is_new] = takes_value.emplace(option.key(), option.takes_value());
            CHECK(known->second == option.takes_value());
            if (option.values == Values::choice) CHECK_FALSE(option.choices.empty());
        }
    });
}

TEST_CASE("at most one positional of a command takes many words, unless the last two do") {
    each_command([](const Noun&, const Command& command) {
        CAPTURE(command.name());
        for (std::size_t i = 0; i + 2 < command.positionals.size(); ++i)
            CHECK(command.positionals[i].count == Count::one);
    });
}

TEST_CASE("a command is found by its noun and verb") {
    const auto found = find_command(std::vector<std::string>{"mailbox", "create", "ann@example.org"});
    REQUIRE(found);
    CHECK((*found)->name() == "mailbox create");
    CHECK(name_length(**found) == 2);
    const auto lone = find_command(std::vector<std::string>{"explain", "ann@example.org"});
    REQUIRE(lone);
    CHECK(name_length(**lone) == 1);
}

TEST_CASE("a misspelled noun or verb gets the nearest as hint") {
    CHECK(hint_for({"mailbx", "list"}) == "did you mean 'mailbox'?");
    CHECK(hint_for({"domain", "crate"}) == "did you mean 'domain create'?");
}

TEST_CASE("words of other programs lead to ours") {
    CHECK(hint_for({"account"}) == "did you mean 'mailbox'?");
    CHECK(hint_for({"mailbox", "add"}) == "did you mean 'mailbox create'?");
    CHECK(hint_for({"banished", "delete"}) == "did you mean 'banished remove'?");
}

TEST_CASE("a word that is like nothing leads to the list") {
    CHECK(hint_for({"zzzzzzzz"}) == "mailctl --help");
    CHECK(hint_for({"alias", "zzzzzzzz"}) == "one of: create, list, delete, move");
    CHECK(hint_for({"alias"}) == "mailctl alias --help");
    CHECK(hint_for({}) == "mailctl --help");
}

TEST_CASE("a synopsis shows positionals, repeated options and those that exclude one another") {
    const auto password = find_command(std::vector<std::string>{"mailbox", "password"});
    REQUIRE(password);
    CHECK(synopsis(**password) ==
          "mailctl mailbox password ADDRESS... [--password-stdin | --password-file FILE | "
          "--generate | --hash-stdin | --no-password] [--scheme SCHEME] [--allow-weak] [--code CODE]");
    CHECK(short_synopsis(**password) == "mailctl mailbox password ADDRESS... [OPTION...]");
    const auto create = find_command(std::vector<std::string>{"domain", "create"});
    REQUIRE(create);
    CHECK(synopsis(**create).find("[--alias NAME]...") != std::string::npos);
}
