// SPDX-License-Identifier: Apache-2.0
// The forms that mail programs read: Mozilla's, Microsoft's, Apple's.
#include "mailctl/exchange/clients/client_settings.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::size_t max_short_name = 20; // displayShortName of autoconfig

std::string shortened(std::string_view text, std::size_t length) {
    std::string out;
    for (std::size_t at = 0; at < text.size() && length > 0; --length) {
        const auto point = code_point_at(text, at);
        const std::size_t size = point ? point->length : 1;
        out += text.substr(at, size);
        at += size;
    }
    return out;
}

// Aliases of the domain log in as users of the real name, and the program puts in what was typed before the '@'.
std::string autoconfig_server(std::string_view element, std::string_view type, const ClientServer& server,
                              const DomainName& domain) {
    return fmt::format("    <{0} type=\"{1}\">\n"
                       "      <hostname>{2}</hostname>\n"
                       "      <port>{3}</port>\n"
                       "      <socketType>{4}</socketType>\n"
                       "      <authentication>password-cleartext</authentication>\n"
                       "      <username>%EMAILLOCALPART%@{5}</username>\n"
                       "    </{0}>\n",
                       element, type, escape_markup(server.host), server.port, server.starttls ? "STARTTLS" : "SSL",
                       escape_markup(domain.text()));
}

std::string autodiscover_protocol(std::string_view type, const ClientServer& server, const std::string& user,
                                  std::string_view more) {
    return fmt::format("      <Protocol>\n"
                       "        <Type>{}</Type>\n"
                       "        <Server>{}</Server>\n"
                       "        <Port>{}</Port>\n"
                       "        <DomainRequired>off</DomainRequired>\n"
                       "        <LoginName>{}</LoginName>\n"
                       "        <SPA>off</SPA>\n"
                       "        <SSL>on</SSL>\n"
                       "        <Encryption>{}</Encryption>\n"
                       "        <AuthRequired>on</AuthRequired>\n"
                       "{}      </Protocol>\n",
                       type, escape_markup(server.host), server.port, escape_markup(user),
                       server.starttls ? "TLS" : "SSL", more);
}

// RFC 9562 version 8 (made of what we please), from 32 hex digits.
std::string uuid_of(std::string_view hex) {
    std::string digits(hex.substr(0, 32));
    digits[12] = '8';
    digits[16] = "89ab"[static_cast<unsigned char>(digits[16]) & 3U];
    return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4),
                       digits.substr(16, 4), digits.substr(20));
}

// Entries of a property list dictionary, one key on each line.
class Dictionary {
  public:
    explicit Dictionary(std::size_t indent) : indent_(indent, ' ') {}
    void text(std::string_view key, std::string_view value) { add(key, "string", escape_markup(value)); }
    void number(std::string_view key, unsigned value) { add(key, "integer", std::to_string(value)); }
    void yes(std::string_view key) { text_ += fmt::format("{}<key>{}</key><true/>\n", indent_, key); }
    void server(std::string_view prefix, const ClientServer& server, const std::string& user) {
        const std::string name(prefix);
        text(name + "HostName", server.host);
        number(name + "PortNumber", server.port);
        yes(name + "UseSSL");
        text(name + "Username", user);
        text(name + "Authentication", "EmailAuthPassword");
    }
    [[nodiscard]] const std::string& entries() const { return text_; }

  private:
    void add(std::string_view key, std::string_view type, std::string_view value) {
        text_ += fmt::format("{0}<key>{1}</key><{2}>{3}</{2}>\n", indent_, key, type, value);
    }
    std::string indent_, text_;
};

