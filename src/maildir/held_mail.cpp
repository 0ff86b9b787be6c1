// SPDX-License-Identifier: Apache-2.0
// Everything happens between open directories below the mail root.
#include "mailctl/maildir/held_mail.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/mail_transfer.hpp"
#include "mailctl/maildir/moving.hpp"
#include "mailctl/os/file_range.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace mailctl {
namespace {

const char* area_of(HeldFor why) {
    switch (why) {
    case HeldFor::candidate:
        return ".candidates";
    case HeldFor::suspended:
        return ".held";
    case HeldFor::banished:
        break;
    }
    return ".banished";
}
std::string local_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Result<FileDescriptor> make_area(const MailStore& store, HeldFor why, const DomainName& domain) {
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const FileDescriptor parent, store.open_or_make_top(root, domain.text()));
    auto found = open_directory_beneath(parent.get(), area_of(why));
    if (found || found.error().kind != ErrorKind::missing) return found;
    TRY_ASSIGN(FileDescriptor area, store.open_or_make(parent, area_of(why)));
    TRY(sync_file(parent.get(), domain.text()));
    TRY(sync_file(root.get(), domain.text()));
    return area;
}

Result<std::optional<FileDescriptor>> find_area(const MailStore& store, HeldFor why, const DomainName& domain) {
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    return find_in_root(root.get(), held_area(why, domain));
}

Instant instant_of(const timespec& time) {
    return Instant{std::chrono::seconds{time.tv_sec} +
                   std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds{time.tv_nsec})};
}

Result<std::size_t> empty_part(const Maildir& place, const std::string& part) {
    TRY_ASSIGN(const auto directory, find_directory_beneath(place.directory(), part));
    if (!directory) return std::size_t{0};
    TRY_ASSIGN(const auto names, entries_of(*directory, place.path()));
    for (const auto& name : names)
        if (::unlinkat(directory->get(), name.c_str(), 0) != 0 && errno != ENOENT)
            return fail(system_error(errno, "cannot remove", place.path() + '/' + part + '/' + name));
    return names.size();
}

// Its messages are gone. What else somebody put there keeps it where it is.
Status remove_empty(const MailStore& store, HeldFor why, const Address& name, const Maildir& place) {
    TRY(empty_part(place, "tmp")); // of deliveries that died, or that will be told to try again
    for (const char* part : {"new", "cur", "tmp"})
        ::unlinkat(place.directory(), part, AT_REMOVEDIR);
    TRY_ASSIGN(const auto area, find_area(store, why, name.domain));
    if (!area) return {};
    ::unlinkat(area->get(), local_part(place.path()).c_str(), AT_REMOVEDIR);
    return sync_file(area->get(), place.path());
}

// Locks of an open file (fcntl(2), F_OFD_SETLK) on two bytes of it.
using Deadline = std::chrono::steady_clock::time_point;
constexpr off_t gate_byte = 0, area_byte = 1;

Status lock_byte(const FileDescriptor& file, off_t byte, short how, Deadline until, const std::string& path) {
    auto lock = file_range(how, byte, 1);
    while (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR) return fail(system_error(errno, "cannot lock", path));
        if (std::chrono::steady_clock::now() >= until)
            return fail(ErrorKind::temporary, fmt::format("'{}' is locked by another program", path),
                        "try again; lslocks(8) shows who holds it");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
}

void unlock_byte(const FileDescriptor& file, off_t byte) {
    auto lock = file_range(F_UNLCK, byte, 1);
    ::fcntl(file.get(), F_OFD_SETLK, &lock);
}

std::optional<std::string> decode_name(const std::string& text) {
    std::string local;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            local += text[i];
            continue;
        }
        unsigned byte = 0;
        if (std::sscanf(text.c_str() + i, "%%%2X", &byte) != 1) return std::nullopt;
        local += static_cast<char>(byte);
        i += 2;
    }
    return local;
}

