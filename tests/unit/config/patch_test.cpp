// SPDX-License-Identifier: Apache-2.0
#include "mailctl/config/toml/patch.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <vector>

using namespace mailctl;

namespace {

// A text of few different lines, so that lines repeat, move and vanish.
std::string random_text() {
    std::string text;
    for (int i = *rc::gen::inRange(0, 30); i > 0; --i) {
        const int line = *rc::gen::inRange(0, 12);
        text += line == 0 ? "\n" : line == 1 ? "[table]\r\n" : "key" + std::to_string(line) + " = 1\n";
    }
    if (*rc::gen::inRange(0, 3) == 0) text += "no end of line";
    return text;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        lines.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string result;
    for (const std::string& line : lines)
        result += line;
    return result;
}

// `text` with one or two lines inserted, replaced or taken out.
std::string edited_whole(const std::string& text) {
    std::vector<std::string> lines = lines_of(text);
    for (int edits = *rc::gen::inRange(1, 3); edits > 0; --edits) {
        const auto place = lines.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(lines) + 1);
        const int kind = *rc::gen::inRange(0, 3);
        if (kind == 0 || place == lines.end())
            lines.insert(place, *rc::gen::element<std::string>("[other]\n", "new = 1\n"));
        else if (kind == 1)
            *place = "changed = 1\n";
        else
            lines.erase(place);
    }
    return joined(lines);
}

const std::string two_tables = "[mailbox.ann]\nname = \"Ann\"\nquota = 1\n\n[mailbox.bob]\nname = \"Bob\"\nquota = 2\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

// What remains when the first of two changes is taken back; nullopt for a conflict.
std::optional<std::string> undo_first(const std::string& start, const std::string& first, const std::string& second) {
    const auto moved = move_patch(reverse_patch(make_patch(start, first)), make_patch(first, second), first);
    if (!moved) {
        CHECK(moved.error().kind == ErrorKind::conflict);
        return std::nullopt;
    }
    return apply_patch(second, *moved).value();
}

// Tables and keys that occur once.
std::string random_tables() {
    std::string text;
    for (int i = 0, lines = *rc::gen::inRange(0, 15); i < lines; ++i) {
        const int kind = *rc::gen::inRange(0, 5);
        const std::string number = std::to_string(i);
        text += kind == 0 ? "\n" : kind == 1 ? "[table" + number + "]\n" : "key" + number + " = 1\n";
    }
    return text;
}

// `text` with one or two lines changed; new keys and tables are named after `who`.
std::string edited_tables(const std::string& text, const std::string& who) {
    std::vector<std::string> lines = lines_of(text);
    for (int edits = *rc::gen::inRange(1, 4); edits > 0; --edits) {
        const auto place = lines.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(lines) + 1);
        const std::string name = who + std::to_string(edits);
        const std::string line = *rc::gen::element<std::string>("\n", "[" + name + "]\n", name + " = 1\n",
                                                                "[" + name + "]\n" + name + " = 1\n");
        const int kind = *rc::gen::inRange(0, 3);
        if (kind == 0 || place == lines.end())
            lines.insert(place, line);
        else if (kind == 1)
            *place = line;
        else
            lines.erase(place, place + *rc::gen::inRange<std::ptrdiff_t>(
                                           1, std::min<std::ptrdiff_t>(4, lines.end() - place + 1)));
    }
    return joined(lines);
}

// The table that each key stands in.
std::map<std::string, std::string> tables_of(const std::string& text) {
    std::map<std::string, std::string> tables;
    std::string table;
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with('['))
            table = line;
        else if (line != "\n")
            tables[line] = table;
    }
    return tables;
}

} // namespace

TEST_CASE("a patch leads from one text to the other and back, whatever the texts") {
    CHECK(rc::check([] {
        const std::string before = random_text(), after = random_text();
        const Patch patch = make_patch(before, after);
        RC_ASSERT(apply_patch(before, patch).value() == after);
        RC_ASSERT(apply_patch(after, reverse_patch(patch)).value() == before);
        RC_ASSERT(reverse_patch(reverse_patch(patch)) == patch);
        RC_ASSERT(patch.empty() == (before == after));
    }));
}

