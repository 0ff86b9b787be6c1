// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/explain.hpp"

#include "test_site.hpp"

using namespace mailctl;
using namespace mailctl::test;

TEST_CASE("explain says what the agent will do, in words and as data") {
    TestSite site;
    site.create_domain("one.example", {domain("uno.example")});
    site.create_mailbox("paul@one.example");
    good(site.set("paul@one.example", "forward+=x@far.example"));
    good(site.set("paul@one.example", "quota=1000"));
    ExplainRequest request{{address("paul+lists@uno.example")}, address("friend@away.example"), ByteCount{5000}};
    const auto report = good(explain_addresses(site.world, request));
    const auto& row = report.rows.front();
    CHECK(TestSite::cell(row, "resolved") == "paul+lists@one.example");
    CHECK(TestSite::cell(row, "mailboxes") == "paul@one.example");
    CHECK(TestSite::cell(row, "forwards") == "x@far.example");
    CHECK(TestSite::cell(row, "sender").starts_with("SRS0="));
    CHECK(report.text.find("INBOX, because there is no folder 'lists'") != std::string::npos);
    CHECK(report.text.find("over its quota of 1000") != std::string::npos);
    std::filesystem::create_directory(site.path("mail/one.example/paul/.lists"));
    CHECK(good(explain_addresses(site.world, request)).text.find(", folder 'lists'") != std::string::npos);
}

TEST_CASE("a refusal is explained with the answer the agent gives") {
    TestSite site;
    site.create_domain("one.example");
    const auto row = good(explain_addresses(site.world, {{address("no@one.example")}, {}, {}})).rows.front();
    CHECK(TestSite::cell(row, "outcome") == "reject");
    CHECK(TestSite::cell(row, "answer").starts_with("550 5.1.1"));
    CHECK(site.outcome("a@elsewhere.example") == "reject");
}

TEST_CASE("edits that are not applied are no part of the answer, and that is said") {
    TestSite site;
    site.create_domain("one.example");
    site.append("etc/domains/one.example.toml", "\n[mailbox.byhand]\n");
    const auto report = good(explain_addresses(site.world, {{address("byhand@one.example")}, {}, {}}));
    CHECK(TestSite::cell(report.rows.front(), "outcome") == "reject");
    REQUIRE(report.notes.size() == 1);
    CHECK(report.notes.front().find("mailctl apply") != std::string::npos);
}
