// SPDX-License-Identifier: Apache-2.0
// KEY=VALUE, KEY+=VALUE and KEY-=VALUE as the `set` verbs take them, and the words that stand for an `unknown` action.
// Values are separated into their lists here once, so that every noun reads them alike.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/domain.hpp"

#include <span>
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
// The elements of a list value: separated by commas or spaces, but not within double quotes; empty
// ones dropped. Where an element may hold spaces itself ("10 mx.example.net"), `separators` is the comma alone.
[[nodiscard]] std::vector<std::string> list_elements(std::string_view value, std::string_view separators = ", \t");
// usage: += or -= for what holds one value.
[[nodiscard]] Status only_set(const Assignment& assignment);
// usage: the key is none of `keys`; the hint names the nearest or lists them.
[[nodiscard]] Error unknown_key(const std::string& key, std::span<const std::string> keys);
// usage: "'joe@example.com' is given twice".
[[nodiscard]] Error given_twice(std::string_view what);

// "reject", "discard", "redirect:ADDRESS[,ADDRESS...]" or "domain:NAME". A bare local part is one of `own`.
[[nodiscard]] Result<UnknownAction> parse_unknown_action(std::string_view text, const DomainName& own);
[[nodiscard]] std::string format_unknown_action(const UnknownAction& action);
// "anyone", "domain", "members", or addresses separated by commas; a bare local part is one of `own`. usage: neither.
[[nodiscard]] Result<Posters> read_posters(std::string_view text, const DomainName& own);
// A full address, or a local part of `own`.
[[nodiscard]] Result<Address> parse_target(std::string_view text, const DomainName& own);
// As one would write it into a file of `own`: a local part where that says it.
[[nodiscard]] std::string target_text(const Address& target, const DomainName& own);
[[nodiscard]] std::vector<std::string> target_texts(std::span<const Address> targets, const DomainName& own);

} // namespace mailctl
