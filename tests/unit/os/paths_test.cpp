// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/paths.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

TEST_CASE("without a root everything is where specification 2 says") {
    const Paths paths = system_paths();
    CHECK(paths.root.empty());
    CHECK(paths.site_file == "/etc/mailctl/mailctl.toml");
    CHECK(paths.domain_file(DomainName::from_trusted("example.com")) == "/etc/mailctl/domains/example.com.toml");
    CHECK(paths.attachments == "/etc/mailctl/attachments");
    CHECK(paths.srs_secret == "/etc/mailctl/srs.secret");
    CHECK(paths.directory == "/var/lib/mailctl/directory");
    CHECK(paths.state == "/var/lib/mailctl/state.db");
    CHECK(paths.history == "/var/lib/mailctl/history");
    CHECK(paths.maps == "/var/lib/mailctl/maps");
    CHECK(paths.lock == "/var/lib/mailctl/lock");
    CHECK(paths.mail == "/var/vmail");
    CHECK(paths.archive == "/var/vmail/.archive");
    CHECK(paths.lmtp_socket == "/run/mailctl/lmtp.sock");
    CHECK(paths.policy_socket == "/run/mailctl/policy.sock");
    CHECK(paths.status_socket == "/run/mailctl/status.sock");
    CHECK(paths.journal.empty());
}

TEST_CASE("with a root everything is below it") {
    const Paths paths = paths_below("/srv/site/");
    CHECK(paths.root == "/srv/site");
    CHECK(paths.site_file == "/srv/site/etc/mailctl.toml");
    CHECK(paths.domain_file(DomainName::from_trusted("a.example")) == "/srv/site/etc/domains/a.example.toml");
    CHECK(paths.lib == "/srv/site/lib");
    CHECK(paths.directory == "/srv/site/lib/directory");
    CHECK(paths.state == "/srv/site/lib/state.db");
    CHECK(paths.lock == "/srv/site/lib/lock");
    CHECK(paths.mail == "/srv/site/mail");
    CHECK(paths.run == "/srv/site/run");
    CHECK(paths.lmtp_socket == "/srv/site/run/lmtp.sock");
    CHECK(paths.journal == "/srv/site/lib/delivery.log");
}

TEST_CASE("the root of the file system is a root without a doubled slash") {
    CHECK(paths_below("/").site_file == "/etc/mailctl.toml");
}
