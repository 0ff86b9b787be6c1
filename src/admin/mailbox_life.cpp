// SPDX-License-Identifier: Apache-2.0
// Deleting and bringing back.
#include "mailctl/admin/mailbox_life.hpp"

#include "earlier_owner.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/change/references.hpp"
#include "mailctl/site/compiled.hpp"
#include "mailctl/site/name_guard.hpp"
#include "mailctl/site/past_texts.hpp"
#include "succession.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

Status check_archive_file(const Deletion& deletion) {
    if (!deletion.archive_file) return {};
    const auto& file = *deletion.archive_file;
    if (deletion.mailboxes.size() != 1)
        return fail(ErrorKind::usage, "an archive file takes the mail of one mailbox",
                    "delete them one by one, each with its own --archive FILE");
    TRY_ASSIGN(const auto existing, find_stamp(file));
    if (existing)
        return fail(ErrorKind::conflict, fmt::format("'{}' exists already", printable(file)),
                    "name a file that does not exist; none is overwritten");
    const std::string parent = file.substr(0, file.rfind('/') + 1);
    TRY_ASSIGN(const auto directory, find_stamp(parent + "."));
    if (!directory) return fail(ErrorKind::missing, fmt::format("no directory '{}'", printable(parent)));
    return {};
}

void order_mail(const Deletion& deletion, const Address& mailbox, Instant now, ChangePlan& plan) {
    if (deletion.archive_file) plan.mail.push_back(mail_order::pack(mailbox, *deletion.archive_file));
    if (deletion.purge) plan.mail.push_back(mail_order::purge(mailbox));
    if (deletion.keep) plan.mail.push_back(mail_order::keep_until(mailbox, now + *deletion.keep));
}

// Who takes over is none of those that go, under any of their names.
Status check_successor(const std::vector<MailboxTarget>& leaving, const Address& to) {
    for (const auto& target : leaving) {
        if (target.address == to)
            return fail(ErrorKind::usage, fmt::format("'{}' is to be deleted and cannot take mail over", to.display()));
        const auto& aliases = target.mailbox->aliases;
        if (to.domain == target.address.domain && std::ranges::find(aliases, to.local.key()) != aliases.end())
            return fail(ErrorKind::usage, fmt::format("'{}' is an alias of '{}' and goes with it", to.display(),
                                                      target.address.display()));
    }
    return {};
}

Status plan_deletion(ModelPlan& plan, const Deletion& deletion, Instant now) {
    std::vector<MailboxTarget> leaving;
    std::vector<Address> addresses;
    for (const auto& address : deletion.mailboxes) {
        TRY_ASSIGN(auto target, get_mailbox_target(plan.view(), address));
        TRY(plan.take(address));
        addresses.push_back(target.address);
        leaving.push_back(std::move(target));
    }
    for (const auto& target : leaving) {
        plan.of(*target.domain).remove(AccountKind::mailbox, target.address.local.text());
        order_mail(deletion, target.address, now, plan.rest);
        plan.say_done("mailbox", target.address.display(), "deleted");
    }
    if (!deletion.redirect_to) return refuse_if_referred_to(plan.view(), addresses);
    TRY_ASSIGN(const auto to, get_successor(plan.view(), *deletion.redirect_to));
    TRY(check_successor(leaving, to));
    for (const auto& target : leaving) {
        hand_on_names(plan.of(*target.domain), target.address.local.text(), *target.mailbox, to);
        plan.note(fmt::format("mail for '{}' goes to '{}' from now on", target.address.display(), to.display()));
    }
    return {};
}

// The domain as it was on both sides of the deletion.
struct Then {
    Domain before, after;
};
Result<Then> domain_then(const SiteView& view, const Tombstone& tombstone) {
    const SourceFile file{tombstone.address.domain};
    TRY_ASSIGN(const auto records, records_since(view, tombstone.change));
    TRY_ASSIGN(const auto steps, past_steps(view, records, file));
    if (steps.empty() || steps.front().id != tombstone.change)
        return fail(ErrorKind::conflict, fmt::format("change {} does not tell what '{}' was", tombstone.change,
                                                     tombstone.address.display()));
    TRY_ASSIGN(auto before, model_of(view, *file.domain, steps.front().texts.before));
    TRY_ASSIGN(auto after, model_of(view, *file.domain, steps.front().texts.after));
    if (!before || !before->mailboxes.contains(tombstone.address.local.text()))
        return fail(ErrorKind::conflict, fmt::format("change {} does not tell what '{}' was", tombstone.change,
                                                     tombstone.address.display()));
    return Then{std::move(*before), after ? std::move(*after) : Domain(*file.domain)};
}

// Frees a name that the deletion itself gave away. False: somebody else has it.
bool take_back(DomainDraft& change, const Domain& after, const std::string& name) {
    const auto& now = change.before();
    const auto holder = holder_of(now, name);
    if (!holder) return true;
    if (holder_of(after, name) != holder) return false;
    if (now.forwards.contains(name)) {
        change.remove(AccountKind::forward, name);
        return true;
    }
    const auto mailbox = change.mailbox_with_alias(name);
    return !mailbox.empty() && std::erase(change.edit<Mailbox>(mailbox)->aliases, name) > 0;
}

