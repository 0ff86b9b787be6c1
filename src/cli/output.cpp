// SPDX-License-Identifier: Apache-2.0
// write(2) without a buffer of our own: what was written is known, and what failed is said.
#include "output.hpp"

#include "mailctl/base/text.hpp"

#include <cerrno>
#include <cstring>
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
    TRY(print_text(render(report, style.format, style.colour, style.width)));
    if (style.quiet) return {};
    for (const std::string& note : report.notes)
        say(printable_lines(note));
    return {};
}

void print_error(const Error& error, Format format) {
    if (format == Format::json) {
        const Cells cells = {{"kind", std::string(kind_name(error.kind)), true, true, {}},
                             {"what", error.what, true, true, {}},
                             {"hint", error.hint, true, true, {}}};
        return say(render_json_line({{"error", cells, true, true, {}}}));
    }
    say("mailctl: " + printable_lines(error.what));
    if (!error.hint.empty()) say("hint: " + printable_lines(error.hint));
}

} // namespace mailctl
