// SPDX-License-Identifier: Apache-2.0
// The file is mapped for the search and written with pwrite(2).
#include "mailctl/os/line_changes.hpp"

#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <map>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {

namespace {

constexpr std::size_t page = 4096;

template <class Visit>
void each_line(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        visit(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

class MappedFile {
  public:
    static Result<MappedFile> open(const std::string& path) {
        FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        struct stat status {};
        if (!file || ::fstat(file.get(), &status) != 0) return fail(system_error(errno, "cannot open", path));
        const auto size = static_cast<std::size_t>(status.st_size);
        void* start = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
        if (start == MAP_FAILED) return fail(system_error(errno, "cannot read", path));
        return MappedFile(std::move(file), {static_cast<const char*>(start), size});
    }
    MappedFile(MappedFile&& other) noexcept
        : file_(std::move(other.file_)), text_(std::exchange(other.text_, std::string_view())) {}
    MappedFile& operator=(MappedFile&&) = delete;
    ~MappedFile() {
        if (!text_.empty()) ::munmap(const_cast<char*>(text_.data()), text_.size());
    }
    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] int descriptor() const { return file_.get(); }

  private:
    MappedFile(FileDescriptor file, std::string_view text) : file_(std::move(file)), text_(text) {}
    FileDescriptor file_;
    std::string_view text_;
};

struct Range {
    std::size_t begin, end;
};

// The offset of a whole line in a range of lines.
std::optional<std::size_t> find_line(std::string_view text, std::string_view line, Range range) {
    for (auto from = range.begin;;) {
        const auto* found = ::memmem(text.data() + from, range.end - from, line.data(), line.size());
        if (found == nullptr) return std::nullopt;
        const auto begin = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
        const auto end = begin + line.size();
        if ((begin == 0 || text[begin - 1] == '\n') && (end == text.size() || text[end] == '\n')) return begin;
        from = begin + 1;
    }
}

// Where lines stand under headings that are sorted.
class Sections {
  public:
    Sections(std::string_view text, std::string_view heading)
        : text_(text), name_(heading.substr(heading.rfind(' ') + 1)),
          mark_('\n' + std::string(heading.substr(0, heading.size() - name_.size()))) {}

    // Of the heading: up to the next one. Nothing between them is looked at.
    [[nodiscard]] std::optional<Range> find() const {
        for (Range left{0, text_.size()}; left.begin < left.end;) {
            const auto middle = left.begin + (left.end - left.begin) / 2;
            const auto above = mark_before(middle); // the heading of what stands there
            if (above == text_.npos || name_at(above) < name_)
                left.begin = middle + 1;
            else if (name_at(above) > name_)
                left.end = above;
            else
                return Range{above + 1, std::min(text_.find(mark_, above + 1), text_.size())};
        }
        return std::nullopt;
    }
    // The last one, and all that was added since the text was made.
    [[nodiscard]] Range last() const {
        const auto heading = mark_before(text_.size());
        return {heading == text_.npos ? 0 : heading + 1, text_.size()};
    }

  private:
    // What rfind finds, which compares at every byte: here at every line.
    [[nodiscard]] std::size_t mark_before(std::size_t at) const {
        auto end = std::min(at + 1, text_.size());
        while (const auto* found = static_cast<const char*>(::memrchr(text_.data(), '\n', end))) {
            end = static_cast<std::size_t>(found - text_.data());
            if (text_.substr(end).starts_with(mark_)) return end;
        }
        return text_.npos;
    }
    [[nodiscard]] std::string_view name_at(std::size_t mark) const {
        const auto name = text_.substr(mark + mark_.size());
        return name.substr(0, name.find('\n'));
    }

    std::string_view text_, name_;
    std::string mark_; // what all headings begin with, and the line end before it
};

std::optional<std::size_t> find_line(std::string_view text, std::string_view line, const std::string& heading) {
    if (heading.empty()) return find_line(text, line, Range{0, text.size()});
    const Sections sections(text, heading);
    if (const auto section = sections.find())
        if (const auto place = find_line(text, line, *section)) return place;
    return find_line(text, line, sections.last());
}

struct Removal {
    std::size_t begin, size;
};

Result<std::vector<Removal>> find_removals(const std::string& path, std::string_view text,
                                           std::span<const LineChanges> changes) {
    std::vector<Removal> removals;
    for (const auto& change : changes)
        for (const auto& line : change.removed) {
            const auto place = find_line(text, line, change.section);
            if (!place || std::ranges::find(removals, *place, &Removal::begin) != removals.end())
                return fail(ErrorKind::conflict, fmt::format("'{}' does not hold a line that it should", path));
            removals.push_back({*place, line.size()});
        }
    return removals;
}

Status write_at(int fd, std::string_view data, std::size_t at, const std::string& path) {
    while (!data.empty()) {
        const ssize_t written = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(at));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(system_error(errno, "cannot write", path));
        data.remove_prefix(static_cast<std::size_t>(written));
        at += static_cast<std::size_t>(written);
    }
    return {};
}

// The end of a file of `size` bytes.
std::string text_behind(std::size_t size, bool open_line, std::span<const LineChanges> changes) {
    std::string text(open_line ? "\n" : "");
    text.append(change_mark);
    for (const auto& change : changes)
        for (const auto& line : change.added) {
            const std::size_t used = (size + text.size()) % page;
            if (line.size() < page && used + line.size() + 1 > page) text.append(page - used, '\n');
            text.append(line).append(1, '\n');
        }
    return text;
}

} // namespace

LineChanges compare_lines(std::string_view before, std::string_view after) {
    std::map<std::string_view, long> counts;
    each_line(before, [&](std::string_view line) { --counts[line]; });
    each_line(after, [&](std::string_view line) { ++counts[line]; });
    LineChanges changes;
    for (const auto& [line, count] : counts) {
        if (count < 0)
            changes.removed.insert(changes.removed.end(), static_cast<std::size_t>(-count), std::string(line));
        if (count > 0) changes.added.insert(changes.added.end(), static_cast<std::size_t>(count), std::string(line));
    }
    return changes;
}

Status change_lines(const std::string& path, std::span<const LineChanges> changes) {
    if (std::ranges::all_of(changes, &LineChanges::empty)) return {};
    TRY_ASSIGN(const auto file, MappedFile::open(path));
    const auto text = file.text();
    TRY_ASSIGN(const auto removals, find_removals(path, text, changes));
    const bool adds = std::ranges::any_of(changes, [](const auto& change) { return !change.added.empty(); });
    const bool open_line = !text.empty() && text.back() != '\n';
    const auto behind = adds || open_line ? text_behind(text.size(), open_line, changes) : std::string();
    TRY(write_at(file.descriptor(), behind, text.size(), path));
    for (const auto& [begin, size] : removals) {
        TRY(write_at(file.descriptor(), "#", begin, path));
        TRY(write_at(file.descriptor(), std::string(size, '#'), begin, path));
    }
    if (!removals.empty()) {
        TRY(write_at(file.descriptor(), change_mark, text.size() + behind.size(), path));
    }
    return sync_file(file.descriptor(), path);
}

RowsDigest digest_rows(std::string_view text) {
    RowsDigest digest;
    each_line(text, [&](std::string_view line) {
        if (line.empty() || line.front() == '#') return;
        ++digest.rows;
        digest.sum += std::hash<std::string_view>{}(line);
    });
    return digest;
}

} // namespace mailctl
