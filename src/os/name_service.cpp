// SPDX-License-Identifier: Apache-2.0
// getent's answers are lines of a database, its status says whether there is one.
#include "mailctl/os/name_service.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/process.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <map>
#include <mutex>
#include <netinet/in.h>

namespace mailctl {
namespace {

constexpr const char* getent = "/usr/bin/getent";  // of libc-bin, which is always there
constexpr int not_found = 2;                       // its status
constexpr std::chrono::seconds lookup_timeout{20}; // a directory server or DNS may have to be asked

// The lines for `key`; "" if there are none.
Result<std::string> ask(const char* database, const std::string& key) {
    ProcessOptions options;
    options.timeout = lookup_timeout;
    auto asked = run({getent, "--", database, key}, options);
    if (asked && asked->status == not_found) return std::string();
    if (asked && asked->status == 0) return std::move(asked->output);
    const auto why = asked ? fmt::format("status {}", asked->status) : asked.error().what;
    return fail(ErrorKind::temporary, fmt::format("cannot look up '{}' in '{}': {}", key, database, why));
}

// One change asks for the mail account in many places. What was found stands as long as this process lives; what was
// not may be created yet.
Result<std::string> ask_once(const char* database, const std::string& name) {
    static std::mutex mutex;
    static std::map<std::pair<std::string, std::string>, std::string> found;
    const std::lock_guard lock(mutex);
    if (const auto known = found.find({database, name}); known != found.end()) return known->second;
    TRY_ASSIGN(auto line, ask(database, name));
    if (!line.empty()) found.emplace(std::pair(database, name), line);
    return line;
}

using Fields = std::vector<std::string_view>;

// NAME:PASSWORD:NUMBER:... A number as key finds an entry, too, but it is not the name of it.
std::optional<Fields> parse_entry(std::string_view line, std::string_view name) {
    auto fields = split(line, ':');
    if (fields.size() < 4 || fields[0] != name) return std::nullopt;
    return fields;
}

std::optional<unsigned> parse_number(std::string_view text) {
    unsigned number = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return number;
}

template <class Address>
SocketAddress to_socket_address(const Address& address) {
    SocketAddress made;
    std::memcpy(&made.storage, &address, sizeof address);
    made.length = sizeof address;
    return made;
}

std::optional<SocketAddress> parse_address(const std::string& text, unsigned short port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) return to_socket_address(v4);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) return to_socket_address(v6);
    return std::nullopt;
}

} // namespace

Result<std::optional<SystemUser>> find_account(const std::string& name) {
    TRY_ASSIGN(const std::string line, ask_once("passwd", name));
    const auto fields = parse_entry(line, name);
    if (!fields) return std::nullopt;
    const auto user = parse_number((*fields)[2]), group = parse_number((*fields)[3]);
    if (!user || !group) return std::nullopt;
    return SystemUser{*user, *group};
}

Result<std::optional<gid_t>> find_group(const std::string& name) {
    TRY_ASSIGN(const std::string line, ask_once("group", name));
    const auto fields = parse_entry(line, name);
    if (!fields) return std::nullopt;
    return parse_number((*fields)[2]);
}

Result<std::vector<SocketAddress>> find_addresses(const std::string& host, unsigned short port) {
    if (const auto numeric = parse_address(host, port)) return std::vector{*numeric};
    TRY_ASSIGN(const std::string lines, ask("ahosts", host));
    std::vector<SocketAddress> addresses;
    for (const auto line : split(lines, '\n')) { // ADDRESS STREAM NAME, then the same for DGRAM and RAW
        const auto end = line.find(' ');
        if (end == line.npos || line.find(" STREAM") == line.npos) continue;
        if (const auto address = parse_address(std::string(line.substr(0, end)), port)) addresses.push_back(*address);
    }
    return addresses;
}

} // namespace mailctl