// Anybody may have made the directory: a name is one only if it is a local part and would have been written so.
std::optional<Address> name_from_directory(const std::string& text, const DomainName& domain) {
    auto bytes = decode_name(text);
    if (!bytes) return std::nullopt;
    auto local = LocalPart::parse(LocalPart::from_trusted(std::move(*bytes)).quoted());
    if (!local) return std::nullopt;
    Address name{std::move(*local), domain};
    if (local_part(mailbox_directory(name)) != text) return std::nullopt;
    return name;
}

} // namespace

std::string held_area(HeldFor why, const DomainName& domain) { return domain.text() + '/' + area_of(why); }

std::string held_directory(HeldFor why, const Address& name) {
    return held_area(why, name.domain) + '/' + local_part(mailbox_directory(name));
}

Result<HeldLock> HeldLock::acquire(const MailStore& store, HeldFor why, const DomainName& domain, Kind kind,
                                   std::chrono::milliseconds patience) {
    TRY_ASSIGN(const FileDescriptor area, make_area(store, why, domain));
    const auto path = store.path() + '/' + held_area(why, domain) + "/.lock";
    TRY_ASSIGN(FileDescriptor file, open_beneath(area.get(), ".lock", O_RDWR | O_CREAT, 0600));
    TRY(store.give(file.get(), path));
    const Deadline until = std::chrono::steady_clock::now() + patience;
    // The gate first: who wants the area for himself keeps it shut while he waits for those who are inside to leave, so
    // that a stream of deliveries cannot keep him waiting for ever. Deliveries go through it and leave it open.
    const short how = kind == Kind::shared ? F_RDLCK : F_WRLCK;
    TRY(lock_byte(file, gate_byte, how, until, path));
    TRY(lock_byte(file, area_byte, how, until, path));
    if (kind == Kind::shared) unlock_byte(file, gate_byte);
    return HeldLock(std::move(file));
}

Result<HeldLock> HeldLock::acquire(const MailStore& store, HeldFor why, const DomainName& domain, Kind kind,
                                   LockPatience& patience, std::chrono::milliseconds most) {
    const auto begun = std::chrono::steady_clock::now();
    auto lock = acquire(store, why, domain, kind,
                        std::min(most, std::chrono::duration_cast<std::chrono::milliseconds>(patience.left_)));
    const auto waited = std::chrono::steady_clock::now() - begun;
    patience.left_ -= std::min(waited, patience.left_);
    return lock;
}

Result<std::optional<Maildir>> find_held(const MailStore& store, HeldFor why, const Address& name) {
    const auto path = held_directory(why, name);
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(auto found, find_in_root(root.get(), path));
    if (!found) return std::optional<Maildir>{};
    return std::optional<Maildir>(Maildir(std::move(*found), path));
}

Result<Maildir> open_held(const MailStore& store, HeldFor why, const Address& name) {
    TRY_ASSIGN(auto found, find_held(store, why, name));
    if (found) return std::move(*found);
    const auto path = held_directory(why, name);
    TRY_ASSIGN(const FileDescriptor area, make_area(store, why, name.domain));
    TRY_ASSIGN(FileDescriptor directory, store.open_or_make(area, local_part(path)));
    Maildir place(std::move(directory), path);
    TRY(store.complete(place));
    TRY(sync_file(area.get(), path));
    return place;
}

Result<std::vector<Address>> held_names(const MailStore& store, HeldFor why, const DomainName& domain) {
    std::vector<Address> names;
    TRY_ASSIGN(const auto area, find_area(store, why, domain));
    if (!area) return names;
    TRY_ASSIGN(auto entries, entries_of(*area, held_area(why, domain)));
    std::ranges::sort(entries);
    for (const auto& entry : entries) // a local part never begins with a dot there
        if (auto name = name_from_directory(entry, domain); name && entry[0] != '.') names.push_back(std::move(*name));
    return names;
}

