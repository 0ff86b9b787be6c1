// SPDX-License-Identifier: Apache-2.0
#include "example_site.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

using namespace mailctl;
using namespace mailctl::example;

namespace {

struct Question {
    std::string_view recipient, outcome;
};
void ask(const ExampleSite& site, std::initializer_list<Question> questions) {
    for (const auto& question : questions) {
        CAPTURE(question.recipient);
        CHECK(site.outcome(question.recipient) == question.outcome);
    }
}

// A Lookup that fails after so many answers.
struct Broken : Lookup {
    ExampleSite example;
    ModelLookup working = example.lookup();
    int good_answers = 0;
    mutable int asked = 0;
    template <class T>
    Result<T> answer(Result<T> result) const {
        if (asked++ >= good_answers) return fail(ErrorKind::temporary, "disk is gone");
        return result;
    }
    Result<std::optional<DomainEntry>> find_domain(const DomainName& domain) const override {
        return answer(working.find_domain(domain));
    }
    Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view key) const override {
        return answer(working.find_name(domain, key));
    }
    Result<std::optional<BanAnswer>> find_banished(const DomainName& domain, std::string_view key) const override {
        return answer(working.find_banished(domain, key));
    }
    Result<std::optional<ResponderEntry>> find_responder(const DomainName& domain,
                                                         std::string_view key) const override {
        return answer(working.find_responder(domain, key));
    }
};

} // namespace

TEST_CASE("names are found through every name of their domain, in any case") {
    ask({}, {{"paul@one.example", "deliver paul@one.example"},
             {"PAUL@ONE.example", "deliver paul@one.example"},
             {"macca@one.example", "deliver paul@one.example"},
             {"paul.m@uno.example", "deliver paul@one.example"},
             {"paul@oneexample.backup.example.org", "deliver paul@one.example"},
             {"paul@unoexample.backup.example.org", "reject 550 5.1.2"},
             {"nobody@one.example", "reject 550 5.1.1"},
             {"nobody@uno.example", "reject 550 5.1.1"},
             {"paul@far.example", "reject 550 5.1.2"},
             {"paul@[192.0.2.1]", "reject 550 5.1.2"}});
    CHECK(ExampleSite().plan("paul@uno.example").resolved == address("paul@one.example"));
}

TEST_CASE("a detail is a wish for a folder and never makes a name") {
    ask({}, {{"paul+lists@one.example", "deliver paul@one.example [lists]"},
             {"Paul+Lists+x@one.example", "deliver paul@one.example [Lists+x]"},
             {"paul+@one.example", "deliver paul@one.example"},
             {"+paul@one.example", "reject 550 5.1.1"},
             {"nobody+paul@one.example", "reject 550 5.1.1"},
             {"macca+lists@uno.example", "deliver paul@one.example [lists]"},
             {"plus@one.example", "deliver paul@one.example [lists]"},
             {"spam+x@one.example", "reject 550 5.7.1"},
             {"void+x@one.example", "discard"},
             {"paul-lists@one.example", "reject 550 5.1.1"}});
}

TEST_CASE("the exact name with a delimiter in it wins over name and detail, also over a ban of the name") {
    ExampleSite example;
    example.domains.at(name("one.example")).mailboxes["spam+ok"];
    ask(example, {{"spam+ok@one.example", "deliver spam+ok@one.example"}, {"spam+no@one.example", "reject 550 5.7.1"}});
}

TEST_CASE("each character of the site's delimiters separates, none switches details off") {
    ExampleSite example;
    example.site.addresses.delimiters = "-+";
    ask(example, {{"paul-lists@one.example", "deliver paul@one.example [lists]"},
                  {"paul+a-b@one.example", "deliver paul@one.example [a-b]"},
                  {"loop-out@one.example", "deliver paul@one.example"}});
    example.site.addresses.delimiters.clear();
    ask(example, {{"paul+lists@one.example", "reject 550 5.1.1"}});
}

