// The file is mapped for the search and written with pwrite(2).
#include "mailctl/system/line_changes.hpp"

#include "mailctl/system/files.hpp"

#include <fmt/format.h>

#include <algorithm>
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

// The offset of a whole line.
std::optional<std::size_t> find_line(std::string_view text, std::string_view line) {
    const std::boyer_moore_horspool_searcher searcher(line.begin(), line.end());
    for (auto from = text.begin();;) {
        const auto found = std::search(from, text.end(), searcher);
        if (found == text.end()) return std::nullopt;
        const auto begin = static_cast<std::size_t>(found - text.begin()), end = begin + line.size();
        if ((begin == 0 || text[begin - 1] == '\n') && (end == text.size() || text[end] == '\n')) return begin;
        from = found + 1;
    }
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
std::string text_behind(std::size_t size, bool open_line, const std::vector<std::string>& lines) {
    std::string text(open_line ? "\n" : "");
    text.append(change_mark);
    for (const auto& line : lines) {
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

Status change_lines(const std::string& path, const LineChanges& changes) {
    if (changes.empty()) return {};
    TRY_ASSIGN(const auto file, MappedFile::open(path));
    const auto text = file.text();
    std::vector<std::size_t> places;
    for (const auto& line : changes.removed) {
        const auto place = find_line(text, line);
        if (!place || std::ranges::find(places, *place) != places.end())
            return fail(ErrorKind::conflict, fmt::format("'{}' does not hold a line that it should", path));
        places.push_back(*place);
    }
    const bool open_line = !text.empty() && text.back() != '\n';
    const auto behind =
        changes.added.empty() && !open_line ? std::string() : text_behind(text.size(), open_line, changes.added);
    TRY(write_at(file.descriptor(), behind, text.size(), path));
    for (std::size_t i = 0; i < places.size(); ++i) {
        TRY(write_at(file.descriptor(), "#", places[i], path));
        TRY(write_at(file.descriptor(), std::string(changes.removed[i].size(), '#'), places[i], path));
    }
    if (!places.empty()) {
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
