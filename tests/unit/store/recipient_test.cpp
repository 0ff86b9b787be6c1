// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/recipient.hpp"

#include "../os/temp_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace mailctl;

namespace {

const DomainName mx = DomainName::from_trusted("mx.example");
const SrsKeys keys{mx, {"secret"}};
constexpr DayNumber day = 20'000;

std::string outcome_of(std::string_view recipient, DayNumber today) {
    const Site site;
    const ModelLookup::Domains domains;
    const ModelLookup lookup(site, domains);
    ResolveSettings settings;
    settings.today = Date(std::chrono::sys_days(std::chrono::days(today)));
    const auto plan = resolve_recipient(lookup, settings, keys, Address::parse(recipient).value()).value();
    if (const auto* reject = std::get_if<Reject>(&plan.outcome)) return reject->enhanced;
    const auto& delivery = std::get<Deliver>(plan.outcome).deliveries.at(0);
    return std::get<ForwardDelivery>(delivery).to.text();
}

} // namespace

TEST_CASE("a bounce to a rewritten sender goes back to the original one, a forged or old one to nobody") {
    const auto rewritten = srs_rewrite(Address::parse("bob@far.example").value(), keys, day)->text();
    CHECK(outcome_of(rewritten, day) == "bob@far.example");
    CHECK(outcome_of(rewritten, day + 60) == "5.1.1");
    CHECK(outcome_of("SRS0=AAAA=AA=far.example=bob@mx.example", day) == "5.1.1");
    CHECK(outcome_of("bob@mx.example", day) == "5.1.2");       // an ordinary name: the resolver's business
    CHECK(outcome_of("SRS0=x@other.example", day) == "5.1.2"); // not our SRS domain
}

TEST_CASE("secrets are read one a line; without any, senders can't be rewritten now") {
    const test::TempDirectory directory;
    Paths paths;
    paths.srs_secret = directory / "srs.secret";
    Site site;
    site.hostname = mx;
    for (const char* nothing : {"", "\n", " \n\n"}) {
        const auto keys = load_srs_keys(paths, site);
        REQUIRE(!keys);
        CHECK(keys.error().kind == ErrorKind::temporary);
        CHECK(keys.error().what.find(paths.srs_secret) != std::string::npos);
        std::ofstream(paths.srs_secret) << nothing;
    }
    site.delivery.srs = false;
    CHECK(load_srs_keys(paths, site).value().secrets.empty());
    site.delivery.srs = true;
    std::ofstream(paths.srs_secret) << "new\n\n  old \n";
    CHECK(load_srs_keys(paths, site).value().secrets == std::vector<std::string>{"new", "old"});
    CHECK(load_srs_keys(paths, site).value().domain == mx);
    const std::string secret =
        "as long as the one that init makes: 48 letters and digits"; // too long for a string's own room
    std::ofstream(paths.srs_secret) << secret << '\n' << secret << "2\n";
    CHECK(load_srs_keys(paths, site).value().secrets == std::vector{secret, secret + "2"});
}
