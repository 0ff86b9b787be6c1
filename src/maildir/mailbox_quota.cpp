// SPDX-License-Identifier: Apache-2.0
// maildirsize on disk. The rules (when to trust, when to rebuild) are mail/quota; here are the walk and the file.
#include "mailctl/maildir/mailbox_quota.hpp"

#include "mailctl/mail/maildir_name.hpp"
#include "mailctl/maildir/beneath.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr const char* quota_file = "maildirsize";

using Visit = std::function<Status(int directory, const char* name)>;

Status for_each_entry(int parent, const std::string& name, const Visit& visit) {
    TRY_ASSIGN(FileDescriptor fd, open_directory_beneath(parent, name));
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)), &::closedir);
    if (!listing) return fail(system_error(errno, "cannot list", name));
    for (errno = 0; const dirent* entry = ::readdir(listing.get()); errno = 0) {
        TRY(visit(fd.get(), entry->d_name));
    }
    return errno == 0 ? Status{} : fail(system_error(errno, "cannot list", name));
}

// Names may claim any size: the sum stops at the largest number.
void add_up(std::int64_t& sum, std::int64_t more) {
    if (__builtin_add_overflow(sum, more, &sum)) sum = INT64_MAX;
}

Status add_file(int directory, const char* name, QuotaUsage& usage) {
    if (name[0] == '.') return {};
    auto size = parse_message_name(name).size;
    if (!size) {
        struct stat about {};
        if (::fstatat(directory, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            return errno == ENOENT ? Status{} : fail(system_error(errno, "cannot examine", name)); // just moved
        if (!S_ISREG(about.st_mode)) return {};
        size = static_cast<std::uint64_t>(about.st_size);
    }
    add_up(usage.bytes, static_cast<std::int64_t>(std::min<std::uint64_t>(*size, INT64_MAX)));
    ++usage.messages;
    return {};
}

// Folders come and go, so an absent one is empty.
Status add_directory(int folder, const std::string& part, QuotaUsage& usage) {
    const auto added =
        for_each_entry(folder, part, [&](int directory, const char* name) { return add_file(directory, name, usage); });
    return added || added.error().os_error == ENOENT ? Status{} : added;
}

// "new", "cur", ".Folder/new", ...: every directory that holds messages of the mailbox.
Result<std::vector<std::string>> message_directories(const Maildir& mailbox) {
    std::vector<std::string> found{"new", "cur"};
    TRY(for_each_entry(mailbox.directory(), ".", [&](int, const char* name) -> Status {
        const std::string_view folder(name);
        if (folder.starts_with('.') && folder != "." && folder != "..")
            for (const char* part : {"/new", "/cur"})
                found.push_back(std::string(folder) + part);
        return {};
    }));
    return found;
}

// Newest modification among the directories, in nanoseconds; what changes while we count makes the count doubtful, and
// so does what cannot be looked at (nullopt).
std::optional<std::int64_t> newest_change(const Maildir& mailbox, const std::vector<std::string>& directories) {
    std::int64_t newest = 0;
    for (const auto& directory : directories) {
        struct stat about {};
        if (::fstatat(mailbox.directory(), directory.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) return std::nullopt;
            continue;
        }
        newest = std::max(newest, about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec);
    }
    return newest;
}

Result<QuotaUsage> count(const Maildir& mailbox, const std::vector<std::string>& directories) {
    QuotaUsage usage;
    for (const auto& directory : directories) {
        // A '.name' that is a file or a link is no folder.
        const auto added = add_directory(mailbox.directory(), directory, usage);
        if (!added && added.error().os_error != ENOTDIR && added.error().os_error != ELOOP) return fail(added.error());
    }
    return usage;
}

struct Cached {
    Maildirsize content;
    std::chrono::seconds age;
};
std::optional<Cached> read_cached(int file, Instant now) {
    std::array<char, max_maildirsize> buffer;
    struct stat about {};
    if (::fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
    const auto got = ::pread(file, buffer.data(), buffer.size(), 0);
    if (got <= 0 || buffer[static_cast<std::size_t>(got) - 1] != '\n')
        return std::nullopt; // our line would be glued on
    auto content = parse_maildirsize({buffer.data(), static_cast<std::size_t>(got)});
    if (!content) return std::nullopt;
    const std::chrono::sys_seconds changed{std::chrono::seconds(about.st_mtim.tv_sec)};
    return Cached{*content, std::chrono::floor<std::chrono::seconds>(now - changed)};
}

ByteCount bytes_of(const Maildirsize& file) {
    return ByteCount{static_cast<std::uint64_t>(std::max<std::int64_t>(file.usage.bytes, 0))};
}

} // namespace

Result<QuotaUsage> measure_mailbox(const Maildir& mailbox) {
    TRY_ASSIGN(const auto directories, message_directories(mailbox));
    return count(mailbox, directories);
}

std::optional<Maildirsize> read_maildirsize(const Maildir& mailbox) {
    const auto file = open_beneath(mailbox.directory(), quota_file, O_RDONLY);
    if (!file) return std::nullopt;
    const auto cached = read_cached(file->get(), Instant{});
    return cached ? std::optional(cached->content) : std::nullopt;
}

bool is_surely_over(const Maildir& mailbox, const QuotaLimits& limits, ByteCount message, Instant now) {
    const auto file = open_beneath(mailbox.directory(), quota_file, O_RDONLY | O_NONBLOCK);
    if (!file) return false;
    const auto cached = read_cached(file->get(), now);
    return cached &&
           decide_quota(limits, cached->content, message, UsageSource::maildirsize, cached->age) == QuotaVerdict::over;
}

Result<bool> QuotaAccount::fits(ByteCount message, Instant now) {
    if (limits_ == QuotaLimits{}) return true;
    // O_NONBLOCK: a FIFO of that name is not waited for, and replaced like any other thing that is no maildirsize.
    if (auto file = open_beneath(mailbox_.directory(), quota_file, O_RDWR | O_APPEND | O_NONBLOCK)) {
        if (const auto cached = read_cached(file->get(), now)) {
            file_ = std::move(*file);
            used_ = bytes_of(cached->content);
            const auto verdict = decide_quota(limits_, cached->content, message, UsageSource::maildirsize, cached->age);
            if (verdict != QuotaVerdict::recalculate) return verdict == QuotaVerdict::fits;
        }
    }
    TRY_ASSIGN(const auto counted, rebuild(now));
    used_ = bytes_of(counted);
    return decide_quota(limits_, counted, message, UsageSource::recalculated, {}) == QuotaVerdict::fits;
}

Result<Maildirsize> QuotaAccount::rebuild(Instant now) {
    TRY_ASSIGN(const auto directories, message_directories(mailbox_));
    const auto before = newest_change(mailbox_, directories);
    TRY_ASSIGN(const auto usage, count(mailbox_, directories));
    const Maildirsize content{limits_, usage, 1};
    install(content, now);
    const auto after = newest_change(mailbox_, directories);
    if (!before || !after || *after > *before) ::unlinkat(mailbox_.directory(), quota_file, 0);
    return content;
}

// A failure here costs the next delivery a count, nothing else.
void QuotaAccount::install(const Maildirsize& content, Instant now) {
    file_ = {};
    const auto name = fmt::format("tmp/{}.P{}Q.{}", now.time_since_epoch().count(), ::getpid(), store_.host());
    auto file = open_beneath(mailbox_.directory(), name, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0600);
    if (!file) return;
    const bool good = store_.give(file->get(), name).has_value() &&
                      write_all(file->get(), format_maildirsize(content.limits, content.usage), name).has_value() &&
                      ::renameat(mailbox_.directory(), name.c_str(), mailbox_.directory(), quota_file) == 0;
    if (good)
        file_ = std::move(*file);
    else
        ::unlinkat(mailbox_.directory(), name.c_str(), 0);
}

void QuotaAccount::charge(ByteCount message) {
    if (limits_ == QuotaLimits{}) return;
    const auto line = format_usage_line({static_cast<std::int64_t>(message.bytes), 1});
    if (!file_ || ::write(file_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        ::unlinkat(mailbox_.directory(), quota_file, 0);
}

} // namespace mailctl
