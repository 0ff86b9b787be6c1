// SPDX-License-Identifier: Apache-2.0
// The model gathered for exchange/clients/client_settings, and what it composed put on its way.
#include "mailctl/admin/client_settings.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/exchange/clients/client_settings.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/mailer.hpp"
#include "mailctl/site/mail_to_users.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

struct Gathered {
    ClientSettings settings;
    std::optional<Address> recovery;
};

// The mailbox of that name, or the one that has it as alias; a note says so.
Result<MailboxTarget> find_target(const SiteView& view, const Address& address, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto* domain, view.get_domain(address.domain));
    const std::string name = address.local.key();
    if (domain->mailboxes.contains(name)) return get_mailbox_target(view, address);
    for (const auto& [local, mailbox] : domain->mailboxes) {
        if (std::ranges::find(mailbox.aliases, name) == mailbox.aliases.end()) continue;
        const Address owner = address_in(*domain, local);
        notes.push_back(
            fmt::format("'{}' is an alias of mailbox '{}'", address_in(*domain, name).display(), owner.display()));
        return get_mailbox_target(view, owner);
    }
    return get_mailbox_target(view, address);
}

Result<Gathered> gather(const World& world, const SiteView& view, const Address& address,
                        std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto target, find_target(view, address, notes));
    const Date today = day_in_zone(world.clock(), view.site().time_zone);
    std::string identity = digest("mail settings\n" + target.address.key());
    auto settings =
        gather_client_settings(view.site(), *target.domain, target.address.local.text(), std::move(identity), today);
    return Gathered{std::move(settings), target.mailbox->recovery};
}

struct Document {
    std::string file_name, media_type, text;
};

Result<Document> make_document(const ClientSettings& settings, SettingsFormat format) {
    switch (format) {
    case SettingsFormat::text:
        return Document{"mail-settings.txt", "text/plain", settings_text(settings)};
    case SettingsFormat::html:
        return Document{"mail-settings.html", "text/html", settings_sheet(settings)};
    case SettingsFormat::autoconfig:
        return Document{"config-v1.1.xml", "application/xml", autoconfig_xml(settings)};
    case SettingsFormat::autodiscover:
        return Document{"autodiscover.xml", "application/xml", autodiscover_xml(settings)};
    case SettingsFormat::mobileconfig: {
        TRY_ASSIGN(std::string text, mobileconfig(settings));
        return Document{"mail.mobileconfig", "application/x-apple-aspen-config", std::move(text)};
    }
    case SettingsFormat::json:
        break;
    }
    Report rows = report_of("settings");
    rows.rows.push_back(settings_row(settings));
    return Document{"mail-settings.json", "application/json", render(rows, Format::json, Colour::off, 0)};
}

Status add_document(Report& report, const ClientSettings& settings, SettingsFormat format) {
    if (format == SettingsFormat::json) { // one array, however many mailboxes
        report.text = render(report, Format::json, Colour::off, 0);
        return {};
    }
    TRY_ASSIGN(const auto document, make_document(settings, format));
    if (!report.text.empty()) report.text += '\n';
    report.text += document.text;
    return {};
}

NewMessage settings_message(const World& world, const Site& site, const Gathered& mailbox) {
    const auto& settings = mailbox.settings;
    const Instant now = world.clock();
    return {.from = {"", settings.contact()},
            .to = {{settings.name, *mailbox.recovery}},
            .subject = fmt::format("Mail settings for {}", settings.address.display()),
            .when = now,
            .id = fmt::format("settings-{}-{}", now.time_since_epoch().count(), settings.identity.substr(0, 16)),
            .host = site.hostname,
            .fields = {{"Auto-Submitted", "auto-generated"}},
            .text = settings_text(settings),
            .html = settings_sheet(settings),
            .attachments = {}};
}

