// Renames between two open directories, each fsynced before anything is said to be done.
#include "mailctl/maildir/mail_archive.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/maildir/beneath.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr std::string_view area = ".archive";

struct Parts { // of "example.com/paul"
    std::string domain, name;
};
Parts parts_of(const Address& mailbox) {
    const auto path = mailbox_directory(mailbox);
    const auto slash = path.find('/');
    return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string archive_name(const Parts& parts, const ArchiveTag& tag) {
    return fmt::format("{}-{:%Y%m%dT%H%M%SZ}-{}", parts.name, std::chrono::floor<std::chrono::seconds>(tag.when),
                       tag.change);
}

bool exists(const FileDescriptor& directory, const std::string& name) {
    struct stat about {};
    return ::fstatat(directory.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
}

Status remove_tree(int parent, const std::string& name) {
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR && errno != EPERM) return fail(system_error(errno, "cannot remove", name));
    TRY_ASSIGN(const FileDescriptor directory, open_directory_beneath(parent, name));
    TRY_ASSIGN(const auto entries, entries_of(directory, name));
    for (const auto& entry : entries) {
        TRY(remove_tree(directory.get(), entry));
    }
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
    return fail(system_error(errno, "cannot remove", name));
}

} // namespace

std::string archive_place(const Address& mailbox, const ArchiveTag& tag) {
    const auto parts = parts_of(mailbox);
    return fmt::format("{}/{}/{}", area, parts.domain, archive_name(parts, tag));
}

Result<std::optional<Archived>> archive_mailbox(const MailStore& store, const Address& mailbox, const ArchiveTag& tag) {
    const auto parts = parts_of(mailbox);
    const auto base = archive_name(parts, tag);
    const auto place = [&](const std::string& name) { return fmt::format("{}/{}/{}", area, parts.domain, name); };
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    const auto nothing_to_move = [&]() -> Result<std::optional<Archived>> {
        TRY_ASSIGN(const auto shelf, find_directory_beneath(root.get(), fmt::format("{}/{}", area, parts.domain)));
        if (!shelf || !exists(*shelf, base)) return std::nullopt;
        return std::optional(Archived{place(base), false});
    };
    TRY_ASSIGN(const auto source, find_directory_beneath(root.get(), parts.domain));
    if (!source || !exists(*source, parts.name)) return nothing_to_move();
    TRY_ASSIGN(const FileDescriptor archive, store.open_or_make(root, std::string(area)));
    TRY_ASSIGN(const FileDescriptor target, store.open_or_make(archive, parts.domain));
    auto name = base;
    for (int attempt = 2;
         ::renameat2(source->get(), parts.name.c_str(), target.get(), name.c_str(), RENAME_NOREPLACE) != 0; ++attempt) {
        if (errno == ENOENT) return nothing_to_move();
        if (errno != EEXIST || attempt > 100) return fail(system_error(errno, "cannot archive", parts.name));
        name = fmt::format("{}-{}", base, attempt);
    }
    TRY(sync_file(target.get(), place("")));
    TRY(sync_file(archive.get(), area));
    TRY(sync_file(source->get(), parts.domain));
    TRY(sync_file(root.get(), store.path()));
    return std::optional(Archived{place(name), true});
}

Result<Restored> restore_mailbox(const MailStore& store, const Address& mailbox, const ArchiveTag& tag) {
    const auto parts = parts_of(mailbox);
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto source, find_directory_beneath(root.get(), fmt::format("{}/{}", area, parts.domain)));
    if (!source) return Restored::not_archived;
    const auto name = archive_name(parts, tag);
    if (!exists(*source, name)) return Restored::not_archived;
    TRY_ASSIGN(const FileDescriptor target, store.open_or_make(root, parts.domain));
    if (::renameat2(source->get(), name.c_str(), target.get(), parts.name.c_str(), RENAME_NOREPLACE) != 0) {
        if (errno == EEXIST) return Restored::in_the_way;
        return fail(system_error(errno, "cannot restore", parts.name));
    }
    TRY(sync_file(target.get(), parts.domain));
    TRY(sync_file(source->get(), area));
    TRY(sync_file(root.get(), store.path()));
    return Restored::done;
}

Status remove_archived(const MailStore& store, const std::string& place) {
    const auto parts = split(place, '/');
    const bool sound = parts.size() == 3 && parts[0] == area && !parts[1].empty() && !parts[2].empty() &&
                       parts[1] != ".." && parts[2] != ".." && parts[1] != "." && parts[2] != ".";
    if (!sound) return fail(ErrorKind::denied, fmt::format("'{}' is not in the archive area", printable(place)));
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto shelf, find_directory_beneath(root.get(), fmt::format("{}/{}", parts[0], parts[1])));
    if (!shelf) return {};
    TRY(remove_tree(shelf->get(), std::string(parts[2])));
    return sync_file(shelf->get(), place);
}

} // namespace mailctl
