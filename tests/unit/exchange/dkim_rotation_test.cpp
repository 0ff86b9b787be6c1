// SPDX-License-Identifier: Apache-2.0
// The life of a selector: what is legal when, and what `rotate` does by itself.
#include "mailctl/exchange/dkim_rotation.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace mailctl;

namespace {

using Selectors = std::vector<DkimSelector>;

const auto dkim_domain = DomainName::from_trusted("example.org");
const Instant start = *parse_rfc3339("2026-01-01T00:00:00Z");
Instant after_days(int days) { return start + std::chrono::hours(24 * days); }

DkimSelector selector(std::string name, SelectorState state, int day = 0,
                      DkimAlgorithm algorithm = DkimAlgorithm::rsa) {
    return {std::move(name), algorithm, state, after_days(day), "MIIB"};
}

DkimRules rules_on(int day, std::set<std::string> seen = {}) {
    Site site;
    auto rules = dkim_rules(site, after_days(day));
    rules.was_seen = [seen = std::move(seen)](const DkimSelector& one) { return seen.contains(one.name); };
    return rules;
}

std::string state_after(const Selectors& selectors, const std::string& name, DkimStep step, const DkimRules& rules,
                        bool force = false) {
    const auto done = take_step(selectors, name, step, rules, force, dkim_domain);
    return done ? std::string(state_name(find_selector(*done, name)->state)) : done.error().what;
}

std::string states(const Selectors& selectors) {
    std::string text;
    for (const auto& one : selectors)
        text += (text.empty() ? "" : " ") + one.name + "=" + std::string(state_name(one.state));
    return text;
}

} // namespace

TEST_CASE("dkim steps: a key is not signed with before its record was seen") {
    const Selectors selectors{selector("a", SelectorState::active), selector("b", SelectorState::fresh, 1)};
    CHECK(state_after(selectors, "b", DkimStep::activate, rules_on(2)).contains("not seen"));
    CHECK(state_after(selectors, "b", DkimStep::activate, rules_on(2), true) == "active");
    const auto done = take_step(selectors, "b", DkimStep::activate, rules_on(2, {"b"}), false, dkim_domain);
    REQUIRE(done);
    CHECK(states(*done) == "a=retiring b=active");
    CHECK(done->front().since == after_days(2));
}

TEST_CASE("dkim steps: the other algorithm's key stays active") {
    const Selectors selectors{selector("e", SelectorState::active, 0, DkimAlgorithm::ed25519),
                              selector("r", SelectorState::fresh)};
    CHECK(states(*take_step(selectors, "r", DkimStep::activate, rules_on(1, {"r"}), false, dkim_domain)) ==
          "e=active r=active");
}

TEST_CASE("dkim steps: the last active key stays, unless forced") {
    const Selectors alone{selector("a", SelectorState::active)};
    CHECK(state_after(alone, "a", DkimStep::retire, rules_on(1)).contains("last active"));
    CHECK(state_after(alone, "a", DkimStep::retire, rules_on(1), true) == "retiring");
    const Selectors two{selector("a", SelectorState::active),
                        selector("e", SelectorState::active, 0, DkimAlgorithm::ed25519)};
    CHECK(state_after(two, "a", DkimStep::retire, rules_on(1)) == "retiring");
    auto opendkim = rules_on(1);
    opendkim.signer = DkimSigner::opendkim; // it does not sign with the other
    CHECK(state_after(two, "a", DkimStep::retire, opendkim).contains("last active"));
}

TEST_CASE("dkim steps: a record outlasts signed mail") {
    const Selectors selectors{selector("a", SelectorState::retiring), selector("b", SelectorState::active)};
    CHECK(state_after(selectors, "a", DkimStep::revoke, rules_on(13)).contains("until 2026-01-15"));
    CHECK(state_after(selectors, "a", DkimStep::revoke, rules_on(13), true) == "revoked");
    CHECK(state_after(selectors, "a", DkimStep::revoke, rules_on(14)) == "revoked");
    CHECK(state_after(selectors, "a", DkimStep::remove, rules_on(13)).contains("until"));
    CHECK(state_after(selectors, "b", DkimStep::revoke, rules_on(99)).contains("is active"));
    CHECK(state_after(selectors, "b", DkimStep::revoke, rules_on(99), true) == "revoked");
    CHECK(state_after(selectors, "b", DkimStep::remove, rules_on(99)).contains("is active"));
    Site site;
    site.dns.ttl = std::chrono::hours(24 * 10);
    CHECK(dkim_rules(site, start).retire_for == std::chrono::hours(24 * 17));
}

TEST_CASE("dkim steps: no way back, whatever is forced") {
    for (const auto state : {SelectorState::retiring, SelectorState::revoked, SelectorState::gone}) {
        const Selectors selectors{selector("a", state)};
        CAPTURE(state_name(state));
        CHECK(state_after(selectors, "a", DkimStep::activate, rules_on(99, {"a"}), true).contains("no way back"));
    }
    CHECK(
        state_after({selector("a", SelectorState::gone)}, "a", DkimStep::revoke, rules_on(1), true).contains("no way"));
    CHECK(state_after({selector("a", SelectorState::revoked)}, "a", DkimStep::retire, rules_on(1), true)
              .contains("no way"));
}

