// SPDX-License-Identifier: Apache-2.0
// Banished patterns as regexp tables (regexp_table(5)), for names that no indexed table can list. `*` and `?` become
// POSIX expressions that match the whole local part, or the part before a detail, as the resolver does; the first
// pattern of a domain that matches decides; postmaster and abuse are exempt. Patterns of a domain that `unknown =
// domain` leads to are left out: such a name is refused as unknown there, or taken by whoever takes any name.
// The SRS addresses that bounces come back to are here too.
#pragma once

#include "mailctl/exchange/maps/name_plans.hpp"

namespace mailctl {

// The local part that `pattern` matches, as an extended regular expression.
[[nodiscard]] std::string pattern_expression(std::string_view pattern, std::string_view delimiters);
// Lines for one domain; "" without patterns.
[[nodiscard]] std::string recipient_patterns(const NamePlans& plans, std::string_view delimiters);
[[nodiscard]] std::string alias_patterns(const NamePlans& plans, std::string_view delimiters);
[[nodiscard]] std::string refused_patterns(const NamePlans& plans, std::string_view delimiters);
// In agent mode what is discarded goes to the agent, named by `agent_transport`; in Postfix mode ("") to discard(8).
[[nodiscard]] std::string transport_patterns(const NamePlans& plans, std::string_view delimiters,
                                             std::string_view agent_transport);
// One line that matches every SRS address of `domain`, with `value`.
[[nodiscard]] std::string srs_pattern(const DomainName& domain, std::string_view value);

} // namespace mailctl
