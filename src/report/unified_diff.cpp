// SPDX-License-Identifier: Apache-2.0
// Line differences after Myers (An O(ND) Difference Algorithm, 1986), in linear space: search from both ends of a box
// until the two fronts meet, split there, recurse. A box in which too much differs is replaced as a whole instead of
// searched.
#include "mailctl/report/unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace mailctl {
namespace {

using Index = std::int64_t;
constexpr Index context = 3;      // unchanged lines shown around a change
constexpr Index max_steps = 4096; // of one search: some 10^7 comparisons, a fraction of a second

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto length = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

// Equal lines get equal numbers: the search compares integers.
using LineIds = std::unordered_map<std::string_view, int>;
std::vector<int> numbered(const std::vector<std::string_view>& lines, LineIds& ids) {
    std::vector<int> numbers;
    numbers.reserve(lines.size());
    for (const auto line : lines)
        numbers.push_back(ids.try_emplace(line, static_cast<int>(ids.size())).first->second);
    return numbers;
}

struct Point {
    Index x, y; // lines consumed of the old and of the new text
};

// The furthest points that `step` edits reach from one corner of a box, by diagonal (x - y). Seen from the far corner
// when the sequences are read backwards.
class Front {
  public:
    Front(std::span<const int> a, std::span<const int> b, bool backwards)
        : a_(a), b_(b), n_(std::ssize(a)), m_(std::ssize(b)), backwards_(backwards),
          reach_(static_cast<std::size_t>(n_ + m_ + 3), -1) {
        at(1) = 0;
    }
    Index& at(Index diagonal) { return reach_[static_cast<std::size_t>(diagonal + m_ + 1)]; }
    Index first(Index step) const { return step <= m_ ? -step : -(2 * m_ - step); }
    Index last(Index step) const { return step <= n_ ? step : 2 * n_ - step; }
    // One more edit on this diagonal, then all equal lines that follow. Returns the new reach.
    Index advance(Index step, Index diagonal) {
        const bool down = diagonal == -step || (diagonal != step && at(diagonal - 1) < at(diagonal + 1));
        Index x = down ? at(diagonal + 1) : at(diagonal - 1) + 1;
        while (x < n_ && x - diagonal < m_ && equal(x, x - diagonal))
            ++x;
        return at(diagonal) = x;
    }

