// SPDX-License-Identifier: Apache-2.0
// Lines of words; the last one counts the others, so that a file that was cut off is known for it.
#include "mailctl/store/generation_book.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mailctl {
namespace {

std::string book_hex(const std::string& bytes) {
    std::string text;
    for (const char c : bytes)
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::string bytes_of_hex(std::string_view text) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        unsigned byte = 0;
        std::from_chars(text.data() + at, text.data() + at + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

template <class Number>
bool read_book_number(std::string_view text, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

bool read_book_line(const std::vector<std::string_view>& words, GenerationBook& book) {
    if (words.size() == 2 && words[0] == "generation") return read_book_number(words[1], book.generation);
    if (words.size() == 2 && words[0] == "history") return read_book_number(words[1], book.history);
    if (words.size() == 2 && words[0] == "sha256") {
        book.sha256 = bytes_of_hex(words[1]);
        return true;
    }
    if (words.size() != 3 || words[0] != "domain") return false;
    book.seals.emplace(words[1], words[2]);
    return true;
}

} // namespace

std::string format_book(const GenerationBook& book) {
    std::string text =
        fmt::format("generation {}\nsha256 {}\nhistory {}\n", book.generation, book_hex(book.sha256), book.history);
    for (const auto& [name, seal] : book.seals)
        text += fmt::format("domain {} {}\n", name, seal);
    return text + fmt::format("lines {}\n", book.seals.size() + 3);
}

GenerationBook parse_book(const std::string& text) {
    GenerationBook book;
    std::size_t lines = 0, said = 0;
    for (const auto line : split(text, '\n')) {
        const auto words = split(line, ' ');
        if (words.size() == 2 && words[0] == "lines") {
            if (!read_book_number(words[1], said)) return {};
        } else if (!line.empty()) {
            if (!read_book_line(words, book)) return {};
            ++lines;
        }
    }
    return lines > 0 && lines == said ? book : GenerationBook{};
}

Result<GenerationBook> load_book(const std::string& path) {
    TRY_ASSIGN(const auto stamp, find_stamp(path));
    if (!stamp) return GenerationBook{};
    TRY_ASSIGN(const auto text, load_file(path));
    return parse_book(text);
}

Status save_book(const std::string& path, const GenerationBook& book) {
    return replace_file(path, format_book(book), FileMode{0640, std::nullopt});
}

} // namespace mailctl
