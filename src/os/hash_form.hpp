// SPDX-License-Identifier: Apache-2.0
// The form of password hashes that crypt(3) does not know: a digest in base64 or hexadecimal digits, with a salt behind
// it or in front, as Dovecot's password-scheme plugins read them. Only the form: whose password it is, Dovecot says.
#pragma once

#include <string_view>

namespace mailctl {

// `scheme` in capitals and without an encoding ("SSHA512"), `encoding` as written behind it ("HEX", "B64", "BASE64") or
// empty. False: Dovecot would refuse every password because of the text, or knows no such scheme.
[[nodiscard]] bool is_digest(std::string_view scheme, std::string_view encoding, std::string_view text);

} // namespace mailctl
