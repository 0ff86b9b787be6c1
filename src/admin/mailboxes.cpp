// Changes to mailboxes. Each planner turns a request into edits on the domain's file, from the model the file has now.
#include "mailctl/admin/mailboxes.hpp"

#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/name_guard.hpp"
#include "mailctl/admin/references.hpp"
#include "mailctl/admin/targets.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/password.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

Result<Mailbox> model_of(const NewMailbox& request, const Address& address) {
    Mailbox mailbox;
    mailbox.name = request.name;
    mailbox.password = request.password;
    mailbox.quota = request.quota.value_or(ByteCount{});
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

Status plan_new(const SiteView& view, const NewMailbox& request, NameGuard& guard, ChangePlan& plan) {
    TRY_ASSIGN(const auto* domain, view.get_domain(request.address.domain));
    const Address address = address_in(*domain, request.address.local.key());
    TRY_ASSIGN(const auto wanted, model_of(request, address));
    if (wanted.password) {
        TRY(check_hash(*wanted.password));
    }
    const auto existing = domain->mailboxes.find(address.local.text());
    if (existing != domain->mailboxes.end()) {
        if (existing->second == wanted) return {};
        return fail(ErrorKind::conflict, fmt::format("mailbox '{}' exists already", address.display()),
                    fmt::format("change it with 'mailctl mailbox set {} KEY=VALUE'", address.text()));
    }
    TRY(get_free_name(view, address));
    for (const auto& alias : wanted.aliases) {
        TRY(get_free_name(view, address_in(*domain, alias)));
    }
    if (!request.reuse) {
        TRY(guard.refuse_deleted(address));
    }
    for (auto& edit : mailbox_tables(address, wanted))
        plan.edit(domain->name, std::move(edit));
    say_done(plan, "mailbox", address.display(), "created");
    if (!wanted.password)
        plan.report.notes.push_back(fmt::format("nobody can log in to '{}' yet: mailctl mailbox password {}",
                                                address.display(), address.text()));
    return {};
}

const std::vector<std::string>& settable_keys() {
    static const std::vector<std::string> keys{"name", "quota", "aliases", "forward", "copy_to", "store", "recovery"};
    return keys;
}

Result<std::vector<Edit>> assign_aliases(const MailboxTarget& target, const Assignment& assignment) {
    std::vector<Address> now;
    for (const auto& alias : target.mailbox->aliases)
        now.push_back(address_in(*target.domain, alias));
    Assignment folded = assignment;
    folded.value = fold(assignment.value);
    for (const auto& element : list_elements(folded.value)) {
        TRY_ASSIGN(const auto alias, parse_target(element, target.domain->name));
        const bool mine =
            std::ranges::find(target.mailbox->aliases, alias.local.key()) != target.mailbox->aliases.end();
        if (assignment.operation != Assignment::Operation::remove && !mine) {
            TRY(get_free_name_in(*target.domain, alias));
        }
    }
    return assign_targets(mailbox_key(target.address.local.text(), "aliases"), folded, now, target.domain->name);
}

Result<std::vector<Edit>> assign_store(const MailboxTarget& target, const Assignment& assignment) {
    TRY(only_set(assignment));
    if (assignment.value != "true" && assignment.value != "false")
        return fail(ErrorKind::usage, fmt::format("'{}' is neither true nor false", printable(assignment.value)),
                    "write store=true or store=false");
    std::vector<Edit> edits;
    const bool store = assignment.value == "true";
    if (store != target.mailbox->store)
        edits.emplace_back(SetValue{mailbox_key(target.address.local.text(), "store"), store});
    return edits;
}

Result<std::vector<Edit>> assign(const MailboxTarget& target, const Assignment& assignment) {
    const auto path = mailbox_key(target.address.local.text(), assignment.key);
    const auto& mailbox = *target.mailbox;
    const auto& own = target.domain->name;
    if (assignment.key == "name") return assign_text(path, assignment, mailbox.name);
    if (assignment.key == "quota") return assign_size(path, assignment, mailbox.quota);
    if (assignment.key == "aliases") return assign_aliases(target, assignment);
    if (assignment.key == "forward") return assign_targets(path, assignment, mailbox.forward, own);
    if (assignment.key == "copy_to") return assign_targets(path, assignment, mailbox.copy_to, own);
    if (assignment.key == "store") return assign_store(target, assignment);
    if (assignment.key == "recovery")
        return assign_text(path, assignment, mailbox.recovery ? mailbox.recovery->text() : std::string());
    return fail(unknown_key(assignment.key, settable_keys()));
}

Status plan_settings(const SiteView& view, const Address& address, std::span<const Assignment> assignments,
                     ChangePlan& plan) {
    TRY_ASSIGN(const auto target, get_mailbox_target(view, address));
    bool changed = false;
    for (const auto& assignment : assignments) {
        TRY_ASSIGN(auto edits, assign(target, assignment));
        changed = changed || !edits.empty();
        for (auto& edit : edits)
            plan.edit(target.domain->name, std::move(edit));
    }
    if (changed) say_done(plan, "mailbox", target.address.display(), "changed");
    return {};
}

Status plan_password(const SiteView& view, const NewPassword& request, ChangePlan& plan) {
    TRY_ASSIGN(const auto target, get_mailbox_target(view, request.address));
    if (request.hash) {
        TRY(check_hash(*request.hash));
    }
    if (target.mailbox->password == request.hash) return {};
    const auto path = mailbox_key(target.address.local.text(), "password");
    if (request.hash)
        plan.edit(target.domain->name, SetValue{path, *request.hash});
    else
        plan.edit(target.domain->name, RemoveKey{path});
    say_done(plan, "mailbox", target.address.display(), request.hash ? "set the password of" : "took the password of");
    return {};
}

Status plan_suspension(const SiteView& view, const Address& address, const std::optional<Suspension>& suspension,
                       ChangePlan& plan) {
    TRY_ASSIGN(const auto target, get_mailbox_target(view, address));
    if (target.mailbox->suspend == suspension) return {};
    const auto path = mailbox_key(target.address.local.text(), "suspend");
    if (suspension)
        plan.edit(target.domain->name, SetValue{path, suspension_value(*suspension)});
    else
        plan.edit(target.domain->name, RemoveKey{path});
    say_done(plan, "mailbox", target.address.display(), suspension ? "suspended" : "resumed");
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
    return change(
        world, options,
        [&](const SiteView& view) -> Result<ChangePlan> {
            ChangePlan plan;
            NameGuard guard(view);
            for (const auto& mailbox : mailboxes) {
                TRY(plan_new(view, mailbox, guard, plan));
            }
            return plan;
        },
        names_of(mailboxes));
}

Result<Report> set_mailboxes(const World& world, std::span<const Address> addresses,
                             std::span<const Assignment> assignments, const ChangeOptions& options) {
    return change_each(world, options, addresses, names_in(addresses, assignments),
                       [&](const SiteView& view, const Address& address, ChangePlan& plan) {
                           return plan_settings(view, address, assignments, plan);
                       });
}

Result<Report> set_passwords(const World& world, std::span<const NewPassword> passwords, const ChangeOptions& options) {
    std::vector<Address> addresses;
    for (const auto& password : passwords)
        addresses.push_back(password.address);
    return change_each(world, options, passwords, addresses, plan_password);
}

Result<Report> suspend_mailboxes(const World& world, std::span<const Address> addresses, const Suspension& suspension,
                                 const ChangeOptions& options) {
    return change_each(world, options, addresses, addresses,
                       [&](const SiteView& view, const Address& address, ChangePlan& plan) {
                           return plan_suspension(view, address, suspension, plan);
                       });
}

Result<Report> resume_mailboxes(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    return change_each(world, options, addresses, addresses,
                       [](const SiteView& view, const Address& address, ChangePlan& plan) {
                           return plan_suspension(view, address, std::nullopt, plan);
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
