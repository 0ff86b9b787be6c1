// SPDX-License-Identifier: Apache-2.0
// The table of mailctl.toml's keys and the three things made from it.
#include "mailctl/config/site_file.hpp"

#include "dns_readers.hpp"
#include "fields.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/dns_words.hpp"
#include "mailctl/config/node_keys.hpp"
#include "node_readers.hpp"
#include "site_readers.hpp"

#include <fmt/format.h>

#include <array>

namespace mailctl {
namespace {

struct KeyRule {
    std::string_view table, key, help;
    void (*read)(Fields&, std::string_view key, Site&);
    Value (*value)(const Site&);
    bool elements_hold_spaces = false;
};

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
    {"delivery", "quota_warnings", "parts of its quota at which the user of a mailbox is told; never = nobody is", read_quota_warnings,
     [](const Site& s) -> Value { return quota_warning_texts(s); }},
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
    {"delivery", "submit_timeout", "time the MTA has to take the forwards of one message; then they are deferred",
     [](Fields& f, std::string_view k, Site& s) { f.age(k, s.delivery.submit_timeout); },
     [](const Site& s) -> Value { return format_age(s.delivery.submit_timeout); }},
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

    {"replies", "max_length", "longest message of a robot or autoreply, in characters; 0 = no limit",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.replies.max_length); },
     [](const Site& s) -> Value { return number(s.replies.max_length); }},
    {"replies", "per_day", "replies that one robot or autoreply sends in a day; 0 = no limit",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.replies.per_day); },
     [](const Site& s) -> Value { return number(s.replies.per_day); }},
    {"replies", "per_day_and_domain", "of these to the senders of one domain; 0 = no limit",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.replies.per_day_and_domain); },
     [](const Site& s) -> Value { return number(s.replies.per_day_and_domain); }},
    {"candidates", "names", "candidates that one domain may have; over it unknown names are refused",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.candidates.names); },
     [](const Site& s) -> Value { return number(s.candidates.names); }},
    {"candidates", "bytes", "mail held for all candidates of one domain",
     [](Fields& f, std::string_view k, Site& s) { f.size(k, s.candidates.bytes); },
     [](const Site& s) -> Value { return format_size(s.candidates.bytes); }},
    {"candidates", "name_messages", "messages held for one candidate",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.candidates.name_messages); },
     [](const Site& s) -> Value { return number(s.candidates.name_messages); }},
    {"candidates", "name_bytes", "mail held for one candidate",
     [](Fields& f, std::string_view k, Site& s) { f.size(k, s.candidates.name_bytes); },
     [](const Site& s) -> Value { return format_size(s.candidates.name_bytes); }},
    {"candidates", "keep", "a candidate that got no mail for so long expires: mailctl candidate expire",
     [](Fields& f, std::string_view k, Site& s) { f.age(k, s.candidates.keep); },
     [](const Site& s) -> Value { return format_age(s.candidates.keep); }},

    {"maps", "type", "Postfix table type: auto, lmdb, cdb, hash or texthash",
     [](Fields& f, std::string_view k, Site& s) { f.choice<std::string>(k, s.maps.type,
         {{"auto", "auto"}, {"lmdb", "lmdb"}, {"cdb", "cdb"}, {"hash", "hash"}, {"texthash", "texthash"}}); },
     [](const Site& s) -> Value { return s.maps.type; }},
    {"maps", "mode", "who expands aliases and forwards: agent (mailctl-deliver) or postfix",
     [](Fields& f, std::string_view k, Site& s) { f.choice(k, s.maps.mode, {{"agent", MapMode::agent}, {"postfix", MapMode::postfix}}); },
     [](const Site& s) -> Value { return std::string(s.maps.mode == MapMode::agent ? "agent" : "postfix"); }},
    {"maps", "dovecot", "syntax of the Dovecot files: 2.3, 2.4, or auto, as the Dovecot on this machine wants",
     [](Fields& f, std::string_view k, Site& s) { f.choice(k, s.maps.dovecot, 
         {{"auto", DovecotVersion::installed}, {"2.3", DovecotVersion::v23}, {"2.4", DovecotVersion::v24}}); },
     [](const Site& s) -> Value { return std::string(dovecot_word(s.maps.dovecot)); }},
    {"maps", "postfix_config_directory", "Postfix's configuration directory; empty = the system's",
     [](Fields& f, std::string_view k, Site& s) { read_absolute(f, k, s.maps.postfix_config_directory); },
     [](const Site& s) -> Value { return s.maps.postfix_config_directory; }},
    {"maps", "dovecot_config", "main configuration file of the Dovecot that reads the maps; empty = the system's",
     [](Fields& f, std::string_view k, Site& s) { read_absolute(f, k, s.maps.dovecot_config); },
     [](const Site& s) -> Value { return s.maps.dovecot_config; }},
    {"maps", "policy", "whether Postfix asks the agent before it takes a recipient: off, on, or where: unix:PATH or inet:HOST:PORT",
     [](Fields& f, std::string_view k, Site& s) { read_policy(f, k, s); },
     [](const Site& s) -> Value { return s.maps.policy; }},

    {"track", "logs", "logs of the MTA that 'track update' reads, as patterns of the shell; rotated and compressed ones too", read_track_logs,
     [](const Site& s) -> Value { return s.track.logs; }},
    {"track", "keep", "how long what became of a message is kept",
     [](Fields& f, std::string_view k, Site& s) { f.age(k, s.track.keep); },
     [](const Site& s) -> Value { return format_age(s.track.keep); }},
    {"track", "max_size", "largest size of that database, over which the oldest go; 0 = no limit",
     [](Fields& f, std::string_view k, Site& s) { f.size(k, s.track.max_size); },
     [](const Site& s) -> Value { return format_size(s.track.max_size); }},

    {"clients", "imap_host", "IMAP server for mail programs; empty = hostname, %d = the user's domain",
     [](Fields& f, std::string_view k, Site& s) { read_client_host(f, k, s.clients.imap.host); },
     [](const Site& s) -> Value { return s.clients.imap.host; }},
    {"clients", "imap_port", "its port; 0 = 993, or 143 with starttls",
     [](Fields& f, std::string_view k, Site& s) { read_port(f, k, s.clients.imap.port); },
     [](const Site& s) -> Value { return number(s.clients.imap.port); }},
    {"clients", "imap_security", "tls, starttls, or off where IMAP is not offered",
     [](Fields& f, std::string_view k, Site& s) { read_security(f, k, s.clients.imap.security); },
     [](const Site& s) -> Value { return security_text(s.clients.imap.security); }},
    {"clients", "pop_host", "POP3 server for mail programs; empty = hostname, %d = the user's domain",
     [](Fields& f, std::string_view k, Site& s) { read_client_host(f, k, s.clients.pop.host); },
     [](const Site& s) -> Value { return s.clients.pop.host; }},
    {"clients", "pop_port", "its port; 0 = 995, or 110 with starttls",
     [](Fields& f, std::string_view k, Site& s) { read_port(f, k, s.clients.pop.port); },
     [](const Site& s) -> Value { return number(s.clients.pop.port); }},
    {"clients", "pop_security", "tls, starttls, or off where POP3 is not offered",
     [](Fields& f, std::string_view k, Site& s) { read_security(f, k, s.clients.pop.security); },
     [](const Site& s) -> Value { return security_text(s.clients.pop.security); }},
    {"clients", "smtp_host", "server that users send through for mail programs; empty = hostname, %d = the user's domain",
     [](Fields& f, std::string_view k, Site& s) { read_client_host(f, k, s.clients.smtp.host); },
     [](const Site& s) -> Value { return s.clients.smtp.host; }},
    {"clients", "smtp_port", "its port; 0 = 465, or 587 with starttls",
     [](Fields& f, std::string_view k, Site& s) { read_port(f, k, s.clients.smtp.port); },
     [](const Site& s) -> Value { return number(s.clients.smtp.port); }},
    {"clients", "smtp_security", "tls, starttls, or off where SMTP is not offered",
     [](Fields& f, std::string_view k, Site& s) { read_security(f, k, s.clients.smtp.security); },
     [](const Site& s) -> Value { return security_text(s.clients.smtp.security); }},
    {"clients", "webmail", "URL of the webmail, %d = the user's domain; empty = there is none", read_webmail,
     [](const Site& s) -> Value { return s.clients.webmail; }},

    {"dns", "mx", "MX records of the domains, such as \"10 mx1.example.net\"; empty = the hostname, at 10", read_mx,
     [](const Site& s) -> Value { return mx_texts(s); }, true},
    {"dns", "addresses", "IP addresses of the hosts in mx; empty = those that their names have in the DNS",
     [](Fields& f, std::string_view k, Site& s) { read_ip_addresses(f, k, s.dns.addresses); },
     [](const Site& s) -> Value { return s.dns.addresses; }},
    {"dns", "spf_include", "domains whose SPF records name others that send mail of ours",
     [](Fields& f, std::string_view k, Site& s) { read_domain_names(f, k, s.dns.spf_include); },
     [](const Site& s) -> Value { return name_texts(s.dns.spf_include); }},
    {"dns", "web_host", "host of autoconfig, autodiscover and MTA-STS policies; empty = hostname",
     [](Fields& f, std::string_view k, Site& s) { read_domain_name(f, k, s.dns.web_host); },
     [](const Site& s) -> Value { return text_of(s.dns.web_host); }},
    {"dns", "ttl", "time for which others may keep a record",
     [](Fields& f, std::string_view k, Site& s) { read_seconds(f, k, s.dns.ttl, longest_ttl); },
     [](const Site& s) -> Value { return format_age(s.dns.ttl); }},
    {"dns", "tlsrpt", "where reports about TLS go, as mailto:ADDRESS; empty = none are asked for",
     [](Fields& f, std::string_view k, Site& s) { read_report_uri(f, k, s.dns.tlsrpt); },
     [](const Site& s) -> Value { return s.dns.tlsrpt; }},
    {"dns", "caa", "CAA records of the domains, as in a zone: 0 issue \"ca.example\"", read_caa,
     [](const Site& s) -> Value { return s.dns.caa; }, true},
    {"dns", "resolvers", "IP[:PORT] of the resolvers that are asked; empty = those of this host",
     [](Fields& f, std::string_view k, Site& s) { read_resolvers(f, k, s.dns.resolvers); },
     [](const Site& s) -> Value { return s.dns.resolvers; }},
    {"dns", "trust_anchor", "file of DS or DNSKEY records that DNSSEC is validated by; empty = the root's key",
     [](Fields& f, std::string_view k, Site& s) { read_absolute(f, k, s.dns.trust_anchor); },
     [](const Site& s) -> Value { return s.dns.trust_anchor; }},
    {"dns", "blocklists", "zones of block lists that the hosts' addresses are looked up in",
     [](Fields& f, std::string_view k, Site& s) { read_domain_names(f, k, s.dns.blocklists); },
     [](const Site& s) -> Value { return name_texts(s.dns.blocklists); }},
    {"dns", "alarm_after", "bad rounds after which an active domain is pending again",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.dns.alarm_after, 1); },
     [](const Site& s) -> Value { return number(s.dns.alarm_after); }},
    {"dns.mta_sts", "mode", "MTA-STS: off, none, testing or enforce (RFC 8461)", read_mta_sts_mode,
     [](const Site& s) -> Value { return mta_sts_mode_text(s.dns.mta_sts.mode); }},
    {"dns.mta_sts", "max_age", "time for which others keep the MTA-STS policy",
     [](Fields& f, std::string_view k, Site& s) { read_seconds(f, k, s.dns.mta_sts.max_age, longest_policy); },
     [](const Site& s) -> Value { return format_age(s.dns.mta_sts.max_age); }},

    {"defaults", "quota", "quota of a new mailbox where its command and domain say none; 0 = no limit",
     [](Fields& f, std::string_view k, Site& s) { f.size(k, s.defaults.quota); },
     [](const Site& s) -> Value { return format_size(s.defaults.quota); }},
    {"defaults", "domain_mailboxes", "limits.mailboxes of a new domain; 0 = no limit",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.defaults.domain_mailboxes); },
     [](const Site& s) -> Value { return number(s.defaults.domain_mailboxes); }},
    {"defaults", "domain_quota", "limits.quota of a new domain; 0 = no limit",
     [](Fields& f, std::string_view k, Site& s) { f.size(k, s.defaults.domain_quota); },
     [](const Site& s) -> Value { return format_size(s.defaults.domain_quota); }},
    {"passwords", "min_length", "characters that a chosen password must have; 0 = any number",
     [](Fields& f, std::string_view k, Site& s) { f.number(k, s.passwords.min_length); },
     [](const Site& s) -> Value { return number(s.passwords.min_length); }},
    {"passwords", "common", "file of passwords that nobody may choose, one a line; empty = none",
     [](Fields& f, std::string_view k, Site& s) { read_absolute(f, k, s.passwords.common); },
     [](const Site& s) -> Value { return s.passwords.common; }},
    {"invitations", "url", "page where a code is redeemed, with %a = address and %c = code; empty = none", read_invitation_url,
     [](const Site& s) -> Value { return s.invitations.url; }},
    {"invitations", "subject", "subject of invitations, with %a, %n; empty = a usual one",
     read_invitation_subject,
     [](const Site& s) -> Value { return s.invitations.subject; }},
    {"invitations", "text", "text of invitations, with %a, %n, %c, %t, %u; empty = a usual one", read_invitation_text,
     [](const Site& s) -> Value { return s.invitations.text; }},

    {"publish", "database", "PostgreSQL database that other machines get theirs from, as a connection string; empty = none",
     [](Fields& f, std::string_view k, Site& s) { read_database(f, k, s.publish.database); },
     [](const Site& s) -> Value { return s.publish.database; }},
    {"publish", "auto", "whether every change is published at once",
     [](Fields& f, std::string_view k, Site& s) { f.flag(k, s.publish.automatic); },
     [](const Site& s) -> Value { return s.publish.automatic; }},
    {"node", "copy", "program that copies mail from one node to another; source and target are added",
     [](Fields& f, std::string_view k, Site& s) { read_copy_program(f, k, s.node_copy); },
     [](const Site& s) -> Value { return s.node_copy; }},

    {"dkim", "signer", "who signs mail, and gets its tables among the maps: none, opendkim or rspamd",
     [](Fields& f, std::string_view k, Site& s) {
         f.choice(k, s.dkim.signer, {{"none", DkimSigner::none}, {"opendkim", DkimSigner::opendkim}, {"rspamd", DkimSigner::rspamd}}); },
     [](const Site& s) -> Value { return std::string(signer_name(s.dkim.signer)); }},
    {"dkim", "directory", "directory of selectors and private keys; empty = /var/lib/mailctl/dkim",
     [](Fields& f, std::string_view k, Site& s) { read_absolute(f, k, s.dkim.directory); },
     [](const Site& s) -> Value { return s.dkim.directory; }},
    {"dkim", "user", "system user that owns the private keys; empty = opendkim or _rspamd, as signer says",
     [](Fields& f, std::string_view k, Site& s) { read_optional_word(f, k, s.dkim.user, "_-.", word_remedy); },
     [](const Site& s) -> Value { return s.dkim.user; }},
    {"dkim", "rotate_every", "age at which 'dkim rotate' makes a successor of a key; 0 = never",
     [](Fields& f, std::string_view k, Site& s) { read_seconds(f, k, s.dkim.rotate_every, longest_rotation); },
     [](const Site& s) -> Value { return format_age(s.dkim.rotate_every); }},
});
// clang-format on

