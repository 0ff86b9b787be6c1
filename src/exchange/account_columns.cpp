// The table. What a column is made of follows from the member it stands for; the few that mean more than one member
// have functions of their own.
#include "mailctl/exchange/account_columns.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/cell_values.hpp"
#include "mailctl/exchange/hash_notation.hpp"
#include "mailctl/model/named_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

// The part of an account that has the member: made if it is not there, or a null pointer.
template <class Holder>
Holder& ensure(Account& account) {
    return std::get<Holder>(account);
}
template <>
Suspension& ensure<Suspension>(Account& account) {
    auto& suspend = std::get<Mailbox>(account).suspend;
    return suspend ? *suspend : suspend.emplace();
}
template <>
Autoreply& ensure<Autoreply>(Account& account) {
    auto& reply = std::get<Mailbox>(account).autoreply;
    return reply ? *reply : reply.emplace();
}
template <class Holder>
const Holder* find(const Account& account) {
    return std::get_if<Holder>(&account);
}
template <>
const Suspension* find<Suspension>(const Account& account) {
    const auto* mailbox = std::get_if<Mailbox>(&account);
    return mailbox && mailbox->suspend ? &*mailbox->suspend : nullptr;
}
template <>
const Autoreply* find<Autoreply>(const Account& account) {
    const auto* mailbox = std::get_if<Mailbox>(&account);
    return mailbox && mailbox->autoreply ? &*mailbox->autoreply : nullptr;
}

enum class Style { usual, block, sender, names, files, post }; // of members whose type does not say how they are read

bool same_targets(std::span<const Address> a, std::span<const Address> b) {
    return std::ranges::equal(a, b, {}, &Address::key, &Address::key);
}

CellObjection read_sender(std::string_view cell, std::string& out) {
    if (const auto sender = parse_named_address(cell); !sender)
        return Objection{sender.error().what, "write an address, or Paul <paul@example.com>"};
    return read_line(cell, out);
}

// Addresses that say the same in other letters are left as they are written in the domain file.
CellObjection read_value(std::string_view cell, const ColumnContext& context, std::vector<Address>& out) {
    std::vector<Address> targets;
    if (auto objection = read_targets(cell, context, targets)) return objection;
    if (!same_targets(targets, out)) out = std::move(targets);
    return std::nullopt;
}
CellObjection read_value(std::string_view cell, const ColumnContext& context, std::optional<Address>& out) {
    Address target{LocalPart::from_trusted(""), context.own};
    if (auto objection = read_target(cell, context, target)) return objection;
    if (!out || out->key() != target.key()) out = std::move(target);
    return std::nullopt;
}
CellObjection read_value(std::string_view cell, const ColumnContext&, std::string& out) { return read_line(cell, out); }
CellObjection read_value(std::string_view cell, const ColumnContext&, bool& out) { return read_flag(cell, out); }
CellObjection read_value(std::string_view cell, const ColumnContext&, ByteCount& out) { return read_size(cell, out); }
CellObjection read_value(std::string_view cell, const ColumnContext&, Age& out) { return read_interval(cell, out); }
CellObjection read_value(std::string_view cell, const ColumnContext&, std::optional<Date>& out) {
    return read_date(cell, out);
}
CellObjection read_value(std::string_view cell, const ColumnContext&, SuspendedReceive& out) {
    return read_receive(cell, out);
}

template <Style style, class Value>
CellObjection read_styled(std::string_view cell, const ColumnContext& context, Value& out) {
    if constexpr (style == Style::block)
        return read_block(cell, out);
    else if constexpr (style == Style::sender)
        return read_sender(cell, out);
    else if constexpr (style == Style::names)
        return read_names(cell, context, out);
    else if constexpr (style == Style::files)
        return read_files(cell, out);
    else if constexpr (style == Style::post)
        return read_post(cell, context, out);
    else
        return read_value(cell, context, out);
}

std::string cell_of(const std::string& value) { return value; }
std::string cell_of(bool value) { return flag_cell(value); }
std::string cell_of(ByteCount value) { return value.bytes == 0 ? "" : format_size(value); }
std::string cell_of(Age value) { return format_age(value); }
std::string cell_of(const std::optional<Date>& value) { return value ? format_date(*value) : ""; }
std::string cell_of(const std::optional<Address>& value) { return value ? value->text() : ""; }
std::string cell_of(const std::vector<Address>& value) { return targets_cell(value); }
std::string cell_of(const std::vector<std::string>& value) { return list_cell(value); }
std::string cell_of(SuspendedReceive value) { return std::string(receive_cell(value)); }

