// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/posters.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::array<std::string_view, 3> poster_words{"anyone", "domain", "members"}; // as Posters::Who

std::vector<std::string> words_or(const Posters& posters, std::string (Address::*form)() const) {
    if (posters.is_word()) return {std::string(poster_words.at(static_cast<std::size_t>(posters.who)))};
    std::vector<std::string> texts;
    for (const auto& address : posters.named)
        texts.push_back((address.*form)());
    return texts;
}

} // namespace

std::optional<Posters> Posters::find_word(std::string_view text) {
    const auto* const word = std::ranges::find(poster_words, text);
    if (word == poster_words.end()) return std::nullopt;
    return Posters{static_cast<Who>(word - poster_words.begin())};
}

std::vector<std::string> Posters::texts() const { return words_or(*this, &Address::text); }

std::vector<std::string> Posters::keys() const { return words_or(*this, &Address::key); }

} // namespace mailctl