Status mail_one(const World& world, const SiteView& view, const Gathered& mailbox, SettingsFormat format,
                Report& report) {
    const std::string to = mailbox.recovery->display(), address = mailbox.settings.address.display();
    NewMessage message = settings_message(world, view.site(), mailbox);
    if (format != SettingsFormat::text && format != SettingsFormat::html) {
        TRY_ASSIGN(auto document, make_document(mailbox.settings, format));
        message.attachments.push_back(
            {std::move(document.file_name), std::move(document.media_type), std::move(document.text)});
    }
    if (auto sent = send_message(view, message); !sent)
        return fail(sent.error().while_doing(fmt::format("cannot mail the settings of '{}'", address)));
    report.notes.push_back(fmt::format("mailed the settings of '{}' to '{}'", address, to));
    report.rows.push_back({{"address", address}, {"mailed_to", to}});
    return {};
}

Status mail_sheet(const World& world, const SiteView& view, const Gathered& mailbox, const std::string& password,
                  Report& report) {
    const std::string to = mailbox.recovery->display(), address = mailbox.settings.address.display();
    NewMessage message = settings_message(world, view.site(), mailbox);
    message.subject = fmt::format("Your mailbox {}", address);
    message.text = settings_text(mailbox.settings, password);
    message.html.clear();
    if (auto sent = send_message(view, message); !sent)
        return fail(sent.error().while_doing(fmt::format("cannot mail the settings of '{}'", address)));
    report.notes.push_back(
        fmt::format("mailed the settings{} of '{}' to '{}'", password.empty() ? "" : " and the password", address, to));
    return {};
}

Status refuse_several(std::span<const Address> addresses, SettingsFormat format) {
    if (addresses.size() < 2 || format == SettingsFormat::text || format == SettingsFormat::json) return {};
    return fail(ErrorKind::usage, "this form holds the settings of one mailbox", "ask for one at a time");
}

} // namespace

Result<Report> show_client_settings(const World& world, std::span<const Address> addresses, SettingsFormat format) {
    TRY(refuse_several(addresses, format));
    return read_site_about(world, addresses, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("settings", format == SettingsFormat::text ? Layout::story : Layout::text);
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto mailbox, gather(world, view, address, report.notes));
            report.rows.push_back(settings_row(mailbox.settings));
            TRY(add_document(report, mailbox.settings, format));
        }
        if (view.site().hostname.text() == "localhost")
            report.notes.emplace_back("the site has no host name yet: mailctl config set hostname=NAME");
        return report;
    });
}

Result<Report> mail_client_settings(const World& world, std::span<const Address> addresses, SettingsFormat format) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    Report report = report_of("settings", Layout::text);
    std::vector<Gathered> mailboxes;
    for (const auto& address : addresses) {
        TRY_ASSIGN(auto mailbox, gather(world, view, address, report.notes));
        if (!mailbox.recovery)
            return fail(ErrorKind::conflict,
                        fmt::format("mailbox '{}' has no recovery address", mailbox.settings.address.display()),
                        fmt::format("mailctl mailbox set {} recovery=ADDRESS", mailbox.settings.address.text()));
        mailboxes.push_back(std::move(mailbox));
    }
    for (const auto& mailbox : mailboxes) {
        TRY(mail_one(world, view, mailbox, format, report));
    }
    return report;
}

Result<std::string> account_sheets(const World& world, std::span<const NewAccount> accounts) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    std::string text;
    std::vector<std::string> notes;
    for (const auto& account : accounts) {
        TRY_ASSIGN(const auto mailbox, gather(world, view, account.address, notes));
        text += (text.empty() ? "" : "\n") + settings_text(mailbox.settings, account.password);
    }
    return text;
}

Result<Report> mail_account_sheets(const World& world, std::span<const NewAccount> accounts) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    Report report = report_of("settings", Layout::text);
    for (const auto& account : accounts) {
        TRY_ASSIGN(const auto mailbox, gather(world, view, account.address, report.notes));
        if (!mailbox.recovery)
            return fail(ErrorKind::conflict,
                        fmt::format("mailbox '{}' has no recovery address", mailbox.settings.address.display()),
                        fmt::format("mailctl mailbox set {} recovery=ADDRESS", mailbox.settings.address.text()));
        TRY(mail_sheet(world, view, mailbox, account.password, report));
    }
    return report;
}

} // namespace mailctl
