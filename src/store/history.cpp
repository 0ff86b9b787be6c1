// SPDX-License-Identifier: Apache-2.0
// Records on disk: pending while the change is under way, then history/THOUSAND/ID. Shelves of a thousand keep the cost
// of a change independent of how many there were.
#include "mailctl/store/history.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {

namespace {

constexpr std::string_view first_line = "mailctl-history 1\n";
constexpr std::uint64_t shelf_size = 1000;

std::string counted(std::string_view text) { return fmt::format("{}:{}", text.size(), text); }

// Reads what format_record wrote, word by word. After a mismatch everything fails, so that only the end must be
// checked.
class RecordReader {
  public:
    explicit RecordReader(std::string_view text) : rest_(text) {}
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }
    [[nodiscard]] bool sees(std::string_view word) const { return good_ && rest_.starts_with(word); }
    void expect(std::string_view word) {
        good_ = sees(word);
        if (good_) rest_.remove_prefix(word.size());
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        const auto length = static_cast<std::size_t>(end - rest_.data());
        good_ = good_ && error == std::errc() && (rest_[0] != '0' || length == 1);
        if (good_) rest_.remove_prefix(length);
        return good_ ? value : 0;
    }
    std::string counted() {
        const std::uint64_t length = number();
        expect(":");
        good_ = good_ && length <= rest_.size();
        return good_ ? std::string(take(static_cast<std::size_t>(length))) : std::string();
    }
    std::string_view word() {
        const auto end = rest_.find_first_of(" \n");
        good_ = good_ && end != std::string_view::npos && end > 0;
        return good_ ? take(end) : std::string_view();
    }

  private:
    std::string_view take(std::size_t length) {
        const auto taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }
    std::string_view rest_;
    bool good_ = true;
};

std::string format_file(const FileChange& file) {
    std::string text = fmt::format("file {}\nfrom {}\nto {}\n", counted(file.path),
                                   file.before_digest.value_or("absent"), file.after_digest.value_or("absent"));
    for (const PatchHunk& hunk : file.patch)
        text += fmt::format("hunk {} {} {}\n", hunk.offset, counted(hunk.removed), counted(hunk.inserted));
    return text;
}

std::optional<std::string> parse_digest(RecordReader& reader) {
    const std::string_view word = reader.word();
    return word == "absent" ? std::nullopt : std::optional<std::string>(word);
}

FileChange parse_file(RecordReader& reader) {
    FileChange file;
    reader.expect("file ");
    file.path = reader.counted();
    reader.expect("\nfrom ");
    file.before_digest = parse_digest(reader);
    reader.expect("\nto ");
    file.after_digest = parse_digest(reader);
    reader.expect("\n");
    while (reader.sees("hunk ")) {
        PatchHunk hunk;
        reader.expect("hunk ");
        hunk.offset = reader.number();
        reader.expect(" ");
        hunk.removed = reader.counted();
        reader.expect(" ");
        hunk.inserted = reader.counted();
        reader.expect("\n");
        file.patch.push_back(std::move(hunk));
    }
    return file;
}

MailOrder parse_order(RecordReader& reader) {
    MailOrder order;
    reader.expect("mail ");
    order.verb = reader.word();
    reader.expect(" ");
    order.mailbox = reader.counted();
    reader.expect(" ");
    order.argument = reader.counted();
    reader.expect("\n");
    return order;
}

detail::Unexpected not_a_record() { return fail(ErrorKind::invalid, "not a whole history record"); }

std::string pending_path(const std::string& history) { return history + "/pending"; }
std::string shelf_path(const std::string& history, std::uint64_t shelf) {
    return fmt::format("{}/{:06}", history, shelf);
}
std::string record_path(const std::string& history, std::uint64_t id) {
    return fmt::format("{}/{}", shelf_path(history, id / shelf_size), id);
}

// The entries of a directory that are numbers, greatest first; an absent directory has none.
Result<std::vector<std::uint64_t>> numbers_in(const std::string& path) {
    auto names = list_directory(path);
    if (!names && names.error().kind == ErrorKind::missing) return std::vector<std::uint64_t>();
    if (!names) return fail(std::move(names).error());
    std::vector<std::uint64_t> numbers;
    for (const std::string& name : *names) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
    }
    std::sort(numbers.rbegin(), numbers.rend());
    return numbers;
}

Result<HistoryRecord> load_from(const std::string& path) {
    TRY_ASSIGN(const std::string text, load_file(path));
    auto record = parse_record(text);
    if (!record) return fail(record.error().while_doing(fmt::format("cannot read '{}'", path)));
    return record;
}

} // namespace

FileChange make_file_change(std::string path, const std::optional<std::string>& before,
                            const std::optional<std::string>& after, std::optional<std::string> before_digest) {
    FileChange change;
    change.path = std::move(path);
    change.before_digest = std::move(before_digest);
    if (before && !change.before_digest) change.before_digest = digest(*before);
    if (after) change.after_digest = digest(*after);
    const auto text_of = [](const std::optional<std::string>& text) {
        return text ? std::string_view(*text) : std::string_view();
    };
    change.patch = make_patch(text_of(before), text_of(after));
    return change;
}

