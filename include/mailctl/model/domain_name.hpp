// SPDX-License-Identifier: Apache-2.0
// DomainName: the name of a mail domain. Kept as lower-case A-labels (RFC 5890), so that both written forms of an
// internationalized name are equal; shown as U-labels. Cannot hold control bytes, spaces or '/'. parse() is for names
// that we host or give; the domain in anybody's address is taken as its owner has it: model/others_address.hpp.
#pragma once

#include "mailctl/base/result.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace mailctl {

class DomainName {
  public:
    // Accepts A-labels and U-labels (UTF-8). invalid: empty label, label over 63, name over 253 bytes, byte outside
    // LDH, not IDNA2008. A trailing dot is refused. A single label ("localhost") is a name.
    static Result<DomainName> parse(std::string_view text);
    // RFC 5321 4.1.3: "[192.0.2.1]", "[IPv6:2001:db8::1]". Never a domain of ours; may stand in an envelope sender.
    static Result<DomainName> parse_literal(std::string_view text);
    // For text that this class produced itself (compiled directory): no checks beyond an assert.
    static DomainName from_trusted(std::string text);

    [[nodiscard]] const std::string& text() const { return text_; } // "xn--bcher-kva.example" or "[192.0.2.1]"
    [[nodiscard]] std::string display() const;                      // "bücher.example"
    [[nodiscard]] bool is_literal() const { return text_.starts_with('['); }
    auto operator<=>(const DomainName&) const = default;

  private:
    explicit DomainName(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

} // namespace mailctl
