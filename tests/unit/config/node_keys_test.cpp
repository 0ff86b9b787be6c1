// SPDX-License-Identifier: Apache-2.0
#include "mailctl/config/node_keys.hpp"

#include "mailctl/config/published_settings.hpp"
#include "mailctl/config/site_file.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

std::string what_is_wrong(std::string_view text) {
    const auto site = parse_site(text, "f");
    return site ? "" : site.error().what;
}

} // namespace

TEST_CASE("nodes are tables beside the key copy") {
    const auto site =
        parse_site("[node]\ncopy = \"cp -a\"\n[node.a]\nlmtp = \"10.0.0.7:24\"\nimap = \"10.0.0.7\"\n"
                   "[node.\"store1.example.net\"]\nlmtp = \"store1.example.net:24\"\nimap = \"2001:db8::1\"\n"
                   "state = \"draining\"\nmail = \"store1:/srv/mail\"\n",
                   "f");
    REQUIRE(site);
    CHECK(site->node_copy == "cp -a");
    REQUIRE(site->nodes.size() == 2);
    CHECK(site->nodes.at("a") == MailNode{"10.0.0.7:24", "10.0.0.7", NodeState::up, ""});
    CHECK(site->nodes.at("store1.example.net").state == NodeState::draining);
    std::size_t shown = 0;
    for (const auto& key : site_keys(*site))
        shown += key.key.starts_with("node.") ? 1 : 0;
    CHECK(shown == 1 + 2 * node_keys().size());
}

TEST_CASE("every error of a node is named with its key") {
    CHECK(what_is_wrong("[node.a]\n") == "f:1:1: node.a.lmtp: is missing\nf:1:1: node.a.imap: is missing");
    CHECK(what_is_wrong("[node]\na = 7\n").find("node.a") != std::string::npos);
    CHECK(what_is_wrong("[node.\"a b\"]\n").find("is not the name of a node") != std::string::npos);
    CHECK(what_is_wrong("[node.a]\nlmtp = \"1.2.3.4:24\"\nimap = \"1.2.3.4\"\nimpa = 1\n").find("node.a.impa") !=
          std::string::npos);
}

TEST_CASE("a connection string with a secret is refused, however it is written") {
    for (const auto* good : {"", "host=db dbname=x", "host = 'a b' user=me", "postgresql:///x?host=/run/pg",
                             "postgres://me@db:5432,db2/x", R"(options='-c a=\'password=x\'')",
                             "service=mail passfile=/etc/p", "host= password=x", "host=/run/postgresql"})
        CHECK_MESSAGE(!object_to_database(good), good);
    for (const auto* bad : {"password=x", "host=db  password = x", "host='a' password='x y'", "postgres://me:x@db/x",
                            "postgresql://db/x?a=b&password=x", "sslpassword=x", "postgresql://db/x?pass%77ord=x",
                            "nonsense", "host='open"})
        CHECK_MESSAGE(object_to_database(bad), bad);
}

TEST_CASE("published settings come over, and what is about one machine stays") {
    Site there, here;
    there.hostname = DomainName::from_trusted("admin.example.net");
    there.delivery.max_hops = 30;
    there.delivery.journal = "stdout";
    there.delivery.allowed_peers = {"postfix"};
    there.publish.database = "host=db";
    there.candidates.names = 7;
    there.addresses.delimiters = "";
    const auto text = compose_settings(there);
    for (const auto* own : {"journal", "publish", "hostname", "allowed_peers", "socket", "user"})
        CHECK_MESSAGE(text.find(own) == std::string::npos, own);
    here.delivery.journal = "stderr";
    const auto edits = take_settings(text, here);
    REQUIRE(edits);
    auto edited = apply_edits("hostname = \"a.example.net\"\n\n[delivery]\njournal = \"stderr\"\n", *edits, "f");
    REQUIRE(edited);
    const auto now = parse_site(*edited, "f");
    REQUIRE(now);
    CHECK(now->delivery.max_hops == 30);
    CHECK(now->candidates.names == 7);
    CHECK(now->addresses.delimiters.empty());
    CHECK(now->delivery.journal == "stderr");
    CHECK(now->delivery.srs_domain->text() == "admin.example.net");
    CHECK(take_settings(text, *now)->empty());
    CHECK(!take_settings("nonsense", here));
}
