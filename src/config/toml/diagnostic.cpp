// SPDX-License-Identifier: Apache-2.0
// How the findings of a configuration file read on a terminal and as one Error.
#include "mailctl/config/toml/diagnostic.hpp"

#include <fmt/format.h>

namespace mailctl {

std::string format_diagnostic(const Diagnostic& diagnostic) {
    std::string text = diagnostic.file;
    if (diagnostic.place.line != 0) text += fmt::format(":{}:{}", diagnostic.place.line, diagnostic.place.column);
    for (const auto* part : {&diagnostic.key, &diagnostic.message}) {
        if (!text.empty() && !part->empty()) text += ": ";
        text += *part;
    }
    return text;
}

Error error_of(const std::vector<Diagnostic>& diagnostics) {
    Error error{.kind = ErrorKind::invalid, .what = {}, .hint = {}};
    for (const auto& diagnostic : diagnostics) {
        if (!error.what.empty()) error.what += '\n';
        error.what += format_diagnostic(diagnostic);
        if (error.hint.empty()) error.hint = diagnostic.remedy;
    }
    return error;
}

} // namespace mailctl
