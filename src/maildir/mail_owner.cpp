// SPDX-License-Identifier: Apache-2.0
// Accounts by name, asked only where files must be given away.
#include "mailctl/maildir/mail_owner.hpp"

#include "mailctl/os/name_service.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {

namespace {

bool is_root() { return ::geteuid() == 0; }

} // namespace

Result<MailOwner> get_mail_owner(const Paths& paths, const Site::Mail& mail) {
    if (!paths.root.empty()) {
        struct stat status {};
        if (::stat(paths.mail.c_str(), &status) == 0) return MailOwner{status.st_uid, status.st_gid};
        if (errno == ENOENT) return MailOwner{::geteuid(), ::getegid()};
        // Whose it is is not known: it must not be taken for ours.
        Error error = system_error(errno, "cannot find out whose mail it is: cannot examine", paths.mail);
        error.kind = ErrorKind::temporary;
        return fail(std::move(error));
    }
    TRY_ASSIGN(const auto user, find_account(mail.user));
    if (!user)
        return fail(ErrorKind::invalid, fmt::format("mail.user '{}' is not an account of this system", mail.user),
                    fmt::format("create it: adduser --system --group --no-create-home {}", mail.user));
    TRY_ASSIGN(const auto group, find_group(mail.group));
    if (!group)
        return fail(ErrorKind::invalid, fmt::format("mail.group '{}' is not a group of this system", mail.group),
                    fmt::format("create it: addgroup --system {}", mail.group));
    return MailOwner{user->user, *group};
}

Result<std::optional<MailOwner>> find_mail_owner(const Paths& paths, const Site::Mail& mail) {
    if (!is_root()) return std::nullopt;
    TRY_ASSIGN(const auto owner, get_mail_owner(paths, mail));
    if (!paths.root.empty() && owner.user == 0) return std::nullopt;
    return std::optional(owner);
}

std::optional<gid_t> find_group(const Paths& paths, const std::string& name) {
    if (!paths.root.empty() || !is_root()) return std::nullopt;
    return find_group(name).value_or(std::nullopt);
}

// Only what nobody else had a hand in is given away: made by root just now, and a directory still.
Status give_directory(int fd, const std::string& path, mode_t mode, const std::optional<MailOwner>& owner) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return fail(system_error(errno, "cannot examine", path));
    if (status.st_uid != ::geteuid()) return {}; // another was faster, and it is his
    if (::fchmod(fd, mode) != 0) return fail(system_error(errno, "cannot set the mode of", path));
    if (owner && ::fchown(fd, owner->user, owner->group) != 0)
        return fail(system_error(errno, "cannot set the owner of", path));
    return {};
}

Status make_owned_directory(const std::string& path, mode_t mode, const std::optional<MailOwner>& owner) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
    TRY(make_directories(parent_of(path), 0755));
    if (::mkdir(path.c_str(), 0700) != 0) return fail(system_error(errno, "cannot create directory", path));
    const FileDescriptor made(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!made) return fail(system_error(errno, "cannot open", path));
    TRY(give_directory(made.get(), path, mode, owner));
    return sync_directory(parent_of(path));
}

Status set_modified(const std::string& path, std::int64_t seconds) {
    const timespec times[2] = {{0, UTIME_OMIT}, {seconds, 0}};
    if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0)
        return fail(system_error(errno, "cannot set the time of", path));
    return {};
}

} // namespace mailctl
