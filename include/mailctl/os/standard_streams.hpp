// SPDX-License-Identifier: Apache-2.0
// Descriptors 0, 1 and 2. Whoever starts us may have closed them; then the next file that is opened would get their
// number, and be read as the message or written to as the terminal.
#pragma once

#include <string_view>

namespace mailctl {

// To be called before anything is opened. What was closed stays unusable: reading or writing it fails with EBADF.
void claim_standard_descriptors();
// A line for people, on standard error; given up when nobody takes it within a moment.
void complain(std::string_view line);

} // namespace mailctl
