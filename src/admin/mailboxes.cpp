// SPDX-License-Identifier: Apache-2.0
// Changes to mailboxes. Each planner turns a request into what the domain becomes.
#include "mailctl/admin/mailboxes.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/change/references.hpp"
#include "mailctl/os/clock.hpp"
#include "mailctl/os/password.hpp"
#include "mailctl/site/name_guard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// Where nothing is said: what the mailbox has already, else the usual.
ByteCount quota_unsaid(const Site& site, const Domain& domain, const std::string& local) {
    if (const auto known = domain.mailboxes.find(local); known != domain.mailboxes.end()) return known->second.quota;
    return usual_quota(site.defaults, domain.limits);
}

Result<Mailbox> model_of(const NewMailbox& request, const Address& address, ByteCount usual) {
    Mailbox mailbox;
    mailbox.name = request.name;
    mailbox.password = request.password;
    mailbox.quota = request.quota.value_or(usual);
    for (const auto& alias : request.aliases) {
        TRY_ASSIGN(const auto name, parse_target(alias, address.domain));
        if (name.domain != address.domain)
            return fail(ErrorKind::usage,
                        fmt::format("alias '{}' is not in domain '{}'", name.display(), address.domain.display()),
                        "an alias is a name of the mailbox's own domain; elsewhere make a forward");
        mailbox.aliases.push_back(name.local.key());
    }
    mailbox.forward = request.forward;
    mailbox.copy_to = request.copy_to;
    mailbox.store = request.store;
    mailbox.recovery = request.recovery;
    return mailbox;
}

Status plan_new_mailbox(ModelPlan& plan, const NewMailbox& request, NameGuard& guard) {
    TRY_ASSIGN(const Address address, plan.take(request.address));
    TRY_ASSIGN(auto* domain, plan.domain(address.domain));
    const auto usual = quota_unsaid(plan.view().site(), domain->before(), address.local.text());
    TRY_ASSIGN(const auto wanted, model_of(request, address, usual));
    if (wanted.password) {
        TRY(check_hash(*wanted.password));
    }
    TRY_ASSIGN(const bool is_new,
               add_account(*domain, address.local.text(), wanted, "change it with 'mailctl mailbox set {} KEY=VALUE'"));
    if (!is_new) return {};
    if (!request.reuse) {
        TRY(guard.refuse_deleted(address));
    }
    plan.say_done("mailbox", address.display(), "created");
    if (!wanted.password)
        plan.note(fmt::format("nobody can log in to '{}' yet: mailctl mailbox password {}", address.display(),
                              address.text()));
    return {};
}

// The mailbox to be changed; each is taken once.
struct MailboxInHand {
    Address address;
    DomainDraft* domain;
    Mailbox* mailbox;
};
Result<MailboxInHand> take_mailbox(ModelPlan& plan, const Address& address) {
    TRY_ASSIGN(const auto target, get_mailbox_target(plan.view(), address));
    TRY_ASSIGN(auto real, plan.take(address));
    auto& domain = plan.of(*target.domain);
    auto* mailbox = domain.edit<Mailbox>(real.local.text());
    return MailboxInHand{std::move(real), &domain, mailbox};
}

Status plan_mailbox_settings(ModelPlan& plan, const Address& address, std::span<const Assignment> assignments) {
    TRY_ASSIGN(const auto hand, take_mailbox(plan, address));
    TRY_ASSIGN(const bool changed, assign_account(*hand.domain, AccountKind::mailbox, hand.address.local.text(),
                                                  assignments, plan.words_for(hand.address)));
    if (changed) plan.say_done("mailbox", hand.address.display(), "changed");
    return {};
}

Status plan_password(ModelPlan& plan, const NewPassword& request) {
    TRY_ASSIGN(const auto hand, take_mailbox(plan, request.address));
    if (request.hash) {
        TRY(check_hash(*request.hash));
    }
    if (hand.mailbox->password == request.hash) return {};
    hand.mailbox->password = request.hash;
    if (request.hash)
        plan.say_done("mailbox", hand.address.display(), "password set", "set the password of");
    else
        plan.say_done("mailbox", hand.address.display(), "password removed", "removed the password of");
    return {};
}

