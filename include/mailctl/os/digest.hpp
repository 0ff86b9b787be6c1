// SPDX-License-Identifier: Apache-2.0
// What libsodium gives this floor: the digest that tells whether a file changed, and Argon2id for passwords.
// The only file of the floor that includes sodium.h.
#pragma once

#include "mailctl/base/result.hpp"

#include <string>
#include <string_view>

namespace mailctl {

// BLAKE2b-256 (RFC 7693) as 64 hex digits. Collision resistant: equal digests mean equal texts.
[[nodiscard]] std::string digest(std::string_view text);
// SHA-256, its 32 bytes: where another program is to come to the same.
[[nodiscard]] std::string sha256(std::string_view text);
// "$argon2id$v=19$m=...,t=...,p=1$...", libsodium's interactive limits (64 MiB). temporary: no memory for it.
[[nodiscard]] Result<std::string> hash_argon2id(std::string_view password);
// Argon2i and Argon2id; a malformed hash verifies nothing.
[[nodiscard]] bool verify_argon2(std::string_view password, const std::string& hash);

} // namespace mailctl
