// SPDX-License-Identifier: Apache-2.0
// Deliveries under way.
#include "mailctl/store/under_way.hpp"

#include "../maildir/maildirs.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct MarkedSite : TempDirectory {
    Paths paths = paths_below(path());
    MarkedSite() { REQUIRE(make_directories(paths.lib, 0755)); }

    [[nodiscard]] DeliveryMark mark(std::uint64_t generation) const {
        auto made = DeliveryMark::make(paths, generation);
        REQUIRE(made);
        return std::move(*made);
    }
    [[nodiscard]] bool is_older(std::uint64_t generation) const {
        const auto older = is_older_delivery_under_way(paths, generation);
        REQUIRE(older);
        return *older;
    }
};

} // namespace

TEST_CASE("deliveries: where they are not marked they go on, and nobody can be told that none is under way") {
    const MarkedSite site;
    (void)site.mark(7);
    CHECK_FALSE(is_older_delivery_under_way(site.paths, 7));
}

TEST_CASE("deliveries: one that goes by an older directory is seen until it ends, whatever others begin") {
    const MarkedSite site;
    REQUIRE(mark_deliveries(site.paths));
    CHECK_FALSE(site.is_older(8));
    auto old = std::optional(site.mark(7));
    const auto another = std::optional(site.mark(7));
    const auto current = site.mark(8);
    REQUIRE(mark_deliveries(site.paths));
    CHECK_FALSE(site.is_older(7));
    CHECK(site.is_older(8));
    old.reset();
    CHECK(site.is_older(8)); // two deliveries of one process are two
    auto last = std::optional(site.mark(3));
    CHECK(site.is_older(4));
    last.reset();
    CHECK_FALSE(site.is_older(4));
}

TEST_CASE("deliveries: none begins where it cannot be marked") {
    const MarkedSite site;
    REQUIRE(symlink("target", (site.paths.lib + "/deliveries").c_str()) == 0);
    const auto mark = DeliveryMark::make(site.paths, 1);
    REQUIRE_FALSE(mark);
    CHECK(mark.error().kind == ErrorKind::temporary);
}
