// SPDX-License-Identifier: Apache-2.0
#include "bounce.hpp"

#include "../maildir/maildirs.hpp"

#include "mailctl/mail/message.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;

TEST_CASE("the notice is a delivery status report that no robot answers") {
    const auto text =
        compose_bounce({.host = DomainName::from_trusted("mx.example"),
                        .id = "ID-1",
                        .to = address("a@far.example"),
                        .when = noon,
                        .failed = {{address("info@one.example"), 550, "5.1.1"}, {address("all@one.example"), 554, ""}},
                        .header = "Subject: x\n folded\nX: --report-ID-1--\r\nY: \x01 \n"});
    const auto header = HeaderSection::scan(text);
    CHECK(header.find("To") == "<a@far.example>");
    CHECK(header.find("Auto-Submitted") == "auto-replied");
    CHECK(header.find("Content-Type") == "multipart/report; report-type=delivery-status;\tboundary=\"report-ID-1\"");
    CHECK(text.find("\nFinal-Recipient: rfc822; info@one.example\nAction: failed\nStatus: 5.1.1\n") !=
          std::string::npos);
    CHECK(text.find("Status: 5.0.0\nDiagnostic-Code: smtp; 554 5.0.0\n") != std::string::npos);
    CHECK(text.find("\nSubject: x\n folded\nX: --report-ID-1--\n") != std::string::npos); // inside a line: no boundary
    CHECK(text.ends_with("\n--report-ID-1--\n"));
    CHECK(text.find('\x01') == std::string::npos);
}
