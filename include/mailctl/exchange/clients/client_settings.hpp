// SPDX-License-Identifier: Apache-2.0
// What a user needs to set up a mail program, gathered once and written in the forms that people and programs read.
// None of them holds a password. Everything that comes from a file of the site is escaped for the form it stands in.
#pragma once

#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"
#include "mailctl/report/report.hpp"

namespace mailctl {

struct ClientServer {
    std::string host;
    unsigned port = 0;
    bool starttls = false; // otherwise TLS from the first byte
};

struct ClientSettings {
    Address address;
    std::string name;                            // a person's; may be empty
    std::vector<Address> aliases;                // reach the same mailbox
    std::vector<DomainName> domains;             // the real name first
    std::optional<ClientServer> imap, pop, smtp; // absent: not offered
    std::string webmail;                         // URL, or empty
    ByteCount quota, max_message_size;           // 0 = no limit
    std::vector<std::string> remarks;            // why logging in does not work at present
    std::string identity;                        // 64 hex digits that stay the same for this address

    [[nodiscard]] std::string user() const;            // "ann@example.org", domain as A-labels: what Dovecot knows
    [[nodiscard]] std::string user_with_slash() const; // "ann/example.org"
    [[nodiscard]] Address contact() const;             // postmaster of the domain: always resolves (specification 3)
};

// `local`: a mailbox of the domain.
[[nodiscard]] ClientSettings gather_client_settings(const Site& site, const Domain& domain, const std::string& local,
                                                    std::string identity, Date today);

[[nodiscard]] Cells settings_row(const ClientSettings& settings); // one flat row, for JSON and CSV
[[nodiscard]] std::string settings_text(const ClientSettings& settings, const std::string& password = {});
// One page without outside resources or scripts: reads on a phone, light and dark, and prints on A4.
[[nodiscard]] std::string settings_sheet(const ClientSettings& settings);
// Mozilla autoconfig 1.1, for the whole domain: the user name is built from the address that the user types.
[[nodiscard]] std::string autoconfig_xml(const ClientSettings& settings);
// Outlook autodiscover (POX): the answer for this address.
[[nodiscard]] std::string autodiscover_xml(const ClientSettings& settings);
// Apple configuration profile; installing it again replaces it. invalid: no way in, or no way out, is offered.
[[nodiscard]] Result<std::string> mobileconfig(const ClientSettings& settings);

// Text for XML and HTML, between tags and in quoted attributes: markup characters as entities, characters that XML does
// not have as U+FFFD.
[[nodiscard]] std::string escape_markup(std::string_view text);

} // namespace mailctl