void say_where_mail_is(const Tombstone& tombstone, ModelPlan& plan) {
    if (!tombstone.archive)
        plan.note(fmt::format("there is no mail of '{}' any more", tombstone.address.display()));
    else if (tombstone.archive->starts_with('/'))
        plan.note(fmt::format("the mail of '{}' was packed into '{}': unpack it yourself", tombstone.address.display(),
                              *tombstone.archive));
}

// Else the name was given to somebody else on purpose, who is to see none of it.
bool went_by_hand(const SiteView& view, const Tombstone& tombstone) {
    const auto record = load_record(view.paths().history, tombstone.change);
    return record && mail_order::was_left_out(*record, tombstone.address) && !tombstone.archive->starts_with('/');
}

// The mailbox is there again, without the mail of its earlier life: that joins what has arrived since.
void plan_mail_only(ModelPlan& plan, const Address& mailbox, const Tombstone& tombstone) {
    plan.rest.mail.push_back(mail_order::restore(mailbox, tombstone.change));
    plan.say_done("mailbox", mailbox.display(), "restored");
}

Status refuse_mail_of_earlier_owner(const SiteView& view, const Tombstone& tombstone) {
    if (!within_role(view, {tombstone}).empty()) return {};
    return fail(ErrorKind::denied,
                fmt::format("'{}' was deleted before '{}' was made anew, and may have been somebody else's",
                            tombstone.address.display(), tombstone.address.domain.display()),
                "only the site's administrator can restore it");
}

Status plan_mail_alone(ModelPlan& plan, const Address& mailbox, const Domain& now, NameGuard& guard) {
    if (!now.mailboxes.contains(mailbox.local.text()))
        return fail(ErrorKind::missing,
                    fmt::format("there is no mailbox '{}' that earlier mail could join", mailbox.display()),
                    "restore the mailbox with its mail: leave --mail-only out");
    TRY_ASSIGN(const auto archived, guard.find_archived(mailbox));
    if (!archived)
        return fail(ErrorKind::missing, fmt::format("no mail of an earlier '{}' is kept", mailbox.display()),
                    "see 'mailctl history list'");
    TRY(refuse_mail_of_earlier_owner(plan.view(), *archived));
    if (archived->archive->starts_with('/'))
        return fail(ErrorKind::conflict,
                    fmt::format("the mail of '{}' was packed into '{}'", mailbox.display(), *archived->archive),
                    "unpack it yourself");
    plan_mail_only(plan, mailbox, *archived);
    return {};
}

Status plan_restoration(ModelPlan& plan, const Address& address, Restoring what) {
    TRY_ASSIGN(auto* domain, plan.domain(address.domain));
    const auto& now = domain->before();
    const Address mailbox = address_in(now, address.local.key());
    NameGuard guard(plan.view());
    if (what == Restoring::mail_alone) return plan_mail_alone(plan, mailbox, now, guard);
    TRY_ASSIGN(const auto tombstone, guard.find(mailbox));
    if (!tombstone && now.mailboxes.contains(mailbox.local.text())) {
        TRY_ASSIGN(const auto archived, guard.find_archived(mailbox));
        if (archived && went_by_hand(plan.view(), *archived)) {
            TRY(refuse_mail_of_earlier_owner(plan.view(), *archived));
            plan_mail_only(plan, mailbox, *archived);
            return {};
        }
    }
    if (!tombstone) {
        TRY(get_free_name_in(*domain, mailbox));
        return fail(ErrorKind::missing, fmt::format("no deleted mailbox '{}'", mailbox.display()),
                    "see 'mailctl history list'");
    }
    TRY(refuse_mail_of_earlier_owner(plan.view(), *tombstone));
    TRY_ASSIGN(const auto then, domain_then(plan.view(), *tombstone));
    if (!take_back(*domain, then.after, mailbox.local.text())) {
        TRY(get_free_name_in(*domain, mailbox));
    }
    Mailbox settings = then.before.mailboxes.at(mailbox.local.text());
    std::vector<std::string> lost;
    std::erase_if(settings.aliases, [&](const std::string& alias) {
        const bool mine = take_back(*domain, then.after, alias);
        if (!mine) lost.push_back(fmt::format("alias '{}' belongs to {} by now", alias, *holder_of(now, alias)));
        return !mine;
    });
    domain->put_known(mailbox.local.text(), std::move(settings));
    plan.rest.mail.push_back(mail_order::restore(mailbox, tombstone->change));
    plan.say_done("mailbox", mailbox.display(), "restored");
    for (auto& note : lost)
        plan.note(std::move(note));
    say_where_mail_is(*tombstone, plan);
    return {};
}

} // namespace

Result<Report> delete_mailboxes(const World& world, const Deletion& deletion, const ChangeOptions& options) {
    TRY(check_archive_file(deletion));
    auto about = deletion.mailboxes;
    if (deletion.redirect_to) about.push_back(*deletion.redirect_to);
    return change_models(
        world, options, [&](ModelPlan& plan) { return plan_deletion(plan, deletion, world.clock()); }, about);
}

Result<Report> restore_mailbox_of(const World& world, const Address& mailbox, const ChangeOptions& options,
                                  Restoring what) {
    return change_models(world, options, [&](ModelPlan& plan) { return plan_restoration(plan, mailbox, what); });
}

} // namespace mailctl
