// SPDX-License-Identifier: Apache-2.0
// The quick reader against the parser.
#include "mailctl/config/toml/plain.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace mailctl;

namespace {

// Whether the quick reader takes the text; if so it must be TOML and mean the same.
bool takes(const std::string& text) {
    const auto plain = read_plain_toml(text);
    if (!plain) return false;
    const auto parsed = parse_toml(text, "test");
    INFO(text);
    CHECK(parsed.diagnostics.empty());
    CHECK(*plain == parsed.root);
    return true;
}

} // namespace

TEST_CASE("what domain files usually hold is read quickly") {
    CHECK(takes(""));
    CHECK(takes("# only a comment"));
    CHECK(takes("a = 1\n[domain]\nowner = \"x\" # who\naliases = [ \"a\", 'b', ]\n[mailbox.\"a.b\"]\nstore = false\n"
                "[mailbox.paul]\nquota = '2 GiB'\n\n[mailbox.paul.autoreply]\nsubject=\"\"\n"));
    CHECK(takes("[a]\r\n") == false); // the parser's
    CHECK(takes("a = [\n  \"x\", # one\n\n  \"y\"\n]\nb = 2\n"));
    CHECK(takes("\xEF\xBB\xBFname = \"J\xC3\xBCrgen\"\n"));
}

TEST_CASE("a header deeper than a key may be is the parser's, who refuses it") {
    const auto header = [](std::size_t parts) {
        std::string text = "[a";
        for (std::size_t i = 1; i < parts; ++i)
            text += ".a";
        return text + "]\n";
    };
    CHECK(takes(header(16)));
    for (const std::size_t parts : {std::size_t{17}, std::size_t{200'000}}) { // the last would end in a stack overflow
        CHECK(takes(header(parts)) == false);
        CHECK(parse_toml(header(parts), "test").diagnostics.size() == 1);
    }
}

TEST_CASE("values of other kinds are read by the parser, one by one") {
    CHECK(
        takes("[d]\nunknown = { action = \"redirect\", to = [\"a\"] } # so\nuntil = 2026-12-31\n[e]\nx = \"a\\tb\"\n"));
    CHECK(takes("message = \"\"\"\n[not.a.header]\nkey = 1\n\"\"\"\nnext = 0x10\n[a]\nb = [[1], [2]]\nc = 'x'\n"));
}

TEST_CASE("less common TOML and errors are left to the parser") {
    for (const auto* text :
         {"a.b = 1\n", "[[a]]\n", "[a.b]\n[a]\n", "[a]\n[a]\n", "a = 1\na = 2\n", "a = { b = 1 }\n[a.c]\n",
          "[a]\nb = 1\n[a.b]\n", "a = \n", "a = 01\n", "a = \"x\n", "[a\n", "a = 1 b = 2\n", "\x01 = 1\n",
          "a = \"\xff\"\n", "= 1\n", "[]\n", "a = 99999999999999999999\n", "a = \"x\" \"y\"\n", "[a] b = 1\n"})
        CHECK_FALSE(takes(text));
}

TEST_CASE("a quick reading means what the parser's means, whatever the pieces") {
    const std::vector<std::string> pieces{"[a]\n",
                                          "[a.b]\n",
                                          "[ a . \"c.d\" ]\n",
                                          "[e.'f g'.h] # x\n",
                                          "[[a]]\n",
                                          "k = 1\n",
                                          "k=-1\n",
                                          "l = \"x\"\n",
                                          "m = 'y' # z\n",
                                          "n = [\"p\", 'q']\n",
                                          "n2 = [\n\"p\",\n#c\n]\n",
                                          "o = { a = 1, b = \"c\" }\n",
                                          "q.r = 3\n",
                                          "\"s t\" = true\n",
                                          "u = false\n",
                                          "\n",
                                          "# c\n",
                                          "v = \"\"\n",
                                          "w = \"\"\"x\n[y]\nz\"\"\"\n",
                                          "x = '''a'''\n",
                                          "y = 2026-01-01\n",
                                          "z = 07:00:00\n",
                                          "aa = [1, 2]\n",
                                          "bb = \"a\\\"b\"\n",
                                          "cc = 1.5\n",
                                          "dd = inf\n",
                                          "ee = [ ]\n",
                                          "ff = \"a\\u00e9\"\n",
                                          "b = 1\n",
                                          "  i = 2\n",
                                          "gg = 0\n",
                                          "hh = 00\n",
                                          "ii = \"#\"\n",
                                          "jj",
                                          "= 1",
                                          "[",
                                          "]",
                                          "\"",
                                          "'",
                                          ",",
                                          " ",
                                          "{",
                                          "}"};
    CHECK(rc::check([&] {
        const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces));
        std::string text;
        for (const auto& piece : chosen)
            text += piece;
        const auto plain = read_plain_toml(text);
        if (!plain) return;
        const auto parsed = parse_toml(text, "test");
        RC_ASSERT(parsed.diagnostics.empty());
        RC_ASSERT(*plain == parsed.root);
    }));
}