std::string format_record(const HistoryRecord& record) {
    std::size_t size = 0; // of most of it: that of a whole site is not to be moved about as it grows
    for (const FileChange& file : record.files)
        for (const PatchHunk& hunk : file.patch)
            size += hunk.removed.size() + hunk.inserted.size();
    std::string text;
    text.reserve(size + size / 16);
    text += first_line;
    text += fmt::format("id {}\ntime {}\n", record.id, format_rfc3339(record.time));
    text += fmt::format("actor {}\ncommand {}\nreason {}\n", counted(record.actor), counted(record.command),
                        counted(record.reason));
    if (record.reverts) text += fmt::format("reverts {}\n", *record.reverts);
    for (const MailOrder& order : record.mail)
        text += fmt::format("mail {} {} {}\n", order.verb, counted(order.mailbox), counted(order.argument));
    for (const FileChange& file : record.files)
        text += format_file(file);
    return text += fmt::format("digest {}\n", digest(text));
}

Result<HistoryRecord> parse_record(std::string_view text) {
    constexpr std::size_t digest_line = std::string_view("digest \n").size() + 64;
    if (text.size() < digest_line) return not_a_record();
    const std::string_view body = text.substr(0, text.size() - digest_line);
    if (text.substr(body.size()) != fmt::format("digest {}\n", digest(body))) return not_a_record();

    HistoryRecord record;
    RecordReader reader(body);
    reader.expect(first_line);
    reader.expect("id ");
    record.id = reader.number();
    reader.expect("\ntime ");
    TRY_ASSIGN(record.time, parse_rfc3339(reader.word()));
    reader.expect("\nactor ");
    record.actor = reader.counted();
    reader.expect("\ncommand ");
    record.command = reader.counted();
    reader.expect("\nreason ");
    record.reason = reader.counted();
    reader.expect("\n");
    if (reader.sees("reverts ")) {
        reader.expect("reverts ");
        record.reverts = reader.number();
        reader.expect("\n");
    }
    while (reader.sees("mail "))
        record.mail.push_back(parse_order(reader));
    while (reader.sees("file "))
        record.files.push_back(parse_file(reader));
    if (!reader.at_end()) return not_a_record();
    std::ranges::stable_sort(record.files, {}, &FileChange::path);
    return record;
}

Result<std::uint64_t> next_record_id(const std::string& history) {
    TRY_ASSIGN(const auto shelves, numbers_in(history));
    for (const std::uint64_t shelf : shelves) {
        TRY_ASSIGN(const auto ids, numbers_in(shelf_path(history, shelf)));
        if (!ids.empty()) return ids.front() + 1;
    }
    return 1;
}

Result<std::optional<HistoryRecord>> find_pending(const std::string& history) {
    auto record = load_from(pending_path(history));
    if (record) return std::move(*record);
    if (record.error().kind == ErrorKind::missing || record.error().kind == ErrorKind::invalid) return std::nullopt;
    return fail(std::move(record).error());
}

Result<std::optional<std::string>> set_aside_unreadable(const std::string& history) {
    const auto record = load_from(pending_path(history));
    if (record || record.error().kind != ErrorKind::invalid) return std::nullopt;
    for (unsigned number = 1;; ++number) {
        auto aside = fmt::format("{}/unreadable-{}", history, number);
        TRY_ASSIGN(const auto taken, find_stamp(aside));
        if (taken) continue;
        TRY(publish_file(pending_path(history), aside));
        return aside;
    }
}

Status save_pending(const std::string& history, const HistoryRecord& record) {
    TRY(make_directories(history, 0700));
    return replace_file(pending_path(history), format_record(record), FileMode{.mode = 0600, .group = {}});
}

Status publish_pending(const std::string& history, std::uint64_t id) {
    TRY(make_directories(shelf_path(history, id / shelf_size), 0700));
    TRY(publish_file(pending_path(history), record_path(history, id)));
    return sync_directory(history); // the rename left two directories changed
}

Status drop_pending(const std::string& history) {
    TRY(remove_file(pending_path(history)));
    return sync_directory(history);
}

Result<HistoryRecord> load_record(const std::string& history, std::uint64_t id) {
    auto record = load_from(record_path(history, id));
    if (!record && record.error().kind == ErrorKind::missing)
        return fail(ErrorKind::missing, fmt::format("no change {} in the history", id), "mailctl history list");
    if (!record && record.error().kind == ErrorKind::invalid)
        return fail(ErrorKind::invalid,
                    fmt::format("the record of change {}, '{}', is damaged", id, record_path(history, id)),
                    "put the file back from a backup, or undo the change by hand; all other changes can be reverted");
    return record;
}

Result<std::vector<HistoryRecord>> list_records(const std::string& history, std::size_t limit, std::uint64_t before_id,
                                                std::vector<std::string>* damaged) {
    std::vector<HistoryRecord> records;
    TRY_ASSIGN(const auto shelves, numbers_in(history));
    for (const std::uint64_t shelf : shelves) {
        if (records.size() >= limit) break;
        TRY_ASSIGN(const auto ids, numbers_in(shelf_path(history, shelf)));
        for (const std::uint64_t id : ids) {
            if (records.size() >= limit) break;
            if (before_id != 0 && id >= before_id) continue;
            auto record = load_record(history, id);
            if (record) {
                records.push_back(std::move(*record));
            } else if (record.error().kind != ErrorKind::invalid) {
                return fail(std::move(record).error());
            } else if (damaged) {
                damaged->push_back(record_path(history, id));
            }
        }
    }
    return records;
}

} // namespace mailctl
