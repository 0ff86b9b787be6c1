// SPDX-License-Identifier: Apache-2.0
// A model as entries of TOML tables, by a key table.
#pragma once

#include "mailctl/config/key.hpp"
#include "mailctl/model/domain_draft.hpp"

#include <algorithm>

namespace mailctl {

using Entries = std::vector<std::pair<std::string, Value>>;

[[nodiscard]] inline bool is_said(std::span<const SaidKey> said, std::string_view name, SaidKey::How how) {
    const auto last = std::find_if(said.rbegin(), said.rend(), [&](const SaidKey& each) { return each.key == name; });
    return last != said.rend() && last->how == how;
}

template <class Model>
[[nodiscard]] bool is_written(const Key<Model>& key, const Model& model, std::span<const SaidKey> said) {
    return key.always_written || !key.is_default(model) || is_said(said, key.name, SaidKey::How::given);
}

// The keys that stand directly in `table` ("" = the family's own), in the order of the key table; what is at its
// default is left out.
template <class Model>
[[nodiscard]] Entries key_entries(std::span<const Key<Model>> keys, std::string_view table, const Model& model,
                                  const DomainName& own, std::span<const SaidKey> said = {}) {
    Entries entries;
    for (const auto& key : keys)
        if (key.is_in_file() && key.table == table && is_written(key, model, said))
            entries.emplace_back(key.key, key.value(model, own));
    return entries;
}

} // namespace mailctl
