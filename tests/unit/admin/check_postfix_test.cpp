// SPDX-License-Identifier: Apache-2.0
// Each check of Postfix is planted once: it is found, and nothing else is.
#include "healthy_facts.hpp"

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct Line { // of main.cf
    std::string_view id;
    std::string name, value;
};
const Line lines[] = {
    {"postfix.mydestination-overlap", "mydestination", "localhost, One.example"},
    {"postfix.relay-overlap", "relay_domains", "one.example"},
    {"postfix.alias-domain-overlap", "virtual_alias_domains", "one.example"},
    {"postfix.table-not-used", "virtual_mailbox_domains", "far.example"},
    {"postfix.table-shadowed", "virtual_mailbox_domains", "lmdb:/etc/old lmdb:/var/lib/mailctl/maps/domains"},
    {"postfix.unknown-local-users", "local_recipient_maps", ""},
    {"postfix.origin", "myorigin", "one.example"},
    {"postfix.open-networks", "mynetworks", "127.0.0.0/8 0.0.0.0/0"},
    {"postfix.container-networks", "mynetworks", "127.0.0.0/8 172.17.0.0/16"},
    {"postfix.open-networks", "mynetworks", "[::1]/128 ::/0"},
    {"postfix.open-networks", "mynetworks", "127.0.0.0/8 198.51.100.0/22"},
    {"postfix.open-networks", "mynetworks", "127.0.0.0/8 [2001:db8::]/32"},
    {"postfix.open-relay", "smtpd_relay_restrictions", "permit_mynetworks"},
    {"postfix.sender-rights", "smtpd_sender_restrictions", "permit_sasl_authenticated, reject_sender_login_mismatch"},
    {"postfix.unknown-recipients", "smtpd_reject_unlisted_recipient", "no"},
    {"postfix.unknown-recipients", "virtual_mailbox_maps", ""},
    {"postfix.dnsbl-errors", "smtpd_recipient_restrictions", "reject_rbl_client zen.spamhaus.org"},
    {"postfix.dnsbl-dead", "smtpd_client_restrictions", "reject_rbl_client dnsbl.sorbs.net=127.0.0.2"},
    {"postfix.bare-newline", "smtpd_forbid_bare_newline", "no"},
    {"postfix.mx-backup", "smtpd_recipient_restrictions", "permit_mx_backup, reject_unauth_destination"},
    {"postfix.delimiter", "recipient_delimiter", ""},
    {"postfix.recipient-limit", "mailctl_destination_recipient_limit", "1"},
    {"postfix.concurrency", "mailctl_destination_concurrency_limit", "1"},
    {"postfix.size-limits", "mailbox_size_limit", "1000"},
    {"postfix.message-above-quota", "message_size_limit", "2000000000"},
    {"postfix.filter-mappings", "content_filter", "scan:[127.0.0.1]:10025"},
    {"postfix.debugging", "soft_bounce", "yes"},
    {"postfix.debugging", "defer_transports", "smtp"},
    {"postfix.queue-lifetime", "maximal_queue_lifetime", "1h"},
    {"postfix.table-type", "header_checks", "pcre:/etc/postfix/headers"},
    {"postfix.old-table-type", "transport_maps", "hash:/etc/postfix/transport"},
    {"postfix.proxy", "local_recipient_maps", "proxy:unix:passwd.byname"},
    {"postfix.nis", "alias_maps", "hash:/etc/aliases, nis:mail.aliases"},
    {"postfix.loopback-only", "inet_interfaces", "loopback-only"},
    {"postfix.relayhost", "relayhost", "mail.far.example"},
    {"postfix.relayhost", "relayhost", "[mx.test.example]"},
};

std::set<std::string> only_id(std::string_view id) { return {std::string(id)}; }

} // namespace

TEST_CASE("what is planted in main.cf is found alone") {
    for (const auto& line : lines) {
        CAPTURE(line.name);
        auto facts = healthy_facts();
        write_in_main(facts, line.name, line.value);
        if (line.name == "virtual_alias_domains" || line.name == "content_filter")
            write_in_main(facts, "virtual_alias_maps", "lmdb:" + facts.paths.maps + "/aliases");
        CHECK(ids_found(facts) == only_id(line.id));
    }
}

TEST_CASE("a host's name that nobody can check is found") {
    auto facts = healthy_facts();
    write_in_main(facts, "myhostname", "localhost");
    CHECK(ids_found(facts) == std::set<std::string>{"postfix.hostname", "postfix.hostname-differs"});
    write_in_main(facts, "myhostname", "other.test.example");
    CHECK(ids_found(facts) == only_id("postfix.hostname-differs"));
}

TEST_CASE("what is planted in master.cf is found alone") {
    const auto with = [](PostfixService service) {
        auto facts = healthy_facts();
        facts.postfix->services.push_back(std::move(service));
        return ids_found(facts);
    };
    const std::vector<std::string> open{"smtpd", "-o", "smtpd_sasl_auth_enable=yes"};
    CHECK(with({"26", "inet", true, open}) == only_id("postfix.plain-passwords"));
    CHECK(with({"submissions", "inet", true, {"smtpd", "-o", "smtpd_tls_wrappermode=yes"}}) ==
          only_id("postfix.sender-login"));
    CHECK(with({"26",
                "inet",
                true,
                {"smtpd", "-o", "smtpd_sasl_auth_enable=yes", "-o", "smtpd_tls_auth_only=yes", "-o",
                 "smtpd_client_message_rate_limit=0", "-o", "smtpd_client_recipient_rate_limit=0"}}) ==
          only_id("postfix.no-rates"));
}

TEST_CASE("a transport that does not lead to the agent is found") {
    auto facts = healthy_facts();
    write_in_main(facts, "virtual_transport", "virtual");
    CHECK(ids_found(facts) == std::set<std::string>{"postfix.other-transport", "postfix.no-service"});
    facts = healthy_facts();
    facts.wanted_in_main["virtual_transport"] = "mailctl:unix:/run/mailctl/lmtp.sock";
    write_in_main(facts, "virtual_transport", "mailctl:unix:/run/mailctl/lmtp.sock");
    CHECK(ids_found(facts).empty());
    facts.postfix->services.back().is_chrooted = true;
    CHECK(ids_found(facts) == only_id("postfix.chroot-socket"));
}

TEST_CASE("a copy of all mail for somebody who sends it on is found; for a mailbox it is none") {
    auto facts = healthy_facts();
    write_in_main(facts, "always_bcc", "Paul@one.example");
    CHECK(ids_found(facts).empty());
    facts.domains.front().mailboxes["paul"].forward = {Address::parse("x@far.example").value()};
    CHECK(ids_found(facts) == only_id("postfix.copy-loop"));
}

TEST_CASE("what postconf says, and a compatibility level that nobody set, are found") {
    auto facts = healthy_facts();
    facts.postfix->warnings = {"postconf: warning: unused parameter: virtual_mailbox_map=x"};
    CHECK(ids_found(facts) == only_id("postfix.warning"));
    facts = healthy_facts();
    facts.postfix->own.erase("compatibility_level");
    CHECK(ids_found(facts) == only_id("postfix.compatibility"));
}
