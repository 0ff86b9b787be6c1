// SPDX-License-Identifier: Apache-2.0
// Files by system calls: every descriptor close-on-exec, EINTR and short writes dealt with here and nowhere else.
#include "mailctl/os/files.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/file_range.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace mailctl {

namespace {

Result<FileDescriptor> open_path(const std::string& path, int flags, std::string_view activity, mode_t mode = 0) {
    int fd = -1;
    do
        fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) return fail(system_error(errno, activity, path));
    return FileDescriptor(fd);
}

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

Result<std::string> read_all(int fd, std::size_t expected, const std::string& path) {
    std::string content;
    // One byte more than expected: the read that fills it up to the size also meets the end of the file.
    for (auto room = expected + 1;; room *= 2) {
        int error = 0;
        bool ended = false;
        const auto read_on = [&, used = content.size()](char* data, std::size_t size) mutable {
            while (used < size && !ended) {
                const ssize_t got = ::read(fd, data + used, size - used);
                if (got < 0 && errno == EINTR) continue;
                if (got < 0) error = errno;
                ended = got <= 0;
                used += ended ? 0 : static_cast<std::size_t>(got);
            }
            return used;
        };
        content.resize_and_overwrite(room, read_on); // not filled with zeros first: it may be large
        if (error != 0) return fail(system_error(error, "cannot read", path));
        if (ended) return content;
    }
}

// Owner and mode of `target` where it exists, else those asked for. A group we may not give is not an error: below
// --root, and for a member of the group, the file is readable to who wrote it.
Status set_owner_and_mode(int fd, const std::string& staged, const std::string& target, const FileMode& wanted) {
    struct stat old {};
    const bool replaces = ::lstat(target.c_str(), &old) == 0;
    if (!replaces && errno != ENOENT) return fail(system_error(errno, "cannot examine", target));
    if (replaces && !S_ISREG(old.st_mode)) // a rename would put a file in place of the link
        return fail(ErrorKind::failed, fmt::format("cannot replace '{}': not a regular file", target));
    const uid_t owner = replaces ? old.st_uid : wanted.owner.value_or(static_cast<uid_t>(-1));
    const gid_t group = replaces ? old.st_gid : wanted.group.value_or(static_cast<gid_t>(-1));
    mode_t mode = replaces ? old.st_mode & 07777 : wanted.mode;
    if (::fchown(fd, owner, group) != 0) {
        if (errno != EPERM) return fail(system_error(errno, "cannot set the owner of", staged));
        struct stat ours {};
        if (::fstat(fd, &ours) != 0) return fail(system_error(errno, "cannot examine", staged));
        // Another group than the one the mode was meant for: it gets nothing.
        if (group != static_cast<gid_t>(-1) && ours.st_gid != group) mode &= ~static_cast<mode_t>(070);
    }
    if (::fchmod(fd, mode) != 0) return fail(system_error(errno, "cannot set the mode of", staged));
    return {};
}

constexpr std::size_t holder_limit = 200;

// For people who wonder who keeps them waiting. Not being able to say so is no reason not to work.
void write_holder(int fd, std::string_view command) {
    const std::string holder = fmt::format("{} {}", ::getpid(), printable(command)).substr(0, holder_limit) + "\n";
    if (::ftruncate(fd, 0) == 0) [[maybe_unused]]
        const auto written = ::pwrite(fd, holder.data(), holder.size(), 0);
}

Error locked_by(int fd, const std::string& path) {
    std::string holder(holder_limit, '\0');
    const ssize_t got = ::pread(fd, holder.data(), holder.size(), 0);
    holder.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    const std::string_view line = trim(holder);
    const auto space = line.find(' ');
    std::string who = line.empty() ? "another program" : fmt::format("pid {}", line.substr(0, space));
    if (space != std::string_view::npos) who += fmt::format(" ({})", printable(line.substr(space + 1)));
    return {ErrorKind::temporary, fmt::format("site is locked by {}", who),
            fmt::format("try again later or with a longer --lock-timeout; the lock file is '{}'", path)};
}

