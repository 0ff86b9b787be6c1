// SPDX-License-Identifier: Apache-2.0
// The matrix role x command over the real table: a row that is new, or states another right, has to be entered here.
#include "permission.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace mailctl;

namespace {

const std::map<std::string, Right> matrix{
    // who administers the site
    {"init", Right::site},
    {"domain create", Right::site},
    {"domain delete", Right::site},
    {"domain suspend", Right::site},
    {"domain resume", Right::site},
    {"domain alias-add", Right::site},
    {"domain alias-remove", Right::site},
    {"domain edit", Right::site},
    {"domain rename", Right::site},
    {"domain move", Right::site},
    {"candidate expire", Right::site},
    {"candidate messages", Right::domain},
    {"candidate release", Right::domain},
    {"map build", Right::site},
    {"map check", Right::site},
    {"map diff", Right::site},
    {"map show", Right::site},
    {"apply", Right::site},
    {"config show", Right::site},
    {"config set", Right::site},
    {"config check", Right::site},
    {"node create", Right::site},
    {"node list", Right::site},
    {"node show", Right::site},
    {"node set", Right::site},
    {"node drain", Right::site},
    {"node resume", Right::site},
    {"node delete", Right::site},
    {"node pull", Right::site},
    {"node status", Right::site},
    {"publish", Right::site},
    {"history list", Right::site},
    {"history show", Right::site},
    {"history revert", Right::site},
    {"dkim create", Right::site},
    {"dkim activate", Right::site},
    {"dkim retire", Right::site},
    {"dkim revoke", Right::site},
    {"dkim delete", Right::site},
    {"dkim rotate", Right::site},
    {"track update", Right::site},
    {"housekeeping", Right::site},
    {"check", Right::site},
    {"status", Right::site},
    // and who administers the domain
    {"dns show", Right::domain},
    {"dns check", Right::domain},
    {"dns list", Right::domain},
    {"dns policy", Right::domain},
    {"dkim list", Right::domain},
    {"dkim show", Right::domain},
    {"domain list", Right::domain},
    {"domain show", Right::domain},
    {"domain set", Right::domain},
    {"mailbox create", Right::domain},
    {"mailbox delete", Right::domain},
    {"mailbox restore", Right::domain},
    {"mailbox rename", Right::domain},
    {"mailbox move", Right::site},
    {"mailbox depart", Right::domain},
    {"mailbox clear", Right::domain},
    {"mailbox invite", Right::domain},
    {"mailbox suspend", Right::domain},
    {"mailbox resume", Right::domain},
    {"address list", Right::domain},
    {"autoreply list", Right::domain},
    {"alias create", Right::domain},
    {"alias delete", Right::domain},
    {"alias move", Right::domain},
    {"forward create", Right::domain},
    {"forward list", Right::domain},
    {"forward show", Right::domain},
    {"forward set", Right::domain},
    {"forward delete", Right::domain},
    {"robot create", Right::domain},
    {"robot list", Right::domain},
    {"robot show", Right::domain},
    {"robot set", Right::domain},
    {"robot delete", Right::domain},
    {"robot enable", Right::domain},
    {"robot disable", Right::domain},
    {"list create", Right::domain},
    {"list list", Right::domain},
    {"list show", Right::domain},
    {"list set", Right::domain},
    {"list add", Right::domain},
    {"list remove", Right::domain},
    {"list delete", Right::domain},
    {"catchall show", Right::domain},
    {"catchall set", Right::domain},
    {"banished add", Right::domain},
    {"banished list", Right::domain},
    {"banished remove", Right::domain},
    {"candidate list", Right::domain},
    {"candidate show", Right::domain},
    {"candidate promote", Right::domain},
    {"candidate banish", Right::domain},
    {"explain", Right::domain},
    {"import", Right::domain}, // which domains, only the file tells
    {"export", Right::domain},
    // and the user of the mailbox
    {"mailbox show", Right::mailbox},
    {"mailbox set", Right::mailbox},
    {"mailbox password", Right::mailbox},
    {"mailbox settings", Right::mailbox},
    {"autoreply show", Right::mailbox},
    {"autoreply set", Right::mailbox},
    {"autoreply on", Right::mailbox},
    {"autoreply off", Right::mailbox},
    {"mailbox list", Right::listing},
    {"mailbox usage", Right::listing},
    {"alias list", Right::listing},
    {"track search", Right::listing},
    {"track show", Right::listing},
    {"track report", Right::listing},
    {"track top", Right::listing},
    {"journal search", Right::listing},
    // whoever
    {"completion", Right::everybody},
    {"version", Right::everybody},
};

// Words and options that hold addresses, domains or text, and need no right over what they name.
const std::set<std::string> free_words{"forward create TARGET", "list create MEMBER",    "list add MEMBER",
                                       "list remove MEMBER",    "catchall set ACTION",   "import FILE",
                                       "track show ID",         "journal search ADDRESS"};
const std::set<std::string> free_options{
    "mailbox create --forward", "mailbox create --copy-to", "mailbox delete --redirect-to",
    "mailbox delete --confirm", "mailbox depart --to",      "list create --owner",
    "robot create --copy-to",   "import --confirm",         "candidate promote --list",
    "track search --from",      "track search --to",        "track report --user",
    "journal search --from",    "journal search --to",      "address list --to"};

// Keys that only the site's administrator assigns.
const std::map<std::string, std::set<std::string>> site_keys{
    {"domain set",
     {"owner", "aliases", "source_ip", "relay_to", "limits.robots", "limits.lists", "limits.mailboxes",
      "limits.aliases", "limits.forwards", "limits.quota", "limits.mailbox_quota", "tls.certificate", "tls.key"}},
    {"robot set", {"attach"}}};

std::vector<const Command*> table() {
    std::vector<const Command*> commands;
    for (const Noun& noun : nouns())
        for (const Command& command : noun.commands)
            commands.push_back(&command);
    return commands;
}

bool names_something(Values values) {
    static const std::set<Values> kinds{Values::domain,   Values::mailbox, Values::address, Values::alias,
                                        Values::forward,  Values::robot,   Values::list,    Values::member,
                                        Values::banished, Values::fresh,   Values::deleted, Values::listed};
    return kinds.contains(values);
}

} // namespace