TEST_CASE("banished beats everything, exact before pattern, patterns in order") {
    ExampleSite example;
    example.domains.at(name("one.example")).mailboxes["promo-7"];
    example.domains.at(name("one.example")).mailboxes["spam"];
    ask(example, {{"void@one.example", "discard"},
                  {"spam@one.example", "reject 550 5.7.1"},
                  {"promo-7@one.example", "reject 550 5.7.1"},
                  {"PROMO-7@uno.example", "reject 550 5.7.1"},
                  {"promo-okay@one.example", "discard"},
                  {"spam@two.example", "reject 550 5.7.1"},
                  {"promo-1@two.example", "reject 550 5.7.1"},
                  {"void@two.example", "discard"}});
}

TEST_CASE("forwards expand recursively, one copy for each mailbox") {
    ask({}, {{"info@one.example", "deliver paul@one.example, forward someone@far.example by info@one.example"},
             {"info+x@one.example", "deliver paul@one.example, forward someone@far.example by info+x@one.example"},
             {"nested@one.example",
              "deliver paul@one.example, deliver ringo@two.example, forward someone@far.example by nested@one.example"},
             {"copied@one.example",
              "deliver copied@one.example, forward x@far.example by copied@one.example, deliver paul@one.example"},
             {"away@one.example", "forward x@far.example by away@one.example"},
             {"self@one.example", "deliver self@one.example, forward x@far.example by self@one.example"}});
}

TEST_CASE("one bad target does not stop the others, and a mistake in the configuration is not a bounce") {
    ask({},
        {{"broken@one.example", "deliver paul@one.example"},
         {"dangling@one.example", "defer 451 4.3.5"},
         {"loop-a@one.example", "reject 554 5.4.6"},
         {"loop-out@one.example", "deliver paul@one.example"},
         {"waits@one.example", "defer 450 4.2.1"},
         {"half-waits@one.example", "deliver paul@one.example, forward later@one.example by half-waits@one.example"},
         {"to-unpaid@one.example", "reject 550 5.2.1"},
         {"to-banned@one.example", "discard"}});
}

TEST_CASE("suspension decides by its action and ends by its date") {
    ask({}, {{"unpaid@one.example", "reject 550 5.2.1"},
             {"later@one.example", "defer 450 4.2.1"},
             {"held@one.example", "hold suspended held@one.example"},
             {"silent@one.example", "deliver silent@one.example"},
             {"ended@one.example", "deliver ended@one.example"},
             {"paul@closed.example", "defer 450 4.2.1"},
             {"nobody@closed.example", "defer 450 4.2.1"}});
    ExampleSite example;
    example.domains.at(name("one.example")).mailboxes.at("ended").suspend->until = example.settings().today;
    CHECK(example.outcome("ended@one.example") == "reject 550 5.2.1");
}

TEST_CASE("a robot may answer, and its copies go out whether it is on or off") {
    ask({}, {{"robot@one.example", "answer robot@one.example"},
             {"helper@one.example",
              "deliver paul@one.example, forward x@far.example by helper@one.example, answer helper@one.example"},
             {"mute@one.example", "reject 550 5.2.1"},
             {"mute-copies@one.example", "deliver paul@one.example"}});
}

TEST_CASE("the autoreply of a mailbox answers whoever wrote to it by name, and nobody else") {
    ask({}, {{"replies@one.example", "deliver replies@one.example, answer replies@one.example"},
             {"replies.too+x@uno.example", "deliver replies@one.example [x], answer replies@one.example"},
             {"quiet@one.example", "deliver quiet@one.example"},
             {"no-reply-now@one.example", "deliver no-reply-now@one.example"},
             {"replies@other.example", "deliver replies@one.example (catch-all)"}});
}

