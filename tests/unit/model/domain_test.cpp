// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/domain.hpp"

#include <doctest/doctest.h>

namespace mailctl {
namespace {

Domain beatles() {
    Domain domain(*DomainName::parse("example.com"));
    domain.mailboxes["paul"].aliases = {"macca"};
    domain.forwards["info"];
    domain.robots["feedback"];
    domain.lists["sales"];
    domain.banished = {{"spam", BanAnswer::discard}, {"promo-*", BanAnswer::reject}};
    return domain;
}

} // namespace

TEST_CASE("a name tells who holds it") {
    const auto domain = beatles();
    CHECK(holder_of(domain, "paul") == "mailbox 'paul'");
    CHECK(holder_of(domain, "macca") == "alias of mailbox 'paul'");
    CHECK(holder_of(domain, "info") == "forward 'info'");
    CHECK(holder_of(domain, "feedback") == "robot 'feedback'");
    CHECK(holder_of(domain, "sales") == "list 'sales'");
    CHECK(holder_of(domain, "spam") == "banished name 'spam'");
}

TEST_CASE("a free name is held by nobody, also when a banished pattern covers it") {
    const auto domain = beatles();
    CHECK_FALSE(holder_of(domain, "ringo").has_value());
    CHECK_FALSE(holder_of(domain, "promo-1").has_value());
    CHECK_FALSE(holder_of(domain, "promo-*").has_value());
}

TEST_CASE("a suspension holds through its last day") {
    using namespace std::chrono;
    Suspension suspension;
    suspension.until = 2026y / December / 31;
    CHECK(in_force(suspension, 2026y / December / 31));
    CHECK_FALSE(in_force(suspension, 2027y / January / 1));
    CHECK(in_force(Suspension{}, 2099y / January / 1));
}

TEST_CASE("the alternate name drops the dots of the real one") {
    const auto name = alternate_name(*DomainName::parse("my-domain.zz"), *DomainName::parse("backup.example.net"));
    CHECK(name.text() == "my-domainzz.backup.example.net");
}

} // namespace mailctl
