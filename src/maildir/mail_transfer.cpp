// SPDX-License-Identifier: Apache-2.0
// Everything happens between open directories below the mail root.
#include "mailctl/maildir/mail_transfer.hpp"

#include "mailctl/mail/maildir_name.hpp"
#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/moving.hpp"
#include "mailctl/os/digest.hpp"
#include "subscriptions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr const char* counted_quota = "maildirsize";

struct Split {
    std::string parent, name;
};
Split split_path(const std::string& path) {
    const auto slash = path.rfind('/');
    return {path.substr(0, slash), path.substr(slash + 1)};
}

// A directory and its parents below the root, each made where it is missing.
Result<FileDescriptor> make_path(const MailStore& store, const std::string& path) {
    TRY_ASSIGN(FileDescriptor at, store.open_root());
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        const auto part = path.substr(begin, end - begin);
        TRY_ASSIGN(FileDescriptor next, begin == 0 ? store.open_or_make_top(at, part) : store.open_or_make(at, part));
        TRY(sync_file(at.get(), path));
        at = std::move(next);
        begin = end + 1;
    }
    return at;
}

// A directory at `from` gets the name `to`; both are paths below the root.
Result<Moved> rename_directory(const MailStore& store, const std::string& from, const std::string& to) {
    const auto source = split_path(from), target = split_path(to);
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto source_parent, find_in_root(root.get(), source.parent));
    if (!source_parent) return Moved::nothing_there;
    TRY_ASSIGN(const bool is_there, has_source(*source_parent, source.name));
    if (!is_there) return Moved::nothing_there;
    TRY_ASSIGN(const FileDescriptor target_parent, make_path(store, target.parent));
    TRY_ASSIGN(const auto renamed, move_entry(*source_parent, source.name, target_parent, target.name));
    if (renamed == Moved::done) {
        TRY(sync_file(target_parent.get(), to));
        TRY(sync_file(source_parent->get(), from));
    }
    return renamed;
}

// The other message keeps its name; whoever made two alike is not to cost us one of them.
Status move_message(const FileDescriptor& from, const std::string& name, const FileDescriptor& to) {
    auto target = name;
    for (int attempt = 2; attempt < 100; ++attempt) {
        TRY_ASSIGN(const auto renamed, move_entry(from, name, to, target));
        if (renamed != Moved::in_the_way) return {};
        target = fmt::format("{}-{}", attempt, name);
    }
    return fail(ErrorKind::conflict, fmt::format("cannot move '{}': too many of that name", name));
}

Result<std::size_t> move_part(const MailStore& store, const Maildir& from, const Maildir& to, const std::string& part) {
    TRY_ASSIGN(const auto source, find_directory_beneath(from.directory(), part));
    if (!source) return std::size_t{0};
    TRY_ASSIGN(const auto names, entries_of(*source, from.path()));
    if (names.empty()) return std::size_t{0};
    TRY(store.complete(to));
    TRY_ASSIGN(const FileDescriptor target, open_directory_beneath(to.directory(), part));
    std::size_t moved = 0;
    for (const auto& name : names) {
        if (name.starts_with('.')) continue;
        TRY(move_message(*source, name, target));
        ++moved;
    }
    TRY(sync_file(target.get(), to.path()));
    TRY(sync_file(source->get(), from.path()));
    return moved;
}

Status forget_usage(const Maildir& mailbox) {
    if (::unlinkat(mailbox.directory(), counted_quota, 0) == 0 || errno == ENOENT) return {};
    return fail(system_error(errno, "cannot remove", mailbox.path() + '/' + counted_quota));
}

// A folder below a folder may have a name that no directory can have: its end becomes a number.
std::string fitting(const std::string& name) {
    constexpr std::size_t longest = 255, kept = 200;
    if (name.size() <= longest) return name;
    return name.substr(0, name.find_last_not_of('&', kept)) + '-' + digest(name).substr(0, 16);
}

// The Maildir's own directories become those of the folder, with what Dovecot keeps to know its messages again.
Status hand_over_inbox(const MailStore& store, const FileDescriptor& source, const Maildir& to,
                       const std::string& directory) {
    TRY_ASSIGN(const FileDescriptor parent, open_directory_beneath(to.directory(), "."));
    TRY_ASSIGN(const FileDescriptor folder, store.open_or_make(parent, directory));
    for (const char* name : {"cur", "new", "tmp", "dovecot-uidlist", "dovecot-keywords"}) {
        TRY(move_entry(source, name, folder, name));
    }
    TRY(sync_file(folder.get(), to.path()));
    return sync_file(parent.get(), to.path());
}

} // namespace

Result<std::size_t> move_messages(const MailStore& store, const Maildir& from, const Maildir& to) {
    std::size_t moved = 0;
    for (const char* part : {"new", "cur"}) {
        TRY_ASSIGN(const auto some, move_part(store, from, to, part));
        moved += some;
    }
    TRY(forget_usage(to)); // also where nothing is left to move: it may have been cut short just here
    return moved;
}

std::string message_id_of_file(const std::string& name) { return name.substr(0, name.find_first_of(",:")); }

Result<bool> move_one_message(const MailStore& store, const Maildir& from, const Maildir& to, const std::string& id) {
    for (const char* part : {"new", "cur"}) {
        TRY_ASSIGN(const auto source, find_directory_beneath(from.directory(), part));
        if (!source) continue;
        TRY_ASSIGN(const auto names, entries_of(*source, from.path()));
        const auto found = std::ranges::find(names, id, message_id_of_file);
        if (found == names.end()) continue;
        TRY(store.complete(to));
        TRY_ASSIGN(const FileDescriptor target, open_directory_beneath(to.directory(), part));
        TRY(move_message(*source, *found, target));
        TRY(sync_file(target.get(), to.path()));
        TRY(sync_file(source->get(), from.path()));
        TRY(forget_usage(to));
        return true;
    }
    return false;
}

