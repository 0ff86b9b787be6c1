// SPDX-License-Identifier: Apache-2.0
// What is published of a domain, read back on its machines, is the domain.
#include "mailctl/exchange/published_rows.hpp"

#include "mailctl/config/domain_file.hpp"
#include "random_accounts.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace mailctl;
using namespace mailctl::test;

namespace {

const Site::Addresses usual_rules;

void put_account(Domain& domain, const std::string& local, const Account& account) {
    if (const auto* mailbox = std::get_if<Mailbox>(&account)) domain.mailboxes.emplace(local, *mailbox);
    if (const auto* forward = std::get_if<Forward>(&account)) domain.forwards.emplace(local, *forward);
    if (const auto* robot = std::get_if<Robot>(&account)) domain.robots.emplace(local, *robot);
    if (const auto* list = std::get_if<List>(&account)) domain.lists.emplace(local, *list);
    if (const auto* ban = std::get_if<Ban>(&account)) domain.banished.push_back(*ban);
}

// As the file of the machine says it: where it lives is not said again.
Domain at_home(Domain domain) {
    domain.node.clear();
    for (auto& [unused, mailbox] : domain.mailboxes)
        mailbox.node.clear();
    return domain;
}

Domain example_domain() {
    Domain domain(own);
    domain.node = "a";
    domain.aliases = {DomainName::from_trusted("example.net")};
    domain.mailboxes["paul"].aliases = {"macca"};
    domain.mailboxes["vip"].node = "b";
    domain.mailboxes["vip"].aliases = {"important"};
    domain.forwards["info"].to = {Address{LocalPart::from_trusted("paul"), own}};
    domain.banished = {{"z-*", BanAnswer::reject}, {"a-*", BanAnswer::discard}};
    return domain;
}

std::vector<std::string> names_in(const std::vector<PublishedRow>& rows) {
    std::vector<std::string> names;
    for (const auto& row : rows)
        names.push_back(std::string(1, static_cast<char>(row.kind)) + row.local);
    return names;
}

std::string length_of(std::string_view bytes) { return std::to_string(bytes.size()); }

} // namespace

TEST_CASE("each machine of a domain gets its own mailboxes, and the domain's knows which names are elsewhere") {
    const auto parts = publish_domain(example_domain());
    REQUIRE(parts.size() == 2);
    CHECK(names_in(parts.at("a")) ==
          std::vector<std::string>{"d", "ba-*", "eimportant", "finfo", "amacca", "mpaul", "evip", "bz-*"});
    CHECK(names_in(parts.at("b")) == std::vector<std::string>{"d", "ba-*", "aimportant", "mvip", "bz-*"});
    CHECK(parts.at("a").front().payload.find("node") == std::string::npos);
    const auto at_a = domain_of_rows(parts.at("a"), own, usual_rules),
               at_b = domain_of_rows(parts.at("b"), own, usual_rules);
    REQUIRE((at_a && at_b));
    CHECK(at_a->unknown == UnknownAction{});
    CHECK(at_a->elsewhere == std::map<std::string, Elsewhere>{{"important", {"b"}}, {"vip", {"b"}}});
    CHECK(at_b->unknown.kind == UnknownAction::Kind::elsewhere);
    CHECK(at_b->unknown.node == "a");
    CHECK(at_b->elsewhere.empty());
}

TEST_CASE("a machine's own file says what was published for it, elsewhere included") {
    const auto parts = publish_domain(example_domain());
    for (const auto* node : {"a", "b"}) {
        auto here = domain_of_rows(parts.at(node), own, usual_rules);
        REQUIRE(here);
        here->node = node;
        CHECK(publish_domain(*here).at(node) == parts.at(node));
    }
}

TEST_CASE("a domain of the administration host is published for the mailboxes that live elsewhere") {
    auto domain = example_domain();
    domain.node.clear();
    const auto parts = publish_domain(domain);
    REQUIRE(parts.size() == 1);
    CHECK(parts.contains("b"));
    domain.mailboxes.erase("vip");
    CHECK(publish_domain(domain).empty());
}

TEST_CASE("rows read back are the domain, its patterns in their order, and a seal changes nothing of it") {
    auto domain = example_domain();
    domain.mailboxes.erase("vip");
    auto parts = publish_domain(domain);
    CHECK(domain_of_rows(parts.at("a"), own, usual_rules).value() == at_home(domain));
    seal_parts(parts, length_of);
    CHECK(seal_of(parts.at("a").front().payload).size() > 1);
    CHECK(domain_of_rows(parts.at("a"), own, usual_rules).value() == at_home(domain));
    CHECK(text_of_rows(parts.at("a")).starts_with("# The mail domain"));
    CHECK(read_row(parts.at("a").front(), own, usual_rules)->domain->banished == domain.banished);
}

