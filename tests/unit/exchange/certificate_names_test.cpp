// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/certificate_names.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

std::string certificate_names_of(const Site& site) {
    return join(certificate_names(site, Domain(DomainName::from_trusted("one.example"))), " ");
}

} // namespace

TEST_CASE("a certificate is for mail hosts below the domain and for the names that its users know") {
    Site site;
    site.hostname = DomainName::from_trusted("mx.host.example");
    CHECK(certificate_names_of(site) == "imap.one.example pop.one.example smtp.one.example");
    site.clients.pop.security = ClientSecurity::off;
    site.clients.imap.host = "mail.%d";
    site.clients.smtp.host = "mail.%d";
    CHECK(certificate_names_of(site) == "mail.one.example");
    site.clients.smtp.host = "out.one.example";
    site.clients.imap.host = "mail.host.example";
    CHECK(certificate_names_of(site) == "imap.one.example out.one.example");
    site.dns.mx = {{20, DomainName::from_trusted("mx.elsewhere.example")},
                   {10, DomainName::from_trusted("mx1.one.example")},
                   {30, DomainName::from_trusted("mxone.example")}};
    CHECK(certificate_names_of(site) == "mx1.one.example imap.one.example out.one.example");
}
