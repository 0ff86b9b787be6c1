// SPDX-License-Identifier: Apache-2.0
// The columns follow from the key table; the few that mean more than one key have rules of their own.
#include "mailctl/exchange/transfer/account_columns.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/transfer/hash_notation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

const AccountKey& key_named(AccountKind kind, std::string_view name) { return *find_account_key(kind, name); }

ShownValue text_value(std::string text) { return text.empty() ? ShownValue{} : ShownValue(std::move(text)); }

// The column's own key, of the kind that the account is.
const AccountKey* own_key(const Account& account, std::string_view name) {
    return find_account_key(kind_of(account), name);
}

CellObjection read_hash(Account& account, std::string_view cell, const ColumnContext& context) {
    return key_named(AccountKind::mailbox, "password_hash").read_cell(account, with_scheme(cell), context);
}

// `forward` of a mailbox; for the other kinds it is another word for `to`.
CellObjection read_passing_on(Account& account, std::string_view cell, const ColumnContext& context) {
    if (std::holds_alternative<Mailbox>(account)) return own_key(account, "forward")->read_cell(account, cell, context);
    if (std::holds_alternative<Forward>(account)) return own_key(account, "to")->read_cell(account, cell, context);
    std::vector<std::string> names;
    if (auto objection = read_names(cell, context, names)) return objection;
    if (names.size() != 1) return Objection{"an alias belongs to one mailbox", "for several targets make a forward"};
    std::get<AliasOf>(account).mailbox = std::move(names.front());
    return std::nullopt;
}

void clear_passing_on(Account& account) {
    if (auto* alias = std::get_if<AliasOf>(&account)) return alias->mailbox.clear();
    own_key(account, std::holds_alternative<Mailbox>(account) ? "forward" : "to")->clear(account);
}

