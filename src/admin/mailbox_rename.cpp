// SPDX-License-Identifier: Apache-2.0
// A mailbox under another name, and a mailbox whose owner has left.
#include "mailctl/admin/mailbox_life.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/change/rewrite.hpp"
#include "mailctl/mail/maildir_name.hpp"
#include "mailctl/maildir/mail_transfer.hpp"
#include "mailctl/site/name_guard.hpp"
#include "mailctl/site/site_mail.hpp"
#include "succession.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

bool is_alias_of(const MailboxTarget& target, const Address& name) {
    const auto& aliases = target.mailbox->aliases;
    return name.domain == target.address.domain && std::ranges::find(aliases, name.local.key()) != aliases.end();
}

// Free, never that of a deleted mailbox, and nothing lies at its place.
Result<Address> get_new_name(const SiteView& view, const MailboxTarget& target, const Address& wanted) {
    TRY_ASSIGN(const auto* domain, view.get_domain(wanted.domain));
    Address name = address_in(*domain, wanted.local.key());
    if (!is_alias_of(target, name)) {
        TRY(get_free_name_in(*domain, name));
    }
    NameGuard guard(view);
    TRY(guard.refuse_deleted(name));
    if (!has_mail_place(view, mailbox_directory(name))) return name;
    return fail(
        ErrorKind::conflict,
        fmt::format("'{}/{}' is in the way: it belongs to no mailbox", view.paths().mail, mailbox_directory(name)),
        "look at it and move it elsewhere");
}

// A new name moves no mail between machines.
Status refuse_other_machine(const MailboxTarget& target, const Domain& there) {
    const auto& now = node_of(*target.domain, *target.mailbox);
    const auto& then = target.mailbox->node.empty() ? there.node : target.mailbox->node;
    if (now == then) return {};
    const auto machine = [](const std::string& node) {
        return node.empty() ? std::string("this host") : fmt::format("node '{}'", node);
    };
    return fail(ErrorKind::conflict,
                fmt::format("the mail of '{}' is on {}, and domain '{}' lives on {}", target.address.display(),
                            machine(now), there.name.display(), machine(then)),
                then.empty() ? "make a mailbox there, and let this one's owner go with 'mailbox depart'"
                             : fmt::format("move it there first: mailctl mailbox move {} --node {}",
                                           target.address.text(), then));
}

// The aliases come along into the other domain; one that is called as the mailbox will be is none any more.
Result<std::vector<NewName>> move_to_domain(ModelPlan& plan, const MailboxTarget& target, const Address& to,
                                            bool leave_alias) {
    TRY_ASSIGN(auto* there, plan.domain(to.domain));
    TRY(refuse_other_machine(target, there->before()));
    auto& here = plan.of(*target.domain);
    std::vector<NewName> names{{target.address, to}};
    Mailbox mailbox = *target.mailbox;
    std::erase(mailbox.aliases, to.local.key());
    for (const auto& alias : target.mailbox->aliases) {
        const Address name = address_in(there->before(), alias);
        if (name != to) {
            TRY(get_free_name_in(*there, name));
        }
        names.push_back({address_in(*target.domain, alias), name});
    }
    here.remove(AccountKind::mailbox, target.address.local.text());
    if (leave_alias) hand_on_names(here, target.address.local.text(), *target.mailbox, to);
    there->put_known(to.local.text(), std::move(mailbox));
    return names;
}

// In the other domain the reply goes out under the new name too.
void follow_own_from(ModelPlan& plan, const Domain& home, const Address& to, std::span<const NewName> names) {
    NewNames all{home.aliases, {}, names};
    all.domain_names.push_back(home.name);
    auto there = plan.domain(to.domain);
    auto& reply = (*there)->edit<Mailbox>(to.local.text())->autoreply;
    if (!reply) return;
    if (auto now = all.find_in_from(reply->from)) reply->from = std::move(*now);
}

// Names that take no mail any more.
void say_what_ends(ModelPlan& plan, const MailboxTarget& target) {
    std::vector<std::string> names;
    for (const auto& alias : target.mailbox->aliases)
        names.push_back(fmt::format("'{}'", address_in(*target.domain, alias).display()));
    if (!names.empty()) plan.note(fmt::format("without --leave-alias no more mail is taken for {}", join(names, ", ")));
}

