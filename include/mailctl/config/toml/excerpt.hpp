// SPDX-License-Identifier: Apache-2.0
// An excerpt of a large domain file: what a change of some accounts looks at, and nothing else. Accounts whose tables
// are left out are known by their headers alone; so the cost of a change is one search for headers through the text
// instead of reading it all. Only for texts that are known to be good: those that were read whole and found without
// fault.
#pragma once

#include "mailctl/config/toml/edit.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

class Excerpt {
  public:
    // Keeps the tables of the accounts of these names ("mailbox", "forward", "robot", "list"), those beside them, which
    // edits look at, and everything that is no account's own table. nullopt: something is written in a way that headers
    // do not tell apart for sure; read the whole then. `text` must outlive the excerpt.
    static std::optional<Excerpt> take(std::string_view text, const std::set<std::string>& names);

    // As a domain file of these accounts only, for parse_domain.
    [[nodiscard]] std::string reading_text() const;
    // The whole text, with what was left out.
    [[nodiscard]] std::string whole_text() const;
    // After edits of tables that the excerpt holds or of new ones. Errors: those of apply_edits.
    [[nodiscard]] Result<Excerpt> edited(std::span<const Edit> edits, std::string_view file) const;

  private:
    // Calls with the text between two gaps, then with each gap, in order; an empty gap at the end.
    void each(const std::function<void(std::string_view kept, std::string_view gap)>& visit) const;

    std::string text_;                   // a table without keys stands where something was left out
    std::vector<std::string_view> gaps_; // what was left out
};

} // namespace mailctl
