// SPDX-License-Identifier: Apache-2.0
// Nothing to do is known without rendering only where rendering would find nothing: each thing that maps depend on ends
// the evidence, and each way to bring maps up to date gives it back.
#include "mailctl/change/maps/files.hpp"
#include "mailctl/change/maps/ledger.hpp"
#include "test_site.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

bool is_known(const TestSite& site) {
    const auto view = good(SiteView::open(site.world));
    return good(is_known_current(view, good(find_map_making(view, site.world, view.site()))));
}

struct BuiltSite : TestSite {
    BuiltSite() {
        create_domain("one.example");
        create_mailbox("paul@one.example");
        good(build_maps(world, {}));
        REQUIRE(is_known(*this));
    }
    void set_site(const std::string& key, const std::string& value) {
        good(set_settings(world, std::vector{Assignment{key, Assignment::Operation::set, value}}, {}));
    }
};

// As an editor would that is after us: as many bytes, and the old time.
void edit_unseen(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR);
    REQUIRE(fd >= 0);
    struct stat before {};
    REQUIRE(::fstat(fd, &before) == 0);
    REQUIRE(::pwrite(fd, "X", 1, before.st_size - 2) == 1);
    const timespec times[2]{before.st_atim, before.st_mtim};
    REQUIRE(::futimens(fd, times) == 0);
    ::close(fd);
}

} // namespace

TEST_CASE("a map that was edited under its old size and time is found, as are missing and foreign ones") {
    BuiltSite site;
    const auto maps = site.world.paths.maps;
    SUBCASE("edited") { edit_unseen(maps + "/mailboxes"); }
    SUBCASE("missing") { REQUIRE(::unlink((maps + "/mailboxes").c_str()) == 0); }
    SUBCASE("foreign") { site.write("lib/maps/foreign", "x\n"); }
    SUBCASE("replaced by the same") { site.write("lib/maps/mailboxes", site.read("lib/maps/mailboxes") + " "); }
    CHECK_FALSE(is_known(site));
    CHECK(good(check_maps(site.world)).status == 5);
    good(build_maps(site.world, {}));
    CHECK(is_known(site));
    CHECK(good(check_maps(site.world)).status == 0);
}

TEST_CASE("nothing is known of maps that were made on another day, by other settings or from another directory") {
    BuiltSite site;
    SUBCASE("another day") { site.time += std::chrono::hours(24); }
    SUBCASE("a ledger of another form") { site.write("lib/maps/.ledger", "from 1\n"); }
    SUBCASE("no list of inputs") { REQUIRE(::unlink(site.path("lib/maps/.inputs").c_str()) == 0); }
    SUBCASE("a list of other inputs") { site.write("lib/maps/.inputs", "absent /nonexistent\n"); }
    SUBCASE("no compiled directory") { std::filesystem::remove_all(site.world.paths.directory); }
    SUBCASE("an applied text too many") { site.write("lib/history/applied/domains/two.example.toml", "[domain]\n"); }
    CHECK_FALSE(is_known(site));
    static_cast<void>(check_maps(site.world));
}

TEST_CASE("after a change, by rows or whole, nothing is to be rendered again") {
    BuiltSite site;
    SUBCASE("by rows") { site.world.whole_maps_below = 0; }
    SUBCASE("whole") {}
    site.create_mailbox("ann@one.example");
    CHECK(is_known(site));
    site.create_domain("two.example");
    CHECK(is_known(site));
    site.set_site("addresses.delimiters", "-");
    CHECK(is_known(site));
    CHECK(good(build_maps(site.world, {})).notes.back() == "nothing to change");
    CHECK(good(diff_maps(site.world)).text.empty());
}

TEST_CASE("signing keys and certificates are looked at one by one") {
    BuiltSite site;
    site.set_site("dkim.signer", "opendkim");
    REQUIRE(is_known(site));
    SUBCASE("a selector where there was none") {
        std::filesystem::create_directories(site.path("lib/dkim/one.example"));
        site.write("lib/dkim/one.example/selectors.toml", "[selector.s1]\nalgorithm = \"rsa\"\nstate = \"active\"\n");
        CHECK_FALSE(is_known(site));
    }
    SUBCASE("a certificate that is none: it is said each time") {
        site.write("c.pem", "none\n");
        site.append("etc/domains/one.example.toml", "\n[domain.tls]\ncertificate = \"" + site.path("c.pem") +
                                                        "\"\nkey = \"" + site.path("c.pem") + "\"\n");
        static_cast<void>(apply_hand_edits(site.world, {}));
        CHECK_FALSE(is_known(site));
    }
}
