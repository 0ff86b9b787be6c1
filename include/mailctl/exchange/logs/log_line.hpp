// SPDX-License-Identifier: Apache-2.0
// A line of a mail log divided into its parts, before anybody asks what it means. Four forms are known and may mix in
// one file: rsyslog's old one ("Aug  9 10:00:00 host"), that of Postfix's own postlogd (the day padded with a zero),
// RFC 3339 (rsyslog of Debian 12 and later), and what `journalctl -o json` prints.
#pragma once

#include "mailctl/base/units.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

enum class StampForm { without_year, rfc3339 };

struct LogLine { // views of the line
    StampForm form = StampForm::without_year;
    std::string_view stamp, host;
    std::string_view program; // "postfix/submission/smtpd", without "[123]"
    std::string_view text;
};
// Absent: no such line.
[[nodiscard]] std::optional<LogLine> split_log_line(std::string_view line);

struct JournaldLine {
    Instant time;
    std::string host, program, text, cursor;
};
// Absent: no JSON object with a time and a message. A message of bytes (an array of numbers) is read too.
[[nodiscard]] std::optional<JournaldLine> read_journald_line(std::string_view line);

// "postfix-out/relay/smtp" is the service smtp of the instance postfix-out. A program without '/' is no service.
struct ProgramName {
    std::string_view instance, service;
};
[[nodiscard]] ProgramName split_program(std::string_view program);

} // namespace mailctl
