// SPDX-License-Identifier: Apache-2.0
// Renames between two open directories, each fsynced before anything is said to be done.
#include "mailctl/maildir/mail_archive.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/moving.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cerrno>
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

// Mail that never came into the archive because its copying was cut short is in its place again.
Status give_up_archiving(const FileDescriptor& root, const Parts& parts, const FileDescriptor& shelf,
                         const std::string& name) {
    TRY_ASSIGN(const auto domain, find_in_root(root.get(), parts.domain));
    return domain ? give_up_move(*domain, parts.name, shelf, name) : Status{};
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
        TRY_ASSIGN(const auto shelf, find_in_root(root.get(), fmt::format("{}/{}", area, parts.domain)));
        if (!shelf) return std::nullopt;
        TRY_ASSIGN(const bool was_moved, has_entry(*shelf, base));
        if (!was_moved) return std::nullopt;
        return std::optional(Archived{place(base), false});
    };
    TRY_ASSIGN(const auto source, find_in_root(root.get(), parts.domain));
    if (!source) return nothing_to_move();
    TRY_ASSIGN(const bool is_there, has_source(*source, parts.name));
    if (!is_there) return nothing_to_move();
    TRY_ASSIGN(const FileDescriptor archive, store.open_or_make_top(root, std::string(area)));
    TRY_ASSIGN(const FileDescriptor target, store.open_or_make(archive, parts.domain));
    auto name = base;
    for (int attempt = 2;; ++attempt) {
        auto moved = move_entry(*source, parts.name, target, name);
        if (!moved) return fail(moved.error().while_doing("cannot archive"));
        if (*moved == Moved::nothing_there) return nothing_to_move();
        if (*moved == Moved::done) break;
        if (attempt > 100) return fail(ErrorKind::failed, fmt::format("'{}' is taken", place(name)));
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
    TRY_ASSIGN(const auto source, find_in_root(root.get(), fmt::format("{}/{}", area, parts.domain)));
    if (!source) return Restored::not_archived;
    const auto name = archive_name(parts, tag);
    TRY(give_up_archiving(root, parts, *source, name));
    TRY_ASSIGN(const bool is_there, has_source(*source, name));
    if (!is_there) return Restored::not_archived;
    TRY_ASSIGN(const FileDescriptor target, store.open_or_make_top(root, parts.domain));
    auto moved = move_entry(*source, name, target, parts.name);
    if (!moved) return fail(moved.error().while_doing("cannot restore"));
    if (*moved == Moved::in_the_way) return Restored::in_the_way;
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
    TRY_ASSIGN(const auto shelf, find_in_root(root.get(), fmt::format("{}/{}", parts[0], parts[1])));
    if (!shelf) return {};
    TRY(remove_tree(shelf->get(), std::string(parts[2])));
    return sync_file(shelf->get(), place);
}

} // namespace mailctl
