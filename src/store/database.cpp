// SPDX-License-Identifier: Apache-2.0
// The connection is set up so that a file prepared by somebody else cannot make us run anything: no trusted schema, no
// extensions, defensive mode.
#include "mailctl/store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <unistd.h>
#include <utility>

namespace mailctl {

namespace {

constexpr int primary(int code) { return code & 0xff; }
constexpr int longest_value = 1 << 24;       // bytes, of a row too; what we write is far below
constexpr int steps_between_looks = 100'000; // of SQLite's machine, some milliseconds

std::string_view remedy(int code) {
    switch (primary(code)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "move it and the files beside it away and run 'mailctl apply'; a backup may be put in its place";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return "'mailctl apply' makes its files, or gives them back their owner and mode";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program is writing to it; try again";
    case SQLITE_INTERRUPT:
    case SQLITE_TOOBIG:
        return "it holds what mailctl did not write: move it and the files beside it away and run 'mailctl apply'";
    default:
        return {};
    }
}

Error database_error(int code, const char* words, std::string_view activity, const std::string& path, int os_error) {
    return {ErrorKind::temporary, fmt::format("{} '{}': {}", activity, path, words ? words : sqlite3_errstr(code)),
            std::string(remedy(code)), os_error};
}

int open_flags(const DatabaseOptions& options) {
    const bool create = options.missing == DatabaseOptions::Missing::is_created;
    return SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (create ? SQLITE_OPEN_CREATE : 0);
}

} // namespace

Database::Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)), process_(::getpid()) {}

Database::~Database() {
    if (is_inherited()) return; // closing it would drop the parent's locks and files
    for (const auto& [sql, statement] : idle_)
        sqlite3_finalize(statement);
    sqlite3_close_v2(handle_);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const DatabaseOptions& options) {
    // Nobody asks how much memory SQLite has, and counting it takes a lock for every piece.
    [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, open_flags(options), nullptr);
    if (!handle) return fail(ErrorKind::temporary, fmt::format("cannot open '{}': out of memory", path));
    std::unique_ptr<Database> database(new Database(handle, path)); // owns the handle of a failed open too
    if (code != SQLITE_OK) return fail(database->error(code, "cannot open"));
    if (sqlite3_db_readonly(handle, "main") == 1)
        return fail(ErrorKind::temporary, fmt::format("cannot write '{}'", path), std::string(remedy(SQLITE_READONLY)));
    TRY(database->configure(options));
    return database;
}

int Database::is_over_time(void* database) {
    const auto& self = *static_cast<const Database*>(database);
    return std::chrono::steady_clock::now() - self.work_began_ > self.work_limit_ ? 1 : 0;
}

Status Database::configure(const DatabaseOptions& options) {
    int persist = 1;
    work_limit_ = options.work_limit;
    work_began_ = std::chrono::steady_clock::now();
    if (work_limit_.count() > 0) sqlite3_progress_handler(handle_, steps_between_looks, &is_over_time, this);
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, longest_value);
    sqlite3_busy_timeout(handle_, static_cast<int>(options.busy_timeout.count()));
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    const bool each = options.durability == DatabaseOptions::Durability::after_power_cut;
    TRY(execute(fmt::format("PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON; PRAGMA synchronous = {};",
                            each ? "FULL" : "NORMAL")));
    TRY_ASSIGN(auto mode, prepare("PRAGMA journal_mode = WAL")); // reads the file: damage shows here
    TRY_ASSIGN(const bool answered, mode.next());
    if (answered && mode.text(0) == "wal") return {};
    return fail(ErrorKind::temporary, fmt::format("'{}' cannot be brought into WAL mode", path_),
                "its file system must support shared memory; a network file system does not");
}

bool Database::is_inherited() const { return process_ != ::getpid(); }

Status Database::check_owner() const {
    if (!is_inherited()) return {};
    return fail(ErrorKind::temporary, fmt::format("'{}' is in use by the process that started this one", path_));
}

bool Database::is_in_place() const {
    int moved = 0;
    return sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved == 0;
}

