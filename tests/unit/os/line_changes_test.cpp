// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/line_changes.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "temp_directory.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

using namespace mailctl;
using test::TempDirectory;

namespace {

std::vector<std::string> rows_of(const std::string& text) {
    std::vector<std::string> rows;
    for (const auto line : split(text, '\n'))
        if (!line.empty() && line.front() != '#') rows.emplace_back(line);
    std::ranges::sort(rows);
    return rows;
}

struct File {
    TempDirectory directory;
    std::string path = directory.path() + "/rows";
    explicit File(const std::string& text) { REQUIRE(replace_file(path, text)); }
    [[nodiscard]] std::string text() const { return load_file(path).value(); }
    [[nodiscard]] Status change(LineChanges changes) const { return change_lines(path, std::span(&changes, 1)); }
};

} // namespace

TEST_CASE("lines are compared as often as they stand there") {
    const auto changes = compare_lines("a\nb\nb\nc\n", "b\nd\nc\n");
    CHECK(changes.removed == std::vector<std::string>{"a", "b"});
    CHECK(changes.added == std::vector<std::string>{"d"});
    CHECK(compare_lines("a\nb\n", "b\na\n").empty());
}

TEST_CASE("a line goes by becoming a comment of its length, and others come at the end") {
    const File file("# head\nann 1\nbob 2\nanna 1\n");
    REQUIRE(file.change({{"ann 1"}, {"eve 3"}}));
    CHECK(file.text() == "# head\n#####\nbob 2\nanna 1\n# changed in place\neve 3\n# changed in place\n");
}

TEST_CASE("a row that is replaced is there at every moment: the new one comes before the old one goes") {
    const File file("ann 1\nbob 2\n");
    REQUIRE(file.change({{}, {"ann 9"}})); // as killed half-way: the first row counts
    CHECK(file.text() == "ann 1\nbob 2\n# changed in place\nann 9\n");
    REQUIRE(file.change({{"ann 1"}, {}}));
    CHECK(rows_of(file.text()) == std::vector<std::string>{"ann 9", "bob 2"});
}

TEST_CASE("only whole lines go") {
    const File file("joann 1\nann 12\nann 1\n");
    REQUIRE(file.change({{"ann 1"}, {}}));
    CHECK(rows_of(file.text()) == std::vector<std::string>{"ann 12", "joann 1"});
}

TEST_CASE("a line goes from its own section, wherever that is, or from what was added later") {
    std::string text = "# head\n";
    for (char section = 'b'; section <= 'y'; ++section)
        text += fmt::format("# in {0}{0}\nsame 1\n{0} 1\n", section);
    for (char section = 'b'; section <= 'y'; ++section) {
        const File file(text);
        REQUIRE(file.change({{"same 1"}, {}, fmt::format("# in {0}{0}", section)}));
        const auto heading = fmt::format("# in {0}{0}\n", section);
        auto expected = text + std::string(change_mark);
        expected.replace(expected.find(heading) + heading.size(), 6, "######");
        CHECK(file.text() == expected);
    }
    const File file(text);
    REQUIRE(file.change({{}, {"late 1"}, "# in dd"}));
    REQUIRE(file.change({{"late 1"}, {}, "# in dd"}));
    REQUIRE(file.change({{}, {"new 1"}, "# in zz"})); // sections that are not there: before all, between, behind
    REQUIRE(file.change({{"new 1"}, {}, "# in zz"}));
    CHECK(rows_of(file.text()) == rows_of(text));
    for (const auto* nowhere : {"# in aa", "# in cd", "# in zz", "# in y", "# in bb"})
        CHECK_FALSE(file.change({{"c 1"}, {}, nowhere}));
}

TEST_CASE("taking a line away changes the size, so that a reader who looks at it notices") {
    const File file("ann 1\nbob 2\n");
    REQUIRE(file.change({{"bob 2"}, {}}));
    CHECK(file.text() == "ann 1\n#####\n# changed in place\n");
}

TEST_CASE("a line that is not there is a conflict and nothing changes") {
    const File file("ann 1\n");
    const auto changed = file.change({{"ann 1", "bob 2"}, {"eve 3"}});
    REQUIRE_FALSE(changed);
    CHECK(changed.error().kind == ErrorKind::conflict);
    CHECK(file.text() == "ann 1\n");
    CHECK_FALSE(file.change({{"ann 1", "ann 1"}, {}}));
}

TEST_CASE("no line crosses the end of a page, so that none is ever read in part") {
    const File file("");
    for (int i = 0; i < 300; ++i)
        REQUIRE(file.change({{}, {std::string(50, 'x') + std::to_string(i), std::string(33, 'y')}}));
    const auto text = file.text();
    CHECK(rows_of(text).size() == 600);
    for (std::size_t at = 4096; at < text.size(); at += 4096)
        CHECK(text[at - 1] == '\n');
}

TEST_CASE("rows have one digest whatever their order and what stands between them") {
    CHECK(digest_rows("a 1\nb 2\n") == digest_rows("# head\nb 2\n####\n\na 1\n"));
    CHECK_FALSE(digest_rows("a 1\nb 2\n") == digest_rows("a 1\nb 3\n"));
    CHECK_FALSE(digest_rows("a 1\n") == digest_rows("a 1\na 1\n"));
}
