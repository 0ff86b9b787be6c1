// SPDX-License-Identifier: Apache-2.0
// Reserve, send; a failed send releases.
#include "quota_warning.hpp"

#include "mailctl/mail/compose.hpp"
#include "mailctl/mail/quota.hpp"
#include "mailctl/store/quota_warnings.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

Address postmaster_of(const DomainName& domain) { return {LocalPart::from_trusted("postmaster"), domain}; }

std::string compose_warning(const QuotaWarning& warning, const Site& site, Instant now) {
    const auto& [mailbox, before, after, quota] = warning.growth;
    const auto postmaster = postmaster_of(mailbox.domain);
    return compose_message({.from = {"", postmaster},
                            .to = {{"", mailbox}},
                            .subject = fmt::format("Your mailbox is {}% full", warning.percent),
                            .when = now,
                            .id = warning.id,
                            .host = site.hostname,
                            .fields = {{"Auto-Submitted", "auto-generated"}},
                            .text = fmt::format("{} holds {} of the {} there is room for.\n\n"
                                                "When it is full, new mail does not arrive any more. Delete mail that "
                                                "is no longer\nneeded, or ask {} for more room.\n",
                                                mailbox.display(), format_size_rounded(after),
                                                format_size_rounded(quota), postmaster.display()),
                            .html = {},
                            .attachments = {}});
}

// "" when it was sent.
std::string submit(const QuotaWarning& warning, const WarningServices& services, Instant now) {
    const auto& mailbox = warning.growth.mailbox;
    const auto text = compose_warning(warning, services.site, now);
    const MessageContent nothing({});
    const auto refused = services.mailer.submit(
        {.sender = {}, .targets = {mailbox}, .smtputf8 = !mailbox.is_ascii(), .never_notify = true},
        {text, nothing, 0});
    if (!refused) return refused.error().what;
    return refused->empty() ? std::string() : fmt::format("{} {}", refused->front().code, refused->front().text);
}

} // namespace

std::optional<QuotaWarning> find_quota_warning(const Growth& growth, const Site& site) {
    const auto percent = quota_level(growth.after, growth.quota, site.delivery.quota_warnings);
    if (!percent) return std::nullopt;
    return QuotaWarning{growth, *percent};
}

std::optional<JournalEntry> send_quota_warning(const QuotaWarning& warning, const WarningServices& services,
                                               Instant now) {
    const auto& [mailbox, before, after, quota] = warning.growth;
    const FillLevel level{mailbox.key(), warning.percent,
                          quota_level(before, quota, services.site.delivery.quota_warnings) != warning.percent};
    JournalEntry entry;
    entry.time = now;
    entry.id = warning.id;
    entry.recipient = mailbox.text();
    entry.where = mailbox.text();
    entry.size = after;
    entry.result = "not warned";
    const auto reserved = reserve_warning(services.state, level, now);
    if (reserved && !*reserved) return std::nullopt;
    entry.why = reserved ? submit(warning, services, now) : reserved.error().what;
    if (entry.why.empty()) {
        entry.result = "warned";
        entry.why = fmt::format("{}% of {} reached", warning.percent, format_size(quota));
    } else if (reserved) {
        (void)release_warning(services.state, level); // if that fails too, the user goes without
    }
    return entry;
}

} // namespace mailctl
