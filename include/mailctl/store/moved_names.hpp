// SPDX-License-Identifier: Apache-2.0
// Names whose mail has moved from this machine to another: lib/moved. A front end, or the queue of one, may still send
// mail for them here for a while, because an MTA looks a route up once and not again before it has tried. Such mail
// waits until it finds its way; "no such user" would bounce it. What is here is never asked for a name that exists.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/address.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/paths.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>

namespace mailctl {

inline constexpr std::chrono::hours moved_names_are_kept{14 * 24};

// "paul@one.example", or "@one.example" for all names of a domain that are not there. Durable; known ones are renewed,
// and those that are too old go.
[[nodiscard]] Status remember_moved(const Paths& paths, std::span<const std::string> names, Instant now);

// The file, read again when it changes; for many threads.
class MovedNames {
  public:
    explicit MovedNames(std::string path) : path_(std::move(path)) {}
    explicit MovedNames(const Paths& paths);
    // Whether this address, as it is or without what follows one of `delimiters`, has moved away.
    [[nodiscard]] Result<bool> contains(const Address& address, std::string_view delimiters, Instant now);

  private:
    std::string path_;
    std::mutex mutex_;
    std::optional<FileStamp> stamp_;
    std::map<std::string, Instant, std::less<>> names_;
};

} // namespace mailctl