TEST_CASE("any account is published and read back as it is") {
    CHECK(rc::check("one row, one account", [] {
        Domain domain(own);
        domain.node = "store-2.example.com";
        put_account(domain, "some", some_account());
        const auto parts = publish_domain(domain);
        const auto& rows = parts.at("store-2.example.com");
        RC_PRE(parse_domain(text_of_rows(rows), "test", own, usual_rules).has_value()); // some no file could hold
        const auto gathered = domain_of_rows(rows, own, usual_rules);
        if (!gathered) RC_LOG() << gathered.error().what;
        RC_ASSERT(gathered.has_value());
        RC_ASSERT(*gathered == at_home(domain));
        Domain again(own);
        for (const auto& row : rows)
            if (const auto read = read_row(row, own, usual_rules); read && read->account)
                put_account(again, row.local, *read->account);
        again.banished = domain.banished;
        RC_ASSERT(again == at_home(domain));
    }));
}

TEST_CASE("a damaged row is refused and named") {
    for (const auto& row :
         {PublishedRow{"paul", RowKind::mailbox, ""}, PublishedRow{"paul", RowKind::mailbox, "[mailbox.ringo]\n"},
          PublishedRow{"paul", RowKind::mailbox, "[mailbox.paul]\nqouta = \"1 GiB\"\n"},
          PublishedRow{"paul", RowKind::mailbox, "\xff\xfe"}, PublishedRow{"paul", static_cast<RowKind>('?'), ""},
          PublishedRow{"", RowKind::domain, "[domain"}}) {
        const auto read = read_row(row, own, usual_rules);
        REQUIRE(!read);
        CHECK(read.error().kind == ErrorKind::invalid);
        CHECK(read.error().what.find("'" + row.local + "@example.com'") != std::string::npos);
    }
}

TEST_CASE("bytes of rows tell everything apart") {
    const auto bytes = [](std::string local, std::string payload) {
        return row_bytes({{"a", {{std::move(local), RowKind::mailbox, std::move(payload)}}}});
    };
    CHECK(bytes("ab", "c") != bytes("a", "bc"));
    CHECK(bytes("a1:", "") != bytes("a", "1:"));
    CHECK(row_bytes({{"a", {}}, {"b", {}}}) != row_bytes({{"ab", {}}}));
}

TEST_CASE("what moves is on both machines, and neither takes mail or a login for it") {
    auto domain = example_domain();
    domain.mailboxes["paul"].move_to = "b";
    auto parts = publish_domain(domain);
    CHECK(names_in(parts.at("a")) ==
          std::vector<std::string>{"d", "ba-*", "eimportant", "finfo", "amacca", "mpaul", "evip", "bz-*"});
    CHECK(names_in(parts.at("b")) ==
          std::vector<std::string>{"d", "ba-*", "aimportant", "amacca", "mpaul", "mvip", "bz-*"});
    for (const auto* node : {"a", "b"}) {
        const auto read = domain_of_rows(parts.at(node), own, usual_rules);
        REQUIRE(read);
        REQUIRE(read->mailboxes.at("paul").suspend);
        CHECK(read->mailboxes.at("paul").suspend->login);
        CHECK(read->mailboxes.at("paul").suspend->receive == SuspendedReceive::defer);
        CHECK(read->state == DomainState::active);
        CHECK(read->mailboxes.at("paul").move_to.empty());
    }
    CHECK_FALSE(domain_of_rows(parts.at("b"), own, usual_rules)->mailboxes.at("vip").suspend);
}

TEST_CASE("a domain that moves is on both machines with all that lives where it does") {
    auto domain = example_domain();
    domain.move_to = "b";
    const auto parts = publish_domain(domain);
    CHECK(names_in(parts.at("b")) ==
          std::vector<std::string>{"d", "ba-*", "aimportant", "finfo", "amacca", "mpaul", "mvip", "bz-*"});
    const auto source = domain_of_rows(parts.at("a"), own, usual_rules).value();
    const auto target = domain_of_rows(parts.at("b"), own, usual_rules).value();
    CHECK(source.state == DomainState::suspended);
    CHECK(target.state == DomainState::active); // vip lives there already, and goes on
    CHECK(target.mailboxes.at("paul").suspend);
    CHECK_FALSE(target.mailboxes.at("vip").suspend);
}
