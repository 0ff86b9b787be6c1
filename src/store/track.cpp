// SPDX-License-Identifier: Apache-2.0
// A story is written as its lines, whatever else is known being read from them again; the rows are the index. Times are
// microseconds since 1970 in UTC.
#include "mailctl/store/track.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "track_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <sys/stat.h>

namespace mailctl {
namespace {

constexpr std::int64_t flag_open = 1, flag_passed_on = 2, flag_superseded = 4;
constexpr std::size_t most_cached_addresses = 200'000;
constexpr auto log_memory = std::chrono::days(400); // how long a log that is gone is still known

std::int64_t signed_of(std::uint64_t hash) { return static_cast<std::int64_t>(hash); }

Result<std::int64_t> track_version_of(Database& database) {
    TRY_ASSIGN(auto version, database.prepare("PRAGMA user_version"));
    TRY_ASSIGN(const bool found, version.next());
    return found ? version.integer(0) : 0;
}

Status check_track_version(Database& database, std::int64_t version) {
    if (version == track_version) return {};
    return fail(ErrorKind::temporary,
                fmt::format("'{}' is of version {}, this program knows {}", database.path(), version, track_version),
                "move it away; 'mailctl track update' reads the logs again");
}

Result<std::unique_ptr<Database>> open_track(const std::string& path) {
    DatabaseOptions options;
    options.durability = DatabaseOptions::Durability::after_crash; // the logs are there to be read again
    auto database = Database::open(path, options);
    if (!database && database.error().os_error == 0)
        database.error().hint = "move it away; 'mailctl track update' reads the logs again";
    return database;
}

Status make_track_tables(Database& database) {
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(database));
    TRY_ASSIGN(const auto version, track_version_of(database));
    if (version == 0) {
        TRY(database.execute(std::string(track_schema())));
        TRY(database.execute(std::string(track_early_indexes())));
        TRY(database.execute(fmt::format("PRAGMA user_version = {}", track_version)));
    }
    TRY(transaction.commit());
    return version == 0 ? Status{} : check_track_version(database, version);
}

constexpr std::string_view story_columns =
    "SELECT number, host, instance, id, flags, parent, lines FROM messages WHERE ";

} // namespace

// Prepared once: an update of a million lines uses them a million times.
struct TrackStore::Writing {
    SqlStatement message, delivery, address, address_id;
};

TrackStore::TrackStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
TrackStore::~TrackStore() = default;

