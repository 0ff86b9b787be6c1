// SPDX-License-Identifier: Apache-2.0
// Times are microseconds since 1970 in UTC; hashes those of exchange/logs/story_book. A row of `deliveries` is one of
// Story::rows(), by its number there.
#include "track_schema.hpp"

namespace mailctl {
namespace {

constexpr std::string_view track_tables = R"sql(
CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;        -- hosts and instances
CREATE TABLE addresses (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;     -- address_key()
CREATE TABLE messages (
    number     INTEGER PRIMARY KEY,
    host       INTEGER NOT NULL,
    instance   INTEGER NOT NULL,
    id         TEXT NOT NULL,
    id_hash    INTEGER NOT NULL,
    message_id_hash INTEGER,
    last       INTEGER NOT NULL,
    flags      INTEGER NOT NULL,     -- 1 open, 2 passed on, 4 superseded
    parent     INTEGER,
    lines      BLOB NOT NULL
) STRICT;
CREATE TABLE deliveries (
    time       INTEGER NOT NULL,
    message    INTEGER NOT NULL,
    row        INTEGER NOT NULL,
    sender     INTEGER,              -- NULL: not heard
    recipient  INTEGER,              -- NULL: none
    original   INTEGER,
    status     INTEGER NOT NULL,     -- MailStatus
    PRIMARY KEY (time, message, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE decisions (             -- the agent's journal
    message_id_hash INTEGER NOT NULL,
    time       INTEGER NOT NULL,
    line       TEXT NOT NULL,
    PRIMARY KEY (message_id_hash, time, line)
) STRICT, WITHOUT ROWID;
CREATE TABLE logs (number INTEGER PRIMARY KEY, head_length INTEGER NOT NULL, head_hash INTEGER NOT NULL,
    offset INTEGER NOT NULL, tail_hash INTEGER NOT NULL, last INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;
CREATE TABLE files (device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    log INTEGER NOT NULL, PRIMARY KEY (device, inode)) STRICT, WITHOUT ROWID;
CREATE TABLE heard (host TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// What an update asks for itself.
constexpr std::string_view id_indexes = R"sql(
CREATE INDEX IF NOT EXISTS messages_by_id ON messages (id_hash);
CREATE INDEX IF NOT EXISTS messages_by_message_id ON messages (message_id_hash) WHERE message_id_hash IS NOT NULL;
)sql";

// Of few rows: to look through all for them takes longer than to put them in their places one by one.
constexpr std::string_view early_indexes = R"sql(
CREATE INDEX IF NOT EXISTS messages_by_parent ON messages (parent) WHERE parent IS NOT NULL;
CREATE INDEX IF NOT EXISTS messages_open ON messages (id_hash) WHERE flags & 1;
CREATE INDEX IF NOT EXISTS deliveries_by_original ON deliveries (original, time) WHERE original IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_unusual ON deliveries (status, time) WHERE status <> 2 AND status <> 9; -- sent, delivered
)sql";

constexpr std::string_view late_indexes = R"sql(
CREATE INDEX IF NOT EXISTS messages_by_last ON messages (last);
CREATE INDEX IF NOT EXISTS deliveries_by_sender ON deliveries (sender, time) WHERE sender IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_by_recipient ON deliveries (recipient, time) WHERE recipient IS NOT NULL;
)sql";

} // namespace

std::string_view track_schema() { return track_tables; }
std::string_view track_id_indexes() { return id_indexes; }
std::string_view track_early_indexes() { return early_indexes; }
std::string_view track_indexes() { return late_indexes; }

} // namespace mailctl