Error Database::error(int code, std::string_view activity) const {
    return database_error(code, sqlite3_errmsg(handle_), activity, path_, sqlite3_system_errno(handle_));
}

Result<SqlStatement> Database::prepare(std::string_view sql) {
    TRY(check_owner());
    if (work_limit_.count() > 0) work_began_ = std::chrono::steady_clock::now();
    if (const auto found = idle_.find(sql); found != idle_.end())
        return SqlStatement(*this, idle_.extract(found).mapped());
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &handle, nullptr);
    if (code != SQLITE_OK) return fail(error(code, "cannot use"));
    return SqlStatement(*this, handle);
}

Status Database::execute(const std::string& sql) {
    TRY(check_owner());
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(error(code, "cannot use"));
    return {};
}

void Database::wait_no_longer_than(std::chrono::milliseconds busy_timeout) {
    sqlite3_busy_timeout(handle_, std::max(1, static_cast<int>(busy_timeout.count())));
}

std::int64_t Database::changed_rows() const { return sqlite3_changes64(handle_); }
std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle_); }

SqlStatement::SqlStatement(SqlStatement&& other) noexcept
    : database_(other.database_), handle_(std::exchange(other.handle_, nullptr)), bound_(other.bound_),
      failure_(other.failure_) {}

SqlStatement::~SqlStatement() {
    if (!handle_ || database_->is_inherited()) return;
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
    database_->idle_.emplace(sqlite3_sql(handle_), handle_);
}

SqlStatement& SqlStatement::bind(std::int64_t value) {
    failure_ = std::max(failure_, sqlite3_bind_int64(handle_, ++bound_, value));
    return *this;
}

SqlStatement& SqlStatement::bind(std::string_view text) {
    failure_ = std::max(failure_, sqlite3_bind_text64(handle_, ++bound_, text.data() ? text.data() : "", text.size(),
                                                      SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

SqlStatement& SqlStatement::bind(Instant instant) { return bind(std::int64_t{instant.time_since_epoch().count()}); }

SqlStatement& SqlStatement::bind_blob(std::string_view bytes) {
    failure_ = std::max(failure_, sqlite3_bind_blob64(handle_, ++bound_, bytes.data() ? bytes.data() : "", bytes.size(),
                                                      SQLITE_TRANSIENT));
    return *this;
}

SqlStatement& SqlStatement::bind_null() {
    failure_ = std::max(failure_, sqlite3_bind_null(handle_, ++bound_));
    return *this;
}

Result<bool> SqlStatement::next() {
    if (failure_ != SQLITE_OK) return fail(database_->error(failure_, "cannot use"));
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return fail(database_->error(code, "cannot use"));
}

Status SqlStatement::run() {
    for (;;) {
        TRY_ASSIGN(const bool row, next());
        if (!row) return {};
    }
}

SqlStatement& SqlStatement::again() {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
    bound_ = failure_ = 0;
    return *this;
}

std::int64_t SqlStatement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view SqlStatement::bytes(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)))
                 : std::string_view();
}

std::string SqlStatement::text(int column) const { return std::string(bytes(column)); }

Instant SqlStatement::instant(int column) const { return Instant(std::chrono::microseconds(integer(column))); }

bool SqlStatement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

std::optional<Instant> SqlStatement::find_instant(int column) const {
    return is_null(column) ? std::nullopt : std::optional(instant(column));
}

Result<SqlTransaction> SqlTransaction::begin(Database& database) {
    TRY_ASSIGN(auto begin, database.prepare("BEGIN IMMEDIATE"));
    TRY(begin.run());
    return SqlTransaction(database);
}

Status SqlTransaction::commit() {
    TRY_ASSIGN(auto commit, database_->prepare("COMMIT"));
    TRY(commit.run()); // a commit that failed may be tried again, or is rolled back
    database_ = nullptr;
    return {};
}

SqlTransaction::SqlTransaction(SqlTransaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

SqlTransaction::~SqlTransaction() {
    if (!database_) return;
    // SQLite may have rolled it back itself; then there is nothing to do, and it says so.
    if (auto rollback = database_->prepare("ROLLBACK")) static_cast<void>(rollback->run());
}

} // namespace mailctl
