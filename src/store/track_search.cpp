// SPDX-License-Identifier: Apache-2.0
// Addresses become numbers first: with them in the statement SQLite sees how few rows each condition leaves.
#include "mailctl/store/track_search.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t most_listed = 2'000; // numbers in a statement; more are looked up as it runs

struct Conditions {
    std::vector<std::string> terms;
    std::vector<std::string> texts; // to bind, in order
};

std::string text_condition(const std::vector<AddressRange>& ranges, std::vector<std::string>& texts) {
    std::vector<std::string> terms;
    for (const auto& range : ranges) {
        terms.emplace_back(range.last.empty() ? "key = ?" : "(key >= ? AND key < ?)");
        texts.push_back(range.first);
        if (!range.last.empty()) texts.push_back(range.last);
    }
    return terms.empty() ? "0" : join(terms, " OR ");
}

// "(1,2,3)", or the statement that finds them.
Result<std::string> address_set(Database& database, const std::vector<AddressRange>& ranges,
                                std::vector<std::string>& texts) {
    std::vector<std::string> own_texts, numbers;
    const auto find = fmt::format("SELECT id FROM addresses WHERE {}", text_condition(ranges, own_texts));
    TRY_ASSIGN(auto rows, database.prepare(find));
    for (const auto& text : own_texts)
        rows.bind(text);
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return "(" + join(numbers, ",") + ")";
        numbers.push_back(fmt::format("{}", rows.integer(0)));
        if (numbers.size() > most_listed) break;
    }
    texts.insert(texts.end(), own_texts.begin(), own_texts.end());
    return "(" + find + ")";
}

Status add_address_term(Database& database, const std::vector<AddressRange>& ranges,
                        std::initializer_list<std::string_view> columns, Conditions& conditions) {
    std::vector<std::string> terms;
    for (const auto column : columns) {
        TRY_ASSIGN(const auto set, address_set(database, ranges, conditions.texts));
        terms.push_back(fmt::format("{} IN {}", column, set));
    }
    conditions.terms.push_back("(" + join(terms, " OR ") + ")");
    return {};
}

bool is_usual(MailStatus status) { return status == MailStatus::sent || status == MailStatus::delivered; }

void add_status_term(const TrackFilter& filter, Conditions& conditions) {
    const auto number = [](MailStatus status) { return static_cast<int>(status); };
    if (!filter.status) {
        conditions.terms.push_back(
            fmt::format("status NOT IN ({}, {})", number(MailStatus::queued), number(MailStatus::passed_on)));
    } else {
        conditions.terms.push_back(fmt::format("status = {}", number(*filter.status)));
        if (!is_usual(*filter.status)) conditions.terms.emplace_back("status <> 2 AND status <> 9"); // names the index
    }
}

std::int64_t microseconds_of(Instant instant) { return instant.time_since_epoch().count(); }

Result<Conditions> conditions_of(Database& database, const TrackFilter& filter) {
    Conditions conditions;
    add_status_term(filter, conditions);
    if (filter.since) conditions.terms.push_back(fmt::format("time >= {}", microseconds_of(*filter.since)));
    if (filter.until) conditions.terms.push_back(fmt::format("time < {}", microseconds_of(*filter.until)));
    if (filter.from) {
        TRY(add_address_term(database, *filter.from, {"sender"}, conditions));
    }
    if (filter.to) {
        TRY(add_address_term(database, *filter.to, {"recipient", "original"}, conditions));
    }
    for (const auto& ranges : filter.either) {
        TRY(add_address_term(database, ranges, {"sender", "recipient", "original"}, conditions));
    }
    return conditions;
}

bool concerns(const std::vector<AddressRange>& ranges, const Story& story, const MailRow& row) {
    return (story.has_sender() && holds_any(ranges, story.sender())) ||
           (row.has_recipient && holds_any(ranges, row.recipient)) ||
           (!row.original.empty() && holds_any(ranges, row.original));
}

} // namespace

bool AddressRange::holds(std::string_view key) const {
    return last.empty() ? key == first : first <= key && key < last;
}

AddressRange range_of_address(std::string_view address) { return {address_key(address), {}}; }

AddressRange range_of_domain(std::string_view domain) {
    const auto folded = fold(domain);
    return {folded + "@", folded + "A"}; // 'A' follows '@'
}

AddressRange range_of_details(std::string_view address, char delimiter) {
    const auto key = address_key(address) + delimiter;
    auto end = key;
    ++end.back();
    return {key, end};
}

bool holds_any(const std::vector<AddressRange>& ranges, std::string_view address) {
    const auto key = address_key(address);
    return std::ranges::any_of(ranges, [&](const AddressRange& range) { return range.holds(key); });
}

Status search_track(TrackStore& store, const TrackFilter& filter, const std::function<Status(const FoundRow&)>& use) {
    TRY_ASSIGN(const auto conditions, conditions_of(store.database(), filter));
    auto sql = fmt::format("SELECT message, row FROM deliveries WHERE {} ORDER BY time DESC, message DESC, row",
                           join(conditions.terms, " AND "));
    if (filter.limit != 0) sql += fmt::format(" LIMIT {}", filter.limit);
    TRY_ASSIGN(auto rows, store.database().prepare(sql));
    for (const auto& text : conditions.texts)
        rows.bind(text);
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return {};
        TRY(use({static_cast<std::uint64_t>(rows.integer(0)), static_cast<std::size_t>(rows.integer(1))}));
    }
}

bool passes(const TrackFilter& filter, const Story& story, const MailRow& row) {
    if (row.status == MailStatus::passed_on) return false;
    if (filter.status ? row.status != *filter.status : row.status == MailStatus::queued) return false;
    if ((filter.since && row.time < *filter.since) || (filter.until && row.time >= *filter.until)) return false;
    if (filter.from && !(story.has_sender() && holds_any(*filter.from, story.sender()))) return false;
    const bool to_one = filter.to && ((row.has_recipient && holds_any(*filter.to, row.recipient)) ||
                                      (!row.original.empty() && holds_any(*filter.to, row.original)));
    if (filter.to && !to_one) return false;
    return std::ranges::all_of(filter.either, [&](const auto& ranges) { return concerns(ranges, story, row); });
}

Status for_each_message_since(TrackStore& store, Instant since, const std::function<Status(const Story&)>& use) {
    TRY_ASSIGN(auto rows, store.database().prepare("SELECT number FROM messages WHERE last >= ? ORDER BY last"));
    rows.bind(since);
    for (;;) {
        TRY_ASSIGN(const bool found, rows.next());
        if (!found) return {};
        TRY_ASSIGN(const auto story, store.find_story(static_cast<std::uint64_t>(rows.integer(0))));
        if (!story) continue;
        TRY(use(*story));
    }
}

} // namespace mailctl
