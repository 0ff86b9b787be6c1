// SPDX-License-Identifier: Apache-2.0
// What lies on disk is listed first, as words, and remembered then.
#include "mailctl/site/lost_state.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/maildir/mail_archive.hpp"
#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/maildir/moving.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"
#include "mailctl/store/tombstones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>

namespace mailctl {

namespace {

// One word for each held message and each archived mailbox: that is how what the mail user finds comes back.
constexpr std::string_view held_word = "held ", archived_word = "archived ";

Status list_messages(const Maildir& place, const Address& name, Words& found) {
    for (const char* part : {"new", "cur"}) {
        TRY_ASSIGN(const auto directory, find_directory_beneath(place.directory(), part));
        if (!directory) continue;
        TRY_ASSIGN(const auto files, entries_of(*directory, place.path()));
        for (const auto& file : files) {
            struct stat about {};
            const bool there = ::fstatat(directory->get(), file.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
            if (!there && errno != ENOENT)
                return fail(system_error(errno, "cannot examine", place.path() + '/' + part + '/' + file));
            if (there && S_ISREG(about.st_mode))
                found.push_back(fmt::format("{}{} {} {}", held_word, name.text(), about.st_size, about.st_mtim.tv_sec));
        }
    }
    return {};
}

Status list_held(const MailStore& store, const std::vector<DomainName>& domains, Words& found) {
    for (const auto& domain : domains) {
        TRY_ASSIGN(const auto names, held_names(store, HeldFor::candidate, domain));
        for (const auto& name : names) {
            TRY_ASSIGN(const auto place, find_held(store, HeldFor::candidate, name));
            if (place) {
                TRY(list_messages(*place, name, found));
            }
        }
    }
    return {};
}

Status list_archived(const MailStore& store, Words& found) {
    TRY_ASSIGN(const FileDescriptor root, store.open_root());
    TRY_ASSIGN(const auto area, find_in_root(root.get(), ".archive"));
    if (!area) return {};
    TRY_ASSIGN(const auto shelves, entries_of(*area, ".archive"));
    for (const auto& shelf : shelves) {
        const auto directory = find_in_root(root.get(), ".archive/" + shelf);
        if (!directory && directory.error().os_error != ENOTDIR && directory.error().os_error != ELOOP)
            return fail(directory.error());
        if (!directory || !*directory) continue; // a file or a link is no shelf
        TRY_ASSIGN(const auto places, entries_of(**directory, shelf));
        for (const auto& place : places)
            found.push_back(fmt::format("{}{}/{}", archived_word, shelf, place));
    }
    return {};
}

template <class Number>
bool parse_last(std::string_view& text, Number& number) {
    const auto space = text.rfind(' ');
    if (space == text.npos) return false;
    const auto digits = text.substr(space + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    text = text.substr(0, space);
    return error == std::errc() && end == digits.data() + digits.size();
}

std::optional<CandidateMail> parse_held(std::string_view word) {
    std::uint64_t size = 0;
    std::int64_t seconds = 0;
    if (!parse_last(word, seconds) || !parse_last(word, size)) return std::nullopt;
    auto name = Address::parse(word);
    if (!name) return std::nullopt;
    return CandidateMail{std::move(*name), ByteCount{size}, Instant{std::chrono::seconds{seconds}}, "", ""};
}

// The other way round than mailbox_directory.
std::optional<LocalPart> local_of_directory(const std::string& directory) {
    std::string text;
    for (std::size_t i = 0; i < directory.size(); ++i) {
        if (directory[i] != '%') {
            text += directory[i];
            continue;
        }
        unsigned byte = 0;
        const char* begin = directory.data() + i + 1;
        const char* end = begin + std::min<std::size_t>(2, directory.size() - i - 1);
        if (std::from_chars(begin, end, byte, 16).ptr != begin + 2) return std::nullopt;
        text += static_cast<char>(byte);
        i += 2;
    }
    auto local = LocalPart::parse(text);
    if (!local) return std::nullopt;
    return std::move(*local);
}

// "paul-20261122T032800Z-7", as archive_place writes it; anything else was put there by somebody else.
std::optional<Tombstone> parse_archived(const DomainName& domain, const std::string& name) {
    constexpr std::size_t time_size = std::string_view("20261122T032800Z").size();
    const auto last = name.rfind('-');
    if (last == std::string::npos || last < time_size + 2) return std::nullopt;
    const auto time = name.substr(last - time_size, time_size);
    const auto when =
        parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}Z", time.substr(0, 4), time.substr(4, 2), time.substr(6, 2),
                                  time.substr(9, 2), time.substr(11, 2), time.substr(13, 2)));
    std::uint64_t change = 0;
    const auto [end, error] = std::from_chars(name.data() + last + 1, name.data() + name.size(), change);
    const auto local = local_of_directory(name.substr(0, last - time_size - 1));
    if (!when || !local || error != std::errc() || end != name.data() + name.size()) return std::nullopt;
    Tombstone tombstone{{*local, domain}, change, *when, {}, {}};
    const auto place = archive_place(tombstone.address, {*when, change});
    if (!place.ends_with('/' + name)) return std::nullopt;
    tombstone.archive = place;
    return tombstone;
}

struct Found {
    std::vector<CandidateMail> held;
    std::vector<Tombstone> deleted;
};

Found parse_found(const Words& words) {
    Found found;
    for (const std::string_view word : words) {
        if (word.starts_with(held_word)) {
            if (auto mail = parse_held(word.substr(held_word.size()))) found.held.push_back(std::move(*mail));
            continue;
        }
        const auto place = word.substr(std::min(archived_word.size(), word.size()));
        const auto slash = place.find('/');
        const auto domain = DomainName::parse(place.substr(0, slash));
        if (!domain || slash == place.npos) continue;
        if (auto tombstone = parse_archived(*domain, std::string(place.substr(slash + 1))))
            found.deleted.push_back(std::move(*tombstone));
    }
    return found;
}

// Names that mailboxes have need no tombstone, only the place of the mail of those before.
Status remember_deleted(const SiteView& view, State& state, const std::vector<Tombstone>& deleted) {
    TRY(record_tombstones(state, deleted));
    TRY_ASSIGN(const auto* applied, view.applied());
    std::vector<Address> taken;
    for (const auto& tombstone : deleted) {
        TRY_ASSIGN(const auto holder, applied->find_name(tombstone.address.domain, tombstone.address.local.key()));
        if (holder) taken.push_back(tombstone.address);
    }
    constexpr auto any_change = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (taken.empty()) return {};
    return clear_tombstones(state, taken, any_change, deleted.back().deleted);
}

Status remember_held(State& state, Site::Candidates limits, const std::vector<CandidateMail>& held) {
    limits.names = limits.name_messages = std::numeric_limits<std::uint32_t>::max();
    limits.bytes = limits.name_bytes = ByteCount{std::numeric_limits<std::int64_t>::max()};
    for (const auto& mail : held) {
        TRY(reserve_candidate(state, mail, limits));
    }
    return {};
}

// What SQLite has beside its file goes into it, so that the file alone is the whole.
Status fold(State& state) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto checkpoint, turn->prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
    TRY_ASSIGN(const bool answered, checkpoint.next());
    if (answered && checkpoint.integer(0) == 0) return {};
    return fail(ErrorKind::temporary, fmt::format("'{}' is in use by another program", turn->path()));
}

