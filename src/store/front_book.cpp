// SPDX-License-Identifier: Apache-2.0
// A domain is one row: most have few names, and its lines in the maps are made of all of them. Names are folded local
// parts and have neither tabs nor line ends.
#include "mailctl/store/front_book.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mailctl {

namespace {

constexpr std::string_view front_tables = R"sql(
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nodes (name TEXT PRIMARY KEY, lmtp TEXT NOT NULL, imap TEXT NOT NULL,
    takes_mail INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS domains (name TEXT PRIMARY KEY, names TEXT NOT NULL, node TEXT NOT NULL,
    is_moving INTEGER NOT NULL, takes_any INTEGER NOT NULL, claimed TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// "paul\tm-.\tstore2": key, what it is ('m' a mailbox, 'r' refused, '>' moving), and its machine.
std::string claimed_text(const FrontDomain& domain) {
    std::string text;
    for (const auto& name : domain.claimed)
        text += fmt::format("{}\t{}{}{}\t{}\n", name.key, name.logs_in ? "m" : "", name.is_refused ? "r" : "",
                            name.place.is_moving ? ">" : "", name.place.node);
    return text;
}

std::vector<FrontName> claimed_names(std::string_view text) {
    std::vector<FrontName> names;
    for (const auto line : split(text, '\n')) {
        const auto fields = split(line, '\t');
        if (fields.size() != 3) continue;
        const auto has = [&](char flag) { return fields[1].find(flag) != std::string_view::npos; };
        names.push_back({std::string(fields[0]), has('r'), has('m'), {std::string(fields[2]), has('>')}});
    }
    return names;
}

std::int64_t generation_in(const std::string& text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc{} ? number : 0;
}

FrontDomain front_domain_of(const SqlStatement& row) {
    FrontDomain domain{DomainName::from_trusted(row.text(0)),
                       {},
                       {row.text(2), row.integer(3) != 0},
                       row.integer(4) != 0,
                       claimed_names(row.text(5))};
    const auto names = row.text(1);
    for (const auto name : split(std::string_view(names), ','))
        if (!name.empty()) domain.names.push_back(DomainName::from_trusted(std::string(name)));
    return domain;
}

} // namespace

Result<FrontBook> FrontBook::open(const Paths& paths) {
    TRY(make_directories(paths.lib, 0755));
    DatabaseOptions options;
    options.missing = DatabaseOptions::Missing::is_created;
    TRY_ASSIGN(auto database, Database::open(paths.lib + "/front.db", options));
    TRY(database->execute(std::string(front_tables)));
    return FrontBook(std::move(database));
}

Status FrontBook::begin() {
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(*database_));
    transaction_.emplace(std::move(transaction));
    return {};
}

Status FrontBook::commit() {
    auto done = transaction_->commit();
    transaction_.reset();
    return done;
}

Result<FrontState> FrontBook::state() {
    FrontState state;
    TRY_ASSIGN(auto notes, database_->prepare("SELECT name, value FROM notes"));
    for (;;) {
        TRY_ASSIGN(const bool more, notes.next());
        if (!more) break;
        const auto name = notes.text(0);
        if (name == "generation") state.generation = generation_in(notes.text(1));
        if (name == "sha256") state.sha256 = notes.text(1);
        if (name == "settings") state.settings = notes.text(1);
        if (name == "maps") state.maps_stamp = notes.text(1);
    }
    TRY_ASSIGN(auto nodes, database_->prepare("SELECT name, lmtp, imap, takes_mail FROM nodes"));
    for (;;) {
        TRY_ASSIGN(const bool more, nodes.next());
        if (!more) return state;
        state.nodes.emplace(nodes.text(0), FrontNode{nodes.text(1), nodes.text(2), nodes.integer(3) != 0});
    }
}

Status FrontBook::put_state(const FrontState& state) {
    TRY_ASSIGN(auto note, database_->prepare("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)"));
    TRY(note.bind("generation").bind_blob(std::to_string(state.generation)).run());
    TRY(note.again().bind("sha256").bind_blob(state.sha256).run());
    TRY(note.again().bind("settings").bind_blob(state.settings).run());
    TRY(note.again().bind("maps").bind_blob(state.maps_stamp).run());
    TRY(database_->execute("DELETE FROM nodes"));
    TRY_ASSIGN(auto row, database_->prepare("INSERT INTO nodes (name, lmtp, imap, takes_mail) VALUES (?, ?, ?, ?)"));
    for (const auto& [name, node] : state.nodes) {
        TRY(row.again().bind(name).bind(node.lmtp).bind(node.imap).bind(std::int64_t{node.takes_mail}).run());
    }
    return {};
}

Result<std::optional<FrontDomain>> FrontBook::find(const DomainName& name) {
    TRY_ASSIGN(auto row, database_->prepare("SELECT name, names, node, is_moving, takes_any, claimed FROM domains "
                                            "WHERE name = ?"));
    TRY_ASSIGN(const bool found, row.bind(name.text()).next());
    if (!found) return std::nullopt;
    return std::optional(front_domain_of(row));
}

Status FrontBook::put(const FrontDomain& domain) {
    std::vector<std::string> names;
    for (const auto& name : domain.names)
        names.push_back(name.text());
    TRY_ASSIGN(auto row, database_->prepare("INSERT OR REPLACE INTO domains (name, names, node, is_moving, takes_any, "
                                            "claimed) VALUES (?, ?, ?, ?, ?, ?)"));
    row.bind(domain.name.text()).bind(join(names, ",")).bind(domain.place.node);
    row.bind(std::int64_t{domain.place.is_moving}).bind(std::int64_t{domain.takes_any_name});
    return row.bind(claimed_text(domain)).run();
}

Status FrontBook::remove(const DomainName& name) {
    TRY_ASSIGN(auto row, database_->prepare("DELETE FROM domains WHERE name = ?"));
    return row.bind(name.text()).run();
}

Status FrontBook::clear() { return database_->execute("DELETE FROM domains"); }

Status FrontBook::each(const std::function<Status(const FrontDomain&)>& take) {
    TRY_ASSIGN(auto rows, database_->prepare("SELECT name, names, node, is_moving, takes_any, claimed FROM domains "
                                             "ORDER BY name"));
    for (;;) {
        TRY_ASSIGN(const bool more, rows.next());
        if (!more) return {};
        TRY(take(front_domain_of(rows)));
    }
}

} // namespace mailctl
