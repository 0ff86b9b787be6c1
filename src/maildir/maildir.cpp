// SPDX-License-Identifier: Apache-2.0
// Finding, making and moving Maildirs by descriptor. Directories are fsynced from the innermost out before anything is
// delivered into them: a message in a mailbox whose own name is lost is lost too.
#include "mailctl/maildir/maildir.hpp"

#include "mailctl/mail/maildir_name.hpp"
#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/moving.hpp"
#include "mailctl/os/cores.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr std::chrono::hours stale_after{36};

Error as_temporary(Error error) {
    error.kind = ErrorKind::temporary;
    return error;
}

Status sync_descriptor(int fd, const std::string& path) {
    if (::fsync(fd) == 0 || errno == EINVAL) return {}; // EINVAL: this file system has nothing to sync
    return fail(system_error(errno, "cannot sync", path));
}

Status ask(const MailStore::Confirm& confirm, const Address& mailbox) {
    auto answer = confirm ? confirm(mailbox) : Status{};
    if (!answer) return fail(as_temporary(std::move(answer).error()));
    return {};
}

bool plain_in_name(char c) { return c > ' ' && c < 0x7f && c != '/' && c != '%'; }

} // namespace

std::string mailbox_directory(const Address& mailbox) {
    const auto local = mailbox.local.key();
    auto path = mailbox.domain.text() + '/';
    for (std::size_t i = 0; i < local.size(); ++i) {
        if (plain_in_name(local[i]) && (i > 0 || local[i] != '.'))
            path += local[i];
        else
            fmt::format_to(std::back_inserter(path), "%{:02X}", static_cast<unsigned char>(local[i]));
    }
    if (local.empty()) path += '%'; // "" is a legal local part; no other name becomes a bare '%'
    return path;
}

Result<MailStore> MailStore::open(const std::string& root, std::string host, std::optional<MailOwner> owner) {
    FileDescriptor fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail(as_temporary(system_error(errno, "cannot open the mail root", root)));
    return MailStore(std::move(fd), root, std::move(host), owner);
}

Result<FileDescriptor> MailStore::open_root() const { return open_directory_beneath(root_.get(), "."); }

Result<std::optional<Maildir>> MailStore::find_mailbox(const Address& mailbox) const {
    auto path = mailbox_directory(mailbox);
    auto fd = open_in_root(root_.get(), path, O_PATH | O_DIRECTORY);
    if (fd) return std::optional<Maildir>(Maildir(std::move(*fd), std::move(path)));
    if (fd.error().kind == ErrorKind::missing) return std::optional<Maildir>{};
    return fail(std::move(fd).error());
}

// Opened first and confirmed then: what is renamed after that carries the open directory along.
Result<Maildir> MailStore::open_mailbox(const Address& mailbox) const {
    TRY_ASSIGN(auto found, find_mailbox(mailbox));
    if (found) {
        TRY(ask(confirm_, mailbox));
        return std::move(*found);
    }
    auto path = mailbox_directory(mailbox);
    const auto slash = path.find('/');
    TRY_ASSIGN(FileDescriptor root, open_root());
    TRY_ASSIGN(const FileDescriptor domain, open_or_make_top(root, path.substr(0, slash)));
    TRY_ASSIGN(FileDescriptor directory, open_or_make(domain, path.substr(slash + 1)));
    Maildir place(std::move(directory), path);
    TRY(complete(place));
    TRY(sync_descriptor(domain.get(), path.substr(0, slash)));
    TRY(sync_descriptor(root.get(), path_));
    if (auto wanted = ask(confirm_, mailbox); !wanted) {
        unmake(domain.get(), path.substr(slash + 1));
        return fail(std::move(wanted).error());
    }
    return place;
}

// Only what is empty: a message that somebody has put there by now stays.
void MailStore::unmake(int domain, const std::string& name) const {
    for (const char* part : {"/tmp", "/new", "/cur", ""})
        ::unlinkat(domain, (name + part).c_str(), AT_REMOVEDIR);
}

Result<FileDescriptor> MailStore::open_or_make(const FileDescriptor& parent, const std::string& name) const {
    TRY(make(parent.get(), name));
    return open_directory_beneath(parent.get(), name);
}

Result<FileDescriptor> MailStore::open_or_make_top(const FileDescriptor& root, const std::string& name) const {
    TRY(make(root.get(), name));
    return open_in_root(root.get(), name, O_RDONLY | O_DIRECTORY);
}

// Given away by descriptor, and only what is ours still: the name may be another's by now.
Status MailStore::make(int parent, const std::string& name) const {
    if (::mkdirat(parent, name.c_str(), 0700) != 0) {
        if (errno == EEXIST) return {};
        return fail(as_temporary(system_error(errno, "cannot make", name)));
    }
    if (!owner_) return {};
    TRY_ASSIGN(const FileDescriptor made, open_directory_beneath(parent, name));
    struct stat about {};
    if (::fstat(made.get(), &about) != 0) return fail(system_error(errno, "cannot examine", name));
    return about.st_uid == ::geteuid() ? give(made.get(), name) : Status{};
}

