// SPDX-License-Identifier: Apache-2.0
// One directory after the other, by descriptors: no link is followed and nothing outside the mailbox is touched.
#include "mailctl/maildir/mailbox_clearing.hpp"

#include "mailctl/mail/maildir_name.hpp"
#include "mailctl/maildir/beneath.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace mailctl {
namespace {

using Listing = std::unique_ptr<DIR, int (*)(DIR*)>;
Listing list(const FileDescriptor& directory) {
    return {::fdopendir(::fcntl(directory.get(), F_DUPFD_CLOEXEC, 0)), &::closedir};
}

std::int64_t arrived(const struct stat& about) {
    return std::int64_t{about.st_mtim.tv_sec} * 1'000'000 + about.st_mtim.tv_nsec / 1000;
}

Status clear_part(const Maildir& mailbox, const std::string& part, const Clearing& clearing, Cleared& cleared) {
    auto directory = open_directory_beneath(mailbox.directory(), part);
    if (!directory && (directory.error().os_error == ENOENT || directory.error().os_error == ENOTDIR ||
                       directory.error().os_error == ELOOP))
        return {}; // an incomplete folder, or no folder at all
    if (!directory) return fail(std::move(directory).error());
    const Listing listing = list(*directory);
    if (!listing) return fail(system_error(errno, "cannot list", part));
    for (errno = 0; const dirent* entry = ::readdir(listing.get()); errno = 0) {
        struct stat about {};
        if (entry->d_name[0] == '.') continue;
        if (::fstatat(directory->get(), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
            const int problem = errno;
            if (problem == ENOENT) continue; // just moved
            return fail(system_error(problem, "cannot examine a message of", mailbox.path() + '/' + part));
        }
        if (!S_ISREG(about.st_mode)) continue;
        if (clearing.before && arrived(about) >= clearing.before->time_since_epoch().count()) continue;
        if (!clearing.dry_run && ::unlinkat(directory->get(), entry->d_name, 0) != 0) {
            if (errno == ENOENT) continue;
            return fail(system_error(errno, "cannot remove a message of", mailbox.path() + '/' + part));
        }
        ++cleared.messages;
        cleared.bytes += static_cast<std::uint64_t>(about.st_size);
    }
    if (errno != 0) return fail(system_error(errno, "cannot list", part));
    return {};
}

// "" for INBOX, else ".Sent/".
Result<std::vector<std::string>> folders_of(const Maildir& mailbox) {
    TRY_ASSIGN(const FileDescriptor top, open_directory_beneath(mailbox.directory(), "."));
    TRY_ASSIGN(const auto entries, entries_of(top, mailbox.path()));
    std::vector<std::string> folders{""};
    for (const auto& entry : entries)
        if (folder_from_directory(entry)) folders.push_back(entry + '/');
    return folders;
}

Result<std::vector<std::string>> wanted_folders(const Maildir& mailbox, const Clearing& clearing) {
    if (!clearing.folder) return folders_of(mailbox);
    if (*clearing.folder == "INBOX") return std::vector<std::string>{""};
    const auto directory = folder_directory(*clearing.folder);
    if (!directory) return std::vector<std::string>{};
    const auto found = open_directory_beneath(mailbox.directory(), *directory);
    if (found) return std::vector<std::string>{*directory + '/'};
    if (found.error().os_error == ENOENT || found.error().os_error == ENOTDIR) return std::vector<std::string>{};
    return fail(found.error());
}

} // namespace

Result<std::optional<Cleared>> clear_mailbox(const Maildir& mailbox, const Clearing& clearing) {
    TRY_ASSIGN(const auto folders, wanted_folders(mailbox, clearing));
    if (folders.empty()) return std::nullopt;
    Cleared cleared;
    for (const auto& folder : folders)
        for (const char* part : {"new", "cur"}) {
            TRY(clear_part(mailbox, folder + part, clearing, cleared));
        }
    if (!clearing.dry_run && cleared.messages > 0 && ::unlinkat(mailbox.directory(), "maildirsize", 0) != 0 &&
        errno != ENOENT)
        return fail(system_error(errno, "cannot remove", mailbox.path() + "/maildirsize"));
    return std::optional(cleared);
}

std::optional<Instant> find_last_delivery(const Maildir& mailbox) {
    std::int64_t last = 0;
    for (const char* part : {"new", "cur"}) {
        const auto directory = open_directory_beneath(mailbox.directory(), part);
        if (!directory) continue;
        const Listing listing = list(*directory);
        if (!listing) continue;
        while (const dirent* entry = ::readdir(listing.get())) {
            const std::string_view name(entry->d_name);
            std::int64_t seconds = 0;
            const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), seconds);
            if (error == std::errc() && *end == '.') last = std::max(last, seconds);
        }
    }
    if (last <= 0) return std::nullopt;
    return Instant(std::chrono::seconds(last));
}

} // namespace mailctl
