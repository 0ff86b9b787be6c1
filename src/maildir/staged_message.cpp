// SPDX-License-Identifier: Apache-2.0
// The system calls of a delivery in the order that durability needs: open in tmp/, write, fsync, close checked, rename
// without replacing, fsync new/. Two syncs for one copy; each further copy is open, link, fsync, close.
#include "mailctl/maildir/staged_message.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/moving.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr int name_attempts = 10; // names are unique; a file that stands in the way is another's, and rare

std::uint64_t next_count() {
    static std::atomic<std::uint64_t> counter{0};
    return counter.fetch_add(1, std::memory_order_relaxed);
}

UniqueName unique_name(Instant when, const std::string& host) {
    static const auto pid = ::getpid();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
    return {.seconds = seconds.time_since_epoch().count(),
            .microseconds = static_cast<unsigned>((when - seconds).count()),
            .pid = pid,
            .counter = next_count(),
            .host = host};
}

Status write_both(int fd, std::string_view first, std::string_view second, const std::string& path) {
    const std::array<iovec, 2> parts{
        {{const_cast<char*>(first.data()), first.size()}, {const_cast<char*>(second.data()), second.size()}}};
    const auto written = ::writev(fd, parts.data(), static_cast<int>(parts.size()));
    if (written < 0 && errno != EINTR) return fail(system_error(errno, "cannot write", path));
    const auto done = written < 0 ? std::size_t{0} : static_cast<std::size_t>(written);
    if (done == first.size() + second.size()) return {};
    if (done < first.size()) {
        TRY(write_all(fd, first.substr(done), path));
    }
    return write_all(fd, second.substr(done > first.size() ? done - first.size() : 0), path);
}

// 0, or the errno to report. `copied` says how far it got: file systems without this call fail at once.
int copy_in_kernel(int from, int to, std::uint64_t size, off_t& copied) {
    while (static_cast<std::uint64_t>(copied) < size) {
        const auto left = static_cast<std::size_t>(size - static_cast<std::uint64_t>(copied));
        const auto count = ::copy_file_range(from, &copied, to, nullptr, left, 0);
        if (count == 0) return EIO; // shorter than it was
        if (count < 0 && errno != EINTR) return errno;
    }
    return 0;
}

Status copy_bytes(int from, int to, std::uint64_t size, const std::string& path) {
    off_t offset = 0;
    const int problem = copy_in_kernel(from, to, size, offset);
    if (problem == 0) return {};
    if (problem != EXDEV && problem != ENOSYS && problem != EOPNOTSUPP && problem != EINVAL)
        return fail(system_error(problem, "cannot write", path));
    std::array<char, 16 * 1024> buffer;
    while (static_cast<std::uint64_t>(offset) < size) {
        const auto got = ::pread(from, buffer.data(), buffer.size(), offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return fail(system_error(got == 0 ? EIO : errno, "cannot read the message for", path));
        TRY(write_all(to, {buffer.data(), static_cast<std::size_t>(got)}, path));
        offset += got;
    }
    return {};
}

} // namespace

