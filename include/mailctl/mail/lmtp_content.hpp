// SPDX-License-Identifier: Apache-2.0
// LmtpContent: turns message content on the wire into stored form. One machine for both notions, so that they cannot
// disagree: a line ends with CRLF and nothing else, only CRLF.CRLF (or .CRLF at the very start) ends DATA, a dot is
// unstuffed after CRLF only (RFC 5321 4.5.2; SMTP smuggling, CVE-2023-51764). Bare CR and bare LF are ordinary bytes
// and stay as they are.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace mailctl {

enum class ContentForm { dotted, chunked }; // DATA (RFC 5321) or BDAT (RFC 3030: no dots)

class LmtpContent {
  public:
    using Sink = std::function<void(std::string_view)>;

    LmtpContent() = default;
    explicit LmtpContent(ContentForm form) : form_(form) {}

    // Decodes as much of `bytes` as belongs to the content and hands it to `sink` in pieces of up to 16 KiB. Returns
    // how many bytes were used: all of them unless the end of data was found.
    std::size_t feed(std::string_view bytes, const Sink& sink);
    // Chunked content has no end mark: a CR still waiting for its LF is handed out.
    void end_chunks(const Sink& sink);
    [[nodiscard]] bool ended() const { return state_ == State::ended; }  // dotted: the end of data was seen
    [[nodiscard]] std::uint64_t wire_size() const { return wire_size_; } // octets so far as RFC 1870 counts them

  private:
    enum class State { line_start, dot, dot_cr, middle, cr, ended };

    ContentForm form_ = ContentForm::dotted;
    State state_ = State::line_start;
    std::uint64_t wire_size_ = 0;
};

} // namespace mailctl