Status TrackStore::prepare_writing() {
    TRY_ASSIGN(auto message, database_->prepare("INSERT OR REPLACE INTO messages (number, host, instance, id, id_hash, "
                                                "message_id_hash, last, flags, parent, lines) "
                                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    TRY_ASSIGN(auto delivery, database_->prepare("INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?)"));
    TRY_ASSIGN(auto address, database_->prepare("INSERT INTO addresses (key) VALUES (?) ON CONFLICT DO NOTHING"));
    TRY_ASSIGN(auto address_id, database_->prepare("SELECT id FROM addresses WHERE key = ?"));
    writing_ = std::make_unique<Writing>(
        Writing{std::move(message), std::move(delivery), std::move(address), std::move(address_id)});
    return {};
}

std::string address_key(std::string_view address) {
    const std::size_t at = address.rfind('@');
    const bool has_domain = at != std::string_view::npos;
    std::string key;
    key.reserve(address.size() + 1);
    if (has_domain) key.append(address.substr(at + 1));
    key.append(1, '@').append(has_domain ? address.substr(0, at) : address);
    return fold(key);
}

Result<std::unique_ptr<TrackStore>> TrackStore::open_to_write(const std::string& path) {
    if (::mknod(path.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST)
        return fail(system_error(errno, "cannot create", path));
    TRY_ASSIGN(auto database, open_track(path));
    TRY(make_track_tables(*database));
    // An update writes much at once: few checkpoints, and the room they took is given back.
    TRY(database->execute("PRAGMA cache_size = -24576; PRAGMA wal_autocheckpoint = 16384; "
                          "PRAGMA journal_size_limit = 4194304; PRAGMA temp_store = DEFAULT")); // sorts on disk
    std::unique_ptr<TrackStore> store(new TrackStore(std::move(database)));
    TRY(store->load_names());
    TRY(store->prepare_writing());
    TRY_ASSIGN(const auto last, store->last_number());
    if (last == 0) {
        store->new_ids_.emplace();
    } else { // they are missing where a first update was killed
        TRY(store->make_id_indexes());
    }
    return store;
}

Result<std::unique_ptr<TrackStore>> TrackStore::open_to_read(const std::string& path) {
    TRY_ASSIGN(const auto stamp, find_stamp(path));
    if (!stamp) return fail(ErrorKind::missing, "nothing has been tracked yet", "mailctl track update");
    TRY_ASSIGN(auto database, open_track(path));
    TRY_ASSIGN(const auto version, track_version_of(*database));
    TRY(check_track_version(*database, version));
    std::unique_ptr<TrackStore> store(new TrackStore(std::move(database)));
    TRY(store->load_names());
    return store;
}

Status TrackStore::load_names() {
    TRY_ASSIGN(auto rows, database_->prepare("SELECT id, text FROM names"));
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return {};
        names_.emplace(rows.text(1), rows.integer(0));
        texts_.emplace(rows.integer(0), rows.text(1));
    }
}

Result<std::int64_t> TrackStore::id_of_name(const std::string& name) {
    if (const auto known = names_.find(name); known != names_.end()) return known->second;
    TRY_ASSIGN(auto insert, database_->prepare("INSERT INTO names (text) VALUES (?)"));
    TRY(insert.bind(name).run());
    const auto id = database_->last_row_id();
    names_.emplace(name, id);
    texts_.emplace(id, name);
    return id;
}

Result<std::optional<std::int64_t>> TrackStore::id_of_address(std::string_view address) {
    auto key = address_key(address);
    const auto hash = hash_of_text(key);
    std::optional<std::int64_t> id;
    addresses_by_hash_.for_each(hash, [&](const KnownAddress* known) {
        if (known->key == key) id = known->id;
    });
    if (id) return id;
    TRY(writing_->address.again().bind(key).run());
    id = database_->last_row_id();
    if (database_->changed_rows() == 0) {
        auto& find = writing_->address_id.again().bind(key);
        TRY(find.next());
        id = find.integer(0);
        find.again(); // it reads no longer: a checkpoint waits for readers
    }
    if (addresses_.size() >= most_cached_addresses) forget_cached_addresses();
    addresses_by_hash_.add(hash, &addresses_.emplace_back(KnownAddress{std::move(key), *id}));
    return id;
}

void TrackStore::forget_cached_addresses() {
    addresses_.clear();
    addresses_by_hash_.clear();
}

Status TrackStore::keep(const Story& story, bool is_new, const std::vector<Instant>& kept_rows) {
    if (!is_new) {
        TRY(drop_rows(story, kept_rows));
    }
    TRY_ASSIGN(const auto host, id_of_name(story.host));
    TRY_ASSIGN(const auto instance, id_of_name(story.instance));
    auto& insert = writing_->message.again();
    insert.bind(signed_of(story.number)).bind(host).bind(instance).bind(story.id);
    insert.bind(signed_of(hash_of(story)));
    if (story.message_id().empty())
        insert.bind_null();
    else
        insert.bind(signed_of(hash_of_text(story.message_id())));
    const auto flags = (story.is_closed() ? 0 : flag_open) | (story.passed_on ? flag_passed_on : 0) |
                       (story.superseded ? flag_superseded : 0);
    insert.bind(story.last()).bind(flags);
    if (story.parent == 0)
        insert.bind_null();
    else
        insert.bind(signed_of(story.parent));
    TRY(insert.bind_blob(story.lines()).run());
    TRY(note_ids(story, is_new));
    return keep_rows(story);
}

Status TrackStore::keep_rows(const Story& story) {
    std::optional<std::int64_t> sender;
    if (story.has_sender()) {
        TRY_ASSIGN(sender, id_of_address(story.sender()));
    }
    std::int64_t number = 0;
    for (const auto& row : story.rows()) {
        std::optional<std::int64_t> recipient, original;
        if (row.has_recipient) {
            TRY_ASSIGN(recipient, id_of_address(row.recipient));
        }
        if (!row.original.empty()) {
            TRY_ASSIGN(original, id_of_address(row.original));
        }
        auto& insert = writing_->delivery.again();
        insert.bind(row.time).bind(signed_of(story.number)).bind(number++).bind(sender).bind(recipient).bind(original);
        TRY(insert.bind(static_cast<std::int64_t>(row.status)).run());
    }
    return {};
}

Status TrackStore::drop_rows(const Story& story, const std::vector<Instant>& kept_rows) {
    std::int64_t number = 0;
    for (const Instant time : kept_rows) {
        TRY_ASSIGN(auto remove,
                   database_->prepare("DELETE FROM deliveries WHERE time = ? AND message = ? AND row = ?"));
        TRY(remove.bind(time).bind(signed_of(story.number)).bind(number++).run());
    }
    return {};
}

Status TrackStore::keep(const Decision& decision) {
    TRY_ASSIGN(auto insert, database_->prepare("INSERT OR IGNORE INTO decisions VALUES (?, ?, ?)"));
    const auto hash = hash_of_text(bare_message_id(decision.message_id));
    return insert.bind(signed_of(hash)).bind(decision.time).bind(decision.line).run();
}

Result<std::vector<KnownLog>> TrackStore::known_logs() {
    std::vector<KnownLog> logs;
    TRY_ASSIGN(auto rows,
               database_->prepare("SELECT number, head_length, head_hash, offset, tail_hash, last FROM logs"));
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return logs;
        const auto natural = [&](int column) { return static_cast<std::uint64_t>(rows.integer(column)); };
        logs.push_back({rows.integer(0), natural(1), natural(2), natural(3), natural(4), rows.instant(5)});
    }
}

Result<KnownLog> TrackStore::keep(const KnownLog& log, Instant now) {
    TRY_ASSIGN(auto insert, database_->prepare("INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?, ?, ?, ?)"));
    if (log.number == 0)
        insert.bind_null();
    else
        insert.bind(log.number);
    insert.bind(signed_of(log.head_length)).bind(signed_of(log.head_hash)).bind(signed_of(log.offset));
    TRY(insert.bind(signed_of(log.tail_hash)).bind(log.last).bind(now).run());
    KnownLog kept = log;
    if (kept.number == 0) kept.number = database_->last_row_id();
    TRY_ASSIGN(auto remove, database_->prepare("DELETE FROM logs WHERE seen < ?"));
    TRY(remove.bind(now - log_memory).run());
    return kept;
}

Result<std::optional<LogFile>> TrackStore::find_file(std::uint64_t device, std::uint64_t inode) {
    TRY_ASSIGN(auto row, database_->prepare("SELECT size, mtime, log FROM files WHERE device = ? AND inode = ? "
                                            "AND log IN (SELECT number FROM logs)"));
    row.bind(signed_of(device)).bind(signed_of(inode));
    TRY_ASSIGN(const bool found, row.next());
    if (!found) return std::nullopt;
    return LogFile{device, inode, static_cast<std::uint64_t>(row.integer(0)), row.integer(1), row.integer(2)};
}

Status TrackStore::keep(const LogFile& file) {
    TRY_ASSIGN(auto insert, database_->prepare("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)"));
    insert.bind(signed_of(file.device)).bind(signed_of(file.inode)).bind(signed_of(file.size));
    return insert.bind(file.mtime_ns).bind(file.log).run();
}

Result<std::map<std::string, Instant, std::less<>>> TrackStore::heard_until() {
    std::map<std::string, Instant, std::less<>> hosts;
    TRY_ASSIGN(auto rows, database_->prepare("SELECT host, until FROM heard"));
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return hosts;
        hosts.emplace(rows.text(0), rows.instant(1));
    }
}

