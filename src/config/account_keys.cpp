// SPDX-License-Identifier: Apache-2.0
// The table. What a key is made of follows from its member and the kind of its value.
#include "mailctl/config/account_keys.hpp"

#include "domain_reading.hpp"
#include "key_row.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {

template <class Holder>
struct Part<Account, Holder> {
    static const Holder* find(const Account& account) { return std::get_if<Holder>(&account); }
    static Holder& ensure(Account& account) { return std::get<Holder>(account); }
    static const Holder& defaults() {
        static const Holder none;
        return none;
    }
};
template <>
struct Part<Account, Suspension> {
    static const Suspension* find(const Account& account) {
        const auto* mailbox = std::get_if<Mailbox>(&account);
        return mailbox && mailbox->suspend ? &*mailbox->suspend : nullptr;
    }
    static Suspension& ensure(Account& account) {
        auto& suspend = std::get<Mailbox>(account).suspend;
        return suspend ? *suspend : suspend.emplace();
    }
    static const Suspension& defaults() {
        static const Suspension none;
        return none;
    }
};
template <>
struct Part<Account, Autoreply> {
    static const Autoreply* find(const Account& account) {
        const auto* mailbox = std::get_if<Mailbox>(&account);
        return mailbox && mailbox->autoreply ? &*mailbox->autoreply : nullptr;
    }
    static Autoreply& ensure(Account& account) {
        auto& reply = std::get<Mailbox>(account).autoreply;
        return reply ? *reply : reply.emplace();
    }
    static const Autoreply& defaults() {
        static const Autoreply none;
        return none;
    }
};

