// SPDX-License-Identifier: Apache-2.0
// The maps of a front end.
#include "mailctl/exchange/maps/front_maps.hpp"

#include "example_maps.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace mailctl;

namespace {

DomainName front_domain_name(const char* name) { return DomainName::from_trusted(name); }

const FrontNodes three_machines{{"one", {"10.0.0.7:24", "10.0.0.7", true}},
                                {"six", {"[2001:db8::7]:24", "2001:db8::7", true}},
                                {"full", {"store.example.net:2424", "10.0.0.9", false}}};

FrontDomain split_domain() {
    FrontDomain domain{front_domain_name("a.example"),
                       {front_domain_name("a.example"), front_domain_name("b.example")},
                       {"one"},
                       false,
                       {}};
    domain.claimed = {{"paul", false, true, {"one"}},    {"vip", false, true, {"six"}},
                      {"boss", false, false, {"six"}},   {"late", false, true, {"one", true}},
                      {"waits", false, true, {"full"}},  {"spam", true, false, {"one"}},
                      {"lost", false, true, {"nowhere"}}};
    return domain;
}

} // namespace

TEST_CASE("front: a domain leads to its machine, single addresses to theirs, under each name of the domain") {
    const auto transport = front_pieces(three_machines, split_domain()).at("front-transport");
    CHECK(transport.find("a.example lmtp:inet:[10.0.0.7]:24\n") != std::string::npos);
    CHECK(transport.find("b.example lmtp:inet:[10.0.0.7]:24\n") != std::string::npos);
    CHECK(transport.find("vip@a.example lmtp:inet:[2001:db8::7]:24\n") != std::string::npos);
    CHECK(transport.find("boss@b.example lmtp:inet:[2001:db8::7]:24\n") != std::string::npos);
    CHECK(transport.find("paul@") == std::string::npos);
    CHECK(transport.find("spam@a.example error:5.7.1 ") != std::string::npos);
}

TEST_CASE(
    "front: what moves, and what is on a machine that takes no mail or is not described, is deferred by retry(8)") {
    const auto transport = front_pieces(three_machines, split_domain()).at("front-transport");
    for (const auto* key : {"late@a.example", "waits@b.example", "lost@a.example"})
        CHECK_MESSAGE(transport.find(std::string(key) + " retry:4.3.2 ") != std::string::npos, key);

    auto moving = split_domain();
    moving.place.is_moving = true;
    const auto rows = front_pieces(three_machines, moving).at("front-transport");
    CHECK(rows.find("a.example retry:4.3.2 ") != std::string::npos);
    CHECK(rows.find("vip@a.example lmtp:inet:[2001:db8::7]:24\n") != std::string::npos); // does not move with it
    CHECK(rows.find("paul@a.example lmtp:") != std::string::npos); // its own place says that it does not move
    CHECK(rows.find("error:4") == std::string::npos);              // a 5xx for Postfix
}

TEST_CASE("front: who exists is told whoever has the mail, and names that must exist do") {
    auto domain = split_domain();
    const auto names = front_pieces(three_machines, domain).at("front-recipients");
    CHECK(names.find("\nvip@b.example ok\n") != std::string::npos);
    CHECK(names.find("postmaster@a.example ok\n") != std::string::npos);
    CHECK(names.find("spam@") == std::string::npos);
    CHECK(names.find("@a.example any") == std::string::npos);
    domain.takes_any_name = true;
    CHECK(
        front_pieces(three_machines, domain).at("front-recipients").starts_with("@a.example any name\n@b.example any"));
}

TEST_CASE("front: a machine that decides about unknown names is asked for them, and for no other") {
    auto domain = split_domain();
    CHECK(front_pieces(three_machines, domain).at("front-verify").empty());
    domain.takes_any_name = true;
    const auto rows = front_pieces(three_machines, domain).at("front-verify");
    CHECK(rows.find("b.example reject_unverified_recipient\n") != std::string::npos);
    CHECK(rows.find("paul@b.example DUNNO\n") != std::string::npos);
    CHECK(rows.find("spam@") == std::string::npos);
}

TEST_CASE("front: rows are sorted and no key stands twice") {
    auto domain = split_domain();
    domain.claimed.push_back({"postmaster", false, true, {"one"}});
    for (const auto& [map, text] : front_pieces(three_machines, domain)) {
        std::vector<std::string> keys;
        for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
            keys.emplace_back(rest.substr(0, rest.find_first_of(" :")));
        CHECK_MESSAGE(std::ranges::is_sorted(keys), map);
        CHECK_MESSAGE(std::ranges::adjacent_find(keys) == keys.end(), map);
    }
}

TEST_CASE("front: logins go to the machine of the domain, or of the user") {
    const auto pieces = front_pieces(three_machines, split_domain());
    CHECK(pieces.at("front-routes") == "a.example:::::::proxy=y host=10.0.0.7 nopassword=y\n");
    const auto& exceptions = pieces.at("front-exceptions");
    CHECK(exceptions.find("vip@a.example:::::::proxy=y host=2001:db8::7 nopassword=y\n") != std::string::npos);
    CHECK(exceptions.find("waits@a.example:::::::proxy=y host=10.0.0.9 ") != std::string::npos); // its mail can be read
    CHECK(exceptions.find("late@a.example:::::::nologin=y nopassword=y reason=") != std::string::npos);
    for (const auto* nobody : {"boss@", "paul@", "spam@", "lost@"})
        CHECK_MESSAGE(exceptions.find(nobody) == std::string::npos, nobody);
}

TEST_CASE("front: a domain that is on no known machine is not taken at all") {
    auto domain = split_domain();
    domain.place.node = "";
    CHECK(front_pieces(three_machines, domain).empty());
}

TEST_CASE("front: the passdb that lets any password pass is in no place but the protocols that are passed on") {
    for (const auto version : {DovecotVersion::v23, DovecotVersion::v24}) {
        auto context = example::map_context();
        context.dovecot = version;
        const auto files = empty_front_maps(context, {});
        const auto& text = std::ranges::find(files, "front-dovecot.conf", &MapFile::name)->text;
        const auto first_protocol = text.find("protocol ");
        REQUIRE(first_protocol != std::string::npos);
        for (const auto* map : {"front-routes", "front-exceptions"})
            CHECK(text.find(map) > first_protocol);
        CHECK(text.find("front-accounts") < first_protocol);
        for (const auto* protocol : {"imap", "pop3", "lmtp"})
            CHECK(text.find(std::string("protocol ") + protocol + " {") != std::string::npos);
        CHECK(text.find("protocol smtp") == std::string::npos);
        CHECK(text.find("protocol submission") == std::string::npos);
    }
}
