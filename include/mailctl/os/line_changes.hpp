// SPDX-License-Identifier: Apache-2.0
// Lines of a large text that go and come, without writing the rest anew. For texts whose lines are rows: their order
// means nothing but that of two rows with one key the first counts, as for Dovecot; a line that begins with '#' and an
// empty one say nothing. First lines come, at the end and each within one page of the file; then lines go, by their
// first byte, which becomes '#', and the rest is blotted out after it. So whoever reads meanwhile, or after a crash,
// finds each row as it was or as it will be, whole, and no key is ever without one that it has before and after; not
// all of the rows of one change at once.
#pragma once

#include "mailctl/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct LineChanges { // without line ends; a line of both is no change
    std::vector<std::string> removed, added;
    // Under which heading the removed lines stood when the text was made: a comment line, "# domain example.com".
    // Headings differ in their last word and stand sorted by it, and none is the first line. "": anywhere.
    std::string section = {};
    [[nodiscard]] bool empty() const { return removed.empty() && added.empty(); }
    [[nodiscard]] std::size_t size() const { return removed.size() + added.size(); }
};
// From the lines of one text to those of another, as often as they stand there.
[[nodiscard]] LineChanges compare_lines(std::string_view before, std::string_view after);

// Stands before the lines of each change and, where lines went, behind them: so the size of the file changes after the
// last of them is gone, and that is how Dovecot notices within one second.
inline constexpr std::string_view change_mark = "# changed in place\n";

// Durable when it returns. The cost is one search through its section, and through what earlier changes added, for each
// line removed, and nothing for those added. conflict: a removed line is not there; nothing was changed then.
[[nodiscard]] Status change_lines(const std::string& path, std::span<const LineChanges> changes);

// The rows of a text, whatever their order: equal for equal rows, and as good as never for others.
struct RowsDigest {
    std::uint64_t rows = 0, sum = 0;
    bool operator==(const RowsDigest&) const = default;
};
[[nodiscard]] RowsDigest digest_rows(std::string_view text);

} // namespace mailctl