// The keys of one table, or those before the first table ("").
void read_table(Fields& fields, std::string_view table, Site& site) {
    for (const auto& rule : rules)
        if (rule.table == table) rule.read(fields, rule.key, site);
}

// The table of that path, a key of `outer`, with the tables in it.
void read_inner(Fields& outer, const KeyPath& path, Site& site, Findings& findings) {
    const Node* node = outer.node(path.back());
    if (!node) return;
    Fields inner(*node, path, findings);
    read_table(inner, join(path, "."), site);
    if (path.back() == "dns") read_inner(inner, {"dns", "mta_sts"}, site, findings);
    if (path.back() == "node") read_nodes(inner, path, site.nodes, findings);
    inner.refuse_unknown();
}

Site read_site(const Node& root, Findings& findings) {
    Site site;
    Fields fields(root, {}, findings);
    read_table(fields, "", site);
    for (const char* table : {"addresses", "mail", "delivery", "replies", "candidates", "maps", "track", "clients",
                              "dns", "defaults", "passwords", "invitations", "publish", "node", "dkim"})
        read_inner(fields, {table}, site, findings);
    fields.refuse_unknown();
    return site;
}

KeyPath path_of(const KeyRule& rule) {
    KeyPath path;
    for (const auto part : split(rule.table, '.'))
        if (!part.empty()) path.emplace_back(part);
    path.emplace_back(rule.key);
    return path;
}

