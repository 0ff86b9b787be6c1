// SPDX-License-Identifier: Apache-2.0
// Keys are made while nobody waits for the lock, and only as many as are wanted.
#include "mailctl/admin/care/dkim.hpp"
#include "mailctl/change/key_changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "test_site.hpp"

#include <chrono>
#include <set>

using namespace mailctl;
using namespace mailctl::test;

namespace {

bool lock_is_free(const TestSite& site) {
    return Lock::acquire(site.world.paths.lock, std::chrono::milliseconds(0), "another").has_value();
}

SelectorPlan plan_without_changes() { return {{}, report_of("dkim_key", Layout::text)}; }

} // namespace

TEST_CASE("a stock counts the keys a plan wants before it makes them") {
    KeyStock keys;
    for (int i = 0; i < 5; ++i)
        CHECK(good(keys.take(DkimAlgorithm::ed25519)).pem.empty());
    REQUIRE(keys.fill());
    std::set<std::string> made;
    for (int i = 0; i < 7; ++i) { // two more than were counted
        const auto key = good(keys.take(DkimAlgorithm::ed25519));
        CHECK(key.algorithm == DkimAlgorithm::ed25519);
        CHECK(key.pem.contains("PRIVATE KEY"));
        made.insert(key.public_key);
    }
    CHECK(made.size() == 7);
    CHECK(good(keys.take(DkimAlgorithm::rsa)).algorithm == DkimAlgorithm::rsa);
}

TEST_CASE("keys are counted without the lock and given under it") {
    TestSite site;
    std::vector<std::pair<bool, bool>> plans; // whether the lock was free, and the key a real one
    REQUIRE(change_selectors(site.world, {}, [&](const SiteView&, KeyStock& keys) -> Result<SelectorPlan> {
        const auto key = good(keys.take(DkimAlgorithm::ed25519));
        plans.emplace_back(lock_is_free(site), !key.pem.empty());
        return plan_without_changes();
    }));
    CHECK(plans == std::vector<std::pair<bool, bool>>{{true, false}, {false, true}});
}

TEST_CASE("a plan that fails without the lock is decided under it") {
    TestSite site;
    int plans = 0;
    const auto done = change_selectors(site.world, {}, [&](const SiteView&, KeyStock& keys) -> Result<SelectorPlan> {
        const bool is_real = !good(keys.take(DkimAlgorithm::ed25519)).pem.empty();
        CHECK(is_real == (plans == 1));
        if (plans++ == 0) return fail(ErrorKind::conflict, "half of a change is seen", "");
        return plan_without_changes();
    });
    CHECK(done);
    CHECK(plans == 2);
}

TEST_CASE("a dry run makes no key") {
    TestSite site;
    ChangeOptions options;
    options.dry_run = true;
    int plans = 0;
    REQUIRE(change_selectors(site.world, options, [&](const SiteView&, KeyStock& keys) -> Result<SelectorPlan> {
        CHECK(good(keys.take(DkimAlgorithm::rsa)).pem.empty());
        ++plans;
        return plan_without_changes();
    }));
    CHECK(plans == 1);
}

TEST_CASE("a domain that is named twice gets one key") {
    TestSite site;
    site.create_domain("one.example", {domain("uno.example")});
    NewKeys request;
    request.domains = {domain("one.example"), domain("uno.example"), domain("one.example")};
    request.algorithms = {DkimAlgorithm::ed25519};
    CHECK(good(create_keys(site.world, request, {})).rows.size() == 1);
    CHECK(good(list_keys(site.world, {})).rows.size() == 1);
}
