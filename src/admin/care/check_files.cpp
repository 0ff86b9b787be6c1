// SPDX-License-Identifier: Apache-2.0
// Files, maps and Maildirs of our own.
#include "check_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr unsigned others_may_read = 0004, others_may_write = 0002, group_may_write = 0020;

bool is_below(const std::string& path, const std::string& directory) {
    return path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

// Hashes of passwords stand in the domain files.
void open_files(const SiteFacts& facts, Sayings& say) {
    for (const auto& file : facts.files)
        if ((is_below(file.path, facts.paths.domains) || file.path == facts.paths.srs_secret) &&
            (file.mode & others_may_read) != 0)
            say(file.path, fmt::format("everybody may read it (mode {:04o})", file.mode & 07777),
                fmt::format("chmod o-rwx '{}'", file.path));
}

void writable_files(const SiteFacts& facts, Sayings& say) {
    for (const auto& file : facts.files) {
        if (file.path == facts.paths.mail || is_below(file.path, facts.paths.mail)) continue;
        const bool by_mail_user = facts.mail_uid && *facts.mail_uid != 0 && file.uid == *facts.mail_uid &&
                                  (is_below(file.path, facts.paths.maps) || is_below(file.path, facts.paths.domains));
        if ((file.mode & others_may_write) != 0)
            say(file.path, fmt::format("everybody may write it (mode {:04o})", file.mode & 07777),
                fmt::format("chmod o-w '{}'", file.path));
        else if (by_mail_user && facts.paths.root.empty())
            say(file.path, "it belongs to the mail user, who may be hostile",
                fmt::format("chown root '{}'", file.path));
    }
}

void mail_root(const SiteFacts& facts, Sayings& say) {
    for (const auto& file : facts.files) {
        if (file.path != facts.paths.mail) continue;
        if (facts.mail_uid && file.uid != *facts.mail_uid)
            say(file.path,
                fmt::format("the mail root belongs to user {}, not to the mail user {}", file.uid, *facts.mail_uid));
        if ((file.mode & (others_may_write | group_may_write)) != 0)
            say(file.path, fmt::format("others may write into the mail root (mode {:04o})", file.mode & 07777),
                fmt::format("chmod go-w '{}'", file.path));
    }
}

void old_maps(const SiteFacts& facts, Sayings& say) {
    for (const auto& map : facts.maps)
        if (!map.text_current) say(map.name, "the installed map does not say what the domain files say");
}

void old_indexes(const SiteFacts& facts, Sayings& say) {
    for (const auto& map : facts.maps)
        if (map.text_current && !map.index_current) say(map.name, "its index is missing or older than its text");
}

void leftovers(const SiteFacts& facts, Sayings& say) {
    for (const auto& name : facts.leftover_maps)
        say(name, "no map of this site has this name any more");
}

void missing_maildirs(const SiteFacts& facts, Sayings& say) {
    if (!facts.mail) return;
    for (const auto& address : facts.mail->missing)
        say(address, "the mailbox has no Maildir; the agent makes it with the first message");
}

void orphans(const SiteFacts& facts, Sayings& say) {
    if (!facts.mail) return;
    for (const auto& place : facts.mail->orphans)
        say(place, "the Maildir belongs to no mailbox");
}

void split_maildirs(const SiteFacts& facts, Sayings& say) {
    if (!facts.mail) return;
    for (const auto& place : facts.mail->split)
        say(place, "tmp, new and cur are on different file systems: nothing can be delivered by a rename");
}

void stale_files(const SiteFacts& facts, Sayings& say) {
    if (facts.mail && facts.mail->stale > 0)
        say(facts.paths.mail, fmt::format("{} older than 36 hours in tmp: deliveries that were cut short",
                                          how_many(facts.mail->stale, "file")));
}

void wrong_sizes(const SiteFacts& facts, Sayings& say) {
    if (!facts.mail) return;
    for (const auto& place : facts.mail->wrong)
        say(place, "maildirsize does not say what lies there: its quota is held against a wrong number");
}

void full_disks(const SiteFacts& facts, Sayings& say) {
    constexpr std::uint64_t little = 10, almost_nothing = 2;
    for (const auto& disk : facts.disks) {
        const auto least = std::min(disk.free_percent, disk.free_inodes_percent);
        if (least >= little) continue;
        const auto* what = disk.free_percent <= disk.free_inodes_percent ? "room" : "inodes";
        say(disk.path, fmt::format("{} % of the {} are free", least, what), {},
            least < almost_nothing ? Weight::error : Weight::warning);
    }
}

const Check checks_of_files[] = {
    {"files.open", 72, Weight::error, true, "everybody may read a file with hashes or secrets", "chmod o-rwx FILE",
     open_files},
    {"files.writable", 51, Weight::error, true, "others than the administrator may write a file of the site",
     "chmod o-w FILE", writable_files},
    {"files.mail-root", 73, Weight::error, false, "owner or mode of the mail root is not what the agent needs",
     "see mail.user and mail.path in mailctl.toml(5)", mail_root},
    {"files.disk", 80, Weight::warning, false, "a file system of the site is almost full", "make room", full_disks},
    {"maps.outdated", 40, Weight::error, true, "an installed map differs from the domain files", "mailctl map build",
     old_maps},
    {"maps.index", 40, Weight::error, true, "the index of a map is missing or older than its text", "mailctl map build",
     old_indexes},
    {"maps.leftover", 0, Weight::warning, true, "a file among the maps belongs to no map", "mailctl map build",
     leftovers},
    {"mail.no-maildir", 0, Weight::advice, false, "a mailbox has no Maildir", "mailctl apply", missing_maildirs},
    {"mail.orphan", 79, Weight::warning, false, "a Maildir belongs to no mailbox",
     "look at it; create the mailbox again, or move it elsewhere", orphans},
    {"mail.split", 74, Weight::error, false, "tmp, new and cur of a Maildir are on different file systems",
     "put the whole Maildir on one file system", split_maildirs},
    {"mail.stale-tmp", 77, Weight::warning, true, "files older than 36 hours lie in tmp", "mailctl housekeeping",
     stale_files},
    {"mail.maildirsize", 78, Weight::warning, true, "maildirsize does not say what lies in a mailbox",
     "remove maildirsize: the next delivery counts anew", wrong_sizes},
};

} // namespace

std::span<const Check> files_checks() { return checks_of_files; }

} // namespace mailctl
