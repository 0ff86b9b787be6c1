// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/plan_delivery.hpp"

#include "example_site.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

TransactionPlan plan_for(std::vector<EnvelopeRecipient> recipients, std::string_view message = "Subject: x\n\n",
                         unsigned max_hops = 100) {
    Envelope envelope;
    envelope.recipients = std::move(recipients);
    return plan_delivery(envelope, HeaderSection::scan(message), max_hops);
}

std::string verdict(const TransactionPlan& plan, std::size_t index = 0) {
    return plan.verdicts.at(index) ? plan.verdicts[index]->reply.enhanced : "";
}

} // namespace

TEST_CASE("a mailbox reached twice gets one copy on which both recipients depend") {
    const auto plan = plan_for({recipient("a@one.example", Deliver{{local("paul@one.example")}}),
                                recipient("b@one.example", Deliver{{local("Paul@one.example")}}),
                                recipient("c@one.example", Deliver{{local("paul@one.example", 0, "lists")}})});
    REQUIRE(plan.copies.size() == 2);
    CHECK(plan.copies[0].recipients == Dependents{0, 1});
    CHECK(plan.copies[1].recipients == Dependents{2});
}

TEST_CASE("a target reached twice gets one message; each forwarding address hands over one for all its targets") {
    const auto plan = plan_for(
        {recipient("a@one.example",
                   Deliver{{forward("x@far.example", "a@one.example"), forward("y@far.example", "a@one.example")}}),
         recipient("b@one.example",
                   Deliver{{forward("X@far.example", "b@one.example"), forward("z@far.example", "b@one.example")}})});
    REQUIRE(plan.injections.size() == 2);
    REQUIRE(plan.injections[0].targets.size() == 2);
    CHECK(plan.injections[0].targets[0].recipients == Dependents{0, 1});
    REQUIRE(plan.injections[1].targets.size() == 1);
    CHECK(plan.injections[1].targets[0].to == address("z@far.example"));
}

TEST_CASE("refusals, deferrals and discards are answers already") {
    const auto plan =
        plan_for({recipient("a@one.example", Reject{550, "5.1.1", "no"}),
                  recipient("b@one.example", Defer{451, "4.3.0", "later"}), recipient("c@one.example", Discard{})});
    CHECK(verdict(plan, 0) == "5.1.1");
    CHECK(verdict(plan, 1) == "4.3.0");
    CHECK(verdict(plan, 2) == "2.0.0");
    CHECK(plan.copies.empty());
}

TEST_CASE("a message that was in the mailbox before and only comes to be stored is stored") {
    const std::string_view seen = "Received: x\nDELIVERED-TO:\n PAUL@One.Example\nSubject: x\n\n";
    auto caught = local("paul@one.example");
    caught.by_catch_all = true;
    for (const auto& place : {caught, local("paul@one.example")}) {
        const auto plan = plan_for({recipient("a@one.example", Deliver{{place}})}, seen);
        CHECK(verdict(plan).empty());
        CHECK(plan.copies.size() == 1);
    }
    CHECK(verdict(plan_for({recipient("paul@one.example", Deliver{{local("paul@one.example"),
                                                                   forward("x@far.example", "paul@one.example")}})},
                           seen)) == "5.4.6"); // it would go on
    CHECK(verdict(plan_for({recipient("a@one.example", Deliver{{local("paul@two.example")}})}, seen)).empty());
    CHECK(verdict(plan_for({recipient("a@one.example", Deliver{{local("paul@one.example")}})},
                           "Subject: x\n\nDelivered-To: paul@one.example\n"))
              .empty());
}

TEST_CASE("a loop through the forwarding address refuses the recipient, with all its copies") {
    const auto plan =
        plan_for({recipient("info@one.example",
                            Deliver{{local("ringo@one.example"), forward("x@far.example", "info@one.example")}}),
                  recipient("ringo@one.example", Deliver{{local("ringo@one.example")}})},
                 "Delivered-To: info@one.example\n\n");
    CHECK(verdict(plan, 0) == "5.4.6");
    CHECK(plan.injections.empty());
    REQUIRE(plan.copies.size() == 1);
    CHECK(plan.copies[0].recipients == Dependents{1});
}

