// SPDX-License-Identifier: Apache-2.0
// Keys as OpenSSL makes them, and the forms that others read.
#include "mailctl/os/signing_keys.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

TEST_CASE("signing keys: RSA of 2048 bits in PKCS#8") {
    const auto key = make_signing_key(DkimAlgorithm::rsa);
    REQUIRE(key);
    CHECK(key->bits == 2048);
    CHECK(key->pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    CHECK(key->public_key.starts_with("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A")); // SubjectPublicKeyInfo of rsaEncryption
    CHECK(key->public_key.size() == 392);
    CHECK(key->seed.empty());
    const auto other = make_signing_key(DkimAlgorithm::rsa);
    REQUIRE(other);
    CHECK(other->public_key != key->public_key);
}

TEST_CASE("signing keys: Ed25519 is 32 bytes on either side") {
    const auto key = make_signing_key(DkimAlgorithm::ed25519);
    REQUIRE(key);
    CHECK(key->public_key.size() == 44);
    CHECK(key->seed.size() == 44);
    CHECK(key->seed != key->public_key);
}

TEST_CASE("signing keys: what was made is read back the same") {
    for (const auto algorithm : {DkimAlgorithm::rsa, DkimAlgorithm::ed25519}) {
        const auto made = make_signing_key(algorithm);
        REQUIRE(made);
        const auto read = read_signing_key(made->pem);
        REQUIRE(read);
        CHECK(read->algorithm == algorithm);
        CHECK(read->pem == made->pem);
        CHECK(read->seed == made->seed);
        CHECK(read->public_key == made->public_key);
    }
}

TEST_CASE("signing keys: the key of RFC 8463 A.2") {
    const auto key = read_signing_key("-----BEGIN PRIVATE KEY-----\n"
                                      "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                      "-----END PRIVATE KEY-----\n");
    REQUIRE(key);
    CHECK(key->public_key == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    CHECK(key->seed == "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
}

TEST_CASE("signing keys: what is none is refused, and not quoted") {
    for (const char* text :
         {"", "secret words", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"}) {
        CAPTURE(text);
        const auto key = read_signing_key(text);
        REQUIRE(!key);
        CHECK(key.error().kind == ErrorKind::invalid);
        CHECK(!key.error().what.contains("secret"));
    }
}
