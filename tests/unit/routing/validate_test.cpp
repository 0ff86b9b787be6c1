// SPDX-License-Identifier: Apache-2.0
#include "mailctl/routing/validate.hpp"

#include "example_site.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::example;

namespace {

ChangedDomains all_changed(const ModelLookup::Domains& domains) { return {domains.begin(), domains.end()}; }

// A site without anything to find; tests break one thing each.
struct CleanSite : ExampleSite {
    CleanSite() {
        domains.clear();
        add("one.example").mailboxes["admin"];
        domains.at(name("one.example")).mailboxes["paul"];
        add("two.example").mailboxes["ringo"];
    }
    Domain& one() { return domains.at(name("one.example")); }
    Domain& two() { return domains.at(name("two.example")); }
    [[nodiscard]] std::vector<std::string> found() const {
        std::vector<std::string> lines;
        const ModelLookup::Domains none;
        const ModelLookup nothing(site, none);
        const ChangedDomains changed = all_changed(domains);
        const ChangedSite lookup(site, nothing, changed);
        for (const auto& [unused, domain] : domains) {
            const auto findings = validate(site, lookup, domain, settings().today).value();
            for (const auto& finding : findings) {
                CHECK_FALSE(finding.remedy.empty());
                lines.push_back((finding.severity == Severity::error ? "error " : "warning ") +
                                format_finding(finding));
            }
        }
        return lines;
    }
};
using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("a sound site has no findings") { CHECK(CleanSite().found().empty()); }

TEST_CASE("a name claimed by two domains is an error in both") {
    CleanSite example;
    example.one().aliases = {name("uno.example")};
    example.two().aliases = {name("uno.example")};
    CHECK(example.found() ==
          Lines{"error one.example: domain.aliases: alias 'uno.example' is also claimed by domain 'two.example'",
                "error two.example: domain.aliases: alias 'uno.example' is also claimed by domain 'one.example'"});
    example.one().aliases = {name("two.example")};
    example.two().aliases = {name("two.example")};
    CHECK(example.found() ==
          Lines{"error one.example: domain.aliases: alias 'two.example' is also claimed by domain 'two.example'",
                "error two.example: name 'two.example' is also claimed by domain 'one.example'",
                "error two.example: domain.aliases: 'two.example' is the name of the domain itself"});
}

TEST_CASE("two domains that differ in dots only share an alternate name") {
    CleanSite example;
    example.add("o.ne.example");
    CHECK(example.found() == Lines{"error o.ne.example: alternate name 'oneexample.backup.example.org' is also claimed "
                                   "by domain 'one.example'",
                                   "error one.example: alternate name 'oneexample.backup.example.org' is also claimed "
                                   "by domain 'o.ne.example'"});
}

TEST_CASE("a target of ours that does not exist is a warning, one elsewhere is none of our business") {
    CleanSite example;
    example.one().forwards["info"].to = addresses({"paul@one.example", "nobody@two.example", "x@far.example"});
    example.one().mailboxes["paul"].copy_to = addresses({"archive@one.example"});
    example.two().unknown = {UnknownAction::Kind::redirect, addresses({"nobody@one.example"}), {}};
    example.two().banished = {{"spam", BanAnswer::reject}};
    example.two().forwards["to-spam"].to = addresses({"spam@two.example"});
    CHECK(example.found() == Lines{"warning one.example: mailbox.paul.copy_to: 'archive@one.example' does not exist",
                                   "warning two.example: domain.unknown.to: 'nobody@one.example' does not exist",
                                   "warning two.example: forward.to-spam.to: 'spam@two.example' refuses mail"});
}

TEST_CASE("a loop that no mailbox ends is an error, also across domains") {
    CleanSite example;
    example.one().forwards["a"].to = addresses({"b@two.example"});
    example.two().forwards["b"].to = addresses({"A@one.example"});
    CHECK(example.found() ==
          Lines{"error one.example: forward.a.to: mail for 'a@one.example' goes in a loop that no mailbox ends",
                "error two.example: forward.b.to: mail for 'b@two.example' goes in a loop that no mailbox ends"});
    example.two().forwards["b"].to.push_back(address("ringo@two.example"));
    CHECK(example.found().empty());
}

TEST_CASE("a catch-all may name a mailbox that is still to be made") {
    CleanSite example;
    example.two().unknown = {UnknownAction::Kind::redirect, addresses({"boss@two.example"}), {}};
    CHECK(example.found() == Lines{"warning two.example: domain.unknown.to: 'boss@two.example' does not exist"});
}

TEST_CASE("unknown = domain that is none of ours is a warning") {
    CleanSite example;
    example.one().unknown = {UnknownAction::Kind::domain, {}, name("nowhere.example")};
    CHECK(
        example.found() ==
        Lines{"warning one.example: domain.unknown.domain: 'nowhere.example' is no domain of this site: all unclaimed "
              "mail is forwarded there"});
}

TEST_CASE("unknown = domain must not lead back") {
    CleanSite example;
    example.one().aliases = {name("uno.example")};
    example.one().unknown = {UnknownAction::Kind::domain, {}, name("uno.example")};
    CHECK(example.found() ==
          Lines{"error one.example: domain.unknown.domain: 'uno.example' leads back to this domain"});
    example.one().unknown.domain = name("two.example");
    CHECK(example.found().empty());
    example.two().unknown = {UnknownAction::Kind::domain, {}, name("one.example")};
    CHECK(example.found().size() == 2);
}

TEST_CASE("a postmaster whom nobody reads is a warning") {
    CleanSite example;
    example.site.postmaster = address("postmaster@one.example");
    example.two().forwards["postmaster"].to = addresses({"ringo@two.example"});
    example.two().mailboxes["ringo"].aliases = {"abuse"};
    example.two().banished = {{"abuse", BanAnswer::discard}};
    CHECK(
        example.found() ==
        Lines{"warning one.example: postmaster@one.example reaches nobody: the site's postmaster leads back to itself",
              "warning one.example: abuse@one.example reaches nobody: the site's postmaster leads back to itself",
              "warning two.example: banished.abuse: 'abuse' is never banished: every domain must take mail for it"});
}

TEST_CASE("what can never be reached or read is named") {
    CleanSite example;
    example.one().mailboxes["catchrest"];
    example.one().unknown = {UnknownAction::Kind::discard, {}, {}};
    example.two().tls = TlsFiles{"/etc/ssl/my certificate.pem", "/etc/ssl/key.pem"};
    CHECK(example.found() == Lines{"warning one.example: domain.unknown: is never reached: the name 'catchrest' "
                                   "receives all unclaimed mail",
                                   "error two.example: domain.tls.certificate: '/etc/ssl/my certificate.pem' holds a "
                                   "space or a comma, which separates files for Postfix"});
}

TEST_CASE("a changed domain is judged beside the compiled state of the others") {
    CleanSite example;
    example.two().aliases = {name("dos.example")};
    const auto before = example.lookup();
    auto changed = all_changed(example.domains);
    changed.erase(name("two.example"));
    auto& one = changed.at(name("one.example")).value();
    one.aliases = {name("dos.example")};
    one.forwards["info"].to = addresses({"ringo@two.example", "nobody@two.example"});
    const ChangedSite after(example.site, before, changed);
    const auto findings = validate(example.site, after, one, example.settings().today).value();
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].message == "alias 'dos.example' is also claimed by domain 'two.example'");
    CHECK(findings[1].message == "'nobody@two.example' does not exist");

    changed[name("two.example")] = std::nullopt;
    const ChangedSite without_two(example.site, before, changed);
    CHECK(validate(example.site, without_two, one, example.settings().today).value().empty());
    CHECK_FALSE(without_two.find_domain(name("two.example")).value().has_value());
    CHECK(without_two.find_domain(name("dos.example")).value()->name == one.name);
    CHECK_FALSE(without_two.find_name(name("two.example"), "ringo").value().has_value());
}

