// SPDX-License-Identifier: Apache-2.0
// Password hashes as other programs write them, in Dovecot's notation, and what stands where they keep a password.
#pragma once

#include <string>
#include <string_view>

namespace mailctl {

// "$6$..." becomes "{CRYPT}$6$...", "$argon2id$..." becomes "{ARGON2ID}$argon2id$...", 32 hexadecimal digits
// "{PLAIN-MD5}...", and 40, 64 and 128 those of SHA-1, SHA-256 and SHA-512. What has a scheme already, or is none of
// these, stays as it is.
[[nodiscard]] std::string with_scheme(std::string_view hash);
// Whether a text that could be a password is far more likely the hash of one.
[[nodiscard]] bool looks_like_hash(std::string_view text);

// What a foreign file says about a password. Whoever could log in with the hash itself would need no password at all:
// so a text is a hash, a password, a word for "nobody logs in", or it is refused.
struct StoredPassword {
    enum class Kind { none, plain, hash, doubtful } kind = Kind::none;
    std::string text = {}; // of plain and hash; a hash has a scheme, and its form is still to be checked
};
enum class PasswordField {
    hashes,        // of a table that keeps hashes, as Dovecot's passwd-file does: the password itself only as {PLAIN}
    plain_or_hash, // of a file for an import: the password as a person writes it, or a hash
};
[[nodiscard]] StoredPassword read_stored_password(std::string_view text, PasswordField field);

} // namespace mailctl
