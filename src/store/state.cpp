// SPDX-License-Identifier: Apache-2.0
// Finding, making and upgrading state.db.
#include "mailctl/store/state.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "row_values.hpp"
#include "state_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace mailctl {

namespace {

constexpr std::chrono::milliseconds long_turn{250};                  // longer than any work on the state takes
constexpr std::chrono::milliseconds administrators_patience{60'000}; // for other threads of the same command

constexpr std::chrono::seconds state_work_limit{20}; // of one operation; ours take milliseconds
constexpr std::size_t most_rows = 1'000'000, told_rows = 10;

Error as_temporary(Error error) {
    error.kind = ErrorKind::temporary;
    return error;
}

// By a descriptor that only names the file (O_PATH): closing one that can read would drop the locks that SQLite holds
// on the same file.
Status give_to(const std::string& path, const std::optional<MailOwner>& owner) {
    const mode_t mode = owner ? 0660 : 0600;
    const FileDescriptor file(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat now {};
    if (!file || ::fstat(file.get(), &now) != 0) return fail(as_temporary(system_error(errno, "cannot examine", path)));
    if (!S_ISREG(now.st_mode) || now.st_nlink != 1)
        return fail(ErrorKind::temporary, fmt::format("'{}' is not a file of its own", path),
                    "move it away and run 'mailctl apply'");
    const bool theirs = !owner || (now.st_uid == owner->user && now.st_gid == owner->group);
    if (!theirs && ::fchownat(file.get(), "", owner->user, owner->group, AT_EMPTY_PATH) != 0)
        return fail(as_temporary(system_error(errno, "cannot set the owner of", path)));
    // Below --root somebody else's file may be usable all the same; then its mode is that person's business.
    const auto itself = fmt::format("/proc/self/fd/{}", file.get());
    if ((now.st_mode & 07777) != mode && ::chmod(itself.c_str(), mode) != 0 && errno != EPERM)
        return fail(as_temporary(system_error(errno, "cannot set the mode of", path)));
    return {};
}

Status make_file(const std::string& path, const std::optional<MailOwner>& owner) {
    if (::mknod(path.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST)
        return fail(as_temporary(system_error(errno, "cannot create", path)));
    return give_to(path, owner); // those that SQLite makes beside it take after it
}

Result<std::int64_t> version_of(Database& database) {
    TRY_ASSIGN(auto version, database.prepare("PRAGMA user_version"));
    TRY_ASSIGN(const bool found, version.next());
    return found ? version.integer(0) : 0;
}

using Schema = std::span<const std::string_view>;

std::int64_t current_version(Schema schema) { return static_cast<std::int64_t>(schema.size()); }

Status refuse_version(const Database& database, std::int64_t version, Schema schema) {
    if (version == current_version(schema)) return {};
    const bool newer = version > current_version(schema);
    return fail(
        ErrorKind::temporary,
        fmt::format("'{}' is of version {}, this program knows {}", database.path(), version, current_version(schema)),
        newer ? "it was written by a newer mailctl: install that version, for both programs"
              : "'mailctl apply' brings it up to date");
}

Status upgrade(Database& database, Schema schema) {
    TRY_ASSIGN(const auto found, version_of(database));
    if (found >= current_version(schema)) return refuse_version(database, found, schema);
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(database));
    TRY_ASSIGN(const auto version, version_of(database)); // another may have been faster
    if (version >= current_version(schema)) return refuse_version(database, version, schema);
    for (const auto text : schema.subspan(static_cast<std::size_t>(version))) {
        TRY(database.execute(std::string(text)));
    }
    TRY(database.execute(fmt::format("PRAGMA user_version = {}", current_version(schema))));
    return transaction.commit();
}

bool is_ours(Schema schema, const std::string& type, const std::string& name, const std::string& sql) {
    if (sql.empty()) return type == "index";                         // what SQLite makes for PRIMARY KEY
    if (type == "table" && name.starts_with("sqlite_")) return true; // its statistics
    const bool is_kind = sql.starts_with("CREATE TABLE ") || sql.starts_with("CREATE INDEX ");
    return is_kind && std::ranges::any_of(schema, [&](auto text) { return text.contains(sql); });
}

// Whoever can write the file can put a view or a trigger into it, and then our statements are his.
Status refuse_foreign_schema(Database& database, Schema schema) {
    TRY_ASSIGN(auto rows, database.prepare("SELECT type, name, sql FROM sqlite_schema"));
    for (;;) {
        TRY_ASSIGN(const bool more, rows.next());
        if (!more) return {};
        if (is_ours(schema, rows.text(0), rows.text(1), rows.text(2))) continue;
        return fail(ErrorKind::temporary,
                    fmt::format("'{}' holds {} '{}', which mailctl did not make", database.path(),
                                printable(bounded_text(rows.text(0), 20)), printable(bounded_text(rows.text(1), 60))),
                    "move it and the files beside it away and run 'mailctl apply'; a backup may be put in its place");
    }
}

} // namespace

struct State::Turn::Skipped {
    std::vector<std::string> lines;
    std::size_t count = 0;
};

struct State::Impl {
    enum class User { agent, reader, administrator };
    using Steady = std::chrono::steady_clock;
    std::string path;
    User user;
    std::optional<MailOwner> owner;
    Schema schema = state_schema();
    std::mutex mutex; // guards whose turn it is
    std::condition_variable changed;
    bool taken = false, was_slow = false;
    unsigned waiting = 0;
    Steady::time_point taken_at;
    std::chrono::milliseconds patience{};
    std::unique_ptr<Database> database; // of whoever has the turn
    Turn::Skipped skipped;              // the same

    // What is left of the caller's patience, or nullopt: he has waited long enough.
    std::optional<std::chrono::milliseconds> take_turn();
    void end_turn();

    Result<std::unique_ptr<Database>> open(std::chrono::milliseconds left) const {
        if (user == User::agent) return open_for_agent(left);
        return user == User::reader ? open_for_reader() : open_for_administrator();
    }

    Impl(std::string where, User who, std::optional<MailOwner> for_whom)
        : path(std::move(where)), user(who), owner(for_whom) {}

    Result<std::unique_ptr<Database>> open_for_agent(std::chrono::milliseconds busy_timeout) const {
        DatabaseOptions options;
        options.busy_timeout = busy_timeout;
        options.durability = DatabaseOptions::Durability::after_crash;
        TRY_ASSIGN(auto opened, Database::open(path, options));
        TRY_ASSIGN(const auto version, version_of(*opened));
        TRY(refuse_version(*opened, version, schema));
        return opened;
    }

    Result<std::unique_ptr<Database>> open_for_reader() const {
        DatabaseOptions options;
        options.work_limit = state_work_limit;
        TRY_ASSIGN(auto opened, Database::open(path, options));
        TRY_ASSIGN(const auto version, version_of(*opened));
        TRY(refuse_version(*opened, version, schema));
        TRY(refuse_foreign_schema(*opened, schema));
        return opened;
    }

    Result<std::unique_ptr<Database>> open_for_administrator() const {
        DatabaseOptions options;
        options.work_limit = state_work_limit;
        TRY_ASSIGN(const auto existed, find_stamp(path));
        TRY(make_file(path, owner));
        TRY_ASSIGN(auto opened, Database::open(path, options));
        TRY(upgrade(*opened, schema));
        TRY(refuse_foreign_schema(*opened, schema));
        for (const char* suffix : {"-wal", "-shm"}) {
            TRY(give_to(path + suffix, owner));
        }
        if (!existed) {
            TRY(sync_directory(path.substr(0, path.rfind('/'))));
        }
        return opened;
    }
};

// Where a turn takes its time, those few who wait already may go on waiting.
std::optional<std::chrono::milliseconds> State::Impl::take_turn() {
    constexpr unsigned few = 4;
    const bool is_agent = user == User::agent;
    const auto begun = Steady::now();
    std::unique_lock lock(mutex);
    const auto agents = was_slow ? bounds::state_short_patience : bounds::state_patience;
    const auto until = begun + (is_agent ? agents : administrators_patience);
    ++waiting;
    while (taken) {
        const auto now = Steady::now();
        if (now >= until || (is_agent && waiting > few && now - taken_at >= long_turn)) {
            --waiting;
            return std::nullopt;
        }
        changed.wait_until(lock, now - taken_at < long_turn ? std::min(until, taken_at + long_turn) : until);
    }
    --waiting;
    taken = true;
    taken_at = Steady::now();
    patience = std::max(std::chrono::milliseconds{1}, std::chrono::ceil<std::chrono::milliseconds>(until - taken_at));
    return patience;
}

void State::Impl::end_turn() {
    const std::lock_guard lock(mutex);
    taken = false;
    was_slow = Steady::now() - taken_at >= std::min(patience, long_turn) * 9 / 10;
    changed.notify_one();
}

void State::Turn::End::operator()(Impl* state) const { state->end_turn(); }

State::State(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
State::State(State&&) noexcept = default;
State& State::operator=(State&&) noexcept = default;
State::~State() = default;

State State::of_agent(const Paths& paths) {
    return State(std::make_unique<Impl>(paths.state, Impl::User::agent, std::nullopt));
}

State State::of_reader(const Paths& paths) {
    return State(std::make_unique<Impl>(paths.state, Impl::User::reader, std::nullopt));
}

State State::of_administrator(const Paths& paths, std::optional<MailOwner> owner) {
    return State(std::make_unique<Impl>(paths.state, Impl::User::administrator, owner));
}

State State::of_codes(const Paths& paths) {
    State codes(std::make_unique<Impl>(paths.history + "/codes.db", Impl::User::administrator, std::nullopt));
    codes.impl_->schema = codes_schema();
    return codes;
}

Result<State::Turn> State::turn() {
    const auto left = impl_->take_turn();
    if (!left)
        return fail(ErrorKind::temporary, fmt::format("'{}' is in use for too long", impl_->path),
                    "another program holds it locked; try again");
    Turn::Held held(impl_.get());
    if (impl_->database) {
        TRY(impl_->database->check_owner());
        if (!impl_->database->is_in_place()) impl_->database.reset();
    }
    if (!impl_->database) {
        auto opened = impl_->open(*left);
        if (!opened) return fail(as_temporary(std::move(opened).error()));
        impl_->database = std::move(*opened);
    }
    if (impl_->user == Impl::User::agent) impl_->database->wait_no_longer_than(*left);
    return Turn(std::move(held), impl_->database.get(), &impl_->skipped);
}

Result<bool> State::Turn::next(SqlStatement& rows) const {
    if (++rows_ > most_rows)
        return fail(ErrorKind::temporary, fmt::format("'{}' holds more rows than any site has", database_->path()),
                    "move it and the files beside it away and run 'mailctl apply'; a backup may be put in its place");
    return rows.next();
}

void State::Turn::skip(std::string_view table, std::string_view name) const {
    constexpr std::size_t longest = 80;
    if (++skipped_->count > told_rows) return;
    skipped_->lines.push_back(fmt::format("'{}': row '{}' of table '{}' is skipped: mailctl did not write it so",
                                          database_->path(), printable(bounded_text(name, longest)), table));
}

std::vector<std::string> State::take_skipped() {
    if (!impl_->take_turn()) return {};
    const Turn::Held held(impl_.get());
    auto [lines, count] = std::exchange(impl_->skipped, {});
    if (count > told_rows) lines.push_back(fmt::format("and {} more rows like these", count - told_rows));
    return std::move(lines);
}

} // namespace mailctl
