// SPDX-License-Identifier: Apache-2.0
#include "mailctl/routing/local_name.hpp"

#include <algorithm>

namespace mailctl {

std::optional<Detail> split_detail(const LocalPart& local, const std::string& delimiters) {
    const auto at = local.text().find_first_of(delimiters);
    if (at == std::string::npos || at == 0) return std::nullopt;
    return Detail{local.key().substr(0, at), local.text().substr(at + 1)};
}

bool is_allowed_name(std::string_view key, const std::string& characters) {
    constexpr std::size_t max_local_part = 64; // RFC 5321 4.5.3.1.1
    const auto is_allowed = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || characters.find(c) != std::string::npos;
    };
    return !key.empty() && key.size() <= max_local_part && std::ranges::all_of(key, is_allowed) && key.front() != '.' &&
           key.back() != '.' && key.find("..") == std::string_view::npos;
}

bool is_reserved_name(std::string_view local_key) { return local_key == "postmaster" || local_key == "abuse"; }

} // namespace mailctl
