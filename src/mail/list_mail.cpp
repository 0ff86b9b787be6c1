// SPDX-License-Identifier: Apache-2.0
// Fields of lists.
#include "mailctl/mail/list_mail.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

// RFC 3986 unreserved: safe in a List-Id and in a mailto URI alike.
std::string encoded(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        safe += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return safe;
}

std::string mailto(const Address& address) {
    return fmt::format("<mailto:{}@{}", encoded(address.local.text()), address.domain.text());
}

// A phrase may stand before the identifier, which is in angle brackets.
std::string_view identifier(std::string_view value) {
    const auto open = value.rfind('<');
    if (open == std::string_view::npos) return trim(value);
    value.remove_prefix(open + 1);
    return trim(value.substr(0, value.find('>')));
}

// The value without its parameters and comments: "auto-replied; x=y", "no (really)".
std::string first_token(std::string_view value) {
    value = trim(value);
    return fold(value.substr(0, value.find_first_of("; \t(")));
}

} // namespace

std::string list_id(const Address& list) { return fmt::format("{}.{}", encoded(list.local.key()), list.domain.text()); }

std::string compose_list_fields(const Address& list, const Address& owner) {
    std::string fields = fmt::format("List-Id: <{}>\n", list_id(list));
    fields += fmt::format("List-Post: {}>\nList-Owner: {}>\n", mailto(list), mailto(owner));
    fields += fmt::format("List-Unsubscribe: {}?subject=unsubscribe>\n", mailto(owner));
    return fields + "Precedence: list\n";
}

bool came_through(const HeaderSection& header, const Address& list) {
    const auto id = list_id(list);
    const auto values = header.find_all("List-Id");
    return std::ranges::any_of(values, [&](const std::string& value) { return equal_folded(identifier(value), id); });
}

bool is_written_by_program(const HeaderSection& header) {
    const auto submitted = header.find_all("Auto-Submitted");
    if (std::ranges::any_of(submitted, [](const std::string& value) { return first_token(value) != "no"; }))
        return true;
    const auto type = header.find("Content-Type");
    return type && first_token(*type) == "multipart/report";
}

} // namespace mailctl
