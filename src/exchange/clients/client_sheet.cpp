// SPDX-License-Identifier: Apache-2.0
// The sheet for people. Definition lists, because they read well where a mail program drops the style, too.
#include "mailctl/exchange/clients/client_settings.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ink: #1b2230; --soft: #566172; --line: #d5dbe3; --paper: #ffffff; --back: #f1f4f8;
  --mark: #1d5fa7; --note: #8a4b00; --note-back: #fff4e0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7ebf1; --soft: #a6b0be; --line: #39424f; --paper: #1a1f27; --back: #11151b; --mark: #8fc0f7;
    --note: #ffcf8a; --note-back: #3a2a10; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem; background: var(--back); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1.75rem 2rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: .6rem; }
h1 { margin: 0 0 1.25rem; font-size: 1rem; font-weight: 400; color: var(--soft); }
h1 strong { display: block; font-size: 1.5rem; line-height: 1.3; color: var(--ink); overflow-wrap: anywhere; }
h2 { margin: 0 0 .5rem; font-size: 1.05rem; color: var(--mark); }
h2 small { display: block; font-weight: 400; font-size: .85rem; color: var(--soft); }
dl { display: grid; grid-template-columns: 9rem 1fr; gap: .3rem 1rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
dd small { display: block; color: var(--soft); }
code { font: .95em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
a { color: var(--mark); }
section { padding: 1.1rem 0; border-top: 1px solid var(--line); break-inside: avoid; }
.servers { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); column-gap: 2rem; }
.servers dl { grid-template-columns: 5rem 1fr; }
.note { margin: 0 0 1rem; padding: .6rem .9rem; border-left: .3rem solid var(--note); background: var(--note-back);
  color: var(--note); }
@media (max-width: 34rem) {
  body { padding: 0; }
  main { padding: 1.25rem 1rem; border: 0; border-radius: 0; min-height: 100vh; }
  dl { grid-template-columns: 6.5rem 1fr; }
}
@page { size: A4; margin: 18mm; }
@media print {
  :root { --ink: #000; --soft: #444; --line: #999; --paper: #fff; --back: #fff; --mark: #000; --note: #000; --note-back: #fff; }
  body { padding: 0; font-size: 11pt; }
  main { max-width: none; padding: 0; border: 0; }
}
)";

std::string code(std::string_view text) { return fmt::format("<code>{}</code>", escape_markup(text)); }

// `value` is markup.
std::string entry(std::string_view term, std::string_view value) {
    return fmt::format("<dt>{}</dt><dd>{}</dd>\n", term, value);
}

std::string server_section(std::string_view title, std::string_view says, const std::optional<ClientServer>& server,
                           std::string_view login) {
    if (!server) return {};
    return fmt::format("<section>\n<h2>{} <small>{}</small></h2>\n<dl>\n{}{}{}{}</dl>\n</section>\n", title, says,
                       entry("Server", code(server->host)), entry("Port", code(std::to_string(server->port))),
                       entry("Security", server->starttls ? "STARTTLS" : "SSL/TLS"), entry("Login", login));
}

std::string account_section(const ClientSettings& settings) {
    std::string entries;
    if (!settings.name.empty()) entries += entry("Name", fmt::format("<bdi>{}</bdi>", escape_markup(settings.name)));
    entries += entry("Mail address", code(settings.address.display()));
    std::vector<std::string> aliases;
    for (const auto& alias : settings.aliases)
        aliases.push_back(code(alias.display()));
    if (!aliases.empty()) entries += entry("Also reached as", join(aliases, "<br>"));
    entries += entry("User name", fmt::format("{}<small>or {}, where a program takes no @ in it</small>",
                                              code(settings.user()), code(settings.user_with_slash())));
    entries += entry("Password", "that of this mailbox; it is not written here");
    return fmt::format("<section>\n<h2>Your account</h2>\n<dl>\n{}</dl>\n</section>\n", entries);
}

std::string more_section(const ClientSettings& settings) {
    std::string entries;
    if (!settings.webmail.empty())
        entries += entry("Webmail", fmt::format("<a href=\"{0}\">{0}</a>", escape_markup(settings.webmail)));
    if (settings.quota.bytes != 0) entries += entry("Space", format_size(settings.quota));
    if (settings.max_message_size.bytes != 0) entries += entry("Largest mail", format_size(settings.max_message_size));
    const auto contact = settings.contact();
    entries += entry("Questions", fmt::format("<a href=\"mailto:{}\">{}</a>", escape_markup(contact.text()),
                                              escape_markup(contact.display())));
    return fmt::format("<section>\n<dl>\n{}</dl>\n</section>\n", entries);
}

} // namespace

std::string settings_sheet(const ClientSettings& settings) {
    const std::string address = escape_markup(settings.address.display());
    std::string notes;
    for (const auto& remark : settings.remarks)
        notes += fmt::format("<p class=\"note\">{}</p>\n", escape_markup(remark));
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<title>Mail settings for {0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n"
        "<h1>Mail settings for <strong>{0}</strong></h1>\n{2}{3}<div class=\"servers\">\n{4}{5}</div>\n{6}{7}"
        "</main>\n</body>\n</html>\n",
        address, style, notes, account_section(settings),
        server_section("Receiving: IMAP", "recommended: mail stays on the server for all devices", settings.imap,
                       "normal password"),
        server_section("Receiving: POP3", "mail is fetched to one device", settings.pop, "normal password"),
        server_section("Sending: SMTP", "mail programs need it beside IMAP or POP3", settings.smtp,
                       "required, with the same user name and password"),
        more_section(settings));
}

} // namespace mailctl
