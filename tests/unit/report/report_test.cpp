// SPDX-License-Identifier: Apache-2.0
#include "mailctl/report/report.hpp"

#include <doctest/doctest.h>

namespace mailctl {
namespace {

Report mailboxes() {
    Report report;
    report.type = "mailbox";
    report.rows = {
        {{"address", "paul@example.com"},
         {"quota", ByteCount{2ULL << 30U}},
         {"aliases", std::vector<std::string>{"macca", "paul.m"}}},
        {{"address", "jo@example.com"}, {"quota", std::monostate{}}, {"aliases", std::vector<std::string>{}}},
    };
    return report;
}

} // namespace

TEST_CASE("one report is said in four forms") {
    const auto report = mailboxes();
    CHECK(render(report, Format::table, Colour::off, 0) == "ADDRESS           QUOTA  ALIASES\n"
                                                           "paul@example.com  2 GiB  macca, paul.m\n"
                                                           "jo@example.com\n");
    CHECK(render(report, Format::plain, Colour::off, 0) == "paul@example.com\t2147483648\tmacca paul.m\n"
                                                           "jo@example.com\t\t\n");
    CHECK(render(report, Format::csv, Colour::off, 0) == "address,quota,aliases\n"
                                                         "paul@example.com,2147483648,macca paul.m\n"
                                                         "jo@example.com,,\n");
    CHECK(render(report, Format::json, Colour::off, 0) == R"([
  {
    "schema": 1,
    "type": "mailbox",
    "address": "paul@example.com",
    "quota": 2147483648,
    "aliases": [
      "macca",
      "paul.m"
    ]
  },
  {
    "schema": 1,
    "type": "mailbox",
    "address": "jo@example.com",
    "quota": null,
    "aliases": []
  }
]
)");
}

TEST_CASE("an empty report is empty, and an empty array for programs") {
    const Report report{.type = "mailbox", .rows = {}, .text = {}, .notes = {}};
    CHECK(render(report, Format::table, Colour::on, 80).empty());
    CHECK(render(report, Format::plain, Colour::off, 0).empty());
    CHECK(render(report, Format::csv, Colour::off, 0).empty());
    CHECK(render(report, Format::json, Colour::off, 0) == "[]\n");
}

TEST_CASE("free text is for people and --plain; programs get the rows") {
    auto report = mailboxes();
    report.layout = Layout::text;
    report.text = "1. domain: example.com";
    report.rows.resize(1);
    CHECK(render(report, Format::table, Colour::off, 80) == "1. domain: example.com\n");
    CHECK(render(report, Format::plain, Colour::off, 80) == "1. domain: example.com\n");
    CHECK(render(report, Format::csv, Colour::off, 80).starts_with("address,"));
    CHECK(render(report, Format::json, Colour::off, 80).find("\"address\"") != std::string::npos);
}

TEST_CASE("a diff is coloured, and people read the brief one") {
    Report report;
    report.type = "diff";
    report.layout = Layout::text;
    report.text = "--- a\n+++ a\n@@ -1 +1 @@\n-x\n+y\n z\nmuch more\n";
    CHECK(render(report, Format::table, Colour::on, 80) ==
          "\x1b[1m--- a\x1b[0m\n\x1b[1m+++ a\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-x\x1b[0m\n"
          "\x1b[32m+y\x1b[0m\n z\nmuch more\n");
    report.brief = "maps: mailboxes +1\n";
    CHECK(render(report, Format::table, Colour::off, 0) == "maps: mailboxes +1\n");
    CHECK(render(report, Format::plain, Colour::off, 0) == report.text);
}

TEST_CASE("a listing of nothing has a sentence, another report has none") {
    CHECK(sentence_of_nothing("candidate") == "no candidate to show");
    CHECK(sentence_of_nothing("diff").empty());
}

} // namespace mailctl
