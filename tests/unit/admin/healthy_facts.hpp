// SPDX-License-Identifier: Apache-2.0
// What `mailctl check` sees of a site that has nothing wrong with it. A test spoils one thing and looks again.
#pragma once

#include "care/check_table.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mailctl::test {

inline PostfixFacts healthy_postfix(const Paths& paths) {
    PostfixFacts postfix;
    postfix.own = {{"myhostname", "mx.test.example"},
                   {"compatibility_level", "3.6"},
                   {"virtual_transport", "mailctl"},
                   {"virtual_mailbox_domains", "lmdb:" + paths.maps + "/domains"}};
    postfix.settings = {
        {"mydestination", "mx.test.example, localhost"},
        {"myorigin", "mx.test.example"},
        {"mynetworks", "127.0.0.0/8 [::1]/128"},
        {"smtpd_relay_restrictions", "permit_mynetworks permit_sasl_authenticated reject_unauth_destination"},
        {"smtpd_forbid_bare_newline", "normalize"},
        {"smtpd_client_message_rate_limit", "100"},
        {"smtpd_sasl_auth_enable", "no"},
        {"smtpd_reject_unlisted_recipient", "yes"},
        {"recipient_delimiter", "+"},
        {"message_size_limit", "10240000"},
        {"mailbox_size_limit", "0"},
        {"virtual_mailbox_limit", "0"},
        {"virtual_mailbox_maps", "lmdb:" + paths.maps + "/mailboxes"},
        {"alias_maps", "hash:/etc/aliases"},
        {"inet_interfaces", "all"},
        {"queue_directory", "/var/spool/postfix"},
        {"default_database_type", "lmdb"},
        {"default_destination_recipient_limit", "50"}};
    postfix.settings.insert(postfix.own.begin(), postfix.own.end());
    postfix.services = {{"smtp", "inet", true, {"smtpd"}}, {"mailctl", "unix", false, {"lmtp"}}};
    postfix.table_types = {"hash", "lmdb", "nis", "proxy"};
    return postfix;
}

inline SiteFacts healthy_facts() {
    SiteFacts facts;
    facts.paths = system_paths();
    facts.site.hostname = DomainName::from_trusted("mx.test.example");
    facts.site.postmaster = Address::parse("admin@one.example").value();
    facts.now = parse_rfc3339("2026-11-22T03:28:00Z").value();
    facts.today = parse_date("2026-11-22").value();
    facts.version = "1.0";
    Domain one(DomainName::from_trusted("one.example"));
    one.mailboxes["paul"].password = "{ARGON2ID}$argon2id$x";
    one.mailboxes["paul"].quota = ByteCount{1ULL << 30};
    facts.domains = {one};
    facts.names = {"one.example"};
    facts.maps = {{"domains"}, {"mailboxes"}};
    facts.wanted_in_main = {{"virtual_mailbox_domains", "lmdb:" + facts.paths.maps + "/domains"},
                            {"virtual_transport", "mailctl"}};
    facts.files = {{facts.paths.site_file, 0644, 0, 0},
                   {facts.paths.domains + "/one.example.toml", 0640, 0, 0},
                   {facts.paths.maps + "/dovecot-users", 0640, 0, 0},
                   {facts.paths.mail, 0700, 1000, 1000}};
    facts.mail_uid = facts.mail_gid = 1000;
    facts.postfix = healthy_postfix(facts.paths);
    auto& dovecot = facts.dovecot.emplace();
    dovecot.version = "2.3.19.1";
    dovecot.settings = {
        {"passdb/args", facts.paths.maps + "/dovecot-users"}, {"mail_plugins", "quota"}, {"first_valid_uid", "1000"}};
    dovecot.settings["mail_location"] = "maildir:~";
    dovecot.passdbs = {"passwd-file"};
    dovecot.local_names = {"*.one.example", "mail.one.example"};
    dovecot.schemes = {"argon2id", "plain", "md5"};
    facts.mail.emplace();
    facts.dns_domains = {{"one.example", true, true}};
    facts.agent.emplace().version = facts.version;
    facts.disks = {{facts.paths.mail, 50, 50}};
    return facts;
}

// The ids of what is found, without those that come twice.
inline std::set<std::string> ids_found(const SiteFacts& facts, const std::vector<std::string>& only = {}) {
    std::set<std::string> ids;
    for (const auto& finding : look_at_all(facts, only))
        ids.emplace(finding.check->id);
    return ids;
}
// Spoils a healthy setting of main.cf, as if it stood there.
inline void write_in_main(SiteFacts& facts, const std::string& name, const std::string& value) {
    facts.postfix->own[name] = facts.postfix->settings[name] = value;
}

} // namespace mailctl::test
