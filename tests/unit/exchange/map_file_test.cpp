// SPDX-License-Identifier: Apache-2.0
#include "example_maps.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>

using namespace mailctl;
using namespace mailctl::example;

namespace {

struct SmallSite : ExampleSite {
    SmallSite() {
        domains.clear();
        site.hostname = name("mx.example.org");
        site.source_ips = {"192.0.2.1", "2001:db8::1"};
        auto& one = add("one.example");
        one.aliases = {name("uno.example")};
        one.source_ip = "auto";
        one.mailboxes["admin"].password = "{CRYPT}$y$j9T$abc";
        one.mailboxes["paul"].aliases = {"macca"};
        one.mailboxes["paul"].quota = ByteCount{1048576};
        one.mailboxes["paul"].password = "{CRYPT}$y$j9T$def";
        one.mailboxes["paul"].suspend = suspension(SuspendedReceive::accept);
        one.mailboxes["paul"].suspend->login = true;
        one.forwards["info"].to = addresses({"macca@one.example", "x@far.example"});
        one.banished = {{"spam", BanAnswer::reject}, {"void", BanAnswer::discard}, {"p?-*", BanAnswer::reject}};
        auto& two = add("two.example");
        two.mailboxes["boss"].aliases = {"catchrest"};
        two.source_ip = "192.0.2.1";
        two.tls = TlsFiles{"/tls/two.pem", "/tls/two.key"};
        site.alternate_suffix.reset();
    }
};

void check_body(const std::vector<MapFile>& files, std::string_view map, std::string_view wanted) {
    CAPTURE(map);
    CHECK(body_of(files, map) == wanted);
}

} // namespace

TEST_CASE("agent mode: Postfix knows who exists and who is refused, the agent does the rest") {
    const auto files = maps_of(SmallSite());
    check_body(files, "domains", "one.example one.example\nuno.example one.example\ntwo.example two.example\n");
    check_body(files, "mailboxes", R"(abuse@one.example abuse@one.example
abuse@uno.example abuse@one.example
admin@one.example admin@one.example
admin@uno.example admin@one.example
info@one.example info@one.example
info@uno.example info@one.example
macca@one.example macca@one.example
macca@uno.example macca@one.example
paul@one.example paul@one.example
paul@uno.example paul@one.example
postmaster@one.example postmaster@one.example
postmaster@uno.example postmaster@one.example
void@one.example void@one.example
void@uno.example void@one.example
@two.example any name
abuse@two.example abuse@two.example
boss@two.example boss@two.example
catchrest@two.example catchrest@two.example
postmaster@two.example postmaster@two.example
)");
    check_body(files, "transport",
               "spam@one.example error:5.7.1 address is refused\nspam@uno.example error:5.7.1 address is refused\n");
    check_body(files, "transport-patterns", R"(/^(srs[01][=+-].+@mx\.example\.org)$/ mailctl-lmtp:unix:/run/lmtp.sock
if !/^(postmaster|abuse)([+].*)?@(one\.example|uno\.example)$/
/^((p.-.*|p[^+]-[^+]*[+].*)@(one\.example|uno\.example))$/ error:5.7.1 address is refused
endif
)");
    check_body(files, "mailboxes-patterns", "");
    check_body(files, "srs", "/^(srs[01][=+-].+@mx\\.example\\.org)$/ srs\n");
}

TEST_CASE("postfix mode: every claimed name has its own row with the final expansion") {
    SmallSite example;
    example.site.maps.mode = MapMode::postfix;
    const auto files = maps_of(example);
    check_body(files, "mailboxes",
               "admin@one.example one.example/admin/\npaul@one.example one.example/paul/\nboss@two.example "
               "two.example/boss/\n");
    check_body(files, "aliases", R"(abuse@one.example admin@one.example
abuse@uno.example admin@one.example
admin@one.example admin@one.example
admin@uno.example admin@one.example
info@one.example paul@one.example, x@far.example
info@uno.example paul@one.example, x@far.example
macca@one.example paul@one.example
macca@uno.example paul@one.example
paul@one.example paul@one.example
paul@uno.example paul@one.example
postmaster@one.example admin@one.example
postmaster@uno.example admin@one.example
spam@one.example spam@one.example
spam@uno.example spam@uno.example
void@one.example void@one.example
void@uno.example void@uno.example
@two.example boss@two.example
abuse@two.example admin@one.example
boss@two.example boss@two.example
catchrest@two.example boss@two.example
postmaster@two.example admin@one.example
)");
    check_body(files, "refused",
               "spam@one.example 550 5.7.1 address is refused\nspam@uno.example 550 5.7.1 address is refused\n");
    check_body(files, "transport", R"(spam@one.example error:5.7.1 address is refused
spam@uno.example error:5.7.1 address is refused
void@one.example discard:discarded as configured
void@uno.example discard:discarded as configured
)");
    check_body(files, "aliases-patterns", R"(if !/^(postmaster|abuse)([+].*)?@(one\.example|uno\.example)$/
/^((p.-.*|p[^+]-[^+]*[+].*)@(one\.example|uno\.example))$/ $1
endif
)");
}

