// SPDX-License-Identifier: Apache-2.0
// Postfix on its host: each check is planted once, found, and nothing else is; and what texts of the host say.
#include "healthy_facts.hpp"

#include "care/check_dns_facts.hpp"
#include "care/check_host_facts.hpp"
#include "care/check_networks.hpp"

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct HostPlant {
    std::string_view id;
    void (*spoil)(SiteFacts& facts);
};
const Instant week_ago = parse_rfc3339("2026-11-15T00:00:00Z").value();

const HostPlant host_plants[] = {
    {"postfix.transport-elsewhere",
     [](SiteFacts& f) {
         f.postfix->routes = {{"hash:/etc/postfix/transport", "one.example", "smtp:[old.example]"}};
     }},
    {"postfix.own-domain",
     [](SiteFacts& f) {
         write_in_main(f, "mydomain", "example");
         f.postfix->settings["mydestination"] = "localhost one";
     }},
    {"postfix.container-networks",
     [](SiteFacts& f) {
         f.container_gateways = {"192.168.48.1"};
         write_in_main(f, "mynetworks", "127.0.0.0/8 192.168.0.0/16");
     }},
    {"postfix.policy-not-asked",
     [](SiteFacts& f) {
         f.site.maps.policy = "on";
         f.wanted_in_main["smtpd_recipient_restrictions"] =
             "check_policy_service { unix:/run/mailctl/policy.sock, timeout=5s, default_action=DUNNO }";
     }},
    {"postfix.socket-closed",
     [](SiteFacts& f) {
         f.postfix->client = {101, {101}};
         f.postfix->socket_path = {{"/", 040755, 0, 0}, {"/run/lmtp.sock", 0140660, 999, 999}};
     }},
    {"postfix.no-smtputf8",
     [](SiteFacts& f) {
         f.postfix->hops = {{"relayhost", "[smtp.far.example]:587", false}};
     }},
    {"postfix.screened-friends",
     [](SiteFacts& f) {
         f.postfix->services.push_back({"25", "inet", true, {"postscreen"}});
         write_in_main(f, "postscreen_access_list", "cidr:/etc/postfix/access");
         f.postfix->table_types.insert("cidr");
     }},
    {"postfix.repeated-key",
     [](SiteFacts& f) {
         f.postfix->repeated = {{"lmdb:/etc/postfix/virtual", "info@old.example"}};
     }},
    {"postfix.sni-index",
     [](SiteFacts& f) {
         f.postfix->sni = {{"lmdb:/etc/postfix/sni", false, true}};
     }},
    {"postfix.sni-index",
     [](SiteFacts& f) {
         f.postfix->sni = {{"lmdb:/etc/postfix/sni", true, false}};
     }},
    {"postfix.jail",
     [](SiteFacts& f) {
         f.postfix->jail = {{"/var/spool/postfix/etc/resolv.conf", false}};
     }},
    {"postfix.writable",
     [](SiteFacts& f) {
         f.postfix->files = {{"/etc/postfix/main.cf", 0100666, 0, 0}};
     }},
    {"postfix.writable",
     [](SiteFacts& f) {
         f.postfix->files = {{"/etc/postfix/virtual", 0100644, 1000, 0}};
     }},
    {"mail.not-mounted", [](SiteFacts& f) { f.unmounted = {"/var/vmail"}; }},
    {"dns.dkim-overdue",
     [](SiteFacts& f) {
         f.key_steps = {{"one.example", "202611r", "retire", week_ago}};
     }},
    {"dns.blocklist-refuses",
     [](SiteFacts& f) {
         f.blocklists = {{"zen.spamhaus.org", "127.255.255.254", false}};
     }},
    {"dns.blocklist-refuses",
     [](SiteFacts& f) {
         f.blocklists = {{"dead.example", "", true}};
     }},
    {"dns.ipv6-nameless", [](SiteFacts& f) { f.nameless = {"2001:db8::7"}; }},
};

} // namespace

TEST_CASE("what is planted in Postfix's host is found alone") {
    for (const auto& plant : host_plants) {
        CAPTURE(plant.id);
        auto facts = healthy_facts();
        plant.spoil(facts);
        CHECK(ids_found(facts) == std::set<std::string>{std::string(plant.id)});
    }
}

TEST_CASE("$mydomain in mydestination is told by its name, beside the domain that it stands for") {
    auto facts = healthy_facts();
    write_in_main(facts, "mydomain", "one.example");
    write_in_main(facts, "mydestination", "localhost, $mydomain");
    facts.postfix->settings["mydestination"] = "localhost, one.example";
    CHECK(ids_found(facts) == std::set<std::string>{"postfix.mydestination-overlap", "postfix.own-domain"});
}

TEST_CASE("rows for our agent, rows that say nothing, and hosts of one's own are healthy") {
    auto facts = healthy_facts();
    facts.postfix->routes = {{"hash:/t", "one.example", "mailctl:unix:/run/x"}, {"hash:/t", "*", ":"}};
    write_in_main(facts, "mynetworks",
                  "127.0.0.0/8 [::1]/128 10/8 192.168.0.0/16 198.51.100.7 198.51.100.8/29 "
                  "[2001:db8::]/64 !172.30.0.1 cidr:/etc/postfix/nets /etc/more");
    facts.container_gateways = {"172.30.0.1"};
    facts.postfix->client = {101, {101, 999}};
    facts.postfix->socket_path = {{"/", 040755, 0, 0}, {"/run/lmtp.sock", 0140660, 999, 999}};
    facts.postfix->services.push_back({"25", "inet", true, {"postscreen"}});
    write_in_main(facts, "postscreen_access_list", "permit_mynetworks, cidr:/etc/postfix/access");
    facts.postfix->table_types.insert("cidr");
    CHECK(ids_found(facts).empty());
}

