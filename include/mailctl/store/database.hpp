// SPDX-License-Identifier: Apache-2.0
// SQLite: one connection to a database file in WAL mode, its prepared statements and transactions. Whatever goes wrong
// is temporary: a damaged or locked database never means that something is not there. WAL and shared memory files stay
// when the last connection closes, because the agent may write them but not make new ones. The only file that knows
// SQLite; its SQL is trusted, what is bound is not.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/base/units.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace mailctl {

class Database;

// One use of a prepared statement: bind all parameters in order, then run() it, or next() until it says false. Goes
// back to its database for the next use when destroyed, which must be before the database is.
class SqlStatement {
  public:
    SqlStatement& bind(std::int64_t value);
    SqlStatement& bind(std::string_view text);
    SqlStatement& bind(const char* text) { return bind(std::string_view(text)); }
    SqlStatement& bind(Instant instant); // kept as microseconds since 1970
    SqlStatement& bind_blob(std::string_view bytes);
    SqlStatement& bind_null();
    template <class T>
    SqlStatement& bind(const std::optional<T>& value) {
        return value ? bind(*value) : bind_null();
    }

    [[nodiscard]] Result<bool> next(); // true: there is a row
    [[nodiscard]] Status run();        // all rows are passed over
    SqlStatement& again();             // as when it was prepared: for who uses one statement many times

    // Of the row that next() found; columns count from 0. NULL is 0, "" and nullopt.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;       // or the bytes of a blob
    [[nodiscard]] std::string_view bytes(int column) const; // the same, until the next step
    [[nodiscard]] Instant instant(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::optional<Instant> find_instant(int column) const;

    SqlStatement(SqlStatement&& other) noexcept;
    SqlStatement& operator=(SqlStatement&&) = delete;
    ~SqlStatement();

  private:
    friend class Database;
    SqlStatement(Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}

    Database* database_;
    sqlite3_stmt* handle_;
    int bound_ = 0;
    int failure_ = 0; // the first binding that failed
};

struct DatabaseOptions {
    enum class Missing { is_an_error, is_created };
    // after_crash: a committed transaction survives the death of the process, not a power cut; saves an fsync of each.
    enum class Durability { after_power_cut, after_crash };
    Missing missing = Missing::is_an_error;
    Durability durability = Durability::after_power_cut;
    std::chrono::milliseconds busy_timeout{5000}; // how long to wait for another process that writes
    // How long statements may work from the last prepare() on; 0: as long as they want. Whoever can write the file can
    // put a view without end in place of a table.
    std::chrono::milliseconds work_limit{0};
};

// Not for two threads at once. A child after fork(2) can use neither this connection nor another to the same file, for
// SQLite takes the parent's locks for its own: there every use is temporary and nothing is closed.
class Database {
  public:
    // temporary: there is none, it cannot be read and written, or it is damaged.
    static Result<std::unique_ptr<Database>> open(const std::string& path, const DatabaseOptions& options);

    // `sql` is one statement; it is prepared once and kept.
    [[nodiscard]] Result<SqlStatement> prepare(std::string_view sql);
    [[nodiscard]] Status execute(const std::string& sql);             // any number of statements without parameters
    void wait_no_longer_than(std::chrono::milliseconds busy_timeout); // for another process that writes
    [[nodiscard]] std::int64_t changed_rows() const;                  // by the last INSERT, UPDATE or DELETE
    [[nodiscard]] std::int64_t last_row_id() const;                   // of the last INSERT
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool is_in_place() const;   // its file is still the one at its path
    [[nodiscard]] Status check_owner() const; // temporary: a parent process opened this

    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

  private:
    friend class SqlStatement;
    Database(sqlite3* handle, std::string path);
    Status configure(const DatabaseOptions& options);
    [[nodiscard]] Error error(int code, std::string_view activity) const;
    [[nodiscard]] bool is_inherited() const;
    static int is_over_time(void* database); // for SQLite, which goes on while it is 0

    sqlite3* handle_;
    std::string path_;
    std::chrono::milliseconds work_limit_{0};
    std::chrono::steady_clock::time_point work_began_;
    pid_t process_;
    std::multimap<std::string, sqlite3_stmt*, std::less<>> idle_;
};

// BEGIN IMMEDIATE: the right to write is obtained at once or not at all. Without commit() nothing happened.
class SqlTransaction {
  public:
    static Result<SqlTransaction> begin(Database& database);
    Status commit();

    SqlTransaction(SqlTransaction&& other) noexcept;
    SqlTransaction& operator=(SqlTransaction&&) = delete;
    ~SqlTransaction();

  private:
    explicit SqlTransaction(Database& database) : database_(&database) {}
    Database* database_; // null: over
};

} // namespace mailctl
