// Peer text reaches the journal only as JSON strings: no line break, no second object (DESIGN, rule 7).
#include "mailctl/store/journal.hpp"

#include "mailctl/report/json.hpp"

#include <cerrno>
#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

namespace mailctl {
namespace {

JournalTarget target_of(const std::string& setting, const std::string& default_file) {
    if (setting == "syslog") return JournalTarget::syslog;
    if (setting == "stdout") return JournalTarget::standard_output;
    if (setting == "stderr") return JournalTarget::standard_error;
    return setting.empty() && default_file.empty() ? JournalTarget::syslog : JournalTarget::file;
}

} // namespace

std::string format_journal_line(const JournalEntry& entry) {
    JsonLine line;
    line.add("time", format_rfc3339(entry.time)).add("id", entry.id).add("message_id", entry.message_id);
    line.add("sender", entry.sender).add("recipient", entry.recipient).add("result", entry.result);
    line.add("where", entry.where).add("status", entry.status).add("why", entry.why).add("size", entry.size.bytes);
    return line.finish();
}

Journal::Journal(const std::string& setting, const std::string& default_file)
    : setting_(setting), path_(setting.empty() ? default_file : setting), target_(target_of(setting, default_file)) {
    if (target_ == JournalTarget::syslog) ::openlog("mailctl-deliver", LOG_PID, LOG_MAIL);
}

void Journal::write(const std::vector<JournalEntry>& entries) {
    std::string lines;
    for (const auto& entry : entries) {
        const auto line = format_journal_line(entry);
        if (target_ == JournalTarget::syslog)
            ::syslog(LOG_INFO, "%s", line.c_str());
        else
            lines.append(line).append("\n");
    }
    if (lines.empty()) return;
    if (target_ == JournalTarget::file) return write_file(lines);
    const int stream = target_ == JournalTarget::standard_output ? STDOUT_FILENO : STDERR_FILENO;
    (void)write_all(stream, lines, "journal");
}

// Written without the lock: the kernel appends one write after the other, and a slow one holds up no other thread's.
void Journal::write_file(const std::string& lines) {
    const auto file = current_file();
    if (*file && !write_all(file->get(), lines, path_)) reopen();
}

std::shared_ptr<const FileDescriptor> Journal::current_file() {
    const std::lock_guard lock(mutex_);
    if (!file_ || !*file_)
        file_ =
            std::make_shared<FileDescriptor>(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    return file_;
}

void Journal::reopen() {
    const std::lock_guard lock(mutex_);
    file_.reset();
}

} // namespace mailctl