Status remember(const SiteView& view, State state, const Found& found, std::vector<std::string>& notes) {
    if (!found.deleted.empty()) {
        TRY(remember_deleted(view, state, found.deleted));
        notes.push_back(fmt::format("remembered {} deleted mailboxes by their archived mail", found.deleted.size()));
    }
    TRY(remember_held(state, view.site().candidates, found.held));
    if (!found.held.empty())
        notes.push_back(fmt::format("remembered candidates by {} held messages", found.held.size()));
    return fold(state);
}

Status remove_database(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
        TRY(remove_file(path + suffix));
    }
    return {};
}

// Beside its place, and there all at once: a half would pass for the whole the next time.
Status make_anew(const SiteView& view, const Found& found, std::vector<std::string>& notes) {
    const auto& place = view.paths().state;
    TRY_ASSIGN(const auto owner, find_mail_owner(view.paths(), view.site().mail));
    Paths beside = view.paths();
    beside.state = staged_path(place);
    TRY(remove_database(beside.state)); // of one that was killed
    auto remembered = remember(view, State::of_administrator(beside, owner), found, notes);
    if (!remembered) {
        TRY(remove_database(beside.state));
        return remembered;
    }
    for (const char* suffix : {"-wal", "-shm"}) { // those of the lost one would be taken for this one's
        TRY(remove_file(beside.state + suffix));
        TRY(remove_file(place + suffix));
    }
    return publish_file(beside.state, place);
}

} // namespace

Result<std::vector<std::string>> recall_lost_state(const SiteView& view) {
    std::vector<std::string> notes;
    TRY_ASSIGN(const auto there, find_stamp(view.paths().state));
    TRY_ASSIGN(const auto mounted, find_stamp(view.paths().mail));
    if (there || !mounted) return notes;
    TRY_ASSIGN(const auto domains, view.applied_domain_names());
    TRY_ASSIGN(const auto words, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                   Words list;
                   TRY(list_held(store, domains, list));
                   TRY(list_archived(store, list));
                   return list;
               }));
    TRY(make_anew(view, parse_found(words), notes));
    TRY(prepare_state(view)); // the agent cannot make what belongs beside it
    return notes;
}

} // namespace mailctl
