// SPDX-License-Identifier: Apache-2.0
// How single values of mailctl.toml are read and written, where the kinds of Fields do not say enough: names, URLs,
// addresses, paths. Each reader leaves the value as it is and reports what it found when the text is wrong.
#pragma once

#include "fields.hpp"
#include "mailctl/model/site.hpp"

namespace mailctl {

void read_domain_name(Fields& fields, std::string_view key, std::optional<DomainName>& out);
void read_hostname(Fields& fields, std::string_view key, Site& site);
void read_postmaster(Fields& fields, std::string_view key, Site& site);
void read_submit(Fields& fields, std::string_view key, Site& site); // a program, or "smtp:HOST:PORT"
[[nodiscard]] std::string submit_text(const Submit& submit);
void read_source_ips(Fields& fields, std::string_view key, Site& site);
// Text of letters, digits and `extra` only; the first character may not be '/'.
void read_word(Fields& fields, std::string_view key, std::string& out, std::string_view extra, std::string_view remedy);
// The same, or empty.
void read_optional_word(Fields& fields, std::string_view key, std::string& out, std::string_view extra,
                        std::string_view remedy);
// Text made of these characters, or empty.
void read_characters(Fields& fields, std::string_view key, std::string& out, std::string_view allowed);
void read_absolute(Fields& fields, std::string_view key, std::string& out);
void read_quota_warnings(Fields& fields, std::string_view key, Site& site); // "80%", or "never"
[[nodiscard]] std::vector<std::string> quota_warning_texts(const Site& site);
void read_policy(Fields& fields, std::string_view key, Site& site); // "off", "on", or a place as Postfix writes it
void read_journal(Fields& fields, std::string_view key, Site& site);
void read_peers(Fields& fields, std::string_view key, Site& site);
void read_track_logs(Fields& fields, std::string_view key, Site& site); // absolute patterns
// A host name or URL in which "%d" stands for a domain.
void read_client_host(Fields& fields, std::string_view key, std::string& out);
void read_webmail(Fields& fields, std::string_view key, Site& site);
void read_invitation_url(Fields& fields, std::string_view key, Site& site);
void read_invitation_subject(Fields& fields, std::string_view key, Site& site); // one line
void read_invitation_text(Fields& fields, std::string_view key, Site& site);    // with a place for the code
void read_port(Fields& fields, std::string_view key, unsigned& out);
void read_security(Fields& fields, std::string_view key, ClientSecurity& out);
[[nodiscard]] std::string_view dovecot_word(DovecotVersion version); // "2.3", "2.4", "auto"
[[nodiscard]] std::string security_text(ClientSecurity security);

} // namespace mailctl
