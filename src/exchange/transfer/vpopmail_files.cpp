// SPDX-License-Identifier: Apache-2.0
// vpopmail: vpasswd has a line for each mailbox, .qmail-NAME the targets of any other name, .qmail-default those of all
// names that are left.
#include "account_merger.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {
namespace {

// Bits of the gid field (vpopmail.h): what a user may not do.
constexpr unsigned no_pop = 0x02, no_imap = 0x08, bounce_mail = 0x10;

// "NOQUOTA", "52428800S", "52428800S,1000C", "50M", or bytes. Size empty: none is said.
struct VpopmailQuota {
    std::string size = {}, messages = {};
};
VpopmailQuota quota_of(std::string_view text) {
    VpopmailQuota quota;
    for (auto part : split(text, ',')) {
        part = trim(part);
        if (part.empty() || equal_folded(part, "noquota")) continue;
        const bool counts_messages = part.ends_with('C') || part.ends_with('c');
        if (counts_messages || part.ends_with('S') || part.ends_with('s')) part.remove_suffix(1);
        (counts_messages ? quota.messages : quota.size) = part;
    }
    return quota;
}

// Without the name of the domain it stays a local part, for whoever imports it to say.
std::string address_in(std::string_view user, const std::string& domain) {
    return domain.empty() ? std::string(user) : fmt::format("{}@{}", user, domain);
}

// What the flags forbid. Those that there is no word for are told.
void add_flags(std::string_view gid, const TextPlace& place, AccountMerger& merger, AccountMerger::Cells& cells) {
    unsigned flags = 0;
    std::from_chars(gid.data(), gid.data() + gid.size(), flags);
    const bool has_login = (flags & no_pop) == 0 || (flags & no_imap) == 0;
    const bool bounces = (flags & bounce_mail) != 0;
    if (!has_login || bounces) {
        cells.emplace_back("suspend_login", has_login ? "false" : "true");
        cells.emplace_back("suspend_receive", bounces ? "reject" : "accept");
    }
    const unsigned others = flags & ~(has_login ? bounce_mail : no_pop | no_imap | bounce_mail);
    if (others != 0)
        merger.note(place, fmt::format("the flags 0x{:x} of the account are left out: there are none of that kind here",
                                       others));
}

void add_user(std::string_view line, const std::string& domain, const TextPlace& place, AccountMerger& merger) {
    const auto fields = split(line, ':');
    const auto address = address_in(fields[0], domain);
    if (fields.size() < 7)
        return merger.refuse(address, place, {"the line has fewer than seven fields", "is the file cut off?"});
    AccountMerger::Cells cells;
    const auto secret = password_cells(fields[1]);
    if (secret) cells.insert(cells.end(), secret->begin(), secret->end());
    if (!fields[4].empty()) cells.emplace_back("name", fields[4]);
    auto quota = quota_of(fields[6]);
    if (!quota.size.empty()) cells.emplace_back("quota", std::move(quota.size));
    if (!quota.messages.empty())
        merger.note(place, fmt::format("the limit of {} messages is left out: there is none of that kind here",
                                       printable(quota.messages)));
    add_flags(fields[3], place, merger, cells);
    merger.add_mailbox(address, place, std::move(cells));
    if (!secret) merger.refuse(address, place, doubtful_password());
    if (fields.size() > 7 && !fields[7].empty())
        merger.note({place.file}, "the last field, passwords in clear, is not read");
}

// ".../domains/example.com/paul/Maildir/", or "./Maildir/" in a file of the user's own: his mailbox.
std::string owner_of(std::string_view path, const std::string& domain, const std::string& own_address) {
    while (path.ends_with('/'))
        path.remove_suffix(1);
    if (!path.ends_with("Maildir")) return {};
    path.remove_suffix(std::string_view("Maildir").size());
    if (path == "./") return own_address;
    while (path.ends_with('/'))
        path.remove_suffix(1);
    const auto user = path.substr(path.rfind('/') + 1);
    return user.empty() ? "" : fmt::format("{}@{}", user, domain);
}

struct QmailLines {
    std::vector<std::string> targets;
    bool is_told = false; // what the lines say otherwise
};

// "| .../vdelivermail '' bounce-no-mailbox": what becomes of names that are no mailbox.
void add_default(std::string_view line, const TextPlace& place, QmailLines& lines, AccountMerger& merger) {
    const auto words = split(trim(line), ' ');
    const auto last = words.back();
    if (last.contains('@'))
        lines.targets.emplace_back(last);
    else if (const auto user = last.substr(last.rfind('/') + 1); last.starts_with('/') && !user.empty())
        lines.targets.emplace_back(user);
    else if (last == "delete")
        merger.note(place, "unknown names are discarded: mailctl catchall set DOMAIN discard");
    else if (last != "bounce-no-mailbox")
        merger.note(place, fmt::format("'{}' is not read", printable(line)));
    lines.is_told = true;
}

QmailLines read_qmail(const ForeignFile& file, const std::string& domain, const std::string& own_address,
                      AccountMerger& merger) {
    QmailLines result;
    for (const auto& [number, line] : content_lines(file.text)) {
        const TextPlace place{file.name, number};
        if (line.starts_with('|') && line.contains("vdelivermail")) {
            add_default(line, place, result, merger);
        } else if (line.starts_with('|')) {
            merger.note(place,
                        fmt::format("the program '{}' is left out: mail is handed to none here", printable(line)));
            result.is_told = true;
        } else if (line.starts_with('/') || line.starts_with("./")) {
            if (auto owner = owner_of(line, domain, own_address); !owner.empty())
                result.targets.push_back(std::move(owner));
            else
                merger.note(place,
                            fmt::format("the file '{}' is left out: mail is written to none here", printable(line)));
            result.is_told = true;
        } else {
            result.targets.emplace_back(line.substr(line.starts_with('&') ? 1 : 0));
        }
    }
    return result;
}

void add_qmail(const ForeignFile& file, const std::string& domain, AccountMerger& merger) {
    constexpr std::string_view prefix = ".qmail-";
    const auto slash = file.name.rfind('/');
    const auto base = file.name.substr(slash + 1);
    std::string address;
    if (base == ".qmail-default") {
        address = "@" + domain;
    } else if (base.starts_with(prefix)) {
        std::string local = base.substr(prefix.size());
        std::ranges::replace(local, ':', '.'); // qmail(7)
        address = local + "@" + domain;
    } else { // USER/.qmail
        const auto above = file.name.rfind('/', slash - 1);
        address = fmt::format("{}@{}", file.name.substr(above + 1, slash - above - 1), domain);
    }
    auto lines = read_qmail(file, domain, address, merger);
    for (auto& target : lines.targets)
        if (!target.contains('@')) target += "@" + domain;
    if (lines.targets.empty() && !lines.is_told)
        return merger.note({file.name},
                           fmt::format("no line says where the mail of '{}' goes: it is left out", printable(address)));
    const std::vector<std::string_view> targets(lines.targets.begin(), lines.targets.end());
    if (!targets.empty()) merger.add_targets(address, {file.name, 1}, targets, BareNames::refused);
}

} // namespace

ForeignAccounts from_vpopmail(std::span<const VpopmailDomain> domains) {
    AccountMerger merger;
    for (const auto& domain : domains) {
        for (const auto& [number, line] : content_lines(domain.vpasswd.text))
            add_user(line, domain.name, {domain.vpasswd.name, number}, merger);
        for (const auto& file : domain.qmail)
            add_qmail(file, domain.name, merger);
    }
    return merger.finish(domains.empty() ? "" : domains.front().vpasswd.name);
}

} // namespace mailctl