template <Style style, class Value>
std::string styled_cell(const Value& value) {
    if constexpr (style == Style::post)
        return post_cell(value);
    else
        return cell_of(value);
}

CellValue shown(const std::vector<Address>& value) {
    std::vector<std::string> texts;
    for (const auto& address : value)
        texts.push_back(address.text());
    return texts;
}
template <Style style, class Value>
CellValue shown_value(const Value& value) {
    if constexpr (std::is_same_v<Value, bool>)
        return value;
    else if constexpr (std::is_same_v<Value, ByteCount>)
        return value.bytes == 0 ? CellValue{} : CellValue{value};
    else if constexpr (std::is_same_v<Value, std::vector<Address>>)
        return shown(value);
    else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
        return value;
    else if (auto text = styled_cell<style>(value); !text.empty())
        return text;
    return {};
}

template <class Holder, auto member, Style style = Style::usual>
constexpr Column column(std::string_view name, std::string_view kinds, std::string_view help) {
    return {.name = name,
            .kinds = kinds,
            .help = help,
            .read =
                [](Account& account, std::string_view cell, const ColumnContext& context) {
                    return read_styled<style>(cell, context, ensure<Holder>(account).*member);
                },
            .clear =
                [](Account& account) {
                    if (find<Holder>(account)) ensure<Holder>(account).*member = Holder{}.*member;
                },
            .write =
                [](const Account& account, const ColumnContext&) {
                    const auto* holder = find<Holder>(account);
                    return holder ? styled_cell<style>(holder->*member) : std::string();
                },
            .show =
                [](const Account& account) {
                    const auto* holder = find<Holder>(account);
                    return holder ? shown_value<style>(holder->*member) : CellValue{};
                },
            .keeps_blanks = style == Style::block};
}

CellObjection read_hash(Account& account, std::string_view cell, const ColumnContext&) {
    std::string hash = with_scheme(cell);
    if (auto objection = object_to_password(hash)) return objection;
    std::get<Mailbox>(account).password = std::move(hash);
    return std::nullopt;
}

CellObjection read_passing_on(Account& account, std::string_view cell, const ColumnContext& context) {
    if (auto* mailbox = std::get_if<Mailbox>(&account)) return read_value(cell, context, mailbox->forward);
    if (auto* forward = std::get_if<Forward>(&account)) return read_value(cell, context, forward->to);
    std::vector<std::string> names;
    if (auto objection = read_names(cell, context, names)) return objection;
    if (names.size() != 1) return Objection{"an alias belongs to one mailbox", "for several targets make a forward"};
    std::get<AliasOf>(account).mailbox = std::move(names.front());
    return std::nullopt;
}

void clear_passing_on(Account& account) {
    if (auto* mailbox = std::get_if<Mailbox>(&account)) mailbox->forward.clear();
    if (auto* forward = std::get_if<Forward>(&account)) forward->to.clear();
    if (auto* alias = std::get_if<AliasOf>(&account)) alias->mailbox.clear();
}

std::string write_to(const Account& account, const ColumnContext& context) {
    if (const auto* forward = std::get_if<Forward>(&account)) return targets_cell(forward->to);
    const auto* alias = std::get_if<AliasOf>(&account);
    return alias && !alias->mailbox.empty() ? alias->mailbox + "@" + context.own.text() : "";
}

CellObjection read_state(Account& account, std::string_view cell, const ColumnContext&) {
    auto& suspend = std::get<Mailbox>(account).suspend;
    if (equal_folded(cell, "active")) {
        suspend.reset();
    } else if (!equal_folded(cell, "suspended")) {
        return Objection{fmt::format("unknown value '{}'", printable(cell)), "write active or suspended"};
    } else if (!suspend) {
        suspend = Suspension{true, SuspendedReceive::defer, {}, {}};
    }
    return std::nullopt;
}

// `false` alone makes no reply where there is none.
CellObjection read_reply_switch(Account& account, std::string_view cell, const ColumnContext&) {
    bool enabled = false;
    if (auto objection = read_flag(cell, enabled)) return objection;
    if (enabled || find<Autoreply>(account)) ensure<Autoreply>(account).enabled = enabled;
    return std::nullopt;
}

