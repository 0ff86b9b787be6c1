// SPDX-License-Identifier: Apache-2.0
// docker-mailserver and Dovecot: files of lines, each read as its owner's parser does.
#include "mailctl/exchange/transfer/foreign_files.hpp"

#include "account_merger.hpp"
#include "dovecot_fields.hpp"
#include "dovecot_quota.hpp"
#include "mailctl/base/text.hpp"
#include "postfix_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

// One account of a line: its password and Dovecot's extra fields are understood, or the line is refused.
void add_account(const std::string& address, const TextPlace& place, std::string_view password, std::string_view extra,
                 AccountMerger::Cells cells, AccountMerger& merger) {
    const auto secret = password_cells(password);
    auto fields = read_dovecot_fields(extra);
    if (secret) cells.insert(cells.end(), secret->begin(), secret->end());
    cells.insert(cells.end(), fields.cells.begin(), fields.cells.end());
    merger.add_mailbox(address, place, std::move(cells));
    if (!secret) merger.refuse(address, place, doubtful_password());
    if (fields.problem) merger.refuse(address, place, *fields.problem);
    for (const auto& each : fields.left_out)
        merger.note(place, fmt::format("'{}': {}", printable(address), each));
}

// addr@domain|{SCHEME}hash|extra fields of Dovecot
void add_accounts_cf(const ForeignFile& file, AccountMerger& merger) {
    for (const auto& [number, line] : content_lines(file.text)) {
        const TextPlace place{file.name, number};
        const auto bar = line.find('|');
        if (bar == line.npos) {
            merger.refuse_line(line.substr(0, line.find_first_of(" \t:")), place,
                               {"no '|' divides an address from its password",
                                "an account is ADDRESS|HASH; targets belong into postfix-virtual.cf"});
            continue;
        }
        const auto rest = line.substr(bar + 1);
        const auto password = rest.substr(0, rest.find('|'));
        const auto extra = rest.substr(std::min(password.size() + 1, rest.size()));
        add_account(std::string(line.substr(0, bar)), place, password, extra, {}, merger);
    }
}

// addr@domain:size, which becomes Dovecot's *:bytes=size
void add_quotas_cf(const ForeignFile& file, AccountMerger& merger) {
    for (const auto& [number, line] : content_lines(file.text)) {
        const TextPlace place{file.name, number};
        const auto fields = split(line, ':');
        const std::string address(fields.front());
        const auto size = fields.size() == 2 ? dovecot_size(fields[1], QuotaUnit::bytes) : std::nullopt;
        if (size)
            merger.add_quota(address, place, *size);
        else
            merger.refuse(address, place,
                          {fmt::format("'{}' is not a quota", printable(line.substr(address.size()))),
                           "write ADDRESS:SIZE, as paul@example.com:5G"});
    }
}

// Postfix virtual(5): an address and its targets.
void add_virtual(const ForeignFile& file, AccountMerger& merger) {
    for (const auto& entry : read_postfix_table(file.text)) {
        const TextPlace place{file.name, entry.line};
        if (!entry.problem.empty())
            merger.refuse_line(entry.key, place, {entry.problem, "a line is an address, white space, and its targets"});
        else if (!entry.key.contains('@'))
            merger.note(place, fmt::format("'{}' is no address of a domain and left out", printable(entry.key)));
        else
            merger.add_targets(entry.key, place, postfix_addresses(entry.value), BareNames::refused);
    }
}

// regexp_table(5): "/pattern/ targets", which stands for names that nobody can list.
void add_patterns(const ForeignFile& file, AccountMerger& merger) {
    for (const auto& entry : read_postfix_table(file.text))
        merger.note(
            {file.name, entry.line},
            fmt::format("the pattern '{}' is left out: there are none for addresses here", printable(entry.key)));
}

} // namespace

ForeignAccounts from_docker_mailserver(std::span<const ForeignFile> files) {
    AccountMerger merger;
    for (const auto& file : files) {
        if (file.name.ends_with("postfix-virtual.cf"))
            add_virtual(file, merger);
        else if (file.name.ends_with("postfix-regexp.cf"))
            add_patterns(file, merger);
        else if (file.name.ends_with("dovecot-quotas.cf"))
            add_quotas_cf(file, merger);
        else
            add_accounts_cf(file, merger);
    }
    return merger.finish(files.empty() ? "" : files.front().name);
}

// user:password:uid:gid:gecos:home:shell:extra fields, in which colons are legal
ForeignAccounts from_passwd_file(const ForeignFile& file) {
    AccountMerger merger;
    bool has_places = false;
    std::size_t number = 0;
    for (auto line : split(file.text, '\n')) {
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#') || line.starts_with(':')) continue; // as Dovecot passes over them
        const auto fields = split(line, ':');
        const auto field = [&](std::size_t at) { return at < fields.size() ? fields[at] : std::string_view(); };
        const auto extra = fields.size() > 7 ? line.substr(static_cast<std::size_t>(fields[7].data() - line.data()))
                                             : std::string_view();
        AccountMerger::Cells cells;
        if (const auto name = trim(field(4)); !name.empty()) cells.emplace_back("name", name);
        add_account(std::string(fields[0]), {file.name, number}, field(1), extra, std::move(cells), merger);
        has_places |= !field(2).empty() || !field(3).empty() || !field(5).empty() || !field(6).empty();
    }
    if (has_places)
        merger.note({file.name}, "the fields uid, gid, home and shell are not read: mail lies where the site has it");
    return merger.finish(file.name);
}

} // namespace mailctl
