// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/mailbox_life.hpp"

#include "mailctl/admin/settings.hpp"
#include "test_site.hpp"

#include <algorithm>
#include <fstream>
#include <sys/stat.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct Life : TestSite {
    Life() {
        create_domain("one.example", {domain("uno.example")});
        create_domain("two.example");
        create_mailbox("paul@one.example");
        create_mailbox("ringo@one.example");
        create_mailbox("john@two.example");
        good(set("paul@one.example", "aliases=macca"));
        write("mail/one.example/paul/new/1.x,S=4", "mail");
    }
    [[nodiscard]] Deletion deletion(const std::string& mailbox) const {
        return {.mailboxes = {address(mailbox)}, .redirect_to = {}, .archive_file = {}};
    }
    [[nodiscard]] Result<Report> restore(const std::string& mailbox) const {
        return restore_mailbox_of(world, address(mailbox), {});
    }
    [[nodiscard]] Result<Report> rename(const std::string& from, const std::string& to,
                                        bool leave_alias = false) const {
        return rename_mailbox_of(world, {address(from), address(to), leave_alias}, {});
    }
    [[nodiscard]] std::vector<std::string> archived() const {
        std::vector<std::string> names;
        std::error_code absent;
        for (const auto& entry : std::filesystem::directory_iterator(path("mail/.archive/one.example"), absent))
            names.push_back(entry.path().filename().string());
        return names;
    }
    [[nodiscard]] bool has_mail(const std::string& mailbox) const { return exists("mail/" + mailbox + "/new/1.x,S=4"); }
    [[nodiscard]] std::string target_of(const std::string& mailbox) const { // the one who gets its mail
        const std::vector addresses{address(mailbox)};
        const auto rows = good(explain_addresses(world, {addresses, {}, {}})).text;
        return rows;
    }
    [[nodiscard]] bool reaches(const std::string& from, const std::string& to) const {
        return target_of(from).find(to) != std::string::npos;
    }
};

} // namespace

TEST_CASE("mail of a deleted mailbox goes to its successor, by alias at home and by forward elsewhere") {
    for (const char* successor : {"ringo@one.example", "john@two.example", "somebody@elsewhere.example"}) {
        Life site;
        auto deletion = site.deletion("paul@one.example");
        deletion.redirect_to = address(successor);
        good(delete_mailboxes(site.world, deletion, {}));
        for (const char* name : {"paul@one.example", "macca@uno.example"})
            CHECK(site.reaches(name, successor));
        CHECK(site.archived().size() == 1);
        // Bringing it back ends that.
        good(site.restore("paul@one.example"));
        CHECK_FALSE(site.reaches("paul@one.example", successor));
        CHECK_FALSE(site.reaches("macca@one.example", successor));
        CHECK(site.has_mail("one.example/paul"));
        CHECK(site.archived().empty());
    }
}

TEST_CASE("nobody succeeds himself, and a successor must be there") {
    Life site;
    auto deletion = site.deletion("paul@one.example");
    for (const char* successor : {"paul@uno.example", "macca@one.example"}) {
        deletion.redirect_to = address(successor);
        CHECK(bad(delete_mailboxes(site.world, deletion, {})).kind == ErrorKind::usage);
    }
    deletion.redirect_to = address("ring@one.example");
    CHECK(bad(delete_mailboxes(site.world, deletion, {})).hint == "did you mean 'ringo@one.example'?");
    CHECK(site.has_mail("one.example/paul"));
}

TEST_CASE("a restored mailbox has its settings again, whatever changed around it since") {
    Life site;
    for (const char* setting :
         {"name=Paul \"Macca\"", "quota=2G", "forward=paul@elsewhere.example", "recovery=p@private.example"})
        good(site.set("paul@one.example", setting));
    const std::vector targets{address("paul@one.example")};
    const auto before = good(show_mailboxes(site.world, targets)).rows;
    good(delete_mailboxes(site.world, site.deletion("paul@one.example"), {}));
    good(site.set("ringo@one.example", "quota=1G"));
    site.create_mailbox("george@one.example");
    site.time += std::chrono::hours{1};
    CHECK(good(site.restore("paul@uno.example")).notes.front() == "restored mailbox 'paul@one.example'");
    const auto after = good(show_mailboxes(site.world, targets)).rows;
    for (std::size_t i = 0; i < before.front().size(); ++i)
        CHECK(TestSite::cell(after.front(), before.front()[i].key) ==
              TestSite::cell(before.front(), before.front()[i].key));
    CHECK(bad(site.restore("paul@one.example")).kind == ErrorKind::conflict); // it is there
    CHECK(bad(site.restore("nobody@one.example")).kind == ErrorKind::missing);
}

TEST_CASE("a name that somebody else got is not taken away from him") {
    Life site;
    good(delete_mailboxes(site.world, site.deletion("paul@one.example"), {}));
    good(site.set("ringo@one.example", "aliases=paul,macca"));
    CHECK(bad(site.restore("paul@one.example")).kind == ErrorKind::conflict);
    good(site.set("ringo@one.example", "aliases-=paul"));
    const auto notes = good(site.restore("paul@one.example")).notes;
    CHECK(std::ranges::any_of(notes, [](const auto& note) { return note.find("alias 'macca'") != std::string::npos; }));
    CHECK(site.has_mail("one.example/paul"));
}

TEST_CASE("archived mail expires when its time is over, and the name stays reserved") {
    Life site;
    auto deletion = site.deletion("paul@one.example");
    deletion.keep = std::chrono::days{30};
    good(delete_mailboxes(site.world, deletion, {}));
    site.time += std::chrono::days{29};
    good(apply_hand_edits(site.world, {}));
    CHECK(site.archived().size() == 1);
    site.time += std::chrono::days{1};
    good(apply_hand_edits(site.world, {}));
    CHECK(site.archived().empty());
    CHECK(bad(site.try_create_mailbox("paul@one.example")).kind == ErrorKind::conflict);
    const auto notes = good(site.restore("paul@one.example")).notes;
    CHECK(std::ranges::any_of(notes, [](const auto& note) { return note.starts_with("there is no mail"); }));
}

