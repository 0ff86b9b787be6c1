// SPDX-License-Identifier: Apache-2.0
// Each check of `mailctl check` is planted once: it is found, and nothing else is.
#include "healthy_facts.hpp"

#include <algorithm>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct Plant {
    std::string_view id;
    void (*spoil)(SiteFacts& facts);
};
Mailbox& paul(SiteFacts& facts) { return facts.domains.front().mailboxes["paul"]; }
template <class Set>
Suspension& old_suspension(Set& mailbox) {
    mailbox.suspend.emplace().until = parse_date("2026-01-01").value();
    return *mailbox.suspend;
}

const Plant data_plants[] = {
    {"data.invalid",
     [](SiteFacts& f) {
         f.data.push_back({"one.example", "loop", "", true});
     }},
    {"data.doubtful",
     [](SiteFacts& f) {
         f.data.push_back({"one.example", "shadow", "", false});
     }},
    {"data.not-applied", [](SiteFacts& f) { f.unapplied = {"/etc/mailctl/domains/one.example.toml"}; }},
    {"data.unfinished", [](SiteFacts& f) { f.pending = 7; }},
    {"data.no-postmaster", [](SiteFacts& f) { f.site.postmaster.reset(); }},
    {"data.over-committed", [](SiteFacts& f) { f.domains.front().limits.quota = ByteCount{1000}; }},
    {"data.reply-over",
     [](SiteFacts& f) {
         Autoreply reply;
         reply.end = parse_date("2026-01-01").value();
         paul(f).autoreply = reply;
     }},
    {"data.suspension-over", [](SiteFacts& f) { old_suspension(paul(f)); }},
    {"data.weak-password", [](SiteFacts& f) { paul(f).password = "{PLAIN}secret"; }},
    {"files.open", [](SiteFacts& f) { f.files[1].mode = 0644; }},
    {"files.writable", [](SiteFacts& f) { f.files[0].mode = 0666; }},
    {"files.mail-root", [](SiteFacts& f) { f.files[3].uid = 33; }},
    {"files.disk", [](SiteFacts& f) { f.disks[0].free_inodes_percent = 1; }},
    {"maps.outdated", [](SiteFacts& f) { f.maps[0].text_current = false; }},
    {"maps.index", [](SiteFacts& f) { f.maps[0].index_current = false; }},
    {"maps.leftover", [](SiteFacts& f) { f.leftover_maps = {"old"}; }},
    {"mail.no-maildir", [](SiteFacts& f) { f.mail->missing = {"paul@one.example"}; }},
    {"mail.orphan", [](SiteFacts& f) { f.mail->orphans = {"one.example/ghost"}; }},
    {"mail.split", [](SiteFacts& f) { f.mail->split = {"one.example/paul"}; }},
    {"mail.stale-tmp", [](SiteFacts& f) { f.mail->stale = 3; }},
    {"mail.maildirsize", [](SiteFacts& f) { f.mail->wrong = {"one.example/paul"}; }},
    {"mail.candidates-full",
     [](SiteFacts& f) {
         f.held = {{"one.example", f.site.candidates.names, 0}};
     }},
    {"files.journal",
     [](SiteFacts& f) {
         f.journal = {"/var/log/mailctl.journal", std::uint64_t{2} << 30};
     }},
    {"certificates.not-served",
     [](SiteFacts& f) {
         f.served = {{"127.0.0.1:993", "mail.one.example", "/etc/ssl/one.pem", false}};
     }},
    {"dns.record",
     [](SiteFacts& f) {
         f.dns = {{"one.example", "one.example", "MX", "wrong", "", true}};
     }},
    {"dns.pending", [](SiteFacts& f) { f.dns_domains[0].is_active = false; }},
    {"certificates.trouble",
     [](SiteFacts& f) {
         f.certificates = {{"one.example", "expired", "", true}};
     }},
    {"agent.version", [](SiteFacts& f) { f.agent->version = "0.9"; }},
    {"agent.behind", [](SiteFacts& f) { f.generation = 9; }},
    {"host.clock", [](SiteFacts& f) { f.now = parse_rfc3339("1970-01-01T00:00:00Z").value(); }},
    {"mail.not-seen",
     [](SiteFacts& f) {
         f.unseen = {{"mail", "no right", ""}};
     }},
    {"postfix.not-seen",
     [](SiteFacts& f) {
         f.postfix.reset(), f.unseen = {{"postfix", "no postconf", ""}};
     }},
    {"dovecot.not-seen",
     [](SiteFacts& f) {
         f.dovecot.reset(), f.unseen = {{"dovecot", "no doveconf", ""}};
     }},
    {"dns.not-seen",
     [](SiteFacts& f) {
         f.unseen = {{"dns", "no round", ""}};
     }},
    {"certificates.not-seen",
     [](SiteFacts& f) {
         f.unseen = {{"certificates", "no openssl", ""}};
     }},
    {"agent.not-seen",
     [](SiteFacts& f) {
         f.agent.reset(), f.unseen = {{"agent", "no answer", ""}};
     }},
};

