// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/last_delivery.hpp"

#include "mailctl/maildir/beneath.hpp"

#include <charconv>
#include <fcntl.h>

namespace mailctl {
namespace {

std::optional<std::int64_t> seconds_of(const std::string& name) {
    std::int64_t seconds = 0;
    const auto [end, trouble] = std::from_chars(name.data(), name.data() + name.size(), seconds);
    const bool is_time = trouble == std::errc{} && end != name.data() + name.size() && *end == '.' && seconds > 0;
    constexpr std::int64_t year_10000 = 253'402'300'800;
    return is_time && seconds < year_10000 ? std::optional(seconds) : std::nullopt;
}

std::optional<Instant> newest_in(const Maildir& folder, const std::string& part) {
    const auto directory = open_directory_beneath(folder.directory(), part);
    if (!directory) return std::nullopt;
    const auto names = entries_of(*directory, part);
    if (!names) return std::nullopt;
    std::optional<Instant> newest;
    for (const auto& name : *names)
        if (const auto seconds = seconds_of(name)) {
            const Instant delivered{std::chrono::seconds{*seconds}};
            if (!newest || delivered > *newest) newest = delivered;
        }
    return newest;
}

} // namespace

std::optional<Instant> newest_message(const Maildir& folder) {
    const auto unread = newest_in(folder, "new");
    return unread ? unread : newest_in(folder, "cur");
}

} // namespace mailctl
