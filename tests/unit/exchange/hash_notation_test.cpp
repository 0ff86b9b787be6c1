// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/hash_notation.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

using PasswordKind = StoredPassword::Kind;

std::string password_told(const StoredPassword& password) {
    switch (password.kind) {
    case PasswordKind::none:
        return "none";
    case PasswordKind::plain:
        return "plain " + password.text;
    case PasswordKind::hash:
        return "hash " + password.text;
    case PasswordKind::doubtful:
        break;
    }
    return "doubtful";
}
std::string in_table(std::string_view text) { return password_told(read_stored_password(text, PasswordField::hashes)); }
std::string in_file(std::string_view text) {
    return password_told(read_stored_password(text, PasswordField::plain_or_hash));
}

const std::string md5 = "$1$abcdefgh$0123456789abcdefghijkl";

} // namespace

TEST_CASE("in a table of hashes a text is a hash, nothing, or refused") {
    CHECK(in_table("abNANd1rDfiNc") == "hash {CRYPT}abNANd1rDfiNc");
    CHECK(in_table("_J9..rasmBYk8r9AiWNc") == "hash {CRYPT}_J9..rasmBYk8r9AiWNc");
    CHECK(in_table(md5) == "hash {CRYPT}" + md5);
    CHECK(in_table("{SSHA}x") == "hash {SSHA}x"); // its form is for check_hash
    CHECK(in_table("5f4dcc3b5aa765d61d8327deb882cf99") == "hash {PLAIN-MD5}5f4dcc3b5aa765d61d8327deb882cf99");
    CHECK(in_table(std::string(40, 'a')) == "hash {SHA.HEX}" + std::string(40, 'a'));
    CHECK(in_table("{plain}pass word") == "plain pass word");
    for (const std::string none : {"", "x", "*", "!", "!!", "*LK*", "!TKVK", "{PLAIN}", "*NP*"})
        CHECK_MESSAGE(in_table(none) == "none", none);
    CHECK(in_table("!" + md5) == "none");
    for (const std::string text :
         {"secret", "abNANd1rDfiN", "abNANd1rDfiN!", "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"})
        CHECK_MESSAGE(in_table(text) == "doubtful", text);
}

TEST_CASE("in a file for an import a text may be the password, but no hash is one") {
    CHECK(in_file("secret") == "plain secret");
    CHECK(in_file("abNANd1rDfiNc") == "plain abNANd1rDfiNc");
    CHECK(in_file("!secret") == "plain !secret");
    CHECK(in_file("*secret") == "plain *secret");
    CHECK(in_file("{CLEARTEXT}secret") == "plain secret");
    CHECK(in_file("!TKVKthisisadummypassword0123456789ABCDEFG") == "none");
    CHECK(in_file("!" + md5) == "none");
    CHECK(in_file(md5) == "hash {CRYPT}" + md5);
    CHECK(in_file("{NONSENSE}x") == "hash {NONSENSE}x"); // and refused as such
    CHECK(in_file(std::string(128, '0')) == "hash {SHA512.HEX}" + std::string(128, '0'));
}

TEST_CASE("a text under the heading of passwords that looks like a hash") {
    CHECK(looks_like_hash(md5));
    CHECK(looks_like_hash("{CRYPT}abNANd1rDfiNc"));
    CHECK_FALSE(looks_like_hash("{brace}word"));
    CHECK_FALSE(looks_like_hash("abNANd1rDfiNc"));
    CHECK_FALSE(looks_like_hash("{}0123456789012345678901234567890"));
}
