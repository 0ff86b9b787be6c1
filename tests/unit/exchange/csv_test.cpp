// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/csv.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace mailctl;

namespace {

struct Read {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> problems; // "line: problem"
    std::vector<std::size_t> lines;
};

Read read_all(std::string_view text) {
    Read result;
    CsvReader reader(text, detect_start(text));
    CsvRow row;
    while (reader.next(row)) {
        auto& cells = result.rows.emplace_back();
        for (const auto& cell : row.cells)
            cells.emplace_back(cell.text);
        result.lines.push_back(row.line);
        if (!row.problem.empty()) result.problems.push_back(std::to_string(row.line) + ": " + row.problem);
    }
    return result;
}
using Rows = std::vector<std::vector<std::string>>;

} // namespace

TEST_CASE("cells are divided by the delimiter that the first line uses most") {
    CHECK(read_all("a,b\n1,2\n").rows == Rows{{"a", "b"}, {"1", "2"}});
    CHECK(read_all("a;b\n1,5;2\n").rows == Rows{{"a", "b"}, {"1,5", "2"}});
    CHECK(read_all("a\tb\n1\t2").rows == Rows{{"a", "b"}, {"1", "2"}});
    CHECK(read_all("a|b|c\r\n1|2|3\r\n").rows == Rows{{"a", "b", "c"}, {"1", "2", "3"}});
    CHECK(read_all("\"a,a\";b\n1;2\n").rows == Rows{{"a,a", "b"}, {"1", "2"}});
}

TEST_CASE("Excel's first line names the delimiter") {
    const auto read = read_all("sep=;\r\na;b,c,d\r\n");
    CHECK(read.rows == Rows{{"a", "b,c,d"}});
    CHECK(read.lines == std::vector<std::size_t>{2});
}

TEST_CASE("all three line ends count, also inside quotes") {
    CHECK(read_all("a\r1\n2\r\n3").lines == std::vector<std::size_t>{1, 2, 3, 4});
    const auto read = read_all("a,b\n\"one\r\ntwo\nthree\",x\ny,z\n");
    CHECK(read.rows[1] == std::vector<std::string>{"one\r\ntwo\nthree", "x"});
    CHECK(read.lines == std::vector<std::size_t>{1, 2, 5});
}

TEST_CASE("a quote is written twice inside quotes, and as it is outside") {
    CHECK(read_all("\"say \"\"hi\"\"\",5\" disk\n").rows == Rows{{"say \"hi\"", "5\" disk"}});
    CHECK(read_all("\"\",\"\"\"\"\n").rows == Rows{{"", "\""}});
}

TEST_CASE("a quote that is never closed spoils its own row, and the others are read") {
    const auto read = read_all("a,b\n1,\"2\n3,4\n5,6\n");
    CHECK(read.problems == std::vector<std::string>{"2: a quote is opened here and never closed"});
    CHECK(read.rows.size() == 4);
    CHECK(read.rows[2] == std::vector<std::string>{"3", "4"});
}

TEST_CASE("many unclosed quotes are read once each") {
    std::string text = "a\n";
    for (int i = 0; i < 20'001; ++i)
        text += "\"x\n";
    const auto read = read_all(text);
    CHECK(read.rows.size() <= 20'002);
    CHECK_FALSE(read.problems.empty());
}

TEST_CASE("text behind a closing quote is a problem of its row") {
    const auto read = read_all("\"a\"b,c\nd,e\n");
    REQUIRE(read.problems.size() == 1);
    CHECK(read.rows[1] == std::vector<std::string>{"d", "e"});
}

TEST_CASE("a cell of more than a mebibyte is refused") {
    const std::string big(max_cell + 1, 'x');
    CHECK(read_all("a," + big + "\nb,c\n").problems.size() == 1);
    CHECK(read_all("a,\"" + big + "\"\nb,c\n").problems.size() == 1);
    CHECK(read_all("a," + big.substr(1) + "\n").problems.empty());
}

TEST_CASE("what is written is read back") {
    CHECK(rc::check("rows of any text", [] {
        const auto width = *rc::gen::inRange<std::size_t>(1, 5);
        const auto character = rc::gen::element('a', ',', ';', '"', '\n', '\r', '\t', '|', ' ', '\'');
        const auto cell = rc::gen::container<std::string>(character);
        const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
            rc::gen::container<std::vector<std::string>>(width, cell));
        std::string text;
        // A first line that decides for the comma.
        append_csv_row(text, std::vector<std::string>(7, "head"));
        for (const auto& row : rows)
            append_csv_row(text, row, *rc::gen::arbitrary<bool>() ? LineEnd::lf : LineEnd::crlf);
        const auto read = read_all(text);
        RC_ASSERT(read.problems.empty());
        RC_ASSERT(std::vector(read.rows.begin() + 1, read.rows.end()) == rows);
    }));
    CHECK(rc::check("and any bytes are read without end or crash",
                    [](const std::string& text) { RC_ASSERT(read_all(text).rows.size() <= text.size() + 1); }));
}
