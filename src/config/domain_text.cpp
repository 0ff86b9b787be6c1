// SPDX-License-Identifier: Apache-2.0
// A new domain file, as an administrator would begin one.
#include "mailctl/config/domain_text.hpp"

#include "key_writing.hpp"
#include "mailctl/config/account_keys.hpp"
#include "mailctl/config/domain_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string aligned_lines(const Entries& entries) {
    std::string text;
    for (const auto& [key, value] : entries)
        text += fmt::format("{:<9} = {}\n", key, format_value(value));
    return text;
}

// What a new file says even where it is the default, because an administrator looks for it.
Entries first_entries(const Domain& domain) {
    auto entries = key_entries(domain_keys(), "", domain, domain.name);
    const bool has_unknown = std::ranges::find(entries, "unknown", &Entries::value_type::first) != entries.end();
    if (!has_unknown) entries.emplace_back("unknown", InlineTable{{{"action", std::string("reject")}}});
    return entries;
}

} // namespace

std::string compose_domain(const Domain& domain) {
    auto text = fmt::format("# The mail domain {}. Edit by hand, then run: mailctl apply\n"
                            "# Every key is explained in mailctl-domain.toml(5).\n\n[domain]\n",
                            domain.name.display());
    text += aligned_lines(first_entries(domain));
    for (const auto& table : domain_key_tables()) {
        if (!table.exists(domain)) continue;
        const auto lines = aligned_lines(key_entries(domain_keys(), table.table, domain, domain.name));
        if (!lines.empty()) text += fmt::format("\n[domain.{}]\n{}", table.table, lines);
    }
    return text;
}

std::vector<AddTable> account_tables(const std::string& local, const Account& account, const DomainName& own,
                                     std::span<const SaidKey> said) {
    const auto keys = account_keys(kind_of(account));
    if (keys.empty() || std::holds_alternative<Ban>(account)) return {};
    const std::string family(keys.front().family);
    std::vector<AddTable> tables{{{family, local}, {}}};
    std::string_view table_before;
    for (const auto& key : keys) { // a table in line stands where its first key does
        const auto earlier = std::exchange(table_before, key.table);
        if (key.table.empty()) {
            if (is_written(key, account, said)) tables.front().entries.emplace_back(key.key, key.value(account, own));
            continue;
        }
        const auto table = std::ranges::find(account_key_tables(), key.table, &AccountKeyTable::table);
        if (earlier == key.table || !table->exists(account)) continue;
        auto entries = key_entries(keys, key.table, account, own, said);
        if (table->form == AccountKeyTable::Form::in_line)
            tables.front().entries.emplace_back(key.table, InlineTable{std::move(entries)});
        else
            tables.push_back({{family, local, std::string(key.table)}, std::move(entries)});
    }
    return tables;
}

std::string compose_account(const Address& address, const Account& account) {
    std::string text;
    const auto add_line = [&](std::string_view key, const Value& value) {
        text.append(format_key(key)).append(" = ").append(format_value(value)).append("\n");
    };
    for (const auto& table : account_tables(address.local.text(), account, address.domain)) {
        text.append("\n[").append(format_key_path(table.path)).append("]\n");
        for (const auto& [key, value] : table.entries)
            add_line(key, value);
    }
    if (const auto* ban = std::get_if<Ban>(&account))
        add_line(ban->name, account_keys(AccountKind::banished).front().value(account, address.domain));
    return text;
}

} // namespace mailctl