TEST_CASE("one of several mailboxes that has seen the message is left out") {
    const auto plan =
        plan_for({recipient("all@one.example", Deliver{{local("paul@one.example"), local("ringo@one.example")}})},
                 "Delivered-To: paul@one.example\n\n");
    CHECK(verdict(plan).empty());
    REQUIRE(plan.copies.size() == 1);
    CHECK(plan.copies[0].place.mailbox == address("ringo@one.example"));
}

TEST_CASE("too many Received lines refuse every delivery") {
    const std::string_view message = "Received: 1\nReceived: 2\nReceived: 3\n\n";
    const auto deliver = recipient("a@one.example", Deliver{{local("paul@one.example")}});
    CHECK(verdict(plan_for({deliver}, message, 3)).empty());
    CHECK(verdict(plan_for({deliver, recipient("s@one.example", Discard{})}, message, 2)) == "5.4.6");
}

TEST_CASE("the rule that decided over a recipient is the first match past the domain") {
    const Plan plan{address("i@one.example"),
                    address("i@one.example"),
                    {{"domain", "one.example", "itself", true},
                     {"banished", "i", "not found", false},
                     {"exact name", "i", "forward", true},
                     {"domain", "far.example", "elsewhere", true}},
                    Discard{}};
    CHECK(deciding_rule(plan) == "exact name: forward");
}

TEST_CASE("a robot that copies to nobody takes the mail, unless it has too many hops") {
    const std::vector<EnvelopeRecipient> robot{
        recipient("robot@one.example", Deliver{{}, {address("robot@one.example")}})};
    const auto plan = plan_for(robot);
    CHECK(verdict(plan) == "2.0.0");
    CHECK(plan.verdicts[0]->result == "accepted");
    CHECK(verdict(plan_for(robot, "Received: x\nReceived: y\n\n", 1)) == "5.4.6");
}

namespace {

LocalDelivery by_list(LocalDelivery place, std::string_view list = "sales@one.example") {
    place.list = address(list);
    return place;
}
ForwardDelivery by_list(ForwardDelivery target, std::string_view list = "sales@one.example") {
    target.list = address(list);
    return target;
}

TransactionPlan plan_from(const Sender& sender, std::vector<EnvelopeRecipient> recipients, std::string_view message) {
    Envelope envelope;
    envelope.sender = sender;
    envelope.recipients = std::move(recipients);
    return plan_delivery(envelope, HeaderSection::scan(message), 100);
}
const Sender somebody = address("a@far.example");
const std::string_view plain = "Subject: x\n\n";

} // namespace

TEST_CASE("who is addressed directly and through a list gets the direct copy only, in whatever order and folder") {
    const auto sales =
        recipient("sales@one.example", Deliver{{by_list(local("paul@one.example")), by_list(local("ringo@one.example")),
                                                by_list(forward("x@far.example", "sales@one.example"))}});
    const auto paul =
        recipient("paul+lists@one.example",
                  Deliver{{local("paul@one.example", 0, "lists"), forward("x@far.example", "paul@one.example")}});
    const auto plan = plan_from(somebody, {sales, paul}, plain);
    REQUIRE(plan.copies.size() == 2);
    CHECK_FALSE(plan.copies[0].place.list);
    CHECK(plan.copies[0].recipients == Dependents{1});
    CHECK(plan.copies[0].content == Dependents{0});
    CHECK(plan.copies[1].place.list == address("sales@one.example"));
    REQUIRE(plan.injections.size() == 1);
    CHECK_FALSE(plan.injections[0].list);
    CHECK(plan.injections[0].targets.at(0).content == Dependents{0});
}

TEST_CASE("a message that came through a list is a loop for that list, and for nothing else") {
    const std::string_view seen = "List-Id: <sales.one.example>\nSubject: x\n\n";
    const auto sales = recipient("sales@one.example", Deliver{{by_list(local("paul@one.example"))}});
    const auto plan =
        plan_from(somebody, {sales, recipient("ringo@one.example", Deliver{{local("ringo@one.example")}})}, seen);
    CHECK(verdict(plan, 0) == "5.4.6");
    CHECK(verdict(plan, 1).empty());
    REQUIRE(plan.copies.size() == 1);
    const auto both =
        plan_from(somebody,
                  {recipient("all@one.example", Deliver{{by_list(local("paul@one.example")),
                                                         by_list(local("ringo@one.example"), "all@one.example")}})},
                  seen);
    CHECK(verdict(both).empty());
    REQUIRE(both.copies.size() == 1);
    CHECK(both.copies[0].place.mailbox == address("ringo@one.example"));
    REQUIRE(both.left_out.size() == 1);
    CHECK(both.left_out[0].list == address("sales@one.example"));
}

