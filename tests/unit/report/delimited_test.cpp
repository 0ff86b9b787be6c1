// SPDX-License-Identifier: Apache-2.0
#include "delimited.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace mailctl {
namespace {

Report one_cell(CellValue value) {
    Report report;
    report.rows = {{{"v", std::move(value)}}};
    return report;
}

std::string csv_of(CellValue value) {
    const auto csv = render_csv(one_cell(std::move(value)));
    REQUIRE(csv.starts_with("v\n"));
    REQUIRE(csv.ends_with('\n'));
    return csv.substr(2, csv.size() - 3);
}

std::string unescaped(std::string_view field) {
    std::string out;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '\\') {
            out += field[i];
            continue;
        }
        const char c = field[++i];
        out += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
    }
    return out;
}

} // namespace

TEST_CASE("a plain row is one line whatever its values hold") {
    CHECK(render_plain(one_cell("a\tb\nc\\d\re")) == "a\\tb\\nc\\\\d\\re\n");
    CHECK(rc::check("fields come back", [] {
        const auto first = *rc::gen::arbitrary<std::string>(), second = *rc::gen::arbitrary<std::string>();
        Report report;
        report.rows = {{{"a", first}, {"b", second}}};
        const auto plain = render_plain(report);
        RC_ASSERT(plain.find('\n') == plain.size() - 1);
        const auto fields = split(std::string_view(plain).substr(0, plain.size() - 1), '\t');
        RC_ASSERT(fields.size() == 2U);
        RC_ASSERT(unescaped(fields[0]) == first);
        RC_ASSERT(unescaped(fields[1]) == second);
    }));
}

TEST_CASE("plain values are words a script can compare") {
    Report report;
    report.rows = {{{"a", true},
                    {"b", false},
                    {"c", std::int64_t{-3}},
                    {"d", ByteCount{2048}},
                    {"e", std::monostate{}},
                    {"f", std::vector<std::string>{"x", "y"}},
                    {"g", "hidden", false, true, ""},
                    {"h", Cells{{"login", true}, {"reason", "unpaid"}}}}};
    CHECK(render_plain(report) == "true\tfalse\t-3\t2048\t\tx y\tlogin=true reason=unpaid\n");
}

TEST_CASE("CSV quotes what RFC 4180 says") {
    CHECK(csv_of("plain text") == "plain text");
    CHECK(csv_of("a,b") == "\"a,b\"");
    CHECK(csv_of("say \"hi\"") == "\"say \"\"hi\"\"\"");
    CHECK(csv_of("two\nlines") == "\"two\nlines\"");
}

TEST_CASE("a spreadsheet gets no formula to run, and numbers stay numbers") {
    CHECK(csv_of("=1+1") == "'=1+1");
    CHECK(csv_of("+491234") == "'+491234");
    CHECK(csv_of("-x") == "'-x");
    CHECK(csv_of("@SUM(A1)") == "'@SUM(A1)");
    CHECK(csv_of("\tx") == "'\tx");
    CHECK(csv_of("'=x") == "''=x"); // one apostrophe more than the value has, so that reading it back is exact
    CHECK(csv_of("'tis") == "'tis");
    CHECK(csv_of("=HYPERLINK(\"x\")") == "\"'=HYPERLINK(\"\"x\"\")\"");
    CHECK(csv_of(std::int64_t{-5}) == "-5");
}

} // namespace mailctl