TEST_CASE("every command states its right, and it is the one of the matrix") {
    std::set<std::string> seen;
    for (const Command* command : table()) {
        CAPTURE(command->name());
        CHECK((command->right != Right::unstated));
        seen.insert(command->name());
        const auto expected = matrix.find(command->name());
        REQUIRE_MESSAGE(expected != matrix.end(), "not in the matrix: " << command->name());
        CHECK((command->right == expected->second));
    }
    for (const auto& [name, right] : matrix)
        CHECK_MESSAGE(seen.contains(name), name);
}

TEST_CASE("what a command names is looked at, unless it is listed here") {
    for (const Command* command : table()) {
        if (command->right == Right::site || command->right == Right::everybody) continue;
        for (const Positional& positional : command->positionals)
            CHECK_MESSAGE(positional.is_target != free_words.contains(command->name() + " " + positional.name),
                          command->name() << " " << positional.name);
        for (const Option& option : command->options) {
            const std::string name = command->name() + " " + option.spelled();
            if (!names_something(option.values)) continue;
            CHECK_MESSAGE(option.is_target != free_options.contains(name), name);
        }
    }
}

TEST_CASE("an option that takes a file says so, because only the site's administrator may name one") {
    for (const Option& option : all_options()) {
        if (option.value != "FILE" && option.value != "DIR") continue;
        const bool says_so =
            option.values == Values::file || option.values == Values::directory || option.values == Values::attachment;
        CHECK_MESSAGE(says_so, option.spelled());
    }
}

TEST_CASE("the keys of a domain's administrator are all but those of the site") {
    for (const Command* command : table()) {
        if (command->right == Right::site) continue;
        for (const Positional& positional : command->positionals) {
            if (positional.values != Values::key) continue;
            const auto reserved =
                site_keys.contains(command->name()) ? site_keys.at(command->name()) : std::set<std::string>{};
            for (const std::string& key : positional.choices)
                CHECK_MESSAGE((std::ranges::find(command->owner_keys, key) != command->owner_keys.end()) !=
                                  reserved.contains(key),
                              command->name() << " " << key);
            for (const std::string& key : command->user_keys)
                CHECK(std::ranges::find(command->owner_keys, key) != command->owner_keys.end());
        }
    }
}

TEST_CASE("words are counted off to their positionals") {
    Command command;
    command.positionals = {{"ALIAS", Count::many}, {"MAILBOX", Count::one}};
    CHECK(positional_of(command, 0, 3)->name == "ALIAS");
    CHECK(positional_of(command, 1, 3)->name == "ALIAS");
    CHECK(positional_of(command, 2, 3)->name == "MAILBOX");
    command.positionals = {{"ADDRESS", Count::one}, {"TARGET", Count::many}};
    CHECK(positional_of(command, 0, 3)->name == "ADDRESS");
    CHECK(positional_of(command, 2, 3)->name == "TARGET");
    command.positionals = {{"DOMAIN", Count::one}};
    CHECK(positional_of(command, 1, 2) == nullptr);
}
