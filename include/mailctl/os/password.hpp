// SPDX-License-Identifier: Apache-2.0
// Password hashes in Dovecot's notation: "{SCHEME}hash", the prefix always written (a bare hash would itself be the
// password under Dovecot 2.4's default scheme).
#pragma once

#include "mailctl/base/result.hpp"

#include <string>
#include <string_view>

namespace mailctl {

enum class PasswordScheme { yescrypt, argon2id, bcrypt, sha512_crypt };
[[nodiscard]] Result<PasswordScheme>
parse_scheme(std::string_view name); // "yescrypt", "argon2id", "bcrypt", "sha512-crypt"
// "{CRYPT}$y$j9T$...", "{ARGON2ID}$argon2id$...". bcrypt refuses passwords over 72 bytes; all refuse NUL and empty.
[[nodiscard]] Result<std::string> hash_password(std::string_view password, PasswordScheme scheme);
// Whether `hash` is a well-formed "{SCHEME}hash" of a scheme Dovecot knows and that is not plain text.
[[nodiscard]] Status check_hash(std::string_view hash);
[[nodiscard]] Result<bool> verify_password(std::string_view password, std::string_view hash);
// 20 characters from a 57-letter alphabet without look-alikes: 116 bits.
[[nodiscard]] std::string generate_password();

} // namespace mailctl
