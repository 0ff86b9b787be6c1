// SPDX-License-Identifier: Apache-2.0
#include "address_list.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace mailctl;

namespace {

std::vector<std::string> found_in(std::string_view value) {
    std::vector<std::string> found;
    visit_addresses(value, [&](const Address& address) {
        found.push_back(address.text());
        return true;
    });
    return found;
}
using Found = std::vector<std::string>;

} // namespace

TEST_CASE("addresses are found among names, comments, groups and routes") {
    CHECK(found_in("a@x.example") == Found{"a@x.example"});
    CHECK(found_in("A <a@x.example>, b@y.example") == Found{"a@x.example", "b@y.example"});
    CHECK(found_in("\"x, <no@no.example>\" <a@x.example>") == Found{"a@x.example"});
    CHECK(found_in("\"quoted \\\" mark\" <a@x.example>") == Found{"a@x.example"});
    CHECK(found_in("(see (no@no.example), x) a@x.example (me)") == Found{"a@x.example"});
    CHECK(found_in("us: a@x.example, B <b@y.example>; c@z.example") ==
          Found{"a@x.example", "b@y.example", "c@z.example"});
    CHECK(found_in("<@relay.example,@two.example:a@x.example>") == Found{"a@x.example"});
    CHECK(found_in("\"a b\"@x.example") == Found{"\"a b\"@x.example"});
    CHECK(found_in("undisclosed-recipients:;") == Found{});
    CHECK(found_in("not an address, a@x.example, @, <>, \"") == Found{"a@x.example"});
}

TEST_CASE("the reading stops when it is told to") {
    int seen = 0;
    visit_addresses("a@x.example, b@x.example, c@x.example", [&](const Address&) { return ++seen < 2; });
    CHECK(seen == 2);
}

TEST_CASE("no text makes the reading fail") {
    CHECK(rc::check([](const std::string& text) { (void)found_in(text); }));
    CHECK(found_in(std::string(100'000, '(') + "a@x.example").empty());
}