Status TrackStore::keep_heard_until(const std::map<std::string, Instant, std::less<>>& hosts) {
    for (const auto& [host, until] : hosts) {
        TRY_ASSIGN(auto insert, database_->prepare("INSERT OR REPLACE INTO heard VALUES (?, ?)"));
        TRY(insert.bind(host).bind(until).run());
    }
    return {};
}

Result<std::string> TrackStore::note(const std::string& name) {
    TRY_ASSIGN(auto row, database_->prepare("SELECT text FROM notes WHERE name = ?"));
    row.bind(name);
    TRY_ASSIGN(const bool found, row.next());
    return found ? row.text(0) : std::string();
}

Status TrackStore::keep_note(const std::string& name, const std::string& text) {
    TRY_ASSIGN(auto insert, database_->prepare("INSERT OR REPLACE INTO notes VALUES (?, ?)"));
    return insert.bind(name).bind(text).run();
}

Result<Story> TrackStore::story_of(SqlStatement& row) const {
    const auto name = [&](int column) {
        const auto found = texts_.find(row.integer(column));
        return found == texts_.end() ? std::string() : found->second;
    };
    Story story(name(1), name(2), row.text(3));
    story.number = static_cast<std::uint64_t>(row.integer(0));
    const auto flags = row.integer(4);
    story.passed_on = (flags & flag_passed_on) != 0;
    story.superseded = (flags & flag_superseded) != 0;
    story.parent = static_cast<std::uint64_t>(row.integer(5));
    if (!story.replay(row.bytes(6)))
        return fail(ErrorKind::temporary, fmt::format("'{}' is damaged", database_->path()),
                    "move it away; 'mailctl track update' reads the logs again");
    return story;
}