// A place in the queue for the lock: one byte of the lock file, locked for oneself, at the time of arrival as its
// offset. Nobody takes the lock while somebody who came earlier still holds his byte; who dies loses it.
off_t join_queue(int fd) {
    auto place = static_cast<off_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    for (int attempt = 0; attempt < 100; ++attempt, ++place) {
        struct flock mine = file_range(F_WRLCK, place, 1);
        if (::fcntl(fd, F_OFD_SETLK, &mine) == 0) break; // another came at the very same time: the next one
    }
    return place;
}
bool is_first(int fd, off_t place) {
    struct flock others = file_range(F_WRLCK, 1, place - 1);
    return ::fcntl(fd, F_OFD_GETLK, &others) != 0 || others.l_type == F_UNLCK;
}
void leave_queue(int fd, off_t place) {
    struct flock mine = file_range(F_UNLCK, place, 1);
    ::fcntl(fd, F_OFD_SETLK, &mine);
}

} // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

FileDescriptor::~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Status FileDescriptor::close(std::string_view path) {
    const int fd = std::exchange(fd_, -1);
    // EINTR: Linux has released the descriptor all the same; closing it again could hit another thread's.
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR) return fail(system_error(errno, "cannot close", path));
    return {};
}

Result<std::optional<FileStamp>> find_stamp(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        return fail(system_error(errno, "cannot examine", path));
    }
    return FileStamp{status.st_ino, static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
                     nanoseconds(status.st_ctim)};
}

std::string stamp_text(const FileStamp& stamp) {
    return fmt::format("{} {} {} {}", stamp.inode, stamp.size, stamp.mtime_ns, stamp.ctime_ns);
}

Result<std::string> load_file(const std::string& path) {
    TRY_ASSIGN(const FileDescriptor file, open_path(path, O_RDONLY, "cannot open"));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return fail(system_error(errno, "cannot examine", path));
    return read_all(file.get(), static_cast<std::size_t>(status.st_size), path);
}

Result<std::optional<std::string>> find_file(const std::string& path) {
    auto file = open_path(path, O_RDONLY | O_NONBLOCK, "cannot open"); // a FIFO would wait for who writes it
    if (!file && file.error().kind == ErrorKind::missing) return std::nullopt;
    if (!file) return fail(std::move(file).error());
    struct stat status {};
    if (::fstat(file->get(), &status) != 0) return fail(system_error(errno, "cannot examine", path));
    if (!S_ISREG(status.st_mode))
        return fail(ErrorKind::invalid, fmt::format("'{}' is not a regular file", path), "put the file in its place");
    TRY_ASSIGN(auto content, read_all(file->get(), static_cast<std::size_t>(status.st_size), path));
    return content;
}

bool is_readable(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), R_OK) == 0;
}

