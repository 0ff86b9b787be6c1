// SPDX-License-Identifier: Apache-2.0
// mailctl.toml: defaults, every key, refusals, and the file that init writes.
#include "mailctl/config/site_file.hpp"

#include "mailctl/model/others_address.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

using namespace mailctl;

namespace {

Site parsed_site(std::string_view text) {
    auto result = parse_site(text, "mailctl.toml");
    if (!result) FAIL(result.error().what);
    return std::move(*result);
}

const std::string every_key = R"(hostname = "mx.example.com"
postmaster = "root@example.com"
alternate_suffix = "backup.example.net"
submit = "smtp:[2001:db8::1]:2525"
source_ips = ["192.0.2.1", "2001:db8::2"]
time_zone = "Europe/Berlin"

[addresses]
delimiters = "+-"
local_part_characters = "._"

[mail]
user = "mail"
group = "mailgroup"
path = "/srv/mail"

[delivery]
single_instance = false
srs = false
srs_domain = "srs.example.com"
over_quota = "defer"
quota_warnings = ["50%", "99%"]
max_message_size = "50 MiB"
max_recipients = 100
max_connections = 5
threads = 4
idle_timeout = "10m"
submit_timeout = "1m"
max_expansion = 10
max_depth = 3
max_hops = 30
journal = "/var/log/mailctl.log"
allowed_peers = ["postfix"]
socket_group = "mta"

[replies]
max_length = 5000
per_day = 10
per_day_and_domain = 3

[candidates]
names = 10
bytes = "1 MiB"
name_messages = 5
name_bytes = "64 KiB"
keep = "2d"

[maps]
type = "cdb"
mode = "postfix"
dovecot = "2.4"
postfix_config_directory = "/etc/postfix-2"
dovecot_config = "/etc/dovecot-2/dovecot.conf"
policy = "inet:127.0.0.1:10040"

[publish]
database = "postgresql://db/mailctl"
auto = true
[node]
copy = "cp -a"
[dkim]
signer = "rspamd"
directory = "/srv/dkim"
user = "signer"
rotate_every = "90d"

[track]
logs = ["/var/log/postfix.log*"]
keep = "30d"
max_size = "2 GiB"

[clients]
imap_host = "imap.%d"
imap_port = 1993
imap_security = "starttls"
pop_host = "pop.example.com"
pop_port = 1995
pop_security = "off"
smtp_host = "smtp.%d"
smtp_port = 1465
smtp_security = "starttls"
webmail = "https://webmail.%d/"

[dns]
mx = ["10 mx1.example.com", "20 mx2.example.com"]
addresses = ["192.0.2.1", "2001:db8::1"]
spf_include = ["spf.example.net"]
web_host = "www.example.com"
ttl = "5m"
tlsrpt = "mailto:tls@example.com"
caa = ["0 issue \"ca.example\""]
resolvers = ["192.0.2.53:5353", "[2001:db8::53]:53"]
trust_anchor = "/etc/mailctl/anchor"
blocklists = ["bl.example"]
alarm_after = 5

[dns.mta_sts]
mode = "enforce"
max_age = "4w"

[defaults]
quota = "2 GiB"
domain_mailboxes = 50
domain_quota = "100 GiB"

[passwords]
min_length = 10
common = "/usr/share/dict/cracklib-small"

[invitations]
url = "https://mail.example.com/%c"
subject = "Welcome"
text = "Go to %u"
)";

} // namespace

TEST_CASE("an empty site file gives the defaults") { CHECK(parsed_site("") == Site{}); }

TEST_CASE("quota warnings can be switched off in two ways, and several parts be told") {
    for (const char* none : {"delivery.quota_warnings = []", "delivery.quota_warnings = [\"never\"]"})
        CHECK(parsed_site(none).delivery.quota_warnings.empty());
    CHECK(parsed_site("delivery.quota_warnings = [\"7%\", \"99%\"]").delivery.quota_warnings == std::vector{7U, 99U});
}

