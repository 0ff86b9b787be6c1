// SPDX-License-Identifier: Apache-2.0
// Claims: who uses which name in a domain file. A name belongs to one mailbox, alias, forward, robot, list or banished
// exact name; the second use in the file is the one reported, and the report says who was there first.
#pragma once

#include "fields.hpp"

#include <string>
#include <vector>

namespace mailctl {

class Claims {
  public:
    // `holder` as messages name it ("alias of mailbox 'paul'"), `key` its path in the file.
    void add(std::string name, std::string holder, std::string key, Place place) {
        claims_.push_back({std::move(name), std::move(holder), std::move(key), place});
    }
    void check(Findings& findings);

  private:
    struct Claim {
        std::string name, holder, key;
        Place place;
    };
    [[nodiscard]] bool all_differ() const;
    std::vector<Claim> claims_;
};

} // namespace mailctl
