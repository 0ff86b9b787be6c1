// SPDX-License-Identifier: Apache-2.0
// Edits by example: each case shows a text before and the exact text after.
#include "mailctl/config/toml/edit.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace mailctl;

namespace {

std::string edited(std::string text, const std::vector<Edit>& edits) {
    auto result = apply_edits(std::move(text), edits, "example.toml");
    if (!result) FAIL_CHECK(result.error().what);
    return result ? *result : std::string();
}

Error refused(std::string text, const std::vector<Edit>& edits) {
    const auto result = apply_edits(std::move(text), edits, "example.toml");
    REQUIRE_FALSE(result);
    return result.error();
}

std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '\n' ? "\r\n" : std::string(1, c);
    return out;
}

const KeyPath quota = {"mailbox", "paul", "quota"};
const KeyPath aliases = {"mailbox", "paul", "aliases"};

} // namespace

TEST_CASE("setting a value replaces the value alone") {
    CHECK(edited("[mailbox.paul]\n\tquota=  \"1 GiB\"\t# small\n", {SetValue{quota, std::string("2 GiB")}}) ==
          "[mailbox.paul]\n\tquota=  \"2 GiB\"\t# small\n");
    CHECK(edited("[mailbox.paul]\nstore = true\n", {SetValue{{"mailbox", "paul", "store"}, false}}) ==
          "[mailbox.paul]\nstore = false\n");
    CHECK(edited("[mailbox.paul]\naliases = [\n  \"a\", # one\n]\nname = \"P\"\n",
                 {SetValue{aliases, std::vector<std::string>{"b"}}}) ==
          "[mailbox.paul]\naliases = [\"b\"]\nname = \"P\"\n");
    CHECK(edited("[r.a]\nmessage = \"\"\"\nlong\ntext = [\n\"\"\" # after\nx = 1\n",
                 {SetValue{{"r", "a", "message"}, std::string("hi\n")}}) ==
          "[r.a]\nmessage = \"hi\\n\" # after\nx = 1\n");
}

TEST_CASE("setting the value that stands there changes nothing, however it is quoted") {
    for (const std::string_view text :
         {"[mailbox.paul]\nquota = '2 GiB'\n", "[mailbox.paul]\nquota = \"\"\"2 GiB\"\"\"\n",
          "mailbox.paul.quota = \"2\\u0020GiB\"\n", "mailbox = { paul = { quota = '2 GiB' } }\n"})
        CHECK(edited(std::string(text), {SetValue{quota, std::string("2 GiB")}}) == text);
}

TEST_CASE("a new key goes behind the last key of its table") {
    CHECK(edited("[mailbox.paul]\nname = \"Paul\" # him\n\n# the band\n[list.band]\n",
                 {SetValue{quota, std::string("1")}}) ==
          "[mailbox.paul]\nname = \"Paul\" # him\nquota = \"1\"\n\n# the band\n[list.band]\n");
    CHECK(edited("[mailbox.paul]\n[mailbox.paul.autoreply]\nevery = \"1d\"\n", {SetValue{quota, std::string("1")}}) ==
          "[mailbox.paul]\nquota = \"1\"\n[mailbox.paul.autoreply]\nevery = \"1d\"\n");
    CHECK(edited("", {SetValue{{"hostname"}, std::string("mx")}}) == "hostname = \"mx\"\n");
    CHECK(edited("# site\n\n[mail]\nuser = \"v\"\n", {SetValue{{"hostname"}, std::string("mx")}}) ==
          "# site\nhostname = \"mx\"\n\n[mail]\nuser = \"v\"\n");
    CHECK(edited("# lead\n[mail]\n", {SetValue{{"hostname"}, std::string("mx")}}) ==
          "hostname = \"mx\"\n\n# lead\n[mail]\n");
}

TEST_CASE("a new key joins the alignment and the indentation of its neighbours") {
    CHECK(edited("[domain]\n  owner     = \"a\"\n  source_ip = \"auto\"\n",
                 {SetValue{{"domain", "state"}, std::string("active")}}) ==
          "[domain]\n  owner     = \"a\"\n  source_ip = \"auto\"\n  state     = \"active\"\n");
    CHECK(edited("[domain]\nowner = \"a\"\n", {SetValue{{"domain", "ip"}, std::string("x")}}) ==
          "[domain]\nowner = \"a\"\nip = \"x\"\n");
}

