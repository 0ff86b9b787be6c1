// SPDX-License-Identifier: Apache-2.0
// Dovecot, as doveconf -n shows it.
#include "check_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string setting_of_dovecot(const SiteFacts& facts, std::string_view name) {
    if (!facts.dovecot) return {};
    const auto found = facts.dovecot->settings.find(name);
    return found == facts.dovecot->settings.end() ? std::string() : found->second;
}

void broken_configuration(const SiteFacts& facts, Sayings& say) {
    if (!facts.dovecot) return;
    for (const auto& error : facts.dovecot->errors)
        say("dovecot.conf", error);
}

void wrong_generation(const SiteFacts& facts, Sayings& say) {
    if (!facts.dovecot || facts.site.maps.dovecot == DovecotVersion::installed) return;
    const bool wants_24 = facts.site.maps.dovecot == DovecotVersion::v24;
    const bool is_24 = !facts.dovecot->version.starts_with("2.3");
    if (wants_24 != is_24)
        say("maps.dovecot", fmt::format("the files are written for Dovecot {}, and {} runs here",
                                        wants_24 ? "2.4" : "2.3", facts.dovecot->version));
}

void stock_inbox(const SiteFacts& facts, Sayings& say) {
    const auto path = setting_of_dovecot(facts, "mail_inbox_path");
    if (path.starts_with("/var/mail"))
        say("mail_inbox_path",
            fmt::format("mail_inbox_path '{}' of the stock files hides the INBOX of our Maildirs", path));
}

void too_low_users(const SiteFacts& facts, Sayings& say) {
    if (!facts.mail_uid || *facts.mail_uid == 0) return;
    const auto first = whole_number(setting_of_dovecot(facts, "first_valid_uid"));
    if (first && *first > *facts.mail_uid)
        say("first_valid_uid",
            fmt::format("first_valid_uid is {}, the mail user has {}: nobody can log in", *first, *facts.mail_uid));
}

void name_characters(const SiteFacts& facts, Sayings& say) {
    const auto allowed = setting_of_dovecot(facts, "auth_username_chars");
    if (!facts.dovecot || allowed.empty()) return;
    std::set<char> lacking;
    for (const auto& domain : facts.domains)
        for (const auto& [local, unused] : domain.mailboxes)
            for (const char c : local)
                if (allowed.find(c) == std::string::npos && static_cast<unsigned char>(c) < 0x80) lacking.insert(c);
    if (!lacking.empty())
        say("auth_username_chars", fmt::format("auth_username_chars lacks '{}', which stands in names of mailboxes",
                                               std::string(lacking.begin(), lacking.end())));
}

void name_format(const SiteFacts& facts, Sayings& say) {
    const auto format = setting_of_dovecot(facts, "auth_username_format");
    if (format.find("%n") != std::string::npos || format.find("%Ln") != std::string::npos ||
        format.find("username") != std::string::npos)
        say("auth_username_format",
            fmt::format("auth_username_format '{}' takes the domain away from who logs in", format));
}

void cached_passwords(const SiteFacts& facts, Sayings& say) {
    const auto size = setting_of_dovecot(facts, "auth_cache_size");
    if (!size.empty() && size != "0" && !size.starts_with("0 "))
        say("auth_cache_size", "passwords are cached: mailctl empties the cache after a change, other tools may not");
}

// 2.3: mail_plugins = ... quota ...; 2.4: mail_plugins { quota = yes }
bool loads_quota(const Settings::value_type& setting) {
    const auto& [name, value] = setting;
    if (name.ends_with("mail_plugins/quota")) return value == "yes";
    return name.ends_with("mail_plugins") && std::ranges::count(list_words(value), "quota") > 0;
}

void no_quota(const SiteFacts& facts, Sayings& say) {
    const bool wants_quota = std::ranges::any_of(facts.domains, [](const Domain& domain) {
        return std::ranges::any_of(domain.mailboxes, [](const auto& each) { return each.second.quota.bytes > 0; });
    });
    if (!facts.dovecot || !wants_quota || facts.dovecot->settings.empty()) return;
    if (std::ranges::none_of(facts.dovecot->settings, loads_quota))
        say("mail_plugins", "mailboxes have quotas, and Dovecot does not load its quota plugin: IMAP may exceed them");
}

void no_users(const SiteFacts& facts, Sayings& say) {
    if (!facts.dovecot || facts.dovecot->settings.empty()) return;
    const auto path = facts.paths.maps + "/dovecot-users";
    const bool named = std::ranges::any_of(
        facts.dovecot->settings, [&](const auto& each) { return each.second.find(path) != std::string::npos; });
    if (!named) say("passdb", fmt::format("no passdb of Dovecot reads '{}'", path));
}

const Check checks_of_dovecot[] = {
    {"dovecot.broken", 52, Weight::error, false, "doveconf finds a fault in the configuration", "mend that line",
     broken_configuration},
    {"dovecot.generation", 53, Weight::error, false, "our files are written for another Dovecot",
     "mailctl config set maps.dovecot=auto, then mailctl map build", wrong_generation},
    {"dovecot.inbox-path", 54, Weight::error, false, "mail_inbox_path of the stock files is still set",
     "mail_inbox_path = %{home}, in a file that is read later", stock_inbox},
    {"dovecot.users-not-read", 5, Weight::error, false, "no passdb reads our users", "include maps/dovecot.conf",
     no_users},
    {"dovecot.first-uid", 56, Weight::error, false, "first_valid_uid is above the mail user's",
     "take the line of maps/dovecot.conf over", too_low_users},
    {"dovecot.name-characters", 57, Weight::error, false, "auth_username_chars lacks a character that names have",
     "take the line of maps/dovecot.conf over", name_characters},
    {"dovecot.name-format", 58, Weight::error, false, "auth_username_format takes the domain away",
     "auth_username_format = %Lu, in 2.4 %{user | lower}", name_format},
    {"dovecot.no-quota", 61, Weight::error, false, "quotas are set and the quota plugin is not loaded",
     "take the lines of maps/dovecot.conf over", no_quota},
    {"dovecot.auth-cache", 64, Weight::advice, false, "passwords are cached", "auth_cache_size = 0", cached_passwords},
};

} // namespace

std::span<const Check> dovecot_checks() { return checks_of_dovecot; }

} // namespace mailctl
