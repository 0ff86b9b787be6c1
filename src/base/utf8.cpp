// SPDX-License-Identifier: Apache-2.0
#include "mailctl/base/utf8.hpp"

#include <cassert>

namespace mailctl {
namespace {

char trailing_byte(char32_t code, unsigned shift) { return static_cast<char>(0x80U | (code >> shift & 0x3FU)); }

} // namespace

void append_utf8(std::string& text, char32_t code) {
    assert(code <= 0x10FFFF);
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += {static_cast<char>(0xC0U | code >> 6U), trailing_byte(code, 0)};
    } else if (code < 0x10000) {
        text += {static_cast<char>(0xE0U | code >> 12U), trailing_byte(code, 6), trailing_byte(code, 0)};
    } else {
        text += {static_cast<char>(0xF0U | code >> 18U), trailing_byte(code, 12), trailing_byte(code, 6),
                 trailing_byte(code, 0)};
    }
}

} // namespace mailctl