void note_past(ModelPlan& plan, const Address& address, const Suspension& suspension, Date today) {
    if (!in_force(suspension, today))
        plan.note(fmt::format("warning: '{}' is not suspended: a suspension until {} is over already",
                              address.display(), format_date(*suspension.until)));
}

Status plan_suspension(ModelPlan& plan, const Address& address, const std::optional<Suspension>& suspension) {
    TRY_ASSIGN(const auto hand, take_mailbox(plan, address));
    if (hand.mailbox->suspend == suspension) return {};
    hand.mailbox->suspend = suspension;
    plan.say_done("mailbox", hand.address.display(), suspension ? "suspended" : "resumed");
    return {};
}

// Names that settings bring, as far as they can be told apart without the domain.
std::vector<Address> names_in(std::span<const Address> addresses, std::span<const Assignment> assignments) {
    std::vector<Address> names(addresses.begin(), addresses.end());
    for (const auto& assignment : assignments) {
        if (assignment.key != "aliases") continue;
        for (const auto& element : list_elements(fold(assignment.value)))
            for (const auto& address : addresses)
                if (const auto alias = parse_target(element, address.domain)) names.push_back(*alias);
    }
    return names;
}

std::vector<Address> names_of(std::span<const NewMailbox> mailboxes) {
    std::vector<Address> names;
    for (const auto& mailbox : mailboxes) {
        names.push_back(mailbox.address);
        for (const auto& alias : mailbox.aliases)
            if (const auto name = parse_target(alias, mailbox.address.domain)) names.push_back(*name);
    }
    return names;
}

} // namespace

Result<Report> create_mailboxes(const World& world, std::span<const NewMailbox> mailboxes,
                                const ChangeOptions& options) {
    return change_models(
        world, options,
        [&](ModelPlan& plan) -> Status {
            NameGuard guard(plan.view());
            for (const auto& mailbox : mailboxes) {
                TRY(plan_new_mailbox(plan, mailbox, guard));
            }
            return {};
        },
        names_of(mailboxes));
}

Result<Report> set_mailboxes(const World& world, std::span<const Address> addresses,
                             std::span<const Assignment> assignments, const ChangeOptions& options) {
    return change_models_each(
        world, options, addresses, names_in(addresses, assignments),
        [&](ModelPlan& plan, const Address& address) { return plan_mailbox_settings(plan, address, assignments); });
}

Result<Report> set_passwords(const World& world, std::span<const NewPassword> passwords, const ChangeOptions& options) {
    std::vector<Address> addresses;
    for (const auto& password : passwords)
        addresses.push_back(password.address);
    return change_models_each(world, options, passwords, addresses, plan_password);
}

Result<Report> suspend_mailboxes(const World& world, std::span<const Address> addresses, const Suspension& suspension,
                                 const ChangeOptions& options) {
    return change_models_each(world, options, addresses, addresses,
                              [&](ModelPlan& plan, const Address& address) -> Status {
                                  const auto& zone = plan.view().site().time_zone;
                                  note_past(plan, address, suspension, day_in_zone(world.clock(), zone));
                                  return plan_suspension(plan, address, suspension);
                              });
}

Result<Report> resume_mailboxes(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    return change_models_each(world, options, addresses, addresses, [](ModelPlan& plan, const Address& address) {
        return plan_suspension(plan, address, std::nullopt);
    });
}

Result<std::vector<std::string>> describe_references(const World& world, std::span<const Address> addresses) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    return find_references(view, addresses);
}

Result<Address> get_mailbox(const World& world, const Address& address) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(auto target, get_mailbox_target(view, address));
    return std::move(target.address);
}

} // namespace mailctl
