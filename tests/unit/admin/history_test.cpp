// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/history.hpp"

#include "test_site.hpp"

using namespace mailctl;
using namespace mailctl::test;

namespace {

std::uint64_t newest(const TestSite& site) {
    return std::stoull(TestSite::cell(good(list_history(site.world, 1)).rows.front(), "id"));
}

} // namespace

TEST_CASE("a reverted change leaves the file as it was, byte for byte, and is recorded itself") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    const std::string before = site.domain_text("one.example");
    good(site.set("paul@one.example", "quota=1 GiB"));
    const auto id = newest(site);
    site.create_mailbox("ringo@one.example"); // another line, later
    good(revert_change(site.world, id, {}));
    CHECK(site.domain_text("one.example").find("quota") == std::string::npos);
    CHECK(site.domain_text("one.example").starts_with(before));
    CHECK(site.mailboxes().size() == 2);
    const auto row = good(list_history(site.world, 1)).rows.front();
    CHECK(TestSite::cell(row, "reverts") == std::to_string(id));
}

TEST_CASE("a change whose lines were changed again is not reverted, and the later one is named") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    good(site.set("paul@one.example", "quota=1 GiB"));
    const auto first = newest(site);
    good(site.set("paul@one.example", "quota=2 GiB"));
    const auto error = bad(revert_change(site.world, first, {}));
    CHECK(error.kind == ErrorKind::conflict);
    CHECK(error.what.find("change " + std::to_string(newest(site))) != std::string::npos);
    CHECK(bad(revert_change(site.world, 12345, {})).kind == ErrorKind::missing);
}

TEST_CASE("making and deleting a domain can be undone") {
    TestSite site;
    site.create_domain("one.example");
    const auto made = newest(site);
    good(revert_change(site.world, made, {}));
    CHECK(good(list_domains(site.world)).rows.empty());
    good(revert_change(site.world, newest(site), {}));
    CHECK(good(list_domains(site.world)).rows.size() == 1);
}

TEST_CASE("the record shows what changed but no password hash") {
    TestSite site;
    site.create_domain("one.example");
    auto request = new_mailbox("paul@one.example");
    request.password = "{CRYPT}$6$saltsalt$" + std::string(86, 'x');
    const std::vector requests{request};
    ChangeOptions options;
    options.reason = "a new singer";
    good(create_mailboxes(site.world, requests, options));
    const auto report = good(show_change(site.world, newest(site)));
    CHECK(report.text.find("+[mailbox.paul]") != std::string::npos);
    CHECK(report.text.find("a new singer") != std::string::npos);
    CHECK(report.text.find("{CRYPT}********") != std::string::npos);
    CHECK(report.text.find("saltsalt") == std::string::npos);
    for (const auto& cell : report.rows.front())
        if (const auto* text = std::get_if<std::string>(&cell.value))
            CHECK(text->find("saltsalt") == std::string::npos);
}

TEST_CASE("undoing a deletion brings the mail back") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    site.write("mail/one.example/paul/new/1.x", "mail");
    const std::vector targets{address("paul@one.example")};
    good(delete_mailboxes(site.world, {.mailboxes = targets, .redirect_to = {}, .archive_file = {}}, {}));
    const auto deletion = newest(site);
    site.time += std::chrono::hours{1};
    good(revert_change(site.world, deletion, {}));
    CHECK(site.read("mail/one.example/paul/new/1.x") == "mail");
    CHECK(std::filesystem::is_empty(site.path("mail/.archive/one.example")));
}
