// SPDX-License-Identifier: Apache-2.0
// selectors.toml: read as it was written, and refused whole where anything in it is wrong.
#include "mailctl/config/selectors_file.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

const auto signed_domain = DomainName::from_trusted("example.org");
Instant instant(const char* text) { return *parse_rfc3339(text); }

std::string refusal(std::string_view text) {
    const auto selectors = parse_selectors(text, "selectors.toml");
    return selectors ? "taken" : selectors.error().what;
}

} // namespace

TEST_CASE("selectors: what is written is read back") {
    const std::vector<DkimSelector> selectors{
        {"202608e", DkimAlgorithm::ed25519, SelectorState::active, instant("2026-08-29T12:00:00Z"), "11qYAYKxCrfVS/w="},
        {"202608r", DkimAlgorithm::rsa, SelectorState::gone, instant("2026-12-31T23:59:59Z"), ""},
        {"mail.old", DkimAlgorithm::rsa, SelectorState::fresh, instant("2026-01-01T00:00:00Z"), "MIIB"}};
    const auto read = parse_selectors(format_selectors(signed_domain, selectors), "selectors.toml");
    REQUIRE(read);
    CHECK(*read == selectors);
    CHECK(parse_selectors(format_selectors(signed_domain, {}), "selectors.toml")->empty());
}

TEST_CASE("selectors: parts of a second are not kept") {
    const std::vector<DkimSelector> selectors{
        {"a", DkimAlgorithm::rsa, SelectorState::active, instant("2026-08-29T12:00:00.5Z"), "MIIB"}};
    const auto read = parse_selectors(format_selectors(signed_domain, selectors), "selectors.toml");
    REQUIRE(read);
    CHECK(read->front().since == instant("2026-08-29T12:00:00Z"));
}

TEST_CASE("selectors: a damaged file is not half-used") {
    const std::string good = "[selector.a]\nalgorithm = \"rsa\"\nstate = \"active\"\nsince = 2026-08-29T12:00:00Z\n";
    CHECK(refusal(good + "public_key = \"MIIB\"\n") == "taken");
    CHECK(refusal(good).contains("public_key"));
    CHECK(refusal(good + "public_key = \"MI IB\"\n").contains("public_key"));
    CHECK(refusal(good + "public_key = \"MIIB\"\nkey = 1\n").contains("key"));
    CHECK(refusal("[selector.a]\nalgorithm = \"dsa\"\n").contains("algorithm"));
    CHECK(refusal("[selector.\"../x\"]\nalgorithm = \"rsa\"\n").contains("../x"));
    CHECK(refusal("[selector.a]\nstate = \"active\"\nsince = 2026-08-29\n").contains("since"));
    CHECK(refusal("selector = 3\n").contains("selector"));
}

TEST_CASE("selectors: what one may be called") {
    for (const char* name : {"202608r", "mail", "a.b", "s1_domain", "a-b"}) {
        CAPTURE(name);
        CHECK(is_selector_name(name));
    }
    for (const auto& name : {std::string(), std::string("A"), std::string("a..b"), std::string("-a"),
                             std::string("a/b"), std::string(".a"), std::string(64, 'a')}) {
        CAPTURE(name);
        CHECK(!is_selector_name(name));
    }
}