namespace {

// A folder that is there already takes the messages of the other.
Status join_folder(const MailStore& store, const FileDescriptor& source, const std::string& name, const Maildir& to) {
    TRY_ASSIGN(const FileDescriptor top, open_directory_beneath(to.directory(), "."));
    TRY_ASSIGN(const auto moved, move_entry(source, name, top, name));
    if (moved != Moved::in_the_way) return sync_file(top.get(), to.path());
    TRY_ASSIGN(auto from_directory, open_directory_beneath(source.get(), name));
    TRY_ASSIGN(auto to_directory, open_directory_beneath(to.directory(), name));
    TRY(move_messages(store, Maildir(std::move(from_directory), name),
                      Maildir(std::move(to_directory), to.path() + '/' + name)));
    return {};
}

// Folder by folder; what is no mail stays.
Status join_mailbox(const MailStore& store, const FileDescriptor& source, const std::string& path, const Maildir& to) {
    TRY_ASSIGN(auto inbox, open_directory_beneath(source.get(), "."));
    TRY(move_messages(store, Maildir(std::move(inbox), path), to));
    TRY_ASSIGN(const auto names, entries_of(source, path));
    for (const auto& name : with_moving(names)) {
        if (!folder_from_directory(name)) continue;
        TRY(join_folder(store, source, name, to));
    }
    return forget_usage(to);
}

// A renaming that was cut short and is undone now.
Status give_up_renaming(const MailStore& store, const Address& from, const Address& to) {
    const auto source = split_path(mailbox_directory(from)), target = split_path(mailbox_directory(to));
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto source_parent, find_in_root(root.get(), source.parent));
    TRY_ASSIGN(const auto target_parent, find_in_root(root.get(), target.parent));
    if (!source_parent || !target_parent) return {};
    return give_up_move(*source_parent, source.name, *target_parent, target.name);
}

} // namespace

Result<bool> rename_mailbox(const MailStore& store, const Address& from, const Address& to, const ArchiveTag& tag) {
    TRY(give_up_renaming(store, to, from));
    TRY_ASSIGN(const auto renamed, rename_directory(store, mailbox_directory(from), mailbox_directory(to)));
    if (renamed != Moved::in_the_way) return renamed == Moved::done;
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto source, find_in_root(root.get(), mailbox_directory(from)));
    TRY_ASSIGN(const auto target, store.find_mailbox(to));
    if (source && target) {
        TRY(join_mailbox(store, *source, mailbox_directory(from), *target));
    }
    TRY(archive_mailbox(store, from, tag));
    return true;
}

Result<bool> join_archived(const MailStore& store, const std::string& place, const Maildir& to) {
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto source, find_in_root(root.get(), place));
    if (!source) return false;
    TRY(join_mailbox(store, *source, place, to));
    TRY(remove_archived(store, place)); // indexes and the like
    return true;
}

Result<std::string> free_folder(const Maildir& to, std::string_view wanted) {
    std::string name(wanted);
    std::ranges::replace(name, '.', '-');
    std::ranges::replace(name, '/', '-');
    TRY_ASSIGN(const FileDescriptor parent, open_directory_beneath(to.directory(), "."));
    for (int attempt = 1;; ++attempt) {
        const auto candidate = attempt == 1 ? name : fmt::format("{}-{}", name, attempt);
        const auto directory = folder_directory(candidate);
        if (!directory) return fail(ErrorKind::invalid, fmt::format("'{}' cannot name a folder", name));
        TRY_ASSIGN(const auto found, find_directory_beneath(parent.get(), *directory));
        if (!found) return candidate;
    }
}

namespace {

// Many mail programs show no folder that is not subscribed. A list that cannot be written holds no mail up.
Status subscribe_below(const MailStore& store, const Maildir& to, const std::string& directory) {
    TRY_ASSIGN(const FileDescriptor parent, open_directory_beneath(to.directory(), "."));
    TRY_ASSIGN(auto names, entries_of(parent, to.path()));
    std::erase_if(names,
                  [&](const std::string& name) { return name != directory && !name.starts_with(directory + '.'); });
    std::ranges::sort(names);
    static_cast<void>(subscribe(store, to, names));
    return {};
}

} // namespace

Status hand_over(const MailStore& store, const std::string& place, const Maildir& to, const std::string& folder) {
    const auto directory = folder_directory(folder);
    if (!directory) return fail(ErrorKind::invalid, fmt::format("'{}' cannot name a folder", folder));
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto source, find_in_root(root.get(), place));
    if (!source) return {};
    TRY(hand_over_inbox(store, *source, to, *directory));
    TRY_ASSIGN(const FileDescriptor parent, open_directory_beneath(to.directory(), "."));
    TRY_ASSIGN(const auto names, entries_of(*source, place));
    for (const auto& name : with_moving(names)) {
        if (!folder_from_directory(name)) continue;
        TRY(move_entry(*source, name, parent, fitting(*directory + name)));
    }
    TRY(sync_file(parent.get(), to.path()));
    TRY(sync_file(source->get(), place));
    TRY(subscribe_below(store, to, *directory));
    return forget_usage(to);
}

} // namespace mailctl
