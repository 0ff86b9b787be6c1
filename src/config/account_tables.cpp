// SPDX-License-Identifier: Apache-2.0
// A name that is wrong is reported, and what stands under it is read all the same: a file shows all its errors at once.
#include "account_tables.hpp"

#include "key_reading.hpp"
#include "mailctl/config/account_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mailctl {
namespace {

// Errors of an account's keys together; the node is its table.
void check_mailbox(Fields& fields, const Node& node, const Mailbox& mailbox) {
    const auto is_filled = [&](std::string_view key) { return node.find(key) && !node.find(key)->elements.empty(); };
    if (!mailbox.store && !is_filled("forward") && !is_filled("copy_to"))
        fields.refuse("store", node.find("store")->place,
                      "without a local copy, forward or copy_to its mail would be lost",
                      "add a forward, or remove store = false");
}

void check_forward(Fields& fields, const Node& node) {
    const Node* to = node.find("to");
    if (node.is(Node::Kind::table) && (!to || (to->is(Node::Kind::array) && to->elements.empty())))
        fields.refuse("to", to ? to->place : node.place, "a forward needs at least one target",
                      "add one, or remove the forward: mailctl forward delete ADDRESS");
}

Account read_account(AccountKind kind, const std::string& name, const Node& node, DomainReading& reading) {
    const KeyPath path{std::string(kind_name(kind)), name};
    Fields fields(node, path, reading.findings);
    Account account = empty_account(kind);
    reading.account = name;
    read_keys(account_keys(kind), account_key_tables(), fields, path, account, reading);
    if (const auto* mailbox = std::get_if<Mailbox>(&account)) check_mailbox(fields, node, *mailbox);
    if (kind == AccountKind::forward) check_forward(fields, node);
    fields.refuse_unknown();
    return account;
}

void read_banished(const Node& node, DomainReading& reading) {
    Fields fields(node, {"banished"}, reading.findings);
    std::vector<std::tuple<Place, const std::string*, const Node*>> in_order;
    for (const auto& [name, value] : fields.table().entries)
        in_order.emplace_back(value.key_place, &name, &value);
    std::ranges::sort(in_order, {},
                      [](const auto& entry) { return std::pair(std::get<0>(entry).line, std::get<0>(entry).column); });
    for (const auto& [place, name, value] : in_order) {
        if (value->is(Node::Kind::table)) {
            fields.refuse(*name, place, "must be \"discard\" or \"reject\", not a table",
                          "a name that holds a dot needs quotes: \"i.am.spam\" = \"discard\"");
            continue;
        }
        if (const auto objection = object_to_banished(*name)) refuse(fields, *name, place, *objection);
        Account account = Ban{*name, BanAnswer::discard};
        account_keys(AccountKind::banished).front().read(fields, *name, account, reading);
        auto& ban = std::get<Ban>(account);
        if (!ban.is_pattern())
            reading.claims.add(*name, fmt::format("banished name '{}'", *name), fields.path_of(*name), place);
        reading.domain.banished.push_back(std::move(ban));
    }
}

template <class Entity>
void read_table(Fields& root, AccountKind kind, std::map<std::string, Entity>& accounts, DomainReading& reading) {
    const Node* table = root.expect(kind_name(kind), Node::Kind::table, "a table");
    if (!table) return;
    for (const auto& [name, node] : table->entries) {
        const auto path = format_key_path({std::string(kind_name(kind)), name});
        if (const auto objection = object_to_name(name, reading.rules))
            reading.findings.add(node.key_place, path, objection->message, objection->remedy);
        reading.claims.add(name, fmt::format("{} '{}'", kind_name(kind), name), path, node.key_place);
        accounts.insert_or_assign(accounts.end(), name, std::get<Entity>(read_account(kind, name, node, reading)));
    }
}

} // namespace

void read_accounts(Fields& root, DomainReading& reading) {
    read_table(root, AccountKind::mailbox, reading.domain.mailboxes, reading);
    read_table(root, AccountKind::forward, reading.domain.forwards, reading);
    read_table(root, AccountKind::robot, reading.domain.robots, reading);
    read_table(root, AccountKind::list, reading.domain.lists, reading);
    read_table(root, AccountKind::elsewhere, reading.domain.elsewhere, reading);
    if (const Node* node = root.node("banished")) read_banished(*node, reading);
}

} // namespace mailctl
