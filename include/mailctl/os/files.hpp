// SPDX-License-Identifier: Apache-2.0
// Files: read whole, write atomically, stage and publish, lock, fsync. The only place that does so; fault tests break
// it from outside with strace. Every function names the path and the system's reason in its Error.
#pragma once

#include "mailctl/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace mailctl {

class FileDescriptor { // owns; -1 = none
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    ~FileDescriptor();
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
    // close(2) with its result: delayed write errors (EDQUOT on NFS) surface here.
    Status close(std::string_view path);

  private:
    int fd_ = -1;
};

struct FileStamp { // enough to notice that a file changed under us
    std::uint64_t inode = 0, size = 0;
    std::int64_t mtime_ns = 0, ctime_ns = 0;
    bool operator==(const FileStamp&) const = default;
};
[[nodiscard]] Result<std::optional<FileStamp>> find_stamp(const std::string& path); // absent = nullopt
[[nodiscard]] std::string stamp_text(const FileStamp& stamp);                       // "inode size mtime ctime"
// Whole content; absent = nullopt. invalid: no regular file (a FIFO is not waited for).
[[nodiscard]] Result<std::optional<std::string>> find_file(const std::string& path);
[[nodiscard]] Result<std::string> load_file(const std::string& path); // absent = missing
[[nodiscard]] bool is_readable(const std::string& path);              // by us, a regular file
// Names (not paths) of directory entries, sorted; dot files left out. Absent directory = missing.
[[nodiscard]] Result<std::vector<std::string>> list_directory(const std::string& path);
[[nodiscard]] Status write_all(int fd, std::string_view data, std::string_view path);
[[nodiscard]] Status sync_file(int fd, std::string_view path);
[[nodiscard]] std::string parent_of(const std::string& path); // "." where the path is a name only
[[nodiscard]] Result<FileDescriptor> open_for_sync(const std::string& directory);
[[nodiscard]] Status sync_directory(const std::string& path);
[[nodiscard]] Status make_directories(const std::string& path, mode_t mode); // existing is fine

// Owner and mode for a new file; the file it replaces wins where there is one.
struct FileMode {
    mode_t mode = 0640;
    std::optional<gid_t> group;
    std::optional<uid_t> owner = {}; // who may not give files away keeps this one
};
enum class Flush { now, later };                                  // later: durable once the file system was synced
[[nodiscard]] std::string staged_path(const std::string& target); // ".NAME.new" beside it
// Write `content` to a new file beside `target`, fsynced, owner and mode as the target's. Not visible yet. failed: the
// target is a symbolic link or no regular file, which a rename would destroy. Nothing is left behind on failure.
[[nodiscard]] Status stage_file(const std::string& staged, const std::string& target, std::string_view content,
                                const FileMode& mode, Flush flush = Flush::now);
// rename(2); the caller syncs the directory.
[[nodiscard]] Status rename_file(const std::string& staged, const std::string& target);
// rename(2) and fsync of the directory.
[[nodiscard]] Status publish_file(const std::string& staged, const std::string& target);
// stage + publish: old or new, never between, also when killed.
[[nodiscard]] Status replace_file(const std::string& target, std::string_view content, const FileMode& mode = {});
[[nodiscard]] Status remove_file(const std::string& path); // absent is fine
// Removes what killed runs staged in a directory for targets of which the names end so (".toml"). For the one who may
// stage files there; who else does meanwhile loses his.
[[nodiscard]] Status remove_staged(const std::string& directory, std::string_view ending);

// flock(2) on a file created if absent, never removed; held until destroyed. First come, first served; the dead leave.
class Lock {
  public:
    // temporary: not obtained within `timeout`; the message names the holder's pid and command as written in the file.
    static Result<Lock> acquire(const std::string& path, std::chrono::milliseconds timeout,
                                std::string_view command = {});

  private:
    explicit Lock(FileDescriptor fd) : fd_(std::move(fd)) {}
    FileDescriptor fd_;
};

} // namespace mailctl