TEST_CASE("sender rights, sending addresses and certificates") {
    const auto files = maps_of(SmallSite());
    check_body(files, "sender-login", R"(admin@one.example admin@one.example
admin@uno.example admin@one.example
macca@one.example paul@one.example
macca@uno.example paul@one.example
paul@one.example paul@one.example
paul@uno.example paul@one.example
boss@two.example boss@two.example
catchrest@two.example boss@two.example
)");
    check_body(files, "sender-transport",
               "@one.example out-2001-db8--1:\n@uno.example out-2001-db8--1:\n@two.example out-192-0-2-1:\n");
    check_body(files, "sni", ".two.example /tls/two.key /tls/two.pem\ntwo.example /tls/two.key /tls/two.pem\n");
    check_body(files, "master.cf", R"(mailctl-lmtp unix - - n - - lmtp
mailctl unix - n n - - pipe
  flags=Xq user=vmail:vmail null_sender=
  argv=/usr/bin/mailctl-deliver pipe --root /site -f ${sender} -- ${recipient}
out-192-0-2-1 unix - - n - - smtp
  -o smtp_bind_address=192.0.2.1
out-2001-db8--1 unix - - n - - smtp
  -o smtp_bind_address6=2001:db8::1
)");
    check_body(files, "dovecot-tls.conf", R"(local_name two.example {
  ssl_cert = </tls/two.pem
  ssl_key = </tls/two.key
}
local_name *.two.example {
  ssl_cert = </tls/two.pem
  ssl_key = </tls/two.key
}
)");
}

TEST_CASE("a domain's certificate is shown for the names of its aliases too") {
    ExampleSite example;
    example.domains.clear();
    auto& two = example.add("two.example");
    two.tls = TlsFiles{"/tls/two.pem", "/tls/two.key"};
    two.aliases = {name("zwei.example")};
    const auto files = maps_of(example);
    check_body(files, "sni",
               ".two.example /tls/two.key /tls/two.pem\ntwo.example /tls/two.key /tls/two.pem\n"
               ".zwei.example /tls/two.key /tls/two.pem\nzwei.example /tls/two.key /tls/two.pem\n");
    const auto body = body_of(files, "dovecot-tls.conf");
    for (const auto* block : {"local_name two.example {", "local_name zwei.example {", "local_name *.two.example {",
                              "local_name *.zwei.example {"})
        CHECK(body.find(block) != std::string::npos);
}

// *.one.example fits a.one.example: the first block counts in 2.3, the last one in 2.4.
TEST_CASE("a domain below another one keeps its own certificate, in both forms of Dovecot") {
    ExampleSite example;
    example.domains.clear();
    example.add("a.one.example").tls = TlsFiles{"/tls/a.pem", "/tls/a.key"};
    example.add("one.example").tls = TlsFiles{"/tls/one.pem", "/tls/one.key"};
    const auto names = [](const std::string& body) {
        std::string found;
        for (const auto line : split(body, '\n'))
            if (line.starts_with("local_name ")) found.append(line.substr(11)).append(1, '\n');
        return found;
    };
    const auto in_form = [&](DovecotVersion version) {
        example.site.maps.dovecot = version;
        return names(body_of(maps_of(example), "dovecot-tls.conf"));
    };
    CHECK(in_form(DovecotVersion::v23) == "a.one.example {\none.example {\n*.a.one.example {\n*.one.example {\n");
    CHECK(in_form(DovecotVersion::v24) == "*.a.one.example {\n*.one.example {\na.one.example {\none.example {\n");
}

