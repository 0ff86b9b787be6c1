// What is said about mailboxes: list, show, usage. Space used comes from maildirsize where the quota keeps it current,
// and from the file names otherwise; a mailbox whose Maildir cannot be read has an unknown use, and the listing goes
// on.
#include "mailctl/admin/mailboxes.hpp"

#include "mailctl/admin/reply_text.hpp"
#include "mailctl/admin/targets.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/maildir/last_delivery.hpp"
#include "mailctl/maildir/mailbox_quota.hpp"
#include "mailctl/os/progress.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

enum class Precision { quick, exact };

// One mail root, looked into for many mailboxes.
class UsageReader {
  public:
    explicit UsageReader(const SiteView& view)
        : mail_(view.paths().mail), store_(MailStore::open(mail_, "localhost")) {}

    [[nodiscard]] std::optional<QuotaUsage> find(const Address& address, ByteCount quota, Precision precision) const {
        if (precision == Precision::quick && quota.bytes != 0) {
            const auto text = find_file(fmt::format("{}/{}/maildirsize", mail_, mailbox_directory(address)));
            const auto known = text && *text ? parse_maildirsize(**text) : std::nullopt;
            if (known) return known->usage;
        }
        if (!store_) return std::nullopt;
        const auto maildir = store_->find_mailbox(address);
        if (maildir && !*maildir) return QuotaUsage{}; // made with the first message
        if (!maildir) return std::nullopt;
        const auto usage = measure_mailbox(**maildir);
        return usage ? std::optional(*usage) : std::nullopt;
    }

    [[nodiscard]] CellValue last_delivery(const Address& address) const {
        if (!store_) return {};
        const auto maildir = store_->find_mailbox(address);
        if (!maildir || !*maildir) return {};
        const auto newest = newest_message(**maildir);
        return newest ? CellValue(format_rfc3339(*newest)) : CellValue{};
    }

  private:
    std::string mail_;
    Result<MailStore> store_;
};

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
    return Share{
        static_cast<std::int64_t>(100.0 * static_cast<double>(usage->bytes) / static_cast<double>(quota.bytes))};
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

Cells list_row(const Domain& domain, const std::string& local, const Mailbox& mailbox, Date today,
               const UsageReader& usage) {
    const Address address = address_in(domain, local);
    return {{"address", address.display()},
            {"name", mailbox.name},
            {"state", state_of(domain, mailbox, today)},
            {"password", std::string(mailbox.password ? "set" : "!")},
            {"used", bytes_cell(usage.find(address, mailbox.quota, Precision::quick))},
            {"quota", quota_cell(mailbox.quota)},
            {"aliases", mailbox.aliases},
            {"forward", shown(mailbox.forward)},
            {"autoreply", autoreply_cell(mailbox, today)},
            {"last_delivery", usage.last_delivery(address)}};
}

Cells show_row(const SiteView& view, const MailboxTarget& target, Date today, const UsageReader& usage) {
    const auto& mailbox = *target.mailbox;
    const auto used = usage.find(target.address, mailbox.quota, Precision::exact);
    Cells row{{"address", target.address.display()},
              {"name", mailbox.name},
              {"state", state_of(*target.domain, mailbox, today)},
              {"suspend", mailbox.suspend ? CellValue(suspension_text(*mailbox.suspend, today)) : CellValue{}},
              {"password", mailbox.password ? scheme_of(*mailbox.password) : "!"},
              {"used", bytes_cell(used)},
              {"messages", messages_cell(used)},
              {"quota", quota_cell(mailbox.quota)},
              {"aliases", mailbox.aliases},
              {"forward", shown(mailbox.forward)},
              {"autoreply", autoreply_cell(mailbox, today)},
              {"copy_to", shown(mailbox.copy_to)},
              {"store", mailbox.store},
              {"recovery", mailbox.recovery ? CellValue(mailbox.recovery->display()) : CellValue{}},
              {"maildir", fmt::format("{}/{}", view.paths().mail, mailbox_directory(target.address))},
              {"last_delivery", usage.last_delivery(target.address)}};
    if (view.role().kind == Role::Kind::user) // SPEC section 3: the user neither sees nor changes it
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

// A row for each mailbox, and what they hold together.
void add_usage(Report& report, const Domain& domain, const UsageReader& usage, Progress& progress) {
    QuotaUsage all;
    for (const auto& [local, mailbox] : domain.mailboxes) {
        progress.step();
        const Address address = address_in(domain, local);
        const auto used = usage.find(address, mailbox.quota, Precision::exact);
        report.rows.push_back(usage_row(address, mailbox.quota, used));
        all.bytes += used ? used->bytes : 0;
        all.messages += used ? used->messages : 0;
    }
    const auto count = domain.mailboxes.size();
    report.totals.push_back(
        {{"address", fmt::format("{}, {} mailbox{}", domain.name.display(), count, count == 1 ? "" : "es")},
         {"used", bytes_cell(all)},
         {"quota", quota_cell(domain.limits.quota)},
         {"percent", percent_cell(all, domain.limits.quota)},
         {"messages", all.messages}});
}

std::size_t count_mailboxes(std::span<const Domain* const> domains) {
    std::size_t count = 0;
    for (const auto* domain : domains)
        count += domain->mailboxes.size();
    return count;
}

Date today_of(const World& world, const SiteView& view) { return day_in_zone(world.clock(), view.site().time_zone); }

} // namespace

Result<Report> list_mailboxes(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("mailbox");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        const UsageReader usage(view);
        const Date today = today_of(world, view);
        Progress progress("looking into mailboxes", count_mailboxes(found));
        for (const auto* domain : found)
            for (const auto& [local, mailbox] : domain->mailboxes) {
                progress.step();
                report.rows.push_back(list_row(*domain, local, mailbox, today, usage));
            }
        return report;
    });
}

Result<Report> show_mailboxes(const World& world, std::span<const Address> addresses) {
    return read_site_about(world, addresses, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("mailbox", Layout::sheet);
        const UsageReader usage(view);
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto target, get_mailbox_target(view, address));
            report.rows.push_back(show_row(view, target, today_of(world, view), usage));
        }
        return report;
    });
}

Result<Report> mailbox_usage(const World& world, std::span<const Address> addresses,
                             std::span<const DomainName> domains) {
    const auto about = domains.empty() ? addresses : std::span<const Address>{};
    return read_site_about(world, about, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("usage");
        const UsageReader usage(view);
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto target, get_mailbox_target(view, address));
            report.rows.push_back(usage_row(target.address, target.mailbox->quota,
                                            usage.find(target.address, target.mailbox->quota, Precision::exact)));
        }
        if (!addresses.empty() && domains.empty()) return report;
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        Progress progress("measuring mailboxes", count_mailboxes(found));
        for (const auto* domain : found)
            add_usage(report, *domain, usage, progress);
        return report;
    });
}

} // namespace mailctl
