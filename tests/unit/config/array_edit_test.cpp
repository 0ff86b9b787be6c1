// SPDX-License-Identifier: Apache-2.0
// Many changes of one array at once: (1) they give, byte for byte, what they give one at a time from the back; (2) they
// cost one pass over the array, not one for each.
#include "mailctl/config/model_edits.hpp"
#include "mailctl/config/toml/edit.hpp"
#include "mailctl/config/toml/toml.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <chrono>
#include <ctime>

using namespace mailctl;

namespace {

using StepKind = ElementStep::Kind;

std::size_t up_to(std::size_t limit) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, limit + 1));
}

template <class... T>
std::string any_spelling(const T&... spellings) {
    const std::vector<std::string> all{spellings...};
    return all[up_to(all.size() - 1)];
}

// What may stand between two parts of an array.
std::string some_filling() {
    std::string filling;
    for (auto count = up_to(2); count > 0; --count)
        filling += any_spelling("", " ", "\t", "\n", "\n  ", " # a ], b,\n", "\n\n    ");
    return filling;
}

std::string some_array(std::size_t size) {
    std::string text = "[" + some_filling();
    for (std::size_t i = 0; i < size; ++i) {
        const auto name = fmt::format("e{}", i);
        text += any_spelling('"' + name + '"', '\'' + name + '\'', "\"\"\"" + name + "\"\"\"", "'''\n" + name + "'''");
        text += some_filling();
        if (i + 1 < size || up_to(1) == 1) text += "," + some_filling();
    }
    return text + "]";
}

std::vector<ElementStep> some_steps(std::size_t size) {
    std::vector<ElementStep> steps;
    int number = 0;
    for (std::size_t i = 0; i <= size; ++i) {
        for (auto count = up_to(5) < 4 ? 0 : up_to(2); count > 0; --count)
            steps.push_back({i, StepKind::insert, fmt::format("new {}", ++number)});
        if (i == size || up_to(2) > 0) continue;
        if (!steps.empty() && steps.back().at == i) continue; // an insertion stands in front of what stays
        if (up_to(1) == 0)
            steps.push_back({i, StepKind::remove, {}});
        else
            steps.push_back({i, StepKind::replace, fmt::format("other {}", ++number)});
    }
    return steps;
}

std::string made(const std::string& text, const Edit& edit) {
    auto edited = apply_edits(text, std::vector{edit}, "test");
    if (!edited) FAIL(edited.error().what << "\n" << text);
    return *edited;
}

std::string one_by_one(std::string text, std::size_t size, const std::vector<ElementStep>& steps) {
    const auto make = [&](ElementStep step) {
        text = made(text, ChangeArray{{"a"}, size, {step}});
        size = size + (step.kind == StepKind::insert ? 1 : 0) - (step.kind == StepKind::remove ? 1 : 0);
    };
    const auto is_at_end = [end = size](const ElementStep& step) { return step.at == end; };
    for (auto step = steps.rbegin(); step != steps.rend(); ++step)
        if (!is_at_end(*step)) make(*step);
    for (auto step : steps)
        if (is_at_end(step)) {
            step.at = size;
            make(step);
        }
    return text;
}

std::vector<std::string> elements_of(const std::string& text) {
    const auto parsed = parse_toml(text, "test");
    std::vector<std::string> elements;
    for (const auto& element : parsed.root.find("a")->elements)
        elements.push_back(element.text);
    return elements;
}

// Members one to a line, each with a comment. Of the first `changes` of them a third is gone, a third has somebody new
// in front of it and a third is somebody else; the others stay.
struct LargeList {
    std::string text = "a = [ # members\n";
    std::vector<std::string> before, after;
    std::string wanted = text;

    LargeList(std::size_t size, std::size_t changes) {
        for (std::size_t i = 0; i < size; ++i) {
            before.push_back(fmt::format("member{}@example.com", i));
            add(text, before.back(), fmt::format(" # number {}", i));
        }
        for (std::size_t i = 0; i < size; ++i)
            change(i, i < changes ? i % 3 : 3);
        text += "]\n";
        wanted += "]\n";
    }

  private:
    static void add(std::string& to, std::string_view element, std::string_view comment) {
        fmt::format_to(std::back_inserter(to), "    \"{}\",{}\n", element, comment);
    }
    void change(std::size_t i, std::size_t how) {
        if (how == 0) return; // removed
        if (how == 1) {
            after.push_back(fmt::format("inserted{}@example.com", i));
            add(wanted, after.back(), "");
        }
        after.push_back(how == 2 ? fmt::format("other{}@example.com", i) : before[i]);
        add(wanted, after.back(), how == 2 ? "" : fmt::format(" # number {}", i));
    }
};

} // namespace

TEST_CASE("many changes of an array give what they give one by one") {
    CHECK(rc::check("for any layout and any steps", [] {
        const auto size = up_to(6);
        const auto line_end = any_spelling("\n", "\n", "\r\n");
        std::string text = "a = " + some_array(size) + "\n";
        if (line_end != "\n")
            for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2)
                text.replace(at, 1, line_end);
        RC_PRE(parse_toml(text, "test").diagnostics.empty());
        const auto steps = some_steps(size);
        const auto edited = made(text, ChangeArray{{"a"}, size, steps});
        const auto wanted = one_by_one(text, size, steps);
        if (edited != wanted) RC_FAIL(fmt::format("{}\n--- gives\n{}\n--- not\n{}", text, edited, wanted));
    }));
}

TEST_CASE("steps that no array can take are refused") {
    const auto is_taken = [](std::vector<ElementStep> steps) {
        const std::vector<Edit> edits{ChangeArray{{"a"}, 2, std::move(steps)}};
        return apply_edits("a = [\"x\", \"y\"]\n", edits, "test").has_value();
    };
    CHECK(is_taken({{0, StepKind::insert, "n"},
                    {0, StepKind::insert, "m"},
                    {1, StepKind::remove, {}},
                    {2, StepKind::insert, "l"}}));
    CHECK(!is_taken({{0, StepKind::replace, "n"}, {0, StepKind::insert, "m"}}));
    CHECK(!is_taken({{0, StepKind::remove, {}}, {0, StepKind::remove, {}}}));
    CHECK(!is_taken({{1, StepKind::remove, {}}, {0, StepKind::remove, {}}}));
    CHECK(!is_taken({{2, StepKind::remove, {}}}));
    CHECK(!is_taken({{2, StepKind::replace, "n"}}));
    CHECK(!is_taken({{3, StepKind::insert, "n"}}));
}

TEST_CASE("thousands of changes of an array cost one pass") {
    const LargeList list(10'000, 5'000);
    const auto change = array_difference({"a"}, list.before, list.after, list.after);
    CHECK(change.steps.size() > 5'000);
    const auto begin = std::clock(); // the processor's, which other programs don't make longer
    const auto edited = made(list.text, change);
    const auto taken = std::chrono::seconds((std::clock() - begin) / CLOCKS_PER_SEC);
    CHECK(edited == list.wanted);
    CHECK(elements_of(edited) == list.after);
    CHECK(taken < std::chrono::seconds(10)); // a pass each took more than a minute
}
