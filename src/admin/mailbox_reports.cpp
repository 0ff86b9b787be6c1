// SPDX-License-Identifier: Apache-2.0
// What is said about mailboxes: list, show, usage. A mailbox whose Maildir cannot be read has an unknown use, and the
// listing goes on.
#include "mailctl/admin/mailboxes.hpp"

#include "earlier_owner.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/shown_keys.hpp"
#include "mailctl/maildir/maildir.hpp"
#include "mailctl/site/mailbox_use.hpp"
#include "mailctl/site/name_guard.hpp"
#include "mailctl/site/reply_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>

namespace mailctl {

namespace {

CellValue bytes_cell(const std::optional<QuotaUsage>& usage) {
    if (!usage) return std::monostate{};
    return ByteCount{static_cast<std::uint64_t>(std::max<std::int64_t>(usage->bytes, 0))};
}

CellValue messages_cell(const std::optional<QuotaUsage>& usage) {
    if (!usage) return std::monostate{};
    return usage->messages;
}

CellValue quota_cell(ByteCount quota) { return quota.bytes == 0 ? CellValue{} : CellValue{quota}; }

CellValue percent_cell(const std::optional<QuotaUsage>& usage, ByteCount quota) {
    if (!usage || quota.bytes == 0) return std::monostate{};
    constexpr double most = 1e12; // names of files may claim any size
    const double percent = 100.0 * static_cast<double>(usage->bytes) / static_cast<double>(quota.bytes);
    return Share{static_cast<std::int64_t>(std::clamp(percent, 0.0, most))};
}

std::string state_of(const Domain& domain, const Mailbox& mailbox, Date today) {
    const bool suspended = mailbox.suspend && in_force(*mailbox.suspend, today);
    return suspended || domain.state == DomainState::suspended ? "suspended" : "active";
}

std::string_view received_as(SuspendedReceive receive) {
    switch (receive) {
    case SuspendedReceive::accept:
        return "accepted";
    case SuspendedReceive::reject:
        return "rejected";
    case SuspendedReceive::defer:
        return "deferred";
    case SuspendedReceive::hold:
        break;
    }
    return "held";
}

std::string suspension_text(const Suspension& suspension, Date today) {
    std::string text =
        fmt::format("login {}, mail {}", suspension.login ? "refused" : "allowed", received_as(suspension.receive));
    if (suspension.until) text += fmt::format(", until {}", format_date(*suspension.until));
    if (!suspension.reason.empty()) text += fmt::format(" ({})", suspension.reason);
    if (!in_force(suspension, today)) text += ", over";
    return text;
}

std::string scheme_of(const std::string& hash) { return hash.substr(0, hash.find('}') + 1); }

CellValue autoreply_cell(const Mailbox& mailbox, Date today) {
    return mailbox.autoreply ? CellValue(reply_state(*mailbox.autoreply, today)) : CellValue{};
}

CellValue delivery_cell(const MailboxUse& use) {
    return use.last_delivery ? CellValue(*use.last_delivery) : CellValue{};
}

Cells list_row(const Domain& domain, const std::string& local, const Mailbox& mailbox, Date today,
               const MailboxUse& use) {
    const Address address = address_in(domain, local);
    return {{"address", address.display()},
            {"name", mailbox.name},
            {"state", state_of(domain, mailbox, today)},
            {"password", std::string(mailbox.password ? "set" : "!")},
            {"used", bytes_cell(use.used)},
            {"quota", quota_cell(mailbox.quota)},
            {"aliases", mailbox.aliases},
            {"forward", shown(mailbox.forward)},
            {"autoreply", autoreply_cell(mailbox, today)},
            {"last_delivery", delivery_cell(use)}};
}

struct Moment {
    Instant now;
    Date today;
};

bool passes(const MailboxFilter& filter, const Domain& domain, const Mailbox& mailbox, const MailboxUse& use,
            const Moment& at) {
    if (filter.suspended && state_of(domain, mailbox, at.today) != "suspended") return false;
    if (filter.without_password && mailbox.password) return false;
    if (filter.quota && mailbox.quota != *filter.quota) return false;
    if (filter.over) {
        const auto percent = percent_cell(use.used, mailbox.quota);
        const auto* share = std::get_if<Share>(&percent);
        if (!share || share->percent < *filter.over) return false;
    }
    return !filter.unused || !use.last_delivery || *use.last_delivery <= at.now - *filter.unused;
}

Cells deleted_row(const Tombstone& tombstone) {
    const auto time = [](const std::optional<Instant>& when) { return when ? CellValue(*when) : CellValue{}; };
    return {{"address", tombstone.address.display()},
            {"deleted", tombstone.deleted},
            {"change", static_cast<std::int64_t>(tombstone.change)},
            {"keep_until", time(tombstone.keep_until)},
            {"archive", tombstone.archive ? CellValue(*tombstone.archive) : CellValue{}}};
}

Cells show_row(const SiteView& view, const MailboxTarget& target, Date today, const MailboxUse& use) {
    const auto& mailbox = *target.mailbox;
    Cells row{
        {"address", target.address.display()},
        {"name", mailbox.name},
        {"state", state_of(*target.domain, mailbox, today)},
        {"suspend", mailbox.suspend ? CellValue(suspension_text(*mailbox.suspend, today)) : CellValue{}},
        {"password", mailbox.password ? scheme_of(*mailbox.password) : "!"},
        {"password", std::string(mailbox.password ? "set" : "!"), false, false}, // in JSON, as in the list
        {"password_scheme", mailbox.password ? CellValue(scheme_of(*mailbox.password)) : CellValue{}, false, false},
        {"used", bytes_cell(use.used)},
        {"messages", messages_cell(use.used)},
        {"quota", quota_cell(mailbox.quota)},
        {"aliases", mailbox.aliases},
        {"forward", shown(mailbox.forward)},
        {"autoreply", autoreply_cell(mailbox, today)},
        {"copy_to", shown(mailbox.copy_to)},
        {"store", mailbox.store},
        {"recovery", mailbox.recovery ? CellValue(mailbox.recovery->display()) : CellValue{}},
        {"maildir", fmt::format("{}/{}", view.paths().mail, mailbox_directory(target.address))},
        {"last_delivery", delivery_cell(use)}};
    if (!view.site().nodes.empty())
        if (const auto& node = node_of(*target.domain, mailbox); !node.empty()) row.push_back({"node", node});
    add_settings(row, mailbox, target.domain->name);
    if (view.role().kind == Role::Kind::user) // specification 3: the user neither sees nor changes it
        std::erase_if(row, [](const Cell& cell) { return cell.key == "copy_to" || cell.key == "maildir"; });
    return row;
}

Cells usage_row(const Address& address, ByteCount quota, const std::optional<QuotaUsage>& used) {
    return {{"address", address.display()},
            {"used", bytes_cell(used)},
            {"quota", quota_cell(quota)},
            {"percent", percent_cell(used, quota), true, true, "%"},
            {"messages", messages_cell(used)}};
}

// A row for each mailbox, and what they hold together. `uses` begins with theirs, which are taken off.
void add_usage(Report& report, const Domain& domain, std::span<const MailboxUse>& uses) {
    QuotaUsage all;
    for (const auto& [local, mailbox] : domain.mailboxes) {
        const auto& used = uses.front().used;
        report.rows.push_back(usage_row(address_in(domain, local), mailbox.quota, used));
        constexpr std::int64_t most = INT64_MAX / 1'000'000; // of one: the sum stays a number
        all.bytes += used ? std::min(used->bytes, most) : 0;
        all.messages += used ? std::min(used->messages, most) : 0;
        uses = uses.subspan(1);
    }
    const auto count = domain.mailboxes.size();
    report.totals.push_back({{"address", fmt::format("{}, {}", domain.name.display(), how_many(count, "mailbox"))},
                             {"used", bytes_cell(all)},
                             {"quota", quota_cell(domain.limits.quota)},
                             {"percent", percent_cell(all, domain.limits.quota)},
                             {"messages", all.messages}});
}

// About all mailboxes of these domains, in order; a quick look is for the list, which says when mail came last.
std::vector<UseQuestion> questions_about(std::span<const Domain* const> domains, UseQuestion::Count count) {
    std::vector<UseQuestion> questions;
    for (const auto* domain : domains)
        for (const auto& [local, mailbox] : domain->mailboxes)
            questions.push_back({address_in(*domain, local), mailbox.quota, count, count == UseQuestion::Count::quick});
    return questions;
}

Result<std::vector<MailboxTarget>> targets_of(const SiteView& view, std::span<const Address> addresses) {
    std::vector<MailboxTarget> targets;
    for (const auto& address : addresses) {
        TRY_ASSIGN(auto target, get_mailbox_target(view, address));
        targets.push_back(std::move(target));
    }
    return targets;
}

std::vector<UseQuestion> questions_about(const std::vector<MailboxTarget>& targets) {
    std::vector<UseQuestion> questions;
    for (const auto& target : targets)
        questions.push_back({target.address, target.mailbox->quota, UseQuestion::Count::exact, true});
    return questions;
}

// What mailboxes hold that live on nodes is known there. How many there are of them.
std::size_t forget_elsewhere(std::span<const MailboxTarget> targets, std::span<const Domain* const> domains,
                             std::vector<MailboxUse>& uses) {
    std::size_t count = 0;
    auto use = uses.begin();
    const auto look = [&](const Domain& domain, const Mailbox& mailbox) {
        if (!node_of(domain, mailbox).empty()) {
            use->used.reset();
            ++count;
        }
        ++use;
    };
    for (const auto& target : targets)
        look(*target.domain, *target.mailbox);
    for (const auto* domain : domains)
        for (const auto& [unused, mailbox] : domain->mailboxes)
            look(*domain, mailbox);
    return count;
}

Date today_of(const World& world, const SiteView& view) { return day_in_zone(world.clock(), view.site().time_zone); }

struct FoundMailbox {
    const Domain* domain;
    const std::string* local;
    const Mailbox* mailbox;
    const MailboxUse* use;
};
// Those for which the filter holds, in order.
Status for_each_mailbox(const World& world, const SiteView& view, std::span<const DomainName> domains,
                        const MailboxFilter& filter, std::vector<std::string>& notes,
                        const std::function<void(const FoundMailbox&)>& take) {
    TRY_ASSIGN(const auto found, view.usable_domains(domains, notes));
    const auto uses =
        look_into_mailboxes(view, questions_about(found, UseQuestion::Count::quick), "looking into mailboxes");
    const Moment at{world.clock(), today_of(world, view)};
    auto use = uses.begin();
    for (const auto* domain : found) {
        for (const auto& [local, mailbox] : domain->mailboxes) {
            if (passes(filter, *domain, mailbox, *use, at)) take({domain, &local, &mailbox, &*use});
            ++use;
        }
    }
    return {};
}

} // namespace

Result<Report> list_mailboxes(const World& world, std::span<const DomainName> domains, const MailboxFilter& filter) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("mailbox");
        const Date today = today_of(world, view);
        TRY(for_each_mailbox(world, view, domains, filter, report.notes, [&](const FoundMailbox& found) {
            report.rows.push_back(list_row(*found.domain, *found.local, *found.mailbox, today, *found.use));
        }));
        return report;
    });
}

