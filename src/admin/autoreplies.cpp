// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/autoreplies.hpp"

#include "mailctl/change/key_rights.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

// The reply as the request makes it. Dates of one that is over do not come back with a new one; an empty message is
// none.
Autoreply requested(const AutoreplyRequest& request, const Rare<Autoreply>& now, Date today) {
    Autoreply reply;
    if (now) reply = *now;
    const bool is_over = reply.end && *reply.end < today;
    apply_reply_text(request.text, reply);
    const bool is_new = request.start || (now && !(reply == *now) && !(reply.message.empty() && reply.html.empty()));
    if (is_over && is_new && !request.end) {
        reply.end.reset();
        reply.start.reset();
    }
    reply.start = request.start.value_or(reply.start);
    reply.end = request.end.value_or(reply.end);
    reply.enabled = true;
    return reply;
}

Status plan_autoreply(ModelPlan& plan, const Address& mailbox, const AutoreplyRequest& request, Date today) {
    TRY_ASSIGN(const auto target, get_mailbox_target(plan.view(), mailbox));
    TRY_ASSIGN(const auto real, plan.take(mailbox));
    const Account before = *target.mailbox;
    Account after = before;
    std::get<Mailbox>(after).autoreply = requested(request, target.mailbox->autoreply, today);
    if (plan.view().role().kind == Role::Kind::user) { // before files are looked for
        const KeyRights rights{plan.view().role(), *target.domain};
        TRY(rights.check(real.local.text(), &before, after));
    }
    TRY(check_attachments(plan.view().paths(), request.text.attach.value_or(std::vector<std::string>{})));
    if (says_the_same(before, after)) return {};
    const auto& reply = *std::get<Mailbox>(after).autoreply;
    const bool answers = !(reply.message.empty() && reply.html.empty());
    const auto end = reply.end;
    auto& domain = plan.of(*target.domain);
    domain.put(real.local.text(), std::move(after));
    const auto say = [&](const char* key, bool given) {
        const auto how = given ? SaidKey::How::given : SaidKey::How::cleared;
        domain.say(AccountKind::mailbox, real.local.text(), {key, how});
    };
    if (request.text.attach) say("autoreply_attach", !request.text.attach->empty());
    if (request.text.every) say("autoreply_every", request.text.every->has_value());
    plan.say_done("autoreply", real.display(), target.mailbox->autoreply ? "changed" : "created");
    if (answers && end && *end < today)
        plan.note(fmt::format("warning: the autoreply of '{}' is over since {}: mailctl autoreply set {} --end none",
                              real.display(), format_date(*end), real.text()));
    return {};
}

Status plan_autoreply_switch(ModelPlan& plan, const Address& mailbox, Switch position) {
    const bool wanted = position == Switch::on;
    TRY_ASSIGN(const auto target, get_mailbox_target(plan.view(), mailbox));
    TRY_ASSIGN(const auto real, plan.take(mailbox));
    const auto& now = target.mailbox->autoreply;
    if (wanted && (!now || (now->message.empty() && now->html.empty())))
        return fail(ErrorKind::conflict,
                    fmt::format("mailbox '{}' has nothing to answer with", target.address.display()),
                    fmt::format("mailctl autoreply set {} --subject SUBJECT --message TEXT", target.address.text()));
    if (!now || now->enabled == wanted) return {};
    plan.of(*target.domain).edit<Mailbox>(real.local.text())->autoreply->enabled = wanted;
    plan.say_done("autoreply", real.display(), wanted ? "switched on" : "switched off");
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

// A table has room for who, what and when.
Cells in_list(Cells row) {
    for (auto& cell : row)
        cell.in_table = cell.key == "address" || cell.key == "state" || cell.key == "subject" || cell.key == "start" ||
                        cell.key == "end";
    return row;
}

} // namespace

Result<Report> set_autoreply(const World& world, const Address& mailbox, const AutoreplyRequest& request,
                             const ChangeOptions& options) {
    return change_models(
        world, options,
        [&](ModelPlan& plan) {
            const Date today = day_in_zone(world.clock(), plan.view().site().time_zone);
            return plan_autoreply(plan, mailbox, request, today);
        },
        std::span(&mailbox, 1));
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

Result<Report> list_autoreplies(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("autoreply");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        const auto today = day_in_zone(world.clock(), view.site().time_zone);
        for (const auto* domain : found)
            for (const auto& [local, mailbox] : domain->mailboxes)
                if (mailbox.autoreply)
                    report.rows.push_back(
                        in_list(autoreply_row({address_in(*domain, local), domain, &mailbox}, today)));
        return report;
    });
}

Result<Report> switch_autoreplies(const World& world, std::span<const Address> mailboxes, Switch position,
                                  const ChangeOptions& options) {
    return change_models_each(world, options, mailboxes, mailboxes, [&](ModelPlan& plan, const Address& mailbox) {
        return plan_autoreply_switch(plan, mailbox, position);
    });
}

} // namespace mailctl
