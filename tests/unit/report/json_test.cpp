// SPDX-License-Identifier: Apache-2.0
#include "mailctl/report/json.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>

namespace mailctl {

TEST_CASE("a JSON line keeps the order of its cells and the type of each value") {
    CHECK(
        render_json_line({{"z", "x\"y\n"},
                          {"a", true},
                          {"n", std::int64_t{-1}},
                          {"size", ByteCount{std::numeric_limits<std::uint64_t>::max()}},
                          {"none", std::monostate{}},
                          {"list", std::vector<std::string>{"b", "a"}},
                          {"inner", Cells{{"k", "ü"}}}}) ==
        R"({"z":"x\"y\n","a":true,"n":-1,"size":18446744073709551615,"none":null,"list":["b","a"],"inner":{"k":"ü"}})");
    CHECK(render_json_line({}) == "{}");
}

TEST_CASE("bytes that are not UTF-8 are replaced, never thrown on") {
    CHECK(render_json_line({{"a", "x\xFFy"}}) == "{\"a\":\"x\xEF\xBF\xBDy\"}");
    CHECK(rc::check("any bytes make one line of UTF-8", [] {
        const auto line = render_json_line({{"a", *rc::gen::arbitrary<std::string>()}});
        RC_ASSERT(is_utf8(line));
        for (const char c : line)
            RC_ASSERT(c < 0 || c >= ' ');
    }));
}

TEST_CASE("a line made piece by piece is the line made of cells") {
    CHECK(JsonLine().finish() == "{}");
    CHECK(rc::check("any text and number", [](const std::string& text, std::uint64_t number) {
        const Cells cells{{"text", text}, {"empty", ""}, {"size", ByteCount{number}}, {"plain", "a <b@c.example> ~"}};
        JsonLine line;
        line.add("text", text).add("empty", "").add("size", number).add("plain", "a <b@c.example> ~");
        RC_ASSERT(line.finish() == render_json_line(cells));
    }));
}

TEST_CASE("an empty list and an empty object are still what they are") {
    Report report;
    report.type = "t";
    report.rows = {{{"id", "1"}, {"list", std::vector<std::string>{}}, {"object", Cells{}}}};
    CHECK(render_json(report) == "[\n  {\n    \"schema\": 1,\n    \"type\": \"t\",\n    \"id\": \"1\",\n    \"list\": "
                                 "[],\n    \"object\": {}\n  }\n]\n");
}

} // namespace mailctl
