// SPDX-License-Identifier: Apache-2.0
#include "colours.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::string_view red = "31", green = "32", yellow = "33", cyan = "36", strong = "1";

struct ColouredWord {
    std::string_view key, begins, code;
};
// By the key of the cell and the word its text begins with. What is well has no colour.
constexpr std::array<ColouredWord, 14> words{{{"severity", "error", red},
                                              {"severity", "warning", yellow},
                                              {"state", "suspended", yellow},
                                              {"state", "pending", yellow},
                                              {"state", "retiring", yellow},
                                              {"state", "over", yellow},
                                              {"state", "missing", red},
                                              {"state", "wrong", red},
                                              {"state", "bogus", red},
                                              {"state", "unreachable", red},
                                              {"state", "edited", yellow},
                                              {"state", "out of date", red},
                                              {"dns", "pending", yellow},
                                              {"password", "!", yellow}}};

std::string in_colour(std::string_view code, std::string_view text, Colour colour) {
    return colour == Colour::on && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string_view code_of_line(std::string_view line) {
    if (line.starts_with("--- ") || line.starts_with("+++ ")) return strong;
    if (line.starts_with("@@ ")) return cyan;
    if (line.starts_with('+')) return green;
    return line.starts_with('-') ? red : std::string_view{};
}

} // namespace

std::string bold(std::string_view text, Colour colour) { return in_colour(strong, text, colour); }

std::string coloured_value(std::string_view key, std::string_view value, std::string_view shown, Colour colour) {
    const auto meant = std::ranges::find_if(
        words, [&](const ColouredWord& word) { return word.key == key && value.starts_with(word.begins); });
    return meant == words.end() ? std::string(shown) : in_colour(meant->code, shown, colour);
}

std::string coloured_diff(std::string_view text, Colour colour) {
    if (colour == Colour::off) return std::string(text);
    std::string out;
    for (const auto line : split(text, '\n')) {
        if (line.data() != text.data()) out += '\n';
        const auto code = code_of_line(line);
        out += code.empty() ? std::string(line) : in_colour(code, line, colour);
    }
    return out;
}

} // namespace mailctl