namespace {

using enum SetBy;
using namespace kinds;

// A key of a mailbox, of its suspension or its reply; of the other kinds.
template <class Kind, auto member>
constexpr AccountKey in_mailbox(std::string_view key, std::string_view help, SetBy set_by, Ways ways = Ways::both,
                                std::string_view name = {}) {
    return row<Kind, Account, Mailbox, member>("mailbox", "", key, name.empty() ? key : name, help, set_by, ways);
}
template <class Kind, auto member>
constexpr AccountKey in_suspend(std::string_view key, std::string_view name, std::string_view help) {
    return row<Kind, Account, Suspension, member>("mailbox", "suspend", key, name, help, owner, Ways::column);
}
template <class Kind, auto member>
constexpr AccountKey in_reply(std::string_view key, std::string_view name, std::string_view help, SetBy set_by) {
    return row<Kind, Account, Autoreply, member>("mailbox", "autoreply", key, name, help, set_by, Ways::column);
}
template <class Kind, auto member>
constexpr AccountKey in_robot(std::string_view key, std::string_view help, SetBy set_by = owner) {
    return row<Kind, Account, Robot, member>("robot", "", key, key, help, set_by, Ways::both);
}
template <class Kind, auto member>
constexpr AccountKey in_list(std::string_view key, std::string_view help) {
    return row<Kind, Account, List, member>("list", "", key, key, help, owner, Ways::both);
}
constexpr AccountKey always(AccountKey key) {
    key.always_written = true;
    return key;
}
constexpr AccountKey only_column(AccountKey key) {
    key.ways = Ways::column;
    return key;
}

struct Answer : Plain<BanAnswer> { // the value of a banished name, which is the key
    static void read(Fields& fields, std::string_view key, BanAnswer& out, DomainReading&) {
        fields.choice(key, out, {{"discard", BanAnswer::discard}, {"reject", BanAnswer::reject}});
    }
    static Value value(const BanAnswer& answer, const DomainName& own) { return cell(answer, own); }
    static Status assign(BanAnswer& out, const Assignment& assignment, const WordContext& context) {
        TRY(only_set(assignment));
        if (const auto objection = read_cell(out, assignment.value, context))
            return fail(ErrorKind::usage, objection->message, objection->remedy);
        return {};
    }
    static CellObjection read_cell(BanAnswer& out, std::string_view cell, const WordContext&) {
        if (equal_folded(cell, "reject")) return out = BanAnswer::reject, std::nullopt;
        if (equal_folded(cell, "discard")) return out = BanAnswer::discard, std::nullopt;
        return Objection{fmt::format("unknown value '{}'", printable(cell)), "write discard or reject"};
    }
    static std::string cell(const BanAnswer& answer, const DomainName&) {
        return answer == BanAnswer::reject ? "reject" : "discard";
    }
};

// clang-format off
constexpr std::array rows{
    in_mailbox<Line, &Mailbox::name>("name", "the person's name", owner),
    in_mailbox<PasswordHash, &Mailbox::password>("password", "the password as a hash with its scheme, {CRYPT}$y$...", user, Ways::column, "password_hash"),
    in_mailbox<Size, &Mailbox::quota>("quota", "a size such as 2 GiB; - is no limit", owner),
    in_mailbox<Names, &Mailbox::aliases>("aliases", "further local parts of its domain", owner),
    in_mailbox<Targets, &Mailbox::forward>("forward", "addresses that get its mail, as the user sets them", user),
    in_mailbox<Targets, &Mailbox::copy_to>("copy_to", "addresses that get a copy, unseen by the user", owner),
    in_mailbox<Flag, &Mailbox::store>("store", "false: no local copy is kept", user),
    in_mailbox<OneAddress, &Mailbox::recovery>("recovery", "where an invitation or reset goes", owner),
    always(in_suspend<Flag, &Suspension::login>("login", "suspend_login", "true: nobody can log in")),
    always(in_suspend<Receive, &Suspension::receive>("receive", "suspend_receive", "accept, reject, defer or hold")),
    in_suspend<Line, &Suspension::reason>("reason", "suspend_reason", "why it is suspended"),
    in_suspend<Day, &Suspension::until>("until", "suspend_until", "the last day of it, 2026-12-31"),
    in_reply<FromLine, &Autoreply::from>("from", "autoreply_from", "who answers; else the mailbox", user),
    in_reply<Line, &Autoreply::subject>("subject", "autoreply_subject", "subject of the reply", user),
    in_reply<Block, &Autoreply::message>("message", "autoreply_message", "text of the reply", user),
    in_reply<Block, &Autoreply::html>("html", "autoreply_html", "HTML form of the reply", user),
    in_reply<FileNames, &Autoreply::attach>("attach", "autoreply_attach", "files sent along", site),
    in_reply<Interval, &Autoreply::every>("every", "autoreply_every", "a sender is answered once in this time", user),
    in_reply<Day, &Autoreply::start>("start", "autoreply_start", "first day of it", user),
    in_reply<Day, &Autoreply::end>("end", "autoreply_end", "last day of it", user),
    in_reply<Flag, &Autoreply::enabled>("enabled", "autoreply_enabled", "true or false; - removes the reply", user),
    in_mailbox<NodeName, &Mailbox::node>("node", "the machine that has its mail", site, Ways::column),
    in_mailbox<NodeName, &Mailbox::move_to>("move_to", "the machine that it is moving to; mailbox move writes it", site, Ways::file),

    always(row<Targets, Account, Forward, &Forward::to>("forward", "", "to", "to", "where a forward leads; the mailbox of an alias", owner, Ways::both)),

    only_column(in_robot<Flag, &Robot::enabled>("enabled", "false: it does not answer")),
    in_robot<FromLine, &Robot::from>("from", "who answers; else the robot"),
    in_robot<Line, &Robot::subject>("subject", "subject of the reply"),
    in_robot<Block, &Robot::message>("message", "text of the reply"),
    in_robot<Block, &Robot::html>("html", "HTML form of the reply"),
    in_robot<FileNames, &Robot::attach>("attach", "files sent along", site),
    in_robot<Interval, &Robot::every>("every", "a sender is answered once in this time"),
    in_robot<Targets, &Robot::copy_to>("copy_to", "addresses that get a copy, unseen by the user"),

    always(in_list<Targets, &List::members>("members", "mailboxes and lists of this site")),
    in_list<Post, &List::post>("post", "anyone, domain, members, nobody, or addresses"),
    in_list<OneAddress, &List::owner>("owner", "who gets its bounces"),

    always(row<Answer, Account, Ban, &Ban::answer>("banished", "", "", "answer", "discard or reject", owner, Ways::column)),

    always(row<NodeName, Account, Elsewhere, &Elsewhere::node>("elsewhere", "", "node", "node", "in the files of nodes: the machine that has the mail of this name; node pull writes it", site, Ways::file)),
};
// clang-format on

void check_suspension(Fields&, const Node&, Account&, DomainReading&) {}

void check_autoreply(Fields& fields, const Node& node, Account& account, DomainReading&) {
    const auto& reply = *std::get<Mailbox>(account).autoreply;
    if (reply.start && reply.end && *reply.end < *reply.start)
        fields.refuse("end", node.find("end")->place, "the end is before the start", "exchange the two dates");
}

constexpr std::array tables_in_accounts{
    AccountKeyTable{"mailbox", "suspend", AccountKeyTable::Form::in_line,
                    [](const Account& account) { return Part<Account, Suspension>::find(account) != nullptr; },
                    [](Account& account) { Part<Account, Suspension>::ensure(account); },
                    [](Account& account) { std::get<Mailbox>(account).suspend.reset(); }, check_suspension},
    AccountKeyTable{"mailbox", "autoreply", AccountKeyTable::Form::header,
                    [](const Account& account) { return Part<Account, Autoreply>::find(account) != nullptr; },
                    [](Account& account) { Part<Account, Autoreply>::ensure(account); },
                    [](Account& account) { std::get<Mailbox>(account).autoreply.reset(); }, check_autoreply},
};

} // namespace

std::span<const AccountKey> account_keys() { return rows; }

namespace {

std::span<const AccountKey> keys_of_family(std::string_view family) {
    const auto begin = std::ranges::find(rows, family, &AccountKey::family);
    const auto end = std::find_if(begin, rows.end(), [&](const AccountKey& key) { return key.family != family; });
    return {begin, end};
}

} // namespace

std::span<const AccountKey> account_keys(AccountKind kind) { // asked for each account of a file
    static const std::array by_kind{keys_of_family("mailbox"),  keys_of_family("alias"), keys_of_family("forward"),
                                    keys_of_family("robot"),    keys_of_family("list"),  keys_of_family("banished"),
                                    keys_of_family("elsewhere")};
    return by_kind[static_cast<std::size_t>(kind)];
}

std::span<const AccountKeyTable> account_key_tables() { return tables_in_accounts; }

const AccountKey* find_account_key(AccountKind kind, std::string_view name) {
    const auto keys = account_keys(kind);
    const auto found = std::ranges::find(keys, name, &AccountKey::name);
    return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> setting_names(AccountKind kind, SetBy role) {
    std::vector<std::string> names;
    for (const auto& key : account_keys(kind))
        if (key.is_setting() && may_set(role, key.set_by)) names.emplace_back(key.name);
    return names;
}

} // namespace mailctl