TEST_CASE("a patch holds the changed lines and no others") {
    const Patch patch = make_patch(two_tables, replaced(two_tables, "quota = 2", "quota = 3"));
    REQUIRE(patch.size() == 1);
    CHECK(patch[0].removed == "quota = 2\n");
    CHECK(patch[0].inserted == "quota = 3\n");
    const Patch both =
        make_patch(two_tables, replaced(replaced(two_tables, "quota = 2", "quota = 3"), "\"Ann\"", "\"Anne\""));
    REQUIRE(both.size() == 2);
    CHECK(both[0].removed == "name = \"Ann\"\n");
    CHECK(both[1].removed == "quota = 2\n");
}

TEST_CASE("a patch does not apply to another text") {
    const Patch patch = make_patch("a\nb\nc\n", "a\nB\nc\n");
    for (const auto* text : {"", "a\n", "a\nc\n", "x\na\nb\nc\n", "a\nB\nc\n"})
        CHECK(apply_patch(text, patch).error().kind == ErrorKind::conflict);
    Patch disordered = {{2, "b\n", ""}, {0, "a\n", ""}};
    CHECK_FALSE(apply_patch("a\nb\n", disordered));
}

TEST_CASE("moving a patch over a later change and applying both commutes") {
    CHECK(rc::check([] {
        const std::string start = random_text(), first = edited_whole(start), second = edited_whole(first);
        const Patch undo = reverse_patch(make_patch(start, first)), later = make_patch(first, second);
        const auto moved = move_patch(undo, later, first);
        RC_CLASSIFY(moved.has_value(), "no conflict");
        if (!moved) return;
        // The other order must give the same text: first take back, then make the later change where it has moved to.
        const auto later_moved = move_patch(later, undo, first);
        const auto result = apply_patch(second, *moved);
        RC_ASSERT(result.has_value());
        RC_ASSERT(later_moved.has_value());
        RC_ASSERT(apply_patch(start, *later_moved).value() == *result);
    }));
}

TEST_CASE("taking an old change back leaves every key in its table") {
    CHECK(rc::check([] {
        const std::string start = random_tables(), first = edited_tables(start, "first"),
                          second = edited_tables(first, "second");
        const auto result = undo_first(start, first, second);
        RC_CLASSIFY(result.has_value(), "no conflict");
        if (!result) return;
        const auto then = tables_of(start), now = tables_of(second);
        for (const auto& [key, table] : tables_of(*result)) {
            const bool as_now = now.contains(key) && now.at(key) == table;
            const bool as_then = then.contains(key) && then.at(key) == table;
            RC_ASSERT(as_now || as_then);
        }
    }));
}

TEST_CASE("lines inserted at one place are a conflict, whole tables are not") {
    // Took a blank line; then another line came to stand there: which of them is the first?
    CHECK_FALSE(undo_first("\n\n", "\n", "\nstore = true\n"));
    CHECK_FALSE(undo_first("a = 1\nb = 1\n", "a = 1\n", "a = 1\nc = 1\n"));
    const std::string cid = "[mailbox.cid]\nquota = 3\n", dan = "[mailbox.dan]\nquota = 3\n";
    CHECK(undo_first(two_tables + cid, two_tables, two_tables + dan) == two_tables + cid + dan);
    CHECK(undo_first(two_tables + dan, two_tables, two_tables + cid) == two_tables + cid + dan);
    // A header alone was taken and another came: whose is the key below?
    CHECK_FALSE(undo_first("[mailbox.ann]\n[mailbox.cid]\nquota = 3\n", "[mailbox.ann]\nquota = 3\n",
                           "[mailbox.ann]\n[mailbox.bob]\nquota = 3\n"));
}

TEST_CASE("a line is not given to the table that stands where its own one stood") {
    // Took bob's password; then bob was replaced by dan, who has the same quota.
    const std::string with = "[mailbox.bob]\nquota = 2\npassword = 1\n", without = "[mailbox.bob]\nquota = 2\n";
    CHECK_FALSE(undo_first(with, without, "[mailbox.dan]\nquota = 2\n"));
    CHECK_FALSE(undo_first(with, without, "[mailbox.bob]\n[mailbox.dan]\nquota = 2\n"));
    CHECK(undo_first(with, without, "[mailbox.dan]\n[mailbox.bob]\nquota = 2\n") == "[mailbox.dan]\n" + with);
}

