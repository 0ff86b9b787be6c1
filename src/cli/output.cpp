// SPDX-License-Identifier: Apache-2.0
// write(2) without a buffer of our own: what was written is known, and what failed is said.
#include "output.hpp"

#include "mailctl/base/text.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace mailctl {
namespace {

Status write_to(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0)
            return fail(ErrorKind::failed, std::string("cannot write to standard output: ") + std::strerror(errno));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

// Lines stay lines; what could move the cursor inside one does not reach the terminal.
std::string printable_lines(std::string_view text) {
    std::string result;
    for (const std::string_view line : split(text, '\n')) {
        if (!result.empty()) result += '\n';
        result += printable(line);
    }
    return result;
}

std::string coloured(std::string_view code, std::string_view word, Colour colour) {
    return colour == Colour::on ? fmt::format("\x1b[{}m{}\x1b[0m", code, word) : std::string(word);
}

std::string coloured_note(std::string note, Colour colour) {
    constexpr std::string_view warning = "warning:";
    if (note.starts_with(warning)) note.replace(0, warning.size(), coloured("33", warning, colour));
    return note;
}

// An empty listing in front of a person says so; a pipe gets nothing, which is what it asked for.
bool shows_nothing(const Report& report, const OutputStyle& style) {
    return style.width > 0 && style.format == Format::table && report.layout == Layout::table && report.rows.empty() &&
           report.notes.empty() && !sentence_of_nothing(report.type).empty();
}

} // namespace

Status print_text(std::string_view text) { return write_to(STDOUT_FILENO, text); }

Status close_output() {
    // A stream that was closed before we began is nobody's loss: whatever was written to it has failed already.
    if (::close(STDOUT_FILENO) == 0 || errno == EBADF) return {};
    return fail(ErrorKind::failed, std::string("cannot write to standard output: ") + std::strerror(errno));
}

// Nothing can be said about a standard error that does not take it.
void say(std::string_view line) { std::ignore = write_to(STDERR_FILENO, std::string(line) + "\n"); }

Status print_report(const Report& report, const OutputStyle& style) {
    if (style.verbose && !report.brief.empty()) {
        Report whole = report;
        whole.brief.clear();
        return print_report(whole, style);
    }
    TRY(print_text(render(report, style.format, style.colour, style.width, style.zone)));
    if (style.quiet) return {};
    if (shows_nothing(report, style)) say(sentence_of_nothing(report.type));
    for (const std::string& note : report.notes)
        say(coloured_note(printable_lines(note), style.colour_of_errors));
    return {};
}

void print_error(const Error& error, Format format, Colour colour) {
    if (format == Format::json) {
        const Cells cells = {{"kind", std::string(kind_name(error.kind)), true, true, {}},
                             {"what", error.what, true, true, {}},
                             {"hint", error.hint, true, true, {}}};
        return say(render_json_line({{"error", cells, true, true, {}}}));
    }
    say(coloured("31", "mailctl:", colour) + " " + printable_lines(error.what));
    if (!error.hint.empty()) say(coloured("1", "hint:", colour) + " " + printable_lines(error.hint));
}

} // namespace mailctl