  private:
    bool equal(Index x, Index y) const {
        if (backwards_) return a_[static_cast<std::size_t>(n_ - 1 - x)] == b_[static_cast<std::size_t>(m_ - 1 - y)];
        return a_[static_cast<std::size_t>(x)] == b_[static_cast<std::size_t>(y)];
    }
    std::span<const int> a_, b_;
    Index n_, m_;
    bool backwards_;
    std::vector<Index> reach_;
};

// A point in the middle of a shortest path through the box; absent if the search would take more than max_steps.
std::optional<Point> middle(std::span<const int> a, std::span<const int> b) {
    const Index n = std::ssize(a), m = std::ssize(b), delta = n - m;
    const bool odd = delta % 2 != 0;
    Front forward(a, b, false), backward(a, b, true);
    for (Index step = 0; step <= max_steps; ++step) {
        for (Index k = forward.first(step); k <= forward.last(step); k += 2) {
            const Index x = forward.advance(step, k), opposite = delta - k;
            const bool facing = odd && opposite >= backward.first(step - 1) && opposite <= backward.last(step - 1);
            if (facing && x + backward.at(opposite) >= n) return Point{x, x - k};
        }
        for (Index k = backward.first(step); k <= backward.last(step); k += 2) {
            const Index x = backward.advance(step, k), opposite = delta - k;
            const bool facing = !odd && opposite >= forward.first(step) && opposite <= forward.last(step);
            if (facing && x + forward.at(opposite) >= n) return Point{n - x, m - (x - k)};
        }
    }
    return std::nullopt;
}

struct Changes {
    std::vector<char> removed, added; // one flag per line of the old and of the new text
};

void compare(std::span<const int> a, std::span<const int> b, Point origin, Changes& changes) {
    while (!a.empty() && !b.empty() && a.front() == b.front()) {
        a = a.subspan(1);
        b = b.subspan(1);
        origin = {origin.x + 1, origin.y + 1};
    }
    while (!a.empty() && !b.empty() && a.back() == b.back()) {
        a = a.first(a.size() - 1);
        b = b.first(b.size() - 1);
    }
    const auto split = a.empty() || b.empty() ? std::nullopt : middle(a, b);
    if (!split) {
        std::fill_n(changes.removed.begin() + origin.x, a.size(), 1);
        std::fill_n(changes.added.begin() + origin.y, b.size(), 1);
        return;
    }
    const auto x = static_cast<std::size_t>(split->x), y = static_cast<std::size_t>(split->y);
    compare(a.first(x), b.first(y), origin, changes);
    compare(a.subspan(x), b.subspan(y), {origin.x + split->x, origin.y + split->y}, changes);
}

struct Change { // lines [x, x_end) became lines [y, y_end)
    Index x, x_end, y, y_end;
};

std::vector<Change> grouped(const Changes& flags) {
    std::vector<Change> changes;
    const Index n = std::ssize(flags.removed), m = std::ssize(flags.added);
    const auto removed = [&](Index i) { return i < n && flags.removed[static_cast<std::size_t>(i)] != 0; };
    const auto added = [&](Index i) { return i < m && flags.added[static_cast<std::size_t>(i)] != 0; };
    for (Index x = 0, y = 0; x < n || y < m; ++x, ++y) {
        Change change{x, x, y, y};
        while (removed(change.x_end))
            ++change.x_end;
        while (added(change.y_end))
            ++change.y_end;
        if (change.x == change.x_end && change.y == change.y_end) continue;
        changes.push_back(change);
        x = change.x_end;
        y = change.y_end;
    }
    return changes;
}

void put_line(std::string& out, char mark, std::string_view line) {
    out += mark;
    out += line;
    if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

// "12,3", "12" for one line; for none the line before it.
std::string extent(Index begin, Index end) {
    const Index count = end - begin;
    if (count == 1) return fmt::format("{}", begin + 1);
    return fmt::format("{},{}", count == 0 ? begin : begin + 1, count);
}

struct Texts {
    std::vector<std::string_view> before, after;
};

// Changes close enough to share their context stand in one hunk.
void put_hunk(std::string& out, const Texts& texts, std::span<const Change> changes) {
    const auto &first = changes.front(), &last = changes.back();
    const Index lead = std::min(context, first.x), tail = std::min(context, std::ssize(texts.before) - last.x_end);
    out += fmt::format("@@ -{} +{} @@\n", extent(first.x - lead, last.x_end + tail),
                       extent(first.y - lead, last.y_end + tail));
    const auto put_range = [&](char mark, const std::vector<std::string_view>& lines, Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
            put_line(out, mark, lines[static_cast<std::size_t>(i)]);
    };
    Index shown = first.x - lead;
    for (const auto& change : changes) {
        put_range(' ', texts.before, shown, change.x);
        put_range('-', texts.before, change.x, change.x_end);
        put_range('+', texts.after, change.y, change.y_end);
        shown = change.x_end;
    }
    put_range(' ', texts.before, shown, shown + tail);
}

} // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name) {
    if (before == after) return {};
    const Texts texts{lines_of(before), lines_of(after)};
    LineIds ids;
    const auto a = numbered(texts.before, ids), b = numbered(texts.after, ids);
    Changes flags{std::vector<char>(a.size()), std::vector<char>(b.size())};
    compare(a, b, {0, 0}, flags);

    auto out = fmt::format("--- {}\n+++ {}\n", before_name, after_name);
    const auto changes = grouped(flags);
    for (std::size_t begin = 0, end = 1; begin < changes.size(); begin = end++) {
        while (end < changes.size() && changes[end].x - changes[end - 1].x_end <= 2 * context)
            ++end;
        put_hunk(out, texts, std::span(changes).subspan(begin, end - begin));
    }
    return out;
}

} // namespace mailctl
