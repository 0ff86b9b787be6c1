// SPDX-License-Identifier: Apache-2.0
// Our own data: what the domain files say.
#include "check_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string name_in(const std::string& local, const Domain& domain) {
    return fmt::format("{}@{}", local, domain.name.display());
}

void invalid_domain(const SiteFacts& facts, Sayings& say) {
    for (const auto& doubt : facts.data)
        if (doubt.is_error) say(doubt.place, doubt.what, doubt.remedy);
}

void doubtful_domain(const SiteFacts& facts, Sayings& say) {
    for (const auto& doubt : facts.data)
        if (!doubt.is_error) say(doubt.place, doubt.what, doubt.remedy);
}

void edited_files(const SiteFacts& facts, Sayings& say) {
    for (const auto& path : facts.unapplied)
        say(path, "was edited by hand and is not applied yet");
}

void unfinished_change(const SiteFacts& facts, Sayings& say) {
    if (facts.pending) say("history", fmt::format("change {} is recorded and not carried through", *facts.pending));
}

void without_postmaster(const SiteFacts& facts, Sayings& say) {
    if (facts.site.postmaster) return;
    for (const auto& domain : facts.domains)
        for (const auto* name : {"postmaster", "abuse"})
            if (!holder_of(domain, name))
                say(domain.name.display(), fmt::format("nobody reads '{}@{}'", name, domain.name.display()));
}

void over_commitment(const SiteFacts& facts, Sayings& say) {
    for (const auto& domain : facts.domains) {
        const auto total = total_quota(domain);
        if (domain.limits.quota.bytes > 0 && total.bytes > domain.limits.quota.bytes)
            say(domain.name.display(), fmt::format("its mailboxes may hold {} together, its limit is {}",
                                                   format_size(total), format_size(domain.limits.quota)));
    }
}

void over_replies(const SiteFacts& facts, Sayings& say) {
    for (const auto& domain : facts.domains)
        for (const auto& [local, mailbox] : domain.mailboxes)
            if (mailbox.autoreply && mailbox.autoreply->enabled && mailbox.autoreply->end &&
                *mailbox.autoreply->end < facts.today)
                say(name_in(local, domain),
                    fmt::format("its autoreply ended on {}", format_date(*mailbox.autoreply->end)));
}

void over_suspensions(const SiteFacts& facts, Sayings& say) {
    for (const auto& domain : facts.domains)
        for (const auto& [local, mailbox] : domain.mailboxes)
            if (mailbox.suspend && !in_force(*mailbox.suspend, facts.today))
                say(name_in(local, domain), "its suspension is over, and still stands in the file");
}

const Check checks_of_data[] = {
    {"data.invalid", 0, Weight::error, false, "a domain file, or what it names in others, is wrong: loops, names twice",
     "mailctl config check", invalid_domain},
    {"data.doubtful", 0, Weight::warning, false, "a domain names what does not exist, or shadows another name",
     "mailctl config check", doubtful_domain},
    {"data.not-applied", 0, Weight::warning, false, "a file was edited by hand and is not in force", "mailctl apply",
     edited_files},
    {"data.unfinished", 0, Weight::error, false, "a change was interrupted and is not carried through", "mailctl apply",
     unfinished_change},
    {"data.no-postmaster", 0, Weight::warning, false, "a domain has no postmaster or abuse, and the site has none",
     "mailctl config set postmaster=ADDRESS", without_postmaster},
    {"data.over-committed", 0, Weight::warning, false, "mailboxes may hold more together than their domain may",
     "mailctl domain set DOMAIN limits.quota=SIZE", over_commitment},
    {"data.reply-over", 0, Weight::advice, false, "an autoreply is switched on and over",
     "mailctl autoreply off ADDRESS", over_replies},
    {"data.suspension-over", 0, Weight::advice, false, "a suspension is over and still written down",
     "mailctl mailbox resume ADDRESS", over_suspensions},
};

} // namespace

std::span<const Check> data_checks() { return checks_of_data; }

} // namespace mailctl