TEST_CASE("dkim steps: again is nothing to change; new ones are deleted, not revoked") {
    for (const auto& [state, step] :
         {std::pair(SelectorState::active, DkimStep::activate), std::pair(SelectorState::retiring, DkimStep::retire),
          std::pair(SelectorState::revoked, DkimStep::revoke), std::pair(SelectorState::gone, DkimStep::remove)}) {
        const Selectors selectors{selector("a", state)};
        CHECK(*take_step(selectors, "a", step, rules_on(5), false, dkim_domain) == selectors);
    }
    const Selectors fresh{selector("a", SelectorState::fresh)};
    CHECK(state_after(fresh, "a", DkimStep::revoke, rules_on(1)).contains("is new"));
    CHECK(state_after(fresh, "a", DkimStep::retire, rules_on(1)).contains("is new"));
    CHECK(state_after(fresh, "a", DkimStep::remove, rules_on(1)) == "gone");
}

TEST_CASE("dkim rotation: a whole life, one step at a time") {
    Selectors selectors{selector("a", SelectorState::active)};
    CHECK(rotate_selectors(selectors, rules_on(179)).selectors == selectors);
    auto rotation = rotate_selectors(selectors, rules_on(180));
    CHECK(rotation.successors == std::vector{DkimAlgorithm::rsa});
    CHECK(states(rotation.selectors) == "a=active");
    selectors.push_back(selector("b", SelectorState::fresh, 180));
    CHECK(rotate_selectors(selectors, rules_on(200)).successors.empty()); // it has one
    CHECK(states(rotate_selectors(selectors, rules_on(200)).selectors) == "a=active b=new");
    selectors = rotate_selectors(selectors, rules_on(201, {"b"})).selectors;
    CHECK(states(selectors) == "a=retiring b=active");
    CHECK(rotate_selectors(selectors, rules_on(214, {"b"})).selectors == selectors);
    selectors = rotate_selectors(selectors, rules_on(215, {"b"})).selectors;
    CHECK(states(selectors) == "a=revoked b=active");
    CHECK(rotate_selectors(selectors, rules_on(244, {"b"})).selectors == selectors);
    selectors = rotate_selectors(selectors, rules_on(245, {"b"})).selectors;
    CHECK(states(selectors) == "a=gone b=active");
}

TEST_CASE("dkim rotation: the same again changes nothing") {
    const Selectors selectors{selector("a", SelectorState::active), selector("b", SelectorState::fresh, 1),
                              selector("c", SelectorState::retiring), selector("d", SelectorState::revoked)};
    for (int day = 2; day < 400; day += 7) {
        const auto once = rotate_selectors(selectors, rules_on(day, {"b"}));
        const auto twice = rotate_selectors(once.selectors, rules_on(day, {"b"}));
        CHECK(twice.selectors == once.selectors);
    }
}

TEST_CASE("dkim rotation: a spare that was passed over is not activated by itself") {
    const Selectors selectors{selector("a", SelectorState::active, 5), selector("spare", SelectorState::fresh, 1)};
    CHECK(rotate_selectors(selectors, rules_on(9, {"spare"})).selectors == selectors);
    CHECK(rotate_selectors(selectors, rules_on(300)).successors.size() == 1); // it is no successor
    const Selectors two{selector("b", SelectorState::fresh, 1), selector("c", SelectorState::fresh, 2)};
    CHECK(states(rotate_selectors(two, rules_on(9, {"b", "c"})).selectors) == "b=new c=active");
}

TEST_CASE("dkim rotation: 0 makes no successors") {
    auto rules = rules_on(4000);
    rules.rotate_every = Age{0};
    CHECK(rotate_selectors({selector("a", SelectorState::active)}, rules).successors.empty());
}

TEST_CASE("dkim: names of new selectors, and what a signer signs with") {
    const Date day = std::chrono::year(2026) / 11 / 28;
    Selectors selectors;
    for (const char* name : {"202611r", "202611rb", "202611rc"}) {
        CHECK(new_selector_name(selectors, DkimAlgorithm::rsa, day) == name);
        selectors.push_back(selector(name, SelectorState::gone));
    }
    CHECK(new_selector_name(selectors, DkimAlgorithm::ed25519, day) == "202611e");
    selectors = {selector("e", SelectorState::active, 0, DkimAlgorithm::ed25519), selector("n", SelectorState::fresh),
                 selector("r", SelectorState::active)};
    CHECK(states(signing_selectors(selectors, DkimSigner::rspamd)) == "r=active e=active");
    CHECK(states(signing_selectors(selectors, DkimSigner::opendkim)) == "r=active");
}
