// SPDX-License-Identifier: Apache-2.0
// A front end's maps on disk.
#include "mailctl/change/maps/front_files.hpp"

#include "../maildir/maildirs.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

DomainName front_name(const std::string& text) { return DomainName::from_trusted(text); }

FrontDomain front_domain(const std::string& name, const std::string& node, const std::vector<std::string>& keys) {
    FrontDomain domain{front_name(name), {front_name(name)}, {node}, false, {}};
    for (const auto& key : keys)
        domain.claimed.push_back({key, false, true, {node}});
    return domain;
}

struct FrontHost : TempDirectory {
    Paths paths = paths_below(path());
    Site site;
    FrontBook book = FrontBook::open(paths).value();
    FrontHost() {
        site.maps.type = "texthash";
        FrontState state;
        state.generation = 7;
        state.sha256 = std::string("\0\1", 2);
        state.nodes = {{"one", {"10.0.0.7:24", "10.0.0.7", true}}, {"two", {"10.0.0.8:24", "10.0.0.8", true}}};
        REQUIRE(book.begin());
        REQUIRE(book.put_state(state));
        for (const auto* name : {"a.example", "b.example", "c.example"})
            REQUIRE(book.put(front_domain(name, "one", {"paul", "ringo"})));
        REQUIRE(book.commit());
    }
    [[nodiscard]] std::vector<std::string> install(const RowChanges* changes = nullptr) {
        const auto making = find_front_making(paths, site);
        REQUIRE(making);
        const auto written = install_front_maps(paths, site, *making, book, {changes, book.state().value().maps_stamp});
        REQUIRE(written);
        return *written;
    }
    // As a pull does.
    [[nodiscard]] std::vector<std::string> replace(const FrontDomain& domain) {
        const auto nodes = book.state().value().nodes;
        FrontChange change{nodes, nodes, {{domain.name, book.find(domain.name).value()}}, {{domain.name, domain}}};
        REQUIRE(book.begin());
        REQUIRE(book.put(domain));
        REQUIRE(book.commit());
        const auto rows = front_row_changes(change);
        REQUIRE(rows);
        return install(&*rows);
    }
    [[nodiscard]] std::string map(const std::string& name) const { return content_of(paths.maps + "/" + name); }
    [[nodiscard]] std::map<std::string, RowsDigest> rows() const {
        std::map<std::string, RowsDigest> rows;
        for (const auto* name :
             {"front-domains", "front-recipients", "front-transport", "front-routes", "front-exceptions"})
            rows[name] = digest_rows(map(name));
        return rows;
    }
};

} // namespace

TEST_CASE("front maps: what was taken is in the book as it was") {
    FrontHost host;
    auto domain = front_domain("a.example", "one", {"paul"});
    domain.names.push_back(front_name("z.example"));
    domain.takes_any_name = true;
    domain.claimed.push_back({"spam", true, false, {"one"}});
    domain.claimed.push_back({"vip", false, true, {"two", true}});
    REQUIRE(host.book.put(domain));
    const auto found = host.book.find(domain.name).value();
    REQUIRE(found);
    CHECK(front_pieces(host.book.state().value().nodes, *found) ==
          front_pieces(host.book.state().value().nodes, domain));
    CHECK(found->names == domain.names);
    CHECK(host.book.state().value().sha256 == std::string("\0\1", 2));
    CHECK_FALSE(host.book.find(front_name("none.example")).value());
}

TEST_CASE(
    "front maps: rows changed in place are those that would be made anew, and only maps that differ are touched") {
    FrontHost host;
    CHECK(host.install().size() == 9);
    CHECK(host.install().empty());
    auto domain = front_domain("b.example", "one", {"paul", "ringo", "vip"});
    domain.claimed.back().place.node = "two";
    CHECK(host.replace(domain) == std::vector<std::string>{"front-exceptions", "front-recipients", "front-transport"});
    CHECK(host.map("front-transport").find("vip@b.example lmtp:inet:[10.0.0.8]:24\n") != std::string::npos);
    CHECK(host.map("front-recipients").find(change_mark) != std::string::npos);
    CHECK(host.replace(domain).empty());
    CHECK(host.replace(front_domain("b.example", "two", {"ringo", "vip"})).size() == 4);
    CHECK(host.replace(front_domain("new.example", "two", {"x"})).size() == 4);
    const auto in_place = host.rows();
    REQUIRE(remove_file(host.paths.maps + "/front-recipients"));
    CHECK(host.install().size() == 1);
    CHECK(host.rows() == in_place);
}

TEST_CASE("front maps: after an edit by hand, or where nobody knows how they were left, they are made whole") {
    FrontHost host;
    REQUIRE(host.install().size() == 9);
    const auto before = host.rows();
    write_file(host.paths.maps + "/front-routes", "evil.example:::::::proxy=y host=192.0.2.1 nopassword=y\n");
    const RowChanges none;
    CHECK(host.install(&none) == std::vector<std::string>{"front-routes"});
    CHECK(host.rows() == before);
    auto state = host.book.state().value();
    state.maps_stamp.clear();
    REQUIRE(host.book.put_state(state));
    auto domain = front_domain("b.example", "one", {"paul"});
    CHECK(host.replace(domain) == std::vector<std::string>{"front-recipients"});
    CHECK(host.map("front-recipients").find(change_mark) == std::string::npos);
}

TEST_CASE("front maps: a machine that is drained is in too many rows to be told one by one") {
    FrontHost host;
    auto nodes = host.book.state().value().nodes;
    auto drained = nodes;
    drained.at("one").takes_mail = false;
    CHECK_FALSE(front_row_changes({nodes, drained, {}, {}}));
}
