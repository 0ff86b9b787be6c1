// SPDX-License-Identifier: Apache-2.0
// Work that falls into independent pieces, done on every core this process may use, with its progress shown.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace mailctl {

// Calls `work` once for each number below `count`, several at a time, and returns when all are done. `what`: as
// Progress says it, "hashing passwords".
void on_every_core(const std::string& what, std::size_t count, const std::function<void(std::size_t)>& work);

} // namespace mailctl