TEST_CASE("every key of the site file is read") {
    const auto site = parsed_site(every_key);
    CHECK(site.hostname.text() == "mx.example.com");
    CHECK(site.postmaster == *Address::parse("root@example.com"));
    CHECK(site.alternate_suffix == DomainName::from_trusted("backup.example.net"));
    CHECK(std::get<SubmitBySmtp>(site.submit) == SubmitBySmtp{"2001:db8::1", 2525});
    CHECK(site.source_ips.size() == 2);
    CHECK(site.time_zone == "Europe/Berlin");
    CHECK(site.addresses == Site::Addresses{"+-", "._"});
    CHECK(site.mail == Site::Mail{"mail", "mailgroup", "/srv/mail"});
    CHECK(site.delivery == Site::Delivery{false,
                                          false,
                                          DomainName::from_trusted("srs.example.com"),
                                          OverQuotaAnswer::defer,
                                          {50, 99},
                                          *parse_size("50 MiB"),
                                          100,
                                          5,
                                          4,
                                          std::chrono::minutes{10},
                                          std::chrono::seconds(60),
                                          10,
                                          3,
                                          30,
                                          "/var/log/mailctl.log",
                                          {"postfix"},
                                          "mta"});
    CHECK(site.maps == Site::Maps{"cdb", MapMode::postfix, DovecotVersion::v24, "/etc/postfix-2",
                                  "/etc/dovecot-2/dovecot.conf", "inet:127.0.0.1:10040"});
    CHECK(site.publish == Site::Publish{"postgresql://db/mailctl", true});
    CHECK(site.node_copy == "cp -a");
    CHECK(site.dkim == Site::Dkim{DkimSigner::rspamd, "/srv/dkim", "signer", std::chrono::days(90)});
    CHECK(site.track == Site::Track{{"/var/log/postfix.log*"}, std::chrono::days(30), *parse_size("2 GiB")});
    CHECK(site.clients == Site::Clients{{"imap.%d", 1993, ClientSecurity::starttls},
                                        {"pop.example.com", 1995, ClientSecurity::off},
                                        {"smtp.%d", 1465, ClientSecurity::starttls},
                                        "https://webmail.%d/"});
    CHECK(site.defaults == Site::Defaults{*parse_size("2 GiB"), 50, *parse_size("100 GiB")});
    CHECK(site.passwords == Site::Passwords{10, "/usr/share/dict/cracklib-small"});
    CHECK(site.invitations == Site::Invitations{"https://mail.example.com/%c", "Welcome", "Go to %u"});
    const auto name = [](const char* text) { return DomainName::from_trusted(text); };
    CHECK(site.dns == Site::Dns{{{10, name("mx1.example.com")}, {20, name("mx2.example.com")}},
                                {"192.0.2.1", "2001:db8::1"},
                                {name("spf.example.net")},
                                name("www.example.com"),
                                std::chrono::minutes{5},
                                "mailto:tls@example.com",
                                {"0 issue \"ca.example\""},
                                {MtaStsMode::enforce, std::chrono::weeks{4}},
                                {"192.0.2.53:5353", "[2001:db8::53]:53"},
                                "/etc/mailctl/anchor",
                                {name("bl.example")},
                                5});
}

TEST_CASE("the table of keys names every key of the file, and its values read back") {
    const auto site = parsed_site(every_key);
    std::string text, table;
    for (const auto& key : site_keys(site)) {
        CHECK_FALSE(key.is_default);
        CHECK_FALSE(key.help.empty());
        CHECK(every_key.find(key.key.substr(key.key.rfind('.') + 1) + " = ") != std::string::npos);
        text += key.key + " = " + key.value + "\n";
    }
    CHECK(site_keys(site).size() == static_cast<std::size_t>(std::ranges::count(every_key, '=')));
    CHECK(parsed_site(text) == site);
    for (const auto& key : site_keys(Site{}))
        CHECK_MESSAGE(key.is_default, key.key);
}

TEST_CASE("the new site file is read back, and its commented keys are the defaults") {
    const auto hostname = DomainName::from_trusted("mx.example.com");
    const auto postmaster = *Address::parse("root@example.com");
    Site want;
    want.hostname = hostname;
    CHECK(parsed_site(compose_site(hostname, {})) == want);
    want.postmaster = postmaster;
    auto text = compose_site(hostname, postmaster);
    CHECK(parsed_site(text) == want);
    for (const auto& key : site_keys(want)) { // take the '#' away
        const auto line = "\n# " + key.key.substr(key.key.rfind('.') + 1) + " = " + key.value + "\n";
        if (!key.is_default) continue;
        REQUIRE_MESSAGE(text.find(line) != std::string::npos, line);
        text.erase(text.find(line) + 1, 2);
    }
    CHECK(parsed_site(text) == want);
}