constexpr std::string_view site_manual = "mailctl.toml(5)";

} // namespace

Result<Site> parse_site(std::string_view text, std::string_view file) {
    const auto parsed = parse_toml(text, file, site_manual);
    if (!parsed.diagnostics.empty()) return fail(error_of(parsed.diagnostics));
    Findings findings(file);
    auto site = read_site(parsed.root, findings);
    if (!findings.empty()) return fail(error_of(findings.sorted()));
    return site;
}

std::vector<Diagnostic> check_site(std::string_view text, std::string_view file) {
    const auto parsed = parse_toml(text, file, site_manual);
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
        auto path = path_of(rule);
        auto name = join(path, ".");
        keys.push_back({std::move(path), std::move(name), format_value(value), std::string(rule.help),
                        value == rule.value(defaults), rule.elements_hold_spaces});
    }
    for (const auto& [name, node] : site.nodes)
        for (const auto& key : node_keys())
            keys.push_back({{"node", name, std::string(key.name)},
                            fmt::format("node.{}.{}", name, key.name),
                            format_value(key.text(node)),
                            std::string(key.help),
                            key.text(node) == key.text(MailNode{})});
    return keys;
}

std::vector<SettingValue> setting_values(const Site& site) {
    std::vector<SettingValue> values;
    for (const auto& rule : rules)
        values.push_back({path_of(rule), rule.value(site)});
    return values;
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
