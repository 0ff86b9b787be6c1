// SPDX-License-Identifier: Apache-2.0
// Code points written as UTF-8 (RFC 3629). Reading them is base/text.
#pragma once

#include <string>

namespace mailctl {

// `code` is at most 0x10FFFF. A surrogate is written too, as three bytes that is_utf8() refuses.
void append_utf8(std::string& text, char32_t code);

} // namespace mailctl
