// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/domain_draft.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

Domain example() {
    Domain domain(DomainName::from_trusted("example.com"));
    domain.owner = "alice";
    domain.mailboxes["paul"].aliases = {"macca"};
    domain.mailboxes["ringo"].name = "Ringo";
    domain.forwards["info"];
    domain.banished = {{"spam", BanAnswer::reject}, {"promo-*", BanAnswer::discard}};
    return domain;
}

} // namespace

TEST_CASE("what nobody touches is as it was, and is no change") {
    const auto before = example();
    DomainDraft draft(before);
    CHECK(draft.find<Mailbox>("paul") == &before.mailboxes.at("paul"));
    CHECK(draft.find<Mailbox>("george") == nullptr);
    CHECK(draft.edit<Mailbox>("george") == nullptr);
    CHECK(draft.accounts().empty());
    CHECK(draft.after() == before);
}

TEST_CASE("an account is changed, made, removed and made again") {
    const auto before = example();
    DomainDraft draft(before);
    draft.edit<Mailbox>("ringo")->name = "Richard";
    draft.put("george", Mailbox{});
    draft.remove(AccountKind::forward, "info");
    CHECK(draft.find<Mailbox>("ringo")->name == "Richard");
    CHECK(draft.find<Mailbox>("george") != nullptr);
    CHECK(draft.find<Forward>("info") == nullptr);
    CHECK(!draft.holder("info"));
    draft.put("info", Forward{{Address{LocalPart::from_trusted("paul"), before.name}}});
    CHECK(draft.find<Forward>("info")->to.size() == 1);
    REQUIRE(draft.accounts().size() == 3);
    CHECK(draft.accounts()[2].before.has_value()); // changed, as the file sees it
    CHECK(DomainDraft::between(before, draft.after()).after() == draft.after());
}

TEST_CASE("names are held by who will have them") {
    const auto before = example();
    DomainDraft draft(before);
    CHECK(draft.holder("macca") == "alias of mailbox 'paul'");
    CHECK(draft.holder("spam") == "banished name 'spam'");
    CHECK(!draft.holder("promo-*"));
    draft.edit<Mailbox>("paul")->aliases.clear();
    CHECK(!draft.holder("macca"));
    draft.edit<Mailbox>("ringo")->aliases = {"macca"};
    CHECK(draft.mailbox_with_alias("macca") == "ringo");
    draft.rename(AccountKind::mailbox, "paul", "saul");
    CHECK(!draft.holder("paul"));
    CHECK(draft.holder("saul") == "mailbox 'saul'");
    draft.put("paul", Forward{});
    CHECK(draft.holder("paul") == "forward 'paul'");
}

TEST_CASE("a name that was renamed away may be given out anew") {
    const auto before = example();
    DomainDraft draft(before);
    draft.rename(AccountKind::mailbox, "paul", "saul");
    draft.put("paul", Mailbox{});
    REQUIRE(draft.accounts().size() == 2);
    CHECK(draft.accounts()[0].renamed_from == "paul");
    CHECK(!draft.accounts()[1].before);
    CHECK(draft.after().mailboxes.at("saul").aliases == std::vector<std::string>{"macca"});
    CHECK(draft.after().mailboxes.at("paul").aliases.empty());
}