Result<std::vector<Address>> find_mailboxes(const World& world, std::span<const DomainName> domains,
                                            const MailboxFilter& filter) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    std::vector<Address> addresses;
    std::vector<std::string> notes; // of domains that are changed by nobody before they are mended
    TRY(for_each_mailbox(world, view, domains, filter, notes, [&](const FoundMailbox& found) {
        addresses.push_back(address_in(*found.domain, *found.local));
    }));
    if (!notes.empty()) return fail(ErrorKind::invalid, notes.front(), "mend that domain first, or name another one");
    return addresses;
}

Result<Report> list_deleted_mailboxes(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        if (view.role().kind == Role::Kind::user)
            return fail(ErrorKind::denied,
                        fmt::format("'{}' may not see which mailboxes were deleted", printable(view.role().text())),
                        "ask who administers the domain");
        Report report = report_of("deleted_mailbox");
        NameGuard guard(view);
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        TRY_ASSIGN(auto standing, guard.standing());
        for (const auto& tombstone : within_role(view, std::move(standing))) {
            const bool is_asked_for = std::ranges::any_of(
                found, [&](const Domain* domain) { return domain->name == tombstone.address.domain; });
            if (is_asked_for) report.rows.push_back(deleted_row(tombstone));
        }
        return report;
    });
}

