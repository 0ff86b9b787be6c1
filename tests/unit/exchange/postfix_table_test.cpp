// SPDX-License-Identifier: Apache-2.0
#include "transfer/postfix_table.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

// "line key value" of each entry, or "line key !problem".
std::vector<std::string> table_told(std::string_view text) {
    std::vector<std::string> entries;
    for (const auto& entry : read_postfix_table(text))
        entries.push_back(std::to_string(entry.line) + " " + entry.key + " " +
                          (entry.problem.empty() ? entry.value : "!" + entry.problem.substr(0, 8)));
    return entries;
}
using TableTold = std::vector<std::string>;

} // namespace

TEST_CASE("lines that begin with white space continue the one before") {
    CHECK(table_told("a@x b@x\n  c@x\n\td@x\ne@x f@x") == TableTold{"1 a@x b@x  c@x\td@x", "4 e@x f@x"});
    CHECK(table_told("a@x\n\n   # remark\n \t\n  b@x\n") == TableTold{"1 a@x b@x"});
    CHECK(table_told("a@x b@x,\r\n  c@x\r\n\r\n") == TableTold{"1 a@x b@x,\r  c@x"});
    CHECK(table_told("# a@x \"b\n\n\"q q\"@x  c@x\n") == TableTold{"3 \"q q\"@x c@x"});
    CHECK(table_told("") == TableTold{});
}

TEST_CASE("what Postfix passes over has a problem") {
    CHECK(table_told("  a@x b@x\nc@x\nd@x:\te@x\n") ==
          TableTold{"1 a@x !the line", "2 c@x !the line", "3 d@x: !the addr"});
}

TEST_CASE("addresses of a value stand between commas and white space") {
    using Addresses = std::vector<std::string_view>;
    CHECK(postfix_addresses("a@x, b@x ,c@x\td@x,") == Addresses{"a@x", "b@x", "c@x", "d@x"});
    CHECK(postfix_addresses("\"a, \\\"b\"@x c@x") == Addresses{"\"a, \\\"b\"@x", "c@x"});
    CHECK(postfix_addresses(" , ").empty());
    CHECK(postfix_addresses("a@x;b@x") == Addresses{"a@x;b@x"});
}
