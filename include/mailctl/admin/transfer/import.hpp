// SPDX-License-Identifier: Apache-2.0
// Bulk change of accounts from a file: `mailctl import`. All rows are checked first; good ones become one change over
// all domains they are in, with one record in the history, or nothing is written. What a row does not say stays as it
// is. Passwords are hashed before the lock is taken.
#pragma once

#include "mailctl/exchange/transfer/import_rows.hpp"
#include "mailctl/os/password.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

namespace mailctl {

enum class ImportMode {
    upsert,      // make what is missing, change what is there
    create_only, // what is there with other settings is refused
    update_only, // what is missing is refused
    prune        // and delete, in the domains of the file, the accounts of its kinds that it does not name
};

struct ImportRequest {
    RowMapping mapping = RowMapping::native();
    std::optional<DomainName> domain = {}; // of local parts
    ImportMode mode = ImportMode::upsert;
    bool partial = false;           // rows that fail are left out
    bool create_domains = false;    // that the file names and the site does not have
    bool reuse = false;             // also names that deleted mailboxes had
    bool generate = false;          // a password for each mailbox that has none
    std::string password_file = {}; // takes the generated ones; must not exist
    std::string errors_file = {};   // takes the rows that failed; "" = none is written
    PasswordScheme scheme = PasswordScheme::yescrypt;
    std::vector<DomainName> confirmed = {}; // domains in which accounts may be deleted
};

// One row for each domain with what became of its accounts; status 6 where rows were left out. invalid: rows are wrong,
// all of them told; usage: accounts would be deleted in a domain that is not confirmed; denied: a row is about a domain
// that is not the role's.
[[nodiscard]] Result<Report> import_accounts(const World& world, ImportText text, const ImportRequest& request,
                                             const ChangeOptions& options);

} // namespace mailctl
