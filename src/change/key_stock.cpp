// SPDX-License-Identifier: Apache-2.0
// Counted, made side by side, handed out.
#include "mailctl/change/key_changes.hpp"
#include "mailctl/os/cores.hpp"

#include <optional>

namespace mailctl {

Result<SigningKey> KeyStock::take(DkimAlgorithm algorithm) {
    if (!is_open_) {
        counted_.push_back(algorithm);
        SigningKey unmade;
        unmade.algorithm = algorithm;
        return unmade;
    }
    auto& left = made_[algorithm];
    if (left.empty()) return make_signing_key(algorithm);
    auto key = std::move(left.back());
    left.pop_back();
    return key;
}

Status KeyStock::fill() {
    is_open_ = true;
    std::vector<std::optional<Result<SigningKey>>> made(counted_.size());
    on_every_core("making keys", counted_.size(),
                  [&](std::size_t number) { made[number].emplace(make_signing_key(counted_[number])); });
    for (auto& key : made) {
        if (!*key) return fail(key->error());
        made_[(*key)->algorithm].push_back(std::move(**key));
    }
    counted_.clear();
    return {};
}

} // namespace mailctl
