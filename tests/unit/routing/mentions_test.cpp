// SPDX-License-Identifier: Apache-2.0
#include "mailctl/routing/mentions.hpp"

#include "mailctl/routing/record.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

Address address_of(const std::string& text) { return Address::parse(text).value(); }
DomainName domain_of(const std::string& text) { return DomainName::parse(text).value(); }

Domain example() {
    Domain example(domain_of("a.example"));
    auto& ann = example.mailboxes["ann"];
    ann.aliases = {"anna"};
    ann.forward = {address_of("bob+x@b.example")};
    ann.recovery = address_of("ann@c.example");
    example.forwards["info"].to = {address_of("ann@a.example"), address_of("bob@b.example")};
    example.lists["all"].members = {address_of("ann@a.example")};
    example.unknown = {UnknownAction::Kind::domain, {}, domain_of("b.example")};
    return example;
}

} // namespace

TEST_CASE("what a domain mentions, by the domain mentioned, with the names whose mail depends on it") {
    const auto mentions = mentions_of(example());
    REQUIRE(mentions.size() == 3);
    CHECK(mentions.at(domain_of("a.example")) ==
          std::vector<Mention>{{"ann", "all"}, {"ann", "info"}, {"postmaster", "all-owner"}});
    CHECK(mentions.at(domain_of("b.example")) ==
          std::vector<Mention>{{"", ""}, {"bob", "info"}, {"bob+x", "ann"}, {"bob+x", "anna"}});
    CHECK(mentions.at(domain_of("c.example")) == std::vector<Mention>{{"ann", "ann"}});
}

TEST_CASE("mentions survive being a row, and a damaged row is an error that waits") {
    const auto mentions = mentions_of(example()).at(domain_of("b.example"));
    const auto row = encode_mentions(mentions);
    CHECK(decode_mentions(row).value() == mentions);
    const auto damaged = decode_mentions(row.substr(0, row.size() - 1));
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().kind == ErrorKind::temporary);
}
