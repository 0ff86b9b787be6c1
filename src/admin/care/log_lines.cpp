// SPDX-License-Identifier: Apache-2.0
// No byte is looked at twice, and never more than a line and a piece are kept.
#include "log_lines.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {

Status BarrenStretch::pass(std::string_view piece, std::string_view path) {
    const auto last_end = piece.rfind('\n');
    length_ = last_end == piece.npos ? length_ + piece.size() : piece.size() - last_end - 1;
    if (length_ <= longest_barren) return {};
    return fail(ErrorKind::failed, fmt::format("'{}' goes on for {} MiB without the end of a line: it is no log",
                                               printable(path), longest_barren >> 20));
}

Status for_each_whole_line(ByteSource& bytes, std::string_view path, const std::function<void(std::string_view)>& use) {
    constexpr std::size_t piece_size = std::size_t{256} << 10;
    std::string piece(piece_size, '\0'), begun; // begun: a line that the next piece goes on with
    BarrenStretch barren;
    for (;;) {
        TRY_ASSIGN(const std::size_t got, bytes.read(piece));
        if (got == 0) return {};
        std::string_view rest(piece.data(), got);
        TRY(barren.pass(rest, path));
        for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
            begun.append(rest.substr(0, end));
            if (begun.size() <= longest_line) use(begun);
            begun.clear();
            rest.remove_prefix(end + 1);
        }
        if (begun.size() <= longest_line) begun.append(rest); // else it is too long already
    }
}

} // namespace mailctl
