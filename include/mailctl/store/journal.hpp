// SPDX-License-Identifier: Apache-2.0
// The delivery journal: what became of each recipient and why, one JSON object per line, to syslog, a standard stream
// or a file. Writing it neither fails nor holds up a delivery: by then the message is where it belongs. What has to
// wait for a reader is JournalOutlet's.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/store/journal_outlet.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace mailctl {

enum class JournalTarget { syslog, standard_output, standard_error, file };

struct JournalEntry {
    Instant time;
    std::string id;         // of the transaction
    std::string message_id; // the message's own, to find it in other logs
    std::string sender;     // "" = the null sender
    std::string recipient;  // as asked
    // delivered, forwarded, accepted (by a robot, which keeps nothing), discarded, rejected, deferred; refused: a
    // target, by the next hop; answered, not answered: by a robot or an autoreply; warned,
    // not warned: a user whose mailbox gets full; lost: lines of this journal
    std::string result;
    std::string where;  // mailbox with its folder, the address forwarded to, the one that answers
    std::string status; // as answered: "250 2.0.0"
    std::string why;    // the rule that decided, or what went wrong
    ByteCount size;     // as received, in stored form
};
// The line, without its end: keys time, id, message_id, sender, recipient, result, where, status, why, size. Of what
// peers write no more than base/bounds says.
[[nodiscard]] std::string format_journal_line(const JournalEntry& entry);

class Journal {
  public:
    // `setting` is delivery.journal: "syslog", "stdout", "stderr" or an absolute path; "" takes `default_file`, and
    // syslog where that is "" too. A file that cannot be opened is tried again at each write.
    Journal(const std::string& setting, const std::string& default_file, const std::string& syslog_socket = "/dev/log");
    ~Journal(); // what waits is still written, for a moment; see finish()
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    [[nodiscard]] JournalTarget target() const { return target_; }
    [[nodiscard]] const std::string& setting() const { return setting_; }
    // All lines in one write where it is a file, so that those of two processes do not mix.
    void write(const std::vector<JournalEntry>& entries);
    // Before the process ends: until what waits is written, or no longer.
    void finish(std::chrono::milliseconds limit);
    // After log rotation: the next write opens the file anew.
    void reopen();

  private:
    struct Open { // either, or none: it cannot be opened now
        std::shared_ptr<const FileDescriptor> file;
        std::shared_ptr<JournalOutlet> outlet;
    };
    Open current();
    void open_path();
    void write_file(const FileDescriptor& file, const std::string& lines);
    void lose(std::string_view lines);

    std::string setting_, path_;
    JournalTarget target_;
    std::atomic<std::uint64_t> lost_ = 0; // lines that did not get into the file
    std::atomic<bool> torn_ = false;      // the file ends in the middle of a line
    std::mutex mutex_;                    // guards what follows
    Open open_;
};

} // namespace mailctl
