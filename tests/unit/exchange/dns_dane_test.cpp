// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/dane.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

std::string dane_aspects(std::vector<std::string> found, const HostKeys& keys) {
    std::string aspects;
    for (const auto& each : compare_tlsa(found, keys))
        aspects += each.aspect + (each.is_wrong ? "! " : " ");
    return aspects;
}

} // namespace

TEST_CASE("TLSA must fit every key in use; the next one comes before it is used, and an old one goes") {
    const HostKey rsa{"aa", "rsa.pem"}, ec{"bb", "ec.pem"}, next{"cc", "next.key"};
    CHECK(tlsa_record("mx.example.org", rsa) == DnsRecord{"_25._tcp.mx.example.org", "TLSA", "3 1 1 aa"});
    CHECK(dane_aspects({"3 1 1 AA"}, {{rsa}, {}}).empty());
    CHECK(dane_aspects({"3 1 1 aa", "3 1 1 dd"}, {{rsa}, {}}).empty()); // the next one, perhaps
    CHECK(dane_aspects({"3 1 1 dd"}, {{rsa}, {}}) == "tlsa-key! ");
    CHECK(dane_aspects({"3 1 1 aa"}, {{rsa, ec}, {}}) == "tlsa-key! ");
    CHECK(dane_aspects({"3 1 1 aa"}, {{rsa}, {next}}) == "tlsa-next ");
    CHECK(dane_aspects({"3 1 1 aa", "3 1 1 cc"}, {{rsa}, {next}}).empty());
    CHECK(dane_aspects({"3 1 1 aa", "3 1 1 cc", "3 1 1 dd"}, {{rsa}, {next}}) == "tlsa-old ");
}

TEST_CASE("where there is no TLSA record, one of another form, or no key to compare with, nothing is said") {
    const HostKeys keys{{{"aa", "rsa.pem"}}, {}};
    CHECK(dane_aspects({}, keys).empty());
    CHECK(dane_aspects({"3 1 1 dd", "2 1 1 ee"}, keys).empty());
    CHECK(dane_aspects({"3 1 2 dd"}, keys).empty());
    CHECK(dane_aspects({"3 1 1 dd"}, {}).empty());
}
