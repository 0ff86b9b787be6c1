// SPDX-License-Identifier: Apache-2.0
// Tag lists (RFC 6376 3.2), which DKIM, DMARC, MTA-STS and TLS-RPT records are: "v=DMARC1; p=none".
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct TagList {
    std::vector<std::pair<std::string, std::string>> tags; // in order; names in lower case, values trimmed
    bool well_formed = true;

    [[nodiscard]] const std::string* find(std::string_view name) const; // the first of that name
    [[nodiscard]] std::string value(std::string_view name, std::string_view otherwise = {}) const;
};
[[nodiscard]] TagList parse_tags(std::string_view text);

// A word of a list with colons, as the t=, s= and h= of DKIM have it.
[[nodiscard]] bool has_word(std::string_view list, std::string_view word);
// As base64 counts it: blanks may stand anywhere in p= (RFC 6376 3.2).
[[nodiscard]] std::string without_blanks(std::string text);

// Those TXT values that begin with this tag, "v=DMARC1", as their RFCs pick them out.
[[nodiscard]] std::vector<std::string> with_version(std::span<const std::string> texts, std::string_view version);
// The URIs of a rua tag, decoded, without a size ("!10m").
[[nodiscard]] std::vector<std::string> report_uris(std::string_view value);

} // namespace mailctl
