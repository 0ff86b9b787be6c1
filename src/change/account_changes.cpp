// SPDX-License-Identifier: Apache-2.0
// Adding, assigning, handing on.
#include "mailctl/change/account_changes.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/config/domain_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

const std::vector<std::string>& aliases_of(const Account& account) {
    static const std::vector<std::string> none;
    const auto* mailbox = std::get_if<Mailbox>(&account);
    return mailbox ? mailbox->aliases : none;
}

// Aliases that `after` has and `before` has not belong to nobody else.
Status check_aliases(const DomainDraft& change, const Account& before, const Account& after) {
    for (const auto& alias : aliases_of(after)) {
        if (std::ranges::find(aliases_of(before), alias) != aliases_of(before).end()) continue;
        TRY(get_free_name_in(change, address_in(change.before(), alias)));
    }
    return {};
}

SaidKey said_by(const Assignment& assignment) {
    const bool clears = assignment.operation == Assignment::Operation::set && assignment.value.empty();
    return {assignment.key, clears ? SaidKey::How::cleared : SaidKey::How::given};
}

} // namespace

ByteCount usual_quota(const Site::Defaults& defaults, const DomainLimits& limits) {
    return limits.mailbox_quota.bytes > 0 ? limits.mailbox_quota : defaults.quota;
}

Domain new_domain(const DomainName& name, const Site::Defaults& defaults) {
    Domain domain(name);
    domain.limits.mailboxes = defaults.domain_mailboxes;
    domain.limits.quota = defaults.domain_quota;
    return domain;
}

Address address_in(const Domain& domain, const std::string& local) {
    return {LocalPart::from_trusted(local), domain.name};
}

Status get_free_name_in(const DomainDraft& change, const Address& address) {
    const auto holder = change.holder(address.local.key());
    if (!holder) return {};
    return fail(ErrorKind::conflict, fmt::format("'{}' is taken: it is {}", address.display(), what_it_is(*holder)),
                fmt::format("see 'mailctl explain {}'", address.text()));
}

bool says_the_same(const Account& a, const Account& b) {
    if (a.index() != b.index()) return false;
    const auto keys = account_keys(kind_of(a));
    for (const auto& table : account_key_tables())
        if (!keys.empty() && table.family == keys.front().family && table.exists(a) != table.exists(b)) return false;
    return std::ranges::all_of(keys, [&](const AccountKey& key) { return key.same(a, b); });
}

Result<bool> add_account(DomainDraft& change, const std::string& local, const Account& account,
                         std::string_view remedy) {
    const auto kind = kind_of(account);
    const auto address = address_in(change.before(), local);
    if (const auto existing = change.get(kind, local)) {
        if (says_the_same(*existing, account)) return false;
        return fail(ErrorKind::conflict, fmt::format("{} '{}' exists already", kind_name(kind), address.display()),
                    fmt::format(fmt::runtime(remedy), address.text()));
    }
    TRY(get_free_name_in(change, address));
    std::set<std::string> seen{local};
    for (const auto& alias : aliases_of(account))
        if (!seen.insert(alias).second) return fail(given_twice(alias));
    TRY(check_aliases(change, empty_account(kind), account));
    change.put(local, account);
    return true;
}

Result<bool> assign_account(DomainDraft& change, AccountKind kind, const std::string& local,
                            std::span<const Assignment> assignments, const WordContext& context) {
    const Account before = change.get(kind, local).value();
    Account after = before;
    std::vector<SaidKey> said;
    for (const auto& assignment : assignments) {
        TRY(assign_key(account_keys(kind), after, assignment, context));
        said.push_back(said_by(assignment));
    }
    TRY(check_aliases(change, before, after));
    if (says_the_same(before, after)) return false;
    change.put(local, std::move(after));
    for (auto& key : said)
        change.say(kind, local, std::move(key));
    return true;
}

Result<bool> assign_domain(DomainDraft& change, std::span<const Assignment> assignments, const WordContext& context) {
    Domain after = change.settings();
    std::vector<SaidKey> said;
    for (const auto& assignment : assignments) {
        TRY(assign_key(domain_keys(), after, assignment, context));
        said.push_back(said_by(assignment));
    }
    const bool has_no_policy = std::ranges::any_of(
        said, [](const SaidKey& key) { return key.key == "dmarc.policy" && key.how == SaidKey::How::cleared; });
    if (after.dmarc && has_no_policy && after.dmarc->report_to.empty()) after.dmarc.reset();
    if (after.tls && *after.tls == TlsFiles{}) after.tls.reset();
    if (after == change.settings()) return false;
    change.edit_settings() = std::move(after);
    change.said().insert(change.said().end(), said.begin(), said.end());
    return true;
}

void hand_on_names(DomainDraft& change, const std::string& local, const Mailbox& mailbox, const Address& to) {
    std::vector<std::string> names{local};
    names.insert(names.end(), mailbox.aliases.begin(), mailbox.aliases.end());
    auto* successor = to.domain == change.before().name ? change.edit<Mailbox>(to.local.key()) : nullptr;
    for (const auto& name : names) {
        if (successor)
            successor->aliases.push_back(name);
        else
            change.put(name, Forward{{to}});
    }
}

void rename_mailbox(DomainDraft& change, const std::string& from, const std::string& to, bool leave_alias) {
    auto* mailbox = change.edit<Mailbox>(from);
    std::erase(mailbox->aliases, to);
    if (leave_alias) mailbox->aliases.push_back(from);
    change.rename(AccountKind::mailbox, from, to);
}

void keep_for_reply(DomainDraft& change, const std::string& local, const Address& to, Date last_day) {
    Mailbox mailbox = *change.find<Mailbox>(local);
    const auto address = address_in(change.before(), local).text();
    mailbox.password.reset();
    mailbox.forward.clear();
    mailbox.suspend.reset();
    mailbox.copy_to = {to};
    mailbox.store = false;
    Autoreply reply;
    reply.subject = fmt::format("{} is no longer in use", address);
    reply.message =
        fmt::format("{} can no longer be reached at this address.\nYour message has been passed on to {}.\n",
                    mailbox.name.empty() ? address : mailbox.name, to.text());
    reply.end = last_day;
    mailbox.autoreply = std::move(reply);
    change.put_known(local, std::move(mailbox));
    change.say(AccountKind::mailbox, local, {"forward", SaidKey::How::cleared});
}

} // namespace mailctl