Status plan_renaming(ModelPlan& plan, const Renaming& renaming) {
    const auto& view = plan.view();
    TRY_ASSIGN(const auto target, get_mailbox_target(view, renaming.from));
    TRY_ASSIGN(const auto wanted, view.real_address(renaming.to));
    if (wanted == target.address) return {};
    TRY_ASSIGN(const auto to, get_new_name(view, target, renaming.to));
    const std::string from = target.address.local.text();
    const bool at_home = to.domain == target.address.domain;
    std::vector<NewName> names{{target.address, to}};
    if (!at_home) {
        TRY_ASSIGN(names, move_to_domain(plan, target, to, renaming.leave_alias));
    }
    TRY(rewrite_references(plan, *target.domain, from, names));
    if (at_home) rename_mailbox(plan.of(*target.domain), from, to.local.text(), renaming.leave_alias);
    if (!at_home) follow_own_from(plan, *target.domain, to, names);
    plan.rest.mail.push_back(mail_order::rename(target.address, to));
    plan.say_done("mailbox", target.address.display(), "renamed");
    plan.rest.report.rows.back().push_back({"to", to.display()});
    plan.rest.report.notes.back() += fmt::format(" to '{}'", to.display());
    if (!at_home && !renaming.leave_alias) say_what_ends(plan, target);
    return {};
}

Result<std::string> folder_for(const SiteView& view, const Address& from, const Address& to) {
    TRY_ASSIGN(const auto* domain, view.get_domain(to.domain));
    if (!is_mailbox_of(*domain, to)) return fail(no_such("mailbox", to, *domain, mailbox_names(*domain)));
    if (!view.role().administers(*domain))
        return fail(ErrorKind::denied, fmt::format("'{}' may not put mail into '{}'", view.role().text(), to.display()),
                    "without --hand-over the mail goes to the archive area");
    std::string name = from.local.text();
    std::ranges::replace(name, '.', '-');
    TRY_ASSIGN(const auto free, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                   TRY_ASSIGN(const auto maildir, store.find_mailbox(to));
                   if (!maildir) return Words{name};
                   TRY_ASSIGN(auto folder, free_folder(*maildir, from.local.text()));
                   return Words{std::move(folder)};
               }));
    if (free.size() != 1 || !folder_directory(free.front()))
        return fail(ErrorKind::temporary, "work on mail gave half an answer");
    return free.front();
}

Date last_day(const World& world, const SiteView& view, Age age) {
    return day_in_zone(world.clock() + age, view.site().time_zone);
}

Status plan_departure(ModelPlan& plan, const Departure& departure, const World& world) {
    const auto& view = plan.view();
    TRY_ASSIGN(const auto target, get_mailbox_target(view, departure.mailbox));
    TRY_ASSIGN(const auto to, get_successor(view, departure.to));
    if (to == target.address || is_alias_of(target, to))
        return fail(ErrorKind::usage, fmt::format("'{}' cannot take over from itself", to.display()));
    const auto& mailbox = target.address;
    if (departure.hand_over) {
        TRY_ASSIGN(const auto folder, folder_for(view, mailbox, to));
        plan.rest.mail.push_back(mail_order::hand_over(mailbox, to, folder));
    }
    auto& domain = plan.of(*target.domain);
    if (departure.reply_for) {
        keep_for_reply(domain, mailbox.local.text(), to, last_day(world, view, *departure.reply_for));
        plan.rest.mail.push_back(mail_order::retire(mailbox));
    } else {
        domain.remove(AccountKind::mailbox, mailbox.local.text());
        hand_on_names(domain, mailbox.local.text(), *target.mailbox, to);
    }
    plan.say_done("mailbox", mailbox.display(), "closed");
    plan.note(fmt::format("mail for '{}' goes to '{}' from now on", mailbox.display(), to.display()));
    return {};
}

} // namespace

Result<Report> rename_mailbox_of(const World& world, const Renaming& renaming, const ChangeOptions& options) {
    return change_models(world, options, [&](ModelPlan& plan) { return plan_renaming(plan, renaming); });
}

Result<Report> depart_mailbox(const World& world, const Departure& departure, const ChangeOptions& options) {
    return change_models(world, options, [&](ModelPlan& plan) { return plan_departure(plan, departure, world); });
}

} // namespace mailctl
