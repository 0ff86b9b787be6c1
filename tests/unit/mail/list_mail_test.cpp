// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/list_mail.hpp"

#include "parsed_address.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using mailctl::test::address;

namespace {

HeaderSection header(std::string_view text) { return HeaderSection::scan(text); }

} // namespace

TEST_CASE("a list names itself, its owner and the way out, each in one line") {
    CHECK(compose_list_fields(address("sales@example.com"), address("sales-owner@example.com")) ==
          "List-Id: <sales.example.com>\n"
          "List-Post: <mailto:sales@example.com>\n"
          "List-Owner: <mailto:sales-owner@example.com>\n"
          "List-Unsubscribe: <mailto:sales-owner@example.com?subject=unsubscribe>\n"
          "Precedence: list\n");
}

TEST_CASE("bytes of a name that mean something in a URI or an identifier are encoded") {
    CHECK(list_id(address("R&D@example.com")) == "r%26d.example.com");
    const auto fields = compose_list_fields(address("a?b@example.com"), address("o@example.com"));
    CHECK(fields.find("<mailto:a%3Fb@example.com>") != std::string::npos);
}

TEST_CASE("mail that a list sent is known by its List-Id, with or without a phrase, in any case") {
    const auto list = address("sales@example.com");
    CHECK(came_through(header("List-Id: <sales.example.com>\n\n"), list));
    CHECK(came_through(header("Subject: x\nlist-id: \"The < sales\"\n <SALES.Example.com>\n\n"), list));
    CHECK(came_through(header("List-Id: <other.example.com>\nList-ID: sales.example.com\n\n"), list));
    CHECK_FALSE(came_through(header("List-Id: <presales.example.com>\n\n"), list));
    CHECK_FALSE(came_through(header("Subject: x\n\nList-Id: <sales.example.com>\n"), list));
}

TEST_CASE("what programs write is known by its header") {
    CHECK(is_written_by_program(header("Auto-Submitted: auto-replied\n\n")));
    CHECK(is_written_by_program(header("auto-submitted: Auto-Generated; owner-email=x@y.example\n\n")));
    CHECK(is_written_by_program(header("Content-Type: Multipart/Report; report-type=delivery-status\n\n")));
    CHECK(is_written_by_program(header("Auto-Submitted: no\nAuto-Submitted: auto-notified\n\n")));
    CHECK_FALSE(is_written_by_program(header("Auto-Submitted: No (a person)\n\n")));
    CHECK_FALSE(is_written_by_program(header("Content-Type: text/plain; x=multipart/report\nPrecedence: bulk\n\n")));
}
