// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace mailctl {
namespace {

Report people(std::vector<std::string> names) {
    Report report;
    report.type = "person";
    std::int64_t age = 7;
    for (auto& name : names)
        report.rows.push_back({{"name", std::move(name)}, {"age", age *= 3}, {"last_seen", "today"}});
    return report;
}

} // namespace

TEST_CASE("width is counted in terminal columns") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("büro") == 4);
    CHECK(display_width("bu\xCC\x88ro") == 4); // a combining diaeresis
    CHECK(display_width("日本") == 4);
    CHECK(display_width("한국") == 4);
    CHECK(display_width("😀") == 2);
    CHECK(display_width("…") == 1);
    CHECK(display_width("") == 0);
}

TEST_CASE("shortened text fits and says that something is missing") {
    CHECK(shortened("abcdef", 6) == "abcdef");
    CHECK(shortened("abcdef", 4) == "abc…");
    CHECK(shortened("日本語", 5) == "日本…");
    CHECK(shortened("日本語", 4) == "日…"); // half a character cannot be shown
    CHECK(rc::check("never wider than asked", [] {
        const auto text = printable(*rc::gen::arbitrary<std::string>());
        const auto width = *rc::gen::inRange<std::size_t>(0, 20);
        RC_ASSERT(display_width(shortened(text, width)) <= width);
        RC_ASSERT(is_utf8(shortened(text, width)));
    }));
}

TEST_CASE("columns are aligned in every script, numbers to the right, no blanks at line ends") {
    CHECK(render_table(people({"Paul", "日本語"}), Colour::off, 0) == "NAME    AGE  LAST SEEN\n"
                                                                      "Paul     21  today\n"
                                                                      "日本語   63  today\n");
}

TEST_CASE("a share is a bar on a terminal and a number elsewhere, and totals stand below for people alone") {
    Report report;
    report.type = "usage";
    report.rows = {{{"address", "a@b"}, {"percent", Share{72}, true, true, "%"}},
                   {{"address", "c@d"}, {"percent", {}}}};
    report.totals = {{{"address", "b, 2 mailboxes"}, {"percent", Share{140}}}};
    CHECK(render_table(report, Colour::off, 0) ==
          "ADDRESS           %\na@b              72\nc@d\nb, 2 mailboxes  140\n");
    CHECK(render_table(report, Colour::off, 80) == "ADDRESS                      %\n"
                                                   "a@b             ███████░░░  72\n"
                                                   "c@d\n"
                                                   "b, 2 mailboxes  ██████████ 140\n");
    CHECK(render(report, Format::plain, Colour::off, 80) == "a@b\t72\nc@d\t\n");
    CHECK(render(report, Format::json, Colour::off, 80).find("\"percent\": 72") != std::string::npos);
}

TEST_CASE("only headings are coloured") {
    CHECK(render_table(people({"Paul"}), Colour::on, 0) == "\x1b[1mNAME  AGE  LAST SEEN\x1b[0m\nPaul   21  today\n");
}

TEST_CASE("a narrow terminal shortens the last column of text, not the identity") {
    Report report;
    report.rows = {{{"address", "paul@example.com"},
                    {"aliases", std::vector<std::string>{"one", "two", "three", "four"}},
                    {"used", std::int64_t{12345}}}};
    CHECK(render_table(report, Colour::off, 36) == "ADDRESS           ALIASES       USED\n"
                                                   "paul@example.com  one, two, …  12345\n");
    const auto narrow = render_table(report, Colour::off, 10);
    CHECK(narrow.find("paul@example.com") != std::string::npos);
}

TEST_CASE("hostile text cannot break the table or move the cursor") {
    const auto table = render_table(people({"a\nb\x1b[2J"}), Colour::off, 0);
    CHECK(table.find("a\\x0Ab\\x1B[2J   21") != std::string::npos);
}

TEST_CASE("a column can have its own heading or stay out of the table") {
    Report report;
    report.rows = {{{"address", "a@b"}, {"flags", "!", true, true, " "}, {"uuid", "123", true, false, ""}}};
    CHECK(render_table(report, Colour::off, 0) == "ADDRESS\na@b      !\n");
}

TEST_CASE("booleans are yes and no to people") {
    Report report;
    report.rows = {{{"address", "a@b"}, {"store", true}}, {{"address", "c@d"}, {"store", false}}};
    CHECK(render_table(report, Colour::off, 0) == "ADDRESS  STORE\na@b      yes\nc@d      no\n");
}

TEST_CASE("a sheet aligns its values, indents what is inside and leaves out what is empty") {
    Report report;
    report.layout = Layout::sheet;
    report.rows = {{{"address", "paul@example.com"},
                    {"quota", ByteCount{1536}},
                    {"forward", std::vector<std::string>{}},
                    {"suspend", Cells{{"login", true}, {"reason", "unpaid"}}}},
                   {{"address", "x@y"}}};
    CHECK(render_sheet(report, Colour::off) == "address: paul@example.com\n"
                                               "quota:   1.5 KiB\n"
                                               "suspend:\n"
                                               "  login:  yes\n"
                                               "  reason: unpaid\n"
                                               "\n"
                                               "address: x@y\n");
}

} // namespace mailctl
