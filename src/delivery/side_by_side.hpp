// SPDX-License-Identifier: Apache-2.0
// side_by_side: several pieces of work that wait for somebody else, begun in their order and not waiting for each
// other. As long as each is quick they are done one after the other, by one thread; a piece that takes its time gets
// company.
#pragma once

#include <cstddef>
#include <functional>

namespace mailctl {

struct SideBySide {
    unsigned most = 8;                                    // threads at once
    std::function<bool()> has_room = [] { return true; }; // asked before each further thread
};
// Calls work(0) ... work(count - 1), each once, from any thread, and returns when all are done. `work` throws nothing.
void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work, const SideBySide& limits = {});

} // namespace mailctl