TEST_CASE("a list sends to mailboxes and lists of this site only, once each") {
    ask({}, {{"list@one.example",
              "deliver paul@one.example (list@one.example), deliver copied@one.example (list@one.example), "
              "deliver ringo@two.example (list@one.example), forward x@far.example by list@one.example "
              "(list@one.example)"},
             {"outer@one.example",
              "deliver paul@one.example (outer@one.example), deliver replies@one.example (outer@one.example), "
              "deliver copied@one.example (list@one.example), deliver ringo@two.example (list@one.example), "
              "forward x@far.example by outer@one.example (list@one.example)"},
             {"ring@one.example", "reject 554 5.4.6"},
             {"elsewhere@one.example", "deliver paul@one.example (elsewhere@one.example)"}});
}

TEST_CASE("who may post to a list is decided by the envelope sender") {
    const ExampleSite site;
    const std::string paul_by_closed = "deliver paul@one.example (closed@one.example)";
    for (const auto* sender : {"paul@one.example", "MACCA@uno.example"})
        CHECK(site.outcome_from(address(sender), "closed@one.example") == paul_by_closed);
    CHECK(site.outcome_from(address("ringo@two.example"), "closed@one.example") == "reject 550 5.7.1");
    CHECK(site.outcome("closed@one.example") == paul_by_closed);
    CHECK(site.outcome_from(address("anybody@uno.example"), "own@one.example").starts_with("deliver"));
    CHECK(site.outcome_from(address("ringo@two.example"), "own@one.example") == "reject 550 5.7.1");
    CHECK(site.outcome_from(address("Boss@far.example"), "chosen@one.example").starts_with("deliver"));
    CHECK(site.outcome_from(address("other@far.example"), "chosen@one.example") == "reject 550 5.7.1");
    for (const auto* form : {"paul+work@one.example", "prvs=1234567890=paul@one.example", "MACCA+x@uno.example",
                             "SRS0=abcd=ef=one.example=paul@forward.example", "btv1==abc==macca@one.example"})
        CHECK(site.outcome_from(address(form), "closed@one.example") == paul_by_closed);
    for (const auto* form : {"prvs=1234567890=ringo@two.example", "paul+work@far.example", "ringo+paul@two.example"})
        CHECK(site.outcome_from(address(form), "closed@one.example") == "reject 550 5.7.1");
    CHECK(site.outcome_from(address("prvs=12=boss+x@far.example"), "chosen@one.example").starts_with("deliver"));
    CHECK(site.outcome_from(address("x@far.example"), "list@one.example").starts_with("deliver"));
    CHECK(site.outcome_from(std::nullopt, "list@one.example") == "discard");
}

TEST_CASE("bounces of a list come back to its owner, or to postmaster") {
    ask({}, {{"owned-owner@one.example", "forward boss@far.example by owned-owner@one.example"},
             {"list-owner@one.example", "deliver admin@one.example"}});
}

TEST_CASE("unknown names of a domain that records candidates are held, those that could never be names are not") {
    ask({}, {{"Anything@candidate.example", "hold candidate anything@candidate.example"},
             {"anything+news@candidate.example", "hold candidate anything@candidate.example"},
             {"\"a b\"@candidate.example", "reject 550 5.1.1"},
             {".hidden@candidate.example", "reject 550 5.1.1"},
             {"what/ever@candidate.example", "reject 550 5.1.1"}});
}

TEST_CASE("a name that was recorded as candidate comes before the catch-all") {
    struct WithCandidate final : Broken {
        WithCandidate() { good_answers = 1000; }
        Result<bool> is_candidate(const DomainName& domain, std::string_view key) const override {
            return domain.text() == "two.example" && key == "known";
        }
    };
    const ExampleSite site;
    const WithCandidate lookup;
    const auto plan = [&](std::string_view text) {
        return outcome_text(resolve(lookup, site.settings(), address(text)).value());
    };
    CHECK(plan("known+x@two.example") == "hold candidate known@two.example");
    CHECK(plan("ringo@two.example") == "deliver ringo@two.example");
    CHECK(plan("other@two.example") == "deliver catchrest@two.example (catch-all)");
}

