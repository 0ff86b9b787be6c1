// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/generation_book.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

TEST_CASE("a book of generations is read as it was written, and not at all where it is damaged") {
    const GenerationBook book{12, std::string("\x00\xff z", 4), 40, {{"a.example", "ab12"}, {"b.example", "cd34"}}};
    const auto text = format_book(book);
    CHECK(parse_book(text) == book);
    CHECK(parse_book(format_book({})) == GenerationBook{});
    for (std::size_t length = 0; length + 1 < text.size(); ++length)
        CHECK(parse_book(text.substr(0, length)) == GenerationBook{});
    CHECK(parse_book("x" + text) == GenerationBook{});
    CHECK(parse_book(text + "more") == GenerationBook{});
}
