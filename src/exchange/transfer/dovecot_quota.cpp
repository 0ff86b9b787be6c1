// SPDX-License-Identifier: Apache-2.0
#include "dovecot_quota.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace mailctl {
namespace {

constexpr std::string_view not_a_rule_remedy = "write a rule such as *:storage=2G";

// One limit of a rule about the whole mailbox.
void take_limit(std::string_view limit, DovecotQuota& quota) {
    const auto name = limit.substr(0, limit.find('='));
    const auto value = limit.substr(std::min(name.size() + 1, limit.size()));
    if (name == "storage" || name == "bytes") {
        auto size = dovecot_size(value, name == "bytes" ? QuotaUnit::bytes : QuotaUnit::kibibytes);
        if (size)
            quota.size = std::move(*size);
        else
            quota.problem = Objection{fmt::format("'{}' is not a size of Dovecot", printable(limit)),
                                      std::string(not_a_rule_remedy)};
    } else if (name == "messages") {
        quota.left_out.push_back(
            fmt::format("the limit of {} messages is left out: there is none of that kind here", printable(value)));
    } else {
        quota.problem =
            Objection{fmt::format("'{}' is not a limit of Dovecot", printable(limit)), std::string(not_a_rule_remedy)};
    }
}

void take_rule(std::string_view rule, DovecotQuota& quota) {
    const auto parts = split(rule, ':');
    const auto mailbox = parts.front();
    if (parts.size() == 1) {
        quota.problem = Objection{fmt::format("'{}' is not a quota rule of Dovecot", printable(rule)),
                                  std::string(not_a_rule_remedy)};
    } else if (mailbox != "*" && mailbox != "?") {
        quota.left_out.push_back(fmt::format("the quota rule '{}' of one folder is left out", printable(rule)));
    } else if (parts.size() == 2 && parts[1] == "ignore") {
        quota.left_out.push_back(fmt::format("the quota rule '{}' limits nothing and is left out", printable(rule)));
    } else {
        for (const auto limit : std::span(parts).subspan(1))
            take_limit(limit, quota);
    }
}

} // namespace

std::optional<std::string> dovecot_size(std::string_view text, QuotaUnit unit) {
    const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
    const auto rest = fold(text.substr(digits.size()));
    const auto letter = rest.substr(0, 1);
    const auto tail = std::string_view(rest).substr(letter.size());
    if (digits.empty() || (!letter.empty() && !std::string_view("bkmgt").contains(letter.front()))) return std::nullopt;
    if (!tail.empty() && (letter == "b" || (tail != "b" && tail != "ib"))) return std::nullopt;
    if (digits.find_first_not_of('0') == digits.npos) return "0";
    std::string size(digits);
    if (letter.empty() && unit == QuotaUnit::kibibytes) size += " KiB";
    if (!letter.empty() && letter != "b") size += text[digits.size()];
    if (!parse_size(size)) return std::nullopt; // more than any disk holds
    return size;
}

DovecotQuota read_quota_rules(const std::vector<std::string_view>& rules) {
    DovecotQuota quota;
    for (const auto rule : rules)
        take_rule(rule, quota);
    return quota;
}

} // namespace mailctl