TEST_CASE("nobody logs in without a password or with a suspended login") {
    SmallSite example;
    check_body(maps_of(example), "dovecot-users",
               R"(admin@one.example:{CRYPT}$y$j9T$abc:500:600::/mail/one.example/admin::
paul@one.example:{CRYPT}!:500:600::/mail/one.example/paul::userdb_quota_rule=*:bytes=1048576
boss@two.example:{CRYPT}!:500:600::/mail/two.example/boss::
)");
    example.domains.at(name("one.example")).mailboxes.at("paul").suspend->until =
        Date{std::chrono::year{2026} / 11 / 21};
    example.site.maps.dovecot = DovecotVersion::v24;
    CHECK(body_of(maps_of(example), "dovecot-users")
              .find("paul@one.example:{CRYPT}$y$j9T$def:500:600::/mail/one.example/"
                    "paul::userdb_quota_storage_size=1048576B\n") != std::string::npos);
    example.domains.at(name("one.example")).state = DomainState::suspended;
    CHECK(body_of(maps_of(example), "dovecot-users").find("$y$") == std::string::npos);
}

TEST_CASE("hashes and private keys are in files that not everybody reads") {
    for (const auto& file : maps_of(SmallSite())) {
        CAPTURE(file.name);
        CHECK(file.mode == (file.name == "dovecot-users" ? 0640U : file.name == "sni" ? 0600U : 0644U));
        CHECK((file.kind == MapKind::sni) == (file.name == "sni"));
    }
}

TEST_CASE("a suspension with an end is left to the agent, which has a calendar") {
    SmallSite example;
    auto& suspend = example.domains.at(name("one.example")).mailboxes.at("paul").suspend;
    suspend = suspension(SuspendedReceive::reject);
    suspend->until = Date{std::chrono::year{2026} / 12 / 31};
    CHECK(body_of(maps_of(example), "mailboxes").find("paul@one.example ") != std::string::npos);
    CHECK(body_of(maps_of(example), "transport").find("paul@") == std::string::npos);
    example.site.maps.mode = MapMode::postfix;
    CHECK(body_of(maps_of(example), "refused").find("paul@one.example 550 5.2.1 ") != std::string::npos);
    suspend->until.reset();
    example.site.maps.mode = MapMode::agent;
    CHECK(body_of(maps_of(example), "transport").find("paul@one.example error:5.2.1 ") != std::string::npos);
}

TEST_CASE("SRS addresses are accepted where the bounces come back to, in both modes") {
    SmallSite example;
    const auto main = [&] { return body_of(maps_of(example), "main.cf"); };
    CHECK(main().find("relay_domains = mx.example.org\n") != std::string::npos);
    example.site.delivery.srs_domain = name("one.example"); // a mail domain already has its class in Postfix
    CHECK(main().find("relay_domains") == std::string::npos);
    CHECK(body_of(maps_of(example), "mailboxes-patterns") == "/^(srs[01][=+-].+@one\\.example)$/ srs\n");
    example.site.delivery.srs = false;
    CHECK(body_of(maps_of(example), "srs").empty());
    CHECK(body_of(maps_of(example), "transport-patterns").starts_with("if !/^(postmaster"));
    example.site.delivery.srs = true;
    example.site.maps.mode = MapMode::postfix;
    CHECK(body_of(maps_of(example), "aliases-patterns").starts_with("/^(srs[01][=+-].+@one\\.example)$/ $1\n"));
}

TEST_CASE("a catch-all that delivers nothing goes through a stand-in that only transport_maps sees") {
    ExampleSite example;
    example.site.maps.mode = MapMode::postfix;
    const auto files = maps_of(example);
    const auto aliases = body_of(files, "aliases");
    CHECK(aliases.find("\n@discard.example catchrest@discard.example\n") != std::string::npos);
    CHECK(aliases.find("\ncatchrest@discard.example catchrest@discard.example\n") != std::string::npos);
    CHECK(aliases.find("\n@chain.example @redirect.example\n") != std::string::npos);
    CHECK(aliases.find("\n@out.example @far.example\n") != std::string::npos);
    CHECK(aliases.find("\n@other.example ") == std::string::npos); // its chain ends in a refusal: names one by one
    CHECK(aliases.find("\npaul@other.example paul@one.example\n") != std::string::npos);
    CHECK(body_of(files, "transport").find("\ncatchrest@discard.example discard:") != std::string::npos);
}