std::string write_to(const Account& account, const ColumnContext& context) {
    if (const auto* key = own_key(account, "to")) return key->cell(account, context.own);
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

std::string write_state(const Account& account, const ColumnContext&) {
    const auto* mailbox = std::get_if<Mailbox>(&account);
    if (!mailbox) return {};
    return mailbox->suspend ? "suspended" : "active";
}

// `false` alone makes no reply where there is none.
CellObjection read_reply_switch(Account& account, std::string_view cell, const ColumnContext&) {
    bool enabled = false;
    if (auto objection = read_flag(cell, enabled)) return objection;
    auto& reply = std::get<Mailbox>(account).autoreply;
    if (enabled && !reply) reply.emplace();
    if (reply) reply->enabled = enabled;
    return std::nullopt;
}

// Where a rule is about reading only, the keys say the rest.
template <auto name>
std::string write_key(const Account& account, const ColumnContext& context) {
    const auto* key = own_key(account, name());
    return key ? key->cell(account, context.own) : std::string();
}
template <auto name>
ShownValue show_key(const Account& account, const ColumnContext& context) {
    const auto* key = own_key(account, name());
    return key ? key->shown(account, context.own) : ShownValue{};
}
constexpr auto forward_name = [] { return std::string_view("forward"); };
constexpr auto to_name = [] { return std::string_view("to"); };
constexpr auto hash_name = [] { return std::string_view("password_hash"); };
constexpr auto enabled_name = [] { return std::string_view("autoreply_enabled"); };

constexpr ColumnRule hash_rule{read_hash, [](Account& account) { std::get<Mailbox>(account).password.reset(); },
                               write_key<hash_name>, show_key<hash_name>};
constexpr ColumnRule forward_rule{read_passing_on, clear_passing_on, write_key<forward_name>, show_key<forward_name>};
constexpr ColumnRule to_rule{read_passing_on, clear_passing_on, write_to,
                             [](const Account& account, const ColumnContext& context) {
                                 if (own_key(account, "to")) return show_key<to_name>(account, context);
                                 return text_value(write_to(account, context));
                             }};
constexpr ColumnRule switch_rule{read_reply_switch,
                                 [](Account& account) { std::get<Mailbox>(account).autoreply.reset(); },
                                 write_key<enabled_name>, show_key<enabled_name>};
constexpr ColumnRule state_rule{
    read_state, [](Account& account) { std::get<Mailbox>(account).suspend.reset(); }, write_state,
    [](const Account& account, const ColumnContext& context) { return text_value(write_state(account, context)); }};

// Beside the kinds of its keys.
struct SpecialColumn {
    std::string_view name;
    const ColumnRule* rule;
    std::string_view more_kinds;
};
constexpr std::array special_columns{
    SpecialColumn{"password_hash", &hash_rule, ""},
    SpecialColumn{"forward", &forward_rule, " forward alias"},
    SpecialColumn{"to", &to_rule, " alias"},
    SpecialColumn{"autoreply_enabled", &switch_rule, ""},
};

void add_column(std::vector<Column>& columns, const AccountKey& key) {
    const auto known = std::ranges::find(columns, key.name, &Column::name);
    if (known == columns.end()) {
        columns.push_back({.name = key.name,
                           .kinds = std::string(key.family),
                           .help = key.help,
                           .keys = {&key},
                           .keeps_blanks = key.keeps_blanks});
        return;
    }
    known->kinds.append(" ").append(key.family);
    known->keys.push_back(&key);
}

// In the order of the keys; but what is about the machine and the suspension as a whole stands
// before the reply, and what is said of the reply in general at its end.
std::vector<Column> make_columns() {
    std::vector<Column> columns;
    for (const auto& key : account_keys()) {
        if (key.name == "autoreply_from") {
            columns.push_back(
                {.name = "state", .kinds = "mailbox", .help = "active or suspended", .keys = {}, .rule = &state_rule});
            add_column(columns, key_named(AccountKind::mailbox, "node"));
        }
        if (key.name == "autoreply_enabled") add_column(columns, key_named(AccountKind::mailbox, "autoreply_every"));
        if (key.is_column() && key.name != "node" && key.name != "autoreply_every") add_column(columns, key);
    }
    for (const auto& special : special_columns) {
        auto& column = *std::ranges::find(columns, special.name, &Column::name);
        column.rule = special.rule;
        column.kinds += special.more_kinds;
    }
    return columns;
}

AccountObjection objection(std::string_view column_name, std::string message, std::string remedy) {
    return {&get_column(column_name), {std::move(message), std::move(remedy)}};
}

} // namespace

bool Column::is_of(AccountKind kind) const {
    const auto named = kind_name(kind);
    return std::ranges::any_of(split(kinds, ' '), [&](auto each) { return each == named; });
}

const AccountKey* Column::key_of(AccountKind kind) const {
    const auto found = std::ranges::find(keys, kind_name(kind), &AccountKey::family);
    return found == keys.end() ? nullptr : *found;
}

CellObjection Column::read(Account& account, std::string_view value, const ColumnContext& context) const {
    return rule ? rule->read(account, value, context) : key_of(kind_of(account))->read_cell(account, value, context);
}

void Column::clear(Account& account) const {
    if (rule) return rule->clear(account);
    key_of(kind_of(account))->clear(account);
}

std::string Column::write(const Account& account, const ColumnContext& context) const {
    if (rule) return rule->write(account, context);
    const auto* key = key_of(kind_of(account));
    return key ? key->cell(account, context.own) : std::string();
}

CellValue Column::value_of(const Account& account, const ColumnContext& context) const {
    if (rule) return cell_value(rule->show(account, context));
    const auto* key = key_of(kind_of(account));
    return key ? cell_value(key->shown(account, context.own)) : CellValue{};
}

CellValue cell_value(ShownValue value) {
    return std::visit([](auto&& each) -> CellValue { return std::move(each); }, std::move(value));
}

std::span<const Column> account_columns() {
    static const std::vector<Column> columns = make_columns();
    return columns;
}

const Column* find_column(std::string_view name) {
    const auto columns = account_columns();
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
