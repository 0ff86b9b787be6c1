// SPDX-License-Identifier: Apache-2.0
// What others suffered, told in public, as their programs print it: each is found for what it is.
#include "healthy_facts.hpp"

#include "care/check_facts.hpp"

using namespace mailctl;
using namespace mailctl::test;

namespace {

// A healthy site with these lines in main.cf.
SiteFacts with_main(std::string_view text) {
    auto facts = healthy_facts();
    for (const auto& [name, value] : read_postconf(text))
        write_in_main(facts, name, value);
    return facts;
}
SiteFacts with_dovecot(std::string_view text) {
    auto facts = healthy_facts();
    for (const auto& [path, value] : read_doveconf(text))
        facts.dovecot->settings.insert_or_assign(path, value);
    facts.dovecot->settings["passdb#9/args"] = facts.paths.maps + "/dovecot-users"; // wherever it stands
    facts.dovecot->passdbs = read_passdbs(text);
    facts.dovecot->local_names = read_local_names(text);
    return facts;
}
bool finds(const SiteFacts& facts, const std::string& id) { return ids_found(facts) == std::set{id}; }

} // namespace

TEST_CASE("the domain is in mydestination too: users exist, and mail is bounced with 'unknown user'") {
    CHECK(finds(with_main("mydestination = mx.test.example, one.example, localhost.localdomain, localhost\n"),
                "postfix.mydestination-overlap"));
}

TEST_CASE("LMTP over a socket fails with 'No such file or directory', since the client is chrooted") {
    auto facts = with_main("virtual_transport = lmtp:unix:/run/mailctl/lmtp.sock\n");
    facts.wanted_in_main["virtual_transport"] = "lmtp:unix:/run/mailctl/lmtp.sock";
    facts.postfix->services = read_master("smtp       inet  n       -       y       -       -       smtpd\n"
                                          "lmtp       unix  -       -       y       -       -       lmtp\n");
    CHECK(finds(facts, "postfix.chroot-socket"));
    facts.postfix->services = read_master("lmtp       unix  -       -       n       -       -       lmtp\n");
    CHECK(ids_found(facts).empty());
}

TEST_CASE("a block list refuses public resolvers, and its error code refuses all mail") {
    CHECK(finds(with_main("smtpd_recipient_restrictions = permit_mynetworks, reject_rbl_client zen.spamhaus.org\n"),
                "postfix.dnsbl-errors"));
    CHECK(ids_found(with_main("smtpd_recipient_restrictions = reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]\n"))
              .empty());
}

TEST_CASE("user+detail is unknown, since Postfix and the rest do not divide at the same character") {
    CHECK(finds(with_main("recipient_delimiter = -\n"), "postfix.delimiter"));
}

TEST_CASE("a container's gateway is trusted, and the host is an open relay") {
    CHECK(finds(with_main("mynetworks = 127.0.0.0/8 [::1]/128 172.17.0.1/32\n"), "postfix.container-networks"));
}

TEST_CASE("any user sends as any other, since permit_sasl_authenticated stands first") {
    CHECK(finds(with_main("smtpd_sender_restrictions = permit_mynetworks, permit_sasl_authenticated, "
                          "reject_sender_login_mismatch\n"),
                "postfix.sender-rights"));
}

TEST_CASE("Postfix does not start: message_size_limit is above mailbox_size_limit") {
    CHECK(finds(with_main("mailbox_size_limit = 5000000\n"), "postfix.size-limits"));
}

TEST_CASE("aliases are expanded before and behind the content filter, and each message comes twice") {
    auto facts = with_main("content_filter = smtp-amavis:[127.0.0.1]:10024\nvirtual_alias_maps = lmdb:/etc/aliases\n");
    CHECK(finds(facts, "postfix.filter-mappings"));
    facts.postfix->services = read_master("smtp inet n - y - - smtpd\n"
                                          "127.0.0.1:10025 inet n - y - - smtpd\n"
                                          "    -o receive_override_options=no_address_mappings\n"
                                          "mailctl unix - - n - - lmtp\n");
    CHECK(ids_found(facts).empty());
}

TEST_CASE("logins take seconds and fill the log, since PAM is asked before the users of the site") {
    CHECK(finds(with_dovecot("# 2.3.19.1: /etc/dovecot/dovecot.conf\n"
                             "passdb {\n  driver = pam\n}\n"
                             "passdb {\n  args = /var/lib/mailctl/maps/dovecot-users\n  driver = passwd-file\n}\n"),
                "dovecot.system-users"));
    CHECK(finds(with_dovecot("passdb pam {\n}\npassdb passwd-file {\n  passwd_file_path = x\n}\n"),
                "dovecot.system-users"));
}

TEST_CASE("a name's own certificate is never shown, since the wildcard's block comes later") {
    CHECK(finds(with_dovecot("local_name mail.one.example {\n  ssl_cert = </a.pem\n}\n"
                             "local_name *.one.example {\n  ssl_cert = </b.pem\n}\n"),
                "dovecot.local-name"));
}

TEST_CASE("nobody can log in, since Dovecot's first_valid_uid is above the mail user's number") {
    CHECK(finds(with_dovecot("first_valid_uid = 5000\n"), "dovecot.first-uid"));
}

TEST_CASE("a plugin of Dovecot 2.4 is a setting with a yes or a no") {
    for (const auto& [word, is_loaded] : {std::pair<std::string, bool>{"yes", true}, {"no", false}}) {
        auto facts = healthy_facts();
        auto& settings = facts.dovecot->settings;
        settings.erase("mail_plugins");
        settings["protocol imap/mail_plugins/imap_quota"] = "yes";
        settings.merge(read_doveconf("mail_plugins {\n  quota = " + word + "\n}\n"));
        CHECK_MESSAGE(ids_found(facts).contains("dovecot.no-quota") != is_loaded, word);
    }
}

TEST_CASE("sections of one name are kept apart: a later passdb hides nothing of an earlier one") {
    const auto settings = read_doveconf("passdb {\n  args = one\n}\npassdb {\n  args = two\n}\nprotocol imap {\n"
                                        "  mail_plugins = quota\n  deep {\n    key = x\n  }\n}\nlast = 1\n");
    CHECK(settings == Settings{{"passdb/args", "one"},
                               {"passdb#2/args", "two"},
                               {"protocol imap/mail_plugins", "quota"},
                               {"protocol imap/deep/key", "x"},
                               {"last", "1"}});
}
