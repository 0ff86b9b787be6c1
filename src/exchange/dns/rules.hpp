// SPDX-License-Identifier: Apache-2.0
// The table of rules: for each kind of record how what is found is held against what is wanted, and who is asked.
#pragma once

#include "judging.hpp"

namespace mailctl {

enum class Asked { resolver, all_name_servers };

struct DnsRuleRow {
    DnsRule rule;
    std::string_view compared; // for readers of the table
    DnsJudge judge;
    Asked asked;
    std::string_view missing; // what it means that it is not there
};
[[nodiscard]] const DnsRuleRow& rule_row(DnsRule rule);

} // namespace mailctl
