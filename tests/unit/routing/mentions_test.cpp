#include "mailctl/routing/mentions.hpp"

#include "mailctl/routing/record.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

Address address(const std::string& text) { return Address::parse(text).value(); }
DomainName domain(const std::string& text) { return DomainName::parse(text).value(); }

Domain example() {
    Domain example(domain("a.example"));
    auto& ann = example.mailboxes["ann"];
    ann.aliases = {"anna"};
    ann.forward = {address("bob+x@b.example")};
    ann.recovery = address("ann@c.example");
    example.forwards["info"].to = {address("ann@a.example"), address("bob@b.example")};
    example.lists["all"].members = {address("ann@a.example")};
    example.unknown = {UnknownAction::Kind::domain, {}, domain("b.example")};
    return example;
}

} // namespace

TEST_CASE("what a domain mentions, by the domain mentioned, with the names whose mail depends on it") {
    const auto mentions = mentions_of(example());
    REQUIRE(mentions.size() == 3);
    CHECK(mentions.at(domain("a.example")) ==
          std::vector<Mention>{{"ann", "all"}, {"ann", "info"}, {"postmaster", "all-owner"}});
    CHECK(mentions.at(domain("b.example")) ==
          std::vector<Mention>{{"", ""}, {"bob", "info"}, {"bob+x", "ann"}, {"bob+x", "anna"}});
    CHECK(mentions.at(domain("c.example")) == std::vector<Mention>{{"ann", "ann"}});
}

TEST_CASE("mentions survive being a row, and a damaged row is an error that waits") {
    const auto mentions = mentions_of(example()).at(domain("b.example"));
    const auto row = encode_mentions(mentions);
    CHECK(decode_mentions(row).value() == mentions);
    const auto damaged = decode_mentions(row.substr(0, row.size() - 1));
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().kind == ErrorKind::temporary);
}
