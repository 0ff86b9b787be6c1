// SPDX-License-Identifier: Apache-2.0
#include "maps/postfix_patterns.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <fmt/format.h>
#include <regex.h>

using namespace mailctl;

namespace {

// What Postfix does with a line of a regexp table: an extended, case-insensitive POSIX expression.
bool matches(const std::string& expression, const std::string& text) {
    regex_t compiled{};
    REQUIRE(regcomp(&compiled, expression.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0);
    const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    regfree(&compiled);
    return found;
}

bool resolver_bans(const std::string& pattern, const std::string& delimiters, const std::string& local) {
    if (matches_glob(pattern, local)) return true;
    const auto at = local.find_first_of(delimiters);
    return at != std::string::npos && at > 0 && matches_glob(pattern, local.substr(0, at));
}

} // namespace

TEST_CASE("an expression bans exactly what the resolver bans") {
    const std::string alphabet = "ab+-.^]$*?|(\\/{";
    CHECK(rc::check([&] {
        const auto word = [&](std::string letters) {
            return *rc::gen::container<std::string>(rc::gen::elementOf(std::move(letters)));
        };
        const auto pattern = word(alphabet + "****") + "*";
        const auto local = word("abab+-.^]$|(\\/{");
        const auto delimiters = *rc::gen::element<std::string>("", "+", "-", "+-", "^", "]^-", "^+");
        const auto expression = fmt::format("^{}$", pattern_expression(pattern, delimiters));
        RC_ASSERT(matches(expression, local) == resolver_bans(pattern, delimiters, local));
    }));
}

TEST_CASE("every SRS address of the domain matches, nothing else does") {
    const auto line = srs_pattern(DomainName::parse("mx.example.org").value(), "srs");
    const auto expression = line.substr(1, line.rfind('/') - 1);
    for (const auto* address :
         {"SRS0=HHHH=TT=two.example=ringo@mx.example.org", "srs1+HH=a.example==HH=TT=b.example=x@MX.example.org",
          "SRS0-HHHH=TT=two.example=ringo@mx.example.org"})
        CHECK(matches(expression, address));
    for (const auto* address : {"srs0=@mx.example.org", "srs2=HHHH=TT=a=b@mx.example.org", "paul@mx.example.org",
                                "SRS0=HHHH=TT=two.example=ringo@mxxexample.org", "xSRS0=HH@mx.example.org",
                                "SRS0=HHHH=TT=two.example=ringo@mx.example.org.evil.example"})
        CHECK_FALSE(matches(expression, address));
}