TEST_CASE("a new key goes behind the line that shows it commented out") {
    CHECK(edited("[maps]\n# the type\n# type = \"auto\"\n# the mode\n# mode = \"agent\"\n",
                 {SetValue{{"maps", "type"}, std::string("cdb")}}) ==
          "[maps]\n# the type\n# type = \"auto\"\ntype = \"cdb\"\n# the mode\n# mode = \"agent\"\n");
}

TEST_CASE("a new table goes behind its family and is set apart by a blank line where its neighbours are") {
    const std::vector<Edit> add = {AddTable{{"mailbox", "ringo"}, {{"quota", std::string("1")}}}};
    CHECK(edited("[mailbox.paul]\nx = 1\n\n# lists\n[list.band]\n", add) ==
          "[mailbox.paul]\nx = 1\n\n[mailbox.ringo]\nquota = \"1\"\n\n# lists\n[list.band]\n");
    CHECK(edited("[mailbox.paul]\nx = 1\n\n# ---- lists ----\n\n[list.band]\n", add) ==
          "[mailbox.paul]\nx = 1\n\n[mailbox.ringo]\nquota = \"1\"\n\n# ---- lists ----\n\n[list.band]\n");
    CHECK(edited("[mailbox.paul]\n[list.band]\n", add) ==
          "[mailbox.paul]\n[mailbox.ringo]\nquota = \"1\"\n[list.band]\n");
    CHECK(edited("[list.band]\n", add) == "[list.band]\n\n[mailbox.ringo]\nquota = \"1\"\n");
    CHECK(edited("", add) == "[mailbox.ringo]\nquota = \"1\"\n");
    CHECK(edited("[list.band]\n\n", {AddTable{{"forward", "a.b"}, {}}}) == "[list.band]\n\n[forward.\"a.b\"]\n");
}

TEST_CASE("a new table in a family of inline tables or dotted keys keeps that form") {
    const std::vector<Edit> add = {AddTable{{"mailbox", "ringo"}, {{"quota", std::string("1")}}}};
    CHECK(edited("mailbox = { paul = { quota = \"2\" } } # all\n", add) ==
          "mailbox = { paul = { quota = \"2\" }, ringo = { quota = \"1\" } } # all\n");
    CHECK(edited("mailbox.paul.quota = \"2\"\nx = 1\n", add) ==
          "mailbox.paul.quota = \"2\"\nmailbox.ringo = { quota = \"1\" }\nx = 1\n");
    CHECK(edited("[mailbox]\npaul = { quota = \"2\" }\n", add) ==
          "[mailbox]\npaul = { quota = \"2\" }\n\n[mailbox.ringo]\nquota = \"1\"\n");
}

TEST_CASE("a table that exists in any form is not added again") {
    for (const std::string_view text :
         {"[mailbox.paul]\n", "mailbox.paul.quota = \"1\"\n", "mailbox = { paul = {} }\n",
          "[mailbox]\npaul.quota = \"1\"\n", "[mailbox.paul.autoreply]\n", "[mailbox]\n\"paul\" = {}\n"})
        CHECK(refused(std::string(text), {AddTable{{"mailbox", "paul"}, {}}}).kind == ErrorKind::conflict);
}

TEST_CASE("values inside inline tables and dotted keys are found") {
    const std::vector<Edit> set = {SetValue{quota, std::string("3")}};
    CHECK(edited("[mailbox]\npaul = { name = 'P', quota = \"2 GiB\" }\n", set) ==
          "[mailbox]\npaul = { name = 'P', quota = \"3\" }\n");
    CHECK(edited("[mailbox]\npaul = { name = 'P' }\n", set) == "[mailbox]\npaul = { name = 'P', quota = \"3\" }\n");
    CHECK(edited("[mailbox]\npaul = {}\n", set) == "[mailbox]\npaul = { quota = \"3\" }\n");
    CHECK(edited("[mailbox]\npaul.quota = \"2 GiB\"\n", set) == "[mailbox]\npaul.quota = \"3\"\n");
    CHECK(edited("[mailbox]\npaul.name = \"P\"\nringo.name = \"R\"\n", set) ==
          "[mailbox]\npaul.name = \"P\"\npaul.quota = \"3\"\nringo.name = \"R\"\n");
    CHECK(edited("mailbox = { paul.name = 'P' }\n", set) == "mailbox = { paul.name = 'P', paul.quota = \"3\" }\n");
    CHECK(edited("[mailbox.\"paul\"]\n'quota' = 1\n", set) == "[mailbox.\"paul\"]\n'quota' = \"3\"\n");
}

