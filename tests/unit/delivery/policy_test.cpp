// SPDX-License-Identifier: Apache-2.0
// What Postfix is told at RCPT beside what LMTP says to the same recipient.
#include "policy.hpp"

#include "example_site.hpp"
#include "lmtp.hpp"
#include "mailctl/mail/policy_request.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

// Both ways to ask one agent.
struct AskedTwice {
    AgentSite site;
    Agent agent{site.paths, [] { return noon; }};

    std::string policy(std::string_view sender, std::string_view recipient, std::uint64_t size = 0) {
        const auto action =
            answer_policy(agent, fmt::format("request=smtpd_access_policy\nprotocol_state=RCPT\nsender={}\n"
                                             "recipient={}\nsize={}\n",
                                             sender, recipient, size));
        REQUIRE(action.starts_with("action="));
        REQUIRE(action.find("\n\n") == action.size() - 2);
        return action.substr(7, action.size() - 9);
    }
    std::string lmtp(std::string_view sender, std::string_view recipient, std::uint64_t size = 0) {
        LmtpDelivery handler(agent, "");
        LmtpSession session({}, DomainName::from_trusted("mx.example"), handler);
        std::string replies;
        session.feed(fmt::format("LHLO c\r\nMAIL FROM:<{}>{}\r\n", sender,
                                 size == 0 ? std::string() : fmt::format(" SIZE={}", size)),
                     replies);
        replies.clear();
        session.feed(fmt::format("RCPT TO:<{}>\r\n", recipient), replies);
        REQUIRE(replies.ends_with("\r\n"));
        return replies.substr(0, replies.size() - 2);
    }
    // ringo's, whose quota is 1000 bytes.
    void fill_mailbox(unsigned bytes) const {
        const auto mailbox = site.paths.mail + "/one.example/ringo";
        for (const auto* part : {"/cur", "/new", "/tmp"})
            std::filesystem::create_directories(mailbox + part);
        write_file(mailbox + "/maildirsize", fmt::format("1000S\n{} 3\n", bytes));
        std::filesystem::last_write_time(mailbox + "/maildirsize",
                                         std::filesystem::file_time_type(std::chrono::file_clock::from_sys(
                                             std::chrono::time_point_cast<std::chrono::nanoseconds>(noon))));
    }
};

Domain policy_domain() {
    auto domain = AgentSite::one_example();
    domain.mailboxes["gone"].suspend = Suspension{false, SuspendedReceive::reject, "", {}};
    domain.mailboxes["later"].suspend = Suspension{false, SuspendedReceive::defer, "", {}};
    domain.mailboxes["held"].suspend = Suspension{false, SuspendedReceive::hold, "", {}};
    domain.lists["team"] = {{address("paul@one.example"), address("ringo@one.example")}, {Posters::Who::members}, {}};
    domain.forwards["lost"].to = {address("nobody@one.example")};
    domain.forwards["out"].to = {address("x@far.example")};
    domain.banished.push_back({"promo-*", BanAnswer::reject});
    return domain;
}

} // namespace

TEST_CASE("Postfix is told at RCPT what LMTP would answer") {
    AskedTwice both;
    both.site.compile({policy_domain()});
    const std::string_view far = "a@far.example";
    CHECK(both.policy(far, "gone@one.example") == "550 5.2.1 mailbox is suspended");
    CHECK(both.policy(far, "later@one.example") == "450 4.2.1 mailbox is suspended");
    CHECK(both.policy(far, "team@one.example") == "550 5.7.1 you may not post to this list");
    CHECK(both.policy(far, "bad@one.example") == "550 5.7.1 address is refused");
    CHECK(both.policy(far, "promo-7@one.example") == "550 5.7.1 address is refused");
    CHECK(both.policy(far, "lost@one.example").starts_with("451 4.3.5"));
    for (const auto* taken : {"paul@one.example", "MACCA+x@one.example", "held@one.example", "spam@one.example",
                              "out@one.example", "all@one.example", "ringo@one.example"})
        CHECK(both.policy(far, taken) == "DUNNO");
    CHECK(both.policy("macca+x@one.example", "team@one.example") == "DUNNO");
    CHECK(both.policy("", "team@one.example") == "DUNNO"); // accepted and lost: no bounce of a bounce
}

TEST_CASE("a full mailbox is refused before its mail is taken, as the site wants it") {
    AskedTwice both;
    both.site.compile({policy_domain()});
    both.fill_mailbox(1000);
    CHECK(both.policy("a@far.example", "ringo@one.example").starts_with("552 5.2.2"));
    CHECK(both.policy("a@far.example", "all@one.example") == "DUNNO");
    both.fill_mailbox(500);
    CHECK(both.policy("a@far.example", "ringo@one.example") == "DUNNO");
    CHECK(both.policy("a@far.example", "ringo@one.example", 5000).starts_with("552 5.2.2"));
    both.site.site.delivery.over_quota = OverQuotaAnswer::defer;
    both.site.compile({policy_domain()});
    CHECK(both.policy("a@far.example", "ringo@one.example", 5000).starts_with("452 4.2.2"));
}

