// SPDX-License-Identifier: Apache-2.0
// The domain file: the example of the specification in full, then each refusal with its place and remedy.
#include "mailctl/config/domain_file.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace mailctl;

namespace {

const DomainName example = DomainName::from_trusted("example.com");

std::string specification() {
    std::ifstream file(MAILCTL_TESTS_DIR "/unit/config/data/specification.toml");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

ParsedDomain parsed(std::string_view text) {
    auto result = parse_domain(text, "example.com.toml", example, {});
    if (!result) FAIL(result.error().what);
    return std::move(*result);
}

std::vector<Diagnostic> findings(std::string_view text, const Site::Addresses& rules = {}) {
    return check_domain(text, "example.com.toml", example, rules);
}

// "3:9 mailbox.paul.quota: message | remedy", one a line.
std::string report(std::string_view text, const Site::Addresses& rules = {}) {
    std::string out;
    for (const auto& d : findings(text, rules))
        out += fmt::format("{}:{} {}: {} | {}\n", d.place.line, d.place.column, d.key, d.message, d.remedy);
    return out;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

Address address(std::string_view text) { return *Address::parse(text); }
Date date(std::string_view text) { return *parse_date(text); }

} // namespace

TEST_CASE("the example of the specification is read in full") {
    const auto text = specification();
    REQUIRE(!text.empty());
    const auto domain = parsed(text).domain;
    CHECK(domain.owner == "alice");
    CHECK(domain.aliases == std::vector{DomainName::from_trusted("example.net")});
    CHECK(domain.state == DomainState::active);
    CHECK(domain.source_ip == "auto");
    CHECK(domain.relay_to == "mx.customer.example:25");
    CHECK(domain.unknown.kind == UnknownAction::Kind::reject);
    CHECK(domain.dmarc == Dmarc{"quarantine", "mailto:dmarc@example.com"});
    CHECK(domain.tls == TlsFiles{"/etc/ssl/example.com/fullchain.pem", "/etc/ssl/example.com/privkey.pem"});
    CHECK(domain.limits.mailboxes == 200);
    CHECK(domain.limits.quota == *parse_size("100 GiB"));

    const auto& paul = domain.mailboxes.at("paul");
    CHECK(paul.name == "Paul");
    CHECK(paul.password == "{CRYPT}$y$j9T$abc$def");
    CHECK(paul.quota == *parse_size("2 GiB"));
    CHECK(paul.aliases == std::vector<std::string>{"paul.m", "macca"});
    CHECK(paul.forward == std::vector{address("paul@elsewhere.example")});
    CHECK(paul.copy_to == std::vector{address("archive@example.com")});
    CHECK(paul.store);
    CHECK(paul.recovery == address("paul@private.example"));
    CHECK(paul.suspend == Suspension{true, SuspendedReceive::defer, "unpaid", date("2026-12-31")});
    REQUIRE(paul.autoreply);
    CHECK(*paul.autoreply == Autoreply{true,
                                       "Paul <paul@example.com>",
                                       "Away until Monday",
                                       "...",
                                       "",
                                       {"price-list.pdf"},
                                       date("2026-12-20"),
                                       date("2027-01-04"),
                                       std::chrono::days{7}});
    CHECK(domain.forwards.at("info").to ==
          std::vector{address("paul@example.com"), address("someone@elsewhere.example")});
    CHECK(domain.robots.at("feedback") ==
          Robot{true, "", "Thank you", "...", "", {}, {address("paul@example.com")}, std::chrono::days{1}});
    CHECK(domain.lists.at("sales").members ==
          std::vector{address("paul@example.com"), address("ringo@example.com"), address("john@example.net")});
    CHECK(domain.lists.at("sales").post == Posters{});
    CHECK(domain.banished == std::vector<Ban>{{"i.am.spam", BanAnswer::discard}, {"promo-*", BanAnswer::reject}});
}

TEST_CASE("what this version keeps but does not act on is reported with its place") {
    std::vector<std::string> keys;
    for (const auto& finding : parsed(specification()).not_acted_on) {
        CHECK(finding.place.line > 0);
        keys.push_back(finding.key);
    }
    CHECK(keys == std::vector<std::string>{"domain.dmarc"});
    const auto more =
        parsed("[domain]\nnode = \"n1\"\nunknown = { action = \"candidate\" }\n[domain.dmarc]\npolicy = \"none\"\n"
               "[mailbox.a]\nnode = \"n2\"\nsuspend = { receive = \"hold\" }\n")
            .not_acted_on;
    keys.clear();
    for (const auto& finding : more)
        keys.push_back(format_diagnostic(finding));
    REQUIRE(keys.size() == 2);
    CHECK(keys[0] == "example.com.toml:4:9: domain.dmarc: this version keeps it but does not act on it yet");
    CHECK(parsed("[domain]\nstate = \"suspended\"\n[mailbox.a]\nname = \"A\"\n[forward.b]\nto = [\"a\"]\n")
              .not_acted_on.empty());
}

TEST_CASE("an empty file is a domain with defaults") { CHECK(parsed("").domain == Domain(example)); }

TEST_CASE("all errors of a file are reported at once, in the order of their places") {
    CHECK(report("[domain]\nstat = \"active\"\nstate = \"on\"\n\n[mailbox.paul]\nquota = \"2 GX\"\nstore = "
                 "\"no\"\nNAME = 1\n") ==
          "2:1 domain.stat: unknown key 'stat' | did you mean 'state'?\n"
          "3:9 domain.state: unknown value 'on' | use one of: active, suspended\n" +
              report("\n\n\n\n[mailbox.paul]\nquota = \"2 GX\"\n") +
              "7:9 mailbox.paul.store: must be true or false, not a string | \n"
              "8:1 mailbox.paul.NAME: unknown key 'NAME' | known here: name, password, quota, aliases, forward, "
              "copy_to, store, recovery, suspend, autoreply, node, move_to\n");
    const auto error = parse_domain("x = 1\n[y]\n", "f.toml", example, {}).error();
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.what == "f.toml:1:1: x: unknown key 'x'\nf.toml:2:2: y: unknown key 'y'");
    CHECK(error.hint == "known here: domain, mailbox, forward, robot, list, elsewhere, banished");
}

TEST_CASE("columns count characters, whatever the line end and the bytes before") {
    CHECK(findings("[mailbox.paul]\nname = \"Jürgen 日本\"\nsuspend = { reason = \"für 日\", login = 1 }\n")
              .at(0)
              .place == Place{3, 39});
    CHECK(findings("[mailbox.paul]\r\n\tquota = 2.5\r\n").at(0).place == Place{2, 10});
    CHECK(findings("\xEF\xBB\xBF[domain]\nx = 1\n").at(0).place == Place{2, 1});
    CHECK(findings("\xEF\xBB\xBF"
                   "domain.x = 1\n")
              .at(0)
              .place == Place{1, 8});
}

TEST_CASE("a text that is not TOML has one error, with its place") {
    CHECK(findings("[domain]\nowner = alice\n").at(0).place.line == 2);
    CHECK(findings("[domain]\nowner = \"a\"\nowner = \"b\"\n").at(0).place.line == 3);
    CHECK(findings("[domain]\n# ok\nowner = \"\xFF\"\n").at(0).place == Place{3, 10});
    CHECK(findings(std::string("[domain]\nx = \0", 14)).at(0).message == "a NUL byte stands in the text");
    CHECK(findings("[domain]\nowner = \"\"\"\n").size() == 1);
}

TEST_CASE("syntax errors name the place and what is wrong there") {
    const auto error = [](std::string_view text) {
        const auto all = findings(text);
        REQUIRE_MESSAGE(all.size() == 1, text);
        return fmt::format("{}:{} {}", all[0].place.line, all[0].place.column, all[0].message);
    };
    CHECK(error("[domain]\nowner = alice bob\n") == "2:9 this is not a value; text needs quotes");
    CHECK(error("[domain]\nowner = \"a\" b\n") == "2:13 something is left over behind the value");
    CHECK(error("[domain]\nowner\n") == "2:6 a '=' is missing behind the key");
    CHECK(error("[domain\nowner = 1\n") == "1:8 a ']' is missing in a table header");
    CHECK(error("x = 1\n [\r\n") == "2:3 this is not a key");
    CHECK(error("x = 1979-05-27T[\n") == "1:5 this is not a date or time");
    CHECK(error("x = 1979-05-27Tab:cd:ef\n") == "1:5 this is not a date or time");
    CHECK(error("x = [ \"a\" \"b\" ]\n") == "1:11 a ',' or ']' is missing in an array");
    CHECK(error("x = { a = 1 b = 2 }\n") == "1:11 this is not a value; text needs quotes");
    for (const std::string_view good : {"1979-05-27", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5-07:00",
                                        "07:32:00.25", "0xff", "1e-3", "-inf", "1_000"})
        CHECK_MESSAGE(findings(fmt::format("x = {}\n", good)).at(0).message == "unknown key 'x'", good);
}

TEST_CASE("bottomless nesting is refused before it costs a stack") {
    const std::string deep(200000, '[');
    CHECK(findings("x = " + deep).at(0).message == "values are nested deeper than 32");
    std::string dotted = "a";
    for (int i = 0; i < 100000; ++i)
        dotted += ".a";
    CHECK(findings(dotted + " = 1\n").at(0).message == "a key has more than 16 parts");
    CHECK(findings("[" + dotted + "]\n").at(0).message == "a key has more than 16 parts");
    std::string tables;
    for (int i = 0; i < 100000; ++i)
        tables += "{a=";
    CHECK(findings("x = " + tables).at(0).message == "values are nested deeper than 32");
}

TEST_CASE("names hold what the site allows, in lower case") {
    CHECK(report("[mailbox.Paul]\n") == "1:10 mailbox.Paul: 'Paul' holds upper-case letters | write 'paul'; addresses "
                                        "are matched without regard to case\n");
    CHECK(contains(report("[mailbox.\"a b\"]\n"), "' ' is not allowed in a name here"));
    CHECK(contains(report("[mailbox.\"a/b\"]\n"), "'/' is not allowed in a name here"));
    CHECK(contains(report("[mailbox.\"jürgen\"]\n"), "'ü' is not allowed in a name here"));
    CHECK(contains(report("[mailbox.\"..\"]\n"), "dot"));
    CHECK(contains(report("[forward.\".a\"]\nto = [\"x@y.example\"]\n"),
                   "1:10 forward.\".a\": '.a' begins or ends with a dot"));
    CHECK(contains(report("[mailbox.\"\"]\n"), "the name is empty"));
    CHECK(contains(report(fmt::format("[mailbox.{}]\n", std::string(65, 'a'))), "longer than 64"));
    CHECK(report("[mailbox.a]\naliases = [\"a_b\", \"a+b\"]\n", {.delimiters = "+", .local_part_characters = "+"}) ==
          "2:12 mailbox.a.aliases: 'a_b': '_' is not allowed in a name here | use lower-case letters, "
          "digits and '+'; "
          "more can be allowed by addresses.local_part_characters in mailctl.toml\n");
}

TEST_CASE("a name that holds a dot and lacks quotes is explained") {
    CHECK(report("[mailbox.paul.m]\nname = \"P\"\n") ==
          "1:15 mailbox.paul.m: unknown key 'm' | a name that holds a dot needs quotes: [mailbox.\"paul.m\"]\n");
    CHECK(contains(
        report("[banished]\ni.am.spam = \"discard\"\n"),
        "2:1 banished.i: must be \"discard\" or \"reject\", not a table | a name that holds a dot needs quotes"));
}

TEST_CASE("a name is used once in a domain, and the second use says who holds it") {
    const auto second = [](std::string_view text) {
        const auto all = findings(text);
        return all.size() == 1 ? fmt::format("{} {}", all[0].place.line, all[0].message)
                               : fmt::format("{} findings", all.size());
    };
    CHECK(second("[mailbox.info]\n[forward.info]\nto = [\"a@b.example\"]\n") ==
          "2 the name 'info' is taken by mailbox 'info' (line 1)");
    CHECK(second("[mailbox.a]\naliases = [\"x\"]\n[mailbox.b]\naliases = [\"x\"]\n") ==
          "4 the name 'x' is taken by alias of mailbox 'a' (line 2)");
    CHECK(second("[mailbox.a]\naliases = [\"a\"]\n") == "2 the name 'a' is taken by mailbox 'a' (line 1)");
    CHECK(second("[list.x]\n[robot.x]\n") == "2 the name 'x' is taken by list 'x' (line 1)");
    CHECK(second("[banished]\n\"x\" = \"reject\"\n[mailbox.x]\n") ==
          "3 the name 'x' is taken by banished name 'x' (line 2)");
    CHECK(second("[mailbox.x]\naliases = [\"y\", \"z\", \"y\"]\n") ==
          "2 the name 'y' is taken by alias of mailbox 'x' (line 2)");
    CHECK(findings("[banished]\n\"x*\" = \"reject\"\n[mailbox.x1]\n").empty());
}

TEST_CASE("catchrest may be an alias, a mailbox or a forward") {
    CHECK(findings("[mailbox.a]\naliases = [\"catchrest\"]\n").empty());
    CHECK(findings("[mailbox.catchrest]\n").empty());
    CHECK(findings("[forward.catchrest]\nto = [\"a@b.example\"]\n").empty());
    for (const std::string_view text :
         {"[robot.catchrest]\n", "[list.catchrest]\n", "[banished]\ncatchrest = \"reject\"\n"})
        CHECK(contains(report(text), "'catchrest' is reserved"));
}

TEST_CASE("store = false needs somewhere for the mail to go") {
    CHECK(report("[mailbox.a]\nstore = false\n") == "2:9 mailbox.a.store: without a local copy, forward or copy_to its "
                                                    "mail would be lost | add a forward, or remove store = false\n");
    CHECK(findings("[mailbox.a]\nstore = false\nforward = [\"x@y.example\"]\n").empty());
    CHECK(findings("[mailbox.a]\nstore = false\ncopy_to = [\"b\"]\n").empty());
    CHECK(findings("[mailbox.a]\nstore = false\ncopy_to = []\n").size() == 1);
}

TEST_CASE("targets are names of this domain or full addresses of domains that take mail") {
    CHECK(parsed("[forward.a]\nto = [\"b+lists\", \"C@Bücher.example\"]\n").domain.forwards.at("a").to ==
          std::vector{address("b+lists@example.com"), address("C@xn--bcher-kva.example")});
    CHECK(contains(report("[forward.a]\nto = [\"x@.\"]\n"), "cannot be a target"));
    CHECK(findings("[forward.a]\nto = [\"x@\", \"@y\", \"a b@c.example\", \"Paul\", 3, \"x@y..z\", \"ok@ok.example\", "
                   "\"a\\r\\n@b.example\"]\n")
              .size() == 7);
    CHECK(contains(report("[forward.a]\nto = []\n"), "a forward needs at least one target"));
    CHECK(contains(report("[forward.a]\n"), "a forward needs at least one target"));
}

TEST_CASE("targets of other people are taken as their owners write them") {
    const std::string odd = "to = ['t@far_away.example', 't@xn--i-7iq.ws', 't@-x-.example', '\"t t\"@far.example', "
                            "'x@[192.0.2.1]', 'x@[IPv6:2001:db8::1]', '" +
                            std::string(300, 'z') + "@far.example']\n";
    CHECK(report("[forward.a]\n" + odd).empty());
    CHECK(parsed("[forward.a]\n" + odd).domain.forwards.at("a").to.size() == 7);
    CHECK(report("[mailbox.a]\nrecovery = 'me@my_host.example'\n[list.l]\npost = ['ann@far_away.example']\n").empty());
    CHECK(contains(report("[domain]\naliases = ['a_b.example']\n"), "is not a domain name")); // a name of ours
}

TEST_CASE("the action for unknown names has the keys of its kind and no other") {
    const auto unknown = [](std::string_view table) {
        return parsed(fmt::format("[domain]\nunknown = {}\n", table)).domain.unknown;
    };
    CHECK(unknown("{ action = \"discard\" }").kind == UnknownAction::Kind::discard);
    CHECK(unknown("{ action = \"redirect\", to = [\"paul\"] }").to == std::vector{address("paul@example.com")});
    CHECK(unknown("{ action = \"domain\", domain = \"bücher.example\" }").domain ==
          DomainName::from_trusted("xn--bcher-kva.example"));
    for (const std::string_view bad :
         {"{}", "{ action = \"bounce\" }", "{ action = \"redirect\" }", "{ action = \"redirect\", to = [] }",
          "{ action = \"redirect\", to = \"paul\" }", "{ action = \"domain\" }",
          "{ action = \"reject\", to = [\"paul\"] }", "{ action = \"domain\", domain = \"example.com\" }",
          "{ action = \"domain\", domain = \"a b\" }", "{ action = \"discard\", extra = 1 }", "\"reject\""})
        CHECK_MESSAGE(findings(fmt::format("[domain]\nunknown = {}\n", bad)).size() == 1, bad);
}

TEST_CASE("domain aliases are other names, each once") {
    CHECK(parsed("[domain]\naliases = [\"BÜCHER.example\"]\n").domain.aliases.at(0).text() == "xn--bcher-kva.example");
    CHECK(contains(report("[domain]\naliases = [\"Example.COM\"]\n"), "is this domain itself"));
    CHECK(contains(report("[domain]\naliases = [\"bücher.example\", \"xn--bcher-kva.example\"]\n"),
                   "2:30 domain.aliases: 'bücher.example' stands here twice"));
    CHECK(findings("[domain]\naliases = [\"a b\"]\n").size() == 1);
}

TEST_CASE("passwords are hashes with a scheme that does not store the password") {
    for (const std::string_view good :
         {"{CRYPT}$y$j9T$x$y", "{ARGON2ID}$argon2id$v=19$m=1", "{SHA512-CRYPT}$6$a$b", "{SSHA256.HEX}00ff"})
        CHECK(parsed(fmt::format("[mailbox.a]\npassword = \"{}\"\n", good)).domain.mailboxes.at("a").password == good);
    for (const std::string_view bad : {"secret", "{PLAIN}secret", "{plain.b64}c2Vj", "{CLEARTEXT}x", "{CLEAR}x",
                                       "{CRYPT}", "{}x", "{CRYPT}a:b", "{CRYPT}a b", "{CR YPT}x", "{CRYPT}a\\nb"}) {
        const auto found = findings(fmt::format("[mailbox.a]\npassword = \"{}\"\n", bad));
        REQUIRE_MESSAGE(found.size() == 1, bad);
        CHECK(contains(found[0].remedy, "mailctl mailbox password"));
        CHECK_FALSE(contains(found[0].message, "secret"));
    }
}

TEST_CASE("a suspension says what it suspends and until when") {
    const auto suspend = [](std::string_view table) {
        return *parsed(fmt::format("[mailbox.a]\nsuspend = {}\n", table)).domain.mailboxes.at("a").suspend;
    };
    CHECK(suspend("{ login = true }") == Suspension{true, SuspendedReceive::accept, "", {}});
    CHECK(suspend("{ receive = \"reject\", until = \"2027-02-28\" }") ==
          Suspension{false, SuspendedReceive::reject, "", date("2027-02-28")});
    for (const std::string_view bad :
         {"true", "{ until = 2026-12-31T00:00:00 }", "{ until = \"2026-02-30\" }", "{ until = 5 }",
          "{ recieve = \"defer\" }", "{ receive = \"bounce\" }", "{ reason = \"two\\nlines\" }"})
        CHECK_MESSAGE(findings(fmt::format("[mailbox.a]\nsuspend = {}\n", bad)).size() == 1, bad);
    CHECK(contains(report("[mailbox.a]\nsuspend = { recieve = \"defer\" }\n"), "did you mean 'receive'?"));
}

TEST_CASE("wrong values of the other keys are refused one by one") {
    for (const std::string_view bad : {"[domain]\nsource_ip = \"10.0.0\"\n",
                                       "[domain]\nsource_ip = \"[::1]\"\n",
                                       "[domain]\nrelay_to = \"mx.example\"\n",
                                       "[domain]\nrelay_to = \"mx.example:0\"\n",
                                       "[domain]\nrelay_to = \"mx.example:70000\"\n",
                                       "[domain]\nrelay_to = \"::1:25\"\n",
                                       "[domain]\nowner = [\"a\"]\n",
                                       "[domain]\nnode = \"a b\"\n",
                                       "[domain.tls]\ncertificate = \"/a\"\n",
                                       "[domain.tls]\ncertificate = \"/a\"\nkey = \"b\"\n",
                                       "[domain.dmarc]\npolicy = \"strict\"\n",
                                       "[domain.dmarc]\nreport_to = \"dmarc@example.com\"\n",
                                       "[domain.dmarc]\nreport_to = \"mailto:nonsense\"\n",
                                       "[domain.dmarc]\nreport_to = \"mailto:a@b.example; p=none\"\n",
                                       "[domain.dmarc]\nreport_to = \"https:\"\n",
                                       "[domain.limits]\nmailboxes = -1\n",
                                       "[domain.limits]\nmailboxes = 5000000000\n",
                                       "[domain.limits]\nquota = \"many\"\n",
                                       "domain = 1\n",
                                       "mailbox = 1\n",
                                       "[mailbox]\na = 1\n",
                                       "[[mailbox]]\n",
                                       "[mailbox.a]\nquota = -1\n",
                                       "[mailbox.a]\nquota = true\n",
                                       "[mailbox.a]\nrecovery = \"a b\"\n",
                                       "[mailbox.a]\naliases = \"b\"\n",
                                       "[mailbox.a.autoreply]\nevery = \"7\"\n",
                                       "[mailbox.a.autoreply]\nevery = \"59m\"\n",
                                       "[robot.r]\nevery = \"366d\"\n",
                                       "[robot.r]\nfrom = \"Nobody\"\n",
                                       "[mailbox.a.autoreply]\nattach = [\"../x\"]\n",
                                       "[mailbox.a.autoreply]\nattach = [\"..\"]\n",
                                       "[mailbox.a.autoreply]\nstart = 2026-02-02\nend = 2026-02-01\n",
                                       "[robot.r]\nattach = [\"\"]\n",
                                       "[list.l]\npost = \"all\"\n",
                                       "[list.l]\npost = [\"nobody\"]\n",
                                       "[list.l]\nmembers = [\"A\"]\n",
                                       "[banished]\nx = \"bounce\"\n",
                                       "[banished]\nX = \"reject\"\n",
                                       "[banished]\n\"x@y\" = \"reject\"\n",
                                       "banished = [\"x\"]\n"})
        CHECK_MESSAGE(findings(bad).size() == 1, report(bad));
    for (const std::string_view good :
         {"[domain]\nsource_ip = \"192.0.2.10\"\n", "[domain]\nsource_ip = \"2001:db8::1\"\n",
          "[domain]\nrelay_to = \"[2001:db8::1]:25\"\n", "[domain]\nrelay_to = \"192.0.2.1:2525\"\n",
          "[domain]\nrelay_to = \"mx_1.customer.example:25\"\n", "[domain]\nrelay_to = \"mail_out:25\"\n",
          "[mailbox.a]\nquota = 0\n", "[mailbox.a]\nquota = 1048576\n",
          "[mailbox.a.autoreply]\nmessage = \"\"\nstart = \"2026-02-02\"\n",
          "[list.l]\npost = [\"who@where.example\"]\n",
          "[list.l]\npost = ['\"a b\"@far_away.example', 'x@i❤.ws', 'x@-a-.example', 'x@[192.0.2.1]', "
          "'é@far.example']\n",
          "[list.l]\npost = \"members\"\n", "[banished]\n\"weird+name!\" = \"reject\"\n\"*@\" = \"reject\"\n"})
        CHECK_MESSAGE(findings(good).size() == (contains(good, "*@") ? 1 : 0), report(good));
}

TEST_CASE("banished names keep the order of the file") {
    const auto banished =
        parsed("[banished]\nzz = \"reject\"\n\"m?\" = \"discard\"\naa = \"reject\"\n").domain.banished;
    CHECK(banished ==
          std::vector<Ban>{{"zz", BanAnswer::reject}, {"m?", BanAnswer::discard}, {"aa", BanAnswer::reject}});
}

TEST_CASE("all spellings of TOML give the same domain") {
    const auto domain =
        parsed(
            "[domain]\nowner = \"a\"\n[mailbox.p]\nquota = \"1 GiB\"\naliases = [\"x\"]\nsuspend = { login = true }\n")
            .domain;
    CHECK(parsed("domain.owner = 'a'\nmailbox.p = { quota = \"1024MiB\", aliases = ['x'], suspend.login = true }\n")
              .domain == domain);
    CHECK(parsed("[mailbox.p.suspend]\r\nlogin = true\r\n[mailbox.'p']\r\nquota = \"\"\"1 GiB\"\"\"\r\naliases = [ # "
                 "c\r\n 'x', ]\r\n[domain]\r\n\"owner\" = \"\\u0061\"\r\n")
              .domain == domain);
}

TEST_CASE("a composed domain file is read back as it was") {
    Domain domain(DomainName::from_trusted("xn--bcher-kva.example"));
    const auto round_trip = [&] {
        const auto text = compose_domain(domain);
        const auto result = parse_domain(text, "f", domain.name, {});
        if (!result) FAIL(result.error().what);
        return result->domain;
    };
    CHECK(round_trip() == domain);
    CHECK(contains(compose_domain(domain), "bücher.example"));
    domain.owner = "al\"ice\\";
    domain.aliases = {example};
    domain.state = DomainState::suspended;
    domain.source_ip = "192.0.2.1";
    domain.relay_to = "mx:25";
    domain.node = "n1";
    domain.unknown = {
        UnknownAction::Kind::redirect, {address("paul@xn--bcher-kva.example"), address("x@y.example")}, {}};
    domain.dmarc = Dmarc{"reject", "mailto:a@b.example"};
    domain.tls = TlsFiles{"/c", "/k"};
    domain.limits = {1, 2, 3, 4, 5, ByteCount{1536}};
    CHECK(round_trip() == domain);
    domain.unknown = {UnknownAction::Kind::domain, {}, example};
    domain.aliases.clear();
    CHECK(round_trip() == domain);
    domain.unknown = {UnknownAction::Kind::candidate, {}, {}};
    CHECK(round_trip() == domain);
}
