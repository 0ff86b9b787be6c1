#include "mailctl/exchange/hash_notation.hpp"

#include <algorithm>

namespace mailctl {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// "$ID$..." of crypt(3) and its relatives.
bool is_modular(std::string_view text) {
    const auto second = text.find('$', 1);
    return text.starts_with('$') && second != text.npos && second > 1 && second <= 10 && text.size() - second > 20;
}

} // namespace

std::string with_scheme(std::string_view hash) {
    if (hash.starts_with("$argon2id$")) return "{ARGON2ID}" + std::string(hash);
    if (hash.starts_with("$argon2i$")) return "{ARGON2I}" + std::string(hash);
    if (is_modular(hash)) return "{CRYPT}" + std::string(hash);
    if (hash.size() == 32 && std::ranges::all_of(hash, is_hex)) return "{PLAIN-MD5}" + std::string(hash);
    return std::string(hash);
}

bool looks_like_hash(std::string_view text) {
    const auto close = text.find('}');
    return is_modular(text) || (text.starts_with('{') && close != text.npos && close > 2 && text.size() - close > 20);
}

} // namespace mailctl
