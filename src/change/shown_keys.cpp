// SPDX-License-Identifier: Apache-2.0
// Rows of key tables as cells. What is there by name is not added again.
#include "mailctl/change/shown_keys.hpp"

#include "mailctl/config/account_keys.hpp"
#include "mailctl/config/domain_keys.hpp"
#include "mailctl/exchange/transfer/account_columns.hpp"

#include <algorithm>
#include <cassert>

namespace mailctl {
namespace {

template <class Model>
Cell key_cell(const Key<Model>& key, const Model& model, const DomainName& own) {
    const auto& [name, heading, in_list, in_plain] = key.showing;
    return {std::string(name.empty() ? key.name : name), cell_value(key.shown(model, own)), in_plain, true,
            std::string(heading)};
}

template <class Model>
void add_missing(Cells& row, std::span<const Key<Model>> keys, const Model& model, const DomainName& own,
                 bool (*is_wanted)(const Key<Model>&)) {
    for (const auto& key : keys) {
        if (!is_wanted(key)) continue;
        auto cell = key_cell(key, model, own);
        if (std::ranges::find(row, cell.key, &Cell::key) == row.end()) row.push_back(std::move(cell));
    }
}

} // namespace

Cell domain_cell(const Domain& domain, std::string_view name) {
    const auto key = std::ranges::find(domain_keys(), name, &DomainKey::name);
    assert(key != domain_keys().end());
    return key_cell(*key, domain, domain.name);
}

void add_settings(Cells& row, const Account& account, const DomainName& own) {
    add_missing<Account>(row, account_keys(kind_of(account)), account, own,
                         [](const auto& key) { return key.is_setting(); });
}

void add_settings(Cells& row, const Domain& domain) {
    add_missing<Domain>(row, domain_keys(), domain, domain.name, [](const auto& key) { return key.is_setting(); });
}

void add_listed_settings(Cells& row, const Domain& domain) {
    add_missing<Domain>(row, domain_keys(), domain, domain.name,
                        [](const auto& key) { return key.is_setting() && key.showing.in_list; });
}

} // namespace mailctl
