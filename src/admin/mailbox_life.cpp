// Deleting and bringing back.
#include "mailctl/admin/mailbox_life.hpp"

#include "mailctl/admin/compiled.hpp"
#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/handing_on.hpp"
#include "mailctl/admin/mail_moves.hpp"
#include "mailctl/admin/name_guard.hpp"
#include "mailctl/admin/past_texts.hpp"
#include "mailctl/admin/references.hpp"
#include "mailctl/base/text.hpp"

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

Result<ChangePlan> plan_deletion(const SiteView& view, const Deletion& deletion, Instant now) {
    ChangePlan plan;
    std::vector<MailboxTarget> leaving;
    for (const auto& address : deletion.mailboxes) {
        TRY_ASSIGN(auto target, get_mailbox_target(view, address));
        const bool twice =
            std::ranges::any_of(leaving, [&](const auto& other) { return other.address == target.address; });
        if (!twice) leaving.push_back(std::move(target));
    }
    std::vector<Address> addresses;
    for (const auto& target : leaving) {
        plan.edit(target.domain->name, RemoveTable{{"mailbox", target.address.local.text()}});
        order_mail(deletion, target.address, now, plan);
        say_done(plan, "mailbox", target.address.display(), "deleted");
        addresses.push_back(target.address);
    }
    if (!deletion.redirect_to) {
        TRY(refuse_if_referred_to(view, addresses));
        return plan;
    }
    TRY_ASSIGN(const auto to, get_successor(view, *deletion.redirect_to));
    if (std::ranges::find(addresses, to) != addresses.end())
        return fail(ErrorKind::usage, fmt::format("'{}' is to be deleted and cannot take mail over", to.display()));
    for (const auto& target : leaving) {
        const auto& aliases = target.mailbox->aliases;
        if (to.domain == target.address.domain && std::ranges::find(aliases, to.local.key()) != aliases.end())
            return fail(ErrorKind::usage, fmt::format("'{}' is an alias of '{}' and goes with it", to.display(),
                                                      target.address.display()));
        hand_on_names(target, to, plan);
        plan.report.notes.push_back(
            fmt::format("mail for '{}' goes to '{}' from now on", target.address.display(), to.display()));
    }
    return plan;
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
bool take_back(const Domain& now, const Domain& after, const std::string& name, ChangePlan& plan) {
    const auto holder = holder_of(now, name);
    if (!holder) return true;
    if (holder_of(after, name) != holder) return false;
    if (now.forwards.contains(name)) {
        plan.edit(now.name, RemoveTable{{"forward", name}});
        return true;
    }
    for (const auto& [local, mailbox] : now.mailboxes)
        if (std::ranges::find(mailbox.aliases, name) != mailbox.aliases.end()) {
            plan.edit(now.name, RemoveElement{mailbox_key(local, "aliases"), name});
            return true;
        }
    return false;
}

void say_where_mail_is(const Tombstone& tombstone, ChangePlan& plan) {
    if (!tombstone.archive)
        plan.report.notes.push_back(fmt::format("there is no mail of '{}' any more", tombstone.address.display()));
    else if (tombstone.archive->starts_with('/'))
        plan.report.notes.push_back(fmt::format("the mail of '{}' was packed into '{}': unpack it yourself",
                                                tombstone.address.display(), *tombstone.archive));
}

Result<ChangePlan> plan_restoration(const SiteView& view, const Address& address) {
    TRY_ASSIGN(const auto* now, view.get_domain(address.domain));
    const Address mailbox = address_in(*now, address.local.key());
    NameGuard guard(view);
    TRY_ASSIGN(const auto tombstone, guard.find(mailbox));
    if (!tombstone) {
        TRY(get_free_name_in(*now, mailbox));
        return fail(ErrorKind::missing, fmt::format("no deleted mailbox '{}'", mailbox.display()),
                    "see 'mailctl history list'");
    }
    TRY_ASSIGN(const auto then, domain_then(view, *tombstone));
    ChangePlan plan;
    if (!take_back(*now, then.after, mailbox.local.text(), plan)) {
        TRY(get_free_name_in(*now, mailbox));
    }
    Mailbox settings = then.before.mailboxes.at(mailbox.local.text());
    std::vector<std::string> lost;
    std::erase_if(settings.aliases, [&](const std::string& alias) {
        const bool mine = take_back(*now, then.after, alias, plan);
        if (!mine) lost.push_back(fmt::format("alias '{}' belongs to {} by now", alias, *holder_of(*now, alias)));
        return !mine;
    });
    for (auto& edit : mailbox_tables(mailbox, settings))
        plan.edit(now->name, std::move(edit));
    plan.mail.push_back(mail_order::restore(mailbox, tombstone->change));
    say_done(plan, "mailbox", mailbox.display(), "restored");
    plan.report.notes.insert(plan.report.notes.end(), lost.begin(), lost.end());
    say_where_mail_is(*tombstone, plan);
    return plan;
}

} // namespace

Result<Report> delete_mailboxes(const World& world, const Deletion& deletion, const ChangeOptions& options) {
    TRY(check_archive_file(deletion));
    auto about = deletion.mailboxes;
    if (deletion.redirect_to) about.push_back(*deletion.redirect_to);
    return change(
        world, options, [&](const SiteView& view) { return plan_deletion(view, deletion, world.clock()); }, about);
}

Result<Report> restore_mailbox_of(const World& world, const Address& mailbox, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) { return plan_restoration(view, mailbox); });
}

} // namespace mailctl
