// SPDX-License-Identifier: Apache-2.0
// Postfix: whose mail is taken, how much of it, and who gets a copy.
#include "check_networks.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::array<const char*, 5> restriction_lists{"smtpd_client_restrictions", "smtpd_helo_restrictions",
                                                       "smtpd_sender_restrictions", "smtpd_relay_restrictions",
                                                       "smtpd_recipient_restrictions"};

bool is_restricted_by(const SiteFacts& facts, std::string_view restriction) {
    return std::ranges::any_of(restriction_lists, [&](const char* name) {
        const auto words = list_words(postfix_setting(facts, name));
        return std::ranges::find(words, restriction) != words.end();
    });
}

void unknown_recipients(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix || is_restricted_by(facts, "reject_unverified_recipient")) return;
    if (postfix_setting(facts, "smtpd_reject_unlisted_recipient") == "no" &&
        !is_restricted_by(facts, "reject_unlisted_recipient"))
        say("smtpd_reject_unlisted_recipient", "unknown recipients are accepted, and bounced to forged senders");
    else if (!postfix_setting(facts, "virtual_mailbox_domains").empty() &&
             postfix_setting(facts, "virtual_mailbox_maps").empty())
        say("virtual_mailbox_maps", "virtual_mailbox_maps is empty: every name of a hosted domain is accepted");
}

// Where users log in, a stolen password sends until somebody looks.
void no_rates(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    for (const auto& service : facts.postfix->services) {
        const auto value = [&](std::string_view name) {
            for (const auto& word : service.command)
                if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=')
                    return word.substr(name.size() + 1);
            return postfix_setting(facts, name);
        };
        if (service.command.empty() || service.command.front() != "smtpd") continue;
        if (value("smtpd_sasl_auth_enable") == "yes" && value("smtpd_client_message_rate_limit") == "0" &&
            value("smtpd_client_recipient_rate_limit") == "0")
            say(fmt::format("master.cf {}", service.name), "one client may send any number of messages");
    }
}

// Whoever gets a copy of all mail and sends it on, sends it through Postfix again.
void copies_that_come_back(const SiteFacts& facts, Sayings& say) {
    const auto copy = Address::parse(postfix_setting(facts, "always_bcc"));
    if (!copy) return;
    for (const auto& domain : facts.domains) {
        if (domain.name != copy->domain) continue;
        const auto local = copy->local.key();
        const auto mailbox = domain.mailboxes.find(local);
        if (domain.forwards.contains(local) || domain.lists.contains(local) ||
            (mailbox != domain.mailboxes.end() && !mailbox->second.forward.empty()))
            say("always_bcc",
                fmt::format("'{}' gets a copy of each message and sends it on: copies of copies", copy->display()));
    }
}

void backup_for_others(const SiteFacts& facts, Sayings& say) {
    for (const auto* name : restriction_lists) {
        const auto words = list_words(postfix_setting(facts, name));
        if (std::ranges::find(words, "permit_mx_backup") != words.end())
            say(name, "permit_mx_backup lets whoever names this host as MX relay through it");
    }
}

void messages_above_quotas(const SiteFacts& facts, Sayings& say) {
    const auto limit = whole_number(postfix_setting(facts, "message_size_limit"));
    if (!limit) return;
    for (const auto& domain : facts.domains)
        for (const auto& [local, mailbox] : domain.mailboxes)
            if (mailbox.quota.bytes > 0 && (*limit == 0 || *limit > mailbox.quota.bytes))
                say(fmt::format("{}@{}", local, domain.name.display()),
                    fmt::format("its quota of {} is below the message_size_limit of {}", format_size(mailbox.quota),
                                *limit == 0 ? std::string("none") : format_size(ByteCount{*limit})));
}

// alias_maps, which Debian sets, is not ours to judge: postconf -m is asked whether such tables can be read at all.
void old_table_types(const SiteFacts& facts, Sayings& say) {
    if (postfix_setting(facts, "default_database_type") != "lmdb") return;
    for (const auto& [name, unused] : facts.postfix->own) {
        if (name == "alias_maps" || name == "alias_database") continue;
        for (const auto& word : list_words(postfix_setting(facts, name)))
            if (word.starts_with("hash:") || word.starts_with("btree:"))
                say(name, fmt::format("'{}' is of a type that this Postfix makes no more by itself", word));
    }
}

const Check checks_of_policy[] = {
    {"postfix.container-networks", 13, Weight::warning, false, "mynetworks has the gateway of containers in it",
     "mynetworks = 127.0.0.0/8 [::1]/128 in main.cf", container_networks},
    {"postfix.unknown-recipients", 18, Weight::warning, false, "unknown recipients are accepted and bounced",
     "take the lines of maps/main.cf over; smtpd_reject_unlisted_recipient = yes", unknown_recipients},
    {"postfix.no-rates", 19, Weight::advice, false, "a client that logs in may send any number of messages",
     "smtpd_client_message_rate_limit = 100 in main.cf, or a policy service", no_rates},
    {"postfix.copy-loop", 23, Weight::warning, false, "always_bcc names an address that sends mail on",
     "let always_bcc name a mailbox that forwards nothing", copies_that_come_back},
    {"postfix.mx-backup", 24, Weight::warning, false, "permit_mx_backup lets others relay",
     "name the domains in relay_domains", backup_for_others},
    {"postfix.message-above-quota", 32, Weight::warning, false, "a message may be larger than a mailbox",
     "mailctl mailbox set ADDRESS quota=SIZE, or lower message_size_limit", messages_above_quotas},
    {"postfix.old-table-type", 39, Weight::advice, false, "a table is of a type that Postfix replaced by lmdb",
     "write lmdb: and run postmap lmdb:FILE", old_table_types},
};

} // namespace

std::span<const Check> postfix_policy_checks() { return checks_of_policy; }

} // namespace mailctl
