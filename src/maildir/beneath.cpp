// SPDX-License-Identifier: Apache-2.0
// openat2 first; ENOSYS (old kernels) and EPERM (containers that filter it) lead to the walk, decided once per process.
#include "mailctl/maildir/beneath.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <memory>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr int always = O_CLOEXEC | O_NOFOLLOW;
std::atomic<bool> kernel_resolves{true};

// A FIFO must not make us wait; a place alone (O_PATH) opens none, and the kernel refuses the flags with it.
int with_implied(int flags) { return flags | always | ((flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY); }

int open_resolved(int directory, const char* path, int flags, mode_t mode) {
    open_how how{};
    how.flags = static_cast<decltype(how.flags)>(with_implied(flags));
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    for (int attempt = 0; attempt < 8; ++attempt) { // EAGAIN: something was renamed during the walk
        const auto fd = static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return fd;
    }
    return -1;
}

int open_by_walk(int directory, const std::string& path, int flags, mode_t mode) {
    FileDescriptor held;
    int at = directory;
    const auto parts = split(path, '/');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].empty() || parts[i] == "..") {
            errno = EXDEV; // what openat2 says of an escape
            return -1;
        }
        const std::string part(parts[i]);
        if (i + 1 == parts.size()) return ::openat(at, part.c_str(), with_implied(flags), mode);
        FileDescriptor next(::openat(at, part.c_str(), O_PATH | O_DIRECTORY | always));
        if (!next) return -1;
        held = std::move(next);
        at = held.get();
    }
    errno = ENOENT;
    return -1;
}

// Neither a FIFO nor a device is a file of ours, and what we write into has one name: another may be anywhere.
Status refuse_strange_file(int fd, const std::string& path, int flags) {
    struct stat about {};
    if (::fstat(fd, &about) != 0) return fail(system_error(errno, "cannot examine", path));
    if (!S_ISREG(about.st_mode))
        return fail(Error{ErrorKind::failed, fmt::format("'{}' is not a regular file", path), "", ENXIO});
    const bool only_read = (flags & O_ACCMODE) == O_RDONLY;
    if (!only_read && about.st_nlink > 1)
        return fail(
            Error{ErrorKind::failed, fmt::format("'{}' has another name elsewhere (a hard link)", path), "", EMLINK});
    return {};
}

} // namespace

Result<FileDescriptor> open_beneath(int directory, const std::string& path, int flags, mode_t mode) {
    int fd = -1;
    if (kernel_resolves.load(std::memory_order_relaxed)) {
        fd = open_resolved(directory, path.c_str(), flags, mode);
        if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
            const bool absent = errno == ENOSYS;
            fd = open_by_walk(directory, path, flags, mode);
            if (absent || fd >= 0) kernel_resolves.store(false, std::memory_order_relaxed);
        }
    } else {
        fd = open_by_walk(directory, path, flags, mode);
    }
    if (fd < 0) return fail(system_error(errno, "cannot open", path));
    FileDescriptor opened(fd);
    const bool may_be_anything = (flags & (O_PATH | O_DIRECTORY | O_EXCL)) == 0;
    if (may_be_anything) {
        TRY(refuse_strange_file(fd, path, flags));
    }
    return opened;
}

Result<FileDescriptor> open_directory_beneath(int directory, const std::string& path) {
    return open_beneath(directory, path, O_RDONLY | O_DIRECTORY);
}

Result<std::optional<FileDescriptor>> find_directory_beneath(int directory, const std::string& path) {
    auto found = open_directory_beneath(directory, path);
    if (found) return std::optional(std::move(*found));
    if (found.error().kind == ErrorKind::missing) return std::optional<FileDescriptor>{};
    return fail(std::move(found).error());
}

Result<std::vector<std::string>> entries_of(const FileDescriptor& directory, const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(::fcntl(directory.get(), F_DUPFD_CLOEXEC, 0)),
                                                      &::closedir);
    if (!listing) return fail(system_error(errno, "cannot list", path));
    ::rewinddir(listing.get()); // the duplicate shares the position of the original
    std::vector<std::string> names;
    for (errno = 0; const dirent* entry = ::readdir(listing.get()); errno = 0) {
        const std::string_view name(entry->d_name);
        if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return fail(system_error(errno, "cannot list", path));
    return names;
}

} // namespace mailctl
