// SPDX-License-Identifier: Apache-2.0
// The decision by itself, for every role and right. The matrix over the real command table is in unit/cli.
#include "mailctl/site/rights.hpp"

#include "mailctl/admin/roles.hpp"
#include "test_site.hpp"

#include <rapidcheck.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

const Role site_role{};
const Role alice{.kind = Role::Kind::owner, .owner = "alice", .domain = {}, .local = {}};
const Role postmaster{
    .kind = Role::Kind::postmaster, .owner = {}, .domain = domain("one.example"), .local = "postmaster"};
const Role ann{.kind = Role::Kind::user, .owner = {}, .domain = domain("one.example"), .local = "ann"};

RightTarget target(const std::string& name, const std::string& owner, std::optional<std::string> local = {}) {
    return {name, domain(name), owner, std::move(local)};
}
RightRequest request(Right right, std::vector<RightTarget> targets = {}) {
    return {"some command", right, std::move(targets), {}, {}, {}, {}};
}
bool may(const Role& role, const RightRequest& what) {
    const auto answer = check_right(role, what);
    if (!answer) CHECK(answer.error().kind == ErrorKind::denied);
    return answer.has_value();
}

} // namespace

TEST_CASE("the site's administrator may do everything") {
    for (const Right right :
         {Right::unstated, Right::everybody, Right::site, Right::domain, Right::mailbox, Right::listing})
        CHECK(may(site_role, request(right, {target("two.example", "bob")})));
}

TEST_CASE("nobody else may do what is the site's, nor what states no right") {
    for (const Role& role : {alice, postmaster, ann}) {
        CHECK_FALSE(may(role, request(Right::site)));
        CHECK_FALSE(may(role, request(Right::unstated)));
        CHECK(may(role, request(Right::everybody)));
    }
}

TEST_CASE("an owner may do what is inside his domains") {
    const auto his = target("one.example", "alice", "ann"), hers = target("two.example", "bob", "ann");
    for (const Right right : {Right::domain, Right::mailbox, Right::listing}) {
        CHECK(may(alice, request(right, {his})));
        CHECK_FALSE(may(alice, request(right, {hers})));
        CHECK_FALSE(may(alice, request(right, {his, hers})));
        CHECK_FALSE(may(alice, request(right, {RightTarget{"x", {}, "", {}}})));
    }
    CHECK_FALSE(may(alice, request(Right::domain, {target("one.example", "")})));
    CHECK_FALSE(may(alice, request(Right::domain, {target("one.example", "ALICE")})));
}

TEST_CASE("a postmaster may do what is inside his domain") {
    CHECK(may(postmaster, request(Right::domain, {target("one.example", "bob")})));
    CHECK(may(postmaster, request(Right::mailbox, {target("one.example", "bob", "ann")})));
    CHECK_FALSE(may(postmaster, request(Right::domain, {target("two.example", "bob")})));
}

TEST_CASE("a user reaches nothing but his mailbox, and sees listings of his domain") {
    const auto own = target("one.example", "bob", "ann"), other = target("one.example", "bob", "anna");
    CHECK(may(ann, request(Right::mailbox, {own})));
    CHECK_FALSE(may(ann, request(Right::mailbox, {other})));
    CHECK_FALSE(may(ann, request(Right::mailbox, {own, other})));
    CHECK_FALSE(may(ann, request(Right::mailbox, {target("two.example", "bob", "ann")})));
    CHECK_FALSE(may(ann, request(Right::mailbox, {target("one.example", "bob")})));
    CHECK_FALSE(may(ann, request(Right::domain, {own})));
    CHECK(may(ann, request(Right::listing, {target("one.example", "bob")})));
    CHECK_FALSE(may(ann, request(Right::listing, {target("two.example", "bob")})));
}

