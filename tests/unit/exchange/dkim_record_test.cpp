// SPDX-License-Identifier: Apache-2.0
// The TXT record of a key, and what others may have made of it.
#include "mailctl/exchange/dkim_record.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

DkimSelector rsa_selector(SelectorState state) {
    return {"202608r", DkimAlgorithm::rsa, state, Instant{}, "MIIBIjANBg+/A=="};
}

} // namespace

TEST_CASE("dkim record: what stands in the zone for each state") {
    CHECK(dkim_record_text(rsa_selector(SelectorState::fresh)) == "v=DKIM1; k=rsa; p=MIIBIjANBg+/A==");
    CHECK(dkim_record_text(rsa_selector(SelectorState::retiring)) == "v=DKIM1; k=rsa; p=MIIBIjANBg+/A==");
    CHECK(dkim_record_text(rsa_selector(SelectorState::revoked)) == "v=DKIM1; k=rsa; p=");
    CHECK(dkim_record_text(rsa_selector(SelectorState::gone)).empty());
    CHECK(dkim_label("202608r") == "202608r._domainkey");
}

TEST_CASE("dkim record: read back, whatever the blanks, the order and the case") {
    const auto wanted = parse_dkim_record(dkim_record_text(rsa_selector(SelectorState::active)));
    REQUIRE(wanted);
    for (const char* text :
         {"v=DKIM1;k=rsa;p=MIIBIjANBg+/A==;", "p=MIIBIjANBg+/A==", "k=RSA ; p = MIIB IjAN\t Bg+/A== ; n=a note; x=y",
          "v=DKIM1; p=MIIBIjANBg+/A==; h=sha1:sha256; s=*; t=s"}) {
        CAPTURE(text);
        const auto found = parse_dkim_record(text);
        REQUIRE(found);
        CHECK(is_same_key(*found, *wanted));
        CHECK((found->signs_mail && found->takes_sha256 && !found->is_test));
    }
}

TEST_CASE("dkim record: another key, algorithm or state is not the same") {
    const auto wanted = *parse_dkim_record("v=DKIM1; k=rsa; p=AAAA");
    CHECK(!is_same_key(*parse_dkim_record("v=DKIM1; p=aaaa"), wanted));
    CHECK(!is_same_key(*parse_dkim_record("v=DKIM1; k=ed25519; p=AAAA"), wanted));
    CHECK(!is_same_key(*parse_dkim_record("v=DKIM1; p="), wanted));
    CHECK(is_same_key(*parse_dkim_record("v=DKIM1; p="), *parse_dkim_record("v=DKIM1; k=ed25519; p=")));
}

TEST_CASE("dkim record: restrictions are seen") {
    CHECK(parse_dkim_record("p=A; t=y:s")->is_test);
    CHECK(!parse_dkim_record("p=A; h=sha1")->takes_sha256);
    CHECK(!parse_dkim_record("p=A; s=tlsrpt")->signs_mail);
}

TEST_CASE("dkim record: what is none") {
    for (const char* text : {"", "v=DKIM1; k=rsa", "v=DKIM2; p=A", "k=rsa; v=DKIM1; p=A", "p=A; p=B", "v=spf1 -all",
                             "v=DKIM1; p=A; nothing"}) {
        CAPTURE(text);
        CHECK(!parse_dkim_record(text));
    }
}
