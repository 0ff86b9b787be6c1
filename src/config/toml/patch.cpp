// SPDX-License-Identifier: Apache-2.0
// Patience diff on lines: lines that occur once in both texts and keep their order are the fixed points, and what lies
// between two of them is one hunk. No quadratic case, and a table header or an address is such a line.
#include "mailctl/config/toml/patch.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <unordered_map>

namespace mailctl {

namespace {

using Lines = std::vector<std::string_view>; // each with its line end

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end == std::string_view::npos ? end : end + 1));
        text.remove_prefix(lines.back().size());
    }
    return lines;
}

struct Pair { // the same line in both texts
    std::size_t before, after;
};

// Pairs of lines that occur exactly once in either range, ordered by their place before.
std::vector<Pair> unique_pairs(const Lines& before, const Lines& after) {
    struct Count {
        std::size_t before = 0, after = 0, place_after = 0;
    };
    std::unordered_map<std::string_view, Count> counts;
    for (const auto line : before)
        ++counts[line].before;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const auto found = counts.find(after[i]);
        if (found == counts.end()) continue;
        ++found->second.after;
        found->second.place_after = i;
    }
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Count& count = counts.find(before[i])->second;
        if (count.before == 1 && count.after == 1) pairs.push_back({i, count.place_after});
    }
    return pairs;
}

// The longest selection that keeps the order in the text after (patience sorting with back links).
std::vector<Pair> longest_ascending(const std::vector<Pair>& pairs) {
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::vector<std::size_t> tops, previous(pairs.size(), none);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto pile =
            std::lower_bound(tops.begin(), tops.end(), pairs[i].after,
                             [&](std::size_t top, std::size_t place) { return pairs[top].after < place; });
        if (pile != tops.begin()) previous[i] = *(pile - 1);
        if (pile == tops.end())
            tops.push_back(i);
        else
            *pile = i;
    }
    std::vector<Pair> chain;
    for (std::size_t i = tops.empty() ? none : tops.back(); i != none; i = previous[i])
        chain.push_back(pairs[i]);
    std::reverse(chain.begin(), chain.end());
    return chain;
}

std::size_t length_of(const Lines& lines, std::size_t begin, std::size_t end) {
    std::size_t length = 0;
    for (std::size_t i = begin; i < end; ++i)
        length += lines[i].size();
    return length;
}

constexpr std::size_t block = 4096; // compared at once: most of a large text is the same

std::size_t common_lines_before(std::string_view a, std::string_view b) {
    std::size_t same = 0;
    const auto size = std::min(a.size(), b.size());
    while (size - same >= block && a.compare(same, block, b, same, block) == 0)
        same += block;
    while (same < size && a[same] == b[same])
        ++same;
    return same == 0 ? 0 : a.rfind('\n', same - 1) + 1;
}

std::size_t common_lines_behind(std::string_view a, std::string_view b) {
    std::size_t same = 0;
    const auto size = std::min(a.size(), b.size());
    while (size - same >= block && a.substr(a.size() - same - block, block) == b.substr(b.size() - same - block, block))
        same += block;
    while (same < size && a[a.size() - same - 1] == b[b.size() - same - 1])
        ++same;
    const auto begins_line = [&](std::string_view text) {
        return same == text.size() || text[text.size() - same - 1] == '\n';
    };
    if (begins_line(a) && begins_line(b)) return same;
    const auto line_end = a.find('\n', a.size() - same);
    return line_end == a.npos ? 0 : a.size() - line_end - 1;
}

// A run of lines of both texts, of which the equal ones at both ends are not part of the hunk.
struct Gap {
    std::size_t before_begin, before_end, after_begin, after_end;

    void trim(const Lines& before, const Lines& after) {
        while (before_begin < before_end && after_begin < after_end && before[before_begin] == after[after_begin])
            ++before_begin, ++after_begin;
        while (before_begin < before_end && after_begin < after_end && before[before_end - 1] == after[after_end - 1])
            --before_end, --after_end;
    }
    [[nodiscard]] bool empty() const { return before_begin == before_end && after_begin == after_end; }
};