TEST_CASE("a table written with a header takes the entries of an inline table") {
    const InlineTable redirect{{{"action", std::string("redirect")}, {"to", std::vector<std::string>{"paul"}}}};
    CHECK(edited("[domain.unknown]\naction = \"domain\" # for now\ndomain = \"example.net\"\n",
                 {SetValue{{"domain", "unknown"}, redirect}}) ==
          "[domain.unknown]\naction = \"redirect\" # for now\nto = [\"paul\"]\n");
    CHECK(edited("[domain]\nunknown = { action = \"reject\" } # note\n", {SetValue{{"domain", "unknown"}, redirect}}) ==
          "[domain]\nunknown = { action = \"redirect\", to = [\"paul\"] } # note\n");
}

TEST_CASE("an element joins a one-line array") {
    const auto add = [](std::string_view array) {
        return edited("[mailbox.paul]\naliases = " + std::string(array) + " # c\n", {AddElement{aliases, "z"}});
    };
    const auto want = [](std::string_view array) {
        return "[mailbox.paul]\naliases = " + std::string(array) + " # c\n";
    };
    CHECK(add("[]") == want("[\"z\"]"));
    CHECK(add("[ ]") == want("[\"z\"]"));
    CHECK(add("[\"a\"]") == want("[\"a\", \"z\"]"));
    CHECK(add("[ \"a\", ]") == want("[ \"a\", \"z\", ]"));
    CHECK(add("['z', \"a\"]") == want("['z', \"a\"]"));
    CHECK(edited("[mailbox.paul]\nx = 1\n", {AddElement{aliases, "z"}}) ==
          "[mailbox.paul]\nx = 1\naliases = [\"z\"]\n");
}

TEST_CASE("an element joins an array of many lines with a line of its own") {
    const auto add = [](std::string_view array) {
        return edited("[mailbox.paul]\naliases = " + std::string(array) + "\n", {AddElement{aliases, "z"}});
    };
    const auto want = [](std::string_view array) { return "[mailbox.paul]\naliases = " + std::string(array) + "\n"; };
    CHECK(add("[\n  \"a\", # the a\n  \"b\", # the ], b\n]") ==
          want("[\n  \"a\", # the a\n  \"b\", # the ], b\n  \"z\",\n]"));
    CHECK(add("[\n\t\"a\",\n\t\"b\" # last\n]") == want("[\n\t\"a\",\n\t\"b\", # last\n\t\"z\"\n]"));
    CHECK(add("[\n  \"a\",\n  \"b\" ]") == want("[\n  \"a\",\n  \"b\",\n  \"z\" ]"));
    CHECK(add("[ # none yet\n]") == want("[ # none yet\n    \"z\",\n]"));
    CHECK(add("[ \"a\",\n  # more to come\n]") == want("[ \"a\", \"z\",\n  # more to come\n]"));
}

TEST_CASE("an element leaves with its line, its comma or nothing but itself") {
    const auto remove = [](std::string_view array) {
        return edited("[mailbox.paul]\naliases = " + std::string(array) + "\n", {RemoveElement{aliases, "z"}});
    };
    const auto want = [](std::string_view array) { return "[mailbox.paul]\naliases = " + std::string(array) + "\n"; };
    CHECK(remove("[\"z\"]") == want("[]"));
    CHECK(remove("[ 'z', ]") == want("[]"));
    CHECK(remove("[\n  \"z\", # gone\n]") == want("[]"));
    CHECK(remove("[ # stays\n  \"z\", # gone\n]") == want("[ # stays\n]"));
    CHECK(remove("[\"a\", \"z\"]") == want("[\"a\"]"));
    CHECK(remove("[\"z\", \"a\"]") == want("[\"a\"]"));
    CHECK(remove("[\"a\", \"z\", \"b\", ]") == want("[\"a\", \"b\", ]"));
    CHECK(remove("[\"z\", \"a\", \"z\"]") == want("[\"a\"]"));
    CHECK(remove("[\n  \"a\", # the a\n  \"z\", # the z\n  \"b\"\n]") == want("[\n  \"a\", # the a\n  \"b\"\n]"));
    CHECK(remove("[\n  \"a\", # the a\n  \"z\" # the z\n]") == want("[\n  \"a\" # the a\n]"));
    CHECK(remove("[\n  \"a\",\n  \"z\" ]") == want("[\n  \"a\"\n  ]"));
    CHECK(remove("[\"a\"]") == want("[\"a\"]"));
    CHECK(edited("[mailbox.paul]\n", {RemoveElement{aliases, "z"}}) == "[mailbox.paul]\n");
}