TEST_CASE("a domain with a server of its own gets a copy of what is accepted, once, and nothing that is banished") {
    ask({}, {{"p@relayed.example", "deliver paul@relayed.example, relay p@relayed.example to mx.customer.example:25"},
             {"info@relayed.example",
              "deliver paul@relayed.example, deliver ringo@two.example, relay info@relayed.example to "
              "mx.customer.example:25"},
             {"nobody@relayed.example", "reject 550 5.1.1"},
             {"void@relayed.example", "discard"},
             {"any@relayed-all.example", "relay any@relayed-all.example to mx.customer.example:25"}});
}

TEST_CASE("a plan says which banished entry took the mail") {
    const ExampleSite site;
    CHECK(site.plan("promo-1@uno.example").banned == BanHit{name("one.example"), "promo-*"});
    CHECK_FALSE(site.plan("paul@one.example").banned);
}

TEST_CASE("the catch-all takes what nobody claims and nothing else") {
    ask({}, {{"anything@two.example", "deliver catchrest@two.example (catch-all)"},
             {"catchrest@two.example", "deliver catchrest@two.example"},
             {"ringo@two.example", "deliver ringo@two.example"},
             {"ringo+x@two.example", "deliver ringo@two.example [x]"},
             {"unpaid@two.example", "reject 550 5.2.1"},
             {"anything@redirect.example", "deliver paul@one.example (catch-all), forward x@far.example by "
                                           "anything@redirect.example (catch-all)"},
             {"real@redirect.example", "deliver real@redirect.example"},
             {"anything@discard.example", "discard"},
             {"alias@discard.example", "deliver real@discard.example"}});
}

TEST_CASE("catchrest may be an alias or a forward") {
    ExampleSite example;
    example.domains.at(name("one.example")).mailboxes["paul"].aliases.emplace_back("catchrest");
    CHECK(example.outcome("anything@one.example") == "deliver paul@one.example (catch-all)");
    example.domains.at(name("redirect.example")).forwards["catchrest"].to = addresses({"info@one.example"});
    CHECK(example.outcome("anything@redirect.example") ==
          "deliver paul@one.example (catch-all), forward someone@far.example by anything@redirect.example (catch-all)");
}

TEST_CASE("unknown = domain tries the same name there, with all its rules, and comes to an end") {
    ask({}, {{"paul@other.example", "deliver paul@one.example (catch-all)"},
             {"paul+lists@other.example", "deliver paul@one.example [lists] (catch-all)"},
             {"real@other.example", "deliver real@other.example"},
             {"nobody@other.example", "reject 550 5.1.1"},
             {"spam@other.example", "reject 550 5.7.1"},
             {"anyone@out.example", "forward anyone@far.example by anyone@out.example (catch-all)"},
             {"anyone@chain.example", "deliver paul@one.example (catch-all), forward x@far.example by "
                                      "anyone@chain.example (catch-all)"},
             {"anyone@ring-a.example", "reject 550 5.1.1"}});
}

TEST_CASE("postmaster and abuse always resolve") {
    ask({}, {{"postmaster@one.example", "deliver admin@one.example"},
             {"Abuse@uno.example", "deliver admin@one.example"},
             {"postmaster@two.example", "deliver ringo@two.example"},
             {"abuse@two.example", "deliver admin@one.example"},
             {"abuse+x@two.example", "deliver admin@one.example"},
             {"postmaster@closed.example", "deliver admin@one.example"}});
    ExampleSite example;
    example.site.hostname = name("mx.host.example");
    CHECK(example.outcome("PostMaster@mx.host.example") == "deliver admin@one.example");
    CHECK(example.outcome("paul@mx.host.example") == "reject 550 5.1.2");
    CHECK(example.outcome("postmaster@far.example") == "reject 550 5.1.2");
    example.site.hostname = name("one.example");
    CHECK(example.outcome("postmaster@one.example") == "deliver admin@one.example");
    auto& one = example.domains.at(name("one.example"));
    one.banished = {{"postmaster", BanAnswer::reject}, {"p*", BanAnswer::reject}};
    CHECK(example.outcome("postmaster@one.example") == "deliver admin@one.example");
    CHECK(example.outcome("postmaster+x@one.example") == "deliver admin@one.example");
    example.site.postmaster = address("postmaster@one.example");
    CHECK(example.outcome("postmaster@two.example") == "deliver ringo@two.example");
    CHECK(example.outcome("abuse@two.example") == "defer 451 4.3.5");
    CHECK(example.outcome("postmaster@one.example") == "defer 451 4.3.5");
    example.site.postmaster.reset();
    CHECK(example.outcome("postmaster@one.example") == "defer 451 4.3.5");
}

