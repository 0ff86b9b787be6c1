// SPDX-License-Identifier: Apache-2.0
// The history of changes: one record per change in lib/history, mode 0600 in a 0700 directory (records hold password
// hashes). A record is a list of patches with the digests of both texts, so that it serves three ends: to show what
// happened, to undo it later, and to finish or take back a change that was killed half-way (the pending record is
// written before any file). The record format is lines of words; every free string carries its length, and the last
// line is the digest of all before.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/config/toml/patch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct FileChange {
    std::string path;                                       // relative to etc: "domains/example.com.toml"
    std::optional<std::string> before_digest, after_digest; // nullopt: the file does not exist then
    Patch patch;                                            // an absent file counts as the empty text
    bool operator==(const FileChange&) const = default;
};
// nullopt = the file does not exist. `before_digest`: where it is known.
[[nodiscard]] FileChange make_file_change(std::string path, const std::optional<std::string>& before,
                                          const std::optional<std::string>& after,
                                          std::optional<std::string> before_digest = {});

// What is to become of the mail of one mailbox where the texts do not say it; admin/mail_moves gives words a meaning.
struct MailOrder {
    std::string verb;     // one word
    std::string mailbox;  // "paul@example.com"
    std::string argument; // may be empty
    bool operator==(const MailOrder&) const = default;
};

struct HistoryRecord {
    std::uint64_t id = 0; // 1, 2, 3 ...
    Instant time;
    std::string actor, command, reason;
    std::optional<std::uint64_t> reverts; // the record this one undid
    std::vector<FileChange> files;        // by path; of one file in the order in which they happened
    std::vector<MailOrder> mail = {};
    bool operator==(const HistoryRecord&) const = default;
};
[[nodiscard]] std::string format_record(const HistoryRecord& record);
// Strict: invalid for anything format_record would not have written, a torn or altered record included.
[[nodiscard]] Result<HistoryRecord> parse_record(std::string_view text);

// `history` below is the directory Paths::history. Writers hold the site lock.
[[nodiscard]] Result<std::uint64_t> next_record_id(const std::string& history); // an absent directory gives 1
// The record of a change that began and did not finish; nullopt when all is well, or where it cannot be read: then it
// says nothing, and a writer sets it aside.
[[nodiscard]] Result<std::optional<HistoryRecord>> find_pending(const std::string& history);
// Durable before it returns; from here on a killed change is found again by find_pending. Creates the directory.
[[nodiscard]] Status save_pending(const std::string& history, const HistoryRecord& record);
// The pending record becomes record `id`, durably: the change is done.
[[nodiscard]] Status publish_pending(const std::string& history, std::uint64_t id);
[[nodiscard]] Status drop_pending(const std::string& history); // the change was taken back
// A pending record that cannot be read gets another name, which is returned; nullopt: there is none. Caller holds the
// lock.
[[nodiscard]] Result<std::optional<std::string>> set_aside_unreadable(const std::string& history);
// missing: there is no such change; invalid: its record is damaged.
[[nodiscard]] Result<HistoryRecord> load_record(const std::string& history, std::uint64_t id);
// The newest `limit` records before `before_id` (0 = from the newest), newest first. Those that cannot be read are left
// out, and `damaged` names their files: each is needed for its own change only.
[[nodiscard]] Result<std::vector<HistoryRecord>> list_records(const std::string& history, std::size_t limit,
                                                              std::uint64_t before_id = 0,
                                                              std::vector<std::string>* damaged = nullptr);

} // namespace mailctl
