// SPDX-License-Identifier: Apache-2.0
// What other mail servers have on their disks, as the text of a native CSV file whose rows know where they came from.
// What there is in these files and is no account (programs, patterns, flags we have no word for) becomes a note. A line
// that cannot be read is a row too, one with a problem.
#pragma once

#include "mailctl/exchange/transfer/import_rows.hpp"

namespace mailctl {

struct ForeignFile {
    std::string name; // as messages name it
    std::string text;
};
struct ForeignAccounts {
    ImportText text;
    std::vector<LeftOut> notes;
};

// docker-mailserver: "postfix-accounts.cf", "postfix-virtual.cf" and "dovecot-quotas.cf", known by the end of their
// names.
[[nodiscard]] ForeignAccounts from_docker_mailserver(std::span<const ForeignFile> files);
// PostfixAdmin: its tables mailbox and alias as CSV with their columns in the first line; of alias_domain and domain it
// is told what they say. invalid: a table without such a line.
[[nodiscard]] Result<ForeignAccounts> from_postfixadmin(std::span<const ForeignFile> tables);
// Dovecot's passwd-file. Users without a domain are left as local parts.
[[nodiscard]] ForeignAccounts from_passwd_file(const ForeignFile& file);

struct VpopmailDomain {
    std::string name;
    ForeignFile vpasswd;
    std::vector<ForeignFile> qmail; // ".qmail-NAME", ".qmail-default"; "USER/.qmail"
};
[[nodiscard]] ForeignAccounts from_vpopmail(std::span<const VpopmailDomain> domains);

} // namespace mailctl
