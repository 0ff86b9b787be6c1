// SPDX-License-Identifier: Apache-2.0
// Each element of an array is read and refused by itself, with its own place.
#include "dns_readers.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/dns_words.hpp"
#include "mailctl/config/names.hpp"
#include "mailctl/model/others_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {
namespace {

std::optional<unsigned> small_number(std::string_view text, unsigned most) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || number > most) return std::nullopt;
    return number;
}

// A zone ends names with a dot; here it may stand or not.
std::string_view without_last_dot(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return name;
}

std::optional<Site::MailExchange> parse_exchange(std::string_view text) {
    text = trim(text);
    const auto blank = text.find_first_of(" \t");
    if (blank == text.npos) return std::nullopt;
    const auto preference = small_number(text.substr(0, blank), 65535);
    auto host = DomainName::parse(without_last_dot(trim(text.substr(blank))));
    if (!preference || !host || is_number(*host)) return std::nullopt;
    return Site::MailExchange{*preference, std::move(*host)};
}

// Calls `take` for each element; what it does not take is refused.
template <class Take>
void read_elements(Fields& fields, std::string_view key, std::string_view what, std::string_view remedy, Take take) {
    for (const Node* element : fields.strings(key))
        if (!take(element->text))
            fields.refuse(key, element->place, fmt::format("'{}' is not {}", printable(element->text), what),
                          std::string(remedy));
}

} // namespace

void read_mx(Fields& fields, std::string_view key, Site& site) {
    read_elements(fields, key, "a preference and a host", "write it as \"10 mx1.example.net\"",
                  [&](const std::string& text) {
                      auto exchange = parse_exchange(text);
                      if (exchange) site.dns.mx.push_back(std::move(*exchange));
                      return exchange.has_value();
                  });
}

std::vector<std::string> mx_texts(const Site& site) {
    std::vector<std::string> texts;
    for (const auto& exchange : site.dns.mx)
        texts.push_back(fmt::format("{} {}", exchange.preference, exchange.host.text()));
    return texts;
}

void read_ip_addresses(Fields& fields, std::string_view key, std::vector<std::string>& out) {
    read_elements(fields, key, "an IP address", "write addresses such as \"192.0.2.10\" or \"2001:db8::10\"",
                  [&](const std::string& text) {
                      if (is_ip_address(text)) out.push_back(text);
                      return is_ip_address(text);
                  });
}

void read_domain_names(Fields& fields, std::string_view key, std::vector<DomainName>& out) {
    read_elements(fields, key, "a domain name", "write a name such as \"spf.example.net\"",
                  [&](const std::string& text) {
                      auto name = parse_others_domain(without_last_dot(text)); // "_spf.example.net"
                      const bool good = name && !name->is_literal() && !is_number(*name);
                      if (good) out.push_back(std::move(*name));
                      return good;
                  });
}

std::vector<std::string> name_texts(const std::vector<DomainName>& names) {
    std::vector<std::string> texts;
    for (const auto& name : names)
        texts.push_back(name.text());
    return texts;
}

void read_seconds(Fields& fields, std::string_view key, std::chrono::seconds& out, std::chrono::seconds most) {
    const Node* node = fields.node(key);
    if (!node) return;
    const auto bare = small_number(node->text, static_cast<unsigned>(most.count()));
    const auto age = bare ? Result<Age>(Age(*bare)) : parse_age(node->text);
    const bool is_kind = node->is(Node::Kind::string) || node->is(Node::Kind::integer);
    if (!is_kind || !age || *age > most)
        return fields.refuse(key, node->place, "must be a time",
                             fmt::format("write a time such as \"1h\", or a number of seconds up to {}", most.count()));
    out = *age;
}

void read_report_uri(Fields& fields, std::string_view key, std::string& out) {
    std::string text;
    fields.text(key, text);
    if (text.empty()) return;
    if (const auto objection = object_to_report_uri(text))
        return fields.refuse(key, fields.table().find(key)->place, objection->message, objection->remedy);
    out = std::move(text);
}

void read_caa(Fields& fields, std::string_view key, Site& site) {
    read_elements(fields, key, "a CAA value", "write it as '0 issue \"ca.example\"'", [&](const std::string& text) {
        const auto caa = parse_caa(text);
        if (caa) site.dns.caa.push_back(fmt::format("{} {} \"{}\"", caa->flags, caa->tag, caa->value));
        return caa.has_value();
    });
}

void read_resolvers(Fields& fields, std::string_view key, std::vector<std::string>& out) {
    read_elements(fields, key, "the address of a resolver", "write it as \"192.0.2.53\" or \"192.0.2.53:5353\"",
                  [&](const std::string& text) {
                      const bool is_good = parse_name_server(text).has_value();
                      if (is_good) out.push_back(text);
                      return is_good;
                  });
}

void read_mta_sts_mode(Fields& fields, std::string_view key, Site& site) {
    fields.choice(key, site.dns.mta_sts.mode,
                  {{"off", MtaStsMode::off},
                   {"none", MtaStsMode::none},
                   {"testing", MtaStsMode::testing},
                   {"enforce", MtaStsMode::enforce}});
}

} // namespace mailctl
