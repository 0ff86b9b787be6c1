// SPDX-License-Identifier: Apache-2.0
// LmtpReply: one answer to an LMTP client, and its form on the wire. Whatever text a caller puts in (an address, the
// words of another server, a file name), exactly one line leaves: a raw line break in a reply was CVE-2020-8794.
#pragma once

#include <string>
#include <string_view>

namespace mailctl {

struct LmtpReply {
    int code = 451;       // 2xx, 4xx or 5xx; anything else is sent as 451
    std::string enhanced; // RFC 3463, "5.1.1"; made up ("5.0.0") where malformed or of another class than `code`
    std::string text;     // for people; need not be clean
    bool operator==(const LmtpReply&) const = default;
};

// "550 5.1.1 no such user\r\n": one line, printable ASCII, at most 512 bytes with CRLF (RFC 5321 4.5.3.1.5).
[[nodiscard]] std::string format_lmtp_reply(const LmtpReply& reply);
// The text part alone: printable ASCII, other bytes as \xNN.
[[nodiscard]] std::string clean_reply_text(std::string_view text);

} // namespace mailctl
