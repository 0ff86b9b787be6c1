// SPDX-License-Identifier: Apache-2.0
// libunistring knows the width of each character. What it calls a control character takes one column here: printable()
// leaves none, and a replaced byte is shown as one.
#include "display_width.hpp"

#include "mailctl/base/text.hpp"

#include <uniwidth.h>

namespace mailctl {
namespace {

constexpr std::string_view ellipsis = "…";

std::size_t columns_of_point(char32_t point) {
    if (point < 0x300) return 1;
    const int columns = ::uc_width(point, "UTF-8");
    return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

} // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        width += point ? columns_of_point(point->value) : 1;
        at += point ? point->length : 1;
    }
    return width;
}

std::string shortened(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::size_t used = 0, at = 0;
    while (true) {
        const auto point = code_point_at(text, at).value_or(CodePoint{U'?', 1});
        const auto next = used + columns_of_point(point.value);
        if (next > width - 1) break;
        used = next;
        at += point.length;
    }
    return std::string(text.substr(0, at)).append(ellipsis);
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent_of_next_lines) {
    std::string out;
    std::size_t used = 0;
    for (const auto word : split(text, ' ')) {
        const auto columns = display_width(word);
        const bool is_first = word.data() == text.data();
        if (!is_first && used > 0 && used + 1 + columns > width) {
            out.append(1, '\n').append(indent_of_next_lines, ' ');
            used = 0;
        } else if (!is_first) {
            out += ' ';
            ++used;
        }
        out += word;
        used += columns;
    }
    return out;
}

} // namespace mailctl