TEST_CASE("wrong values of the site file are refused with key, place and remedy") {
    for (const std::string_view bad : {"hostname = \"a b\"",
                                       "hostname = 1",
                                       "postmaster = \"root\"",
                                       "postmaster = \"a@[192.0.2.1]\"",
                                       "alternate_suffix = \"-\"",
                                       "submit = \"sendmail\"",
                                       "submit = \"smtp:host\"",
                                       "submit = \"smtp:host:0\"",
                                       "submit = \"smtp:::1:25\"",
                                       "source_ips = [\"x\"]",
                                       "source_ips = [\"192.0.2.1\\u0000\"]",
                                       "time_zone = \"/etc/passwd\"",
                                       "time_zone = \"../x\"",
                                       "time_zone = \"\"",
                                       "addresses.delimiters = \"a\"",
                                       "addresses.local_part_characters = \"/\"",
                                       "addresses.local_part_characters = \"*\"",
                                       "mail.user = \"\"",
                                       "mail.path = \"mail\"",
                                       "delivery.srs = \"no\"",
                                       "delivery.over_quota = \"bounce\"",
                                       "delivery.quota_warnings = [\"100%\"]",
                                       "delivery.quota_warnings = [\"0%\"]",
                                       "delivery.quota_warnings = [\"80\"]",
                                       "delivery.quota_warnings = \"80%\"",
                                       "delivery.max_message_size = \"big\"",
                                       "delivery.max_recipients = 99",
                                       "delivery.max_connections = 0",
                                       "delivery.threads = -1",
                                       "delivery.idle_timeout = 5",
                                       "delivery.max_depth = 0",
                                       "delivery.journal = \"file\"",
                                       "delivery.allowed_peers = [\"a b\"]",
                                       "maps.type = \"btree\"",
                                       "maps.mode = \"both\"",
                                       "maps.dovecot = \"2.5\"",
                                       "maps.dovecot = 2.4",
                                       "maps.postfix_config_directory = \"x\"",
                                       "maps.policy = \"\"",
                                       "maps.policy = true",
                                       "maps.policy = \"maybe\"",
                                       "maps.policy = \"/run/policy.sock\"",
                                       "maps.policy = \"unix:\"",
                                       "maps.policy = \"inet:a b\"",
                                       "maps.policy = \"unix:/a, default_action=REJECT\"",
                                       "maps.policy = \"unix:/a}\"",
                                       "maps.policy = \"unix:/$x\"",
                                       "maps.policy = \"unix:/a\\nmynetworks=0/0\"",
                                       "clients.imap_host = \"a b\"",
                                       "clients.imap_host = \"%d.%d.%x\"",
                                       "clients.smtp_port = 65536",
                                       "clients.pop_security = \"plain\"",
                                       "clients.webmail = \"webmail.example.com\"",
                                       "clients.webmail = \"https://a/\\\"><script>\"",
                                       "dns.mx = [\"mx1.example.net\"]",
                                       "dns.mx = [\"65536 mx1.example.net\"]",
                                       "dns.addresses = [\"mx1.example.net\"]",
                                       "dns.spf_include = [\"a b\"]",
                                       "dns.ttl = \"soon\"",
                                       "dns.ttl = 2147483648",
                                       "dns.ttl = true",
                                       "dns.tlsrpt = \"tls@example.net\"",
                                       "dns.tlsrpt = \"mailto:a;b@example.net\"",
                                       "dns.caa = [\"issue ca.example\"]",
                                       "dns.caa = [\"256 issue \\\"ca.example\\\"\"]",
                                       "dns.resolvers = [\"dns.example.net\"]",
                                       "dns.trust_anchor = \"anchor\"",
                                       "dns.alarm_after = 0",
                                       "dns.mta_sts.mode = \"on\"",
                                       "dns.mta_sts.max_age = 31557601",
                                       "dns.mta_sts.maxage = \"7d\"",
                                       "delivery = 1",
                                       "host_name = \"x\"",
                                       "delivery.srs_damain = \"x\""}) {
        const auto findings = check_site(bad, "mailctl.toml");
        REQUIRE_MESSAGE(findings.size() == 1, bad);
        CHECK(findings[0].place.line == 1);
        CHECK(bad.starts_with(findings[0].key));
    }
    CHECK(check_site("hostnam = \"x\"\n", "f")[0].remedy == "did you mean 'hostname'?");
    CHECK(parse_site("x = 1\nmaps.y = 2\n", "f").error().what ==
          "f:1:1: x: unknown key 'x'\nf:2:6: maps.y: unknown key 'y'");
    CHECK(check_site("hostname = \"x\n", "f").size() == 1);
}

TEST_CASE("what other people name is taken as they have it") {
    const auto site = parsed_site("[dns]\nspf_include = [\"_spf.far.example\", \"i❤.ws\"]\n"
                                  "blocklists = [\"black_list.example\"]\n");
    CHECK(site.dns.spf_include == std::vector{*parse_others_domain("_spf.far.example"), *parse_others_domain("i❤.ws")});
    CHECK(site.dns.blocklists == std::vector{*parse_others_domain("black_list.example")});
    for (const char* bad : {"[192.0.2.1]", "a..b", "192.0.2.1", "", "a/b"})
        CHECK_MESSAGE(check_site(fmt::format("dns.spf_include = [\"{}\"]\n", bad), "f").size() == 1, bad);
}

TEST_CASE("the empty string means not set where that is the default") {
    CHECK(parsed_site("postmaster = \"\"\nalternate_suffix = \"\"\nmail.path = \"\"\ndelivery.srs_domain = "
                      "\"\"\ndelivery.journal = \"\"\n") == Site{});
    CHECK(parsed_site("addresses.delimiters = \"\"\n").addresses.delimiters.empty());
}
