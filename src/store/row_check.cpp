// SPDX-License-Identifier: Apache-2.0
// The format of LMDB's data version 1 (0.9, all releases), as far as being read safely needs. Numbers are in the byte
// order of the machine.
#include "row_check.hpp"

#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace mailctl {

namespace {

constexpr std::uint32_t magic = 0xBEEFC0DE;
constexpr std::uint64_t no_page = ~std::uint64_t{0};
constexpr std::uint16_t branch_page = 1, leaf_page = 2, overflow_page = 4, meta_page = 8, dirty = 0x10;
constexpr std::uint16_t big_data = 1, integer_key = 8;
constexpr std::size_t page_header = 16, node_header = 8, longest_key = 511, deepest = 32;
constexpr std::size_t least_page = 512, largest_page = 65536, least_lock_file = 4096;

struct Tree { // as a meta page says
    std::uint16_t flags = 0, depth = 0;
    std::uint64_t branches = 0, leaves = 0, overflows = 0, entries = 0, root = no_page;
    std::uint32_t pad = 0;
};
struct Meta {
    Tree free, rows;
    std::uint64_t last_page = 0, transaction = 0;
};

template <class Number>
Number number_at(std::string_view bytes, std::size_t offset) {
    Number value{};
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

class RowFile {
  public:
    explicit RowFile(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        struct stat about {};
        if (!file_ || ::fstat(file_.get(), &about) != 0 || !S_ISREG(about.st_mode)) return;
        size_ = static_cast<std::uint64_t>(about.st_size);
    }
    // The newest; nullopt: LMDB would not open this file.
    std::optional<Meta> newest();
    bool is_whole(const Meta& meta);

  private:
    std::optional<std::string> read(std::uint64_t offset, std::size_t count) const;
    std::optional<Meta> meta_at(std::uint64_t offset);
    bool take(std::uint64_t page, std::uint64_t count = 1);
    bool walk(std::uint64_t page, std::size_t level, const Tree& tree);
    bool walk_branch(const std::string& page, std::size_t level, const Tree& tree);
    bool see_leaf(const std::string& page, const Tree& tree);
    bool see_row(std::string_view key, std::string_view value);
    bool see_free(std::string_view key, std::string_view value);
    std::optional<std::string> overflow(std::uint64_t page, std::size_t size);
    static std::optional<std::vector<std::string_view>> nodes_of(const std::string& page);
    static bool is_possible(const Tree& tree);

    FileDescriptor file_;
    std::uint64_t size_ = 0;
    std::size_t page_size_ = 0;
    std::vector<bool> used_;
    Tree seen_; // of the tree being walked
    bool rows_ = false;
    std::string last_key_;
    std::uint64_t sum_ = 0;
    std::optional<std::string> told_sum_;
};

std::optional<std::string> RowFile::read(std::uint64_t offset, std::size_t count) const {
    std::string bytes(count, '\0');
    for (std::size_t done = 0; done < count;) {
        const auto got = ::pread(file_.get(), bytes.data() + done, count - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::nullopt;
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

Tree tree_at(std::string_view bytes, std::size_t offset) {
    Tree tree;
    tree.pad = number_at<std::uint32_t>(bytes, offset);
    tree.flags = number_at<std::uint16_t>(bytes, offset + 4);
    tree.depth = number_at<std::uint16_t>(bytes, offset + 6);
    tree.branches = number_at<std::uint64_t>(bytes, offset + 8);
    tree.leaves = number_at<std::uint64_t>(bytes, offset + 16);
    tree.overflows = number_at<std::uint64_t>(bytes, offset + 24);
    tree.entries = number_at<std::uint64_t>(bytes, offset + 32);
    tree.root = number_at<std::uint64_t>(bytes, offset + 40);
    return tree;
}

std::optional<Meta> RowFile::meta_at(std::uint64_t offset) {
    constexpr std::size_t head = page_header + 24, tree_size = 48;
    const auto bytes = read(offset, head + 2 * tree_size + 16);
    if (!bytes || (number_at<std::uint16_t>(*bytes, 10) & meta_page) == 0) return std::nullopt;
    if (number_at<std::uint32_t>(*bytes, page_header) != magic) return std::nullopt;
    if (number_at<std::uint32_t>(*bytes, page_header + 4) != 1) return std::nullopt;
    Meta meta{tree_at(*bytes, head), tree_at(*bytes, head + tree_size), 0, 0};
    meta.last_page = number_at<std::uint64_t>(*bytes, head + 2 * tree_size);
    meta.transaction = number_at<std::uint64_t>(*bytes, head + 2 * tree_size + 8);
    return meta;
}

std::optional<Meta> RowFile::newest() {
    if (size_ == 0) return std::nullopt;
    const auto first = meta_at(0);
    if (!first) return std::nullopt;
    page_size_ = first->free.pad;
    if (page_size_ < least_page || page_size_ > largest_page || (page_size_ & (page_size_ - 1)) != 0)
        return std::nullopt;
    const auto second = meta_at(page_size_);
    if (!second || second->free.pad != page_size_) return std::nullopt;
    return second->transaction > first->transaction ? second : first;
}

bool RowFile::is_possible(const Tree& tree) {
    const bool empty = tree.root == no_page;
    return empty ? tree.entries == 0 : tree.depth >= 1 && tree.depth <= deepest;
}

bool RowFile::is_whole(const Meta& meta) {
    if (meta.free.flags != integer_key || meta.rows.flags != 0) return false;
    if (!is_possible(meta.free) || !is_possible(meta.rows)) return false;
    if (meta.last_page > (std::uint64_t{1} << 40) / page_size_) return false;
    used_.assign(meta.last_page + 1, false);
    for (const Tree* tree : {&meta.rows, &meta.free}) {
        seen_ = {};
        rows_ = tree == &meta.rows;
        last_key_.clear();
        if (tree->root != no_page && !walk(tree->root, 1, *tree)) return false;
        if (seen_.branches != tree->branches || seen_.leaves != tree->leaves || seen_.overflows != tree->overflows ||
            seen_.entries != tree->entries)
            return false;
    }
    return !told_sum_ || *told_sum_ == format_row_sum(sum_);
}

bool RowFile::take(std::uint64_t page, std::uint64_t count) {
    if (page < 2 || page >= used_.size() || count > used_.size() - page) return false;
    for (std::uint64_t each = page; each < page + count; ++each) {
        if (used_[each]) return false;
        used_[each] = true;
    }
    return true;
}

// Each with all behind it on the page.
std::optional<std::vector<std::string_view>> RowFile::nodes_of(const std::string& page) {
    const auto lower = number_at<std::uint16_t>(page, 12), upper = number_at<std::uint16_t>(page, 14);
    if (lower < page_header || lower % 2 != 0 || lower > upper || upper > page.size()) return std::nullopt;
    std::vector<std::string_view> nodes;
    for (std::size_t at = page_header; at < lower; at += 2) {
        const auto offset = number_at<std::uint16_t>(page, at);
        if (offset < upper || offset + node_header > page.size() || offset % 2 != 0) return std::nullopt;
        nodes.push_back(std::string_view(page).substr(offset));
        const std::size_t key = number_at<std::uint16_t>(nodes.back(), 6);
        if (key > longest_key || node_header + key > nodes.back().size()) return std::nullopt;
    }
    return nodes;
}

bool RowFile::walk(std::uint64_t number, std::size_t level, const Tree& tree) {
    if (level > tree.depth || !take(number)) return false;
    const auto page = read(number * page_size_, page_size_);
    if (!page || number_at<std::uint64_t>(*page, 0) != number) return false;
    const auto flags = static_cast<std::uint16_t>(number_at<std::uint16_t>(*page, 10) & ~dirty);
    if (flags == leaf_page) return level == tree.depth && see_leaf(*page, tree);
    return flags == branch_page && walk_branch(*page, level, tree);
}

bool RowFile::walk_branch(const std::string& page, std::size_t level, const Tree& tree) {
    const auto nodes = nodes_of(page);
    if (!nodes || nodes->size() < 2) return false;
    ++seen_.branches;
    for (const auto node : *nodes) {
        const std::uint64_t child = number_at<std::uint16_t>(node, 0) |
                                    std::uint64_t{number_at<std::uint16_t>(node, 2)} << 16 |
                                    std::uint64_t{number_at<std::uint16_t>(node, 4)} << 32;
        if (!walk(child, level + 1, tree)) return false;
    }
    return true;
}

std::optional<std::string> RowFile::overflow(std::uint64_t page, std::size_t size) {
    const std::uint64_t count = (page_header - 1 + size) / page_size_ + 1;
    if (!take(page, count)) return std::nullopt;
    auto bytes = read(page * page_size_, static_cast<std::size_t>(count * page_size_));
    if (!bytes || number_at<std::uint64_t>(*bytes, 0) != page) return std::nullopt;
    if ((number_at<std::uint16_t>(*bytes, 10) & ~dirty) != overflow_page) return std::nullopt;
    if (number_at<std::uint32_t>(*bytes, 12) != count) return std::nullopt;
    seen_.overflows += count;
    return bytes->substr(page_header, size);
}

bool RowFile::see_leaf(const std::string& page, const Tree&) {
    const auto nodes = nodes_of(page);
    if (!nodes || nodes->empty()) return false;
    ++seen_.leaves;
    for (const auto node : *nodes) {
        const std::size_t size = number_at<std::uint16_t>(node, 0) | std::size_t{number_at<std::uint16_t>(node, 2)}
                                                                         << 16;
        const auto flags = number_at<std::uint16_t>(node, 4);
        const std::size_t key_size = number_at<std::uint16_t>(node, 6), at = node_header + key_size;
        const auto key = node.substr(node_header, key_size);
        if (key.empty() || (flags != 0 && flags != big_data)) return false;
        if (node.size() - at < (flags == 0 ? size : sizeof(std::uint64_t))) return false;
        std::optional<std::string> far;
        if (flags == big_data) far = overflow(number_at<std::uint64_t>(node, at), size);
        if (flags == big_data && !far) return false;
        const auto value = far ? std::string_view(*far) : node.substr(at, size);
        if (!(rows_ ? see_row(key, value) : see_free(key, value))) return false;
        ++seen_.entries;
    }
    return true;
}

bool RowFile::see_row(std::string_view key, std::string_view value) {
    if (key <= last_key_) return false;
    last_key_ = key;
    if (key == row_sum_key)
        told_sum_ = value;
    else
        sum_ += row_sum(key, value);
    return true;
}

// Pages that a transaction freed, and their number first.
bool RowFile::see_free(std::string_view key, std::string_view value) {
    constexpr std::size_t word = sizeof(std::uint64_t);
    if (key.size() != word || value.size() < word || value.size() % word != 0) return false;
    const auto count = number_at<std::uint64_t>(value, 0);
    if (count >= value.size() / word) return false;
    for (std::uint64_t i = 1; i <= count; ++i)
        if (!take(number_at<std::uint64_t>(value, i * word))) return false;
    return true;
}

std::uint64_t mixed(std::string_view bytes, std::uint64_t seed) {
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15, other = 0xC2B2AE3D27D4EB4F;
    std::uint64_t state = seed + bytes.size() * odd;
    while (!bytes.empty()) {
        std::uint64_t word = 0;
        const auto some = std::min(bytes.size(), sizeof word);
        std::memcpy(&word, bytes.data(), some);
        state = (state ^ word) * other;
        state ^= state >> 29;
        bytes.remove_prefix(some);
    }
    state = (state ^ state >> 32) * odd;
    return state ^ state >> 31;
}

std::string seal_of(const struct stat& about) {
    const auto nanoseconds = [](const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; };
    return fmt::format("mailctl-seal 1 {} {} {} {}\n", about.st_ino, about.st_size, nanoseconds(about.st_mtim),
                       nanoseconds(about.st_ctim));
}

std::string data_file(const std::string& path) { return path + "/data.mdb"; }
std::string seal_file(const std::string& path) { return path + "/seal"; }

bool is_sealed(const std::string& path, const struct stat& about) {
    const auto seal = find_file(seal_file(path));
    return seal && *seal && **seal == seal_of(about);
}

// LMDB begins a lock file anew where nobody uses it, and else maps what is there.
bool is_lock_file(const std::string& path) {
    const FileDescriptor file(::open((path + "/lock.mdb").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    if (!file) return errno == ENOENT || errno == EACCES;
    struct stat about {};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) return false;
    std::uint32_t found = 0;
    return static_cast<std::size_t>(about.st_size) >= least_lock_file &&
           ::pread(file.get(), &found, sizeof found, 0) == sizeof found && found == magic;
}

} // namespace

std::uint64_t row_sum(std::string_view key, std::string_view value) { return mixed(value, mixed(key, 1)); }
std::string format_row_sum(std::uint64_t sum) { return fmt::format("{:016x}", sum); }

Soundness check_rows(const std::string& path) {
    constexpr int attempts = 5; // a writer that goes on may use pages again that are being looked at
    for (int attempt = 1;; ++attempt) {
        struct stat about {};
        if (::stat(data_file(path).c_str(), &about) != 0)
            return errno == ENOENT ? Soundness::absent : Soundness::damaged;
        if (!is_lock_file(path)) return Soundness::damaged;
        if (is_sealed(path, about)) return Soundness::sound;
        RowFile file(data_file(path));
        const auto meta = file.newest();
        if (meta && file.is_whole(*meta)) return Soundness::sound;
        const auto later = RowFile(data_file(path)).newest();
        const bool goes_on = meta && later && later->transaction != meta->transaction;
        if (!goes_on || attempt == attempts) return Soundness::damaged;
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

void seal_rows(const std::string& path) {
    struct stat about {};
    if (::stat(data_file(path).c_str(), &about) != 0) return;
    FileDescriptor file(
        ::open(seal_file(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640));
    if (!file) return;
    // Who may not give files away is of the group already, or the agent looks at every page instead.
    if (::fchown(file.get(), static_cast<uid_t>(-1), about.st_gid) != 0 && errno != EPERM) return;
    static_cast<void>(write_all(file.get(), seal_of(about), seal_file(path)));
}

} // namespace mailctl
