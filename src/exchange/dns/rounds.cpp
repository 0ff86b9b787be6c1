// SPDX-License-Identifier: Apache-2.0
// Old and new are compared record by record.
#include "mailctl/exchange/dns/rounds.hpp"

#include "mailctl/base/error.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::chrono::hours least_between_rounds{1};

bool is_same_record(const DnsRow& a, const DnsRow& b) {
    return a.name == b.name && a.type == b.type && a.aspect == b.aspect;
}

const DnsRecordState* find_record(std::span<const DnsRecordState> records, const DnsRow& row) {
    const auto found = std::ranges::find_if(records, [&](const auto& one) { return is_same_record(one.row, row); });
    return found == records.end() ? nullptr : &*found;
}

// What was said about a record before and is not said now.
void pass_over_gone(std::span<const DnsRecordState> before, std::span<const DnsRow> rows, DnsRoundResult& result) {
    const bool is_blind = std::ranges::any_of(rows, [](const auto& row) { return row.state == DnsState::unknown; });
    for (const auto& old : before) {
        if (std::ranges::any_of(rows, [&](const auto& row) { return is_same_record(row, old.row); })) continue;
        if (is_blind) {
            result.records.push_back(old);
        } else if (old.row.state != DnsState::ok) {
            result.changed.push_back(old.row);
            result.changed.back().state = DnsState::ok;
            result.changed.back().hint = "no longer";
        }
    }
}

} // namespace

std::optional<Instant> since_of(std::span<const DnsRecordState> records, const DnsRow& row) {
    const auto* record = find_record(records, row);
    return record && record->row.state == row.state ? std::optional(record->since) : std::nullopt;
}

DnsRoundResult merge_round(std::span<const DnsRecordState> before, std::span<const DnsRow> rows, Instant now) {
    DnsRoundResult result;
    for (const auto& row : rows) {
        const auto* old = find_record(before, row);
        if (row.state == DnsState::unknown) {
            if (old) result.records.push_back(*old);
            if (before.empty()) result.changed.push_back(row);
            continue;
        }
        const bool is_new_state = !old || old->row.state != row.state;
        DnsRecordState record{row, is_new_state ? now : old->since, old ? old->last_good : std::nullopt};
        if (row.state == DnsState::ok) record.last_good = now;
        const bool is_news =
            before.empty() || !old ? row.state != DnsState::ok : is_new_state || old->row.found != row.found;
        if (is_news) result.changed.push_back(row);
        result.records.push_back(std::move(record));
    }
    pass_over_gone(before, rows, result);
    return result;
}

DnsDomainState after_round(const DnsDomainState& before, std::span<const DnsRow> rows, const std::string& domain,
                           Instant now, unsigned alarm_after) {
    const auto mx = std::ranges::find_if(
        rows, [&](const auto& row) { return row.name == domain && row.type == "MX" && row.aspect.empty(); });
    if (mx == rows.end()) return before;
    if (mx->state == DnsState::ok) return {true, before.active && before.since ? before.since : now, 0, std::nullopt};
    if (!is_bad(mx->state)) return before; // not looked up, or on its way
    DnsDomainState after = before;
    if (!after.since) after.since = now;
    if (!after.active || (after.counted && now - *after.counted < least_between_rounds)) return after;
    after.counted = now;
    if (++after.bad_rounds >= alarm_after) after = {false, now, 0, std::nullopt};
    return after;
}

int exit_status_of(std::span<const DnsRow> rows) {
    const auto any_required = [&](auto is) {
        return std::ranges::any_of(rows, [&](const auto& row) { return row.required && is(row.state); });
    };
    if (any_required(is_bad)) return exit_code(ErrorKind::found);
    if (any_required([](DnsState state) { return state == DnsState::unknown; })) return exit_code(ErrorKind::temporary);
    return 0;
}

} // namespace mailctl
