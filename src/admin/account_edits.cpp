#include "mailctl/admin/account_edits.hpp"

#include <algorithm>

namespace mailctl {
namespace {

using Entries = std::vector<std::pair<std::string, Value>>;

Entries entries_of(const Robot& robot, const DomainName& own) {
    Entries entries;
    if (!robot.enabled) entries.emplace_back("enabled", false);
    if (!robot.from.empty()) entries.emplace_back("from", robot.from);
    if (!robot.subject.empty()) entries.emplace_back("subject", robot.subject);
    if (!robot.message.empty()) entries.emplace_back("message", robot.message);
    if (!robot.html.empty()) entries.emplace_back("html", robot.html);
    if (!robot.attach.empty()) entries.emplace_back("attach", robot.attach);
    if (!robot.copy_to.empty()) entries.emplace_back("copy_to", target_texts(robot.copy_to, own));
    if (robot.every != Robot{}.every) entries.emplace_back("every", format_age(robot.every));
    return entries;
}

Entries entries_of(const List& list, const DomainName& own) {
    Entries entries{{"members", target_texts(list.members, own)}};
    const bool is_word = list.post.size() == 1 && !list.post.front().contains('@');
    if (is_word && list.post != List{}.post) entries.emplace_back("post", list.post.front());
    if (!is_word) entries.emplace_back("post", list.post);
    if (list.owner) entries.emplace_back("owner", list.owner->text());
    return entries;
}

KeyPath below(KeyPath path, const std::string& key) {
    path.push_back(key);
    return path;
}

const Value* find_value(const Entries& entries, const std::string& key) {
    const auto found = std::ranges::find(entries, key, &Entries::value_type::first);
    return found == entries.end() ? nullptr : &found->second;
}

void add_differences(const AddTable& before, const AddTable& after, std::vector<Edit>& edits) {
    for (const auto& [key, value] : before.entries)
        if (!find_value(after.entries, key)) edits.emplace_back(RemoveKey{below(before.path, key)});
    for (const auto& [key, value] : after.entries) {
        const auto* old = find_value(before.entries, key);
        if (!old || *old != value) edits.emplace_back(SetValue{below(after.path, key), value});
    }
}

Edit ban_edit(const Ban& ban) {
    return SetValue{{"banished", ban.name}, std::string(ban.answer == BanAnswer::reject ? "reject" : "discard")};
}

} // namespace

std::vector<AddTable> account_tables(const Address& address, const Account& account) {
    const std::string& local = address.local.text();
    const auto& own = address.domain;
    std::vector<AddTable> tables;
    if (const auto* mailbox = std::get_if<Mailbox>(&account))
        for (auto& edit : mailbox_tables(address, *mailbox))
            tables.push_back(std::get<AddTable>(std::move(edit)));
    if (const auto* forward = std::get_if<Forward>(&account))
        tables.push_back({{"forward", local}, {{"to", target_texts(forward->to, own)}}});
    if (const auto* robot = std::get_if<Robot>(&account)) tables.push_back({{"robot", local}, entries_of(*robot, own)});
    if (const auto* list = std::get_if<List>(&account)) tables.push_back({{"list", local}, entries_of(*list, own)});
    return tables;
}

std::string compose_account(const Address& address, const Account& account) {
    std::string text;
    const auto add_line = [&](const std::string& key, const Value& value) {
        text.append(format_key(key)).append(" = ").append(format_value(value)).append("\n");
    };
    for (const auto& table : account_tables(address, account)) {
        text.append("\n[").append(format_key_path(table.path)).append("]\n");
        for (const auto& [key, value] : table.entries)
            add_line(key, value);
    }
    if (const auto* ban = std::get_if<Ban>(&account))
        add_line(ban->name, std::string(ban->answer == BanAnswer::reject ? "reject" : "discard"));
    return text;
}

std::vector<Edit> account_edits(const Address& address, const Account* before, const Account& after) {
    std::vector<Edit> edits;
    if (const auto* ban = std::get_if<Ban>(&after)) edits.push_back(ban_edit(*ban));
    auto now = account_tables(address, after);
    if (!before) {
        for (auto& table : now)
            edits.emplace_back(std::move(table));
        return edits;
    }
    auto then = account_tables(address, *before);
    for (std::size_t i = 0; i < std::max(now.size(), then.size()); ++i) {
        if (i >= now.size())
            edits.emplace_back(RemoveTable{then[i].path});
        else if (i >= then.size())
            edits.emplace_back(std::move(now[i]));
        else
            add_differences(then[i], now[i], edits);
    }
    return edits;
}

Edit remove_account(const Address& address, AccountKind kind) {
    if (kind == AccountKind::banished) return RemoveKey{{"banished", address.local.text()}};
    return RemoveTable{{std::string(kind_name(kind)), address.local.text()}};
}

} // namespace mailctl