namespace {

template <class Wanted>
Result<std::vector<std::string>> list_names(const std::string& path, const Wanted& is_wanted) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
    if (!directory) return fail(system_error(errno, "cannot open", path));
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(directory.get());
        if (!entry && errno != 0) return fail(system_error(errno, "cannot list", path));
        if (!entry) break;
        if (is_wanted(std::string_view(entry->d_name))) names.emplace_back(entry->d_name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

Result<std::vector<std::string>> list_directory(const std::string& path) {
    return list_names(path, [](std::string_view name) { return !name.starts_with('.'); });
}

Status remove_staged(const std::string& directory, std::string_view ending) {
    const auto is_staged = [&](std::string_view name) {
        return name.starts_with('.') && name.ends_with(".new") && name.substr(0, name.size() - 4).ends_with(ending);
    };
    auto names = list_names(directory, is_staged);
    if (!names) return names.error().kind == ErrorKind::missing ? Status{} : fail(names.error());
    for (const auto& name : *names) {
        TRY(remove_file(directory + "/" + name));
    }
    return {};
}

Status write_all(int fd, std::string_view data, std::string_view path) {
    while (!data.empty()) {
        const ssize_t written = ::write(fd, data.data(), data.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(system_error(errno, "cannot write", path));
        data.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Status sync_file(int fd, std::string_view path) {
    int result = 0;
    do
        result = ::fsync(fd);
    while (result != 0 && errno == EINTR);
    if (result != 0) return fail(system_error(errno, "cannot sync", path));
    return {};
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Result<FileDescriptor> open_for_sync(const std::string& directory) {
    return open_path(directory, O_RDONLY | O_DIRECTORY, "cannot open");
}

Status sync_directory(const std::string& path) {
    TRY_ASSIGN(FileDescriptor directory, open_for_sync(path));
    TRY(sync_file(directory.get(), path));
    return directory.close(path);
}

Status make_directories(const std::string& path, mode_t mode) {
    if (path.empty() || path == "/" || path == ".") return {};
    if (::mkdir(path.c_str(), mode) == 0) return sync_directory(parent_of(path));
    const int reason = errno;
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
    if (reason != ENOENT) return fail(system_error(reason, "cannot create directory", path));
    TRY(make_directories(parent_of(path), mode));
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        return fail(system_error(errno, "cannot create directory", path));
    return sync_directory(parent_of(path));
}

std::string staged_path(const std::string& target) {
    const auto name_at = target.rfind('/') + 1; // npos + 1 == 0
    return fmt::format("{}.{}.new", target.substr(0, name_at), target.substr(name_at));
}

Status stage_file(const std::string& staged, const std::string& target, std::string_view content, const FileMode& mode,
                  Flush flush) {
    // A staged file left by a killed run is nobody's: a fresh inode is made, so that its owner and mode cannot linger.
    TRY(remove_file(staged));
    TRY_ASSIGN(FileDescriptor file, open_path(staged, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, "cannot create", 0600));
    const auto fill = [&]() -> Status {
        TRY(set_owner_and_mode(file.get(), staged, target, mode));
        TRY(write_all(file.get(), content, staged));
        if (flush == Flush::now) {
            TRY(sync_file(file.get(), staged));
        }
        return file.close(staged);
    };
    Status filled = fill();
    if (!filled) ::unlink(staged.c_str());
    return filled;
}

Status rename_file(const std::string& staged, const std::string& target) {
    if (::rename(staged.c_str(), target.c_str()) != 0) return fail(system_error(errno, "cannot replace", target));
    return {};
}

Status publish_file(const std::string& staged, const std::string& target) {
    TRY(rename_file(staged, target));
    return sync_directory(parent_of(target));
}

Status replace_file(const std::string& target, std::string_view content, const FileMode& mode) {
    const std::string staged = staged_path(target);
    TRY(stage_file(staged, target, content, mode));
    return publish_file(staged, target);
}

Status remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail(system_error(errno, "cannot remove", path));
    return {};
}

namespace {

Result<FileDescriptor> open_lock_file(const std::string& path) {
    auto opened = open_path(path, O_RDWR | O_CREAT | O_NOFOLLOW, "cannot open lock file", 0640);
    if (opened || opened.error().os_error != ENOENT) return opened;
    Error error = std::move(opened).error();
    error.hint = fmt::format("'{}' is gone: 'mailctl init' makes it anew; the history comes back from a backup",
                             parent_of(path));
    return fail(std::move(error));
}

} // namespace

Result<Lock> Lock::acquire(const std::string& path, std::chrono::milliseconds timeout, std::string_view command) {
    TRY_ASSIGN(FileDescriptor file, open_lock_file(path));
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const off_t place = join_queue(file.get());
    auto pause = std::chrono::milliseconds{1};
    const auto try_lock = [&] { return ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 ? 0 : errno; };
    while (const int reason = is_first(file.get(), place) ? try_lock() : EWOULDBLOCK) {
        if (reason == EINTR) continue;
        if (reason != EWOULDBLOCK) return fail(system_error(reason, "cannot lock", path));
        if (std::chrono::steady_clock::now() >= deadline) return fail(locked_by(file.get(), path));
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, std::chrono::milliseconds{16});
    }
    leave_queue(file.get(), place);
    write_holder(file.get(), command);
    return Lock(std::move(file));
}

} // namespace mailctl
