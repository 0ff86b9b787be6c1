// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/transfer/import.hpp"

#include "../exchange/random_accounts.hpp"
#include "mailctl/admin/cluster/nodes.hpp"
#include "mailctl/admin/transfer/export.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/domain_text.hpp"
#include "mailctl/config/model_edits.hpp"
#include "test_site.hpp"

#include <rapidcheck.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

Result<Report> import_text(const TestSite& site, std::string text, const ImportRequest& request = {}) {
    return import_accounts(site.world, {"test.csv", std::move(text), {}}, request, {});
}

std::string exported(const TestSite& site) {
    return good(export_accounts(site.world, {}, {.hashes = Hashes::shown})).text;
}

// A domain with one account of each kind, names apart.
std::map<std::string, Account> some_accounts() {
    std::map<std::string, Account> accounts;
    auto mailbox = some_mailbox();
    mailbox.forward.clear(); // a target of one's own may be a loop, which no file may have
    mailbox.copy_to.clear();
    mailbox.store = true;
    mailbox.aliases = {"macca", "p.m"};
    accounts.emplace("paul", mailbox);
    accounts.emplace("info", Forward{{address("paul@example.com"), address("x@elsewhere.example")}});
    Robot robot;
    fill_reply(robot);
    accounts.emplace("robot", robot);
    accounts.emplace("staff",
                     List{{address("paul@example.com")}, {Posters::Who::members}, address("paul@example.com")});
    accounts.emplace("promo-*", Ban{"promo-*", BanAnswer::reject});
    return accounts;
}

std::string domain_text_of(const std::map<std::string, Account>& accounts) {
    std::string text = compose_domain(Domain(own)), banished;
    for (const auto& [local, account] : accounts) {
        const Address who{LocalPart::from_trusted(local), own};
        (std::holds_alternative<Ban>(account) ? banished : text) += compose_account(who, account);
    }
    return text + "\n[banished]\n" + banished;
}

Domain parsed(const std::string& text) { return good(parse_domain(text, "test", own, {})).domain; }

} // namespace

TEST_CASE("an export that is imported changes nothing, and makes the same domain elsewhere") {
    TestSite site, other;
    site.create_domain("example.com");
    other.create_domain("example.com");
    for (const TestSite* each : {&site, &other}) // where some of them live
        good(create_node(each->world, "store-2.example.com", {"10.0.0.7:24", "10.0.0.7", NodeState::up, ""}, {}));
    CHECK(rc::check("for any accounts", [&] {
        site.write("etc/domains/example.com.toml", domain_text_of(some_accounts()));
        other.write("etc/domains/example.com.toml", compose_domain(Domain(own)));
        const auto before = site.domain_text("example.com");
        const auto text = exported(site);
        const auto again = good(import_text(site, text));
        RC_ASSERT(site.domain_text("example.com") == before);
        good(import_text(other, text));
        RC_ASSERT(parsed(other.domain_text("example.com")) == parsed(before));
        RC_ASSERT(exported(other) == text);
    }));
}

TEST_CASE("an import that is exported has lost nothing: any accounts become any others") {
    CHECK(rc::check("by edits that touch only what differs", [] {
        const auto before = some_accounts(), after = some_accounts();
        const auto was = parsed(domain_text_of(before));
        const auto edits = edits_of(DomainDraft::between(was, parsed(domain_text_of(after))));
        const auto text = good(apply_edits(domain_text_of(before), edits, "test"));
        RC_ASSERT(parsed(text) == parsed(domain_text_of(after)));
    }));
}

TEST_CASE("a row that is wrong refuses all rows, and every one is told") {
    TestSite site;
    site.create_domain("one.example");
    const auto before = site.files();
    const auto error =
        bad(import_text(site, "address,quota\nann@one.example,1 GiB\nbob@one.example,x\ncarl@two.example,\n"));
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.what.find("test.csv:3: column 2 (quota): ") != std::string::npos);
    CHECK(error.what.find("test.csv:4: column 1 (address): no domain 'two.example'") != std::string::npos);
    CHECK(site.files() == before);
    const auto report =
        good(import_text(site, "address,quota\nann@one.example,1 GiB\nbob@one.example,x\n", {.partial = true}));
    CHECK(report.status == 6);
    CHECK(site.mailboxes() == std::vector<std::string>{"ann@one.example"});
}

TEST_CASE("a plain password that the mailbox has is not hashed again") {
    TestSite site;
    site.create_domain("one.example");
    const std::string text = "address,password\nann@one.example,secret word\n";
    ImportRequest request;
    request.scheme = PasswordScheme::sha512_crypt;
    good(import_text(site, text, request));
    const auto before = site.domain_text("one.example");
    CHECK(before.find("{SHA512-CRYPT}$6$") != std::string::npos);
    good(import_text(site, text, request));
    CHECK(site.domain_text("one.example") == before);
    CHECK(bad(import_text(site, "address,password\nann@one.example,$6$saltsalt$abcdefghijklmnopqrstuvwxyz\n"))
              .what.find("saltsalt") == std::string::npos);
}

TEST_CASE("names are compared as they will be") {
    TestSite site;
    site.create_domain("one.example");
    good(import_text(site, "address,aliases\nann@one.example,sales\nbob@one.example,\n"));
    good(import_text(site, "address,aliases\nann@one.example,-\nbob@one.example,sales\n"));
    good(import_text(site, "address,type,to\nsales@one.example,alias,ann\n"));
    CHECK(site.domain_text("one.example").find("[mailbox.ann]\naliases = [\"sales\"]") != std::string::npos);
    const auto error = bad(import_text(site, "address,type,aliases\nbob@one.example,,sales\n"));
    CHECK(error.what.find("'sales' is taken by alias of mailbox 'ann'") != std::string::npos);
}