TEST_CASE("keys are those of the role, files are nobody's") {
    auto set = request(Right::mailbox, {target("one.example", "alice", "ann")});
    set.owner_keys = {"forward", "copy_to"};
    set.user_keys = {"forward"};
    set.keys = {"forward"};
    CHECK((may(ann, set) && may(alice, set)));
    set.keys = {"forward", "copy_to"};
    CHECK_FALSE(may(ann, set));
    CHECK(may(alice, set));
    set.keys = {"node"};
    CHECK_FALSE(may(alice, set));
    CHECK(may(site_role, set));
    set.keys.clear();
    set.file_options = {"--password-file"};
    CHECK_FALSE(may(alice, set));
    CHECK_FALSE(may(ann, set));
    CHECK(may(site_role, set));
}

TEST_CASE("an account is owner:NAME or an address, and nothing else") {
    for (const char* text : {"", "owner:", "owner: ", "owner:a\nb", "root", "@one.example", "ann@", "ann@[192.0.2.1]",
                             "ann@one.example ", "ann@one.example --root /", "--root", "owner:a\x1b[2J"})
        CHECK_MESSAGE(bad(parse_role(text)).kind == ErrorKind::usage, text);
    CHECK(std::get<std::string>(good(parse_role("owner:alice@home"))) == "alice@home");
    CHECK(std::get<Address>(good(parse_role("ann@one.example"))).text() == "ann@one.example");
    CHECK(rc::check([](const std::string& text) { // whatever comes: a value or a usage error
        const auto role = parse_role(text);
        RC_ASSERT(role.has_value() || role.error().kind == ErrorKind::usage);
    }));
}

TEST_CASE("a user sees his mailbox alone, without the administrator's copies") {
    Domain full(domain("one.example"));
    full.owner = "alice";
    full.mailboxes["ann"].copy_to = {address("boss@one.example")};
    full.mailboxes["ann"].aliases = {"sales"};
    full.mailboxes["bob"];
    full.forwards["team"];
    full.banished = {{"spam", BanAnswer::discard}};
    CHECK(seen_by(alice, full) == full);
    const Domain seen = seen_by(ann, full);
    CHECK(seen.mailboxes.size() == 1);
    CHECK(seen.mailboxes.at("ann").copy_to.empty());
    CHECK(seen.mailboxes.at("ann").aliases.size() == 1);
    CHECK((seen.forwards.empty() && seen.banished.empty() && seen.owner.empty()));
}

TEST_CASE("accounts are looked up in the site") {
    TestSite site;
    site.create_domain("one.example", {domain("uno.example")});
    site.create_mailbox("ann@one.example");
    CHECK(good(find_role(site.world, "ann@uno.example")).text() == "ann@one.example");
    CHECK(good(find_role(site.world, "ANN@one.example")).kind == Role::Kind::user);
    CHECK(good(find_role(site.world, "Postmaster@one.example")).kind == Role::Kind::postmaster);
    for (const char* nobody : {"bob@one.example", "postmaster@elsewhere.example", "ann@two.example", "*@one.example"})
        CHECK_MESSAGE(bad(find_role(site.world, nobody)).kind == ErrorKind::denied, nobody);
    CHECK(bad(domains_of(site.world, alice)).kind == ErrorKind::denied);
}

TEST_CASE("who may not log in has no role") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("ann@one.example");
    const std::vector ann_address{address("ann@one.example")};
    good(suspend_mailboxes(site.world, ann_address, {.login = false, .receive = {}, .reason = {}, .until = {}}, {}));
    good(find_role(site.world, "ann@one.example"));
    good(suspend_mailboxes(site.world, ann_address, {.login = true, .receive = {}, .reason = {}, .until = {}}, {}));
    CHECK(bad(find_role(site.world, "ann@one.example")).what == "'ann@one.example' is suspended");
    const std::vector names{domain("one.example")};
    good(suspend_domains(site.world, names, {}));
    CHECK(bad(find_role(site.world, "postmaster@one.example")).kind == ErrorKind::denied);
}
