// vpopmail: vpasswd has a line for each mailbox, .qmail-NAME the targets of any other name, .qmail-default those of all
// names that are left.
#include "mailctl/base/text.hpp"
#include "mailctl/exchange/account_merger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {
namespace {

// Bits of the gid field (vpopmail.h): what a user may not do.
constexpr unsigned no_pop = 0x02, no_imap = 0x08, bounce_mail = 0x10;

// "NOQUOTA", "52428800S", "52428800S,1000C", "50M", or bytes. Empty: none.
std::string vpopmail_quota(std::string_view text) {
    for (auto part : split(text, ',')) {
        part = trim(part);
        if (part.empty() || equal_folded(part, "noquota") || part.ends_with('C')) continue;
        if (part.ends_with('S') || part.ends_with('s')) part.remove_suffix(1);
        return std::string(part);
    }
    return {};
}

unsigned flags_of(std::string_view gid) {
    unsigned flags = 0;
    std::from_chars(gid.data(), gid.data() + gid.size(), flags);
    return flags;
}

// Without the name of the domain it stays a local part, for whoever imports it to say.
std::string address_in(std::string_view user, const std::string& domain) {
    return domain.empty() ? std::string(user) : fmt::format("{}@{}", user, domain);
}

void add_user(std::string_view line, const std::string& domain, const TextPlace& place, AccountMerger& merger) {
    const auto fields = split(line, ':');
    if (fields.size() < 7) return merger.note(place, "the line has fewer than seven fields and is left out");
    AccountMerger::Cells cells;
    if (!fields[1].empty()) cells.emplace_back("password_hash", "{CRYPT}" + std::string(fields[1]));
    if (!fields[4].empty()) cells.emplace_back("name", fields[4]);
    if (auto quota = vpopmail_quota(fields[6]); !quota.empty()) cells.emplace_back("quota", std::move(quota));
    const unsigned flags = flags_of(fields[3]);
    const bool has_login = (flags & no_pop) == 0 || (flags & no_imap) == 0;
    const bool bounces = (flags & bounce_mail) != 0;
    if (!has_login || bounces) {
        cells.emplace_back("suspend_login", has_login ? "false" : "true");
        cells.emplace_back("suspend_receive", bounces ? "reject" : "accept");
    }
    merger.add_mailbox(address_in(fields[0], domain), place, std::move(cells));
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
    bool discards = false;
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
}

QmailLines read_qmail(const ForeignFile& file, const std::string& domain, const std::string& own_address,
                      AccountMerger& merger) {
    QmailLines result;
    for (const auto& [number, line] : content_lines(file.text)) {
        const TextPlace place{file.name, number};
        if (line.starts_with('|') && line.contains("vdelivermail")) {
            add_default(line, place, result, merger);
        } else if (line.starts_with('|')) {
            merger.note(place, "a program is called, which is left out");
        } else if (line.starts_with('/') || line.starts_with("./")) {
            if (auto owner = owner_of(line, domain, own_address); !owner.empty())
                result.targets.push_back(std::move(owner));
            else
                merger.note(place, "a file gets the mail, which is left out");
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
    if (!lines.targets.empty()) merger.add_targets(address, {file.name, 1}, lines.targets);
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