const Plant dovecot_plants[] = {
    {"dovecot.broken", [](SiteFacts& f) { f.dovecot->settings.clear(), f.dovecot->errors = {"line 3"}; }},
    {"dovecot.generation",
     [](SiteFacts& f) { f.site.maps.dovecot = DovecotVersion::v24, f.dovecot->version = "2.3.19"; }},
    {"dovecot.inbox-path", [](SiteFacts& f) { f.dovecot->settings["mail_inbox_path"] = "/var/mail/%{user}"; }},
    {"dovecot.users-not-read", [](SiteFacts& f) { f.dovecot->settings.erase("passdb/args"); }},
    {"dovecot.first-uid", [](SiteFacts& f) { f.dovecot->settings["first_valid_uid"] = "2000"; }},
    {"dovecot.name-characters", [](SiteFacts& f) { f.dovecot->settings["auth_username_chars"] = "xyz"; }},
    {"dovecot.name-format", [](SiteFacts& f) { f.dovecot->settings["auth_username_format"] = "%Ln"; }},
    {"dovecot.no-quota", [](SiteFacts& f) { f.dovecot->settings.erase("mail_plugins"); }},
    {"dovecot.auth-cache", [](SiteFacts& f) { f.dovecot->settings["auth_cache_size"] = "10 M"; }},
    {"dovecot.system-users",
     [](SiteFacts& f) {
         f.dovecot->passdbs = {"pam", "passwd-file"};
     }},
    {"dovecot.quota-warning",
     [](SiteFacts& f) { f.dovecot->settings["plugin/quota_warning"] = "storage=95%% quota-warning 95 %u"; }},
    {"dovecot.connections",
     [](SiteFacts& f) { f.dovecot->settings["protocol imap/mail_max_userip_connections"] = "2"; }},
    {"dovecot.users-open", [](SiteFacts& f) { f.files[2].mode = 0644; }},
    {"dovecot.scheme", [](SiteFacts& f) { paul(f).password = "{SCRYPT.B64}x"; }},
    {"dovecot.mail-path", [](SiteFacts& f) { f.dovecot->settings["mail_location"] = "mbox:~/mail"; }},
    {"dovecot.sieve-folder",
     [](SiteFacts& f) {
         f.dovecot->settings["protocol lmtp/mail_plugins"] = "quota sieve";
         f.dovecot->settings["plugin/sieve"] = "file:~/sieve;active=~/.dovecot.sieve";
     }},
    {"dovecot.network-mail", [](SiteFacts& f) { f.disks[0].is_network = true; }},
    {"dovecot.local-name", [](SiteFacts& f) { std::ranges::reverse(f.dovecot->local_names); }},
};

void find_each(std::span<const Plant> plants) {
    for (const auto& plant : plants) {
        auto facts = healthy_facts();
        plant.spoil(facts);
        CHECK(ids_found(facts) == std::set<std::string>{std::string(plant.id)});
    }
}

} // namespace

TEST_CASE("on a healthy site nothing is found, and nothing where nobody could look") {
    CHECK(ids_found(healthy_facts()).empty());
    auto blind = healthy_facts();
    blind.postfix.reset(), blind.dovecot.reset(), blind.mail.reset(), blind.agent.reset();
    CHECK(ids_found(blind).empty());
}

TEST_CASE("what is planted in the data, files, maps, mail, DNS, certificates, the agent and the host is found alone") {
    find_each(data_plants);
}

TEST_CASE("what is planted in Dovecot is found alone") { find_each(dovecot_plants); }
