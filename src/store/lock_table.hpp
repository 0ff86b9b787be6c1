// SPDX-License-Identifier: Apache-2.0
// lock.mdb, the table of LMDB's readers, looked at before LMDB believes it: the agent's group must be able to write it,
// and LMDB follows its numbers wherever they lead. The directory is the administrator's alone (tests/hostile), so that
// the file that was looked at is the one that LMDB maps. What changes in it between a look and its use is not seen: the
// agent's user can end a command of root's with a signal, and has no more of it. The file is
// LMDB's own on this machine, so its layout is that of the library (mutexes of pthread, lines of 64 bytes).
#pragma once

#include "mailctl/base/result.hpp"

#include <memory>
#include <string>

namespace mailctl {

class LockTable {
  public:
    // Before the environment is opened, for a descriptor of the file that is closed later would drop LMDB's own locks.
    // temporary: it is damaged and in use; one that nobody uses LMDB makes anew.
    static Result<LockTable> look(const std::string& directory);
    // Before LMDB looks for a place among the readers, or for the oldest of them. temporary: it is damaged.
    [[nodiscard]] Status check() const;

  private:
    struct Unmap {
        std::size_t size;
        void operator()(const void* begin) const;
    };
    explicit LockTable(std::string path) : path_(std::move(path)) {}

    std::string path_;
    std::unique_ptr<const void, Unmap> header_{nullptr, Unmap{0}}; // null: LMDB is about to make it
    std::size_t places_ = 0;                                       // for readers, that its size has room for
};

} // namespace mailctl
