// SPDX-License-Identifier: Apache-2.0
// Checks of single words; see names.hpp.
#include "mailctl/config/names.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mailctl {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_blank_or_control(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }

std::optional<Objection> object_to_upper_case(std::string_view name) {
    if (std::ranges::none_of(name, is_upper)) return std::nullopt;
    return Objection{fmt::format("'{}' holds upper-case letters", printable(name)),
                     fmt::format("write '{}'; addresses are matched without regard to case", printable(fold(name)))};
}

} // namespace

namespace {

// The whole character, not its first byte: "'ä'".
std::string character_at(std::string_view text, std::string_view::const_iterator place) {
    const auto at = static_cast<std::size_t>(place - text.begin());
    const auto point = code_point_at(text, at);
    return fmt::format("'{}'", printable(text.substr(at, point ? point->length : 1)));
}

} // namespace

std::optional<Objection> object_to_name(std::string_view name, const Site::Addresses& rules) {
    constexpr std::string_view for_all = "for every name that nobody has: mailctl catchall set DOMAIN redirect:ADDRESS";
    if (name.empty()) return Objection{"the name is empty", fmt::format("write a name; {}", for_all)};
    if (name == "*" && rules.local_part_characters.find('*') == std::string::npos)
        return Objection{"'*' is not a name", std::string(for_all)};
    if (auto upper = object_to_upper_case(name)) return upper;
    const auto is_allowed = [&](char c) {
        return is_lower_or_digit(c) || rules.local_part_characters.find(c) != std::string::npos;
    };
    if (const auto bad = std::ranges::find_if_not(name, is_allowed); bad != name.end())
        return Objection{
            fmt::format("'{}': {} is not allowed in a name here", printable(name), character_at(name, bad)),
            fmt::format("use lower-case letters, digits and '{}'; more can be allowed by "
                        "addresses.local_part_characters in mailctl.toml",
                        rules.local_part_characters)};
    if (name.front() == '.' || name.back() == '.' || name.find("..") != name.npos)
        return Objection{fmt::format("'{}' begins or ends with a dot or holds two in a row", name),
                         "leave out the dot"};
    if (name.front() == '#')
        return Objection{fmt::format("'{}' begins with '#', which Postfix and Dovecot read as a comment", name),
                         "begin it with another character; inside a name '#' does no harm"};
    if (name.size() > 64) return Objection{fmt::format("'{}' is longer than 64 bytes", name), "choose a shorter name"};
    return std::nullopt;
}

std::optional<Objection> object_to_banished(std::string_view name) {
    if (name.empty()) return Objection{"the name is empty", "give it at least one character"};
    if (auto upper = object_to_upper_case(name)) return upper;
    if (name.find('@') != name.npos)
        return Objection{fmt::format("'{}' is an address", printable(name)), "write the part before the '@' only"};
    if (std::ranges::any_of(name, is_blank_or_control) || name.size() > 255)
        return Objection{fmt::format("'{}' is not a local part", printable(name)),
                         "write a name or a pattern with * and ?"};
    return std::nullopt;
}

