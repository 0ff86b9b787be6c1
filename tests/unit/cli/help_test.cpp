// SPDX-License-Identifier: Apache-2.0
// Help and manuals are made from the table: nothing of it is missing, and lines stay within 80 columns.
#include "help.hpp"

#include "mailctl/base/text.hpp"
#include "manual.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("the overview names every noun") {
    const std::string text = help_overview();
    for (const Noun& noun : nouns())
        CHECK(contains(text, "\n  " + noun.name + " "));
}

TEST_CASE("the help of a noun names every verb, that of a command every option") {
    for (const Noun& noun : nouns()) {
        for (const Command& command : noun.commands) {
            CAPTURE(command.name());
            if (!command.verb.empty()) CHECK(contains(help_noun(noun), "\n  " + command.verb + " "));
            const std::string text = help_command(command);
            for (const Option& option : options_of(command))
                CHECK(contains(text, format_option(option)));
            for (const std::string_view line : split(text, '\n')) {
                const bool is_example = contains(text.substr(0, text.find("Usage")), std::string(line));
                if (!is_example) CHECK(line.size() <= 80);
            }
        }
    }
}

TEST_CASE("examples come first") {
    const auto text = help_for(std::vector<std::string>{"alias", "create"});
    REQUIRE(text);
    CHECK(text->find("Examples") < text->find("Usage"));
}

TEST_CASE("help for something unknown is a usage error") {
    CHECK_FALSE(help_for(std::vector<std::string>{"alias", "crate"}));
    CHECK_FALSE(help_for(std::vector<std::string>{"nonsense"}));
}

TEST_CASE("text is wrapped at the width, each line behind its indent") {
    CHECK(wrap("one two three", 2, 9) == "  one two\n  three\n");
    CHECK(wrap("averylongword", 2, 5) == "  averylongword\n");
}

TEST_CASE("a page is filled where it says so and left alone elsewhere") {
    const auto page = fill_page("# NAME\n; table: synopsis version\ntext\n");
    REQUIRE(page);
    CHECK(*page == "# NAME\n*mailctl version*\ntext\n");
    CHECK(*fill_page("no newline at the end") == "no newline at the end\n");
}

TEST_CASE("a page that asks for something unknown is refused") {
    CHECK_FALSE(fill_page("; table: synopsis nonsense\n"));
    CHECK_FALSE(fill_page("; table: nonsense\n"));
    CHECK_FALSE(fill_page("; table: keys version\n"));
}