// Makes the file of `staged` in tmp/, has `write` fill it, and brings it to the disk.
template <class Write>
Result<StagedMessage> StagedMessage::create(const MailStore& store, StagedMessage staged, const Write& write) {
    Result<FileDescriptor> file = FileDescriptor();
    for (int attempt = 0; attempt < name_attempts; ++attempt) {
        file = open_beneath(staged.place_.directory(), staged.tmp_path(), O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (file) break;
        if (file.error().os_error == EEXIST) {
            staged.take_number(next_count());
        } else if (file.error().os_error == ENOENT && attempt == 0) { // somebody is just making it, or it was removed
            TRY(store.complete(staged.place_));
        } else {
            break;
        }
    }
    const auto path = staged.place_.path() + '/' + staged.tmp_path();
    if (!file) return fail(file.error().while_doing(fmt::format("cannot deliver to '{}'", staged.place_.path())));
    staged.in_tmp_ = true;
    TRY(store.give(file->get(), path));
    TRY(write(file->get(), path));
    TRY(sync_file(file->get(), path));
    TRY(file->close(path));
    return staged;
}

Result<StagedMessage> StagedMessage::stage(const MailStore& store, Maildir place, std::string_view prefix,
                                           const MessageContent& content, Instant when) {
    const auto lines = static_cast<std::uint64_t>(std::count(prefix.begin(), prefix.end(), '\n'));
    const auto write = [&](int fd, const std::string& path) -> Status {
        if (content.in_memory()) return write_both(fd, prefix, content.memory(), path);
        TRY(write_all(fd, prefix, path));
        return copy_bytes(content.spool(), fd, content.size(), path);
    };
    return create(store,
                  StagedMessage(std::move(place), unique_name(when, store.host()), prefix.size() + content.size(),
                                prefix.size() + lines + content.virtual_size()),
                  write);
}

StagedMessage::StagedMessage(StagedMessage&& other) noexcept
    : place_(std::move(other.place_)), name_(std::move(other.name_)), unique_(std::move(other.unique_)),
      size_(other.size_), virtual_size_(other.virtual_size_), in_tmp_(std::exchange(other.in_tmp_, false)) {}

StagedMessage::~StagedMessage() {
    if (in_tmp_) ::unlinkat(place_.directory(), tmp_path().c_str(), 0);
}

Status NamedMessage::sync() {
    if (::fsync(directory_.get()) == 0 || errno == EINVAL) return {}; // EINVAL: this file system has nothing to sync
    return fail(system_error(errno, "cannot sync", path_ + "/new"));
}

Result<NamedMessage> StagedMessage::name() {
    TRY_ASSIGN(FileDescriptor directory, open_directory_beneath(place_.directory(), "new"));
    const auto old_path = tmp_path();
    auto final_name = name_;
    for (int attempt = 0;; ++attempt) {
        const auto name = format_message_name(final_name, size_, virtual_size_);
        const int problem =
            rename_without_replacing(place_.directory(), old_path.c_str(), directory.get(), name.c_str());
        if (problem == 0) break;
        if (problem != EEXIST || attempt == name_attempts)
            return fail(system_error(problem, "cannot name the message in", place_.path() + "/new"));
        final_name.counter = next_count();
    }
    in_tmp_ = false;
    return NamedMessage(std::move(directory), place_.path());
}

Result<NamedMessage> StagedMessage::name_also(const MailStore& store, Maildir place) const {
    auto directory = open_directory_beneath(place.directory(), "new");
    if (!directory && directory.error().os_error == ENOENT) {
        TRY(store.complete(place));
        directory = open_directory_beneath(place.directory(), "new");
    }
    if (!directory) return fail(std::move(directory).error());
    TRY_ASSIGN(const bool linked, link_into(directory->get(), place.path()));
    if (linked) return NamedMessage(std::move(*directory), place.path());
    return copy_into(store, std::move(place));
}

Result<NamedMessage> StagedMessage::name_also(const MailStore& store, const Address& mailbox) const {
    TRY_ASSIGN(FileDescriptor directory, store.open_new(mailbox));
    auto path = mailbox_directory(mailbox);
    TRY_ASSIGN(const bool linked, link_into(directory.get(), path));
    if (linked) return NamedMessage(std::move(directory), std::move(path));
    TRY_ASSIGN(Maildir place, store.open_mailbox(mailbox));
    return copy_into(store, std::move(place));
}

Result<bool> StagedMessage::link_into(int directory, const std::string& path) const {
    auto name = name_;
    auto file = new_name();
    for (int attempt = 0; attempt < name_attempts; ++attempt) {
        if (::linkat(place_.directory(), tmp_path().c_str(), directory, file.c_str(), 0) == 0) return true;
        if (errno == EXDEV || errno == EMLINK || errno == EPERM || errno == EACCES) return false;
        if (errno != EEXIST) return fail(system_error(errno, "cannot link the message into", path + "/new"));
        name.counter = next_count();
        file = format_message_name(name, size_, virtual_size_);
    }
    return fail(ErrorKind::temporary, fmt::format("cannot find a free name in '{}/new'", path));
}

Result<NamedMessage> StagedMessage::copy_into(const MailStore& store, Maildir place) const {
    TRY_ASSIGN(const FileDescriptor source, open_beneath(place_.directory(), tmp_path(), O_RDONLY));
    const auto write = [&](int fd, const std::string& path) { return copy_bytes(source.get(), fd, size_, path); };
    TRY_ASSIGN(StagedMessage copy, create(store, StagedMessage(std::move(place), name_, size_, virtual_size_), write));
    return copy.name();
}

} // namespace mailctl
