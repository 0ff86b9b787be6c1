// SPDX-License-Identifier: Apache-2.0
// What the readers of one domain file share: the model as it grows, what is wrong so far, the names in use, and how
// addresses, attachments and nodes are read wherever they stand.
#pragma once

#include "claims.hpp"
#include "fields.hpp"
#include "mailctl/config/names.hpp"
#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct DomainReading {
    DomainReading(std::string_view file, const DomainName& name, const Site::Addresses& address_rules)
        : domain(name), findings(file), not_acted_on(file), rules(address_rules) {}

    Domain domain;
    Findings findings;     // what is wrong
    Findings not_acted_on; // what this version reads and keeps only
    Claims claims;
    const Site::Addresses& rules;
    std::string account; // the local part of the one that is being read

    // The values of a key, as far as they are right; what is not becomes a finding.
    void read_targets(Fields& fields, std::string_view key, std::vector<Address>& out);
    void read_address(Fields& fields, std::string_view key, std::optional<Address>& out);
    void read_attachments(Fields& fields, std::vector<std::string>& out); // of the key "attach"
    // Says that this version keeps what stands there but does not act on it.
    void keep(std::string key, Place place);
};

inline void refuse(Fields& fields, std::string_view key, Place place, const Objection& objection) {
    fields.refuse(key, place, objection.message, objection.remedy);
}

} // namespace mailctl
