// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/domains.hpp"

#include "mailctl/config/domain_keys.hpp"
#include "test_site.hpp"

#include <algorithm>

using namespace mailctl;
using namespace mailctl::test;

namespace {

Result<Report> set(TestSite& site, const std::string& name, const std::string& assignment) {
    const std::vector assignments{parse_assignment(assignment).value()};
    return set_domain(site.world, domain(name), assignments, {});
}

} // namespace

TEST_CASE("a domain is made, listed with U-labels and found by both forms") {
    TestSite site;
    site.create_domain("bücher.example", {domain("bücher.test")});
    CHECK(TestSite::first_cells(good(list_domains(site.world))) == std::vector<std::string>{"bücher.example"});
    const std::vector names{domain("xn--bcher-kva.example"), domain("bücher.test")};
    CHECK(good(show_domains(site.world, names)).rows.size() == 2);
    CHECK(site.exists("etc/domains/xn--bcher-kva.example.toml"));
}

TEST_CASE("a name belongs to one domain only") {
    TestSite site;
    site.create_domain("one.example", {domain("uno.example")});
    const std::vector taken{NewDomain{domain("uno.example"), {}, {}, {}, {}}};
    CHECK(exit_code(bad(create_domains(site.world, taken, {})).kind) == 4);
    const std::vector both{NewDomain{domain("two.example"), {}, {domain("due.example")}, {}, {}},
                           NewDomain{domain("due.example"), {}, {}, {}, {}}};
    CHECK(exit_code(bad(create_domains(site.world, both, {})).kind) == 4);
    CHECK(good(list_domains(site.world)).rows.size() == 1);
}

TEST_CASE("keys of a domain are set and cleared") {
    TestSite site;
    site.create_domain("one.example");
    const std::string before = site.domain_text("one.example");
    good(set(site, "one.example", "owner=alice"));
    CHECK(site.domain_text("one.example").find("= \"alice\"") != std::string::npos);
    good(set(site, "one.example", "limits.mailboxes=10"));
    CHECK(site.domain_text("one.example").find("[domain.limits]\nmailboxes = 10\n") != std::string::npos);
    CHECK(bad(set(site, "one.example", "limits.mailboxes=ten")).kind == ErrorKind::usage);
    CHECK(bad(set(site, "one.example", "ownr=bob")).hint == "did you mean 'owner'?");
    good(set(site, "one.example", "owner="));
    CHECK(site.domain_text("one.example").find("alice") == std::string::npos);
}

TEST_CASE("a domain is shown with every key that can be set, and listed with those that say so") {
    TestSite site;
    site.create_domain("one.example");
    good(set(site, "one.example", "limits.mailbox_quota=2G"));
    const auto has = [](const Report& report, std::string_view name, const DomainKey& key) {
        const auto& row = report.rows.front();
        const auto cell = std::ranges::find(row, name, &Cell::key);
        return cell != row.end() && cell->heading == key.showing.heading;
    };
    const auto shown = good(show_domains(site.world, std::vector{domain("one.example")}));
    const auto listed = good(list_domains(site.world));
    for (const auto& key : domain_keys()) {
        CAPTURE(key.name);
        const auto name = key.showing.name.empty() ? key.name : key.showing.name;
        CHECK(name.find('.') == std::string_view::npos);
        if (key.is_setting()) CHECK(has(shown, name, key));
        if (key.is_setting()) CHECK(has(listed, name, key) == key.showing.in_list);
    }
    CHECK(render(shown, Format::plain, Colour::off, 0).find("\t2147483648\t") == std::string::npos); // the last column
    CHECK(render(shown, Format::plain, Colour::off, 0).ends_with("\t2147483648\n"));
}

TEST_CASE("other names of a domain come and go") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    const std::vector names{domain("uno.example")};
    good(add_domain_aliases(site.world, domain("one.example"), names, {}));
    CHECK(site.outcome("paul@uno.example") == "deliver");
    good(remove_domain_aliases(site.world, domain("one.example"), names, {}));
    CHECK(site.outcome("paul@uno.example") == "reject");
}

TEST_CASE("suspending a domain twice is nothing to change the second time") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    const std::vector names{domain("one.example")};
    good(suspend_domains(site.world, names, {}));
    CHECK(site.outcome("paul@one.example") != "deliver");
    CHECK(good(suspend_domains(site.world, names, {})).notes.front() == "nothing to change");
    good(resume_domains(site.world, names, {}));
    CHECK(site.outcome("paul@one.example") == "deliver");
}

TEST_CASE("a domain is deleted with its mail archived, but not while another refers to it") {
    TestSite site;
    site.create_domain("one.example");
    site.create_domain("two.example");
    site.create_mailbox("paul@one.example");
    site.write("mail/one.example/paul/new/1.x", "mail");
    good(set(site, "two.example", "unknown=domain:one.example"));
    const std::vector names{domain("one.example")};
    CHECK(bad(delete_domains(site.world, names, {})).what.find("domain 'two.example' (unknown)") != std::string::npos);
    good(set(site, "two.example", "unknown="));
    good(delete_domains(site.world, names, {}));
    CHECK_FALSE(site.exists("etc/domains/one.example.toml"));
    CHECK(site.outcome("paul@one.example") == "reject");
    CHECK(site.read("mail/.archive/one.example/paul-20261122T032800Z-8/new/1.x") == "mail");
    CHECK(good(check_maps(site.world)).status == 0);
}

TEST_CASE("an edited text is installed unless the file has changed meanwhile") {
    TestSite site;
    site.create_domain("one.example");
    const auto before = good(load_domain_text(site.world, domain("one.example")));
    const std::string after = before.text + "\n[mailbox.paul]\n";
    CHECK(bad(check_domain_text(site.world, {before.name, "copy.toml", "[mailbox"}, {})).kind == ErrorKind::invalid);
    CHECK(check_domain_text(site.world, {before.name, "copy.toml", after}, {}));
    good(install_domain_text(site.world, before, after, {}));
    CHECK(site.mailboxes() == std::vector<std::string>{"paul@one.example"});
    CHECK(bad(install_domain_text(site.world, before, after + "\n", {})).kind == ErrorKind::conflict);
}
