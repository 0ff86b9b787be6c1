// SPDX-License-Identifier: Apache-2.0
#include "responding.hpp"

#include "example_site.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

ModelLookup::Domains one_domain() {
    Domain one(DomainName::from_trusted("one.example"));
    one.aliases = {DomainName::from_trusted("uno.example")};
    one.mailboxes["paul"].aliases = {"macca"};
    one.mailboxes["paul"].autoreply = Autoreply{};
    one.mailboxes["paul"].autoreply->message = "away";
    for (const char* name : {"robot", "other"})
        one.robots[name].message = "hello";
    return {{one.name, one}};
}

struct Decided {
    std::vector<std::string> due, declined;
};

Decided decide(std::vector<EnvelopeRecipient> recipients, std::string_view header, std::vector<LmtpReply> replies = {},
               bool all_or_nothing = false) {
    const Site site;
    const auto domains = one_domain();
    const ModelLookup lookup(site, domains);
    Envelope envelope;
    envelope.id = "ID";
    envelope.sender = address("ann@far.example");
    envelope.recipients = std::move(recipients);
    envelope.all_or_nothing = all_or_nothing;
    replies.resize(envelope.recipients.size(), {250, "2.0.0", "ok"});
    const auto section = HeaderSection::scan(header);
    const auto decisions = decide_answers({envelope, replies, section, noon, {}}, lookup, site, {});
    Decided decided;
    for (const auto& due : decisions.due)
        decided.due.push_back(due.responder.text());
    for (const auto& entry : decisions.declined)
        decided.declined.push_back(entry.where + ": " + entry.why);
    return decided;
}

EnvelopeRecipient to(std::string_view asked, std::vector<std::string> responders) {
    Deliver deliver;
    for (const auto& each : responders)
        deliver.responders.push_back(address(each));
    return recipient(asked, deliver);
}
using Texts = std::vector<std::string>;
constexpr std::string_view for_paul = "To: Paul <MACCA+x@uno.example>\nSubject: x\n\n";

} // namespace

TEST_CASE("a responder that is named by any of its names answers, once for a message") {
    const auto decided =
        decide({to("paul@one.example", {"paul@one.example"}), to("macca@one.example", {"paul@one.example"})}, for_paul);
    CHECK(decided.due == Texts{"paul@one.example"});
    CHECK(decided.declined.empty());
}

TEST_CASE("a recipient that was refused or must wait is not answered, nor anybody where the message comes again") {
    const std::vector<EnvelopeRecipient> both{to("paul@one.example", {"paul@one.example"}), to("x@one.example", {})};
    CHECK(decide(both, for_paul, {{451, "4.2.0", "later"}}).due.empty());
    CHECK(decide(both, for_paul, {{552, "5.2.2", "full"}}).due.empty());
    CHECK(decide(both, for_paul, {{250, "2.0.0", "ok"}, {451, "4.2.0", "later"}}).due.size() == 1);
    CHECK(decide(both, for_paul, {{250, "2.0.0", "ok"}, {451, "4.2.0", "later"}}, true).due.empty());
}

TEST_CASE("a forward lets a robot answer for it, but nobody who is away") {
    constexpr std::string_view header = "To: info@one.example\n\n";
    CHECK(decide({to("info@one.example", {"robot@one.example"})}, header).due == Texts{"robot@one.example"});
    const auto away = decide({to("info@one.example", {"paul@one.example"})}, header);
    CHECK(away.due.empty());
    CHECK(away.declined == Texts{"paul@one.example: its recipient fields do not name this address"});
}

TEST_CASE("the copy that a robot sends to another robot is not answered again") {
    const auto decided = decide({to("robot@one.example", {"robot@one.example", "other@one.example"})},
                                "To: robot@one.example, other@one.example\n\n");
    CHECK(decided.due == Texts{"robot@one.example"});
}

TEST_CASE("what was switched off meanwhile does not answer") {
    const auto decided = decide({to("gone@one.example", {"gone@one.example"})}, "To: gone@one.example\n\n");
    CHECK(decided.declined == Texts{"gone@one.example: it was switched off meanwhile"});
}