Result<std::vector<HeldMessage>> held_messages(const MailStore& store, HeldFor why, const Address& name) {
    std::vector<HeldMessage> messages;
    TRY_ASSIGN(const auto held, find_held(store, why, name));
    if (!held) return messages;
    for (const char* part : {"new", "cur"}) {
        TRY_ASSIGN(const auto directory, find_directory_beneath(held->directory(), part));
        if (!directory) continue;
        TRY_ASSIGN(const auto names, entries_of(*directory, held->path()));
        for (const auto& each : names) {
            struct stat about {};
            if (::fstatat(directory->get(), each.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
                if (errno == ENOENT) continue;
                return fail(system_error(errno, "cannot examine", held->path() + '/' + part + '/' + each));
            }
            if (S_ISREG(about.st_mode))
                messages.push_back({ByteCount{static_cast<std::uint64_t>(about.st_size)}, instant_of(about.st_mtim)});
        }
    }
    return messages;
}

Result<HeldCount> count_held(const MailStore& store, HeldFor why, const Address& name) {
    HeldCount count;
    TRY_ASSIGN(const auto messages, held_messages(store, why, name));
    for (const auto& message : messages)
        count.bytes += message.size.bytes;
    count.messages = messages.size();
    return count;
}

Result<std::optional<Instant>> held_since(const MailStore& store, HeldFor why, const Address& name) {
    TRY_ASSIGN(const auto held, find_held(store, why, name));
    if (!held) return std::optional<Instant>{};
    struct stat about {};
    if (::fstat(held->directory(), &about) != 0) return fail(system_error(errno, "cannot examine", held->path()));
    return std::optional(instant_of(about.st_mtim));
}

Result<std::size_t> release_held(const MailStore& store, HeldFor why, const Address& name, const Address& mailbox) {
    TRY_ASSIGN(const auto held, find_held(store, why, name));
    if (!held) return std::size_t{0};
    TRY_ASSIGN(const Maildir place, store.open_mailbox(mailbox));
    TRY_ASSIGN(const auto moved, move_messages(store, *held, place));
    TRY(remove_empty(store, why, name, *held));
    return moved;
}

Status rename_held(const MailStore& store, HeldFor why, const Address& from, const Address& to) {
    TRY_ASSIGN(const auto held, find_held(store, why, from));
    if (!held) return {};
    TRY_ASSIGN(const Maildir place, open_held(store, why, to));
    TRY(move_messages(store, *held, place));
    return remove_empty(store, why, from, *held);
}

Status remove_held_area(const MailStore& store, HeldFor why, const DomainName& domain) {
    TRY_ASSIGN(const auto area, find_area(store, why, domain));
    if (!area) return {};
    TRY_ASSIGN(const auto names, entries_of(*area, held_area(why, domain)));
    if (std::ranges::any_of(names, [](const std::string& name) { return name != ".lock"; })) return {};
    ::unlinkat(area->get(), ".lock", 0); // whoever waits for it looks at the directory then, and knows better
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto parent, find_in_root(root.get(), domain.text()));
    if (parent) ::unlinkat(parent->get(), area_of(why), AT_REMOVEDIR);
    return {};
}

Result<std::size_t> keep_for(const MailStore& store, HeldFor was, HeldFor becomes, const Address& name) {
    TRY_ASSIGN(const auto held, find_held(store, was, name));
    if (!held) return std::size_t{0};
    TRY_ASSIGN(const Maildir place, open_held(store, becomes, name));
    TRY_ASSIGN(const auto moved, move_messages(store, *held, place));
    TRY(remove_empty(store, was, name, *held));
    return moved;
}

Result<std::size_t> drop_held(const MailStore& store, HeldFor why, const Address& name) {
    TRY_ASSIGN(const auto held, find_held(store, why, name));
    if (!held) return std::size_t{0};
    std::size_t removed = 0;
    for (const char* part : {"new", "cur"}) {
        TRY_ASSIGN(const auto some, empty_part(*held, part));
        removed += some;
    }
    TRY(remove_empty(store, why, name, *held));
    return removed;
}

} // namespace mailctl
