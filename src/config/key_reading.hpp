// SPDX-License-Identifier: Apache-2.0
// One table of a domain file and the tables below it, read by a key table.
#pragma once

#include "domain_reading.hpp"
#include "mailctl/config/key.hpp"

#include <algorithm>

namespace mailctl {

template <class Model>
void read_key_table(const KeyTable<Model>& table, std::span<const Key<Model>> keys, const Node& node, KeyPath path,
                    Model& model, DomainReading& reading) {
    path.emplace_back(table.table);
    Fields fields(node, std::move(path), reading.findings);
    table.make(model);
    for (const auto& key : keys)
        if (key.table == table.table) key.read(fields, key.key, model, reading);
    table.check(fields, node, model, reading);
    fields.refuse_unknown();
}

// `keys`: those of the family; a table below it is read where its first key stands among them. The caller says the last
// word on `fields`.
template <class Model>
void read_keys(std::span<const Key<Model>> keys, std::span<const KeyTable<Model>> tables, Fields& fields,
               const KeyPath& path, Model& model, DomainReading& reading) {
    std::string_view table_before;
    for (const auto& key : keys) {
        const auto earlier = std::exchange(table_before, key.table);
        if (!key.is_in_file()) continue;
        if (key.table.empty()) {
            key.read(fields, key.key, model, reading);
            continue;
        }
        if (earlier == key.table) continue;
        const auto table = std::ranges::find_if(
            tables, [&](const KeyTable<Model>& each) { return each.family == key.family && each.table == key.table; });
        if (const Node* node = fields.node(key.table)) read_key_table(*table, keys, *node, path, model, reading);
    }
}

} // namespace mailctl
