// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/clients/client_settings.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace mailctl;

namespace {

constexpr Date today{std::chrono::year{2026}, std::chrono::month{11}, std::chrono::day{25}};

Site example_site() {
    Site site;
    site.hostname = DomainName::from_trusted("mx.example.org");
    return site;
}

Domain example_domain() {
    Domain domain(DomainName::from_trusted("example.org"));
    domain.mailboxes["ann"].password = "{CRYPT}x";
    return domain;
}

ClientSettings gather(const Site& site, const Domain& domain) {
    return gather_client_settings(site, domain, "ann", std::string(32, 'a') + std::string(32, 'b'), today);
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

} // namespace

TEST_CASE("the defaults are TLS ports on the site's own host") {
    const auto settings = gather(example_site(), example_domain());
    REQUIRE((settings.imap && settings.pop && settings.smtp));
    CHECK(settings.imap->host == "mx.example.org");
    CHECK(settings.imap->port == 993);
    CHECK(settings.pop->port == 995);
    CHECK(settings.smtp->port == 465);
    CHECK_FALSE(settings.smtp->starttls);
    CHECK(settings.remarks.empty());
}

TEST_CASE("STARTTLS has ports of its own, and a port that is given wins") {
    Site site = example_site();
    site.clients.imap.security = site.clients.smtp.security = ClientSecurity::starttls;
    site.clients.smtp.port = 2587;
    const auto settings = gather(site, example_domain());
    CHECK(settings.imap->port == 143);
    CHECK(settings.smtp->port == 2587);
}

TEST_CASE("%d is the user's domain as A-labels") {
    Site site = example_site();
    site.clients.imap.host = "imap.%d";
    site.clients.webmail = "https://%d/mail";
    Domain domain = example_domain();
    domain.name = DomainName::from_trusted("xn--bcher-kva.example");
    const auto settings = gather(site, domain);
    CHECK(settings.imap->host == "imap.xn--bcher-kva.example");
    CHECK(settings.webmail == "https://xn--bcher-kva.example/mail");
    CHECK(settings.user() == "ann@xn--bcher-kva.example");
    CHECK(settings.user_with_slash() == "ann/xn--bcher-kva.example");
}

TEST_CASE("a service that is switched off is in no form") {
    Site site = example_site();
    site.clients.pop.security = ClientSecurity::off;
    const auto settings = gather(site, example_domain());
    CHECK_FALSE(contains(settings_text(settings), "POP"));
    CHECK_FALSE(contains(settings_sheet(settings), "Receiving: POP3"));
    CHECK_FALSE(contains(autoconfig_xml(settings), "pop3"));
    CHECK_FALSE(contains(autodiscover_xml(settings), "POP3"));
}

TEST_CASE("an Apple profile is by POP where there is no IMAP, and none without a way out") {
    Site site = example_site();
    site.clients.imap.security = ClientSecurity::off;
    const auto by_pop = mobileconfig(gather(site, example_domain()));
    REQUIRE(by_pop.has_value());
    CHECK(contains(*by_pop, "EmailTypePOP"));
    site.clients.smtp.security = ClientSecurity::off;
    const auto none = mobileconfig(gather(site, example_domain()));
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().kind == ErrorKind::invalid);
}

TEST_CASE("the UUIDs of a profile come from the identity alone") {
    const auto profile = mobileconfig(gather(example_site(), example_domain()));
    REQUIRE(profile.has_value());
    CHECK(contains(*profile, "<string>aaaaaaaa-aaaa-8aaa-9aaa-aaaaaaaaaaaa</string>"));
    CHECK(contains(*profile, "<string>bbbbbbbb-bbbb-8bbb-abbb-bbbbbbbbbbbb</string>"));
}

TEST_CASE("who cannot log in is told so") {
    Domain domain = example_domain();
    domain.mailboxes["ann"].password.reset();
    CHECK(gather(example_site(), domain).remarks.size() == 1);
    domain = example_domain();
    domain.mailboxes["ann"].suspend = Suspension{.login = true, .receive = {}, .reason = "unpaid", .until = {}};
    const auto settings = gather(example_site(), domain);
    CHECK(contains(settings_text(settings), "NOTE: The mailbox is suspended: nobody can log in at present."));
    CHECK_FALSE(contains(settings_text(settings), "unpaid"));
    domain.mailboxes["ann"].suspend->until = Date{today.year(), today.month(), std::chrono::day{24}};
    CHECK(gather(example_site(), domain).remarks.empty());
}

TEST_CASE("no text escapes from its place in a form") {
    CHECK(escape_markup("<a href='x'>\"&</a>") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&lt;/a&gt;");
    CHECK(escape_markup("a\x01\xff") == "a\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(rc::check([](const std::string& text) {
        const std::string escaped = escape_markup(text);
        RC_ASSERT(escaped.find_first_of("<>\"'") == std::string::npos);
        RC_ASSERT(std::ranges::none_of(escaped,
                                       [](unsigned char c) { return (c < 0x20 && c != '\t' && c != '\n') || c == 0; }));
    }));
}
