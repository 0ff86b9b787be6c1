// SPDX-License-Identifier: Apache-2.0
#include "imap_sessions.hpp"

#include "mailctl/base/text.hpp"
#include "service_control.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t most_by_name = 20; // of one domain; beyond them all of it log in anew

bool may_log_in_at(const Domain& domain, const Mailbox& mailbox, Date today) {
    if (!mailbox.password || domain.state == DomainState::suspended) return false;
    const auto& suspend = mailbox.suspend;
    return !suspend || !suspend->login || (suspend->until && *suspend->until < today);
}

// Whether a session that the mailbox had before may go on.
bool keeps_login(const Domain& before, const Mailbox& mailbox, const std::optional<Domain>& after,
                 const std::string& name, Date today) {
    if (!may_log_in_at(before, mailbox, today)) return true; // it had none
    if (!after) return false;
    const auto now = after->mailboxes.find(name);
    return now != after->mailboxes.end() && now->second.password == mailbox.password &&
           may_log_in_at(*after, now->second, today);
}

void add_ended_logins(const Domain& before, const std::optional<Domain>& after, Date today,
                      std::vector<std::string>& users) {
    std::vector<std::string> ended;
    for (const auto& [name, mailbox] : before.mailboxes)
        if (!keeps_login(before, mailbox, after, name, today))
            ended.push_back(fmt::format("{}@{}", name, before.name.text()));
    if (ended.size() > most_by_name) ended = {"*@" + before.name.text()};
    users.insert(users.end(), ended.begin(), ended.end());
}

std::string shown_users(const std::vector<std::string>& users) {
    constexpr std::size_t most_shown = 3;
    if (users.size() > most_shown) return how_many(users.size(), "user");
    return fmt::format("'{}'", join(users, "', '"));
}

} // namespace

std::vector<std::string> ended_logins(const KnownDomains& models, Date today) {
    std::vector<std::string> users;
    for (const auto& [name, before] : models.before) {
        const auto after = models.after.find(name);
        if (before && after != models.after.end()) add_ended_logins(*before, after->second, today, users);
    }
    return users;
}

std::vector<std::string> end_imap_sessions(const Paths& paths, const Site& site,
                                           const std::vector<std::string>& users) {
    if (users.empty()) return {};
    const DovecotControl dovecot(paths, site);
    if (!dovecot.is_running()) return {};
    auto trouble = dovecot.doveadm({"auth", "cache", "flush"});
    for (const auto& user : users)
        if (trouble.empty()) trouble = dovecot.doveadm({"kick", user});
    if (trouble.empty()) return {fmt::format("Dovecot ended the sessions of {}", shown_users(users))};
    return {fmt::format("warning: Dovecot may keep sessions of {} open, and an old password: {}", shown_users(users),
                        trouble),
            fmt::format("hint: doveadm auth cache flush; doveadm kick {}", users.front())};
}

} // namespace mailctl
