// SPDX-License-Identifier: Apache-2.0
// What an edit by hand takes away goes only where somebody means it, and comes back with its mail.
#include "mailctl/change/losses.hpp"

#include "test_site.hpp"

#include <algorithm>

using namespace mailctl;
using namespace mailctl::test;

namespace losses_tests {

namespace {

constexpr const char* file = "etc/domains/one.example.toml";

bool says(const Report& report, std::string_view part) {
    return std::ranges::any_of(report.notes, [&](const auto& note) { return note.find(part) != std::string::npos; });
}

ChangeOptions with_yes() {
    ChangeOptions options;
    options.accept_losses = true;
    return options;
}
ChangeOptions confirming(const std::string& name) {
    ChangeOptions options;
    options.confirmed = {domain(name)};
    return options;
}

// Two domains; one.example has a mailbox with mail.
struct Losing : TestSite {
    Losing() {
        create_domain("one.example");
        create_domain("two.example");
        create_mailbox("paul@one.example");
        create_mailbox("ringo@one.example");
        write("mail/one.example/paul/new/1.x", "mail");
        whole = read(file);
    }
    void lose_file() const { std::filesystem::remove(path(file)); }
    [[nodiscard]] bool has_mail() const {
        return exists("mail/one.example/paul/new/1.x") && read("mail/one.example/paul/new/1.x") == "mail";
    }
    std::string whole;
};

std::uint64_t newest(const TestSite& site) {
    return std::stoull(TestSite::cell(good(list_history(site.world, 1)).rows.front(), "id"));
}

} // namespace

TEST_CASE("an empty domain file takes no mailbox away, whatever change comes along") {
    Losing site;
    site.write(file, "");
    const auto error = bad(site.try_create_mailbox("new@one.example"));
    CHECK(error.kind == ErrorKind::conflict);
    CHECK(error.what.find("'paul@one.example'") != std::string::npos);
    CHECK(error.hint.find("mailctl apply --yes") != std::string::npos);
    site.create_mailbox("new@two.example");
    const auto report = good(apply_hand_edits(site.world, {}));
    CHECK(report.status == 4);
    CHECK(says(report, "not applied"));
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK(site.has_mail());
    CHECK(site.read(file).empty()); // theirs, as it is
}

TEST_CASE("other edits are applied beside one that would take mailboxes away") {
    Losing site;
    site.write(file, "");
    site.append("etc/domains/two.example.toml", "\n[mailbox.zoe]\n");
    const auto report = good(apply_hand_edits(site.world, {}));
    CHECK(says(report, "applied '" + site.path("etc/domains/two.example.toml")));
    CHECK(report.status == 4);
    CHECK(site.outcome("zoe@two.example") == "deliver");
    CHECK(site.outcome("paul@one.example") == "deliver");
}

TEST_CASE("with yes mailboxes go, and come back with their mail") {
    Losing site;
    site.write(file, "");
    CHECK(good(apply_hand_edits(site.world, with_yes())).status == 0);
    CHECK(site.outcome("paul@one.example") == "reject");
    CHECK_FALSE(site.has_mail());
    SUBCASE("when the file is put back") {
        site.write(file, site.whole);
        const auto report = good(apply_hand_edits(site.world, {}));
        CHECK(says(report, "mail of 'paul@one.example' is back"));
        CHECK(site.has_mail());
    }
    SUBCASE("when the change is reverted") {
        good(revert_change(site.world, newest(site), {}));
        CHECK(site.read(file) == site.whole);
        CHECK(site.has_mail());
    }
    SUBCASE("when the mailbox is restored") {
        good(restore_mailbox_of(site.world, address("paul@one.example"), {}));
        CHECK(site.has_mail());
    }
}

TEST_CASE("a domain whose file is gone goes by its name only, and comes back with its mail") {
    Losing site;
    site.lose_file();
    CHECK(good(apply_hand_edits(site.world, with_yes())).status == 4);
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK(good(apply_hand_edits(site.world, confirming("one.example"))).status == 0);
    CHECK_FALSE(site.has_mail());
    SUBCASE("when the file is put back") {
        site.write(file, site.whole);
        good(apply_hand_edits(site.world, {}));
        CHECK(site.has_mail());
    }
    SUBCASE("when the change is reverted") {
        good(revert_change(site.world, newest(site), {}));
        CHECK(site.has_mail());
    }
    SUBCASE("when the domain comes back without it, and it is restored") {
        site.create_domain("one.example");
        good(restore_mailbox_of(site.world, address("paul@one.example"), {}));
        CHECK(site.has_mail());
    }
}

TEST_CASE("a mailbox that a command deleted and a hand types again is another's: it gets none of the mail") {
    Losing site;
    const std::vector targets{address("paul@one.example")};
    good(delete_mailboxes(site.world, {.mailboxes = targets, .redirect_to = {}, .archive_file = {}}, {}));
    site.append(file, "\n[mailbox.paul]\n");
    good(apply_hand_edits(site.world, {}));
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK_FALSE(site.has_mail());
}

TEST_CASE("a site without any domain file is an error, and nothing goes") {
    Losing site;
    site.lose_file();
    std::filesystem::remove(site.path("etc/domains/two.example.toml"));
    const auto error = bad(apply_hand_edits(site.world, with_yes()));
    CHECK(error.kind == ErrorKind::conflict);
    CHECK(error.hint.find("--confirm=one.example --confirm=two.example") != std::string::npos);
    CHECK(site.outcome("paul@one.example") == "deliver");
}

TEST_CASE("more than a tenth of the site at once is an error, also with yes") {
    Losing site;
    std::vector<NewMailbox> many;
    for (int i = 0; i < 12; ++i)
        many.push_back(new_mailbox("x" + std::to_string(i) + "@one.example"));
    good(create_mailboxes(site.world, many, {}));
    site.write(file, site.whole);
    const auto error = bad(apply_hand_edits(site.world, with_yes()));
    CHECK(error.what.find("12 of the site's 14 mailboxes") != std::string::npos);
    CHECK(site.outcome("x1@one.example") == "deliver");
    auto options = confirming("one.example");
    options.accept_losses = true;
    CHECK(good(apply_hand_edits(site.world, options)).status == 0);
    CHECK(site.outcome("x1@one.example") == "reject");
}

TEST_CASE("somebody at a terminal is asked") {
    Losing site;
    site.write(file, "[mailbox.paul]\n");
    ChangeOptions options;
    std::string question;
    bool answer = false;
    options.ask = [&](const std::string& text) -> Result<bool> {
        question = text;
        return answer;
    };
    CHECK(good(apply_hand_edits(site.world, options)).status == 4);
    CHECK(question.find("1 mailbox ('ringo@one.example')") != std::string::npos);
    CHECK(site.outcome("ringo@one.example") == "deliver");
    answer = true;
    CHECK(good(apply_hand_edits(site.world, options)).status == 0);
    CHECK(site.outcome("ringo@one.example") == "reject");
}

TEST_CASE("an empty mailctl.toml is not applied") {
    Losing site;
    site.write("etc/mailctl.toml", "# nothing\n\n");
    const auto error = bad(apply_hand_edits(site.world, with_yes()));
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.what.find("mailctl.toml") != std::string::npos);
    site.create_mailbox("new@two.example"); // the rules are those that were applied
}

TEST_CASE("what a killed writer staged is swept away by the next") {
    Losing site;
    site.write("etc/domains/.one.example.toml.new", "{CRYPT}$y$secret");
    site.create_mailbox("new@two.example");
    CHECK_FALSE(site.exists("etc/domains/.one.example.toml.new"));
}

} // namespace losses_tests
