// SPDX-License-Identifier: Apache-2.0
// The grammar of LMTP command lines (RFC 5321 4.1.1 to 4.1.2, RFC 1870, 3030, 3461 for ORCPT, 6531): text in, values or
// the refusing reply out. Knows no state. Strict about blanks, control bytes and parameters it was not promised;
// lenient about addresses: those are other people's (model/others_address.hpp).
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/mail/lmtp_reply.hpp"
#include "mailctl/model/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace mailctl {

template <class T>
using LmtpParsed = std::variant<T, LmtpReply>; // the reply says what was wrong with the line

struct CommandLine {
    std::string verb; // folded: "mail"
    std::string_view argument;
};
// `line` without its LF. 500 5.5.2: no CR before the LF, NUL, invalid UTF-8, no verb of 1 to 32 letters, two blanks
// after it. 501 5.5.4: another control byte. Blanks at the end are dropped.
[[nodiscard]] LmtpParsed<CommandLine> parse_command_line(std::string_view line);

struct MailArgument {
    Sender sender;
    std::optional<ByteCount> size;
    bool body_8bit = false;
    bool smtputf8 = false;
};
// "FROM:<a@b> SIZE=1 BODY=8BITMIME SMTPUTF8". A sender without a domain gets `hostname`. 501 5.1.7 what can be no
// address, 501 5.5.4 bad syntax or value, 553 5.6.7 non-ASCII address without SMTPUTF8, 555 5.5.4 a parameter we do not
// offer (DSN, BINARYMIME).
[[nodiscard]] LmtpParsed<MailArgument> parse_mail_argument(std::string_view argument, const DomainName& hostname);

struct RcptArgument {
    Address recipient;
    std::optional<std::string> original_recipient; // decoded
};
enum class MailIs { ascii, smtputf8 };
// "TO:<a@b> ORCPT=rfc822;a+40b". `postmaster` alone gets `hostname`. 550 5.1.1 for <>, 501 5.1.3 bad address, else as
// MAIL.
[[nodiscard]] LmtpParsed<RcptArgument> parse_rcpt_argument(std::string_view argument, const DomainName& hostname,
                                                           MailIs mail);

struct ChunkArgument {
    std::uint64_t size = 0;
    bool last = false;
};
// "86 LAST" (RFC 3030 2). nullopt: sign, overflow, over 20 digits, anything else; the size of what follows is then
// unknown.
[[nodiscard]] std::optional<ChunkArgument> parse_chunk_argument(std::string_view argument);

// RFC 6533 3, utf-8-addr-xtext and utf-8-addr-unitext: \x{HEX} is a code point. Checked as xtext is.
[[nodiscard]] std::optional<std::string> decode_utf8_xtext(std::string_view text);
// RFC 3461 4, then checked again: what came out must be UTF-8 without control bytes, and not empty (CVE-2020-28026).
[[nodiscard]] std::optional<std::string> decode_xtext(std::string_view text);

} // namespace mailctl
