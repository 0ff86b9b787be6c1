// SPDX-License-Identifier: Apache-2.0
// Posters: who may post to a list (specification 3, `post`). Either a word, or the addresses of anybody; parsed once,
// where a file, a command line or a cell is read, so that no text is ever taken for somebody's right.
#pragma once

#include "mailctl/model/address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct Posters {
    enum class Who { anyone, domain, members, named };
    Who who = Who::anyone;
    std::vector<Address> named = {}; // of Who::named only; without any, nobody may post

    [[nodiscard]] static Posters only(std::vector<Address> addresses) { return {Who::named, std::move(addresses)}; }
    [[nodiscard]] static std::optional<Posters> find_word(std::string_view text); // "anyone", "domain", "members"
    [[nodiscard]] bool is_word() const { return who != Who::named; }
    [[nodiscard]] std::vector<std::string> texts() const; // the word, or the addresses
    [[nodiscard]] std::vector<std::string> keys() const;  // the same; equal for equal addresses
    bool operator==(const Posters&) const = default;
};

} // namespace mailctl
