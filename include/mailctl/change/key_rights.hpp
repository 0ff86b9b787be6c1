// SPDX-License-Identifier: Apache-2.0
// Which keys a role may set: what the key tables say, held against what a change makes of each account. One table,
// every way in: KEY=VALUE, options, rows of CSV.
#pragma once

#include "mailctl/config/account_keys.hpp"
#include "mailctl/model/domain_draft.hpp"
#include "mailctl/site/rights.hpp"

namespace mailctl {

[[nodiscard]] SetBy set_by(const Role& role);

// Whether a role administers the domain that has this name; what it does not know is none.
using Administers = std::function<bool(const DomainName& domain)>;
struct KeyRights {
    const Role& role;
    const Domain& domain; // that the account is in
    Administers administers = {};

    // denied: the role may not set a key that differs, or write in the name of that address. nullptr: there was none.
    [[nodiscard]] Status check(const std::string& local, const Account* before, const Account& after) const;
    // The key that the role may not set, and why.
    struct Refusal {
        const AccountKey* key;
        Error error;
    };
    [[nodiscard]] std::optional<Refusal> find_refusal(const std::string& local, const Account* before,
                                                      const Account& after) const;

  private:
    [[nodiscard]] std::optional<Error> object_to_from(const std::string& local, const Account& after,
                                                      const std::string& from) const;
};
// Every account and the settings of a change.
[[nodiscard]] Status check_rights(const Role& role, const DomainDraft& change, const Administers& administers);

} // namespace mailctl