TEST_CASE("two lines never become one") {
    CHECK_FALSE(undo_first("a = 1\n# b", "a = 1\n", "a = 1\n[c]\n"));
    CHECK_FALSE(undo_first("a = 1\nb = 1", "a = 1\nb = 1\n", "a = 1\nb = 1\nc = 1\n"));
}

TEST_CASE("an old change is taken back from under changes elsewhere") {
    const std::string first = replaced(two_tables, "quota = 2", "quota = 3");
    CHECK(undo_first(two_tables, first, replaced(first, "quota = 1", "quota = 100")) ==
          replaced(two_tables, "quota = 1", "quota = 100"));
    CHECK(undo_first(two_tables, first, replaced(first, "[mailbox.ann]", "# a comment\n[mailbox.ann]")) ==
          replaced(two_tables, "[mailbox.ann]", "# a comment\n[mailbox.ann]"));
    CHECK(undo_first(two_tables, first, replaced(first, "name = \"Bob\"", "name = \"Robert\"")) ==
          replaced(two_tables, "name = \"Bob\"", "name = \"Robert\""));
}

TEST_CASE("a mailbox is taken back although another was made behind it") {
    const std::string first = two_tables + "\n[mailbox.cid]\nname = \"Cid\"\n";
    const std::string second = first + "\n[mailbox.dan]\nname = \"Dan\"\n";
    CHECK(undo_first(two_tables, first, second) == two_tables + "\n[mailbox.dan]\nname = \"Dan\"\n");
}

TEST_CASE("a deleted mailbox comes back although the table before it has grown") {
    const std::string start = two_tables + "[mailbox.cid]\nname = \"Cid\"\n";
    CHECK(undo_first(start, two_tables, two_tables + "store = false\n") ==
          two_tables + "store = false\n[mailbox.cid]\nname = \"Cid\"\n");
}

TEST_CASE("a change of the same line is a conflict") {
    const std::string first = replaced(two_tables, "quota = 2", "quota = 3");
    CHECK_FALSE(undo_first(two_tables, first, replaced(first, "quota = 3", "quota = 4")));
    CHECK_FALSE(undo_first(two_tables, first, replaced(first, "name = \"Bob\"\nquota = 3\n", "")));
}

TEST_CASE("no key is left behind when its table goes, and none falls into another table") {
    // Made cid; then gave him a quota; cid alone cannot be taken back.
    const std::string made = two_tables + "[mailbox.cid]\nname = \"Cid\"\n";
    CHECK_FALSE(undo_first(two_tables, made, made + "quota = 3\n"));
    // Took bob's quota; then deleted bob; the quota has nowhere to go.
    const std::string taken = replaced(two_tables, "quota = 2\n", "");
    CHECK_FALSE(undo_first(two_tables, taken, replaced(taken, "[mailbox.bob]\nname = \"Bob\"\n", "")));
    // Took bob's quota, the last line; then made cid in its place: the quota goes before him, to bob.
    CHECK(undo_first(two_tables, taken, taken + "[mailbox.cid]\n") == two_tables + "[mailbox.cid]\n");
}

TEST_CASE("a large file with many changes takes no quadratic time") {
    std::string before, after;
    for (int i = 0; i < 100'000; ++i) {
        const std::string table = "[mailbox.user" + std::to_string(i) + "]\nquota = \"1 GiB\"\n\n";
        before += table;
        after += i % 2 == 0 ? table : replaced(table, "1 GiB", "2 GiB");
    }
    const auto start = std::chrono::steady_clock::now();
    const Patch patch = make_patch(before, after);
    const auto moved = move_patch(reverse_patch(patch), make_patch(after, "# x\n" + after), after);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    CHECK(patch.size() == 50'000);
    CHECK(apply_patch("# x\n" + after, moved.value()).value() == "# x\n" + before);
}
