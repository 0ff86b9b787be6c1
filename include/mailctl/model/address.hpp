// SPDX-License-Identifier: Apache-2.0
// Address: local part and domain, parsed once. Cannot hold CR, LF, NUL or another control byte (RFC 5321 4.1.2; the
// CVEs in which an address byte became a header line or a shell word all began with text that skipped this door). The
// local part keeps its bytes unquoted; it is compared through key(), without regard to ASCII case.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/domain_name.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

class LocalPart {
  public:
    // A dot-string or a quoted-string (RFC 5321 4.1.2), lenient as Dovecot: leading, trailing and doubled dots pass.
    // `""` is the empty local part and legal. invalid: control bytes, invalid UTF-8, over 2048 bytes, unquoted
    // specials.
    static Result<LocalPart> parse(std::string_view text);
    // Bytes that are already unquoted and trusted (compiled directory, folded keys).
    static LocalPart from_trusted(std::string bytes);

    [[nodiscard]] const std::string& text() const { return text_; } // unquoted, case as given
    [[nodiscard]] std::string key() const;                          // folded: what lookups compare
    [[nodiscard]] std::string quoted() const;                       // as it must stand in a header or command
    [[nodiscard]] bool is_ascii() const;
    auto operator<=>(const LocalPart&) const = default;

  private:
    explicit LocalPart(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

struct Address {
    LocalPart local;
    DomainName domain;

    // "paul@example.com", "\"a b\"@example.com", "a@[192.0.2.1]"; the domain is anybody's (model/others_address.hpp).
    static Result<Address> parse(std::string_view text);
    [[nodiscard]] std::string text() const;    // RFC 5321 form, quoted where needed, domain as A-labels
    [[nodiscard]] std::string display() const; // domain as U-labels, for people
    [[nodiscard]] std::string key() const;     // folded local part, '@', domain: equal addresses have equal keys
    [[nodiscard]] bool is_ascii() const { return local.is_ascii(); }
    auto operator<=>(const Address&) const = default;
};

// The envelope sender: absent is the null sender <> of bounces and automatic mail (RFC 5321 4.5.5).
using Sender = std::optional<Address>;
[[nodiscard]] std::string sender_text(const Sender& sender); // "" for the null sender

} // namespace mailctl
