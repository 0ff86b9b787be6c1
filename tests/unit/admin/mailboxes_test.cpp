// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/mailboxes.hpp"

#include "test_site.hpp"

#include <algorithm>
#include <fstream>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct OneDomain : TestSite {
    OneDomain() { create_domain("one.example", {domain("uno.example")}); }
    [[nodiscard]] Cells shown(const std::string& text) const {
        const std::vector targets{address(text)};
        return good(show_mailboxes(world, targets)).rows.front();
    }
};

} // namespace

TEST_CASE("a mailbox is written as one would write it by hand") {
    OneDomain site;
    auto request = new_mailbox("Paul@uno.example"); // by the domain's other name, in capitals
    request.name = "Paul";
    request.quota = ByteCount{2ULL << 30};
    request.aliases = {"Macca"};
    request.forward = {address("ringo@one.example"), address("paul@elsewhere.example")};
    const std::vector requests{new_mailbox("ringo@one.example"), request};
    good(create_mailboxes(site.world, requests, {}));
    CHECK(site.domain_text("one.example")
              .find("[mailbox.paul]\n"
                    "name = \"Paul\"\n"
                    "quota = \"2 GiB\"\n"
                    "aliases = [\"macca\"]\n"
                    "forward = [\"ringo\", \"paul@elsewhere.example\"]\n") != std::string::npos);
}

TEST_CASE("several mailboxes are made all or none") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    auto other = new_mailbox("paul@one.example");
    other.name = "Another Paul";
    const std::vector requests{new_mailbox("ringo@one.example"), other};
    CHECK(bad(create_mailboxes(site.world, requests, {})).kind == ErrorKind::conflict);
    CHECK(site.mailboxes() == std::vector<std::string>{"paul@one.example"});
}

TEST_CASE("a name that is held is refused and the holder named") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    good(site.set("paul@one.example", "aliases+=macca"));
    const auto error = bad(site.try_create_mailbox("macca@one.example"));
    CHECK(error.kind == ErrorKind::conflict);
    CHECK(error.what.find("mailbox 'paul'") != std::string::npos);
}

TEST_CASE("a name that is not there brings the nearest that is") {
    OneDomain site;
    site.create_mailbox("anna@one.example");
    const auto error = bad(site.set("ann@one.example", "name=Ann"));
    CHECK(error.kind == ErrorKind::missing);
    CHECK(error.what == "no mailbox 'ann@one.example'");
    CHECK(error.hint == "did you mean 'anna@one.example'?");
    CHECK(bad(site.set("ann@tow.example", "name=Ann")).what == "no domain 'tow.example'");
}

TEST_CASE("settings are set, added to, taken from and cleared, one line each") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    good(site.set("paul@one.example", "quota=1 GiB"));
    good(site.set("paul@one.example", "forward+=a@far.example,b@far.example"));
    good(site.set("paul@one.example", "forward-=a@far.example"));
    good(site.set("paul@one.example", "store=false"));
    CHECK(site.domain_text("one.example").find("quota = \"1 GiB\"\nforward = [\"b@far.example\"]\nstore = false\n") !=
          std::string::npos);
    good(site.set("paul@one.example", "quota="));
    CHECK(site.domain_text("one.example").find("quota") == std::string::npos);
    CHECK(good(site.set("paul@one.example", "store=false")).notes == std::vector<std::string>{"nothing to change"});
    const auto error = bad(site.set("paul@one.example", "quoat=1 GiB"));
    CHECK(error.kind == ErrorKind::usage);
    CHECK(error.hint == "did you mean 'quota'?");
}

TEST_CASE("an element is taken out of a list however it is spelled there") {
    OneDomain site;
    site.create_mailbox("ringo@one.example");
    site.append("etc/domains/one.example.toml",
                "\n[mailbox.paul]\nforward = [\"ringo@one.example\", \"x@far.example\"]\n");
    good(apply_hand_edits(site.world, {}));
    good(site.set("paul@one.example", "forward-=ringo"));
    CHECK(site.domain_text("one.example").find("forward = [\"x@far.example\"]") != std::string::npos);
}

TEST_CASE("a mailbox without a password is flagged, and the maps get the hash when there is one") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    CHECK(TestSite::cell(site.shown("paul@one.example"), "password") == "!");
    const std::string hash = "{CRYPT}$6$saltsalt$" + std::string(86, 'x');
    const std::vector passwords{NewPassword{address("paul@one.example"), hash}};
    good(set_passwords(site.world, passwords, {}));
    CHECK(TestSite::cell(site.shown("paul@one.example"), "password") == "{CRYPT}");
    bool in_maps = false;
    for (const auto& [path, text] : site.files())
        in_maps = in_maps || (path.find("/maps/") != std::string::npos && text.find(hash) != std::string::npos);
    CHECK(in_maps);
    const std::vector plain{NewPassword{address("paul@one.example"), "secret"}};
    CHECK_FALSE(set_passwords(site.world, plain, {}));
}

