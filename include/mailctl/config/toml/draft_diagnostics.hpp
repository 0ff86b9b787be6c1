// SPDX-License-Identifier: Apache-2.0
// What is wrong with a text that is no file yet. Its lines are nowhere to be looked at, so a place is told only where
// the file as it stands has the same fault.
#pragma once

#include "mailctl/config/toml/diagnostic.hpp"

namespace mailctl {

// Each of `wrong` that `in_file` has too, by key and message, is told with its place there; every other begins with
// `subject`, which may be empty: "domain 'example.com': mailbox.paul.quota: unknown unit 'GX' in '2 GX'".
[[nodiscard]] std::vector<Diagnostic> place_in_file(std::vector<Diagnostic> wrong,
                                                    const std::vector<Diagnostic>& in_file, const std::string& subject);

} // namespace mailctl
