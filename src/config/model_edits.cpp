// SPDX-License-Identifier: Apache-2.0
// Key by key through the key tables.
#include "mailctl/config/model_edits.hpp"

#include "key_writing.hpp"
#include "mailctl/config/account_keys.hpp"
#include "mailctl/config/domain_keys.hpp"
#include "mailctl/config/domain_text.hpp"

#include <algorithm>

namespace mailctl {
namespace {

// The array that a value is, or that `unknown = { action = "redirect", to = [...] }` holds.
const std::vector<std::string>* list_in(const Value& value) {
    const auto* table = std::get_if<InlineTable>(&value);
    if (!table) return std::get_if<std::vector<std::string>>(&value);
    const auto to = std::ranges::find(table->entries, "to", [](const auto& entry) { return entry.first; });
    return to == table->entries.end() ? nullptr : std::get_if<std::vector<std::string>>(&to->second);
}

KeyPath key_below(KeyPath path, std::string_view key) {
    path.emplace_back(key);
    return path;
}

// How a difference is written: what was asked for by name, and whether elements of lists keep their places.
struct Manner {
    const DomainName& own;
    std::span<const SaidKey> said;
    bool in_place = false;
};

// What becomes of one key, in a table that is there before and after.
template <class Model>
void add_key_edit(const Key<Model>& key, const KeyPath& table, const Model& before, const Model& after,
                  const Manner& manner, std::vector<Edit>& edits) {
    if (key.same(before, after)) return;
    auto path = key_below(table, key.key);
    auto value = key.value(after, manner.own), earlier = key.value(before, manner.own);
    const auto pairing = manner.in_place ? Pairing::in_place : Pairing::none;
    const auto *array = list_in(value), *old_array = list_in(earlier);
    if (key.is_default(after) && is_said(manner.said, key.name, SaidKey::How::cleared)) {
        edits.emplace_back(RemoveKey{std::move(path)});
    } else if (key.elements && array && old_array && value.index() == earlier.index()) {
        if (std::holds_alternative<InlineTable>(value)) path.emplace_back("to");
        edits.emplace_back(
            array_difference(std::move(path), key.elements(before), key.elements(after), *array, pairing));
    } else if (!key.spells_default && !is_written(key, after, manner.said)) {
        edits.emplace_back(RemoveKey{std::move(path)});
    } else {
        edits.emplace_back(SetValue{std::move(path), std::move(value)});
    }
}

// The keys of a table below the family's, or the coming or going of the whole.
template <class Model>
void add_table_edits(const KeyTable<Model>& table, std::span<const Key<Model>> keys, const KeyPath& family,
                     const Model& before, const Model& after, const Manner& manner, std::vector<Edit>& edits) {
    auto path = key_below(family, table.table);
    if (table.exists(before) && table.exists(after)) {
        for (const auto& key : keys)
            if (key.table == table.table) add_key_edit(key, path, before, after, manner, edits);
    } else if (table.exists(before)) {
        edits.emplace_back(RemoveTable{std::move(path)});
    } else if (table.exists(after)) {
        auto entries = key_entries(keys, table.table, after, manner.own, manner.said);
        if (table.form == KeyTable<Model>::Form::in_line)
            edits.emplace_back(SetValue{std::move(path), InlineTable{std::move(entries)}});
        else
            edits.emplace_back(AddTable{std::move(path), std::move(entries)});
    }
}

// Those that were asked for first, in that order, then the others.
template <class Model>
std::vector<const Key<Model>*> in_order(std::span<const Key<Model>> keys, std::span<const SaidKey> said) {
    std::vector<const Key<Model>*> order;
    const auto add = [&](const Key<Model>& key) {
        if (key.is_in_file() && std::ranges::find(order, &key) == order.end()) order.push_back(&key);
    };
    for (const auto& each : said)
        for (const auto& key : keys)
            if (key.name == each.key) add(key);
    for (const auto& key : keys)
        add(key);
    return order;
}

template <class Model>
void add_model_edits(std::span<const Key<Model>> keys, std::span<const KeyTable<Model>> tables, const KeyPath& family,
                     const Model& before, const Model& after, const Manner& manner, std::vector<Edit>& edits) {
    std::set<std::string_view> done;
    for (const auto* key : in_order(keys, manner.said)) {
        if (key->table.empty()) {
            add_key_edit(*key, family, before, after, manner, edits);
        } else if (done.insert(key->table).second) {
            const auto table = std::ranges::find(tables, key->table, &KeyTable<Model>::table);
            add_table_edits(*table, keys, family, before, after, manner, edits);
        }
    }
}

void add_removal(const AccountChange& change, std::vector<Edit>& edits) {
    if (change.kind == AccountKind::banished)
        edits.emplace_back(RemoveKey{{"banished", change.local}});
    else
        edits.emplace_back(RemoveTable{{std::string(kind_name(change.kind)), change.local}});
}

void add_account_edits(const AccountChange& change, const DomainName& own, std::vector<Edit>& edits) {
    if (change.kind == AccountKind::banished) {
        if (change.before != change.after)
            edits.emplace_back(SetValue{{"banished", change.local},
                                        account_keys(AccountKind::banished).front().value(*change.after, own)});
        return;
    }
    const KeyPath path{std::string(kind_name(change.kind)), change.local};
    if (!change.before) {
        for (auto& table : account_tables(change.local, *change.after, own, change.said))
            edits.emplace_back(std::move(table));
        return;
    }
    if (!change.renamed_from.empty()) edits.emplace_back(RenameTable{{path[0], change.renamed_from}, change.local});
    add_model_edits(account_keys(change.kind), account_key_tables(), path, *change.before, *change.after,
                    {own, change.said, change.in_place}, edits);
}

// Places of `after` that are elements of `before` too and keep their order, for each element of `before`.
std::vector<std::size_t> kept_places(std::span<const std::string> before, std::span<const std::string> after) {
    constexpr auto none = static_cast<std::size_t>(-1);
    std::multimap<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < after.size(); ++i)
        places.emplace(after[i], i);
    std::vector<std::size_t> partner(before.size(), none), tops, previous(before.size(), none);
    for (std::size_t i = 0; i < before.size(); ++i)
        if (const auto found = places.find(before[i]); found != places.end()) {
            partner[i] = found->second;
            places.erase(found);
        }
    for (std::size_t i = 0; i < before.size(); ++i) { // the longest ascending selection, by patience
        if (partner[i] == none) continue;
        const auto pile = std::ranges::lower_bound(tops, partner[i], {}, [&](std::size_t top) { return partner[top]; });
        if (pile != tops.begin()) previous[i] = *(pile - 1);
        if (pile == tops.end())
            tops.push_back(i);
        else
            *pile = i;
    }
    std::vector<std::size_t> kept(before.size(), none);
    for (std::size_t i = tops.empty() ? none : tops.back(); i != none; i = previous[i])
        kept[i] = partner[i];
    return kept;
}

} // namespace