CellObjection read_answer(Account& account, std::string_view cell, const ColumnContext&) {
    auto& answer = std::get<Ban>(account).answer;
    if (equal_folded(cell, "reject")) return answer = BanAnswer::reject, std::nullopt;
    if (equal_folded(cell, "discard")) return answer = BanAnswer::discard, std::nullopt;
    return Objection{fmt::format("unknown value '{}'", printable(cell)), "write discard or reject"};
}

constexpr std::array columns{
    column<Mailbox, &Mailbox::name>("name", "mailbox", "the person's name"),
    Column{"password_hash", "mailbox", "the password as a hash with its scheme, {CRYPT}$y$...", read_hash,
           [](Account& account) { std::get<Mailbox>(account).password.reset(); },
           [](const Account& account, const ColumnContext&) {
               const auto* mailbox = std::get_if<Mailbox>(&account);
               return mailbox ? mailbox->password.value_or("") : std::string();
           }},
    column<Mailbox, &Mailbox::quota>("quota", "mailbox", "a size such as 2 GiB; - is no limit"),
    column<Mailbox, &Mailbox::aliases, Style::names>("aliases", "mailbox", "further local parts of its domain"),
    Column{"forward", "mailbox forward alias", "addresses that get its mail, as the user sets them", read_passing_on,
           clear_passing_on,
           [](const Account& account, const ColumnContext&) {
               const auto* mailbox = std::get_if<Mailbox>(&account);
               return mailbox ? targets_cell(mailbox->forward) : std::string();
           },
           [](const Account& account) {
               const auto* mailbox = std::get_if<Mailbox>(&account);
               return mailbox ? shown(mailbox->forward) : CellValue{};
           }},
    Column{"copy_to", "mailbox robot", "addresses that get a copy, unseen by the user",
           [](Account& account, std::string_view cell, const ColumnContext& context) {
               auto* robot = std::get_if<Robot>(&account);
               return read_value(cell, context, robot ? robot->copy_to : std::get<Mailbox>(account).copy_to);
           },
           [](Account& account) {
               auto* robot = std::get_if<Robot>(&account);
               (robot ? robot->copy_to : std::get<Mailbox>(account).copy_to).clear();
           },
           [](const Account& account, const ColumnContext&) {
               if (const auto* robot = std::get_if<Robot>(&account)) return targets_cell(robot->copy_to);
               const auto* mailbox = std::get_if<Mailbox>(&account);
               return mailbox ? targets_cell(mailbox->copy_to) : std::string();
           },
           [](const Account& account) {
               if (const auto* robot = std::get_if<Robot>(&account)) return shown(robot->copy_to);
               const auto* mailbox = std::get_if<Mailbox>(&account);
               return mailbox ? shown(mailbox->copy_to) : CellValue{};
           }},
    column<Mailbox, &Mailbox::store>("store", "mailbox", "false: no local copy is kept"),
    column<Mailbox, &Mailbox::recovery>("recovery", "mailbox", "where an invitation or reset goes"),
    column<Suspension, &Suspension::login>("suspend_login", "mailbox", "true: nobody can log in"),
    column<Suspension, &Suspension::receive>("suspend_receive", "mailbox", "accept, reject, defer or hold"),
    column<Suspension, &Suspension::reason>("suspend_reason", "mailbox", "why it is suspended"),
    column<Suspension, &Suspension::until>("suspend_until", "mailbox", "the last day of it, 2026-12-31"),
    Column{"state", "mailbox", "active or suspended", read_state,
           [](Account& account) { std::get<Mailbox>(account).suspend.reset(); },
           [](const Account& account, const ColumnContext&) {
               const auto* mailbox = std::get_if<Mailbox>(&account);
               if (!mailbox) return std::string();
               return std::string(mailbox->suspend ? "suspended" : "active");
           }},
    column<Mailbox, &Mailbox::node>("node", "mailbox", "the machine that has its mail"),
    column<Autoreply, &Autoreply::from, Style::sender>("autoreply_from", "mailbox", "who answers; else the mailbox"),
    column<Autoreply, &Autoreply::subject>("autoreply_subject", "mailbox", "subject of the reply"),
    column<Autoreply, &Autoreply::message, Style::block>("autoreply_message", "mailbox", "text of the reply"),
    column<Autoreply, &Autoreply::html, Style::block>("autoreply_html", "mailbox", "HTML form of the reply"),
    column<Autoreply, &Autoreply::attach, Style::files>("autoreply_attach", "mailbox", "files sent along"),
    column<Autoreply, &Autoreply::start>("autoreply_start", "mailbox", "first day of it"),
    column<Autoreply, &Autoreply::end>("autoreply_end", "mailbox", "last day of it"),
    column<Autoreply, &Autoreply::every>("autoreply_every", "mailbox", "a sender is answered once in this time"),
    Column{"autoreply_enabled", "mailbox", "true or false; - removes the reply", read_reply_switch,
           [](Account& account) { std::get<Mailbox>(account).autoreply.reset(); },
           [](const Account& account, const ColumnContext&) {
               const auto* reply = find<Autoreply>(account);
               return reply ? flag_cell(reply->enabled) : std::string();
           },
           [](const Account& account) {
               const auto* reply = find<Autoreply>(account);
               return reply ? CellValue(reply->enabled) : CellValue{};
           }},
    Column{"to", "forward alias", "where a forward leads; the mailbox of an alias", read_passing_on, clear_passing_on,
           write_to,
           [](const Account& account) {
               const auto* forward = std::get_if<Forward>(&account);
               return forward ? shown(forward->to) : CellValue{};
           }},
    column<Robot, &Robot::enabled>("enabled", "robot", "false: it does not answer"),
    column<Robot, &Robot::from, Style::sender>("from", "robot", "who answers; else the robot"),
    column<Robot, &Robot::subject>("subject", "robot", "subject of the reply"),
    column<Robot, &Robot::message, Style::block>("message", "robot", "text of the reply"),
    column<Robot, &Robot::html, Style::block>("html", "robot", "HTML form of the reply"),
    column<Robot, &Robot::attach, Style::files>("attach", "robot", "files sent along"),
    column<Robot, &Robot::every>("every", "robot", "a sender is answered once in this time"),
    column<List, &List::members>("members", "list", "mailboxes and lists of this site"),
    column<List, &List::post, Style::post>("post", "list", "anyone, domain, members, nobody, or addresses"),
    column<List, &List::owner>("owner", "list", "who gets its bounces"),
    Column{"answer", "banished", "discard or reject", read_answer,
           [](Account& account) { std::get<Ban>(account).answer = BanAnswer::discard; },
           [](const Account& account, const ColumnContext&) {
               const auto* ban = std::get_if<Ban>(&account);
               if (!ban) return std::string();
               return std::string(ban->answer == BanAnswer::reject ? "reject" : "discard");
           }},
};