TEST_CASE("over a limit mail waits, it is never cut short") {
    ExampleSite example;
    auto& one = example.domains.at(name("one.example"));
    for (int level = 0; level < 30; ++level)
        one.forwards[fmt::format("level{}", level)].to = {address(fmt::format("level{}@one.example", level + 1))};
    one.mailboxes["level30"];
    CHECK(example.outcome("level0@one.example") == "defer 451 4.6.0");
    CHECK(example.outcome("level11@one.example") == "deliver level30@one.example");
    CHECK(example.outcome("level9@one.example") == "defer 451 4.6.0");
    for (int target = 0; target < 1001; ++target)
        one.forwards["wide"].to.push_back(address(fmt::format("x{}@far.example", target)));
    CHECK(example.outcome("wide@one.example") == "defer 451 4.6.0");
    one.forwards["wide"].to.pop_back();
    CHECK(example.outcome("wide@one.example").starts_with("forward x0@far.example"));
}

TEST_CASE("the walk tells the rules in the order in which they were tried") {
    std::vector<std::string> told;
    for (const auto& step : ExampleSite().plan("x+y@two.example").walk)
        told.push_back(fmt::format("{} {}: {}{}", step.rule, step.subject, step.outcome, step.matched ? " *" : ""));
    CHECK(told == std::vector<std::string>{
                      "domain two.example: a domain of this site *", "banished x+y@two.example: not banished",
                      "exact name x+y@two.example: not found", "banished x@two.example: not banished",
                      "detail x@two.example: not found", "catchrest catchrest@two.example: mailbox 'catchrest' *"});
}

TEST_CASE("a failed lookup is an error, never unknown user and never the catch-all") {
    Broken lookup;
    for (const auto* recipient : {"nested@one.example", "x+y@two.example", "nobody@other.example"}) {
        for (lookup.good_answers = 0;; ++lookup.good_answers) {
            lookup.asked = 0;
            const auto plan = resolve(lookup, lookup.example.settings(), address(recipient));
            if (lookup.asked <= lookup.good_answers) break;
            REQUIRE_FALSE(plan.has_value());
            CHECK(plan.error().kind == ErrorKind::temporary);
        }
        CHECK(lookup.good_answers > 4);
    }
}

namespace {

// Domains with random forwards among a few names: loops, diamonds, dangling targets, catch-alls of every kind.
ExampleSite random_site() {
    ExampleSite example;
    example.domains.clear();
    const std::vector<std::string> domains{"a.example", "b.example", "c.example"};
    const auto any_address = [&] {
        return address(fmt::format("{}@{}", static_cast<char>('a' + *rc::gen::inRange(0, 8)),
                                   domains[*rc::gen::inRange<std::size_t>(0, 3)]));
    };
    for (const auto& text : domains) {
        auto& domain = example.add(text);
        for (char local = 'a'; local < 'g'; ++local) {
            const auto kind = *rc::gen::inRange(0, 4);
            if (kind == 0) continue;
            std::vector<Address> targets;
            for (int count = *rc::gen::inRange(1, 4); count > 0; --count)
                targets.push_back(any_address());
            if (kind == 1)
                domain.mailboxes[std::string(1, local)];
            else if (kind == 2)
                domain.mailboxes[std::string(1, local)].forward = targets;
            else
                domain.forwards[std::string(1, local)].to = targets;
            if (kind == 2) domain.mailboxes[std::string(1, local)].store = false;
        }
        const auto kinds = {UnknownAction::Kind::reject, UnknownAction::Kind::discard, UnknownAction::Kind::redirect,
                            UnknownAction::Kind::domain};
        domain.unknown = {*rc::gen::elementOf(std::vector(kinds)), {any_address()}, any_address().domain};
        if (*rc::gen::inRange(0, 4) == 0) domain.forwards["catchrest"].to = {any_address()};
    }
    return example;
}

std::set<std::string> parts_of(const Plan& plan) {
    std::set<std::string> parts;
    if (const auto* deliver = std::get_if<Deliver>(&plan.outcome))
        for (const auto& delivery : deliver->deliveries)
            parts.insert(std::visit([](const auto& each) { return delivery_text(each); }, delivery));
    else
        parts.insert(outcome_text(plan));
    return parts;
}

std::vector<std::string> every_address() {
    std::vector<std::string> result;
    for (const auto* domain : {"a.example", "b.example", "c.example"})
        for (char local = 'a'; local < 'i'; ++local)
            result.push_back(fmt::format("{}@{}", local, domain));
    return result;
}

} // namespace

