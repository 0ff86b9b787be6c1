// Password hashes as other programs write them, in Dovecot's notation.
#pragma once

#include <string>
#include <string_view>

namespace mailctl {

// "$6$..." becomes "{CRYPT}$6$...", "$argon2id$..." becomes "{ARGON2ID}$argon2id$...", 32 hexadecimal digits
// "{PLAIN-MD5}...". What has a scheme already, or is none of these, stays as it is.
[[nodiscard]] std::string with_scheme(std::string_view hash);
// Whether a text that could be a password is far more likely the hash of one.
[[nodiscard]] bool looks_like_hash(std::string_view text);

} // namespace mailctl