TEST_CASE("a changed site with every domain changed resolves as the model does") {
    const ExampleSite example;
    const ModelLookup::Domains none;
    const ModelLookup nothing(example.site, none);
    const ChangedDomains all = all_changed(example.domains);
    const ChangedSite changed(example.site, nothing, all);
    for (const auto* recipient : {"nested@one.example", "paul@oneexample.backup.example.org", "x@chain.example",
                                  "spam@two.example", "macca+x@uno.example", "nobody@one.example"})
        CHECK(resolve(changed, example.settings(), address(recipient)).value() == example.plan(recipient));
}

TEST_CASE("what moves goes from one node to another that stands, and nothing moves twice at once") {
    CleanSite example;
    example.site.nodes = {{"old", {"10.0.0.7:24", "10.0.0.7", NodeState::up, ""}},
                          {"new", {"10.0.0.8:24", "10.0.0.8", NodeState::up, ""}}};
    auto& domain = example.one();
    auto& paul = domain.mailboxes.at("paul");
    domain.node = "old";
    paul.move_to = "new";
    CHECK(example.found().empty());
    CHECK(move_of(domain, paul) == MailMove{"old", "new"});
    paul.node = "new";
    CHECK(example.found() == Lines{"error one.example: mailbox.paul.move_to: it lives on node 'new' already"});
    paul.node = "";
    domain.move_to = "new";
    CHECK(example.found() ==
          Lines{"error one.example: mailbox.paul.move_to: mailbox 'paul' cannot move while its domain does"});
    paul.move_to = "";
    CHECK(example.found().empty());
    CHECK(move_of(domain, paul) == MailMove{"old", "new"}); // it goes along
    paul.node = "new";
    CHECK_FALSE(move_of(domain, paul)); // it is there already
    domain.move_to = "neww";
    CHECK(example.found() == Lines{"error one.example: domain.move_to: no node 'neww'"});
    domain.move_to = "new";
    domain.node = "";
    CHECK(example.found() == Lines{"error one.example: domain.move_to: what lives on the administration host itself "
                                   "cannot be moved by a node"});
}

