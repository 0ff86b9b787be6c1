// SPDX-License-Identifier: Apache-2.0
// What a command has to say, on the two streams: data on standard output, everything else on standard error. Standard
// output is checked to its end, so that a full disk behind `> file` is an error and not a truncated file.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/report/report.hpp"

#include <string>
#include <string_view>

namespace mailctl {

struct OutputStyle {
    Format format = Format::table;
    Colour colour = Colour::off;
    std::size_t width = 0; // columns; 0 = unlimited
    bool quiet = false;
    bool verbose = false;
    OffsetOfZone zone = {};                // of the site
    Colour colour_of_errors = Colour::off; // of standard error
};

// failed: standard output could not be written or closed.
[[nodiscard]] Status print_report(const Report& report, const OutputStyle& style);
[[nodiscard]] Status print_text(std::string_view text);
// close(2) with its result, at the very end: delayed write errors surface here.
[[nodiscard]] Status close_output();
// One line on standard error.
void say(std::string_view line);
// "mailctl: what" and "hint: ..." on standard error; under --json one line {"error":{"kind","what","hint"}}.
void print_error(const Error& error, Format format, Colour colour);

} // namespace mailctl
