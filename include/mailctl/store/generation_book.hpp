// SPDX-License-Identifier: Apache-2.0
// GenerationBook: which generation of the published directory this host wrote or took last. A small text file; without
// it, or where it is damaged, everything is compared or fetched again.
#pragma once

#include "mailctl/base/result.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace mailctl {

struct GenerationBook {
    std::int64_t generation = 0;              // 0: none yet
    std::string sha256;                       // of that generation, its 32 bytes
    std::uint64_t history = 0;                // of a publisher: the last change that is in it
    std::map<std::string, std::string> seals; // of a node: the digests of its domains, by name, as published
    bool operator==(const GenerationBook&) const = default;
};
[[nodiscard]] std::string format_book(const GenerationBook& book);
[[nodiscard]] GenerationBook parse_book(const std::string& text); // an empty one for anything damaged

[[nodiscard]] Result<GenerationBook> load_book(const std::string& path);
[[nodiscard]] Status save_book(const std::string& path, const GenerationBook& book); // durable

} // namespace mailctl