Result<Report> show_mailboxes(const World& world, std::span<const Address> addresses) {
    return read_site_about(world, addresses, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("mailbox", Layout::sheet);
        TRY_ASSIGN(const auto targets, targets_of(view, addresses));
        auto uses = look_into_mailboxes(view, questions_about(targets));
        forget_elsewhere(targets, {}, uses);
        for (std::size_t i = 0; i < targets.size(); ++i)
            report.rows.push_back(show_row(view, targets[i], today_of(world, view), uses[i]));
        return report;
    });
}

Result<Report> mailbox_usage(const World& world, std::span<const Address> addresses,
                             std::span<const DomainName> domains) {
    const auto about = domains.empty() ? addresses : std::span<const Address>{};
    return read_site_about(world, about, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("usage");
        TRY_ASSIGN(const auto targets, targets_of(view, addresses));
        std::vector<const Domain*> found;
        if (addresses.empty() || !domains.empty()) {
            TRY_ASSIGN(found, view.usable_domains(domains, report.notes));
        }
        auto questions = questions_about(targets);
        for (auto& question : questions_about(found, UseQuestion::Count::exact))
            questions.push_back(std::move(question));
        auto uses = look_into_mailboxes(view, questions, "measuring mailboxes");
        if (const auto count = forget_elsewhere(targets, found, uses); count != 0)
            report.notes.push_back(fmt::format("what is in {} is known on the nodes that have {}: 'mailctl mailbox "
                                               "usage' there",
                                               how_many(count, "mailbox"), count == 1 ? "it" : "them"));
        for (std::size_t i = 0; i < targets.size(); ++i)
            report.rows.push_back(usage_row(targets[i].address, targets[i].mailbox->quota, uses[i].used));
        auto rest = std::span<const MailboxUse>(uses).subspan(targets.size());
        for (const auto* domain : found)
            add_usage(report, *domain, rest);
        return report;
    });
}

} // namespace mailctl
