// Peer text reaches the journal only as JSON strings: no line break, no second object (DESIGN, rule 7).
#include "mailctl/system/journal.hpp"

#include "mailctl/report/report.hpp"

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

Cell cell(const char* key, CellValue value) {
    Cell made;
    made.key = key;
    made.value = std::move(value);
    return made;
}

} // namespace

std::string format_journal_line(const JournalEntry& entry) {
    Cells cells;
    cells.reserve(10);
    cells.push_back(cell("time", format_rfc3339(entry.time)));
    cells.push_back(cell("id", entry.id));
    cells.push_back(cell("message_id", entry.message_id));
    cells.push_back(cell("sender", entry.sender));
    cells.push_back(cell("recipient", entry.recipient));
    cells.push_back(cell("result", entry.result));
    cells.push_back(cell("where", entry.where));
    cells.push_back(cell("status", entry.status));
    cells.push_back(cell("why", entry.why));
    cells.push_back(cell("size", entry.size));
    return render_json_line(cells);
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
