// SPDX-License-Identifier: Apache-2.0
#include "bulk_passwords.hpp"

#include "mailctl/os/cores.hpp"

namespace mailctl {
namespace {

constexpr const char* stand_in = "{CRYPT}not-hashed-in-a-dry-run";

void carry_out(PasswordTask& task, PasswordScheme scheme, Hashing hashing) {
    if (task.known) {
        const auto fits = verify_password(task.plain, *task.known);
        if (fits && *fits) {
            task.hash = task.known;
            return;
        }
    }
    if (hashing == Hashing::only_checked) {
        task.hash = stand_in;
        return;
    }
    auto hash = hash_password(task.plain, scheme);
    if (hash)
        task.hash = std::move(*hash);
    else
        task.error = hash.error();
}

} // namespace

void hash_passwords(std::span<PasswordTask> tasks, PasswordScheme scheme, Hashing hashing) {
    on_every_core("hashing passwords", tasks.size(),
                  [&](std::size_t number) { carry_out(tasks[number], scheme, hashing); });
}

} // namespace mailctl
