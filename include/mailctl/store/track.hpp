// SPDX-License-Identifier: Apache-2.0
// What became of mail in the last days (track.db): the stories of the MTA's log as their lines, and an index of rows,
// one message for one recipient each, by time, sender and recipient. What was read of which log is kept in the same
// transactions. It can be made again from the logs as long as they are there, and holds peers' text: for root alone.
#pragma once

#include "mailctl/base/hash_index.hpp"
#include "mailctl/exchange/logs/story_book.hpp"
#include "mailctl/store/database.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <map>

namespace mailctl {

// A log known by its content: its first bytes, how far it was read, and the last bytes before there.
struct KnownLog {
    std::int64_t number = 0; // 0 = not kept yet
    std::uint64_t head_length = 0, head_hash = 0;
    std::uint64_t offset = 0, tail_hash = 0; // of the last tail_length bytes before `offset`, or of all
    Instant last;                            // time of its last line
};
inline constexpr std::size_t log_head_length = 1024, log_tail_length = 256;

struct LogFile { // where a log lay when it was last read
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t log = 0; // KnownLog::number
};

struct Decision { // a line of the agent's journal, of this message
    Instant time;
    std::string message_id, line;
};

// "local@DOMAIN" as it is looked up: the domain, '@', the local part, all folded.
[[nodiscard]] std::string address_key(std::string_view address);

class TrackStore : public PastStories {
  public:
    // Made where it is missing. temporary: cannot be opened, damaged, of another version.
    static Result<std::unique_ptr<TrackStore>> open_to_write(const std::string& path);
    // missing: there is none yet.
    static Result<std::unique_ptr<TrackStore>> open_to_read(const std::string& path);
    ~TrackStore() override;
    [[nodiscard]] Database& database() { return *database_; }

    // Writing, in a transaction of the caller.
    Result<SqlTransaction> begin() { return SqlTransaction::begin(*database_); }
    Status keep(const Story& story, bool is_new, const std::vector<Instant>& kept_rows);
    Status keep(const Decision& decision); // once, however often it is told
    Status forget_before(Instant time);    // addresses that nobody mentions any more go some time later
    // What searches need, and a first update makes when it is through: many rows are sorted faster than they are put in
    // their places one by one. Until then the ids of a new database are found in memory.
    Status make_indexes();
    // The oldest messages go until the database is smaller than this. Returns whether any went.
    Result<bool> shrink_to(ByteCount size);

    // What was read.
    Result<std::vector<KnownLog>> known_logs();
    Result<KnownLog> keep(const KnownLog& log, Instant now); // with its number
    Result<std::optional<LogFile>> find_file(std::uint64_t device, std::uint64_t inode);
    Status keep(const LogFile& file);
    Result<std::map<std::string, Instant, std::less<>>> heard_until(); // by host
    Status keep_heard_until(const std::map<std::string, Instant, std::less<>>& hosts);
    Result<std::string> note(const std::string& name); // "": none
    Status keep_note(const std::string& name, const std::string& text);

    // Reading.
    Result<std::optional<Story>> find_story(std::uint64_t number);
    Result<std::vector<Story>> children_of(std::uint64_t number);
    Result<std::vector<Decision>> decisions_about(std::string_view message_id);
    Result<std::vector<Story>> with_any_id(std::string_view id); // a queue id on any host, or a message id
    Result<std::vector<Story>> with_id(std::uint64_t hash) override;
    Result<std::vector<Story>> with_message_id(std::uint64_t hash) override;
    Result<std::unordered_set<std::uint64_t>> open_ids() override;
    Result<std::uint64_t> last_number() override;

  private:
    struct Writing; // the statements of an update
    explicit TrackStore(std::unique_ptr<Database> database);
    Status prepare_writing();
    Status load_names();
    Result<std::int64_t> id_of_name(const std::string& name);
    Result<std::optional<std::int64_t>> id_of_address(std::string_view address);
    Status forget_addresses(std::int64_t messages_gone);
    Status make_id_indexes();
    Status note_ids(const Story& story, bool is_new);
    Result<std::vector<Story>> stories_noted(const HashIndex<std::uint64_t>& numbers, std::uint64_t hash);
    Status keep_rows(const Story& story);
    Status drop_rows(const Story& story, const std::vector<Instant>& kept_rows);
    Result<Story> story_of(SqlStatement& row) const;
    Result<std::vector<Story>> stories_where(std::string_view condition, std::int64_t value);

    std::unique_ptr<Database> database_;
    std::unique_ptr<Writing> writing_; // opened to write; ends before the database does
    std::map<std::string, std::int64_t, std::less<>> names_;
    std::map<std::int64_t, std::string> texts_;
    struct KnownAddress {
        std::string key;
        std::int64_t id = 0;
    };
    void forget_cached_addresses();
    std::deque<KnownAddress> addresses_; // a cache, emptied when it gets large
    HashIndex<const KnownAddress*> addresses_by_hash_;
    struct NewIds { // of all messages of a database without indexes: hash -> number
        HashIndex<std::uint64_t> by_id, by_message_id;
    };
    std::optional<NewIds> new_ids_;
};

} // namespace mailctl
