// SPDX-License-Identifier: Apache-2.0
// A mail root of its own for one test, and looking into the Maildirs below it.
#pragma once

#include "mailctl/maildir/maildir.hpp"
#include "mailctl/os/message_content.hpp"

#include "../os/temp_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace mailctl::test {

inline Address address(std::string_view text) { return Address::parse(text).value(); }
inline const Address paul = address("paul@one.example");
inline constexpr Instant noon{std::chrono::microseconds{1'700'000'000'123'457}};

inline std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
inline void write_file(const std::string& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
}
// Names in a directory, sorted; none where it does not exist.
inline std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code absent;
    for (const auto& entry : std::filesystem::directory_iterator(directory, absent))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}
// The messages in new/ of "one.example/paul".
inline std::vector<std::string> messages_in(const std::string& maildir) {
    std::vector<std::string> messages;
    for (const auto& name : names_in(maildir + "/new"))
        messages.push_back(content_of(maildir + "/new/" + name));
    return messages;
}

struct MailRoot {
    TempDirectory directory;
    [[nodiscard]] const std::string& path() const { return directory.path(); }
    [[nodiscard]] std::string operator/(const std::string& name) const { return directory / name; }
    [[nodiscard]] MailStore store() const { return MailStore::open(path(), "mx.example").value(); }
    [[nodiscard]] MessageContent content(std::string_view text) const {
        MessageContent made(path());
        made.append(text);
        return made;
    }
};

} // namespace mailctl::test