std::string mail_payload(const ClientSettings& settings, const std::string& profile) {
    Dictionary account(6);
    account.text("PayloadType", "com.apple.mail.managed");
    account.number("PayloadVersion", 1);
    account.text("PayloadIdentifier", "mailctl." + profile + ".mail");
    account.text("PayloadUUID", uuid_of(std::string_view(settings.identity).substr(32)));
    account.text("PayloadDisplayName", settings.address.display());
    account.text("EmailAccountType", settings.imap ? "EmailTypeIMAP" : "EmailTypePOP");
    account.text("EmailAccountDescription", settings.address.display());
    if (!settings.name.empty()) account.text("EmailAccountName", settings.name);
    account.text("EmailAddress", settings.address.text());
    account.server("IncomingMailServer", settings.imap ? *settings.imap : *settings.pop, settings.user());
    account.server("OutgoingMailServer", *settings.smtp, settings.user());
    account.yes("OutgoingPasswordSameAsIncomingPassword");
    return account.entries();
}

} // namespace

std::string autoconfig_xml(const ClientSettings& settings) {
    const DomainName& domain = settings.address.domain;
    std::string text = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n"
                                   "  <emailProvider id=\"{}\">\n",
                                   escape_markup(domain.text()));
    for (const auto& name : settings.domains)
        text += fmt::format("    <domain>{}</domain>\n", escape_markup(name.text()));
    text += fmt::format("    <displayName>{}</displayName>\n    <displayShortName>{}</displayShortName>\n",
                        escape_markup(domain.display()), escape_markup(shortened(domain.display(), max_short_name)));
    if (settings.imap) text += autoconfig_server("incomingServer", "imap", *settings.imap, domain);
    if (settings.pop) text += autoconfig_server("incomingServer", "pop3", *settings.pop, domain);
    if (settings.smtp) text += autoconfig_server("outgoingServer", "smtp", *settings.smtp, domain);
    text += "  </emailProvider>\n";
    if (!settings.webmail.empty())
        text +=
            fmt::format("  <webMail>\n    <loginPage url=\"{}\"/>\n  </webMail>\n", escape_markup(settings.webmail));
    return text + "</clientConfig>\n";
}

std::string autodiscover_xml(const ClientSettings& settings) {
    constexpr std::string_view like_incoming =
        "        <UsePOPAuth>on</UsePOPAuth>\n        <SMTPLast>off</SMTPLast>\n";
    const std::string user = settings.user();
    std::string text =
        fmt::format("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                    "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\">\n"
                    "  <Response xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/"
                    "2006a\">\n"
                    "    <User>\n      <DisplayName>{}</DisplayName>\n    </User>\n"
                    "    <Account>\n      <AccountType>email</AccountType>\n      <Action>settings</Action>\n",
                    escape_markup(settings.name.empty() ? settings.address.display() : settings.name));
    if (settings.imap) text += autodiscover_protocol("IMAP", *settings.imap, user, "");
    if (settings.pop) text += autodiscover_protocol("POP3", *settings.pop, user, "");
    if (settings.smtp) text += autodiscover_protocol("SMTP", *settings.smtp, user, like_incoming);
    return text + "    </Account>\n  </Response>\n</Autodiscover>\n";
}

Result<std::string> mobileconfig(const ClientSettings& settings) {
    if (!settings.smtp || (!settings.imap && !settings.pop))
        return fail(ErrorKind::invalid,
                    "an Apple profile needs IMAP or POP3, and SMTP, and the site does not offer them",
                    "see clients.imap_security, clients.pop_security and clients.smtp_security of mailctl.toml(5)");
    const std::string uuid = uuid_of(settings.identity);
    Dictionary profile(2);
    profile.text("PayloadType", "Configuration");
    profile.number("PayloadVersion", 1);
    profile.text("PayloadIdentifier", "mailctl." + uuid);
    profile.text("PayloadUUID", uuid);
    profile.text("PayloadDisplayName", "Mail: " + settings.address.display());
    profile.text("PayloadDescription", "Sets up mail for " + settings.address.display());
    profile.text("PayloadOrganization", settings.address.domain.display());
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                       "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                       "<plist version=\"1.0\">\n<dict>\n{}  <key>PayloadContent</key>\n  <array>\n    <dict>\n{}"
                       "    </dict>\n  </array>\n</dict>\n</plist>\n",
                       profile.entries(), mail_payload(settings, uuid));
}

} // namespace mailctl