TEST_CASE("a container's gateway that mynetworks leaves out is not found; one within a wider network is") {
    auto facts = healthy_facts();
    facts.container_gateways = {"172.30.0.1"};
    write_in_main(facts, "mynetworks", "127.0.0.0/8 !172.30.0.1 172.30.0.0/16");
    CHECK(ids_found(facts).empty());
    write_in_main(facts, "mynetworks", "127.0.0.0/8 172.30.0.0/16");
    CHECK(ids_found(facts) == std::set<std::string>{"postfix.container-networks"});
}

TEST_CASE("a directory on the way to the socket that Postfix may not pass is named") {
    auto facts = healthy_facts();
    facts.postfix->client = {101, {101}};
    facts.postfix->socket_path = {{"/", 040755, 0, 0}, {"/srv", 040750, 0, 0}, {"/srv/s", 0140666, 0, 0}};
    const auto findings = look_at_all(facts, {});
    REQUIRE(findings.size() == 1);
    CHECK(findings.front().place == "/srv");
}

TEST_CASE("a policy service that a service of master.cf asks is asked") {
    auto facts = healthy_facts();
    facts.site.maps.policy = "on";
    facts.wanted_in_main["smtpd_recipient_restrictions"] =
        "check_policy_service { unix:/run/mailctl/policy.sock, timeout=5s }";
    facts.postfix->services.front().command = {
        "smtpd", "-o", "{smtpd_recipient_restrictions", "=", "check_policy_service", "unix:/run/mailctl/policy.sock}"};
    CHECK(ids_found(facts).empty());
}

TEST_CASE("keys that stand in a table several times: as postmap and postalias read them") {
    CHECK(repeated_keys_of("# a b\ninfo@x a\n\tinfo@x b\nInfo@X c\n\nsales@x d\n", false) ==
          std::vector<std::string>{"info@x"});
    CHECK(repeated_keys_of("root: paul\n\"root\" : ringo\npost:a\n", true) == std::vector<std::string>{"root"});
}

TEST_CASE("of fstab, what is mounted at boot at the mail root or above it and is not there now") {
    const std::string mounts = "22 1 8:1 / / rw - ext4 /dev/a rw\n30 22 8:2 / /srv/my\\040mail rw - ext4 /dev/b rw\n";
    const std::string fstab = "# /dev/x /srv/mail ext4 defaults 0 0\n/dev/a / ext4 defaults 0 1\n"
                              "/dev/b /srv/my\\040mail ext4 defaults 0 2\n/dev/c /srv/mail/ ext4 rw,noatime 0 2\n"
                              "/dev/d /srv ext4 noauto 0 2\n/dev/e none swap sw 0 0\n";
    CHECK(unmounted_of(fstab, mounts, "/srv/mail") == std::vector<std::string>{"/srv/mail"});
    CHECK(unmounted_of(fstab, mounts, "/srv/mail/deep") == std::vector<std::string>{"/srv/mail"});
    CHECK(unmounted_of(fstab, mounts, "/srv/my mail").empty());
    CHECK(unmounted_of(fstab, mounts, "/srv/mailbox").empty());
}

TEST_CASE("transport_maps is asked for a domain, what lies above it, and all") {
    CHECK(transport_keys("a.one.example", false) ==
          std::vector<std::string>{"a.one.example", ".one.example", ".example", "*"});
    CHECK(transport_keys("one.example", true) == std::vector<std::string>{"postmaster@one.example"});
}

TEST_CASE("where main.cf sends mail on to by SMTP, with and without a service and a port") {
    auto facts = healthy_facts();
    facts.postfix->settings["relayhost"] = "[smtp.far.example]:587";
    facts.postfix->settings["content_filter"] = "scan:[127.0.0.1]:10024";
    facts.postfix->settings["default_transport"] = "smtp:[Mx.far.example]";
    const auto hops = next_hops(facts);
    REQUIRE(hops.size() == 3);
    CHECK(hops[0].parameter == "relayhost");
    CHECK(hops[0].host == "smtp.far.example");
    CHECK(hops[0].port == 587);
    CHECK(hops[1].host == "127.0.0.1");
    CHECK(hops[1].port == 10024);
    CHECK(hops[2].port == 25);
    for (const auto* value :
         {"far.example", "lmtp:unix:/run/x", "scan:[127.0.0.1]:0", "scan:[127.0.0.1]:x", "smtp", ""}) {
        facts.postfix->settings["relayhost"] = facts.postfix->settings["content_filter"] = value;
        facts.postfix->settings["default_transport"] = value;
        CHECK(next_hops(facts).empty());
    }
}

TEST_CASE("block lists are read from restrictions and from postscreen, without their filters") {
    auto facts = healthy_facts();
    write_in_main(facts, "smtpd_client_restrictions", "reject_rbl_client Zen.spamhaus.org=127.0.0.[2..11], permit");
    write_in_main(facts, "postscreen_dnsbl_sites", "bl.far.example*2, list.example=127.0.0.2*1, texthash:/etc/l");
    CHECK(blocklists_in_main(facts) == std::vector<std::string>{"bl.far.example", "list.example", "zen.spamhaus.org"});
}

TEST_CASE("networks as Postfix writes them") {
    CHECK(parse_network("10/8")->contains(*parse_network("10.200.0.1")));
    CHECK_FALSE(parse_network("192.0.2.0/25")->contains(*parse_network("192.0.2.128")));
    CHECK(parse_network("[fd00::]/8")->is_private());
    CHECK_FALSE(parse_network("8.0.0.0/5")->is_private());
    for (const auto* word : {"", "x", "1.2.3.4/33", "cidr:/x", "!1.2.3.4", "[::1]/129", "1.2.3.4/"})
        CHECK_FALSE(parse_network(word));
}
