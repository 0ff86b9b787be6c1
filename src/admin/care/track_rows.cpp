// SPDX-License-Identifier: Apache-2.0
// The line of the last attempt is read again: it holds the relay, the delay and the answer.
#include "track_rows.hpp"

#include <charconv>

namespace mailctl {
namespace {

constexpr std::size_t longest_ancestry = 20; // mail that came back more often than this goes round in circles

CellValue text_or_nothing(std::string text) { return text.empty() ? CellValue{} : CellValue{std::move(text)}; }

std::optional<double> seconds_in(std::string_view text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

Result<std::vector<Story>> ancestry_of(TrackStore& store, Story story) {
    std::vector<Story> ancestry;
    ancestry.push_back(std::move(story));
    while (ancestry.back().parent != 0 && ancestry.size() < longest_ancestry) {
        TRY_ASSIGN(auto parent, store.find_story(ancestry.back().parent));
        if (!parent) break; // older than what is kept
        ancestry.push_back(std::move(*parent));
    }
    return ancestry;
}

LastWord last_word(const Story& story, const MailRow& row) {
    const auto line = row.line == std::string::npos ? std::nullopt : story.line_at(row.line);
    if (!line) return {};
    PostfixEvent event;
    const auto whole = (story.id.empty() ? "NOQUEUE" : story.id) + ": " + std::string(line->text);
    if (read_postfix_event(line->service, whole, event) != Reading::event) return {};
    const auto host = event.kind == EventKind::tried ? event.relay : event.client;
    return {host == "none" ? std::string() : std::string(host), std::string(event.answer), seconds_in(event.delay)};
}

std::string sender_of(const Story& story) {
    if (!story.has_sender()) return {};
    return story.sender().empty() ? "<>" : story.sender();
}

Cells delivery_cells(const std::vector<Story>& ancestry, const MailRow& row) {
    const Story& story = ancestry.front();
    std::vector<std::string> ids;
    for (auto each = ancestry.rbegin(); each != ancestry.rend(); ++each)
        if (!each->id.empty()) ids.push_back(each->id);
    const auto word = last_word(story, row);
    const std::string id = ids.empty() ? "NOQUEUE" : ids.front();
    return {{.key = "id", .value = id},
            {.key = "ids", .value = std::move(ids), .in_table = false},
            {.key = "message_id", .value = text_or_nothing(story.message_id()), .in_table = false},
            {.key = "time", .value = row.time},
            {.key = "sender", .value = text_or_nothing(sender_of(story))},
            {.key = "recipient", .value = text_or_nothing(std::string(row.recipient))},
            {.key = "orig_recipient", .value = text_or_nothing(std::string(row.original)), .in_table = false},
            {.key = "status", .value = std::string(status_name(row.status))},
            {.key = "remote_host", .value = text_or_nothing(word.remote_host)},
            {.key = "answer", .value = text_or_nothing(word.answer)},
            {.key = "attempts", .value = static_cast<std::int64_t>(row.attempts), .in_table = false},
            {.key = "delay", .value = word.delay ? CellValue{*word.delay} : CellValue{}, .in_table = false}};
}

} // namespace mailctl
