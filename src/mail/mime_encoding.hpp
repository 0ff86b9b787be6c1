// SPDX-License-Identifier: Apache-2.0
// How text and bytes travel in a message that must stay ASCII with short lines: base64 and quoted-printable bodies (RFC
// 2045), encoded words in header fields (RFC 2047), parameters of MIME fields (RFC 2231). Encoding only: what comes
// from outside is never decoded here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailctl {

// RFC 2045 6.8, lines of 76 characters, each ended by LF; "" for nothing.
[[nodiscard]] std::string encode_base64(std::string_view bytes);
// RFC 2045 6.7 for text with LF line ends (CRLF and lone CR count as such). Ends with LF.
[[nodiscard]] std::string encode_quoted_printable(std::string_view text);
// Whether text may stand in a body as it is: printable ASCII in lines of at most 78 characters, nothing that a boundary
// of compose_message could be taken for.
[[nodiscard]] bool is_plain_text(std::string_view text);

// The value of an unstructured field such as Subject: as it is where that is ASCII, else as encoded words (UTF-8, B)
// that never divide a code point, separated by spaces. Control characters become spaces, bytes that are no UTF-8
// U+FFFD. `column`: where on its line the value begins, so that the first word fits there.
[[nodiscard]] std::string encode_unstructured(std::string_view text, std::size_t column = 0);
// A name before an address (RFC 5322 phrase): atoms, else a quoted string, else encoded words.
[[nodiscard]] std::string encode_phrase(std::string_view name, std::size_t column = 0);
// `; filename="a.pdf"`, or with `filename*=UTF-8''...` where the value is not ASCII. Each on a continuation line.
[[nodiscard]] std::string encode_parameter(std::string_view name, std::string_view value);
// "Name: value" broken at spaces into lines of at most 78 characters where it has spaces. Ends with LF.
[[nodiscard]] std::string fold_field(std::string_view name, std::string_view value);

} // namespace mailctl