std::optional<Objection> object_to_password(std::string_view password) {
    constexpr std::string_view remedy = "set it with: mailctl mailbox password ADDRESS";
    const auto close = password.find('}');
    if (!password.starts_with('{') || close == password.npos || close == 1 || close + 1 == password.size())
        return Objection{"must be a hash with its scheme, \"{SCHEME}...\"", std::string(remedy)};
    const auto scheme = fold(password.substr(1, close - 1));
    const auto is_scheme_character = [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.' || c == '_'; };
    if (!std::ranges::all_of(scheme, is_scheme_character))
        return Objection{"the scheme of the hash holds a strange character", std::string(remedy)};
    constexpr std::array plain = {std::string_view("plain"), std::string_view("plain-trunc"), std::string_view("clear"),
                                  std::string_view("cleartext")};
    if (std::ranges::find(plain, std::string_view(scheme).substr(0, scheme.find('.'))) != plain.end())
        return Objection{fmt::format("the scheme {{{}}} stores the password itself", password.substr(1, close - 1)),
                         std::string(remedy)};
    const auto is_unfit = [](char c) { return is_blank_or_control(c) || c == ':'; };
    if (std::ranges::any_of(password, is_unfit))
        return Objection{"the hash holds a blank, a colon or a control character", std::string(remedy)};
    return std::nullopt;
}

std::optional<Objection> object_to_file_name(std::string_view name) {
    const bool is_plain =
        !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
        std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (is_plain) return std::nullopt;
    return Objection{fmt::format("'{}' is not a plain file name", printable(name)),
                     "put the file into the attachments directory and write its name without a path"};
}

Target parse_target(std::string_view text, const DomainName& own, const Site::Addresses& rules) {
    if (text.find('@') == text.npos) {
        const auto detail = text.find_first_of(rules.delimiters);
        if (auto objection = object_to_name(text.substr(0, detail), rules)) return {{}, *objection};
        auto local = LocalPart::parse(text);
        if (!local) return {{}, {local.error().what, "write a name of this domain or a full address"}};
        return {Address{std::move(*local), own}, {}};
    }
    if (text.ends_with("@."))
        return {{},
                {fmt::format("'{}' cannot be a target: its domain is not a name", printable(text)),
                 "write an address with a domain name"}};
    auto address = Address::parse(text);
    if (!address) return {{}, {address.error().what, "write an address such as paul@example.com"}};
    return {std::move(*address), {}};
}

std::optional<Objection> object_to_node_name(std::string_view name) {
    const auto is_allowed = [](char c) {
        return is_upper(c) || is_lower_or_digit(c) || c == '-' || c == '.' || c == '_';
    };
    const bool is_word = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, is_allowed) &&
                         name.front() != '-' && name.front() != '.';
    if (!is_word)
        return Objection{fmt::format("'{}' is not the name of a node", printable(name)),
                         "write letters, digits, '-', '.' and '_', such as \"store1\""};
    if (name == "copy") return Objection{"'copy' is a key of the table 'node'", "give the node another name"};
    return std::nullopt;
}

std::optional<Objection> object_to_report_uri(std::string_view uri) {
    constexpr std::string_view mail = "mailto:", web = "https://";
    const bool is_mail = uri.starts_with(mail) && Address::parse(uri.substr(mail.size()));
    const auto host = uri.substr(std::min(web.size(), uri.size()));
    const bool is_web = uri.starts_with(web) && parse_others_domain(host.substr(0, host.find_first_of("/:")));
    if ((is_mail || is_web) && uri.find_first_of(" ;\"") == uri.npos) return std::nullopt;
    return Objection{fmt::format("'{}' is not a report address", printable(uri)),
                     "write it as \"mailto:reports@example.com\""};
}

bool is_ip_address(std::string_view text) {
    if (text.find_first_of("[]") != text.npos || std::ranges::any_of(text, is_blank_or_control)) return false;
    const auto literal = text.find(':') == text.npos ? fmt::format("[{}]", text) : fmt::format("[IPv6:{}]", text);
    return DomainName::parse_literal(literal).has_value();
}

bool is_number(const DomainName& name) {
    const auto& text = name.text();
    return text.find_first_not_of("0123456789", text.rfind('.') + 1) == text.npos; // npos + 1 == 0
}

std::optional<HostPort> parse_host_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    HostPort out;
    const auto port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc{} || end != port.data() + port.size() || out.port == 0) return std::nullopt;
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        if (host.find(':') == host.npos || !is_ip_address(host)) return std::nullopt;
    } else if (const auto name = parse_others_domain(host); !is_ip_address(host) && (!name || is_number(*name))) {
        return std::nullopt;
    } else if (host.find(':') != host.npos) {
        return std::nullopt;
    }
    out.host = host;
    return out;
}

} // namespace mailctl
