// The delivery journal: what became of each recipient and why, one JSON object per line, to syslog, a standard stream
// or a file. Writing it never fails a delivery: by then the message is where it belongs.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/os/files.hpp"

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
    // not warned: a user whose mailbox gets full
    std::string result;
    std::string where;  // mailbox with its folder, the address forwarded to, the one that answers
    std::string status; // as answered: "250 2.0.0"
    std::string why;    // the rule that decided, or what went wrong
    ByteCount size;     // as received, in stored form
};
// The line, without its end: keys time, id, message_id, sender, recipient, result, where, status, why, size.
[[nodiscard]] std::string format_journal_line(const JournalEntry& entry);

class Journal {
  public:
    // `setting` is delivery.journal: "syslog", "stdout", "stderr" or an absolute path; "" takes `default_file`, and
    // syslog where that is "" too. A file that cannot be opened is tried again at each write.
    Journal(const std::string& setting, const std::string& default_file);
    [[nodiscard]] JournalTarget target() const { return target_; }
    [[nodiscard]] const std::string& setting() const { return setting_; }
    // All lines in one write, so that those of two processes do not mix.
    void write(const std::vector<JournalEntry>& entries);
    // After log rotation: the next write opens the file anew.
    void reopen();

  private:
    void write_file(const std::string& lines);
    std::shared_ptr<const FileDescriptor> current_file(); // none inside: it cannot be opened

    std::string setting_, path_;
    JournalTarget target_;
    std::mutex mutex_;
    std::shared_ptr<const FileDescriptor> file_; // guarded by mutex_
};

} // namespace mailctl
