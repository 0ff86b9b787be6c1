// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/digest.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

TEST_CASE("the digest is BLAKE2b with 32 bytes") {
    CHECK(digest("") == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    CHECK(digest("abc") == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST_CASE("an Argon2id hash verifies its password only") {
    const auto hash = hash_argon2id("secret");
    REQUIRE(hash);
    CHECK(hash->starts_with("$argon2id$v=19$"));
    CHECK(verify_argon2("secret", *hash));
    CHECK_FALSE(verify_argon2("Secret", *hash));
    CHECK_FALSE(verify_argon2("secret", "$argon2id$nonsense"));
    CHECK_FALSE(verify_argon2("secret", ""));
}
