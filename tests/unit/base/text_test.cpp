// SPDX-License-Identifier: Apache-2.0
#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace mailctl {
namespace {

// What matches_glob promises, said in the shortest way, at any cost in time.
bool glob_reference(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*')
        return glob_reference(pattern.substr(1), text) || (!text.empty() && glob_reference(pattern, text.substr(1)));
    if (text.empty() || (pattern[0] != '?' && fold(pattern.substr(0, 1)) != fold(text.substr(0, 1)))) return false;
    return glob_reference(pattern.substr(1), text.substr(1));
}

rc::Gen<std::string> string_of(std::string_view alphabet) {
    return rc::gen::container<std::string>(rc::gen::elementOf(std::string(alphabet)));
}

} // namespace

TEST_CASE("trim takes blanks from both ends only") {
    CHECK(trim("  a b\t\r\n") == "a b");
    CHECK(trim(" \t") == "");
    CHECK(trim("") == "");
}

TEST_CASE("folding touches ASCII capitals and nothing else") {
    CHECK(fold("AbZ[@`É") == "abz[@`É");
    CHECK(equal_folded("PostMaster", "postmaster"));
    CHECK_FALSE(equal_folded("a", "ab"));
    CHECK_FALSE(equal_folded("[", "{")); // 32 apart like letters, but no letters
}

TEST_CASE("splitting keeps empty fields, and joining undoes it") {
    CHECK(split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
    CHECK(split("", ',') == std::vector<std::string_view>{""});
    CHECK(rc::check("join(split(x)) == x", [] {
        const auto text = *string_of("ab,;");
        std::vector<std::string> fields;
        for (const auto field : split(text, ','))
            fields.emplace_back(field);
        RC_ASSERT(join(fields, ",") == text);
    }));
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
    for (const auto* good : {"", "plain", "é", "€", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"})
        CHECK_MESSAGE(is_utf8(good), good);
    struct Bad {
        const char* what;
        std::string_view bytes;
    };
    for (const auto& [what, bytes] : std::initializer_list<Bad>{{"a lone continuation", "\x80"},
                                                                {"an overlong slash", "\xC0\xAF"},
                                                                {"an overlong slash in three", "\xE0\x80\xAF"},
                                                                {"a surrogate", "\xED\xA0\x80"},
                                                                {"an overlong form in four", "\xF0\x8F\xBF\xBF"},
                                                                {"beyond U+10FFFF", "\xF4\x90\x80\x80"},
                                                                {"an impossible lead", "\xF5\x80\x80\x80"},
                                                                {"a cut sequence", "\xE2\x82"},
                                                                {"a lead before ASCII", "\xC3(1"}})
        CHECK_FALSE_MESSAGE(is_utf8(bytes), what);
}

TEST_CASE("code points are counted, invalid bytes one each") {
    CHECK(count_code_points("aé€😀") == 4);
    CHECK(count_code_points("a\xFF\xFE") == 3);
    CHECK(code_point_at("x€", 1)->value == U'€');
    CHECK(code_point_at("x€", 1)->length == 3);
    CHECK_FALSE(code_point_at("€", 1).has_value());
}

TEST_CASE("a glob pattern is anchored at both ends and knows no case") {
    CHECK(matches_glob("promo-*", "Promo-2026"));
    CHECK(matches_glob("*", ""));
    CHECK(matches_glob("a?c", "abc"));
    CHECK_FALSE(matches_glob("promo-*", "my-promo-1"));
    CHECK_FALSE(matches_glob("a?c", "ac"));
    CHECK_FALSE(matches_glob("", "a"));
}

TEST_CASE("glob patterns agree with the plain recursive definition") {
    CHECK(rc::check("matches_glob == reference", [] {
        const auto pattern = *rc::gen::resize(10, string_of("aAb*?"));
        const auto text = *rc::gen::resize(12, string_of("abB"));
        const bool matches = matches_glob(pattern, text);
        RC_CLASSIFY(matches);
        RC_ASSERT(matches == glob_reference(pattern, text));
    }));
}

TEST_CASE("a glob pattern made to backtrack without end answers at once") {
    std::string pattern;
    for (int i = 0; i < 40; ++i)
        pattern += "*a";
    CHECK_FALSE(matches_glob(pattern + "b", std::string(20000, 'a')));
}

TEST_CASE("printable text stays on its line and leaves the terminal alone") {
    CHECK(printable("büro 😀") == "büro 😀");
    CHECK(printable("a\r\nX: y") == "a\\x0D\\x0AX: y");
    CHECK(printable("\x1b[2J") == "\\x1B[2J");
    CHECK(printable("\xC2\x9B") == "\\xC2\\x9B");              // C1 CSI
    CHECK(printable("a\xE2\x80\xAEz") == "a\\xE2\\x80\\xAEz"); // right-to-left override
    CHECK(printable("\xFFok") == "\\xFFok");
    for (const char* unseen : {"\u00A0", "\u00AD", "\u200B", "\u200D", "\u2060", "\u3000", "\uFEFF"})
        CHECK(printable(unseen).find("\\x") == 0);
}

TEST_CASE("printable text is always UTF-8 without control characters") {
    CHECK(rc::check("printable(any bytes)", [] {
        const auto shown = printable(*rc::gen::arbitrary<std::string>());
        RC_ASSERT(is_utf8(shown));
        for (const char c : shown)
            RC_ASSERT((c < 0 || c >= ' ') && c != 0x7F);
    }));
}

TEST_CASE("the nearest candidate is near, or there is none") {
    const std::vector<std::string> names{"anna", "mailbox", "forward", "alias"};
    CHECK(nearest("ann", names) == "anna");
    CHECK(nearest("mialbox", names) == "mailbox"); // two neighbours swapped are one slip
    CHECK(nearest("forwrad", names) == "forward");
    CHECK_FALSE(nearest("completely", names).has_value());
    CHECK_FALSE(nearest("al", names).has_value());
    CHECK_FALSE(nearest("", names).has_value());
}

TEST_CASE("of several near candidates the nearest wins") {
    const std::vector<std::string> names{"paulas", "paula", "pauls"};
    CHECK(nearest("paulaa", names) == "paulas");
    CHECK(nearest("paula", names) == "paula");
}

} // namespace mailctl