TEST_CASE("Dovecot sees a new password of the same length set within the same second") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    std::int64_t before = 0;
    for (const char letter : {'x', 'y', 'z'}) {
        const std::vector passwords{
            NewPassword{address("paul@one.example"), "{CRYPT}$6$saltsalt$" + std::string(86, letter)}};
        good(set_passwords(site.world, passwords, {}));
        const auto stamp = good(find_stamp(site.path("lib/maps/dovecot-users")));
        CHECK(stamp->mtime_ns / 1'000'000'000 > before);
        before = stamp->mtime_ns / 1'000'000'000;
    }
}

TEST_CASE("suspended and resumed, a mailbox is as before") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    const std::string before = site.domain_text("one.example");
    const std::vector targets{address("paul@one.example")};
    good(suspend_mailboxes(site.world, targets,
                           {true, SuspendedReceive::reject, "unpaid", parse_date("2026-12-31").value()}, {}));
    CHECK(site.domain_text("one.example")
              .find("suspend = { login = true, receive = \"reject\", reason = \"unpaid\", until = 2026-12-31 }") !=
          std::string::npos);
    CHECK(site.outcome("paul@one.example") == "reject");
    CHECK(TestSite::cell(site.shown("paul@one.example"), "state") == "suspended");
    site.time = parse_rfc3339("2027-01-01T00:00:00Z").value();
    CHECK(TestSite::cell(site.shown("paul@one.example"), "state") == "active");
    CHECK(site.outcome("paul@one.example") == "deliver");
    good(resume_mailboxes(site.world, targets, {}));
    CHECK(site.domain_text("one.example") == before);
}

TEST_CASE("mail of a deleted mailbox is archived and a later one of that name never sees it") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    site.write("mail/one.example/paul/new/1.old,S=3", "old");
    const std::vector targets{address("paul@one.example")};
    good(delete_mailboxes(site.world, {.mailboxes = targets, .redirect_to = {}, .archive_file = {}}, {}));
    CHECK(site.mailboxes().empty());
    CHECK(site.outcome("paul@one.example") == "reject");
    CHECK(site.read("mail/.archive/one.example/paul-20261122T032800Z-5/new/1.old,S=3") == "old");
    const auto refused = bad(site.try_create_mailbox("paul@one.example"));
    CHECK(refused.kind == ErrorKind::conflict);
    CHECK(refused.what.find("2026-11-22") != std::string::npos);
    CHECK(refused.hint.find("--reuse") != std::string::npos);
    auto request = new_mailbox("paul@one.example");
    request.reuse = true;
    good(create_mailboxes(site.world, std::span(&request, 1), {}));
    CHECK(std::filesystem::is_empty(site.path("mail/one.example/paul/new")));
}

TEST_CASE("mail that was there before its mailbox belongs to the mailbox") {
    OneDomain site;
    std::filesystem::create_directories(site.path("mail/one.example/paul/new"));
    site.write("mail/one.example/paul/new/1.old", "old");
    site.create_mailbox("paul@one.example");
    CHECK(site.read("mail/one.example/paul/new/1.old") == "old");
    CHECK_FALSE(site.exists("mail/.archive/one.example"));
}

TEST_CASE("a mailbox others refer to is not deleted, and they are named") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    good(site.set("paul@one.example", "aliases+=macca"));
    site.create_domain("two.example");
    const std::vector targets{address("macca@uno.example")}; // by an alias, in the domain's other name
    good(create_forward(site.world, address("info@two.example"), targets, {}));
    const std::vector paul{address("paul@one.example")};
    const auto error =
        bad(delete_mailboxes(site.world, {.mailboxes = paul, .redirect_to = {}, .archive_file = {}}, {}));
    CHECK(error.kind == ErrorKind::conflict);
    CHECK(error.what.find("forward 'info@two.example'") != std::string::npos);
    CHECK(good(describe_references(site.world, paul)).size() == 1);
    const std::vector info{address("info@two.example")};
    good(delete_forwards(site.world, info, {}));
    good(delete_mailboxes(site.world, {.mailboxes = paul, .redirect_to = {}, .archive_file = {}}, {}));
    CHECK(site.mailboxes().empty());
}

TEST_CASE("use is measured from the files and compared with the quota") {
    OneDomain site;
    site.create_mailbox("paul@one.example");
    good(site.set("paul@one.example", "quota=2000"));
    site.write("mail/one.example/paul/new/1.x,S=500", std::string(500, 'x'));
    const std::vector targets{address("paul@one.example")};
    const auto row = good(mailbox_usage(site.world, targets, {})).rows.front();
    CHECK(TestSite::cell(row, "used") == "500");
    CHECK(TestSite::cell(row, "messages") == "1");
    CHECK(TestSite::cell(row, "percent") == "25");
}

TEST_CASE("a domain's limits hold for new mailboxes") {
    OneDomain site;
    const std::vector limit{parse_assignment("limits.mailboxes=1").value()};
    good(set_domain(site.world, domain("one.example"), limit, {}));
    site.create_mailbox("paul@one.example");
    CHECK(bad(site.try_create_mailbox("ringo@one.example")).kind == ErrorKind::conflict);
    CHECK(site.mailboxes().size() == 1);
}