TEST_CASE("a name that lives elsewhere does so on a machine that is known") {
    CleanSite example;
    auto& domain = example.one();
    domain.elsewhere["ann"].node = "store";
    domain.unknown.kind = UnknownAction::Kind::elsewhere;
    domain.unknown.node = "store";
    CHECK(example.found() == Lines{"error one.example: elsewhere.ann.node: no node 'store'",
                                   "error one.example: domain.unknown.node: no node 'store'"});
    example.site.nodes["store"] = {"10.0.0.7:24", "10.0.0.7", NodeState::up, ""};
    CHECK(example.found().empty());
}

TEST_CASE("what leads from the administration host to a node, or back, within a domain is told: no mail gets there") {
    CleanSite example;
    for (const auto* name : {"a", "b"})
        example.site.nodes[name] = {"10.0.0.7:24", "10.0.0.7", NodeState::up, ""};
    auto& domain = example.one();
    domain.aliases = {name("uno.example")};
    domain.mailboxes["vip"].node = "b";
    domain.mailboxes["vip"].aliases = {"boss"};
    CHECK(example.found().empty());
    domain.forwards["chief"].to = {address("boss@one.example")};
    const std::string why = " lives on node 'b', and the administration host passes no mail on to it";
    CHECK(example.found() == Lines{"warning one.example: forward.chief.to: 'boss@one.example'" + why});
    domain.forwards["chief"].to = {address("vip@uno.example")}; // by the domain's other name
    CHECK(example.found() == Lines{"warning one.example: forward.chief.to: 'vip@uno.example'" + why});
    const auto postmaster = example.site.postmaster;
    example.site.postmaster = address("vip@one.example"); // who gets mail for postmaster@ and abuse@
    CHECK(example.found().size() == 2);
    example.site.postmaster = postmaster;
    domain.mailboxes["vip"].forward = {address("paul@one.example")};
    CHECK(example.found().size() == 2);
    domain.node = "a"; // nodes pass on to each other
    CHECK(example.found().empty());
    domain.mailboxes["vip"].node.clear();
    domain.mailboxes["vip"].move_to = "b";
    CHECK(example.found().empty());
}
