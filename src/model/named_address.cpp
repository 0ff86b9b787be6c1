// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/named_address.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

// A quoted string without its quotes and escapes (RFC 5322 3.2.4); any other text as it is.
std::string unquoted(std::string_view name) {
    if (name.size() < 2 || !name.starts_with('"') || !name.ends_with('"')) return std::string(name);
    name = name.substr(1, name.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '\\' && i + 1 < name.size()) ++i;
        out += name[i];
    }
    return out;
}

} // namespace

Result<NamedAddress> parse_named_address(std::string_view text) {
    text = trim(text);
    if (!text.ends_with('>')) {
        TRY_ASSIGN(auto address, Address::parse(text));
        return NamedAddress{{}, std::move(address)};
    }
    const auto open = text.rfind('<');
    if (open == text.npos)
        return fail(ErrorKind::invalid, fmt::format("'{}' is no address", printable(text)),
                    "write it as \"Paul <paul@example.com>\"");
    TRY_ASSIGN(auto address, Address::parse(text.substr(open + 1, text.size() - open - 2)));
    return NamedAddress{unquoted(trim(text.substr(0, open))), std::move(address)};
}

} // namespace mailctl
