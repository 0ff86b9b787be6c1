// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/rounds.hpp"

#include <doctest/doctest.h>

namespace mailctl {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
const Instant noon{hours{500000}};

DnsRow mx_row(DnsState state, std::vector<std::string> found = {}) {
    return {"example.org", "MX", "", state, true, "10 mx.", std::move(found), ""};
}
DnsDomainState after(const DnsDomainState& before, DnsState state, Instant at) {
    const std::vector rows{mx_row(state)};
    return after_round(before, rows, "example.org", at, 3);
}

TEST_CASE("a domain is active when its MX was seen right, and pending before") {
    CHECK_FALSE(after({}, DnsState::unknown, noon).since);
    const auto pending = after({}, DnsState::wrong, noon);
    CHECK_FALSE(pending.active);
    CHECK(pending.since == noon);
    CHECK(after(pending, DnsState::missing, noon + hours{2}).since == noon);
    const auto active = after(pending, DnsState::ok, noon + hours{3});
    CHECK(active.active);
    CHECK(active.since == noon + hours{3});
    CHECK(after(active, DnsState::ok, noon + hours{4}) == active);
}

TEST_CASE("an active domain does not flap") {
    auto domain = after({}, DnsState::ok, noon);
    domain = after(domain, DnsState::wrong, noon + hours{1});
    domain = after(domain, DnsState::wrong, noon + hours{1} + minutes{59}); // too soon to count
    CHECK(domain.bad_rounds == 1);
    domain = after(domain, DnsState::unknown, noon + hours{3}); // neither counts nor resets
    domain = after(domain, DnsState::propagating, noon + hours{3});
    CHECK(domain.bad_rounds == 1);
    domain = after(domain, DnsState::bogus, noon + hours{4});
    CHECK(domain.active);
    const auto saved = after(domain, DnsState::ok, noon + hours{5});
    CHECK(saved.bad_rounds == 0);
    CHECK(saved.since == noon);
    domain = after(domain, DnsState::missing, noon + hours{6});
    CHECK_FALSE(domain.active);
    CHECK(domain.since == noon + hours{6});
}

TEST_CASE("a round changes what it saw, and nothing that it could not see") {
    const std::vector first{mx_row(DnsState::ok, {"10 mx."})};
    const auto one = merge_round({}, first, noon);
    CHECK(one.changed.empty());
    CHECK(one.records.front().since == noon);
    CHECK(one.records.front().last_good == noon);
    const std::vector blind{mx_row(DnsState::unknown)};
    const auto two = merge_round(one.records, blind, noon + hours{1});
    CHECK(two.changed.empty());
    CHECK(two.records.front().row.state == DnsState::ok);
    CHECK(two.records.front().last_good == noon);
    const std::vector wrong{mx_row(DnsState::wrong, {"10 other."})};
    const auto three = merge_round(two.records, wrong, noon + hours{2});
    CHECK(three.changed.size() == 1);
    CHECK(three.records.front().since == noon + hours{2});
    CHECK(three.records.front().last_good == noon);
    CHECK(merge_round(three.records, wrong, noon + hours{3}).changed.empty());
    const std::vector moved{mx_row(DnsState::wrong, {"10 third."})};
    CHECK(merge_round(three.records, moved, noon + hours{3}).changed.size() == 1);
}

TEST_CASE("the first round tells what is not ok, and what is no longer said is told once") {
    DnsRow advice = mx_row(DnsState::advice);
    advice.aspect = "foreign-mx";
    const std::vector rows{mx_row(DnsState::ok), advice};
    const auto one = merge_round({}, rows, noon);
    REQUIRE(one.changed.size() == 1);
    CHECK(one.changed.front().state == DnsState::advice);
    const std::vector blind{mx_row(DnsState::unknown)};
    CHECK(merge_round(one.records, blind, noon).records.size() == 2);
    const std::vector good{mx_row(DnsState::ok)};
    const auto two = merge_round(one.records, good, noon);
    REQUIRE(two.changed.size() == 1);
    CHECK(two.changed.front().state == DnsState::ok);
    CHECK(two.records.size() == 1);
}

TEST_CASE("the exit status is that of the worst required record") {
    const auto status = [](std::vector<DnsRow> rows) { return exit_status_of(rows); };
    auto optional = mx_row(DnsState::missing);
    optional.required = false;
    CHECK(status({mx_row(DnsState::ok), optional}) == 0);
    CHECK(status({mx_row(DnsState::propagating)}) == 0);
    CHECK(status({mx_row(DnsState::unknown)}) == 75);
    CHECK(status({mx_row(DnsState::unknown), mx_row(DnsState::bogus)}) == 5);
}

} // namespace
} // namespace mailctl
