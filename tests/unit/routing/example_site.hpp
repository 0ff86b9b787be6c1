// SPDX-License-Identifier: Apache-2.0
// A small site that routing and exchange tests share, and the outcome of a Plan as one line of text.
#pragma once

#include "mailctl/base/text.hpp"
#include "mailctl/routing/resolve.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace mailctl::example {

inline Address address(std::string_view text) { return Address::parse(text).value(); }
inline DomainName name(std::string_view text) { return DomainName::parse(text).value(); }
inline std::vector<Address> addresses(std::initializer_list<std::string_view> texts) {
    std::vector<Address> result;
    for (const auto text : texts)
        result.push_back(address(text));
    return result;
}

inline std::string delivery_text(const LocalDelivery& local) {
    return fmt::format("deliver {}{}{}{}", local.mailbox.text(), local.folder.empty() ? "" : " [" + local.folder + "]",
                       local.by_catch_all ? " (catch-all)" : "", local.list ? " (" + local.list->text() + ")" : "");
}
inline std::string delivery_text(const ForwardDelivery& forward) {
    return fmt::format("forward {} by {}{}{}", forward.to.text(), forward.by.text(),
                       forward.by_catch_all ? " (catch-all)" : "",
                       forward.list ? " (" + forward.list->text() + ")" : "");
}
inline std::string delivery_text(const HoldDelivery& hold) {
    return fmt::format("hold {} {}", hold.why == HoldDelivery::Why::candidate ? "candidate" : "suspended",
                       hold.name.text());
}
inline std::string delivery_text(const RelayDelivery& relay) {
    return fmt::format("relay {} to {}", relay.to.text(), relay.server);
}

// "deliver paul@one.example [lists], forward x@far.example (catch-all)", "reject 550 5.1.1", ...
inline std::string outcome_text(const Plan& plan) {
    if (const auto* reject = std::get_if<Reject>(&plan.outcome))
        return fmt::format("reject {} {}", reject->code, reject->enhanced);
    if (const auto* defer = std::get_if<Defer>(&plan.outcome))
        return fmt::format("defer {} {}", defer->code, defer->enhanced);
    if (std::holds_alternative<Discard>(plan.outcome)) return "discard";
    std::vector<std::string> parts;
    const auto& deliver = std::get<Deliver>(plan.outcome);
    for (const auto& delivery : deliver.deliveries)
        parts.push_back(std::visit([](const auto& each) { return delivery_text(each); }, delivery));
    for (const auto& responder : deliver.responders)
        parts.push_back("answer " + responder.text());
    return join(parts, ", ");
}

inline Suspension suspension(SuspendedReceive receive) { return {false, receive, "", std::nullopt}; }

// One domain of each kind of catch-all, and one name of each kind.
struct ExampleSite {
    Site site;
    ModelLookup::Domains domains;