ChangeArray array_difference(KeyPath path, std::span<const std::string> before, std::span<const std::string> after,
                             const std::vector<std::string>& texts, Pairing pairing) {
    constexpr auto none = static_cast<std::size_t>(-1);
    ChangeArray change{std::move(path), before.size(), {}};
    auto kept = kept_places(before, after);
    kept.push_back(after.size());
    std::size_t gap = 0, next = 0; // where the gap begins before and after
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i] == none) continue;
        for (; pairing == Pairing::in_place && gap < i && next < kept[i]; ++gap, ++next)
            change.steps.push_back({gap, ElementStep::Kind::replace, texts[next]});
        for (; gap < i; ++gap)
            change.steps.push_back({gap, ElementStep::Kind::remove, {}});
        for (; next < kept[i]; ++next)
            change.steps.push_back({i, ElementStep::Kind::insert, texts[next]});
        gap = i + 1;
        next = kept[i] + 1;
    }
    return change;
}

std::vector<Edit> edits_of(const DomainDraft& change) { return edits_of(change, change.before().name); }

std::vector<Edit> edits_of(const DomainDraft& change, const DomainName& own) {
    std::vector<Edit> edits;
    for (const auto& account : change.accounts())
        if (account.before && !account.after) add_removal(account, edits);
    for (const auto& account : change.accounts())
        if (account.after) add_account_edits(account, own, edits);
    add_model_edits(domain_keys(), domain_key_tables(), {"domain"}, settings_of(change.before()), change.settings(),
                    {own, change.said(), change.keeps_places()}, edits);
    return edits;
}

} // namespace mailctl