TEST_CASE("what a program wrote is accepted by a list and lost, and delivered to whom it also is for") {
    const auto sales = recipient("sales@one.example", Deliver{{by_list(local("paul@one.example"))}});
    for (const std::string_view automatic :
         {"Auto-Submitted: auto-replied\n\n", "Content-Type: multipart/report; boundary=b\n\n",
          "Auto-Submitted: auto-generated\nList-Id: <sales.one.example>\n\n"}) {
        const auto plan = plan_from(somebody, {sales}, automatic);
        CHECK(verdict(plan) == "2.0.0");
        CHECK(plan.verdicts[0]->result == "discarded");
        CHECK(plan.verdicts[0]->why == "list: automatic mail is not redistributed");
    }
    CHECK(verdict(plan_from({}, {sales}, plain)) == "2.0.0");
    const auto mixed =
        recipient("info@one.example", Deliver{{local("ringo@one.example"), by_list(local("paul@one.example"))}});
    const auto plan = plan_from({}, {mixed}, plain);
    CHECK(verdict(plan).empty());
    REQUIRE(plan.copies.size() == 1);
    CHECK(plan.left_out.size() == 1);
}

TEST_CASE("a held message has one copy for each name, and a relayed one goes out by a name of its own") {
    const Deliver candidate{{RelayDelivery{address("Joe@one.example"), "mx.customer.example:25"},
                             HoldDelivery{HoldDelivery::Why::candidate, address("joe@one.example")}}};
    const auto plan = plan_for(
        {recipient("Joe@one.example", candidate), recipient("joe+x@one.example", candidate),
         recipient("b@one.example", Deliver{{HoldDelivery{HoldDelivery::Why::suspended, address("b@one.example")}}})});
    REQUIRE(plan.holds.size() == 2);
    CHECK(plan.holds[0].recipients == Dependents{0, 1});
    REQUIRE(plan.injections.size() == 1);
    CHECK(plan.injections[0].relay == "mx.customer.example:25");
    CHECK(plan.injections[0].by == address("Joe@one.example"));
    CHECK(plan.injections[0].targets[0].to == address("Joe@one.example.mailctl-relay.invalid"));
    CHECK(plan.injections[0].targets[0].recipients == Dependents{0, 1});
}

TEST_CASE("what comes back from the customer's server is a loop") {
    const Deliver relayed{
        {RelayDelivery{address("macca@one.example"), "mx.customer.example:25"}, local("paul@one.example")}};
    const auto plan =
        plan_for({recipient("macca@one.example", relayed)}, "Delivered-To: Macca@one.example\nSubject: x\n\n");
    CHECK(verdict(plan) == "5.4.6");
    CHECK(plan.injections.empty());
}

TEST_CASE("mail for another machine of the site leaves apart from that for outside, and waits where it comes back") {
    const auto for_node = [](std::string_view to, std::string_view by) {
        auto delivery = forward(to, by);
        delivery.node = "b";
        return delivery;
    };
    const auto mark = "bob=one.example@a.example";
    const auto recipients = [&] {
        return std::vector{recipient("bob@one.example", Deliver{{for_node("bob@one.example", mark)}}),
                           recipient("info@one.example", Deliver{{for_node("ann@one.example", "info@one.example"),
                                                                  forward("x@far.example", "info@one.example")}})};
    };
    const auto plan = plan_for(recipients());
    REQUIRE(plan.injections.size() == 3);
    CHECK((plan.injections[0].within_site && plan.injections[1].within_site && !plan.injections[2].within_site));
    const auto again =
        plan_for(recipients(), "Delivered-To: bob=one.example@a.example\nDelivered-To: info@one.example\n\n");
    REQUIRE(again.verdicts[0]);
    CHECK(again.verdicts[0]->reply.code == 451);
    REQUIRE(again.verdicts[1]);
    CHECK(again.verdicts[1]->reply.code == 554); // a forward that meets itself is what it always was
}