Status MailStore::give(int fd, const std::string& path) const {
    if (!owner_ || ::fchown(fd, owner_->user, owner_->group) == 0) return {};
    return fail(system_error(errno, "cannot change the owner of", path));
}

Result<std::optional<Maildir>> MailStore::find_folder(const Maildir& mailbox, const std::string& detail) const {
    const auto name = detail_directory(detail);
    if (!name) return std::optional<Maildir>{};
    auto fd = open_beneath(mailbox.directory(), *name, O_PATH | O_DIRECTORY);
    if (fd) return std::optional<Maildir>(Maildir(std::move(*fd), mailbox.path() + '/' + *name));
    if (fd.error().kind == ErrorKind::temporary) return fail(std::move(fd).error());
    return std::optional<Maildir>{}; // a file or a link of that name is no folder
}

Status MailStore::complete(const Maildir& place) const {
    for (const char* part : {"cur", "new", "tmp"}) { // tmp last: who sees it sees a complete Maildir
        TRY(make(place.directory(), part));
    }
    TRY_ASSIGN(const FileDescriptor directory, open_directory_beneath(place.directory(), "."));
    return sync_descriptor(directory.get(), place.path());
}

Result<FileDescriptor> MailStore::open_new(const Address& mailbox) const {
    auto fd = open_in_root(root_.get(), mailbox_directory(mailbox) + "/new", O_RDONLY | O_DIRECTORY);
    if (fd) {
        TRY(ask(confirm_, mailbox));
    }
    if (fd || fd.error().kind != ErrorKind::missing) return fd;
    TRY_ASSIGN(const Maildir place, open_mailbox(mailbox));
    TRY(complete(place));
    return open_directory_beneath(place.directory(), "new");
}

Status MailStore::create_mailbox(const Address& mailbox) const {
    TRY_ASSIGN(const Maildir place, open_mailbox(mailbox));
    return complete(place);
}

Status MailStore::make_unsynced(const FileDescriptor& root, const Address& mailbox) const {
    const auto path = mailbox_directory(mailbox);
    const auto slash = path.find('/');
    TRY_ASSIGN(const FileDescriptor domain, open_or_make_top(root, path.substr(0, slash)));
    TRY_ASSIGN(const FileDescriptor directory, open_or_make(domain, path.substr(slash + 1)));
    for (const char* part : {"cur", "new", "tmp"}) {
        TRY(make(directory.get(), part));
    }
    return {};
}

Status MailStore::create_mailboxes(std::span<const Address> mailboxes) const {
    constexpr std::size_t few = 8;
    if (mailboxes.size() <= few) {
        for (const auto& mailbox : mailboxes) {
            TRY(create_mailbox(mailbox));
        }
        return {};
    }
    TRY_ASSIGN(const FileDescriptor root, open_root());
    std::mutex guard;
    Status made; // or what went wrong first
    on_every_core("making mailboxes", mailboxes.size(), [&](std::size_t number) {
        auto one = make_unsynced(root, mailboxes[number]);
        if (one) return;
        const std::lock_guard lock(guard);
        if (made) made = std::move(one);
    });
    TRY(made);
    if (::syncfs(root.get()) != 0) return fail(system_error(errno, "cannot sync", path_));
    return {};
}

Status MailStore::remove_domain_directory(const DomainName& domain) const {
    TRY_ASSIGN(const FileDescriptor root, open_root());
    if (::unlinkat(root.get(), domain.text().c_str(), AT_REMOVEDIR) == 0) return sync_descriptor(root.get(), path_);
    return {}; // not empty, a mount, a link to another place: it stays
}

namespace {

// Calls `use` (directory, name) for each; the number for which it says yes.
template <class Use>
std::size_t for_each_stale_file(const Maildir& place, Instant now, Use use) {
    auto fd = open_directory_beneath(place.directory(), "tmp");
    if (!fd) return 0;
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(::dup(fd->get())), &::closedir);
    if (!listing) return 0;
    const auto oldest = std::chrono::floor<std::chrono::seconds>(now - stale_after).time_since_epoch().count();
    std::size_t count = 0;
    while (const dirent* entry = ::readdir(listing.get())) {
        struct stat about {};
        if (entry->d_name[0] == '.') continue;
        if (::fstatat(fd->get(), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode)) continue;
        // A writer touches mtime, a hard link ctime, a reader that is still at it atime.
        if (about.st_mtime >= oldest || about.st_ctime >= oldest || about.st_atime >= oldest) continue;
        if (use(fd->get(), entry->d_name)) ++count;
    }
    return count;
}

} // namespace

std::size_t remove_stale_files(const Maildir& place, Instant now) {
    return for_each_stale_file(place, now,
                               [](int directory, const char* name) { return ::unlinkat(directory, name, 0) == 0; });
}

std::size_t count_stale_files(const Maildir& place, Instant now) {
    return for_each_stale_file(place, now, [](int, const char*) { return true; });
}

} // namespace mailctl
