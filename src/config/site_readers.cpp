// SPDX-License-Identifier: Apache-2.0
// Each value is read as text first and checked as a whole, so that the message can show it.
#include "site_readers.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mailctl {
namespace {

Place place_of(Fields& fields, std::string_view key) { return fields.table().find(key)->place; }

} // namespace

void read_domain_name(Fields& fields, std::string_view key, std::optional<DomainName>& out) {
    std::string text;
    fields.text(key, text);
    if (text.empty()) return;
    auto name = DomainName::parse(text);
    if (!name)
        return fields.refuse(key, place_of(fields, key), name.error().what, "write a name such as \"mx.example.com\"");
    if (is_number(*name))
        return fields.refuse(key, place_of(fields, key),
                             fmt::format("'{}' is an address and not a name", printable(text)),
                             "write a name such as \"mx.example.com\"");
    out = std::move(*name);
}

void read_hostname(Fields& fields, std::string_view key, Site& site) {
    std::optional<DomainName> name;
    read_domain_name(fields, key, name);
    if (name) site.hostname = std::move(*name);
}

void read_postmaster(Fields& fields, std::string_view key, Site& site) {
    std::string text;
    fields.text(key, text);
    if (text.empty()) return;
    auto address = Address::parse(text);
    if (!address || address->domain.is_literal())
        return fields.refuse(key, place_of(fields, key), fmt::format("'{}' is not a full address", printable(text)),
                             "write an address such as \"postmaster@example.com\"");
    site.postmaster = std::move(*address);
}

void read_submit(Fields& fields, std::string_view key, Site& site) {
    std::string text;
    fields.text(key, text);
    if (text.empty()) return;
    if (text.starts_with('/')) {
        site.submit = SubmitBySendmail{text};
    } else if (const auto smtp = text.starts_with("smtp:") ? parse_host_port(text.substr(5)) : std::nullopt) {
        site.submit = SubmitBySmtp{smtp->host, smtp->port};
    } else {
        fields.refuse(key, place_of(fields, key),
                      fmt::format("'{}' is neither a program nor an SMTP address", printable(text)),
                      "write \"/usr/sbin/sendmail\" or \"smtp:127.0.0.1:25\"");
    }
}

std::string submit_text(const Submit& submit) {
    if (const auto* sendmail = std::get_if<SubmitBySendmail>(&submit)) return sendmail->program;
    const auto& smtp = std::get<SubmitBySmtp>(submit);
    const bool is_ipv6 = smtp.host.find(':') != std::string::npos;
    return fmt::format(fmt::runtime(is_ipv6 ? "smtp:[{}]:{}" : "smtp:{}:{}"), smtp.host, smtp.port);
}

void read_source_ips(Fields& fields, std::string_view key, Site& site) {
    for (const Node* element : fields.strings(key)) {
        if (is_ip_address(element->text))
            site.source_ips.push_back(element->text);
        else
            fields.refuse(key, element->place, fmt::format("'{}' is not an IP address", printable(element->text)),
                          "write addresses such as \"192.0.2.10\" or \"2001:db8::10\"");
    }
}

void read_word(Fields& fields, std::string_view key, std::string& out, std::string_view extra,
               std::string_view remedy) {
    std::string text = out;
    fields.text(key, text);
    const auto is_good = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               extra.find(c) != extra.npos;
    };
    if (text.empty() || text.front() == '/' || text.find("..") != text.npos || !std::ranges::all_of(text, is_good))
        return fields.refuse(key, place_of(fields, key), fmt::format("'{}' cannot stand here", printable(text)),
                             std::string(remedy));
    out = std::move(text);
}

void read_optional_word(Fields& fields, std::string_view key, std::string& out, std::string_view extra,
                        std::string_view remedy) {
    const Node* node = fields.node(key);
    if (!node) return;
    if (node->is(Node::Kind::string) && node->text.empty())
        out.clear();
    else
        read_word(fields, key, out, extra, remedy);
}

void read_characters(Fields& fields, std::string_view key, std::string& out, std::string_view allowed) {
    std::string text = out;
    fields.text(key, text);
    if (const auto bad = text.find_first_not_of(allowed); bad != text.npos)
        return fields.refuse(key, place_of(fields, key),
                             fmt::format("'{}' cannot stand here", printable(text.substr(bad, 1))),
                             fmt::format("choose from {}", allowed));
    out = std::move(text);
}

void read_absolute(Fields& fields, std::string_view key, std::string& out) {
    std::string text = out;
    fields.text(key, text);
    if (!text.empty() && !text.starts_with('/'))
        return fields.refuse(key, place_of(fields, key), fmt::format("'{}' is not an absolute path", printable(text)),
                             "begin the path with '/'");
    out = std::move(text);
}

void read_quota_warnings(Fields& fields, std::string_view key, Site& site) {
    if (!fields.table().find(key)) return;
    site.delivery.quota_warnings.clear();
    for (const Node* element : fields.strings(key)) {
        const std::string_view text = element->text;
        if (text == "never") continue; // `config set` writes no empty list
        unsigned percent = 0;
        const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), percent);
        if (trouble == std::errc{} && std::string_view(end, text.data() + text.size()) == "%" && percent > 0 &&
            percent < 100)
            site.delivery.quota_warnings.push_back(percent);
        else
            fields.refuse(key, element->place, fmt::format("'{}' is not a part of a quota", printable(text)),
                          "write percentages from \"1%\" to \"99%\", or \"never\"");
    }
}

std::vector<std::string> quota_warning_texts(const Site& site) {
    std::vector<std::string> texts;
    for (const unsigned percent : site.delivery.quota_warnings)
        texts.push_back(fmt::format("{}%", percent));
    return texts;
}

