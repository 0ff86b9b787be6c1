// SPDX-License-Identifier: Apache-2.0
// One row for each kind of record. Whether one is required stands with the wanted record: of DKIM it depends on the
// key.
#include "rules.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr auto everywhere = Asked::all_name_servers;
constexpr auto once = Asked::resolver;

// clang-format off
constexpr std::array rule_table{
    DnsRuleRow{DnsRule::mx, "the hosts' addresses with ours", judge_mx, everywhere,
               "no mail comes to the domain"},
    DnsRuleRow{DnsRule::spf, "evaluated for each address that mail leaves from", judge_spf, everywhere,
               "anybody may send mail of the domain"},
    DnsRuleRow{DnsRule::dkim, "the kind of key and p=", judge_dkim, everywhere,
               "what is signed with the key cannot be checked"},
    DnsRuleRow{DnsRule::dmarc, "the policy and the report address", judge_dmarc, everywhere,
               "nothing is asked of others about forged mail"},
    DnsRuleRow{DnsRule::report_consent, "a record of DMARC is there", judge_report_consent, once,
               "no report comes"},
    DnsRuleRow{DnsRule::mta_sts, "the id with that of our policy", judge_mta_sts, everywhere,
               "nobody looks for the MTA-STS policy"},
    DnsRuleRow{DnsRule::policy_host, "it has addresses", judge_policy_host, once,
               "nobody finds the MTA-STS policy"},
    DnsRuleRow{DnsRule::tls_reports, "the report address", judge_tls_reports, once,
               "nobody reports trouble with TLS"},
    DnsRuleRow{DnsRule::service, "target and port", judge_service, once,
               "mail programs have to guess"},
    DnsRuleRow{DnsRule::client_name, "the alias, or addresses that both names have", judge_client_name, once,
               "the name leads nowhere"},
    DnsRuleRow{DnsRule::caa, "ours among the nearest on the way up", judge_caa, once,
               "any authority may make certificates"},
    DnsRuleRow{DnsRule::host_address, "ours among them", judge_host_address, once,
               "the host cannot be reached"},
    DnsRuleRow{DnsRule::reverse, "one name, which leads back", judge_reverse, once,
               "others refuse mail from the address"},
    DnsRuleRow{DnsRule::helo_spf, "evaluated for each address that mail leaves from", judge_helo_spf, once,
               "bounces have nothing that vouches for them"},
};
// clang-format on

} // namespace

const DnsRuleRow& rule_row(DnsRule rule) { return *std::ranges::find(rule_table, rule, &DnsRuleRow::rule); }

} // namespace mailctl
