// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/addresses.hpp"

#include "test_site.hpp"

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct TwoMailboxes : TestSite {
    TwoMailboxes() {
        create_domain("one.example");
        create_domain("two.example");
        create_mailbox("paul@one.example");
        create_mailbox("ringo@one.example");
    }
    const std::vector<Address> sales{address("sales@one.example")};
};

} // namespace

TEST_CASE("an alias is made, moved, listed and deleted") {
    TwoMailboxes site;
    good(create_aliases(site.world, site.sales, address("paul@one.example"), {}));
    CHECK(good(create_aliases(site.world, site.sales, address("paul@one.example"), {})).notes.front() ==
          "nothing to change");
    good(move_aliases(site.world, site.sales, address("ringo@one.example"), {}));
    const auto row = good(list_aliases(site.world, {})).rows.front();
    CHECK(TestSite::cell(row, "mailbox") == "ringo@one.example");
    good(delete_aliases(site.world, site.sales, {}));
    CHECK(good(list_aliases(site.world, {})).rows.empty());
    CHECK(bad(delete_aliases(site.world, site.sales, {})).kind == ErrorKind::missing);
}

TEST_CASE("an alias of a mailbox elsewhere is refused with the forward to make instead") {
    TwoMailboxes site;
    const std::vector alias{address("sales@two.example")};
    const auto error = bad(create_aliases(site.world, alias, address("paul@one.example"), {}));
    CHECK(error.kind == ErrorKind::conflict);
    CHECK(error.hint.find("mailctl forward create sales@two.example paul@one.example") != std::string::npos);
}

TEST_CASE("a forward is made, changed and deleted") {
    TwoMailboxes site;
    const std::vector targets{address("paul@one.example"), address("x@far.example")};
    good(create_forward(site.world, site.sales.front(), targets, {}));
    CHECK(site.domain_text("one.example").find("[forward.sales]\nto = [\"paul\", \"x@far.example\"]\n") !=
          std::string::npos);
    const std::vector less{parse_assignment("to-=x@far.example").value()};
    good(set_forward(site.world, site.sales.front(), less, {}));
    const auto row = good(show_forwards(site.world, site.sales)).rows.front();
    CHECK(TestSite::cell(row, "to") == "paul@one.example");
    good(delete_forwards(site.world, site.sales, {}));
    CHECK(bad(show_forwards(site.world, site.sales)).kind == ErrorKind::missing);
}

TEST_CASE("the catch-all is set in one line and takes no real mailbox's mail") {
    TwoMailboxes site;
    const auto action = parse_unknown_action("redirect:paul", domain("one.example")).value();
    good(set_catchall(site.world, domain("one.example"), action, {}));
    CHECK(site.domain_text("one.example").find("{ action = \"redirect\", to = [\"paul\"] }") != std::string::npos);
    const auto caught = good(explain_addresses(site.world, {{address("who@one.example")}, {}, {}})).rows.front();
    CHECK(TestSite::cell(caught, "mailboxes") == "paul@one.example");
    const auto real = good(explain_addresses(site.world, {{address("ringo@one.example")}, {}, {}})).rows.front();
    CHECK(TestSite::cell(real, "mailboxes") == "ringo@one.example");
}

TEST_CASE("names are banished by name and by pattern, and pardoned") {
    TwoMailboxes site;
    const std::vector names{address("spam@one.example"), address("promo-*@one.example")};
    good(add_banished(site.world, names, BanAnswer::reject, {}));
    CHECK(site.outcome("promo-7@one.example") == "reject");
    CHECK(good(list_banished(site.world, {})).rows.size() == 2);
    good(add_banished(site.world, names, BanAnswer::discard, {}));
    CHECK(site.outcome("spam@one.example") == "discard");
    good(remove_banished(site.world, names, {}));
    CHECK(good(list_banished(site.world, {})).rows.empty());
    const std::vector held{address("paul@one.example")};
    CHECK(bad(add_banished(site.world, held, BanAnswer::reject, {})).kind == ErrorKind::conflict);
}
