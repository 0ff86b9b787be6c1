// SPDX-License-Identifier: Apache-2.0
// MessageContent: the bytes of one message between the end of the wire and the Maildir, in stored form (LF line ends).
// Small ones stay in memory; a larger one goes to a nameless file below the mail root, which vanishes with the process,
// so that neither a big message nor a crash leaves anything behind. A failure to keep a byte is remembered: such a
// message must be answered with a temporary error.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/os/files.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mailctl {

class MessageContent {
  public:
    static constexpr std::size_t default_memory = 128 * 1024;

    // `spool_directory` must be on a file system with room for messages: the mail root.
    explicit MessageContent(std::string spool_directory, std::size_t memory = default_memory);

    void append(std::string_view chunk);
    [[nodiscard]] const Status& status() const { return status_; } // the first failure of append()
    [[nodiscard]] std::uint64_t size() const { return size_; }
    // Bytes if every line ended with CRLF (Maildir ",W="): one more for each LF without a CR before it.
    [[nodiscard]] std::uint64_t virtual_size() const { return size_ + bare_line_feeds_; }
    [[nodiscard]] bool ends_with_newline() const { return last_ == '\n'; }
    // A CR that belongs to no line end (those are LF here): SMTP's DATA can't carry it (RFC 5321 2.3.8).
    [[nodiscard]] bool has_carriage_return() const { return has_carriage_return_; }
    // The beginning, long enough to hold the header section, but no more than `limit` bytes. Valid until append/clear.
    [[nodiscard]] Result<std::string_view> beginning(std::size_t limit);
    // The whole message if it is in memory; otherwise read it from spool() with pread(2).
    [[nodiscard]] bool in_memory() const { return !spool_; }
    [[nodiscard]] std::string_view memory() const { return memory_; }
    [[nodiscard]] int spool() const { return spool_.get(); }
    // Ready for the next message; memory of a big one is given back.
    void clear();

  private:
    void spill();
    Status write_spool(std::string_view data);

    std::string spool_directory_;
    std::size_t limit_;
    std::string memory_;
    FileDescriptor spool_;
    std::uint64_t size_ = 0, bare_line_feeds_ = 0;
    char last_ = '\n';
    bool has_carriage_return_ = false;
    Status status_;
};

// Calls `take` with each piece of bytes [offset, end) of the message, in order; stops at the first failure.
template <class Take>
Status read_content(const MessageContent& content, std::uint64_t offset, Take&& take);
// One piece of at most buffer.size() bytes at `offset`; empty at the end.
[[nodiscard]] Result<std::string_view> read_piece(const MessageContent& content, std::uint64_t offset,
                                                  std::string& buffer);

template <class Take>
Status read_content(const MessageContent& content, std::uint64_t offset, Take&& take) {
    std::string buffer(content.in_memory() ? 0 : 64 * 1024, '\0');
    while (offset < content.size()) {
        TRY_ASSIGN(const std::string_view piece, read_piece(content, offset, buffer));
        TRY(take(piece));
        offset += piece.size();
    }
    return {};
}

} // namespace mailctl
