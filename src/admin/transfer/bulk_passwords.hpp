// SPDX-License-Identifier: Apache-2.0
// Many passwords at once, on every core: one hash takes a core some 20 ms on purpose.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/os/password.hpp"

#include <optional>
#include <span>
#include <string>

namespace mailctl {

struct PasswordTask {
    std::string plain;
    std::optional<std::string> known; // the hash there is: kept if it is of this password
    std::optional<std::string> hash;  // the answer: `known`, or a new one
    std::optional<Error> error;       // or why there is none
};
enum class Hashing { done, only_checked }; // only_checked, for a dry run: a new hash is not one, but a stand-in
void hash_passwords(std::span<PasswordTask> tasks, PasswordScheme scheme, Hashing hashing = Hashing::done);

} // namespace mailctl
