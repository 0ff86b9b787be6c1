// SPDX-License-Identifier: Apache-2.0
// Peer text reaches the journal only as JSON strings: no line break, no second object.
#include "mailctl/store/journal.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/report/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

JournalTarget target_of(const std::string& setting, const std::string& default_file) {
    if (setting == "syslog") return JournalTarget::syslog;
    if (setting == "stdout") return JournalTarget::standard_output;
    if (setting == "stderr") return JournalTarget::standard_error;
    return setting.empty() && default_file.empty() ? JournalTarget::syslog : JournalTarget::file;
}

constexpr const char* program_name = "mailctl-deliver";

std::string lost_line(std::uint64_t lost) {
    JournalEntry entry;
    entry.time = std::chrono::floor<Instant::duration>(std::chrono::system_clock::now());
    entry.result = "lost";
    entry.why = fmt::format("{} lines before this one could not be written", lost);
    return format_journal_line(entry) + "\n";
}

std::shared_ptr<JournalOutlet> outlet_into(std::unique_ptr<JournalDrain> drain) {
    return std::make_shared<JournalOutlet>(std::move(drain), lost_line);
}

} // namespace

std::string format_journal_line(const JournalEntry& entry) {
    const auto address = [](const std::string& text) { return cut_text(text, bounds::journal_address); };
    JsonLine line;
    line.add("time", format_rfc3339(entry.time)).add("id", entry.id);
    line.add("message_id", cut_text(entry.message_id, bounds::journal_message_id));
    line.add("sender", address(entry.sender)).add("recipient", address(entry.recipient)).add("result", entry.result);
    line.add("where", address(entry.where)).add("status", entry.status);
    line.add("why", cut_text(entry.why, bounds::journal_why)).add("size", entry.size.bytes);
    return line.finish();
}

Journal::Journal(const std::string& setting, const std::string& default_file, const std::string& syslog_socket)
    : setting_(setting), path_(setting.empty() ? default_file : setting), target_(target_of(setting, default_file)) {
    if (target_ == JournalTarget::syslog) open_.outlet = outlet_into(drain_into_syslog(syslog_socket, program_name));
    if (target_ == JournalTarget::standard_output) open_.outlet = outlet_into(drain_into_stream(STDOUT_FILENO));
    if (target_ == JournalTarget::standard_error) open_.outlet = outlet_into(drain_into_stream(STDERR_FILENO));
}

Journal::~Journal() {
    if (open_.outlet) open_.outlet->close(std::chrono::steady_clock::now() + bounds::journal_end);
}

void Journal::write(const std::vector<JournalEntry>& entries) {
    if (entries.empty()) return;
    const auto [file, outlet] = current();
    std::string lines;
    if (const auto lost = file ? lost_.exchange(0) : 0; lost > 0) lines = lost_line(lost);
    for (const auto& entry : entries) {
        lines.append(format_journal_line(entry)).append("\n");
        if (outlet) outlet->write(std::exchange(lines, {}));
    }
    if (file) write_file(*file, lines);
    if (!file && !outlet) lose(lines);
}

// Written without the lock: the kernel appends one write after the other, and a slow one holds up no other thread's.
void Journal::write_file(const FileDescriptor& file, const std::string& lines) {
    const std::string whole = torn_.exchange(false) ? "\n" + lines : lines;
    std::string_view rest(whole);
    while (!rest.empty()) {
        const auto written = ::write(file.get(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            torn_ = rest.size() < whole.size() && whole[whole.size() - rest.size() - 1] != '\n';
            lose(rest);
            return reopen();
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Journal::lose(std::string_view lines) {
    lost_ += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
}

Journal::Open Journal::current() {
    const std::lock_guard lock(mutex_);
    if (!open_.file && !open_.outlet) open_path();
    return open_;
}

// Whatever it is: a FIFO that nobody has open must not be waited for.
void Journal::open_path() {
    FileDescriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0640));
    struct stat about {};
    const bool known = file ? ::fstat(file.get(), &about) == 0 : ::stat(path_.c_str(), &about) == 0;
    if (!known) return;
    if (!S_ISREG(about.st_mode))
        open_.outlet = outlet_into(drain_into_fifo(path_));
    else if (file)
        open_.file = std::make_shared<FileDescriptor>(std::move(file));
}

void Journal::reopen() {
    const std::lock_guard lock(mutex_);
    open_.file.reset();
    if (target_ == JournalTarget::file && open_.outlet) {
        open_.outlet->close(std::chrono::steady_clock::now() + bounds::journal_end);
        open_.outlet.reset();
    } else if (open_.outlet) {
        open_.outlet->reopen();
    }
}

void Journal::finish(std::chrono::milliseconds limit) {
    const auto outlet = [this] {
        const std::lock_guard lock(mutex_);
        return open_.outlet;
    }();
    if (!outlet) return;
    outlet->close(std::chrono::steady_clock::now() + limit);
    outlet->wait_until_closed();
}

} // namespace mailctl
