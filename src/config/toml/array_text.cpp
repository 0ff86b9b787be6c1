// SPDX-License-Identifier: Apache-2.0
// An array is taken apart into its elements and the gaps between them: brackets, commas, line ends, comments. What a
// step does to the layout depends on the two gaps beside its element alone, so the elements are gone through once, from
// the back, and those that are done are never looked at again.
#include "array_text.hpp"

#include "layout.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::string_view blanks = " \t";

struct ArrayElement {
    std::string gap; // in front of it; the first one's begins with the bracket
    std::string text;
};

// Behind the last line end: what a new line beside this one begins with.
std::string_view indentation(std::string_view gap) { return gap.substr(gap.rfind('\n') + 1); }

// Nothing but blanks stands in front of the element on its line, and that is not the line of the bracket.
bool begins_line(std::string_view gap) {
    return gap.find('\n') != gap.npos && indentation(gap).find_first_not_of(blanks) == std::string_view::npos;
}

// The gap behind an element.
struct GapBehind {
    explicit GapBehind(std::string_view gap) {
        const auto next = skip_trivia(gap, 0);
        has_comma = next < gap.size() && gap[next] == ',';
        begin = has_comma ? next + 1 : 0;
        rest = std::min(gap.find_first_not_of(blanks, begin), gap.size());
        ends_line = rest < gap.size() && std::string_view("#\r\n").find(gap[rest]) != std::string_view::npos;
        line_end = std::min(gap.find('\n', begin), gap.size() - 1) + 1;
    }
    bool has_comma;
    bool ends_line;       // nothing but blanks and a comment are left on the line
    std::size_t begin;    // behind the comma, if there is one
    std::size_t rest;     // behind it and blanks
    std::size_t line_end; // behind the line end that follows it
};

class ArrayText {
  public:
    ArrayText(std::string_view array, std::string_view line_end)
        : array_(array), line_end_(line_end), spans_(scan_elements(array, {0, array.size()})) {
        end_ = array.substr(spans_.empty() ? 0 : spans_.back().end);
    }

    std::string after(std::span<const ElementStep> steps);

  private:
    [[nodiscard]] std::string_view gap_before(std::size_t at) const {
        const auto begin = at == 0 ? 0 : spans_[at - 1].end;
        return array_.substr(begin, spans_[at].begin - begin);
    }
    std::string& gap_behind() { return done_.empty() ? end_ : done_.back().gap; }
    void change(std::size_t at, std::span<const ElementStep> steps);
    void remove(std::size_t at);
    void insert(std::string text);
    void append(std::string text);
    void append_first(std::string text);
    [[nodiscard]] std::string text() const;

    std::string_view array_, line_end_;
    std::vector<Span> spans_;
    std::vector<ArrayElement> done_; // first the last one of the array, until all are
    std::string end_;                // behind the last element, with the bracket
};

// In front of the element that was done last.
void ArrayText::insert(std::string text) {
    auto& next = done_.back();
    auto gap = begins_line(next.gap) ? fmt::format(",{}{}", line_end_, indentation(next.gap)) : std::string(", ");
    std::swap(gap, next.gap);
    done_.push_back({std::move(gap), std::move(text)});
}

// The two gaps become one. The comma in front stays only where the layout has a comma behind every element.
void ArrayText::remove(std::size_t at) {
    std::string before(gap_before(at));
    auto& behind = gap_behind();
    const GapBehind follows(behind);
    const bool is_last = done_.empty();
    const auto has_line_end = [](std::string_view text) { return text.find('\n') != text.npos; };
    const auto free_comma = [&] {
        if (is_last && at > 0 && !follows.has_comma) before.erase(skip_trivia(before, 0), 1);
    };
    if (begins_line(before) && follows.ends_line) {
        before.resize(before.rfind('\n') + 1);
        free_comma();
        behind.replace(0, follows.line_end, before);
    } else if (!is_last && !has_line_end(spans_[at].of(array_)) && !has_line_end(behind)) {
        behind = std::move(before);
    } else if (is_last && at > 0 && !has_line_end(before)) {
        return; // what stands behind the element stays as it is
    } else {
        free_comma();
        behind.replace(0, follows.rest, before);
    }
}

