#include "mailctl/admin/autoreplies.hpp"

#include "mailctl/admin/targets.hpp"
#include "mailctl/model/named_address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

KeyPath table_of(const MailboxTarget& target) { return mailbox_key(target.address.local.text(), "autoreply"); }
KeyPath key_of(const MailboxTarget& target, const char* key) {
    KeyPath path = table_of(target);
    path.emplace_back(key);
    return path;
}

// A mailbox user may call himself what he likes, but not write in the name of others.
Status check_from(const Role& role, const MailboxTarget& target, const std::optional<std::string>& from) {
    if (role.kind != Role::Kind::user || !from || from->empty()) return {};
    TRY_ASSIGN(const auto who, parse_named_address(*from));
    const auto key = who.address.local.key();
    const auto& aliases = target.mailbox->aliases;
    const auto& names = target.domain->aliases;
    const bool is_name = key == target.address.local.key() || std::ranges::find(aliases, key) != aliases.end();
    const bool is_domain =
        who.address.domain == target.domain->name || std::ranges::find(names, who.address.domain) != names.end();
    if (is_name && is_domain) return {};
    return fail(ErrorKind::denied,
                fmt::format("'{}' may not write as '{}'", target.address.display(), who.address.display()),
                "use the mailbox's own address or one of its aliases");
}

void set_date(const MailboxTarget& target, const char* key, const std::optional<Date>& date,
              const std::optional<Date>& now, ChangePlan& plan) {
    if (date && date != now)
        plan.edit(target.domain->name, SetValue{key_of(target, key), DateLiteral{format_date(*date)}});
}

void plan_autoreply(const MailboxTarget& target, const AutoreplyRequest& request, ChangePlan& plan) {
    AddTable table{table_of(target), reply_entries(request.text)};
    const auto add = [&](const char* key, const std::optional<Date>& date) {
        if (date) table.entries.emplace_back(key, DateLiteral{format_date(*date)});
    };
    add("start", request.start);
    add("end", request.end);
    plan.edit(target.domain->name, std::move(table));
}

void plan_changes(const MailboxTarget& target, const AutoreplyRequest& request, const Autoreply& now,
                  ChangePlan& plan) {
    for (auto& edit : reply_edits(table_of(target), request.text, now))
        plan.edit(target.domain->name, std::move(edit));
    set_date(target, "start", request.start, now.start, plan);
    set_date(target, "end", request.end, now.end, plan);
    if (!now.enabled) plan.edit(target.domain->name, SetValue{key_of(target, "enabled"), true});
}

Status plan_switch(const SiteView& view, const Address& mailbox, Switch position, ChangePlan& plan) {
    const bool wanted = position == Switch::on;
    TRY_ASSIGN(const auto target, get_mailbox_target(view, mailbox));
    const auto& now = target.mailbox->autoreply;
    if (wanted && (!now || (now->message.empty() && now->html.empty())))
        return fail(ErrorKind::conflict,
                    fmt::format("mailbox '{}' has nothing to answer with", target.address.display()),
                    fmt::format("mailctl autoreply set {} --subject SUBJECT --message TEXT", target.address.text()));
    if (!now || now->enabled == wanted) return {};
    plan.edit(target.domain->name, SetValue{key_of(target, "enabled"), wanted});
    say_done(plan, "autoreply", target.address.display(), wanted ? "switched on" : "switched off");
    return {};
}

Cells autoreply_row(const MailboxTarget& target, Date today) {
    Autoreply reply;
    const auto& there = target.mailbox->autoreply;
    if (there) reply = *there;
    const auto date = [](const std::optional<Date>& when) {
        return when ? CellValue(format_date(*when)) : CellValue{};
    };
    std::string from = reply.from;
    if (from.empty())
        from = target.mailbox->name.empty() ? target.address.display()
                                            : fmt::format("{} <{}>", target.mailbox->name, target.address.display());
    return {{"address", target.address.display()},
            {"state", there ? reply_state(reply, today) : "none"},
            {"from", from},
            {"subject", reply.subject},
            {"message", reply.message},
            {"html", reply.html},
            {"attach", reply.attach},
            {"start", date(reply.start)},
            {"end", date(reply.end)},
            {"every", format_age(reply.every)}};
}

} // namespace

Result<Report> set_autoreply(const World& world, const Address& mailbox, const AutoreplyRequest& request,
                             const ChangeOptions& options) {
    const auto plan_request = [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        TRY_ASSIGN(const auto target, get_mailbox_target(view, mailbox));
        TRY(check_from(view.role(), target, request.text.from));
        TRY(check_attachments(view.paths(), request.text.attach.value_or(std::vector<std::string>{})));
        const auto& now = target.mailbox->autoreply;
        if (now)
            plan_changes(target, request, *now, plan);
        else
            plan_autoreply(target, request, plan);
        if (!plan.files.empty()) say_done(plan, "autoreply", target.address.display(), now ? "changed" : "created");
        return plan;
    };
    return change(world, options, plan_request, std::span(&mailbox, 1));
}

Result<Report> show_autoreplies(const World& world, std::span<const Address> mailboxes) {
    return read_site_about(world, mailboxes, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("autoreply", Layout::sheet);
        const auto today = day_in_zone(world.clock(), view.site().time_zone);
        for (const auto& mailbox : mailboxes) {
            TRY_ASSIGN(const auto target, get_mailbox_target(view, mailbox));
            report.rows.push_back(autoreply_row(target, today));
        }
        return report;
    });
}

Result<Report> switch_autoreplies(const World& world, std::span<const Address> mailboxes, Switch position,
                                  const ChangeOptions& options) {
    return change_each(world, options, mailboxes, mailboxes,
                       [&](const SiteView& view, const Address& mailbox, ChangePlan& plan) {
                           return plan_switch(view, mailbox, position, plan);
                       });
}

} // namespace mailctl
