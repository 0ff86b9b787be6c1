// SPDX-License-Identifier: Apache-2.0
// What the shell is offered, with live values that stand still.
#include "complete.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace mailctl;

namespace {

using Words = std::vector<std::string>;

std::vector<std::string> find_values(const Arguments& arguments, Values values, std::string_view) {
    if (values == Values::domain) return {"example.net", "example.org"};
    if (values == Values::mailbox) return {"ann@example.org", "bob@example.org"};
    if (values == Values::setting) return {"hostname", "maps.mode"};
    if (values == Values::directory) return {"never asked"};
    if (values == Values::change) return {arguments.find("root").value_or("no root")};
    return {};
}

Words offered(const Words& words) {
    Words values;
    for (const Candidate& candidate : complete_words(words, find_values).candidates)
        values.push_back(candidate.value);
    return values;
}

bool offers(const Words& words, const std::string& value) { return std::ranges::count(offered(words), value) == 1; }

} // namespace

TEST_CASE("nouns, then verbs, are offered with their summaries") {
    CHECK(offered({"ma"}) == Words{"mailbox", "map"});
    CHECK(offered({"alias", ""}) == Words{"create", "list", "delete", "move"});
    CHECK(offered({"--json", "alias", "m"}) == Words{"move"});
    CHECK(complete_words(Words{"versio"}, find_values).candidates.front().says == "the version of mailctl");
}

TEST_CASE("nothing is offered behind a word that is no command") {
    CHECK(offered({"nonsense", ""}).empty());
    CHECK(offered({"alias", "nonsense", ""}).empty());
}

TEST_CASE("options are those of the command, and one that was given is not offered again") {
    CHECK(offers({"mailbox", "create", "--"}, "--quota"));
    CHECK_FALSE(offers({"mailbox", "list", "--"}, "--quota"));
    CHECK_FALSE(offers({"mailbox", "create", "--quota=1G", "--"}, "--quota"));
    CHECK(offers({"mailbox", "create", "--alias=a", "--"}, "--alias"));
    CHECK(offered({"mailbox", "create", "--", "--"}).empty());
}

TEST_CASE("values of options are offered, in both spellings") {
    CHECK(offered({"mailbox", "create", "--scheme", "b"}) == Words{"bcrypt"});
    CHECK(offered({"mailbox", "create", "--scheme=b"}) == Words{"--scheme=bcrypt"});
    CHECK(offered({"--domain", "example.n"}) == Words{"example.net"});
    CHECK(complete_words(Words{"--root", ""}, find_values).kind == Completion::Kind::directories);
    CHECK(complete_words(Words{"mailbox", "create", "--password-file", ""}, find_values).kind ==
          Completion::Kind::files);
}

TEST_CASE("positionals are offered in their place, and those that take many again and again") {
    CHECK(offered({"mailbox", "show", "a"}) == Words{"ann@example.org"});
    CHECK(offered({"mailbox", "show", "ann@example.org", "b"}) == Words{"bob@example.org"});
    CHECK(offered({"alias", "create", ""}).empty());
    CHECK(offered({"alias", "create", "info", "a"}) == Words{"ann@example.org"});
    CHECK(offered({"alias", "create", "info", "sales", "a"}) == Words{"ann@example.org"});
    CHECK(offered({"history", "show", "1", ""}).empty());
}

TEST_CASE("keys are offered with '=' behind the target") {
    CHECK(offered({"mailbox", "set", "ann@example.org", "qu"}) == Words{"quota="});
    CHECK(offered({"config", "set", "m"}) == Words{"maps.mode="});
    CHECK(offered({"config", "show", "m"}) == Words{"maps.mode"});
}

TEST_CASE("the site of the line so far is the one that is asked") {
    CHECK(offered({"--root", "/x", "history", "show", ""}) == Words{"/x"});
}

TEST_CASE("the answer is a kind and a line for each candidate") {
    CHECK(format_completion({Completion::Kind::words, {{"a", "first"}, {"b", ""}}}) == "words\na\tfirst\nb\n");
    CHECK(format_completion({Completion::Kind::directories, {}}) == "directories\n");
}
