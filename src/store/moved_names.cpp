// SPDX-License-Identifier: Apache-2.0
// "NAME<tab>time in seconds since 1970" on each line.
#include "mailctl/store/moved_names.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/address.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mailctl {

namespace {

using MovedTimes = std::map<std::string, Instant, std::less<>>;

std::string moved_path(const Paths& paths) { return paths.lib + "/moved"; }

MovedTimes parse_moved(std::string_view text) {
    MovedTimes names;
    for (const auto entry : split(text, '\n')) {
        const auto tab = entry.rfind('\t');
        if (tab == std::string_view::npos) continue;
        std::int64_t seconds = 0;
        std::from_chars(entry.data() + tab + 1, entry.data() + entry.size(), seconds);
        names[std::string(entry.substr(0, tab))] = Instant(std::chrono::seconds(seconds));
    }
    return names;
}

bool is_kept(Instant when, Instant now) { return now - when < moved_names_are_kept; }

} // namespace

Status remember_moved(const Paths& paths, std::span<const std::string> names, Instant now) {
    TRY_ASSIGN(const auto text, find_file(moved_path(paths)));
    auto known = parse_moved(text.value_or(""));
    for (const auto& name : names)
        known[name] = now;
    std::string next;
    for (const auto& [name, when] : known)
        if (is_kept(when, now))
            next += fmt::format("{}\t{}\n", name,
                                std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count());
    return replace_file(moved_path(paths), next, FileMode{0644, std::nullopt});
}

MovedNames::MovedNames(const Paths& paths) : path_(moved_path(paths)) {}

Result<bool> MovedNames::contains(const Address& address, std::string_view delimiters, Instant now) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(const auto stamp, find_stamp(path_));
    if (!stamp) return false;
    if (stamp != stamp_) {
        TRY_ASSIGN(const auto text, find_file(path_));
        names_ = parse_moved(text.value_or(""));
        stamp_ = stamp;
    }
    const auto has = [&](const std::string& name) {
        const auto found = names_.find(name);
        return found != names_.end() && is_kept(found->second, now);
    };
    const auto& local = address.local.key();
    const auto domain = '@' + address.domain.text();
    if (has(local + domain) || has(domain)) return true;
    const auto detail = local.find_first_of(delimiters);
    return detail != std::string::npos && detail != 0 && has(local.substr(0, detail) + domain);
}

} // namespace mailctl
