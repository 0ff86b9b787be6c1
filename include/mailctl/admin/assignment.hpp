// KEY=VALUE, KEY+=VALUE and KEY-=VALUE as the `set` verbs take them, and the words that stand for an `unknown` action.
// Values are separated into their lists here once, so that every noun reads them alike.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/domain.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct Assignment {
    enum class Operation { set, add, remove };
    std::string key;
    Operation operation = Operation::set;
    std::string value; // "" clears with `set`
    bool operator==(const Assignment&) const = default;
};
// usage: no '=' in it, or no key before it.
[[nodiscard]] Result<Assignment> parse_assignment(std::string_view text);
// The elements of a list value: separated by commas or spaces, empty ones dropped.
[[nodiscard]] std::vector<std::string> list_elements(std::string_view value);

// "reject", "discard", "redirect:ADDRESS[,ADDRESS...]" or "domain:NAME". A bare local part is one of `own`.
[[nodiscard]] Result<UnknownAction> parse_unknown_action(std::string_view text, const DomainName& own);
[[nodiscard]] std::string format_unknown_action(const UnknownAction& action);
// A full address, or a local part of `own`.
[[nodiscard]] Result<Address> parse_target(std::string_view text, const DomainName& own);

} // namespace mailctl