TEST_CASE("a key leaves with its line and the comment on it, not with the comment above") {
    CHECK(edited("[mailbox.paul]\n# above\nquota = \"1\" # on it\nname = \"P\"\n", {RemoveKey{quota}}) ==
          "[mailbox.paul]\n# above\nname = \"P\"\n");
    CHECK(edited("[mailbox.paul]\naliases = [\n  \"a\",\n]\n", {RemoveKey{aliases}}) == "[mailbox.paul]\n");
    CHECK(edited("[mailbox]\npaul = { quota = \"1\", name = \"P\" }\n", {RemoveKey{quota}}) ==
          "[mailbox]\npaul = { name = \"P\" }\n");
    CHECK(edited("[mailbox]\npaul = { quota = \"1\" }\n", {RemoveKey{quota}}) == "[mailbox]\npaul = {}\n");
    CHECK(edited("[mailbox.paul]\n", {RemoveKey{quota}}) == "[mailbox.paul]\n");
    CHECK(edited("[mailbox.paul]\nname = 1\n[mailbox.paul.suspend]\nlogin = true\n",
                 {RemoveKey{{"mailbox", "paul", "suspend"}}}) == "[mailbox.paul]\nname = 1\n");
}

TEST_CASE("a mailbox stays when its last key or sub-table goes") {
    CHECK(edited("[mailbox]\npaul.quota = \"1\"\n", {RemoveKey{quota}}) == "[mailbox]\n\n[mailbox.paul]\n");
    CHECK(edited("mailbox = { paul.quota = \"1\" }\n", {RemoveKey{quota}}) == "mailbox = { paul = {} }\n");
    CHECK(edited("[mailbox.paul.autoreply]\nevery = \"1d\"\n", {RemoveTable{{"mailbox", "paul", "autoreply"}}}) ==
          "[mailbox.paul]\n");
}

TEST_CASE("a table leaves with its sub-tables and the comment block directly above it") {
    const std::string text = "[domain]\n\n# people\n\n# him\n# again\n[mailbox.paul]\nquota = \"1\"\n# note\n\n"
                             "[mailbox.paul.autoreply]\nevery = \"1d\"\n\n# "
                             "drummer\n[mailbox.ringo]\n\n[mailbox.paul.suspend]\nlogin = true\n";
    CHECK(edited(text, {RemoveTable{{"mailbox", "paul"}}}) == "[domain]\n\n# people\n\n# drummer\n[mailbox.ringo]\n");
    CHECK(edited("[mailbox.paul]\n\n# ---- lists ----\n\n[list.a]\n", {RemoveTable{{"mailbox", "paul"}}}) ==
          "# ---- lists ----\n\n[list.a]\n");
    CHECK(edited("[mailbox.paulus]\n", {RemoveTable{{"mailbox", "paul"}}}) == "[mailbox.paulus]\n");
    CHECK(edited("[mailbox]\npaul.a = 1\nringo.a = 1\npaul.b = 2\n", {RemoveTable{{"mailbox", "paul"}}}) ==
          "[mailbox]\nringo.a = 1\n");
    CHECK(edited("mailbox = { paul.a = 1, ringo.a = 1, paul.b = 2 }\n", {RemoveTable{{"mailbox", "paul"}}}) ==
          "mailbox = { ringo.a = 1 }\n");
}

