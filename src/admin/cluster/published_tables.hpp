// SPDX-License-Identifier: Apache-2.0
// The published tables as the publisher sees them: what is in them, and the statements that change them. All of it
// happens in one transaction; whoever holds a PublishedTables is the only one who writes.
#pragma once

#include "mailctl/exchange/published_rows.hpp"
#include "mailctl/os/postgres.hpp"
#include "move_tables.hpp"
#include "renamings.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailctl {

struct PublishedGeneration {
    std::int64_t id = 0; // 0: nothing was ever published
    std::string sha256;
    std::int64_t highest_seen = 0; // that a node or a front end reported
};

// What the row of a domain says.
struct PublishedDomain {
    std::string node; // "" = the administration host
    bool split = false;
    std::vector<std::string> aliases;
    std::string unknown; // the word of the action
    std::string hash;
    bool operator==(const PublishedDomain&) const = default;
};

struct ChangedRow {
    std::string node, domain;
    PublishedRow row;
    bool deleted = false;
};

class PublishedTables {
  public:
    // Begins the transaction, and waits until no other publisher has one.
    [[nodiscard]] static Result<PublishedTables> open(const std::string& database);
    [[nodiscard]] Result<PublishedGeneration> generation();

    // Those that are not deleted; of these names, or all.
    [[nodiscard]] Result<std::map<std::string, PublishedDomain>> domains(const std::set<std::string>* names);
    // The rows of a domain, by machine.
    [[nodiscard]] Result<PublishedParts> rows(const std::string& domain);

    // Each says whether it changed something. Nodes that are left out are deleted.
    [[nodiscard]] Result<bool> put_nodes(const MailNodes& nodes, std::int64_t generation);
    [[nodiscard]] Result<bool> put_settings(const std::string& payload, const std::string& srs_digest,
                                            std::int64_t generation);
    [[nodiscard]] Status put_domains(const std::map<std::string, PublishedDomain>& domains, std::int64_t generation);
    [[nodiscard]] Status delete_domains(const std::set<std::string>& names, std::int64_t generation);
    // Rows are sent before their domains are put, and put afterwards: `next` gives one after the other, and false at
    // the end.
    [[nodiscard]] Status send_rows(const std::function<bool(ChangedRow&)>& next);
    [[nodiscard]] Status put_sent_rows(std::int64_t generation);

    // See move_tables.
    [[nodiscard]] Status put_moves(const std::set<std::string>& domains, const std::vector<MovingMail>& moves,
                                   std::int64_t generation) {
        return mailctl::put_moves(connection_, domains, moves, generation);
    }

    // See renamings.
    [[nodiscard]] Status put_renamings(std::span<const Renaming> renamings, std::int64_t generation) {
        return mailctl::put_renamings(connection_, renamings, generation);
    }

    // Old tombstones go, the generation comes into force, and who listens is told.
    [[nodiscard]] Status commit(std::int64_t generation, const std::string& sha256, const std::string& actor);

  private:
    explicit PublishedTables(Postgres connection) : connection_(std::move(connection)) {}
    Postgres connection_; // closing it takes back what was not committed
};

} // namespace mailctl
