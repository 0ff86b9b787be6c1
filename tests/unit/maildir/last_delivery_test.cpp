// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/last_delivery.hpp"

#include "../os/temp_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct Inbox {
    TempDirectory root;
    MailStore store = MailStore::open(root.path(), "mx").value();
    Inbox() { REQUIRE(store.create_mailbox(paul)); }
    void put(const std::string& name) { std::ofstream(root.path() + "/one.example/paul/" + name) << "x"; }
    [[nodiscard]] std::optional<Instant> newest() const { return newest_message(*store.find_mailbox(paul).value()); }
};

Instant at(std::int64_t seconds) { return Instant{std::chrono::seconds{seconds}}; }

} // namespace

TEST_CASE("the newest unread message tells, and the newest read one where all are read") {
    Inbox inbox;
    CHECK(inbox.newest() == std::nullopt);
    inbox.put("cur/1700000100.M1P1.mx,S=1:2,S");
    inbox.put("cur/1700000300.M1P1.mx,S=1:2,S");
    CHECK(inbox.newest() == at(1700000300));
    inbox.put("new/1700000500.M1P1.mx");
    inbox.put("new/1700000400.M1P1.mx");
    CHECK(inbox.newest() == at(1700000500));
}

TEST_CASE("names that tell no time are passed over") {
    Inbox inbox;
    for (const char* name :
         {"new/notes", "new/17", "new/-5.x", "new/99999999999999999999.x", "new/999999999999.x", "new/.17.x"})
        inbox.put(name);
    CHECK(inbox.newest() == std::nullopt);
}
