// SPDX-License-Identifier: Apache-2.0
// Which address of the pool is drawn.
#include "mailctl/exchange/maps/sending.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

DomainName sending_domain(const char* name) { return DomainName::from_trusted(name); }

Site pool_of(std::vector<std::string> ips) {
    Site site;
    site.source_ips = std::move(ips);
    return site;
}

constexpr std::string_view installed = "# generated\n# domain a.example\n@a.example out-192-0-2-1:\n@alias.example "
                                       "out-192-0-2-1:\n# domain b.example\n@b.example out-2001-db8--1:\n"
                                       "# domain c.example\n@c.example out-198-51-100-9:\n";

} // namespace

TEST_CASE("sending addresses: the least used is drawn, domains counted and not their names") {
    auto uses = sending_uses(pool_of({"192.0.2.1", "2001:db8::1", "192.0.2.3"}), installed);
    CHECK(uses.draw(sending_domain("new.example")) == "192.0.2.3");
    CHECK(uses.draw(sending_domain("newer.example")) == "192.0.2.1"); // all equal: the first
    CHECK(uses.draw(sending_domain("newest.example")) == "2001:db8::1");
}

TEST_CASE("sending addresses: who has one keeps it") {
    auto uses = sending_uses(pool_of({"192.0.2.1", "192.0.2.3"}), installed);
    CHECK(uses.draw(sending_domain("a.example")) == "192.0.2.1");
    CHECK(uses.draw(sending_domain("a.example")) == "192.0.2.1");
    CHECK(uses.draw(sending_domain("c.example")) == "192.0.2.3"); // its own is in the pool no more
    CHECK(sending_uses(pool_of({}), installed).draw(sending_domain("a.example")).empty());
}