TEST_CASE("purged mail is gone, packed mail is in its file alone") {
    Life site;
    auto purge = site.deletion("ringo@one.example");
    purge.purge = true;
    good(delete_mailboxes(site.world, purge, {}));
    CHECK(site.archived().empty());
    auto pack = site.deletion("paul@one.example");
    pack.archive_file = site.path("paul.tar");
    good(delete_mailboxes(site.world, pack, {}));
    CHECK(site.archived().empty());
    CHECK(site.read("paul.tar").find("1.x,S=4") != std::string::npos);
    struct stat about {};
    REQUIRE(::stat(site.path("paul.tar").c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0600);
    auto again = site.deletion("john@two.example");
    again.archive_file = site.path("paul.tar");
    CHECK(bad(delete_mailboxes(site.world, again, {})).kind == ErrorKind::conflict);
    again.archive_file = site.path("absent/john.tar");
    CHECK(bad(delete_mailboxes(site.world, again, {})).kind == ErrorKind::missing);
}

TEST_CASE("a renamed mailbox keeps its mail and everyone who referred to it") {
    Life site;
    const std::vector targets{address("paul@uno.example"), address("paul+news@one.example"),
                              address("john@two.example")};
    good(create_forward(site.world, address("info@two.example"), targets, {}));
    good(site.set("ringo@one.example", "copy_to=paul"));
    good(site.rename("paul@one.example", "saul@one.example"));
    CHECK(site.has_mail("one.example/saul"));
    CHECK_FALSE(site.exists("mail/one.example/paul"));
    CHECK(site.outcome("paul@one.example") == "reject");
    CHECK(site.reaches("macca@one.example", "saul@one.example"));
    CHECK(site.domain_text("two.example").find(R"(to = ["saul@one.example", "saul+news@one.example", "john"])") !=
          std::string::npos);
    CHECK(site.domain_text("one.example").find(R"(copy_to = ["saul"])") != std::string::npos);
    CHECK(good(check_maps(site.world)).status == 0);
}

TEST_CASE("undoing a rename moves the mail back") {
    Life site;
    good(site.rename("paul@one.example", "saul@two.example"));
    CHECK(site.has_mail("two.example/saul"));
    const auto newest = std::get<std::int64_t>(good(list_history(site.world, 1)).rows.front().front().value);
    good(revert_change(site.world, static_cast<std::uint64_t>(newest), {}));
    CHECK(site.has_mail("one.example/paul"));
    CHECK_FALSE(site.exists("mail/two.example/saul"));
    CHECK(site.reaches("macca@one.example", "paul@one.example"));
}

TEST_CASE("into another domain the aliases come along, and the old names stay if asked") {
    Life site;
    good(site.rename("paul@one.example", "paul@two.example", true));
    CHECK(site.has_mail("two.example/paul"));
    for (const char* name : {"paul@one.example", "macca@one.example", "macca@two.example"})
        CHECK(site.reaches(name, "paul@two.example"));
}

TEST_CASE("a mailbox may take the name of its own alias") {
    Life site;
    good(site.rename("paul@one.example", "macca@one.example", true));
    CHECK(site.has_mail("one.example/macca"));
    CHECK(site.reaches("paul@one.example", "macca@one.example"));
}

TEST_CASE("a mailbox is not renamed to a name that is held, was deleted or has something at its place") {
    Life site;
    CHECK(bad(site.rename("paul@one.example", "ringo@one.example")).kind == ErrorKind::conflict);
    good(delete_mailboxes(site.world, site.deletion("ringo@one.example"), {}));
    CHECK(bad(site.rename("paul@one.example", "ringo@one.example")).what.find("was deleted") != std::string::npos);
    std::filesystem::create_directories(site.path("mail/one.example/saul/new"));
    CHECK(bad(site.rename("paul@one.example", "saul@one.example")).what.find("in the way") != std::string::npos);
    CHECK(good(site.rename("paul@one.example", "paul@uno.example")).notes.front() == "nothing to change");
    CHECK(site.has_mail("one.example/paul"));
}

TEST_CASE("somebody who leaves hands his mail over as a folder") {
    Life site;
    good(depart_mailbox(site.world, {address("paul@one.example"), address("ringo@one.example"), {}, true}, {}));
    CHECK(site.has_mail("one.example/ringo/.paul"));
    CHECK(site.reaches("paul@one.example", "ringo@one.example"));
    CHECK(site.reaches("macca@one.example", "ringo@one.example"));
    CHECK_FALSE(site.exists("mail/one.example/paul"));
}

TEST_CASE("somebody who leaves with a reply has a closed mailbox until it is deleted") {
    Life site;
    good(depart_mailbox(site.world,
                        {address("paul@one.example"), address("john@two.example"), std::chrono::days{30}, false}, {}));
    const auto text = site.domain_text("one.example");
    CHECK(text.find("store = false") != std::string::npos);
    CHECK(text.find("copy_to = [\"john@two.example\"]") != std::string::npos);
    CHECK(text.find("end = 2026-12-22") != std::string::npos);
    CHECK(site.reaches("macca@one.example", "john@two.example"));
    CHECK(site.archived().size() == 1);
    const auto newest = std::get<std::int64_t>(good(list_history(site.world, 1)).rows.front().front().value);
    good(revert_change(site.world, static_cast<std::uint64_t>(newest), {}));
    CHECK(site.has_mail("one.example/paul"));
}