AccountObjection objection(std::string_view column_name, std::string message, std::string remedy) {
    return {&get_column(column_name), {std::move(message), std::move(remedy)}};
}

} // namespace

bool Column::is_of(AccountKind kind) const {
    const auto named = kind_name(kind);
    return kinds.empty() || std::ranges::any_of(split(kinds, ' '), [&](auto each) { return each == named; });
}

CellValue Column::value_of(const Account& account, const ColumnContext& context) const {
    if (show) return show(account);
    auto text = write(account, context);
    return text.empty() ? CellValue{} : CellValue(std::move(text));
}

std::span<const Column> account_columns() { return columns; }

const Column* find_column(std::string_view name) {
    const auto found = std::ranges::find_if(columns, [&](const Column& each) { return equal_folded(each.name, name); });
    return found == columns.end() ? nullptr : &*found;
}

const Column& get_column(std::string_view name) { return *find_column(name); }

std::optional<AccountObjection> object_to_account(const Account& account) {
    if (const auto* mailbox = std::get_if<Mailbox>(&account)) {
        if (!mailbox->store && mailbox->forward.empty() && mailbox->copy_to.empty())
            return objection("store", "without a local copy, forward or copy_to its mail would be lost",
                             "add a forward, or write true");
        const auto& reply = mailbox->autoreply;
        if (reply && reply->start && reply->end && *reply->end < *reply->start)
            return objection("autoreply_end", "the end is before the start", "exchange the two dates");
        if (mailbox->node.find_first_of(" \t/") != std::string::npos)
            return objection("node", "is not the name of a node", "write a host name");
    }
    const auto* forward = std::get_if<Forward>(&account);
    if (forward && forward->to.empty())
        return objection("to", "a forward needs at least one target", "write addresses");
    const auto* alias = std::get_if<AliasOf>(&account);
    if (alias && alias->mailbox.empty())
        return objection("to", "an alias needs the mailbox it belongs to", "write its address");
    return std::nullopt;
}

} // namespace mailctl
