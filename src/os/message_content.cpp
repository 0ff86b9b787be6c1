// SPDX-License-Identifier: Apache-2.0
// Message bytes in memory or in a nameless file. After the spill the first bytes stay in memory too: that is where the
// header section is looked for.
#include "mailctl/os/message_content.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace mailctl {
namespace {

std::uint64_t count_bare_line_feeds(std::string_view text, char before) {
    auto count = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    if (!text.empty() && text.front() == '\n' && before == '\r') --count;
    for (auto at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1))
        if (at + 1 < text.size() && text[at + 1] == '\n') --count;
    return count;
}

Result<FileDescriptor> open_nameless(const std::string& directory) {
    FileDescriptor fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fd) return fd;
    if (errno != EOPNOTSUPP && errno != EISDIR) return fail(system_error(errno, "cannot spool in", directory));
    std::string name = directory + "/.spool.XXXXXX"; // NFS has no nameless files: one whose name goes at once
    fd = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) return fail(system_error(errno, "cannot spool in", directory));
    ::unlink(name.c_str());
    return fd;
}

} // namespace

MessageContent::MessageContent(std::string spool_directory, std::size_t memory)
    : spool_directory_(std::move(spool_directory)), limit_(memory) {}

void MessageContent::append(std::string_view chunk) {
    if (chunk.empty() || !status_) return;
    size_ += chunk.size();
    bare_line_feeds_ += count_bare_line_feeds(chunk, last_);
    last_ = chunk.back();
    has_carriage_return_ = has_carriage_return_ || chunk.find('\r') != std::string_view::npos;
    if (!spool_ && memory_.size() + chunk.size() <= limit_) {
        memory_.append(chunk);
        return;
    }
    if (!spool_) spill();
    if (status_) status_ = write_spool(chunk);
}

void MessageContent::spill() {
    auto fd = open_nameless(spool_directory_);
    if (!fd) {
        status_ = fail(std::move(fd).error());
        return;
    }
    spool_ = std::move(*fd);
    status_ = write_spool(memory_);
}

Status MessageContent::write_spool(std::string_view data) { return write_all(spool_.get(), data, spool_directory_); }

Result<std::string_view> MessageContent::beginning(std::size_t limit) {
    if (in_memory() || memory_.find("\n\n") != std::string::npos || memory_.starts_with('\n'))
        return std::string_view(memory_).substr(0, limit);
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size_, limit));
    auto have = memory_.size();
    memory_.resize(std::max(have, wanted)); // a header section beyond the first bytes: rare, and bounded by `limit`
    while (have < memory_.size()) {
        const auto got = ::pread(spool_.get(), memory_.data() + have, memory_.size() - have, static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            const auto cause = got < 0 ? errno : EIO;
            memory_.resize(have);
            return fail(system_error(cause, "cannot read the spooled message in", spool_directory_));
        }
        have += static_cast<std::size_t>(got);
    }
    return std::string_view(memory_).substr(0, limit);
}

void MessageContent::clear() {
    memory_.clear();
    if (memory_.capacity() > 16 * 1024) memory_.shrink_to_fit();
    spool_ = {};
    size_ = bare_line_feeds_ = 0;
    last_ = '\n';
    has_carriage_return_ = false;
    status_ = {};
}

Result<std::string_view> read_piece(const MessageContent& content, std::uint64_t offset, std::string& buffer) {
    if (content.in_memory()) return content.memory().substr(std::min<std::size_t>(offset, content.memory().size()));
    for (;;) {
        const auto got = ::pread(content.spool(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
        if (got > 0) return std::string_view(buffer).substr(0, static_cast<std::size_t>(got));
        if (got < 0 && errno == EINTR) continue;
        return fail(system_error(got < 0 ? errno : EIO, "cannot read", "spooled message"));
    }
}

} // namespace mailctl