Result<std::vector<Story>> TrackStore::stories_where(std::string_view condition, std::int64_t value) {
    std::vector<Story> stories;
    TRY_ASSIGN(auto rows, database_->prepare(fmt::format("{}{} = ? ORDER BY number", story_columns, condition)));
    rows.bind(value);
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return stories;
        TRY_ASSIGN(auto story, story_of(rows));
        stories.push_back(std::move(story));
    }
}

Result<std::optional<Story>> TrackStore::find_story(std::uint64_t number) {
    TRY_ASSIGN(auto stories, stories_where("number", signed_of(number)));
    if (stories.empty()) return std::nullopt;
    return std::move(stories.front());
}

Result<std::vector<Story>> TrackStore::children_of(std::uint64_t number) {
    return stories_where("parent", signed_of(number));
}

Result<std::vector<Story>> TrackStore::with_any_id(std::string_view id) {
    const auto bare = bare_message_id(id);
    TRY_ASSIGN(auto stories, with_message_id(hash_of_text(bare)));
    for (const auto& [name, number] : names_) {
        TRY_ASSIGN(auto of_host, with_id(hash_of_id(name, id)));
        std::ranges::move(of_host, std::back_inserter(stories));
    }
    std::erase_if(stories, [&](const Story& story) { return story.id != id && story.message_id() != bare; });
    return stories;
}

Result<std::vector<Decision>> TrackStore::decisions_about(std::string_view message_id) {
    std::vector<Decision> decisions;
    TRY_ASSIGN(auto rows,
               database_->prepare("SELECT time, line FROM decisions WHERE message_id_hash = ? ORDER BY time"));
    rows.bind(signed_of(hash_of_text(bare_message_id(message_id))));
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return decisions;
        decisions.push_back({rows.instant(0), std::string(message_id), rows.text(1)});
    }
}

Result<std::unordered_set<std::uint64_t>> TrackStore::open_ids() {
    std::unordered_set<std::uint64_t> hashes;
    TRY_ASSIGN(auto rows, database_->prepare("SELECT id_hash FROM messages WHERE flags & 1"));
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return hashes;
        hashes.insert(static_cast<std::uint64_t>(rows.integer(0)));
    }
}

Result<std::uint64_t> TrackStore::last_number() {
    TRY_ASSIGN(auto row, database_->prepare("SELECT coalesce(max(number), 0) FROM messages"));
    TRY(row.next());
    return static_cast<std::uint64_t>(row.integer(0));
}

} // namespace mailctl
