// The table of mailctl.toml's keys and the three things made from it.
#include "mailctl/config/site_file.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/fields.hpp"
#include "mailctl/config/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace mailctl {
namespace {

struct KeyRule {
    std::string_view table, key, help;
    void (*read)(Fields&, std::string_view key, Site&);
    Value (*value)(const Site&);
};

Place place_of(Fields& fields, std::string_view key) { return fields.table().find(key)->place; }

void read_domain_name(Fields& fields, std::string_view key, std::optional<DomainName>& out) {
    std::string text;
    fields.text(key, text);
    if (text.empty()) return;
    auto name = DomainName::parse(text);
    if (!name)
        return fields.refuse(key, place_of(fields, key), name.error().what, "write a name such as \"mx.example.com\"");
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

// Text that consists of these characters only; the first may not be '/'.
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

// Text made of these characters, or empty.
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

void read_peers(Fields& fields, std::string_view key, Site& site) {
    for (const Node* element : fields.strings(key)) {
        if (!element->text.empty() && element->text.find_first_of(" \t\n:") == std::string::npos)
            site.delivery.allowed_peers.push_back(element->text);
        else
            fields.refuse(key, element->place, fmt::format("'{}' is not a user name", printable(element->text)),
                          "write names of system users such as \"postfix\"");
    }
}

std::string text_of(const std::optional<DomainName>& name) { return name ? name->text() : std::string(); }
long long number(unsigned value) { return value; }

constexpr std::string_view word_remedy = "write one name";
// Unquoted specials of RFC 5322 atext, without '/' (directories) and * ? (patterns); the dot is added by its rule.
constexpr std::string_view local_part_specials = "-._!#$%&'+=^`{|}~";

// clang-format off
const auto rules = std::to_array<KeyRule>({
    {"", "hostname", "name of this host in the LMTP banner, Received lines and names of message files", read_hostname,
     [](const Site& s) -> Value { return s.hostname.text(); }},
    {"", "postmaster", "who receives postmaster@ and abuse@ of every domain that does not say otherwise", read_postmaster,
     [](const Site& s) -> Value { return s.postmaster ? s.postmaster->text() : std::string(); }},
    {"", "alternate_suffix", "every domain my-domain.zz also receives mail as my-domainzz.SUFFIX",
     [](Fields& f, std::string_view k, Site& s) { read_domain_name(f, k, s.alternate_suffix); },
     [](const Site& s) -> Value { return text_of(s.alternate_suffix); }},
    {"", "submit", "how forwards leave: a sendmail program, or \"smtp:HOST:PORT\"", read_submit,
     [](const Site& s) -> Value { return submit_text(s.submit); }},
    {"", "source_ips", "addresses that domains with source_ip = \"auto\" send from", read_source_ips,
     [](const Site& s) -> Value { return s.source_ips; }},
    {"", "time_zone", "time zone of dates in the domain files",
     [](Fields& f, std::string_view k, Site& s) { read_word(f, k, s.time_zone, "_+-/", "write a name such as \"Europe/Berlin\""); },
     [](const Site& s) -> Value { return s.time_zone; }},

    {"addresses", "delimiters", "each of these characters separates a detail from a name: paul+lists; empty = none",
     [](Fields& f, std::string_view k, Site& s) { read_characters(f, k, s.addresses.delimiters, "+-=_.#~!%"); },
     [](const Site& s) -> Value { return s.addresses.delimiters; }},
    {"addresses", "local_part_characters", "what names may hold beside lower-case letters and digits",
     [](Fields& f, std::string_view k, Site& s) { read_characters(f, k, s.addresses.local_part_characters, local_part_specials); },
     [](const Site& s) -> Value { return s.addresses.local_part_characters; }},

    {"mail", "user", "system user that owns all mail",
     [](Fields& f, std::string_view k, Site& s) { read_word(f, k, s.mail.user, "_-.", word_remedy); },
     [](const Site& s) -> Value { return s.mail.user; }},
    {"mail", "group", "system group that owns all mail",
     [](Fields& f, std::string_view k, Site& s) { read_word(f, k, s.mail.group, "_-.", word_remedy); },
     [](const Site& s) -> Value { return s.mail.group; }},
    {"mail", "path", "directory of the mail trees; empty = /var/vmail",
     [](Fields& f, std::string_view k, Site& s) { read_absolute(f, k, s.mail.path); },
     [](const Site& s) -> Value { return s.mail.path; }},

    {"delivery", "single_instance", "recipients of one message share one file by hard link",
     [](Fields& f, std::string_view k, Site& s) { f.flag(k, s.delivery.single_instance); },
     [](const Site& s) -> Value { return s.delivery.single_instance; }},
    {"delivery", "srs", "rewrite the sender of forwarded mail (SRS), so that it passes SPF",
     [](Fields& f, std::string_view k, Site& s) { f.flag(k, s.delivery.srs); },
     [](const Site& s) -> Value { return s.delivery.srs; }},
    {"delivery", "srs_domain", "domain of rewritten senders; empty = hostname",
     [](Fields& f, std::string_view k, Site& s) { read_domain_name(f, k, s.delivery.srs_domain); },
     [](const Site& s) -> Value { return text_of(s.delivery.srs_domain); }},
    {"delivery", "over_quota", "answer for a full mailbox: reject (552) or defer (452)",
     [](Fields& f, std::string_view k, Site& s) {
         f.choice(k, s.delivery.over_quota, {{"reject", OverQuotaAnswer::reject}, {"defer", OverQuotaAnswer::defer}}); },
     [](const Site& s) -> Value { return std::string(s.delivery.over_quota == OverQuotaAnswer::reject ? "reject" : "defer"); }},
    {"delivery", "max_message_size", "largest message the agent takes; 0 = no limit",
     [](Fields& f, std::string_view k, Site& s) { f.size(k, s.delivery.max_message_size); },
     [](const Site& s) -> Value { return format_size(s.delivery.max_message_size); }},
    {"delivery", "max_recipients", "recipients of one transaction, at least 100 (RFC 5321 4.5.3.1.8)",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.delivery.max_recipients, 100); },
     [](const Site& s) -> Value { return number(s.delivery.max_recipients); }},
    {"delivery", "max_connections", "LMTP connections at once",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.delivery.max_connections, 1); },
     [](const Site& s) -> Value { return number(s.delivery.max_connections); }},
    {"delivery", "threads", "deliveries under way at once; 0 = chosen by the agent",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.delivery.threads); },
     [](const Site& s) -> Value { return number(s.delivery.threads); }},
    {"delivery", "idle_timeout", "a client that is silent for so long is disconnected",
     [](Fields& f, std::string_view k, Site& s) { f.age(k, s.delivery.idle_timeout); },
     [](const Site& s) -> Value { return format_age(s.delivery.idle_timeout); }},
    {"delivery", "max_expansion", "final targets of one recipient; over it mail is deferred",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.delivery.max_expansion, 1); },
     [](const Site& s) -> Value { return number(s.delivery.max_expansion); }},
    {"delivery", "max_depth", "aliases and forwards that may follow one another; over it mail is deferred",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.delivery.max_depth, 1); },
     [](const Site& s) -> Value { return number(s.delivery.max_depth); }},
    {"delivery", "max_hops", "Received lines that a message may carry",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.delivery.max_hops, 1); },
     [](const Site& s) -> Value { return number(s.delivery.max_hops); }},
    {"delivery", "journal", "where decisions are logged: syslog, stdout, stderr or a file; empty = syslog", read_journal,
     [](const Site& s) -> Value { return s.delivery.journal; }},
    {"delivery", "allowed_peers", "system users that may connect to the LMTP socket; empty = its mode decides", read_peers,
     [](const Site& s) -> Value { return s.delivery.allowed_peers; }},
    {"delivery", "socket_group", "group of the LMTP socket",
     [](Fields& f, std::string_view k, Site& s) { read_word(f, k, s.delivery.socket_group, "_-.", word_remedy); },
     [](const Site& s) -> Value { return s.delivery.socket_group; }},

    {"maps", "type", "Postfix table type: auto, lmdb, cdb, hash or texthash",
     [](Fields& f, std::string_view k, Site& s) { f.choice<std::string>(k, s.maps.type,
         {{"auto", "auto"}, {"lmdb", "lmdb"}, {"cdb", "cdb"}, {"hash", "hash"}, {"texthash", "texthash"}}); },
     [](const Site& s) -> Value { return s.maps.type; }},
    {"maps", "mode", "who expands aliases and forwards: agent (mailctl-deliver) or postfix",
     [](Fields& f, std::string_view k, Site& s) { f.choice(k, s.maps.mode, {{"agent", MapMode::agent}, {"postfix", MapMode::postfix}}); },
     [](const Site& s) -> Value { return std::string(s.maps.mode == MapMode::agent ? "agent" : "postfix"); }},
    {"maps", "dovecot", "syntax of the Dovecot files: 2.3 or 2.4",
     [](Fields& f, std::string_view k, Site& s) { f.choice(k, s.maps.dovecot, {{"2.3", DovecotVersion::v23}, {"2.4", DovecotVersion::v24}}); },
     [](const Site& s) -> Value { return std::string(s.maps.dovecot == DovecotVersion::v23 ? "2.3" : "2.4"); }},
    {"maps", "postfix_config_directory", "Postfix's configuration directory; empty = the system's",
     [](Fields& f, std::string_view k, Site& s) { read_absolute(f, k, s.maps.postfix_config_directory); },
     [](const Site& s) -> Value { return s.maps.postfix_config_directory; }},
});
// clang-format on

