// SPDX-License-Identifier: Apache-2.0
// Times are microseconds since 1970 in UTC. Addresses are written as in the directory: folded local part, A-labels.
// Each table belongs to the topic module of its name.
#include "state_schema.hpp"

#include <array>

namespace mailctl {

namespace {

constexpr std::string_view version_1 = R"sql(
CREATE TABLE tombstones (        -- names of deleted mailboxes, and where their mail is
    address    TEXT NOT NULL,
    change     INTEGER NOT NULL, -- record of the history that deleted it
    deleted    INTEGER NOT NULL,
    archive    TEXT,             -- place below the mail root; NULL: no mail is kept
    keep_until INTEGER,          -- NULL: until it is removed by hand
    cleared    INTEGER,          -- when the name was given out again; NULL: it takes --reuse
    PRIMARY KEY (address, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_to_expire ON tombstones (keep_until) WHERE keep_until IS NOT NULL AND archive IS NOT NULL;

CREATE TABLE codes (             -- one-time codes for a new password
    id       INTEGER PRIMARY KEY,
    address  TEXT NOT NULL,
    hash     TEXT NOT NULL,
    issued   INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    spent    INTEGER             -- when it was redeemed, or given up for a newer one
) STRICT;
CREATE INDEX codes_of_address ON codes (address, issued);

CREATE TABLE candidates (        -- unknown names that got mail
    domain       TEXT NOT NULL,
    local        TEXT NOT NULL,
    first        INTEGER NOT NULL,
    last         INTEGER NOT NULL,
    count        INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    last_sender  TEXT NOT NULL,
    last_subject TEXT NOT NULL,
    PRIMARY KEY (domain, local)
) STRICT, WITHOUT ROWID;
CREATE INDEX candidates_by_age ON candidates (last);

CREATE TABLE answers (           -- who was answered by a robot or an autoreply
    responder TEXT NOT NULL,
    sender    TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    answered  INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,  -- 0: intended, and perhaps never sent
    PRIMARY KEY (responder, sender, text_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (answered);

CREATE TABLE ban_hits (          -- how often a banished name was asked for
    domain  TEXT NOT NULL,
    pattern TEXT NOT NULL,
    count   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    PRIMARY KEY (domain, pattern)
) STRICT, WITHOUT ROWID;

CREATE TABLE warnings (          -- quota warnings that were sent and still hold
    mailbox TEXT NOT NULL,
    level   INTEGER NOT NULL,    -- percent
    warned  INTEGER NOT NULL,
    PRIMARY KEY (mailbox, level)
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::string_view version_2 = R"sql(
CREATE TABLE answer_counts (     -- replies of a day, for the limits
    responder TEXT NOT NULL,
    day       INTEGER NOT NULL,  -- since 1970, UTC
    domain    TEXT NOT NULL,     -- of the senders; '' = all of them
    count     INTEGER NOT NULL,
    PRIMARY KEY (responder, day, domain)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_counts_by_day ON answer_counts (day);
)sql";

constexpr std::string_view version_3 = R"sql(
CREATE TABLE dns_domains (       -- whether mail for a domain comes to us, as its MX says
    domain     TEXT NOT NULL,
    active     INTEGER NOT NULL, -- 0: pending
    since      INTEGER,          -- NULL: it was never looked at
    bad_rounds INTEGER NOT NULL, -- in a row
    counted    INTEGER,          -- the last of them
    PRIMARY KEY (domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE dns_records (       -- what was last seen of each record, in the order it is shown
    domain    TEXT NOT NULL,
    name      TEXT NOT NULL,
    type      TEXT NOT NULL,
    aspect    TEXT NOT NULL,     -- '': the record itself
    state     TEXT NOT NULL,
    required  INTEGER NOT NULL,
    expected  TEXT NOT NULL,
    found     TEXT NOT NULL,     -- one value a line
    hint      TEXT NOT NULL,
    since     INTEGER NOT NULL,
    last_good INTEGER,
    PRIMARY KEY (domain, name, type, aspect)
) STRICT;
)sql";

constexpr std::array versions{version_1, version_2, version_3};

// What opens a mailbox is the administrator's alone; the table of that name in state.db is not used any more.
constexpr std::string_view codes_1 = R"sql(
CREATE TABLE codes (             -- one-time codes for a new password
    id       INTEGER PRIMARY KEY,
    address  TEXT NOT NULL,
    hash     TEXT NOT NULL,
    issued   INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    spent    INTEGER             -- when it was redeemed, or given up for a newer one
) STRICT;
CREATE INDEX codes_of_address ON codes (address, issued);
)sql";

constexpr std::array versions_of_codes{codes_1};

} // namespace

std::span<const std::string_view> state_schema() { return versions; }
std::span<const std::string_view> codes_schema() { return versions_of_codes; }

} // namespace mailctl