TEST_CASE("every walk over any site ends, and says something") {
    CHECK(rc::check([] {
        const auto example = random_site();
        for (const auto& recipient : every_address())
            RC_ASSERT(!example.outcome(recipient).empty());
    }));
}

TEST_CASE("the order of targets does not matter") {
    CHECK(rc::check([] {
        const auto example = random_site();
        auto reversed = example;
        for (auto& [_, domain] : reversed.domains) {
            for (auto& [key, mailbox] : domain.mailboxes)
                std::ranges::reverse(mailbox.forward);
            for (auto& [key, forward] : domain.forwards)
                std::ranges::reverse(forward.to);
        }
        for (const auto& recipient : every_address())
            RC_ASSERT(parts_of(example.plan(recipient)) == parts_of(reversed.plan(recipient)));
    }));
}

TEST_CASE("a catch-all never changes what becomes of a claimed name that leads to claimed names only") {
    CHECK(rc::check([] {
        const auto example = random_site();
        auto changed = example;
        for (auto& [_, domain] : changed.domains) {
            domain.unknown = {UnknownAction::Kind::discard, {}, {}};
            domain.mailboxes["catchrest"];
            domain.forwards.erase("catchrest");
        }
        for (const auto& recipient : every_address()) {
            const auto plan = example.plan(recipient);
            const auto leaves_claimed_names = std::ranges::any_of(
                plan.walk, [](const Step& step) { return step.rule == "unknown" || step.rule == "catchrest"; });
            if (!leaves_claimed_names) RC_ASSERT(outcome_text(plan) == outcome_text(changed.plan(recipient)));
        }
    }));
}

TEST_CASE("adding an alias changes nothing for any other name") {
    CHECK(rc::check([] {
        auto example = random_site();
        auto changed = example;
        changed.domains.at(name("a.example")).mailboxes["someone"];
        auto with_alias = changed;
        with_alias.domains.at(name("a.example")).mailboxes["someone"].aliases = {"new-alias"};
        for (const auto& recipient : every_address())
            RC_ASSERT(changed.plan(recipient) == with_alias.plan(recipient));
        RC_ASSERT(with_alias.outcome("new-alias@a.example") == "deliver someone@a.example");
    }));
}

TEST_CASE("a walk that leads to the same few over and over ends, deferred, and soon") {
    Domain domain(name("one.example"));
    domain.mailboxes["paul"];
    const auto local = [&](std::string text) { return address(text + "@one.example"); };
    for (int i = 0; i < 300; ++i) {
        const auto middle = "m" + std::to_string(i), last = "l" + std::to_string(i);
        domain.forwards["top"].to.push_back(local(middle));
        for (int j = 0; j < 300; ++j)
            domain.forwards[middle].to.push_back(local("l" + std::to_string(j)));
        domain.forwards[last].to = {local("paul")};
    }
    const Site site;
    const ModelLookup::Domains domains{{domain.name, domain}};
    const ModelLookup lookup(site, domains);
    ResolveSettings settings;
    settings.keep = ResolveSettings::Keep::deciding_steps;
    const auto plan = resolve(lookup, settings, local("top")).value();
    CHECK(outcome_text(plan) == "defer 451 4.6.0");
    CHECK(plan.walk.size() == 1);
    settings.max_expansion = 10'000; // the site may want it so
    CHECK(outcome_text(resolve(lookup, settings, local("top")).value()) == "deliver paul@one.example");
}

