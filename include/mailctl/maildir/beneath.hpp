// SPDX-License-Identifier: Apache-2.0
// Opening and making things below a directory without ever leaving it: no symbolic link is followed, no ".." climbs
// out. What lies below the mail root belongs to others (IMAP server, users); a planted link must not aim a delivery
// elsewhere. openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; component by component where the kernel lacks it.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/os/files.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace mailctl {

// openat(2) of `path` (relative) below `directory`. O_CLOEXEC, O_NOFOLLOW and O_NONBLOCK are implied. missing: ENOENT.
// Without O_PATH, O_DIRECTORY or O_EXCL it must be a regular file (else ENXIO), with one name only if it may be written
// (else EMLINK).
[[nodiscard]] Result<FileDescriptor> open_beneath(int directory, const std::string& path, int flags, mode_t mode = 0);
// The same for a directory that is to be read or synced.
[[nodiscard]] Result<FileDescriptor> open_directory_beneath(int directory, const std::string& path);
// nullopt: there is none.
[[nodiscard]] Result<std::optional<FileDescriptor>> find_directory_beneath(int directory, const std::string& path);
// Names of all that is in an open directory but "." and "..", in no order. `path` is for messages.
[[nodiscard]] Result<std::vector<std::string>> entries_of(const FileDescriptor& directory, const std::string& path);

} // namespace mailctl
