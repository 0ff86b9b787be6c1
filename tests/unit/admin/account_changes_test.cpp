// SPDX-License-Identifier: Apache-2.0
// Planners by themselves: values in, values out.
#include "mailctl/change/account_changes.hpp"

#include "mailctl/config/model_edits.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

const DomainName home_domain = DomainName::from_trusted("example.com");

Address at_home(const char* local) { return {LocalPart::from_trusted(local), home_domain}; }

Domain example() {
    Domain domain(home_domain);
    domain.aliases = {DomainName::from_trusted("example.net")};
    auto& paul = domain.mailboxes["paul"];
    paul.aliases = {"macca"};
    paul.autoreply.emplace().from = "Paul <macca@example.net>";
    domain.mailboxes["ringo"].forward = {at_home("paul"), at_home("john"), at_home("paul+x")};
    domain.lists["all"] = {{at_home("paul"), at_home("ringo")}, Posters::only({at_home("paul")}), at_home("paul")};
    domain.robots["hello"].from = "paul@example.net";
    domain.unknown = {UnknownAction::Kind::redirect, {at_home("paul")}, {}};
    return domain;
}

std::vector<std::string> texts(const std::vector<Address>& addresses) { return target_texts(addresses, home_domain); }

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a new account needs free names, and is no change where it says the same") {
    const auto before = example();
    DomainDraft draft(before);
    Mailbox john;
    john.aliases = {"j"};
    CHECK(*add_account(draft, "john", john, "{}"));
    CHECK(!*add_account(draft, "john", john, "{}"));
    john.name = "John";
    CHECK(add_account(draft, "john", john, "see {}").error().hint == "see john@example.com");
    CHECK(add_account(draft, "macca", Forward{}, "{}").error().kind == ErrorKind::conflict);
    Mailbox george;
    george.aliases = {"j"};
    CHECK(add_account(draft, "george", george, "{}").error().kind == ErrorKind::conflict);
    george.aliases = {"g", "g"};
    CHECK(add_account(draft, "george", george, "{}").error().what == "'g' is given twice");
}

TEST_CASE("references follow a new name in their places") {
    const auto before = example();
    DomainDraft draft(before);
    const std::vector<NewName> renamed{{at_home("paul"), at_home("saul")}};
    const NewNames names{{home_domain, before.aliases[0]}, "+", renamed};
    CHECK(follow_new_names(draft, names, "paul"));
    rename_mailbox(draft, "paul", "saul", true);
    const auto after = draft.after();
    CHECK(texts(after.mailboxes.at("ringo").forward) == Names{"saul", "john", "saul+x"});
    CHECK(texts(after.lists.at("all").members) == Names{"saul", "ringo"});
    CHECK(after.lists.at("all").post.texts() == Names{"saul@example.com"});
    CHECK(after.lists.at("all").owner->text() == "saul@example.com");
    CHECK(after.robots.at("hello").from == "saul@example.com");
    CHECK(texts(after.unknown.to) == Names{"saul"});
    CHECK(after.mailboxes.at("saul").aliases == Names{"macca", "paul"});
    CHECK(after.mailboxes.at("saul").autoreply->from == "Paul <macca@example.net>"); // still a name of his
    CHECK(!follow_new_names(draft, names, ""));
}

TEST_CASE("a mailbox may take the name of its alias") {
    const auto before = example();
    DomainDraft draft(before);
    rename_mailbox(draft, "paul", "macca", true);
    CHECK(draft.find<Mailbox>("macca")->aliases == Names{"paul"});
    CHECK(edits_of(draft).size() == 2);
}

TEST_CASE("names are handed on as aliases at home, else as forwards") {
    const auto before = example();
    DomainDraft draft(before);
    draft.remove(AccountKind::mailbox, "paul");
    hand_on_names(draft, "paul", before.mailboxes.at("paul"), at_home("Ringo"));
    CHECK(draft.find<Mailbox>("ringo")->aliases == Names{"paul", "macca"});
    DomainDraft other(before);
    other.remove(AccountKind::mailbox, "paul");
    hand_on_names(other, "paul", before.mailboxes.at("paul"), *Address::parse("x@far.example"));
    CHECK(texts(other.find<Forward>("macca")->to) == Names{"x@far.example"});
}

TEST_CASE("who leaves behind a reply keeps nothing but it") {
    auto before = example();
    before.mailboxes["paul"].forward = {at_home("john")};
    DomainDraft draft(before);
    keep_for_reply(draft, "paul", at_home("ringo"), Date(std::chrono::sys_days(std::chrono::days(20'000))));
    const auto& paul = *draft.find<Mailbox>("paul");
    CHECK(texts(paul.copy_to) == Names{"ringo"});
    CHECK(paul.forward.empty());
    CHECK(!paul.store);
    CHECK(paul.autoreply->from.empty());
    CHECK(paul.autoreply->end.has_value());
}

TEST_CASE("settings of a domain: a table goes with its last key") {
    auto before = example();
    before.dmarc = Dmarc{"none", "mailto:a@b.example"};
    before.tls = TlsFiles{"/a", "/b"};
    DomainDraft draft(before);
    const Site::Addresses rules;
    const WordContext words{home_domain, rules};
    const auto assign = [&](std::vector<Assignment> assignments) { return *assign_domain(draft, assignments, words); };
    const auto clear = [](const char* key) { return Assignment{key, Assignment::Operation::set, ""}; };
    CHECK(assign({clear("dmarc.report_to")}));
    CHECK(draft.settings().dmarc == Dmarc{"none", ""});
    CHECK(assign({clear("dmarc.policy")}));
    CHECK(!draft.settings().dmarc);
    CHECK(assign({clear("tls.key"), clear("tls.certificate")}));
    CHECK(!draft.settings().tls);
    CHECK(!assign({clear("limits.quota")}));
}