TEST_CASE("what is kept of the walk changes nothing of the outcome, and holds the step that decided") {
    const ExampleSite example;
    const auto lookup = example.lookup();
    ResolveSettings whole = resolve_settings(example.site, Date{});
    ResolveSettings least = whole;
    least.keep = ResolveSettings::Keep::deciding_steps;
    for (const char* recipient : {"paul@one.example", "nobody@one.example", "x@elsewhere.example",
                                  "postmaster@one.example", "paul+x@one.example"}) {
        CAPTURE(recipient);
        const auto all = resolve(lookup, whole, address(recipient)).value();
        const auto some = resolve(lookup, least, address(recipient)).value();
        CHECK(some.outcome == all.outcome);
        CHECK(some.walk.size() <= 2);
        const auto decides = [](const Step& step) { return step.matched && step.rule != "domain"; };
        const auto decided = std::ranges::find_if(all.walk, decides);
        CHECK(some.walk.front() == (decided == all.walk.end() ? all.walk.back() : *decided));
    }
}

TEST_CASE("names on another machine are handed on as they are, and no catch-all takes them") {
    ExampleSite site;
    site.site.nodes["b"] = {"10.0.0.8:24", "10.0.0.8", NodeState::up, ""};
    site.site.hostname = name("a.host.example");
    auto& redirect = site.domains.at(name("redirect.example"));
    redirect.elsewhere = {{"vip", {"b"}}, {"boss", {"b"}}};
    redirect.forwards["chief"].to = addresses({"vip@redirect.example", "real@redirect.example"});
    redirect.lists["team"].members = addresses({"vip@redirect.example", "someone@third.example"});
    ask(site, {{"vip@redirect.example", "forward vip@redirect.example by vip=redirect.example@a.host.example"},
               {"vip+x@redirect.example", "forward vip+x@redirect.example by vip+x=redirect.example@a.host.example"},
               {"chief@redirect.example",
                "forward vip@redirect.example by chief@redirect.example, deliver real@redirect.example"},
               {"team@redirect.example",
                "forward vip@redirect.example by team@redirect.example (team@redirect.example), forward "
                "someone@third.example by team@redirect.example (team@redirect.example)"},
               {"nobody@redirect.example",
                "deliver paul@one.example (catch-all), forward x@far.example by nobody@redirect.example (catch-all)"}});
    const auto plan = site.plan("chief@redirect.example");
    CHECK(std::get<ForwardDelivery>(std::get<Deliver>(plan.outcome).deliveries.front()).node == "b");
}

TEST_CASE("a machine that has single mailboxes of a domain leaves all other names to the domain's own") {
    ExampleSite site;
    site.site.hostname = name("b.host.example");
    auto& two = site.domains.at(name("two.example"));
    two.mailboxes.erase("catchrest");
    two.forwards.clear();
    two.unknown.kind = UnknownAction::Kind::elsewhere;
    two.unknown.node = "a";
    two.mailboxes["ringo"].forward = addresses({"george@two.example"});
    ask(site, {{"nobody@two.example", "forward nobody@two.example by nobody=two.example@b.host.example"},
               {"postmaster@two.example", "forward postmaster@two.example by postmaster=two.example@b.host.example"},
               {"ringo@two.example", "deliver ringo@two.example, forward george@two.example by ringo@two.example"},
               {"spam@two.example", "reject 550 5.7.1"}});
}
