// SPDX-License-Identifier: Apache-2.0
// Names of message files and folders. Refusals come before encoding, so that no encoded name can hide what was refused.
#include "mailctl/mail/maildir_name.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace mailctl {
namespace {

constexpr std::size_t max_name = 255; // NAME_MAX of Linux file systems
constexpr std::size_t max_host = 128; // leaves room for sizes and flags

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
}
bool breaks_names(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::optional<std::uint64_t> parse_count(std::string_view text) {
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_folder_level(std::string_view level) {
    return !level.empty() && !level.starts_with('~') && level.find('.') == level.npos &&
           std::ranges::none_of(level, breaks_names);
}

} // namespace

std::string escape_host(std::string_view host) {
    if (!host.empty() && host.size() <= max_host && std::ranges::all_of(host, is_plain)) return std::string(host);
    std::string escaped;
    for (char c : host) {
        std::string piece = is_plain(c) ? std::string(1, c) : fmt::format("\\{:03o}", static_cast<unsigned char>(c));
        if (escaped.size() + piece.size() > max_host) break;
        escaped += piece;
    }
    return escaped.empty() ? "localhost" : escaped;
}

std::string format_unique_name(const UniqueName& name) {
    return fmt::format("{}.M{:06}P{}Q{}.{}", name.seconds, name.microseconds, name.pid, name.counter,
                       escape_host(name.host));
}

std::string format_message_name(const UniqueName& name, std::uint64_t size, std::uint64_t virtual_size) {
    return add_sizes(format_unique_name(name), size, virtual_size);
}

std::string add_sizes(std::string_view unique_name, std::uint64_t size, std::uint64_t virtual_size) {
    return fmt::format("{},S={},W={}", unique_name, size, virtual_size);
}

MessageName parse_message_name(std::string_view name) {
    MessageName parsed;
    auto colon = name.find(':');
    parsed.base = name.substr(0, colon);
    if (colon != name.npos && name.substr(colon).starts_with(":2,")) {
        parsed.flags = name.substr(colon + 3);
        parsed.flags = parsed.flags.substr(0, parsed.flags.find(','));
    }
    auto fields = split(parsed.base, ',');
    for (std::size_t i = 1; i < fields.size(); ++i) {
        if (fields[i].starts_with("S=") && !parsed.size) parsed.size = parse_count(fields[i].substr(2));
        if (fields[i].starts_with("W=") && !parsed.virtual_size) parsed.virtual_size = parse_count(fields[i].substr(2));
    }
    return parsed;
}

std::optional<std::string> folder_directory(std::string_view folder) {
    if (equal_folded(folder, "inbox")) return std::nullopt; // the Maildir itself is INBOX
    std::string directory;
    for (std::string_view level : split(folder, '/')) {
        auto encoded = encode_modified_utf7(level);
        if (!is_folder_level(level) || !encoded) return std::nullopt;
        directory += "." + *encoded;
        if (directory.size() > max_name) return std::nullopt;
    }
    return directory;
}

std::optional<std::string> folder_from_directory(std::string_view directory) {
    if (!directory.starts_with('.') || directory.find('/') != directory.npos) return std::nullopt;
    std::string folder;
    for (std::string_view encoded : split(directory.substr(1), '.')) {
        auto level = decode_modified_utf7(encoded);
        if (!level || level->empty()) return std::nullopt;
        folder += (folder.empty() ? "" : "/") + *level;
    }
    return folder;
}

std::optional<std::string> detail_directory(std::string_view detail) {
    if (detail.find('/') != detail.npos) return std::nullopt;
    std::string folder(detail);
    std::ranges::replace(folder, '.', '/');
    return folder_directory(folder);
}

} // namespace mailctl