TEST_CASE("the same site gives the same bytes, whatever else changes") {
    CHECK(maps_of(ExampleSite()) == maps_of(ExampleSite()));
    ExampleSite example;
    const auto before = maps_of(example);
    example.domains.at(name("one.example")).mailboxes.at("paul").name = "Paul";
    CHECK(maps_of(example) == before);
}

TEST_CASE("every key stands once in its map") {
    for (const auto mode : {MapMode::agent, MapMode::postfix}) {
        ExampleSite example;
        example.site.maps.mode = mode;
        for (const auto& file : maps_of(example)) {
            if (file.kind == MapKind::text) continue;
            std::set<std::string> keys;
            const auto body = body_of(maps_of(example), file.name);
            for (const auto line : split(body, '\n'))
                if (!line.empty()) {
                    CAPTURE(std::string(line));
                    CHECK(keys.insert(std::string(line.substr(0, line.find(' ')))).second);
                }
        }
    }
}

TEST_CASE("a banished name stands in the rows as Postfix looks it up, and among the patterns where no row can say it") {
    ExampleSite example;
    example.domains.clear();
    example.site.alternate_suffix.reset();
    auto& one = example.add("one.example");
    for (const auto* name : {"#a", "a\"\\"})
        one.banished.push_back({name, BanAnswer::reject});
    const auto files = maps_of(example);
    const std::string refused = "error:5.7.1 address is refused\n";
    check_body(files, "transport", R"("a\"\\"@one.example )" + refused);
    CHECK(body_of(files, "transport-patterns").find("/^((#a|#a[+].*)@") != std::string::npos);
}

TEST_CASE("keys of the passwd-file are escaped as Dovecot looks them up, and its list of characters is quoted") {
    ExampleSite example;
    example.domains.clear();
    example.site.addresses.local_part_characters = "-._'#";
    example.add("one.example").mailboxes["o'brien"];
    const auto files = maps_of(example);
    CHECK(body_of(files, "dovecot-users").starts_with("o\\'brien@one.example:"));
    CHECK(body_of(files, "dovecot-users").find("/mail/one.example/o'brien:") != std::string::npos);
    CHECK(body_of(files, "dovecot.conf").find("67890.-_@'#\"\n") != std::string::npos);
}

TEST_CASE("the fragment for Dovecot 2.4 works behind Debian's stock files, which set an INBOX elsewhere") {
    ExampleSite example;
    example.site.maps.dovecot = DovecotVersion::v24;
    CHECK(body_of(maps_of(example), "dovecot.conf").find("\nmail_inbox_path = %{home}\n") != std::string::npos);
    example.site.maps.dovecot = DovecotVersion::v23;
    CHECK(body_of(maps_of(example), "dovecot.conf").find("mail_inbox_path") == std::string::npos);
}

TEST_CASE("main.cf turns off the routes in names only where names may look like one") {
    ExampleSite example;
    CHECK(body_of(maps_of(example), "main.cf").find("swap_bangpath") == std::string::npos);
    example.site.addresses.local_part_characters = "-._!%";
    CHECK(body_of(maps_of(example), "main.cf").find("\nswap_bangpath = no\nallow_percent_hack = no\n") !=
          std::string::npos);
}

TEST_CASE("auto takes the least used address of the pool, explicit ones counted") {
    ExampleSite example;
    example.domains.clear();
    example.site.source_ips = {"192.0.2.1", "192.0.2.2"};
    for (const auto* domain : {"a.example", "b.example", "c.example", "d.example"})
        example.add(domain).source_ip = "auto";
    example.add("e.example").source_ip = "192.0.2.1";
    example.add("f.example");
    CHECK(body_of(maps_of(example), "sender-transport").find("@f.example") == std::string::npos);
    const auto map = body_of(maps_of(example), "sender-transport");
    CHECK(map.find("@a.example out-192-0-2-2:") != std::string::npos);
    CHECK(map.find("@b.example out-192-0-2-1:") != std::string::npos);
    CHECK(map.find("@c.example out-192-0-2-2:") != std::string::npos);
    CHECK(map.find("@d.example out-192-0-2-1:") != std::string::npos);
}