TEST_CASE("what is not ours, what the maps say themselves and what nobody can tell is left to Postfix") {
    AskedTwice both;
    CHECK(both.policy("a@far.example", "paul@one.example") == "DUNNO"); // nothing compiled yet
    auto domain = policy_domain();
    both.site.compile({domain});
    CHECK(both.policy("paul@one.example", "x@elsewhere.example") == "DUNNO");
    CHECK(both.policy("a@far.example", "nobody@one.example") == "DUNNO");
    CHECK(both.policy("a@far.example", "SRS0=AAAA=BB=far.example=x@mx.example") == "550 5.1.1 no such return address");
    // Where the maps take any name of the domain it is ours to say.
    Domain other(DomainName::from_trusted("two.example"));
    other.unknown = {UnknownAction::Kind::domain, {}, domain.name};
    both.site.compile({domain, other});
    CHECK(both.policy("a@far.example", "nobody@two.example") == "550 5.1.1 no such user");
    CHECK(both.policy("a@far.example", "paul@two.example") == "DUNNO");
    for (const auto* junk : {"", "\n", "x", "request=smtpd_access_policy\nprotocol_state=DATA\nsender=\nrecipient=p@x"})
        CHECK(answer_policy(both.agent, junk) == policy_no_opinion);
    // Secrets that cannot be read.
    std::filesystem::remove(both.site.paths.srs_secret);
    both.agent.reload();
    CHECK(both.policy("a@far.example", "SRS0=AAAA=BB=far.example=x@mx.example") == "DUNNO");
}

TEST_CASE("the two answers agree, whatever the site and whoever asks for whom") {
    AskedTwice both;
    both.site.site.postmaster = address("paul@one.example");
    const std::vector<std::string> locals{"paul",       "macca+x",
                                          "ringo",      "gone",
                                          "later",      "held",
                                          "team",       "team+x",
                                          "open",       "team-owner",
                                          "lost",       "out",
                                          "spam",       "bad",
                                          "promo-a",    "nobody",
                                          "postmaster", "abuse",
                                          "robot",      "PAUL",
                                          "\"a b\"",    "SRS0=A=B=far.example=x",
                                          "loop",       "all"};
    const std::vector<std::string> senders{"",
                                           "a@far.example",
                                           "paul@one.example",
                                           "macca+x@one.example",
                                           "ringo@two.example",
                                           "SRS0=A=B=one.example=paul@far.example"};
    std::size_t refused = 0;
    CHECK(rc::check("policy == LMTP", [&] {
        auto one = policy_domain();
        Domain two(DomainName::from_trusted("two.example"));
        one.lists["team"].post =
            *rc::gen::element(Posters{Posters::Who::anyone}, Posters{Posters::Who::members},
                              Posters{Posters::Who::domain}, Posters::only({address("a@far.example")}));
        one.lists["open"] = {{address("team@one.example")}, {}, {}};
        one.robots["robot"].enabled = *rc::gen::arbitrary<bool>();
        one.robots["robot"].message = "x";
        one.forwards["loop"].to = {address("loop@one.example")};
        if (*rc::gen::inRange(0, 8) == 0) one.state = DomainState::suspended;
        for (auto* domain : {&one, &two})
            domain->unknown.kind = *rc::gen::element(UnknownAction::Kind::reject, UnknownAction::Kind::discard,
                                                     UnknownAction::Kind::redirect, UnknownAction::Kind::domain,
                                                     UnknownAction::Kind::candidate);
        one.unknown.to =
            two.unknown.to = {address(*rc::gen::element<std::string>("gone@one.example", "x@far.example"))};
        one.unknown.domain = two.name;
        two.unknown.domain = one.name;
        both.site.site.delivery.over_quota = *rc::gen::element(OverQuotaAnswer::reject, OverQuotaAnswer::defer);
        both.site.site.candidates.names = *rc::gen::element(0U, 1000U);
        both.site.compile({one, two});
        both.fill_mailbox(*rc::gen::inRange(0U, 2000U));
        for (const auto& sender : senders)
            for (const auto& local : locals)
                for (const auto* domain : {"one.example", "two.example", "mx.example", "far.example"}) {
                    const auto recipient = local + '@' + domain;
                    const std::uint64_t size = *rc::gen::element(0U, 900U);
                    const auto said = both.lmtp(sender, recipient, size), told = both.policy(sender, recipient, size);
                    RC_LOG() << sender << " to " << recipient << ": " << said << " and " << told << '\n';
                    const bool rejects_unknown = (domain == std::string("one.example") ? one : two).unknown.kind ==
                                                     UnknownAction::Kind::reject &&
                                                 domain != std::string("mx.example");
                    const bool is_silent = said.starts_with("250") || said.starts_with("451 4.3.0") ||
                                           said.starts_with("550 5.1.2") ||
                                           (said.starts_with("550 5.1.1") && rejects_unknown);
                    RC_ASSERT(told == (is_silent ? "DUNNO" : said));
                    refused += is_silent ? 0U : 1U;
                }
    }));
    CHECK(refused > 100);
}
