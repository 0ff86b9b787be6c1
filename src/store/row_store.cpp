// SPDX-License-Identifier: Apache-2.0
// One tree, no named tables: a lookup is one descent, and a new store needs no set-up.
#include "row_store.hpp"

#include "mailctl/os/files.hpp"
#include "mailctl/os/patience.hpp"
#include "row_check.hpp"

#include <fmt/format.h>
#include <lmdb.h>

#include <cerrno>
#include <charconv>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {

namespace {

constexpr std::size_t map_size = std::size_t{64} << 30; // address space, not memory or disk
constexpr unsigned max_readers = 16384;                 // slots of 64 bytes in lock.mdb: one per view in use
constexpr mode_t file_mode = 0640;
constexpr MDB_dbi only_tree = 1; // the unnamed one has this number always

MDB_val to_value(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string_view to_text(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }

// Once per environment: it then knows how keys compare.
int open_tree(MDB_env* handle) {
    MDB_txn* transaction = nullptr;
    if (const int code = mdb_txn_begin(handle, nullptr, MDB_RDONLY, &transaction)) return code;
    MDB_dbi tree = 0;
    const int code = mdb_dbi_open(transaction, nullptr, 0, &tree);
    mdb_txn_abort(transaction);
    return code;
}

// A reader must wait with what it cannot read, whatever the reason; the writer's reasons keep their kind.
Error lmdb_error(int code, std::string_view activity, const std::string& path, RowStore::Access access) {
    Error error = code > 0
                      ? system_error(code, activity, path)
                      : Error{ErrorKind::temporary, fmt::format("{} '{}': {}", activity, path, mdb_strerror(code)), ""};
    if (access == RowStore::Access::read_only) error.kind = ErrorKind::temporary;
    return error;
}

// Readers enter themselves in lock.mdb, so the agent's group writes it, and whoever is in it can hold its mutexes and
// locks for ever.
Patience patience_with(const std::string& path) {
    return {"'" + path + "/lock.mdb' is held up by another program",
            "stop mailctl-deliver and whatever else runs as the mail user, remove that file, and start it again"};
}

} // namespace

namespace {

// Whoever asks again, for each message perhaps, is not to read the whole file again. Caller holds the lock of open().
bool is_damaged(const std::string& path) {
    static std::map<std::string, FileStamp> known;
    const auto stamp = find_stamp(path + "/data.mdb").value_or(std::nullopt);
    if (const auto before = known.find(path); before != known.end() && stamp && before->second == *stamp) return true;
    known.erase(path);
    if (check_rows(path) != Soundness::damaged) return false;
    if (stamp) known[path] = *stamp;
    return true;
}

} // namespace

std::optional<RowStore::Identity> RowStore::find_identity(const std::string& path) {
    struct stat status {};
    if (::stat((path + "/data.mdb").c_str(), &status) != 0) return std::nullopt;
    return Identity{status.st_dev, status.st_ino};
}

Result<std::shared_ptr<RowStore>> RowStore::open(const std::string& path, Access access) {
    static std::mutex mutex;
    static std::map<std::pair<pid_t, Identity>, std::weak_ptr<RowStore>> open_ones;
    const std::lock_guard guard(mutex);
    std::erase_if(open_ones, [](const auto& entry) { return entry.second.expired(); });
    if (const auto identity = find_identity(path)) {
        const auto found = open_ones.find({::getpid(), *identity});
        if (auto shared = found == open_ones.end() ? nullptr : found->second.lock()) {
            if (access == Access::update && shared->access_ == Access::read_only)
                return fail(ErrorKind::temporary, fmt::format("'{}' is open read-only in this process", path));
            return shared;
        }
    }
    TRY_ASSIGN(auto store, open_new(path, access));
    open_ones[{::getpid(), store->identity_}] = store;
    return store;
}

Result<std::shared_ptr<RowStore>> RowStore::open_new(const std::string& path, Access access) {
    if (is_damaged(path)) { // never mapped: see row_check
        if (access == Access::read_only) return fail(ErrorKind::missing, fmt::format("'{}' is damaged", path));
        for (const char* file : {"/seal", "/data.mdb", "/lock.mdb"}) {
            TRY(remove_file(path + file));
        }
    }
    MDB_env* handle = nullptr;
    if (const int code = mdb_env_create(&handle)) return fail(lmdb_error(code, "cannot open", path, access));
    std::shared_ptr<RowStore> store(new RowStore(handle, path, access));
    mdb_env_set_mapsize(handle, map_size);
    mdb_env_set_maxreaders(handle, max_readers);
    // NOTLS: a view belongs to whoever holds it, not to the thread that made it.
    const unsigned flags = MDB_NOTLS | (access == Access::read_only ? MDB_RDONLY | MDB_NORDAHEAD : 0U);
    TRY_ASSIGN(store->lock_table_, LockTable::look(path));
    const auto patience = patience_with(path);
    if (const int code = mdb_env_open(handle, path.c_str(), flags, file_mode)) {
        if (code == ENOENT) return fail(system_error(code, "cannot open", path));
        return fail(lmdb_error(code, "cannot open", path, access));
    }
    if (const int code = open_tree(handle)) return fail(lmdb_error(code, "cannot open", path, access));
    const auto identity = find_identity(path);
    if (!identity) return fail(ErrorKind::temporary, fmt::format("'{}' was removed while it was opened", path));
    store->identity_ = *identity;
    return store;
}

RowStore::~RowStore() {
    for (const Session& session : idle_)
        close(session);
    mdb_env_close(handle_);
}

void RowStore::close(const Session& session) {
    mdb_cursor_close(session.cursor);
    mdb_txn_abort(session.transaction);
}

bool RowStore::is_in_place() const { return find_identity(path_) == identity_; }

void RowStore::forget_dead_readers() {
    int dead = 0;
    mdb_reader_check(handle_, &dead);
}

Error RowStore::error(int code, std::string_view activity) const { return lmdb_error(code, activity, path_, access_); }

Result<RowStore::Session> RowStore::begin(unsigned flags) {
    Session session;
    if (lock_table_) {
        TRY(lock_table_->check());
    }
    const auto patience = patience_with(path_);
    if (const int code = mdb_txn_begin(handle_, nullptr, flags, &session.transaction))
        return fail(error(code, "cannot begin a transaction in"));
    if (const int code = mdb_cursor_open(session.transaction, only_tree, &session.cursor)) {
        mdb_txn_abort(session.transaction);
        return fail(error(code, "cannot read"));
    }
    return session;
}

Result<RowStore::Session> RowStore::begin_reading() {
    Session session;
    {
        const std::lock_guard guard(mutex_);
        if (!idle_.empty()) {
            session = idle_.back();
            idle_.pop_back();
        }
    }
    if (!session.transaction) return begin(MDB_RDONLY);
    int code = mdb_txn_renew(session.transaction);
    if (code == 0) code = mdb_cursor_renew(session.transaction, session.cursor);
    if (code == 0) return session;
    close(session);
    return fail(error(code, "cannot begin a transaction in"));
}

void RowStore::end_reading(Session session) {
    mdb_txn_reset(session.transaction); // lets go of the pages it saw
    const std::lock_guard guard(mutex_);
    idle_.push_back(session);
}

Result<RowReader> RowReader::begin(std::shared_ptr<RowStore> store) {
    TRY_ASSIGN(const RowStore::Session session, store->begin_reading());
    return RowReader(std::move(store), session);
}

RowReader::~RowReader() {
    if (session_.transaction) store_->end_reading(session_);
}

Result<std::optional<std::string_view>> RowReader::find(std::string_view key) const {
    if (key.size() > max_key_size) return std::nullopt;
    MDB_val wanted = to_value(key), value{};
    const int code = mdb_cursor_get(session_.cursor, &wanted, &value, MDB_SET);
    return answer(code, value.mv_data, value.mv_size);
}

Result<std::optional<RowReader::Row>> RowReader::first_row(std::string_view prefix) const {
    if (prefix.size() > max_key_size) return std::nullopt;
    return row(prefix, Step::first);
}

Result<std::optional<RowReader::Row>> RowReader::next_row(std::string_view prefix) const {
    return row(prefix, Step::next);
}

Result<std::optional<RowReader::Row>> RowReader::row(std::string_view prefix, Step step) const {
    const MDB_cursor_op first = prefix.empty() ? MDB_FIRST : MDB_SET_RANGE; // LMDB knows no empty key
    MDB_val key = to_value(prefix), value{};
    const int code = mdb_cursor_get(session_.cursor, &key, &value, step == Step::first ? first : MDB_NEXT);
    TRY_ASSIGN(const auto found, answer(code, value.mv_data, value.mv_size));
    if (!found || !to_text(key).starts_with(prefix)) return std::nullopt;
    if (to_text(key) == row_sum_key) return row(prefix, Step::next);
    return Row{to_text(key), *found};
}

Result<std::optional<std::string_view>> RowReader::answer(int code, const void* data, std::size_t size) const {
    if (code == MDB_NOTFOUND) return std::nullopt;
    if (code != 0) return fail(store_->error(code, "cannot read"));
    return std::string_view(static_cast<const char*>(data), size);
}

Result<RowWriter> RowWriter::begin(std::shared_ptr<RowStore> store) {
    TRY_ASSIGN(const RowStore::Session session, store->begin(0));
    RowWriter writer(std::move(store), session);
    TRY(writer.find_sum());
    return writer;
}

// A store without a sum was written by an earlier version.
Status RowWriter::find_sum() {
    TRY_ASSIGN(const auto told, find(row_sum_key));
    if (told) {
        std::from_chars(told->data(), told->data() + told->size(), sum_, 16);
        return {};
    }
    auto row = first_row("");
    for (; row && *row; row = next_row(""))
        sum_ += row_sum((*row)->key, (*row)->value);
    if (!row) return fail(std::move(row).error());
    return {};
}

RowWriter::~RowWriter() {
    if (session_.transaction) mdb_txn_abort(session_.transaction); // closes a writer's cursors, too
    session_ = {};
}

Status RowWriter::done(int code) const {
    if (code != 0) return fail(store_->error(code, "cannot write"));
    return {};
}

Status RowWriter::write(std::string_view key, std::string_view value, unsigned flags) {
    if (flags != MDB_APPEND) {
        TRY_ASSIGN(const auto replaced, find(key));
        if (replaced) sum_ -= row_sum(key, *replaced);
    }
    sum_ += row_sum(key, value);
    MDB_val wanted_key = to_value(key), wanted_value = to_value(value);
    return done(mdb_cursor_put(session_.cursor, &wanted_key, &wanted_value, flags));
}

Status RowWriter::put(std::string_view key, std::string_view value) {
    TRY_ASSIGN(const auto present, find(key));
    if (present == value) return {};
    return write(key, value, 0);
}

Status RowWriter::remove(std::string_view key) {
    TRY_ASSIGN(const auto present, find(key));
    if (!present) return {};
    sum_ -= row_sum(key, *present);
    return done(mdb_cursor_del(session_.cursor, 0));
}

bool RowWriter::is_behind_all(std::string_view key) const {
    MDB_val last{}, value{};
    const int code = mdb_cursor_get(session_.cursor, &last, &value, MDB_LAST);
    return code == MDB_NOTFOUND || (code == 0 && to_text(last) < key);
}

Status RowWriter::replace_rows(std::string_view prefix, const Rows& wanted) {
    std::vector<std::string> gone;
    std::set<std::string_view> unchanged; // keys of `wanted`
    auto row = first_row(prefix);
    for (; row && *row; row = next_row(prefix)) {
        const auto found = wanted.find((*row)->key);
        if (found == wanted.end())
            gone.emplace_back((*row)->key);
        else if (found->second == (*row)->value)
            unchanged.insert(unchanged.end(), found->first);
    }
    if (!row) return fail(std::move(row).error());
    for (const std::string& key : gone) {
        TRY(remove(key));
    }
    // Ascending keys behind all others: appended, LMDB fills its pages instead of leaving each half empty.
    const bool append = !wanted.empty() && is_behind_all(wanted.begin()->first);
    for (const auto& [key, value] : wanted) {
        if (unchanged.contains(key)) continue;
        TRY(write(key, value, append ? MDB_APPEND : 0U));
    }
    return {};
}

Status RowWriter::clear() {
    sum_ = 0;
    return done(mdb_drop(session_.transaction, only_tree, 0));
}

Status RowWriter::commit() {
    const std::string sum = format_row_sum(sum_);
    MDB_val key = to_value(row_sum_key), value = to_value(sum);
    TRY(done(mdb_cursor_put(session_.cursor, &key, &value, 0)));
    mdb_cursor_close(session_.cursor);
    TRY(done(mdb_txn_commit(std::exchange(session_, {}).transaction)));
    seal_rows(store_->path());
    return {};
}

} // namespace mailctl
