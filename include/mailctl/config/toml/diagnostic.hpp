// SPDX-License-Identifier: Apache-2.0
// Diagnostic: one thing that is wrong in a configuration file, with its place. A file reports all of them at once.
#pragma once

#include "mailctl/base/result.hpp"

#include <string>
#include <vector>

namespace mailctl {

struct Place { // 1-based; columns count code points; 0 = unknown
    std::size_t line = 0, column = 0;
    bool operator==(const Place&) const = default;
};

struct Diagnostic {
    std::string file;
    Place place;
    std::string key;     // "mailbox.paul.quota"
    std::string message; // what is wrong
    std::string remedy;  // what to write instead
    bool operator==(const Diagnostic&) const = default;
};

// "etc/domains/example.com.toml:12:9: mailbox.paul.quota: unknown unit 'GX' in '2 GX'"; the remedy is not part of it.
[[nodiscard]] std::string format_diagnostic(const Diagnostic& diagnostic);
// One Error of kind invalid that lists them all, one a line; the hint carries the first remedy.
[[nodiscard]] Error error_of(const std::vector<Diagnostic>& diagnostics);

} // namespace mailctl