TEST_CASE("a table is renamed in every header and key that mentions it") {
    const std::vector<Edit> rename = {RenameTable{{"mailbox", "paul"}, "paul.m"}};
    CHECK(edited("[ mailbox . 'paul' ] # him\n[mailbox.paul.autoreply]\n[list.paul]\n", rename) ==
          "[ mailbox . \"paul.m\" ] # him\n[mailbox.\"paul.m\".autoreply]\n[list.paul]\n");
    CHECK(edited("[mailbox]\npaul.a = 1\npaul.b = 2\n", rename) == "[mailbox]\n\"paul.m\".a = 1\n\"paul.m\".b = 2\n");
    CHECK(edited("mailbox = { paul.a = 1, paul.b = 2 }\n", rename) ==
          "mailbox = { \"paul.m\".a = 1, \"paul.m\".b = 2 }\n");
    CHECK(edited("[mailbox]\npaul = { a = 1 }\n", rename) == "[mailbox]\n\"paul.m\" = { a = 1 }\n");
    CHECK(refused("[mailbox.paul]\n[mailbox.\"paul.m\"]\n", rename).kind == ErrorKind::conflict);
    CHECK(refused("[mailbox.ringo]\n", rename).kind == ErrorKind::missing);
}

TEST_CASE("CRLF, a missing final newline, a byte order mark and non-ASCII text survive") {
    const std::string text = "\xEF\xBB\xBF# Grüße\n[mailbox.paul]\nname = \"Jürgen\"   # 日本\nquota = \"1\"";
    const std::string want = "\xEF\xBB\xBF# Grüße\n[mailbox.paul]\nname = \"Jürgen\"   # 日本\nquota = \"2\"";
    const std::vector<Edit> set = {SetValue{quota, std::string("2")}};
    CHECK(edited(text, set) == want);
    CHECK(edited(with_crlf(text), set) == with_crlf(want));
    CHECK(edited(with_crlf("[a]\nb = 1"), {SetValue{{"a", "c"}, true}}) == with_crlf("[a]\nb = 1\nc = true"));
    CHECK(
        edited(with_crlf("[a]\nb = [\n 1,\n]\n"), {AddElement{{"a", "b"}, "x"}, AddTable{{"a", "c"}, {{"d", 5LL}}}}) ==
        with_crlf("[a]\nb = [\n 1,\n \"x\",\n]\n\n[a.c]\nd = 5\n"));
}

TEST_CASE("several edits are applied in order, on what the ones before left") {
    CHECK(edited("", {AddTable{{"mailbox", "a"}, {}}, AddTable{{"mailbox", "b"}, {}}, AddTable{{"list", "l"}, {}},
                      AddTable{{"mailbox", "c"}, {}}, SetValue{{"mailbox", "a", "quota"}, std::string("1")},
                      RemoveTable{{"mailbox", "b"}}, RenameTable{{"mailbox", "c"}, "d"}}) ==
          "[mailbox.a]\nquota = \"1\"\n\n[mailbox.d]\n\n[list.l]\n");
    const std::string text = "[mailbox.paul]\nx = 1\n\n[list.l]\n";
    CHECK(edited(text, {AddTable{{"mailbox", "z"}, {{"a", true}}}, RemoveTable{{"mailbox", "z"}}}) == text);
}

TEST_CASE("what cannot be edited is refused with the reason") {
    CHECK(refused("[mailbox.paul\n", {RemoveKey{quota}}).what.starts_with("example.toml:1:"));
    CHECK(refused("[mailbox]\npaul = 1\n", {SetValue{quota, true}}).kind == ErrorKind::invalid);
    CHECK(refused("[mailbox.paul.quota]\n", {SetValue{quota, true}}).what ==
          "cannot edit 'example.toml': 'mailbox.paul.quota' is a table");
    CHECK(refused("[mailbox.paul]\nquota = 1\n", {AddElement{quota, "x"}}).what ==
          "cannot edit 'example.toml': 'mailbox.paul.quota' is not an array");
    CHECK(refused("[[mailbox]]\n[[mailbox]]\n", {SetValue{quota, true}}).kind == ErrorKind::invalid);
    CHECK(refused("x = 1\n", {SetValue{{}, true}}).kind == ErrorKind::invalid);
    CHECK(refused("x = 1\n", {SetValue{{"x"}, std::string("\xff")}}).kind == ErrorKind::invalid);
    CHECK(refused("x = 1\n", {SetValue{{"y"}, DateLiteral{"2026-13-01"}}}).kind == ErrorKind::invalid);
}

TEST_CASE("what an edit looks at must be TOML") {
    CHECK(refused("[mailbox.paul]\nquota = 1 GiB\n", {SetValue{quota, true}}).what.starts_with("example.toml:2:"));
    CHECK(refused("\n\n[list.a]\n\n[mailbox.paul]\nx = 1\nx = 2\n", {SetValue{quota, true}})
              .what.starts_with("example.toml:7:"));
}
