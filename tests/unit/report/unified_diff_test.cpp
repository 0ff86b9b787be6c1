// SPDX-License-Identifier: Apache-2.0
#include "mailctl/report/unified_diff.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace mailctl {
namespace {

namespace fs = std::filesystem;

struct Scratch {
    fs::path folder;
    Scratch() {
        std::string name = (fs::temp_directory_path() / "mailctl-diff-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        folder = name;
    }
    ~Scratch() { fs::remove_all(folder); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    void save(const char* name, const std::string& text) const {
        std::ofstream(folder / name, std::ios::binary) << text;
    }
    [[nodiscard]] std::string load(const char* name) const {
        std::ifstream file(folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] int run(const std::string& command) const {
        return std::system(("cd '" + folder.string() + "' && " + command).c_str());
    }
};

std::size_t changed_lines(const std::string& diff) {
    std::istringstream lines(diff);
    std::size_t count = 0, number = 0;
    for (std::string line; std::getline(lines, line); ++number)
        if (number >= 2 && (line.starts_with('+') || line.starts_with('-'))) ++count;
    return count;
}

// Few different lines, so that texts share many of them; now and then no line feed at the end.
rc::Gen<std::string> any_text() {
    const auto line = rc::gen::elementOf(std::vector<std::string>{"a", "b", "c", "", "- x", "+ y", "@@ z"});
    return rc::gen::apply(
        [](const std::vector<std::string>& lines, int ending) {
            auto text = join(lines, "\n");
            if (ending != 0 && !text.empty()) text += '\n';
            return text;
        },
        rc::gen::container<std::vector<std::string>>(line), rc::gen::inRange(0, 5));
}

// The length of the shortest edit script by the quadratic textbook table.
std::size_t shortest(const std::string& before, const std::string& after) {
    const auto lines = [](std::string_view text) {
        std::vector<std::string_view> out;
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
            out.push_back(text.substr(0, end));
            text.remove_prefix(end);
        }
        return out;
    };
    const auto a = lines(before), b = lines(after);
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
            } else {
                cost[i][j] = std::min(cost[i - 1][j], cost[i][j - 1]) + 1;
                if (a[i - 1] == b[j - 1]) cost[i][j] = std::min(cost[i][j], cost[i - 1][j - 1]);
            }
        }
    return cost[a.size()][b.size()];
}

std::string numbers(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i)
        text += std::to_string(i) + '\n';
    return text;
}

} // namespace

TEST_CASE("equal texts have no difference") {
    CHECK(unified_diff("a\nb\n", "a\nb\n", "x", "y").empty());
    CHECK(unified_diff("", "", "x", "y").empty());
}

TEST_CASE("a changed value is one line out and one line in, with three lines around it") {
    CHECK(unified_diff(numbers(1, 9), numbers(1, 4) + "five\n" + numbers(6, 9), "old/d.toml", "new/d.toml") ==
          "--- old/d.toml\n+++ new/d.toml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("a created and a deleted file start at line zero") {
    CHECK(unified_diff("", "a\n", "/dev/null", "new") == "--- /dev/null\n+++ new\n@@ -0,0 +1 @@\n+a\n");
    CHECK(unified_diff("a\nb\n", "", "old", "/dev/null") == "--- old\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST_CASE("a missing line feed at the end is a difference and is said") {
    CHECK(unified_diff("a\nb", "a\nb\n", "x", "y") ==
          "--- x\n+++ y\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    CHECK(unified_diff("a\nz", "b\nz", "x", "y") ==
          "--- x\n+++ y\n@@ -1,2 +1,2 @@\n-a\n+b\n z\n\\ No newline at end of file\n");
}

TEST_CASE("changes six lines apart share a hunk, seven lines apart they do not") {
    const auto hunks = [](int apart) {
        const auto middle = numbers(1, apart);
        const auto diff = unified_diff("a\n" + middle + "a\n", "b\n" + middle + "b\n", "x", "y");
        return (split(diff, '@').size() - 1) / 4;
    };
    CHECK(hunks(6) == 1);
    CHECK(hunks(7) == 2);
}

TEST_CASE("the bytes are those of diff -u where there is one shortest way to say it") {
    const Scratch scratch;
    CHECK(rc::check("distinct lines", [&scratch] {
        const auto keep = *rc::gen::container<std::vector<int>>(40, rc::gen::inRange(0, 6));
        std::string before, after;
        for (std::size_t i = 0; i < keep.size(); ++i) {
            const auto line = "line " + std::to_string(i) + '\n';
            if (keep[i] != 1) before += line;
            if (keep[i] != 0) after += line;
        }
        scratch.save("before", before);
        scratch.save("after", after);
        (void)scratch.run("diff -u --label x --label y before after > expected");
        RC_ASSERT(unified_diff(before, after, "x", "y") == scratch.load("expected"));
    }));
}

TEST_CASE("patch turns the old text into the new one, and the edit is as short as can be") {
    const Scratch scratch;
    CHECK(rc::check("any two texts", [&scratch] {
        const auto before = *any_text(), after = *any_text();
        RC_PRE(before != after);
        const auto diff = unified_diff(before, after, "file", "file");
        RC_ASSERT(changed_lines(diff) == shortest(before, after));
        scratch.save("file", before);
        scratch.save("change", diff);
        RC_ASSERT(scratch.run("patch -s --force --fuzz=0 -o result file change > output 2>&1") == 0);
        RC_ASSERT(scratch.load("result") == after);
    }));
}

TEST_CASE("two big texts with nothing in common are replaced, not searched for ever") {
    const auto before = numbers(1, 30000), after = numbers(100001, 130000);
    const auto diff = unified_diff("first\n" + before + "last\n", "first\n" + after + "last\n", "x", "y");
    CHECK(diff.starts_with("--- x\n+++ y\n@@ -1,30002 +1,30002 @@\n first\n-1\n-2\n"));
    CHECK(changed_lines(diff) == 60000);
}

TEST_CASE("one change in a very big text is found at once") {
    auto before = numbers(1, 500000);
    const auto after = numbers(1, 250000) + "new\n" + numbers(250001, 500000);
    CHECK(changed_lines(unified_diff(before, after, "x", "y")) == 1);
}

} // namespace mailctl
