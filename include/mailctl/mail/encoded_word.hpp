// Encoded words of header fields (RFC 2047) taken back: for showing a subject, and for quoting it in a reply.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

// An unfolded unstructured value as UTF-8. Words in UTF-8, US-ASCII, ISO-8859-1, ISO-8859-15 and windows-1252 are
// decoded, blanks between two words dropped (RFC 2047 6.2); what only looks like a word stays. Absent: a word of
// another charset, or bytes that are no text. Control characters are not removed.
[[nodiscard]] std::optional<std::string> decode_unstructured(std::string_view value);

} // namespace mailctl
