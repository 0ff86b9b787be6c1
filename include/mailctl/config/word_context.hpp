// SPDX-License-Identifier: Apache-2.0
// WordContext: what a word or cell is read against: the domain it stands in, the site's rules for names, and which
// names of domains mean the same.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/model/site.hpp"

#include <functional>

namespace mailctl {

// The real name of a domain of this site that was given by an alias; any other name as it is.
using RealName = std::function<DomainName(const DomainName&)>;

struct WordContext {
    const DomainName& own;
    const Site::Addresses& rules;
    RealName real_name = {}; // none: every name is its own
    std::string about = {};  // what messages call the account

    // What two spellings of one address have in common: case, quotes, U-labels and names of its domain aside.
    [[nodiscard]] std::string key_of(const Address& address) const;
};
using ColumnContext = WordContext;

} // namespace mailctl
