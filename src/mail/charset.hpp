// SPDX-License-Identifier: Apache-2.0
// Text of other charsets as UTF-8: the charsets of one byte a character that mail still comes in. Those of several
// bytes (ISO-2022-JP, GB 18030, Big5 ...) are not here: their tables are megabytes, iconv(3) reads them from files at
// run time, which a statically linked agent cannot rely on. Where they occur text is passed on in the form it came in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

// `charset`: a name of the IANA registry or a usual alias, in any case. Absent: another charset, or bytes that mean
// nothing in it.
[[nodiscard]] std::optional<std::string> text_in_charset(std::string_view bytes, std::string_view charset);

} // namespace mailctl
