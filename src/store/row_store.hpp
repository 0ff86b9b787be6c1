// SPDX-License-Identifier: Apache-2.0
// Rows in LMDB: sorted keys with values, many readers, one writer, crash-safe. The only place that knows LMDB.
// LMDB forbids a file to be open twice in one process; therefore a second open of the same path shares the first one's
// store, and what a fork inherited is not used.
#pragma once

#include "lock_table.hpp"
#include "mailctl/base/result.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace mailctl {

using Rows = std::map<std::string, std::string, std::less<>>; // key -> value, in the order of the store
inline constexpr std::size_t max_key_size = 511;

class RowStore {
  public:
    enum class Access { read_only, update };
    // missing: there is none, or it is damaged (read_only; update begins anew); temporary: cannot be opened, or update
    // of what this process has open read-only. `path` is a directory; it must exist for update.
    static Result<std::shared_ptr<RowStore>> open(const std::string& path, Access access);
    // Whether `path` still leads to the store that was opened.
    [[nodiscard]] bool is_in_place() const;
    [[nodiscard]] const std::string& path() const { return path_; }
    // Slots of readers that were killed keep pages from being used again: give them up.
    void forget_dead_readers();

    RowStore(const RowStore&) = delete;
    RowStore& operator=(const RowStore&) = delete;
    ~RowStore();

  private:
    friend class RowReader;
    friend class RowWriter;
    struct Identity {
        dev_t device = 0;
        ino_t inode = 0;
        auto operator<=>(const Identity&) const = default;
    };
    struct Session { // a transaction and a cursor in it
        MDB_txn* transaction = nullptr;
        MDB_cursor* cursor = nullptr;
    };
    RowStore(MDB_env* handle, std::string path, Access access)
        : handle_(handle), path_(std::move(path)), access_(access) {}
    static Result<std::shared_ptr<RowStore>> open_new(const std::string& path, Access access);
    static std::optional<Identity> find_identity(const std::string& path);
    static void close(const Session& session);
    Result<Session> begin(unsigned flags);
    Result<Session> begin_reading();
    void end_reading(Session session);
    [[nodiscard]] Error error(int code, std::string_view activity) const;

    MDB_env* handle_;
    std::string path_;
    Access access_;
    Identity identity_;
    std::optional<LockTable> lock_table_;
    std::mutex mutex_;
    std::vector<Session> idle_; // guarded by mutex_; renewing one is two stores and no system call
};

// One consistent view, until destroyed. What it returns points into the store and lives as long. All Errors are
// temporary.
class RowReader {
  public:
    struct Row {
        std::string_view key, value;
    };
    static Result<RowReader> begin(std::shared_ptr<RowStore> store);
    [[nodiscard]] Result<std::optional<std::string_view>> find(std::string_view key) const;
    // The first row whose key begins with `prefix`; next_row goes on from there.
    [[nodiscard]] Result<std::optional<Row>> first_row(std::string_view prefix) const;
    [[nodiscard]] Result<std::optional<Row>> next_row(std::string_view prefix) const;

    RowReader(RowReader&& other) noexcept
        : store_(std::move(other.store_)), session_(std::exchange(other.session_, {})) {}
    RowReader& operator=(RowReader&&) = delete;
    ~RowReader();

  protected:
    RowReader(std::shared_ptr<RowStore> store, RowStore::Session session)
        : store_(std::move(store)), session_(session) {}
    Result<std::optional<std::string_view>> answer(int code, const void* data, std::size_t size) const;

    std::shared_ptr<RowStore> store_;
    RowStore::Session session_;

  private:
    enum class Step { first, next };
    Result<std::optional<Row>> row(std::string_view prefix, Step step) const;
};

// All changes or none: without commit() nothing happened. Views into the store end with the next change.
class RowWriter : public RowReader {
  public:
    static Result<RowWriter> begin(std::shared_ptr<RowStore> store);
    Status put(std::string_view key, std::string_view value); // nothing is written where that is the value already
    Status remove(std::string_view key);                      // absent is fine
    // Leaves `wanted` as the only rows that begin with `prefix`; writes only what differs.
    Status replace_rows(std::string_view prefix, const Rows& wanted);
    Status clear();
    Status commit(); // durable when it returns

    RowWriter(RowWriter&&) noexcept = default;
    ~RowWriter();

  private:
    using RowReader::RowReader;
    Status done(int code) const;
    Status find_sum();
    Status write(std::string_view key, std::string_view value, unsigned flags);
    [[nodiscard]] bool is_behind_all(std::string_view key) const;

    std::uint64_t sum_ = 0; // over all rows (row_check)
};

} // namespace mailctl
