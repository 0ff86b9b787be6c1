// SPDX-License-Identifier: Apache-2.0
// What stands outside the files: DNS as it was last seen, certificates, the running agent, the host.
#include "check_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

bool is_bad_word(std::string_view state) {
    return state == "missing" || state == "wrong" || state == "several" || state == "bogus";
}

void bad_records(const SiteFacts& facts, Sayings& say) {
    for (const auto& record : facts.dns) {
        if (!is_bad_word(record.state)) continue;
        say(record.domain, fmt::format("{} of '{}' is {}", record.rrtype, record.name, record.state),
            record.hint.empty() ? fmt::format("mailctl dns check {}", record.domain) : record.hint,
            record.is_required ? Weight::error : Weight::warning);
    }
}

void pending_domains(const SiteFacts& facts, Sayings& say) {
    for (const auto& domain : facts.dns_domains)
        if (domain.was_asked && !domain.is_active)
            say(domain.domain, "its MX does not lead here: the domain is pending");
}

void bad_certificates(const SiteFacts& facts, Sayings& say) {
    for (const auto& doubt : facts.certificates)
        say(doubt.place, doubt.what, doubt.remedy, doubt.is_error ? Weight::error : Weight::warning);
}

void other_version(const SiteFacts& facts, Sayings& say) {
    if (facts.agent && facts.agent->version != facts.version)
        say("agent", fmt::format("the agent is of version {}, mailctl of {}", facts.agent->version, facts.version));
}

void behind(const SiteFacts& facts, Sayings& say) {
    if (facts.agent && facts.agent->generation != facts.generation)
        say("agent", fmt::format("the agent answers from change {}, the compiled directory is of {}",
                                 facts.agent->generation, facts.generation));
}

void wrong_clock(const SiteFacts& facts, Sayings& say) {
    constexpr auto begin = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};
    if (facts.now < begin) say("clock", fmt::format("the clock says {} UTC", format_minute(facts.now, {})));
}

const Check checks_of_outside[] = {
    {"dns.record", 0, Weight::error, false, "a record was missing, wrong or bogus when it was last asked for",
     "mailctl dns check", bad_records},
    {"dns.pending", 0, Weight::warning, false, "the MX of a domain does not lead here", "mailctl dns show DOMAIN",
     pending_domains},
    {"certificates.trouble", 68, Weight::error, false,
     "a certificate is expired or soon will be, does not fit its key or its names, or its key is open",
     "renew it, then mailctl map build", bad_certificates},
    {"agent.version", 0, Weight::warning, false, "the agent is of another version", "restart the agent", other_version},
    {"agent.behind", 0, Weight::error, false, "the agent does not know the newest change", "restart the agent", behind},
    {"host.clock", 81, Weight::error, false, "the clock of this host is wrong", "let an NTP client set it",
     wrong_clock},
};

} // namespace

std::span<const Check> outside_checks() { return checks_of_outside; }

} // namespace mailctl