TEST_CASE("postfix mode: what virtual(5) cannot say stays as it is and goes to the agent") {
    SmallSite example;
    example.site.maps.mode = MapMode::postfix;
    auto& one = example.domains.at(name("one.example"));
    one.lists["sales"].members = addresses({"paul@one.example"});
    one.mailboxes["admin"].autoreply.emplace().message = "away";
    one.forwards["both"].to = addresses({"sales@one.example", "x@far.example"});
    auto& two = example.domains.at(name("two.example"));
    two.mailboxes["boss"].aliases.clear();
    two.mailboxes["boss"].quota = {};
    two.unknown.kind = UnknownAction::Kind::candidate;
    const auto files = maps_of(example);
    const auto aliases = body_of(files, "aliases"), transport = body_of(files, "transport");
    const auto has = [](const std::string& text, std::string_view line) {
        return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
    };
    const std::string agent = " mailctl-lmtp:unix:/run/lmtp.sock";
    for (const auto* itself : {"sales@one.example", "sales@uno.example", "sales-owner@one.example", "admin@one.example",
                               "both@one.example"}) {
        CAPTURE(itself);
        CHECK(has(aliases, std::string(itself) + " " + itself));
        CHECK(has(transport, itself + agent));
    }
    CHECK(has(aliases, "macca@one.example paul@one.example"));
    CHECK(has(aliases, "@two.example @two.example"));
    CHECK(has(transport, "two.example" + agent));
    CHECK(has(transport, "boss@two.example virtual:")); // or the row of the domain would take it
    CHECK(body_of(files, "master.cf").starts_with("mailctl-lmtp unix"));
}

TEST_CASE("where unknown names become candidates Postfix asks the agent for those that nobody claims") {
    ExampleSite example;
    example.domains.clear();
    auto& one = example.add("one.example");
    one.aliases = {name("uno.example")};
    one.mailboxes["paul"];
    CHECK(body_of(maps_of(example), "verify").empty());
    one.unknown.kind = UnknownAction::Kind::candidate;
    const auto verify = body_of(maps_of(example), "verify");
    for (const auto* row : {"one.example reject_unverified_recipient\n", "uno.example reject_unverified_recipient\n",
                            "paul@one.example DUNNO\n", "paul@uno.example DUNNO\n", "postmaster@one.example DUNNO\n"})
        CHECK(verify.find(row) != std::string::npos);
    CHECK(body_of(maps_of(example), "main.cf")
              .find("smtpd_recipient_restrictions = check_recipient_access lmdb:/lib/maps/verify\n") !=
          std::string::npos);
}

TEST_CASE("a relayed domain has a transport of its own that puts the real names back") {
    ExampleSite example;
    example.domains.clear();
    example.add("one.example").relay_to = "mx.customer.example:2525";
    example.add("two.example").relay_to = "[2001:db8::1]:25";
    example.add("three.example");
    const auto transport = body_of(maps_of(example), "transport");
    CHECK(transport.find("one.example.mailctl-relay.invalid mailctl-relay:[mx.customer.example]:2525\n") !=
          std::string::npos);
    CHECK(transport.find("two.example.mailctl-relay.invalid mailctl-relay:[ipv6:2001:db8::1]:25\n") !=
          std::string::npos);
    check_body(maps_of(example), "relay-names",
               "@one.example.mailctl-relay.invalid @one.example\n@two.example.mailctl-relay.invalid @two.example\n");
    CHECK(body_of(maps_of(example), "master.cf")
              .find("mailctl-relay unix - - n - - smtp\n  -o smtp_generic_maps=lmdb:/lib/maps/relay-names\n") !=
          std::string::npos);
}

TEST_CASE("nobody of a suspended domain may send") {
    ExampleSite example;
    example.domains.clear();
    auto& one = example.add("one.example");
    one.mailboxes["paul"];
    one.state = DomainState::suspended;
    check_body(maps_of(example), "sender-login", "");
}

TEST_CASE("Postfix asks the agent at RCPT where the site wants it, and takes mail without an answer") {
    ExampleSite example;
    auto context = map_context();
    CHECK(body_of(maps_of(example, context), "main.cf").find("policy") == std::string::npos);
    context.policy_service = "unix:private/mailctl-policy";
    CHECK(body_of(maps_of(example, context), "main.cf")
              .find("\nsmtpd_recipient_restrictions = check_policy_service { unix:private/mailctl-policy, timeout=5s, "
                    "default_action=DUNNO }, check_recipient_access lmdb:/lib/maps/verify\n") != std::string::npos);
    example.site.maps.mode = MapMode::postfix;
    CHECK(body_of(maps_of(example, context), "main.cf")
              .find("regexp:/lib/maps/refused-patterns, check_policy_service { unix:private/mailctl-policy, ") !=
          std::string::npos);
}
