// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/password.hpp"

#include "mailctl/os/process.hpp"

#include <doctest/doctest.h>

#include <set>
#include <unistd.h>

using namespace mailctl;

namespace {

constexpr PasswordScheme all[] = {PasswordScheme::yescrypt, PasswordScheme::argon2id, PasswordScheme::bcrypt,
                                  PasswordScheme::sha512_crypt};

} // namespace

TEST_CASE("each scheme writes its notation and verifies its own password only") {
    const std::pair<const char*, const char*> expected[] = {{"yescrypt", "{CRYPT}$y$j9T$"},
                                                            {"argon2id", "{ARGON2ID}$argon2id$v=19$"},
                                                            {"bcrypt", "{BLF-CRYPT}$2b$10$"},
                                                            {"sha512-crypt", "{SHA512-CRYPT}$6$"}};
    for (const auto& [name, start] : expected) {
        CAPTURE(name);
        const auto scheme = parse_scheme(name);
        REQUIRE(scheme);
        const auto hash = hash_password("s\xc3\xa9"
                                        "cret pass",
                                        *scheme);
        REQUIRE(hash);
        CHECK(hash->starts_with(start));
        CHECK(check_hash(*hash));
        CHECK(verify_password("s\xc3\xa9"
                              "cret pass",
                              *hash)
                  .value());
        CHECK_FALSE(verify_password("s\xc3\xa9"
                                    "cret pasS",
                                    *hash)
                        .value());
        CHECK_FALSE(verify_password("", *hash).value());
        CHECK(hash_password("s\xc3\xa9"
                            "cret pass",
                            *scheme)
                  .value() != *hash); // salted
    }
}

TEST_CASE("an unknown scheme is a usage error that lists the known ones") {
    const auto scheme = parse_scheme("md5");
    REQUIRE_FALSE(scheme);
    CHECK(scheme.error().kind == ErrorKind::usage);
    CHECK(scheme.error().hint == "one of yescrypt, argon2id, bcrypt, sha512-crypt");
}

TEST_CASE("passwords that a scheme would cut short are refused") {
    for (const auto scheme : all) {
        CHECK(hash_password("", scheme).error().kind == ErrorKind::invalid);
        CHECK(hash_password(std::string_view("a\0b", 3), scheme).error().kind == ErrorKind::invalid);
    }
    CHECK(hash_password(std::string(72, 'x'), PasswordScheme::bcrypt));
    CHECK(hash_password(std::string(73, 'x'), PasswordScheme::bcrypt).error().kind == ErrorKind::invalid);
    CHECK(hash_password(std::string(73, 'x'), PasswordScheme::yescrypt));
    CHECK(hash_password(std::string(5000, 'x'), PasswordScheme::yescrypt).error().kind == ErrorKind::invalid);
}

TEST_CASE("hashes of other systems are taken, plain text and garbage are not") {
    for (const auto* hash : {"{SSHA}8Q1TcKNWhwUGSnyjU3PtPFsB3z3uVEnz", "{MD5-CRYPT}$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
                             "{MD5}$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", "{MD5}5f4dcc3b5aa765d61d8327deb882cf99",
                             "{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuu5s0LBKuEKU4zUDSBBVzRKiWcCNYJNS6",
                             "{CRYPT}rl.3StKT.4T8M", "{DES-CRYPT}rl.3StKT.4T8M",
                             "{plain-md5}5F4DCC3B5AA765D61D8327DEB882CF99", "{PLAIN-MD5.b64}X03MO1qnZdYdgyfeuILPmQ==",
                             "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "{SHA1.HEX}5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
                             "{SCRAM-SHA-1}4096,c2FsdA==,W6ph5Mm5Pz8GgiULbPgzG37mj9g=,W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
                             "{CRAM-MD5}9186d855e11eba527a7a52ca82b313e180d62234f0acc9051b527243d41e2740",
                             "{PBKDF2}$1$salt$5000$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"}) {
        CAPTURE(hash);
        CHECK(check_hash(hash));
    }
    for (const auto* hash :
         {"", "secret", "$y$j9T$abc$def", "{PLAIN}secret", "{cleartext}secret", "{PLAIN.b64}c2VjcmV0", "{CRYPT}",
          "{CRYPT}secret", "{CRYPT}$y$j9T$saltonly", "{NONSENSE}x", "{SSHA}with space", "{SSHA}with:colon",
          "{SSHA}line\nbreak", "{ARGON2ID}plain", "{SHA512-CRYPT}plain", "{CRYPT", "{}x"}) {
        CAPTURE(hash);
        const auto checked = check_hash(hash);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().kind == ErrorKind::invalid);
        CHECK(checked.error().what.find("secret") == std::string::npos);
    }
}

TEST_CASE("a hash has the form of its scheme") {
    for (const auto* hash : {"{SHA256}$5$saltsalt$abcdefghijklmnopqrstuvwxyz",
                             "{PLAIN-MD5}nothex",
                             "{SSHA}x",
                             "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", // no salt
                             "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g",
                             "{SHA512.HEX}zz",
                             "{ssha512.hex}00ff",
                             "{CRAM-MD5}12",
                             "{SCRAM-SHA-1}x",
                             "{SCRAM-SHA-256}4096,c2FsdA==,c3RvcmVk=,c2VydmVy=",
                             "{MD5}secret",
                             "{MD5}$6$saltsalt$abcdefghijklmnopqrstuvwxyz",
                             "{PBKDF2}x",
                             "{LDAP-MD5}12",
                             "{SHA512-CRYPT}$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
                             "{DES-CRYPT}secret",
                             "{CRYPT.HEX}726c2e335374",
                             "{ARGON2ID}$argon2i$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA",
                             "{ARGON2ID}$argon2id$",
                             "{DIGEST-MD5}secret"}) {
        CAPTURE(hash);
        const auto checked = check_hash(hash);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().what.find("not a hash of the scheme") != std::string::npos);
    }
}

TEST_CASE("a hash that only Dovecot can verify is an Error, not a wrong password") {
    CHECK_FALSE(verify_password("secret", "{SSHA}8Q1TcKNWhwUGSnyjU3PtPFsB3z3uVEnz"));
}

TEST_CASE("generated passwords are long, without look-alikes, and differ") {
    std::set<std::string> seen;
    for (int i = 0; i < 500; ++i) {
        const std::string password = generate_password();
        CHECK(password.size() == 20);
        CHECK(password.find_first_of("0O1lI") == std::string::npos);
        CHECK(password.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
              std::string::npos);
        seen.insert(password);
    }
    CHECK(seen.size() == 500);
}

TEST_CASE("Dovecot accepts the hashes we make") {
    REQUIRE(::access("/usr/bin/doveadm", X_OK) == 0); // Debian's dovecot-core, as cmake/packages.sh says
    for (const auto scheme : all) {
        const std::string hash = hash_password("secret", scheme).value();
        CAPTURE(hash);
        const auto right = run({"/usr/bin/doveadm", "pw", "-t", hash, "-p", "secret"});
        REQUIRE(right);
        CHECK(right->status == 0);
        CHECK(right->output.find("(verified)") != std::string::npos);
        CHECK(run({"/usr/bin/doveadm", "pw", "-t", hash, "-p", "wrong"}).value().status != 0);
    }
}