// A comment ends with its line, so that the bracket stands on a line of its own.
void ArrayText::append_first(std::string text) {
    if (end_.find('#') == std::string::npos) {
        done_.push_back({"[", std::move(text)});
        end_ = "]";
        return;
    }
    const auto line = end_.rfind('\n') + 1;
    const auto indent = end_.substr(line, end_.size() - 1 - line);
    done_.push_back({fmt::format("{}{}    ", end_.substr(0, line), indent), std::move(text)});
    end_ = fmt::format(",{}{}", line_end_, end_.substr(line));
}

// Behind all elements, which stand in their order by now.
void ArrayText::append(std::string text) {
    if (done_.empty()) return append_first(std::move(text));
    const auto& last = done_.back();
    std::string gap = ", ";
    if (begins_line(last.gap)) {
        const GapBehind follows(end_);
        const auto indent = indentation(last.gap);
        const auto comma = [&](bool is_there) { return is_there ? "," : ""; };
        const auto cut = follows.ends_line ? follows.line_end : follows.begin;
        gap = fmt::format("{}{}{}{}", comma(!follows.has_comma), end_.substr(0, cut),
                          follows.ends_line ? "" : line_end_, indent);
        end_.replace(0, cut, fmt::format("{}{}", comma(follows.has_comma), follows.ends_line ? line_end_ : ""));
    }
    done_.push_back({std::move(gap), std::move(text)});
}

void ArrayText::change(std::size_t at, std::span<const ElementStep> steps) {
    using Kind = ElementStep::Kind;
    if (!steps.empty() && steps.front().kind == Kind::remove) return remove(at);
    const bool is_replaced = !steps.empty() && steps.front().kind == Kind::replace;
    const auto text = is_replaced ? format_value(steps.front().element) : std::string(spans_[at].of(array_));
    done_.push_back({std::string(gap_before(at)), text});
    if (is_replaced) return;
    for (auto left = steps.size(); left-- > 0;)
        insert(format_value(steps[left].element));
}

std::string ArrayText::after(std::span<const ElementStep> steps) {
    // The steps at a place, which are the last ones of those that are left.
    const auto take_steps_at = [&steps](std::size_t at) {
        auto first = steps.size();
        while (first > 0 && steps[first - 1].at == at)
            --first;
        const auto taken = steps.subspan(first);
        steps = steps.first(first);
        return taken;
    };
    const auto at_end = take_steps_at(spans_.size());
    for (auto at = spans_.size(); at-- > 0;)
        change(at, take_steps_at(at));
    if (done_.empty() && !spans_.empty() && end_.find('#') == std::string::npos) end_ = "[]";
    std::ranges::reverse(done_);
    for (const auto& step : at_end)
        append(format_value(step.element));
    return text();
}

std::string ArrayText::text() const {
    std::string text;
    for (const auto& element : done_)
        text.append(element.gap).append(element.text);
    return text += end_;
}

} // namespace

std::size_t count_elements(std::string_view array) { return scan_elements(array, {0, array.size()}).size(); }

bool are_steps_of(std::size_t size, std::span<const ElementStep> steps) {
    using Kind = ElementStep::Kind;
    const auto is_within = [&](const ElementStep& step) {
        return step.at < size + (step.kind == Kind::insert ? 1 : 0);
    };
    const auto do_clash = [](const ElementStep& a, const ElementStep& b) {
        return a.at > b.at || (a.at == b.at && (a.kind != Kind::insert || b.kind != Kind::insert));
    };
    return std::ranges::all_of(steps, is_within) && std::ranges::adjacent_find(steps, do_clash) == steps.end();
}

std::string with_steps(std::string_view array, std::span<const ElementStep> steps, std::string_view line_end) {
    return ArrayText(array, line_end).after(steps);
}

} // namespace mailctl
