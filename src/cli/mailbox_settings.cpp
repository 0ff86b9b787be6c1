// SPDX-License-Identifier: Apache-2.0
// The forms by their names.
#include "mailbox_settings.hpp"

#include "invocation.hpp"
#include "mailctl/admin/client_settings.hpp"

namespace mailctl {
namespace {

Result<Report> run_mailbox_settings(Invocation& invocation) {
    static const std::map<std::string, SettingsFormat> formats = {{"text", SettingsFormat::text},
                                                                  {"html", SettingsFormat::html},
                                                                  {"json", SettingsFormat::json},
                                                                  {"autoconfig", SettingsFormat::autoconfig},
                                                                  {"autodiscover", SettingsFormat::autodiscover},
                                                                  {"mobileconfig", SettingsFormat::mobileconfig}};
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    const SettingsFormat format = formats.at(invocation.arguments.find("format").value_or("text"));
    if (invocation.arguments.has("mail")) return mail_client_settings(invocation.world, addresses, format);
    return show_client_settings(invocation.world, addresses, format);
}

} // namespace

Command mailbox_settings_command() {
    return {.noun = "mailbox",
            .verb = "settings",
            .summary = "show what a user needs to set up a mail program",
            .positionals = {{"ADDRESS", Count::many, Values::mailbox}},
            .options = {{.long_name = "format",
                         .value = "FORMAT",
                         .help = "text for people (the default), html to print, or a form for programs",
                         .values = Values::choice,
                         .choices = {"text", "html", "json", "autoconfig", "autodiscover", "mobileconfig"},
                         .one_of = "format"},
                        {.long_name = "mail", .value = "", .help = "mail it to the recovery address instead"}},
            .examples = {{"mailctl mailbox settings ann@example.org", ""},
                         {"mailctl mailbox settings ann@example.org --format html > ann.html", "a sheet to print"},
                         {"mailctl mailbox settings ann@example.org --mail --format mobileconfig",
                          "with a profile for Apple devices attached"}},
            .access = Access::read,
            .right = Right::mailbox,
            .run = run_mailbox_settings,
            .details = {"Host names and ports are those of the site's clients.* settings, see mailctl.toml(5). No form "
                        "holds the password. An alias stands for its mailbox.",
                        "html is one page without outside resources. autoconfig is Mozilla's file, for the whole "
                        "domain: publish it as https://autoconfig.DOMAIN/mail/config-v1.1.xml. autodiscover is what "
                        "Outlook asks for, the answer for this address. mobileconfig is an Apple profile; installing "
                        "it again replaces it.",
                        "With --mail, a form for programs is attached to the text and the sheet."}};
}

} // namespace mailctl
