// SPDX-License-Identifier: Apache-2.0
// Encoded words of header fields (RFC 2047) taken back: for showing a subject, and for quoting it in a reply.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

// An unfolded unstructured value as UTF-8. Words in UTF-8 and the charsets of mail/charset.hpp are decoded, blanks
// between two words dropped (RFC 2047 6.2); what only looks like a word stays; raw bytes that are not UTF-8 are
// windows-1252. Absent: a word of another charset, or one that is damaged. Control characters are not removed.
[[nodiscard]] std::optional<std::string> decode_unstructured(std::string_view value);

} // namespace mailctl
