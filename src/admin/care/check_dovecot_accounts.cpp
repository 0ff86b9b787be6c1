// SPDX-License-Identifier: Apache-2.0
// Dovecot: who logs in, with what, and which certificate is shown to them.
#include "check_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

// Of "{ARGON2ID}$argon2id$...": "argon2id". What stands behind a dot is the encoding, not the scheme.
std::string scheme_of(std::string_view password) {
    while (password.starts_with('!')) // locked: what follows is what it was
        password.remove_prefix(1);
    const auto end = password.find('}');
    if (!password.starts_with('{') || end == std::string_view::npos) return {};
    const auto scheme = password.substr(1, end - 1);
    return fold(scheme.substr(0, scheme.find('.')));
}

template <class Look>
void for_each_password(const SiteFacts& facts, Look look) {
    for (const auto& domain : facts.domains)
        for (const auto& [local, mailbox] : domain.mailboxes)
            if (mailbox.password) look(fmt::format("{}@{}", local, domain.name.display()), *mailbox.password);
}

constexpr std::array<std::string_view, 4> clear_schemes{"plain", "clear", "cleartext", "plain-trunc"};
constexpr std::array<std::string_view, 8> broken_schemes{"md5",  "plain-md4", "plain-md5", "ldap-md5",
                                                         "smd5", "des-crypt", "md5-crypt", "cram-md5"};

void weak_passwords(const SiteFacts& facts, Sayings& say) {
    for_each_password(facts, [&](const std::string& address, const std::string& password) {
        const auto scheme = scheme_of(password);
        if (std::ranges::find(clear_schemes, scheme) != clear_schemes.end())
            say(address, "its password stands in the file as it is typed", {}, Weight::warning);
        else if (std::ranges::find(broken_schemes, scheme) != broken_schemes.end())
            say(address, fmt::format("its password is hidden by '{}', which is guessed in hours", scheme));
    });
}

void unknown_schemes(const SiteFacts& facts, Sayings& say) {
    if (!facts.dovecot || facts.dovecot->schemes.empty()) return;
    for_each_password(facts, [&](const std::string& address, const std::string& password) {
        const auto scheme = scheme_of(password);
        if (!scheme.empty() && !facts.dovecot->schemes.contains(scheme))
            say(address, fmt::format("this Dovecot knows no passwords of the scheme '{}': nobody can log in", scheme),
                fmt::format("mailctl mailbox password {}", address));
    });
}

void system_users_first(const SiteFacts& facts, Sayings& say) {
    if (!facts.dovecot || facts.dovecot->passdbs.size() < 2) return;
    const auto& first = facts.dovecot->passdbs.front();
    if (first == "pam" || first == "passwd" || first == "shadow")
        say("passdb", fmt::format("passdb '{}' is asked before our users: each login waits for its refusal", first));
}

bool ends_with_key(std::string_view path, std::string_view key) {
    return path == key || (path.ends_with(key) && path[path.size() - key.size() - 1] == '/');
}

void few_connections(const SiteFacts& facts, Sayings& say) {
    if (!facts.dovecot) return;
    constexpr std::uint64_t of_one_phone_and_one_desk = 10;
    for (const auto& [path, value] : facts.dovecot->settings) {
        const auto limit = whole_number(value);
        if (ends_with_key(path, "mail_max_userip_connections") && limit && *limit > 0 &&
            *limit < of_one_phone_and_one_desk)
            say(path, fmt::format("a user has {} connections from one place: a second program finds none", *limit));
    }
}

void warnings_of_dovecot(const SiteFacts& facts, Sayings& say) {
    if (!facts.dovecot) return;
    for (const auto& [path, value] : facts.dovecot->settings) {
        const bool is_23 = ends_with_key(path, "quota_warning");
        if (is_23 || path.starts_with("quota_warning ") || path.find("/quota_warning ") != std::string::npos)
            return say(path, "Dovecot's quota warnings are not sent for mail that our agent delivers");
    }
}

void open_users(const SiteFacts& facts, Sayings& say) {
    constexpr unsigned others_may_look = 0004;
    const auto path = facts.paths.maps + "/dovecot-users";
    for (const auto& file : facts.files)
        if (file.path == path && (file.mode & others_may_look) != 0)
            say(path, fmt::format("everybody may read hashes of passwords (mode {:04o})", file.mode & 07777));
}

// Dovecot takes the last block that fits, so that a wildcard wins over a name that stands before it.
bool covers(std::string_view wildcard, std::string_view name) {
    const auto dot = name.find('.');
    return wildcard.starts_with("*.") && !name.starts_with("*.") && dot != std::string_view::npos &&
           wildcard.substr(1) == name.substr(dot);
}
void hidden_certificates(const SiteFacts& facts, Sayings& say) {
    if (!facts.dovecot) return;
    const auto& names = facts.dovecot->local_names;
    for (auto name = names.begin(); name != names.end(); ++name) {
        const auto later =
            std::find_if(name, names.end(), [&](const std::string& each) { return covers(each, *name); });
        if (later != names.end())
            say(fmt::format("local_name {}", *name),
                fmt::format("'{}' stands behind it and wins: its certificate is never shown", *later));
    }
}

const Check checks_of_accounts[] = {
    {"dovecot.system-users", 55, Weight::warning, false, "a passdb of system users is asked before ours",
     "take '!include auth-system.conf.ext' out of 10-auth.conf", system_users_first},
    {"dovecot.quota-warning", 62, Weight::warning, false, "quota warnings of Dovecot do not see mail we deliver",
     "delivery.quota_warnings in mailctl.toml says when the agent warns; take Dovecot's out", warnings_of_dovecot},
    {"dovecot.connections", 63, Weight::advice, false, "a user has fewer than ten connections from one place",
     "mail_max_userip_connections = 20", few_connections},
    {"dovecot.users-open", 65, Weight::error, false, "everybody may read the users' hashes", "chmod o-rwx FILE",
     open_users},
    {"dovecot.scheme", 66, Weight::warning, false, "a password is of a scheme that this Dovecot does not know",
     "mailctl mailbox password ADDRESS", unknown_schemes},
    {"data.weak-password", 66, Weight::advice, false, "a password stands in clear text, or its hash is soon broken",
     "mailctl mailbox password ADDRESS", weak_passwords},
    {"dovecot.local-name", 67, Weight::error, false, "a certificate's name stands before a wildcard that hides it",
     "put the block of the wildcard first", hidden_certificates},
};

} // namespace

std::span<const Check> dovecot_account_checks() { return checks_of_accounts; }

} // namespace mailctl