    ExampleSite() {
        using namespace std::chrono;
        site.postmaster = address("admin@one.example");
        site.alternate_suffix = name("backup.example.org");

        auto& one = add("one.example");
        one.aliases = {name("uno.example")};
        one.mailboxes["admin"];
        auto& paul = one.mailboxes["paul"];
        paul.aliases = {"macca", "paul.m"};
        paul.quota = ByteCount{1048576};
        one.mailboxes["copied"].forward = addresses({"x@far.example"});
        one.mailboxes["copied"].copy_to = addresses({"paul@one.example"});
        one.mailboxes["away"].store = false;
        one.mailboxes["away"].forward = addresses({"x@far.example"});
        one.mailboxes["self"].store = false;
        one.mailboxes["self"].forward = addresses({"self@one.example", "x@far.example"});
        one.mailboxes["unpaid"].suspend = suspension(SuspendedReceive::reject);
        one.mailboxes["later"].suspend = suspension(SuspendedReceive::defer);
        one.mailboxes["held"].suspend = suspension(SuspendedReceive::hold);
        one.mailboxes["silent"].suspend = suspension(SuspendedReceive::accept);
        one.mailboxes["ended"].suspend = suspension(SuspendedReceive::reject);
        one.mailboxes["ended"].suspend->until = Date{2026y / 11 / 21};
        one.forwards["info"].to = addresses({"paul@one.example", "someone@far.example"});
        one.forwards["nested"].to = addresses({"info@uno.example", "MACCA@one.example", "ringo@two.example"});
        one.forwards["broken"].to = addresses({"paul@one.example", "nobody@one.example"});
        one.forwards["dangling"].to = addresses({"nobody@one.example"});
        one.forwards["loop-a"].to = addresses({"loop-b@one.example"});
        one.forwards["loop-b"].to = addresses({"loop-a@one.example"});
        one.forwards["loop-out"].to = addresses({"loop-out@one.example", "paul@one.example"});
        one.forwards["waits"].to = addresses({"later@one.example"});
        one.forwards["half-waits"].to = addresses({"later@one.example", "paul@one.example"});
        one.forwards["to-unpaid"].to = addresses({"unpaid@one.example"});
        one.forwards["to-banned"].to = addresses({"void@one.example"});
        one.forwards["plus"].to = addresses({"paul+lists@one.example"});
        one.robots["robot"].message = "Thank you.";
        one.robots["helper"].message = "Thank you.";
        one.robots["helper"].copy_to = addresses({"paul@one.example", "x@far.example"});
        one.robots["mute"];
        one.robots["mute-copies"].copy_to = addresses({"paul@one.example"});
        one.mailboxes["replies"].autoreply.emplace().message = "Away.";
        one.mailboxes["replies"].aliases = {"replies.too"};
        one.mailboxes["quiet"].autoreply.emplace().message = "";
        one.mailboxes["no-reply-now"].autoreply.emplace().message = "Away.";
        one.mailboxes["no-reply-now"].suspend = {true, SuspendedReceive::accept, "", std::nullopt};
        one.lists["list"].members = addresses({"paul@one.example", "copied@one.example", "ringo@two.example"});
        one.lists["outer"].members = addresses({"list@uno.example", "macca@one.example", "replies@one.example"});
        one.lists["ring"].members = addresses({"ring@one.example"});
        one.lists["elsewhere"].members = addresses(
            {"x@far.example", "paul@one.example", "info@one.example", "robot@one.example", "nobody@two.example"});
        one.lists["closed"].members = addresses({"paul@one.example"});
        one.lists["closed"].post = {Posters::Who::members};
        one.lists["own"].members = addresses({"paul@one.example"});
        one.lists["own"].post = {Posters::Who::domain};
        one.lists["chosen"].members = addresses({"paul@one.example"});
        one.lists["chosen"].post = Posters::only({address("boss@far.example"), address("ringo@two.example")});
        one.lists["owned"].members = addresses({"paul@one.example"});
        one.lists["owned"].owner = address("boss@far.example");
        one.banished = {{"void", BanAnswer::discard},
                        {"spam", BanAnswer::reject},
                        {"promo-ok*", BanAnswer::discard},
                        {"promo-*", BanAnswer::reject}};

        auto& two = add("two.example"); // catch-all by mailbox, and everything a catch-all must not take
        two.mailboxes["catchrest"];
        two.mailboxes["ringo"];
        two.mailboxes["unpaid"].suspend = suspension(SuspendedReceive::reject);
        two.forwards["postmaster"].to = addresses({"ringo@two.example"});
        two.banished = {{"spam", BanAnswer::reject}, {"void", BanAnswer::discard}, {"promo-*", BanAnswer::reject}};

        auto& redirect = add("redirect.example");
        redirect.unknown = {UnknownAction::Kind::redirect, addresses({"paul@one.example", "x@far.example"}), {}};
        redirect.mailboxes["real"];

        auto& discard = add("discard.example");
        discard.unknown = {UnknownAction::Kind::discard, {}, {}};
        discard.mailboxes["real"].aliases = {"alias"};

        add("other.example").unknown = {UnknownAction::Kind::domain, {}, name("one.example")};
        domains.at(name("other.example")).mailboxes["real"];
        add("out.example").unknown = {UnknownAction::Kind::domain, {}, name("far.example")};
        add("chain.example").unknown = {UnknownAction::Kind::domain, {}, name("redirect.example")};
        add("ring-a.example").unknown = {UnknownAction::Kind::domain, {}, name("ring-b.example")};
        add("ring-b.example").unknown = {UnknownAction::Kind::domain, {}, name("ring-a.example")};
        add("candidate.example").unknown = {UnknownAction::Kind::candidate, {}, {}};

        auto& relayed = add("relayed.example");
        relayed.relay_to = "mx.customer.example:25";
        relayed.mailboxes["paul"].aliases = {"p"};
        relayed.forwards["info"].to = addresses({"paul@relayed.example", "ringo@two.example"});
        relayed.banished = {{"void", BanAnswer::discard}};
        add("relayed-all.example").relay_to = "mx.customer.example:25";
        domains.at(name("relayed-all.example")).unknown.kind = UnknownAction::Kind::discard;

        auto& closed = add("closed.example");
        closed.state = DomainState::suspended;
        closed.mailboxes["paul"];
    }

    Domain& add(std::string_view text) { return domains.emplace(name(text), Domain(name(text))).first->second; }
    [[nodiscard]] ModelLookup lookup() const { return {site, domains}; }
    [[nodiscard]] ResolveSettings settings() const {
        using namespace std::chrono;
        return resolve_settings(site, Date{2026y / 11 / 22});
    }
    [[nodiscard]] Plan plan(std::string_view recipient) const {
        return resolve(lookup(), settings(), address(recipient)).value();
    }
    [[nodiscard]] std::string outcome_from(const Sender& sender, std::string_view recipient) const {
        auto with_sender = settings();
        with_sender.sender = sender;
        return outcome_text(resolve(lookup(), with_sender, address(recipient)).value());
    }
    [[nodiscard]] std::string outcome(std::string_view recipient) const { return outcome_text(plan(recipient)); }
};

} // namespace mailctl::example