void read_journal(Fields& fields, std::string_view key, Site& site) {
    std::string text;
    fields.text(key, text);
    constexpr std::array words = {"", "syslog", "stdout", "stderr"};
    if (std::ranges::find(words, text) == words.end() && !text.starts_with('/'))
        return fields.refuse(key, place_of(fields, key),
                             fmt::format("'{}' is not a place for the journal", printable(text)),
                             "write \"syslog\", \"stdout\", \"stderr\" or an absolute path");
    site.delivery.journal = std::move(text);
}

// Stands in a line of main.cf, between braces and commas.
void read_policy(Fields& fields, std::string_view key, Site& site) {
    std::string text = site.maps.policy;
    fields.text(key, text);
    const bool is_word = text == "off" || text == "on";
    const bool is_place = (text.starts_with("unix:") || text.starts_with("inet:")) && text.size() > 5;
    const bool is_clean = std::ranges::all_of(
        text, [](char c) { return c > ' ' && c < '\x7f' && !std::string_view("{},;\"'$#").contains(c); });
    if (!is_clean || (!is_word && !is_place))
        return fields.refuse(
            key, place_of(fields, key), fmt::format("'{}' is no place where Postfix can ask", printable(text)),
            R"(write "off", "on", or a place such as "unix:private/mailctl-policy" or "inet:127.0.0.1:10040")");
    site.maps.policy = std::move(text);
}

void read_peers(Fields& fields, std::string_view key, Site& site) {
    for (const Node* element : fields.strings(key)) {
        if (!element->text.empty() && element->text.find_first_of(" \t\n:") == std::string::npos)
            site.delivery.allowed_peers.push_back(element->text);
        else
            fields.refuse(key, element->place, fmt::format("'{}' is not a user name", printable(element->text)),
                          "write names of system users such as \"postfix\"");
    }
}

void read_track_logs(Fields& fields, std::string_view key, Site& site) {
    if (!fields.table().find(key)) return;
    site.track.logs.clear();
    for (const Node* element : fields.strings(key)) {
        if (element->text.starts_with('/') && element->text.find('\0') == std::string::npos)
            site.track.logs.push_back(element->text);
        else
            fields.refuse(key, element->place, fmt::format("'{}' is not an absolute path", printable(element->text)),
                          "write paths or patterns such as \"/var/log/mail.log*\"");
    }
}

void read_client_host(Fields& fields, std::string_view key, std::string& out) {
    std::string text = out;
    fields.text(key, text);
    const auto at = text.find("%d");
    const std::string sample = at == text.npos ? text : text.replace(at, 2, "example.org");
    if (!sample.empty() && !DomainName::parse(sample))
        return fields.refuse(key, place_of(fields, key), fmt::format("'{}' is not a host name", printable(text)),
                             "write a name such as \"mail.example.org\", or \"imap.%d\" for one in each domain");
    fields.text(key, out);
}

void read_port(Fields& fields, std::string_view key, unsigned& out) {
    unsigned port = out;
    fields.number(key, port);
    if (port > 65535)
        return fields.refuse(key, place_of(fields, key), fmt::format("{} is not a port", port),
                             "65535 is the last one");
    out = port;
}

namespace {

bool is_page(std::string_view text) {
    return (text.starts_with("https://") || text.starts_with("http://")) &&
           text.find_first_of(" \"<>\r\n") == text.npos;
}

} // namespace

void read_webmail(Fields& fields, std::string_view key, Site& site) {
    std::string text;
    fields.text(key, text);
    if (!text.empty() && !is_page(text))
        return fields.refuse(key, place_of(fields, key), fmt::format("'{}' is not the URL of a page", printable(text)),
                             "write a URL such as \"https://webmail.%d/\"");
    site.clients.webmail = std::move(text);
}

void read_invitation_url(Fields& fields, std::string_view key, Site& site) {
    std::string text;
    fields.text(key, text);
    if (!text.empty() && (!is_page(text) || text.find("%c") == text.npos))
        return fields.refuse(key, place_of(fields, key),
                             fmt::format("'{}' is not the URL of a page with %c for the code", printable(text)),
                             "write a URL such as \"https://mail.example.org/password?mailbox=%a&code=%c\"");
    site.invitations.url = std::move(text);
}

void read_invitation_subject(Fields& fields, std::string_view key, Site& site) {
    std::string text;
    fields.text(key, text);
    if (text.find_first_of("\r\n") != text.npos)
        return fields.refuse(key, place_of(fields, key), "a subject is one line", "write one line");
    site.invitations.subject = std::move(text);
}

void read_invitation_text(Fields& fields, std::string_view key, Site& site) {
    std::string text;
    fields.block(key, text);
    if (!text.empty() && text.find("%c") == text.npos && text.find("%u") == text.npos)
        return fields.refuse(key, place_of(fields, key), "an invitation without %c and %u tells nobody the code",
                             "write %c where the code stands, or %u for the URL with it");
    site.invitations.text = std::move(text);
}

void read_security(Fields& fields, std::string_view key, ClientSecurity& out) {
    fields.choice(key, out,
                  {{"tls", ClientSecurity::tls}, {"starttls", ClientSecurity::starttls}, {"off", ClientSecurity::off}});
}

std::string_view dovecot_word(DovecotVersion version) {
    if (version == DovecotVersion::installed) return "auto";
    return version == DovecotVersion::v23 ? "2.3" : "2.4";
}

std::string security_text(ClientSecurity security) {
    if (security == ClientSecurity::off) return "off";
    return security == ClientSecurity::tls ? "tls" : "starttls";
}

} // namespace mailctl