// The keys of one table, or those before the first table ("").
void read_table(Fields& fields, std::string_view table, Site& site) {
    for (const auto& rule : rules)
        if (rule.table == table) rule.read(fields, rule.key, site);
}

Site read_site(const Node& root, Findings& findings) {
    Site site;
    Fields fields(root, {}, findings);
    read_table(fields, "", site);
    for (const std::string_view table : {"addresses", "mail", "delivery", "maps"}) {
        const Node* node = fields.node(table);
        if (!node) continue;
        Fields inner(*node, {std::string(table)}, findings);
        read_table(inner, table, site);
        inner.refuse_unknown();
    }
    fields.refuse_unknown();
    return site;
}

} // namespace

Result<Site> parse_site(std::string_view text, std::string_view file) {
    const auto parsed = parse_toml(text, file);
    if (!parsed.diagnostics.empty()) return fail(error_of(parsed.diagnostics));
    Findings findings(file);
    auto site = read_site(parsed.root, findings);
    if (!findings.empty()) return fail(error_of(findings.sorted()));
    return site;
}

std::vector<Diagnostic> check_site(std::string_view text, std::string_view file) {
    const auto parsed = parse_toml(text, file);
    if (!parsed.diagnostics.empty()) return parsed.diagnostics;
    Findings findings(file);
    read_site(parsed.root, findings);
    return findings.sorted();
}

std::vector<SiteKey> site_keys(const Site& site) {
    const Site defaults;
    std::vector<SiteKey> keys;
    for (const auto& rule : rules) {
        const auto value = rule.value(site);
        keys.push_back({fmt::format("{}{}{}", rule.table, rule.table.empty() ? "" : ".", rule.key), format_value(value),
                        std::string(rule.help), value == rule.value(defaults)});
    }
    return keys;
}

std::string compose_site(const DomainName& hostname, const std::optional<Address>& postmaster) {
    Site site;
    site.hostname = hostname;
    site.postmaster = postmaster;
    const Site defaults;
    std::string text = "# The site. Edit by hand, then run: mailctl apply\n"
                       "# A key behind '#' is at its default. Every key is explained in mailctl.toml(5).\n";
    std::string_view table;
    for (const auto& rule : rules) {
        if (rule.table != table)
            text += fmt::format("\n[{}]\n", rule.table);
        else if (table.empty())
            text += '\n';
        table = rule.table;
        const auto value = rule.value(site);
        text += fmt::format("# {}\n{}{} = {}\n", rule.help, value == rule.value(defaults) ? "# " : "", rule.key,
                            format_value(value));
    }
    return text;
}

} // namespace mailctl
