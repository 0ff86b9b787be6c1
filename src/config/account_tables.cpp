// A name that is wrong is reported, and what stands under it is read all the same: a file shows all its errors at once.
#include "mailctl/config/account_tables.hpp"

#include "mailctl/model/named_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mailctl {
namespace {

void read_suspension(const Node& node, const KeyPath& path, Mailbox& mailbox, DomainReading& reading) {
    using enum SuspendedReceive;
    Fields fields(node, {path[0], path[1], "suspend"}, reading.findings);
    auto& suspension = mailbox.suspend.emplace();
    fields.flag("login", suspension.login);
    fields.choice("receive", suspension.receive,
                  {{"accept", accept}, {"reject", reject}, {"defer", defer}, {"hold", hold}});
    fields.text("reason", suspension.reason);
    fields.date("until", suspension.until);
    fields.refuse_unknown();
    if (suspension.receive == hold) reading.keep(fields.path_of("receive"), node.find("receive")->place);
}

// What a robot and an autoreply have in common.
template <class Text>
void read_reply(Fields& fields, const Node& node, Text& reply, DomainReading& reading) {
    fields.flag("enabled", reply.enabled);
    fields.text("from", reply.from);
    if (const auto from = reply.from.empty() ? std::nullopt : std::optional(parse_named_address(reply.from));
        from && !*from)
        fields.refuse("from", node.find("from")->place, from->error().what,
                      "write an address, or \"Paul <paul@example.com>\"");
    fields.text("subject", reply.subject);
    fields.block("message", reply.message);
    fields.block("html", reply.html);
    reading.read_attachments(fields, reply.attach);
    constexpr Age shortest = std::chrono::hours{1}, longest = std::chrono::days{365};
    fields.age("every", reply.every);
    if (reply.every < shortest || reply.every > longest)
        fields.refuse("every", node.find("every")->place,
                      fmt::format("'{}' is not between 1h and 365d", format_age(reply.every)),
                      "a sender gets at most one reply in this time; the usual is \"7d\"");
}

void read_autoreply(const Node& node, const KeyPath& path, Mailbox& mailbox, DomainReading& reading) {
    Fields fields(node, {path[0], path[1], "autoreply"}, reading.findings);
    auto& reply = mailbox.autoreply.emplace();
    read_reply(fields, node, reply, reading);
    fields.date("start", reply.start);
    fields.date("end", reply.end);
    if (reply.start && reply.end && *reply.end < *reply.start)
        fields.refuse("end", node.find("end")->place, "the end is before the start", "exchange the two dates");
    fields.refuse_unknown();
}

void read_mailbox(const std::string& name, const Node& node, DomainReading& reading) {
    const KeyPath path = {"mailbox", name};
    Fields fields(node, path, reading.findings);
    auto& mailbox = reading.domain.mailboxes[name];
    fields.text("name", mailbox.name);
    if (const Node* value = fields.expect("password", Node::Kind::string, "a string")) {
        if (const auto objection = object_to_password(value->text))
            refuse(fields, "password", value->place, *objection);
        mailbox.password = value->text;
    }
    fields.size("quota", mailbox.quota);
    for (const Node* alias : fields.strings("aliases")) {
        if (const auto objection = object_to_name(alias->text, reading.rules))
            refuse(fields, "aliases", alias->place, *objection);
        reading.claims.add(alias->text, fmt::format("alias of mailbox '{}'", name), fields.path_of("aliases"),
                           alias->place);
        mailbox.aliases.push_back(alias->text);
    }
    reading.read_targets(fields, "forward", mailbox.forward);
    reading.read_targets(fields, "copy_to", mailbox.copy_to);
    fields.flag("store", mailbox.store);
    const auto is_filled = [&](std::string_view key) { return node.find(key) && !node.find(key)->elements.empty(); };
    if (!mailbox.store && !is_filled("forward") && !is_filled("copy_to"))
        fields.refuse("store", node.find("store")->place,
                      "without a local copy, forward or copy_to its mail would be lost",
                      "add a forward, or remove store = false");
    reading.read_address(fields, "recovery", mailbox.recovery);
    if (const Node* table = fields.node("suspend")) read_suspension(*table, path, mailbox, reading);
    if (const Node* table = fields.node("autoreply")) read_autoreply(*table, path, mailbox, reading);
    reading.read_node(fields, mailbox.node);
    fields.refuse_unknown();
    if (const Node* value = node.find("node")) reading.keep(fields.path_of("node"), value->key_place);
}

void read_forward(const std::string& name, const Node& node, DomainReading& reading) {
    Fields fields(node, {"forward", name}, reading.findings);
    auto& forward = reading.domain.forwards[name];
    reading.read_targets(fields, "to", forward.to);
    const Node* to = node.find("to");
    if (node.is(Node::Kind::table) && (!to || (to->is(Node::Kind::array) && to->elements.empty())))
        fields.refuse("to", to ? to->place : node.place, "a forward needs at least one target",
                      "add one, or remove the forward: mailctl forward delete ADDRESS");
    fields.refuse_unknown();
}

void read_robot(const std::string& name, const Node& node, DomainReading& reading) {
    Fields fields(node, {"robot", name}, reading.findings);
    auto& robot = reading.domain.robots[name];
    read_reply(fields, node, robot, reading);
    reading.read_targets(fields, "copy_to", robot.copy_to);
    fields.refuse_unknown();
}

void read_list(const std::string& name, const Node& node, DomainReading& reading) {
    Fields fields(node, {"list", name}, reading.findings);
    auto& list = reading.domain.lists[name];
    reading.read_targets(fields, "members", list.members);
    reading.read_address(fields, "owner", list.owner);
    const Node* post = fields.node("post");
    if (post && post->is(Node::Kind::string)) {
        fields.choice<std::string>("post", list.post[0],
                                   {{"anyone", "anyone"}, {"domain", "domain"}, {"members", "members"}});
    } else if (post) {
        list.post.clear();
        for (const Node* author : fields.strings("post")) {
            const auto address = Address::parse(author->text);
            if (!address)
                fields.refuse("post", author->place, address.error().what, "write full addresses, or \"members\"");
            else
                list.post.push_back(address->text());
        }
    }
    fields.refuse_unknown();
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
        Ban ban{*name, BanAnswer::discard};
        fields.choice(*name, ban.answer, {{"discard", BanAnswer::discard}, {"reject", BanAnswer::reject}});
        if (!ban.is_pattern())
            reading.claims.add(*name, fmt::format("banished name '{}'", *name), fields.path_of(*name), place);
        reading.domain.banished.push_back(std::move(ban));
    }
}

using ReadAccount = void(const std::string& name, const Node& node, DomainReading& reading);

void read_table(Fields& root, std::string_view kind, ReadAccount* read, DomainReading& reading) {
    const Node* table = root.expect(kind, Node::Kind::table, "a table");
    if (!table) return;
    for (const auto& [name, node] : table->entries) {
        const auto path = format_key_path({std::string(kind), name});
        if (const auto objection = object_to_name(name, reading.rules))
            reading.findings.add(node.key_place, path, objection->message, objection->remedy);
        reading.claims.add(name, fmt::format("{} '{}'", kind, name), path, node.key_place);
        read(name, node, reading);
    }
}

} // namespace

void read_accounts(Fields& root, DomainReading& reading) {
    read_table(root, "mailbox", read_mailbox, reading);
    read_table(root, "forward", read_forward, reading);
    read_table(root, "robot", read_robot, reading);
    read_table(root, "list", read_list, reading);
    if (const Node* node = root.node("banished")) read_banished(*node, reading);
}

} // namespace mailctl
