// SPDX-License-Identifier: Apache-2.0
// The values, and their plain text.
#include "mailctl/exchange/clients/client_settings.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

struct UsualPorts {
    unsigned tls, starttls;
};
constexpr UsualPorts imap_ports{993, 143}, pop_ports{995, 110}, smtp_ports{465, 587}; // RFC 8314

std::string for_domain(std::string text, const DomainName& domain) {
    if (const auto at = text.find("%d"); at != text.npos) text.replace(at, 2, domain.text());
    return text;
}

std::optional<ClientServer> server_of(const Site& site, const Site::ClientService& service, UsualPorts usual,
                                      const DomainName& domain) {
    if (service.security == ClientSecurity::off) return std::nullopt;
    const bool starttls = service.security == ClientSecurity::starttls;
    return ClientServer{service.host.empty() ? site.hostname.text() : for_domain(service.host, domain),
                        service.port != 0 ? service.port : (starttls ? usual.starttls : usual.tls), starttls};
}

std::vector<std::string> remarks_on(const Domain& domain, const Mailbox& mailbox, Date today) {
    std::vector<std::string> remarks;
    if (!mailbox.password) remarks.emplace_back("No password has been set yet: nobody can log in.");
    if (domain.state == DomainState::suspended)
        remarks.emplace_back("The domain is suspended: nobody can log in at present.");
    else if (mailbox.suspend && mailbox.suspend->login && in_force(*mailbox.suspend, today))
        remarks.push_back("The mailbox is suspended: nobody can log in" +
                          (mailbox.suspend->until ? " until the end of " + format_date(*mailbox.suspend->until) + "."
                                                  : std::string(" at present.")));
    return remarks;
}

std::string security_words(const ClientServer& server) { return server.starttls ? "STARTTLS" : "SSL/TLS"; }

void add_line(std::string& text, std::string_view label, std::string_view value) {
    text += fmt::format("{:<17}{}\n", label, value);
}

void add_server(std::string& text, std::string_view title, const std::optional<ClientServer>& server,
                std::string_view login) {
    if (!server) return;
    text += fmt::format("\n{}\n", title);
    add_line(text, "  Server", server->host);
    add_line(text, "  Port", std::to_string(server->port));
    add_line(text, "  Security", security_words(*server));
    add_line(text, "  Login", login);
}

void add_server_cells(Cells& row, const std::string& name, const std::optional<ClientServer>& server) {
    const auto cell = [&](const char* what, CellValue value) { row.push_back({name + what, std::move(value)}); };
    cell("_host", server ? CellValue(server->host) : CellValue());
    cell("_port", server ? CellValue(std::int64_t{server->port}) : CellValue());
    cell("_security", server ? CellValue(std::string(server->starttls ? "starttls" : "tls")) : CellValue());
}

std::vector<std::string> shown_names(const std::vector<Address>& addresses) {
    std::vector<std::string> texts;
    for (const auto& address : addresses)
        texts.push_back(address.display());
    return texts;
}

CellValue size_cell(ByteCount size) { return size.bytes == 0 ? CellValue() : CellValue(size); }

} // namespace

std::string ClientSettings::user() const { return address.local.key() + '@' + address.domain.text(); }
std::string ClientSettings::user_with_slash() const { return address.local.key() + '/' + address.domain.text(); }
Address ClientSettings::contact() const { return {LocalPart::from_trusted("postmaster"), address.domain}; }

ClientSettings gather_client_settings(const Site& site, const Domain& domain, const std::string& local,
                                      std::string identity, Date today) {
    const Mailbox& mailbox = domain.mailboxes.at(local);
    ClientSettings settings{.address = {LocalPart::from_trusted(local), domain.name},
                            .name = mailbox.name,
                            .aliases = {},
                            .domains = {domain.name},
                            .imap = server_of(site, site.clients.imap, imap_ports, domain.name),
                            .pop = server_of(site, site.clients.pop, pop_ports, domain.name),
                            .smtp = server_of(site, site.clients.smtp, smtp_ports, domain.name),
                            .webmail = for_domain(site.clients.webmail, domain.name),
                            .quota = mailbox.quota,
                            .max_message_size = site.delivery.max_message_size,
                            .remarks = remarks_on(domain, mailbox, today),
                            .identity = std::move(identity)};
    for (const auto& alias : mailbox.aliases)
        settings.aliases.push_back({LocalPart::from_trusted(alias), domain.name});
    settings.domains.insert(settings.domains.end(), domain.aliases.begin(), domain.aliases.end());
    return settings;
}

Cells settings_row(const ClientSettings& settings) {
    Cells row{{"address", settings.address.display()},
              {"name", settings.name},
              {"user", settings.user()},
              {"user_with_slash", settings.user_with_slash()},
              {"aliases", shown_names(settings.aliases)}};
    add_server_cells(row, "imap", settings.imap);
    add_server_cells(row, "pop", settings.pop);
    add_server_cells(row, "smtp", settings.smtp);
    row.insert(row.end(), {{"webmail", settings.webmail.empty() ? CellValue() : CellValue(settings.webmail)},
                           {"quota", size_cell(settings.quota)},
                           {"max_message_size", size_cell(settings.max_message_size)},
                           {"contact", settings.contact().display()},
                           {"remarks", settings.remarks}});
    return row;
}

std::string settings_text(const ClientSettings& settings, const std::string& password) {
    const std::string title = fmt::format("Mail settings for {}", printable(settings.address.display()));
    std::string text = fmt::format("{}\n{}\n\n", title, std::string(count_code_points(title), '='));
    for (const auto& remark : settings.remarks)
        text += fmt::format("NOTE: {}\n\n", remark);
    if (!settings.name.empty()) add_line(text, "Name", printable(settings.name));
    add_line(text, "Mail address", printable(settings.address.display()));
    std::string_view label = "Also reached as";
    for (const auto& alias : settings.aliases) {
        add_line(text, label, printable(alias.display()));
        label = "";
    }
    add_line(text, "User name", settings.user());
    add_line(text, "", fmt::format("or {}, where a program takes no @ in it", settings.user_with_slash()));
    add_line(text, "Password", password.empty() ? "that of this mailbox; it is not written here" : password);
    add_server(text, "Receiving by IMAP (recommended: mail stays on the server for all devices)", settings.imap,
               "normal password");
    add_server(text, "Receiving by POP3 (mail is fetched to one device)", settings.pop, "normal password");
    add_server(text, "Sending by SMTP", settings.smtp, "required, with the same user name and password");
    text += '\n';
    if (!settings.webmail.empty()) add_line(text, "Webmail", printable(settings.webmail));
    if (settings.quota.bytes != 0) add_line(text, "Space", format_size(settings.quota));
    if (settings.max_message_size.bytes != 0) add_line(text, "Largest mail", format_size(settings.max_message_size));
    add_line(text, "Questions", settings.contact().display());
    return text;
}

std::string escape_markup(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        const char32_t value = point ? point->value : 0;
        // XML 1.0, production 2.
        const bool is_character = value == '\t' || value == '\n' || (value >= 0x20 && value < 0xfffe) || value > 0xffff;
        if (!is_character)
            out += "\xef\xbf\xbd";
        else if (value == '&')
            out += "&amp;";
        else if (value == '<')
            out += "&lt;";
        else if (value == '>')
            out += "&gt;";
        else if (value == '"')
            out += "&quot;";
        else if (value == '\'')
            out += "&#39;";
        else
            out += text.substr(at, point->length);
        at += point ? point->length : 1;
    }
    return out;
}

} // namespace mailctl
