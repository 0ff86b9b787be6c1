// SPDX-License-Identifier: Apache-2.0
// The published directory as a node or a front end reads it: all of one generation, in one transaction that sees
// nothing of a later one. What was fetched last stands in the reader's GenerationBook.
#pragma once

#include "mailctl/exchange/published_rows.hpp"
#include "mailctl/os/postgres.hpp"
#include "mailctl/store/generation_book.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace mailctl {

// What is to be fetched: the changes of the generations after `since` up to `id`; all that stands where since is 0.
struct DirectoryNews {
    std::int64_t since = 0, id = 0;
    std::string sha256; // of generation `id`
    [[nodiscard]] bool is_whole() const { return since == 0; }
};

struct DirectorySettings {
    std::string payload, srs_digest;
};

struct FetchedRow {
    std::string domain;
    PublishedRow row;
    bool deleted = false;
};

// What a reader says of itself.
struct DirectoryStatus {
    std::string name; // of the node; of a front end its hostname
    bool front = false;
    std::int64_t generation = 0;
    std::string sha256, error, version;
    bool compiled = false; // just now
};

class DirectoryReader {
  public:
    [[nodiscard]] static Result<DirectoryReader> open(const std::string& database);
    // Begins to read. conflict: nothing was ever published, or the database is older than what the book has. All is
    // to be fetched where the book's generation is not in the database, is another there, or is so old that its
    // tombstones may be gone.
    [[nodiscard]] Result<DirectoryNews> begin(const GenerationBook& book);
    [[nodiscard]] Status end();

    [[nodiscard]] Result<std::int64_t> get_node(const std::string& name); // its number. missing: with the nearest
    [[nodiscard]] Result<DirectorySettings> settings();
    using RowTaker = std::function<Status(FetchedRow)>;
    // Rows of a machine, by domain and name, the domain's own first.
    [[nodiscard]] Status rows(std::int64_t node, const DirectoryNews& news, const RowTaker& take);
    [[nodiscard]] Status rows_of(std::int64_t node, const std::string& domain, const RowTaker& take); // all that stand
    // The seals of all its domains, by name.
    [[nodiscard]] Result<std::map<std::string, std::string>> seals(std::int64_t node);

    [[nodiscard]] Status listen();
    // True: something was published meanwhile.
    [[nodiscard]] Result<bool> wait(std::chrono::milliseconds time) { return connection_.wait(time); }

    [[nodiscard]] Postgres& connection() { return connection_; }

  private:
    explicit DirectoryReader(Postgres connection) : connection_(std::move(connection)) {}
    Postgres connection_;
};

// On a connection of its own, to a server that takes writes: a reader may be at a standby.
[[nodiscard]] Status report_status(const std::string& database, const DirectoryStatus& status);

// Until something is published, or that time is over. A connection that breaks meanwhile is given up, so that whoever
// asks next makes another, in a while.
void wait_for_news(std::unique_ptr<DirectoryReader>& reader, std::chrono::milliseconds time);

} // namespace mailctl
