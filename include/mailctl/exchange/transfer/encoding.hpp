// SPDX-License-Identifier: Apache-2.0
// Bytes of unknown origin made UTF-8. Detected without being told: UTF-8 and UTF-16 by their byte order mark, UTF-16
// without one by its NUL bytes, UTF-8 by being valid. A single-byte text cannot be told from another one: it is
// refused, and the caller names its encoding, rather than names being spoilt silently.
#pragma once

#include "mailctl/base/result.hpp"

#include <string>
#include <string_view>

namespace mailctl {

// The text without byte order mark. `encoding`: as iconv(3) names it ("windows-1252", "utf-16le"); empty = detect.
// usage: no such encoding; invalid: the bytes are not of it, or of none that can be detected; the message has the line.
[[nodiscard]] Result<std::string> decode_text(std::string bytes, std::string_view encoding = {});

} // namespace mailctl