bool is_header(std::string_view line) { return trim(line).starts_with('['); }
bool is_blank(std::string_view line) { return trim(line).empty() || trim(line).starts_with('#'); }

bool has_header(const PatchHunk& hunk) {
    return std::ranges::any_of(lines_of(hunk.removed), is_header) ||
           std::ranges::any_of(lines_of(hunk.inserted), is_header);
}

std::uint64_t end_of(const PatchHunk& hunk) { return hunk.offset + hunk.removed.size(); }

enum class Begin { header, key, nothing };

Begin begin_of(std::string_view text) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        if (!is_blank(line)) return is_header(line) ? Begin::header : Begin::key;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return Begin::nothing;
}

// A hunk and what its place in the text means for TOML.
struct Placed {
    const PatchHunk& hunk;
    bool header;   // it brings or takes a table header
    bool detached; // no key, neither of it nor behind it, belongs to the table above: that may be any table

    Placed(const PatchHunk& of, std::string_view text) : hunk(of), header(has_header(of)) {
        const auto no_key = [](std::string_view lines) { return begin_of(lines) != Begin::key; };
        detached = no_key(of.removed) && no_key(of.inserted) && no_key(text.substr(end_of(of)));
    }
};

bool may_touch(const Placed& left, const Placed& right) { return right.detached || (!left.header && !right.header); }

// A last line without its end can't have another behind it.
bool ends_open(const PatchHunk& hunk) { return !hunk.inserted.empty() && !hunk.inserted.ends_with('\n'); }

enum class Order { before, after, conflict };

// Where `other` lies as seen from `hunk`, which it meets. Two insertions at one place have no order of their own: whole
// tables may stand in any, so it is that of their texts, the same from either side; lines may not.
Order order_of(const Placed& other, const Placed& hunk) {
    bool before = end_of(other.hunk) == hunk.hunk.offset && may_touch(other, hunk);
    bool after = other.hunk.offset == end_of(hunk.hunk) && may_touch(hunk, other);
    if (before && after) {
        if (!other.header || !hunk.header) return Order::conflict;
        before = other.hunk.inserted < hunk.hunk.inserted;
        after = !before;
    }
    if (before && !ends_open(other.hunk)) return Order::before;
    if (after && !ends_open(hunk.hunk)) return Order::after;
    return Order::conflict;
}

// Where the table headers of `text` begin that `patch` leaves alone.
std::vector<std::uint64_t> headers_beside(const Patch& patch, std::string_view text) {
    std::vector<std::uint64_t> headers;
    auto hunk = patch.begin();
    std::uint64_t at = 0;
    for (const auto line : lines_of(text)) {
        while (hunk != patch.end() && end_of(*hunk) <= at)
            ++hunk;
        if (is_header(line) && (hunk == patch.end() || at < hunk->offset)) headers.push_back(at);
        at += line.size();
    }
    return headers;
}

// Whether a hunk of `patch` holds keys of a table whose header `other` has touched, or cut off from them: the table
// above them is then another, however far above.
bool loses_table(const Patch& patch, const Patch& other, std::string_view text) {
    const auto headers = headers_beside(patch, text);
    std::vector<const PatchHunk*> touched;
    for (const PatchHunk& hunk : other)
        if (has_header(hunk)) touched.push_back(&hunk);
    return std::ranges::any_of(patch, [&](const PatchHunk& hunk) {
        if (Placed(hunk, text).detached) return false;
        const auto next = std::ranges::lower_bound(headers, hunk.offset);
        // The last one that begins above the hunk is the one to reach down to it, if any does.
        const auto above = std::ranges::lower_bound(touched, hunk.offset, {}, &PatchHunk::offset);
        if (above == touched.begin()) return false;
        return next == headers.begin() || end_of(**(above - 1)) > *(next - 1);
    });
}

} // namespace

