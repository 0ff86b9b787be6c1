// A mailbox under another name, and a mailbox whose owner has left.
#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/handing_on.hpp"
#include "mailctl/admin/mail_moves.hpp"
#include "mailctl/admin/mailbox_life.hpp"
#include "mailctl/admin/name_guard.hpp"
#include "mailctl/admin/rewrite.hpp"
#include "mailctl/admin/site_mail.hpp"
#include "mailctl/mail/maildir_name.hpp"
#include "mailctl/maildir/mail_transfer.hpp"

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

void rename_within(const MailboxTarget& target, const Address& to, bool leave_alias, ChangePlan& plan) {
    const auto& own = target.domain->name;
    const std::string from = target.address.local.text(), name = to.local.text();
    if (is_alias_of(target, to)) plan.edit(own, RemoveElement{mailbox_key(from, "aliases"), name});
    plan.edit(own, RenameTable{{"mailbox", from}, name});
    if (leave_alias) plan.edit(own, AddElement{mailbox_key(name, "aliases"), from});
}

// The aliases come along into the other domain.
Result<std::vector<NewName>> move_to_domain(const SiteView& view, const MailboxTarget& target, const Address& to,
                                            bool leave_alias, ChangePlan& plan) {
    TRY_ASSIGN(const auto* domain, view.find_domain(to.domain));
    std::vector<NewName> names{{target.address, to}};
    for (const auto& alias : target.mailbox->aliases) {
        const Address there = address_in(*domain, alias);
        TRY(get_free_name_in(*domain, there));
        names.push_back({address_in(*target.domain, alias), there});
    }
    plan.edit(target.domain->name, RemoveTable{{"mailbox", target.address.local.text()}});
    if (leave_alias) hand_on_names(target, to, plan);
    for (auto& edit : mailbox_tables(to, *target.mailbox))
        plan.edit(to.domain, std::move(edit));
    return names;
}

Result<ChangePlan> plan_renaming(const SiteView& view, const Renaming& renaming) {
    ChangePlan plan;
    TRY_ASSIGN(const auto target, get_mailbox_target(view, renaming.from));
    TRY_ASSIGN(const auto wanted, view.real_address(renaming.to));
    if (wanted == target.address) return plan;
    TRY_ASSIGN(const auto to, get_new_name(view, target, renaming.to));
    std::vector<NewName> names{{target.address, to}};
    if (to.domain == target.address.domain) {
        rename_within(target, to, renaming.leave_alias, plan);
    } else {
        TRY_ASSIGN(names, move_to_domain(view, target, to, renaming.leave_alias, plan));
    }
    TRY(rewrite_references(view, *target.domain, target.address.local.text(), names, plan));
    plan.mail.push_back(mail_order::rename(target.address, to));
    say_done(plan, "mailbox", target.address.display(), "renamed");
    plan.report.rows.back().push_back({"to", to.display()});
    plan.report.notes.back() += fmt::format(" to '{}'", to.display());
    return plan;
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

// The mailbox stays for its reply: closed, storing nothing, its mail passed on.
void keep_for_reply(const MailboxTarget& target, const Address& to, Date end, ChangePlan& plan) {
    const auto& own = target.domain->name;
    const std::string local = target.address.local.text();
    const auto key = [&](const char* name) { return mailbox_key(local, name); };
    for (const char* gone : {"password", "forward", "suspend"})
        plan.edit(own, RemoveKey{key(gone)});
    plan.edit(own, RemoveTable{key("autoreply")});
    plan.edit(own, SetValue{key("copy_to"), std::vector{target_text(to, own)}});
    plan.edit(own, SetValue{key("store"), false});
    const std::string who = target.mailbox->name.empty() ? target.address.text() : target.mailbox->name;
    plan.edit(own, AddTable{key("autoreply"),
                            {{"subject", fmt::format("{} is no longer in use", target.address.text())},
                             {"message", fmt::format("{} can no longer be reached at this address.\n"
                                                     "Your message has been passed on to {}.\n",
                                                     who, to.text())},
                             {"end", DateLiteral{format_date(end)}}}});
}

Result<ChangePlan> plan_departure(const World& world, const SiteView& view, const Departure& departure) {
    ChangePlan plan;
    TRY_ASSIGN(const auto target, get_mailbox_target(view, departure.mailbox));
    TRY_ASSIGN(const auto to, get_successor(view, departure.to));
    if (to == target.address || is_alias_of(target, to))
        return fail(ErrorKind::usage, fmt::format("'{}' cannot take over from itself", to.display()));
    const auto& mailbox = target.address;
    if (departure.hand_over) {
        TRY_ASSIGN(const auto folder, folder_for(view, mailbox, to));
        plan.mail.push_back(mail_order::hand_over(mailbox, to, folder));
    }
    if (departure.reply_for) {
        keep_for_reply(target, to, last_day(world, view, *departure.reply_for), plan);
        plan.mail.push_back(mail_order::retire(mailbox));
    } else {
        plan.edit(target.domain->name, RemoveTable{{"mailbox", mailbox.local.text()}});
        hand_on_names(target, to, plan);
    }
    say_done(plan, "mailbox", mailbox.display(), "closed");
    plan.report.notes.push_back(fmt::format("mail for '{}' goes to '{}' from now on", mailbox.display(), to.display()));
    return plan;
}

} // namespace

Result<Report> rename_mailbox_of(const World& world, const Renaming& renaming, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) { return plan_renaming(view, renaming); });
}

Result<Report> depart_mailbox(const World& world, const Departure& departure, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) { return plan_departure(world, view, departure); });
}

} // namespace mailctl
