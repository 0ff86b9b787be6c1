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

TEST_CASE("on a narrow terminal empty columns go, lists become numbers, and the widest column is shortened") {
    Report report;
    report.rows = {{{"address", "paul@example.com"},
                    {"name", "Sir James Paul McCartney"},
                    {"forward", std::vector<std::string>{}},
                    {"aliases", std::vector<std::string>{"one", "two", "three", "four"}},
                    {"used", std::int64_t{12345}}}};
    CHECK(render_table(report, Colour::off, 0) ==
          "ADDRESS           NAME                      FORWARD  ALIASES                 USED\n"
          "paul@example.com  Sir James Paul McCartney           one, two, three, four  12345\n");
    CHECK(render_table(report, Colour::off, 80) ==
          "ADDRESS           NAME                      ALIASES                 USED\n"
          "paul@example.com  Sir James Paul McCartney  one, two, three, four  12345\n");
    CHECK(render_table(report, Colour::off, 60) == "ADDRESS           NAME                      ALIASES   USED\n"
                                                   "paul@example.com  Sir James Paul McCartney        4  12345\n");
    CHECK(render_table(report, Colour::off, 45) == "ADDRESS           NAME            ALI…   USED\n"
                                                   "paul@example.com  Sir James Pau…     4  12345\n");
    CHECK(render_table(report, Colour::off, 30) == "ADDRESS           NAME\n"
                                                   "paul@example.com  Sir James P…\n"
                                                   "not shown: ALIASES, USED\n");
    CHECK(render_table(report, Colour::off, 10) == "ADDRESS\n"
                                                   "paul@exam…\n"
                                                   "not shown…\n");
}

TEST_CASE("no line of a table is wider than the terminal") {
    CHECK(rc::check("whatever it holds", [] {
        const auto any_text = [] { return *rc::gen::arbitrary<std::string>(); };
        const auto width = *rc::gen::inRange<std::size_t>(4, 120);
        Report report;
        for (int rows = *rc::gen::inRange(1, 5); rows > 0; --rows)
            report.rows.push_back({{"address", any_text()},
                                   {"name", any_text()},
                                   {"many", *rc::gen::arbitrary<std::vector<std::string>>()},
                                   {"when", Instant{std::chrono::seconds{*rc::gen::inRange(0, 2'000'000'000)}}},
                                   {"reason", any_text()}});
        const auto table = render_table(report, Colour::off, width);
        for (const auto line : split(std::string_view(table), '\n'))
            RC_ASSERT(display_width(line) <= width);
    }));
}

TEST_CASE("a time is a minute of the site's zone to people, and a second of UTC to programs") {
    Report report;
    report.type = "change";
    report.rows = {{{"id", std::int64_t{7}}, {"time", *parse_rfc3339("2026-11-27T23:37:18.999999Z")}}};
    const auto berlin = [](Instant) { return std::chrono::seconds{3600}; };
    CHECK(render(report, Format::table, Colour::off, 0, berlin) == "ID  TIME\n 7  2026-11-28 00:37\n");
    CHECK(render(report, Format::table, Colour::off, 0) == "ID  TIME\n 7  2026-11-27 23:37\n");
    CHECK(render(report, Format::plain, Colour::off, 0, berlin) == "7\t2026-11-27T23:37:18Z\n");
    CHECK(render(report, Format::json, Colour::off, 0, berlin).find("\"time\": \"2026-11-27T23:37:18Z\"") !=
          std::string::npos);
}

TEST_CASE("what needs a look has a colour, what is well has none") {
    Report report;
    report.rows = {{{"address", "a@b"}, {"state", "suspended"}}, {{"address", "c@d"}, {"state", "active"}}};
    CHECK(render_table(report, Colour::on, 80) == "\x1b[1mADDRESS  STATE\x1b[0m\n"
                                                  "a@b      \x1b[33msuspended\x1b[0m\n"
                                                  "c@d      active\n");
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

TEST_CASE("a text of several lines stands below its key") {
    Report report;
    report.layout = Layout::sheet;
    report.rows = {{{"address", "a@b"}, {"message", "Dear sender,\n\n\tgot it\x1b[2J.\r\nYours\n"}, {"every", "1w"}}};
    CHECK(render_sheet(report, Colour::off) == "address: a@b\n"
                                               "message:\n"
                                               "    Dear sender,\n"
                                               "\n"
                                               "        got it\\x1B[2J.\n"
                                               "    Yours\n"
                                               "every:   1w\n");
}

TEST_CASE("a long value of a sheet is broken at blanks where the terminal ends") {
    Report report;
    report.layout = Layout::sheet;
    report.rows = {{{"aliases", std::vector<std::string>{"one", "two", "three", "four", "fifteen"}}}};
    CHECK(render_sheet(report, Colour::off, 26) == "aliases: one, two, three,\n"
                                                   "         four, fifteen\n");
}

} // namespace mailctl