Patch make_patch(std::string_view before, std::string_view after) {
    const auto same_before = common_lines_before(before, after);
    const auto same_behind = common_lines_behind(before.substr(same_before), after.substr(same_before));
    const auto middle_of = [&](std::string_view text) {
        return text.substr(same_before, text.size() - same_behind - same_before);
    };
    const Lines old_lines = lines_of(middle_of(before)), new_lines = lines_of(middle_of(after));
    Gap middle{0, old_lines.size(), 0, new_lines.size()};
    middle.trim(old_lines, new_lines);
    const auto part = [](const Lines& lines, std::size_t begin, std::size_t end) {
        return Lines(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                     lines.begin() + static_cast<std::ptrdiff_t>(end));
    };
    const Lines old_middle = part(old_lines, middle.before_begin, middle.before_end);
    const Lines new_middle = part(new_lines, middle.after_begin, middle.after_end);
    std::vector<Pair> fixed = longest_ascending(unique_pairs(old_middle, new_middle));
    fixed.push_back({old_middle.size(), new_middle.size()});

    Patch patch;
    std::size_t old_at = 0, new_at = 0; // lines done
    std::uint64_t old_offset = same_before + length_of(old_lines, 0, middle.before_begin), new_offset = old_offset;
    for (const Pair& point : fixed) {
        Gap gap{old_at, point.before, new_at, point.after};
        gap.trim(old_middle, new_middle);
        old_offset += length_of(old_middle, old_at, gap.before_begin);
        new_offset += length_of(new_middle, new_at, gap.after_begin);
        const std::size_t removed = length_of(old_middle, gap.before_begin, gap.before_end);
        const std::size_t inserted = length_of(new_middle, gap.after_begin, gap.after_end);
        if (!gap.empty())
            patch.push_back({old_offset, std::string(before.substr(old_offset, removed)),
                             std::string(after.substr(new_offset, inserted))});
        old_offset += removed;
        new_offset += inserted;
        old_at = gap.before_end;
        new_at = gap.after_end;
    }
    return patch;
}

Result<std::string> apply_patch(std::string_view text, const Patch& patch) {
    std::string result;
    std::uint64_t at = 0;
    for (const PatchHunk& hunk : patch) {
        const bool fits =
            hunk.offset >= at && hunk.offset <= text.size() && text.substr(hunk.offset).starts_with(hunk.removed);
        if (!fits) return fail(ErrorKind::conflict, "the text has changed since");
        result += text.substr(at, hunk.offset - at);
        result += hunk.inserted;
        at = end_of(hunk);
    }
    result += text.substr(at);
    return result;
}

Patch reverse_patch(const Patch& patch) {
    Patch reverse;
    std::uint64_t removed = 0, inserted = 0; // before the hunk
    for (const PatchHunk& hunk : patch) {
        reverse.push_back({hunk.offset - removed + inserted, hunk.inserted, hunk.removed});
        removed += hunk.removed.size();
        inserted += hunk.inserted.size();
    }
    return reverse;
}

Result<Patch> move_patch(const Patch& patch, const Patch& later, std::string_view text) {
    const auto conflict = [] { return fail(ErrorKind::conflict, "the same lines have changed since"); };
    if (loses_table(patch, later, text) || loses_table(later, patch, text)) return conflict();
    Patch moved = patch;
    std::uint64_t shift = 0; // modulo 2^64, so that it may be negative
    auto next = later.begin();
    for (PatchHunk& hunk : moved) {
        for (; next != later.end() && end_of(*next) < hunk.offset; ++next)
            shift += next->inserted.size() - next->removed.size();
        std::uint64_t touching = 0; // these may touch the next hunk as well
        for (auto other = next; other != later.end() && other->offset <= end_of(hunk); ++other) {
            const Order order = order_of(Placed(*other, text), Placed(hunk, text));
            if (order == Order::conflict) return conflict();
            if (order == Order::before) touching += other->inserted.size() - other->removed.size();
        }
        hunk.offset += shift + touching;
    }
    return moved;
}

} // namespace mailctl
