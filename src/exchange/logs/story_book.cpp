// SPDX-License-Identifier: Apache-2.0
// Stories of the past are loaded when a line asks for them, and only then: most lines are about messages that began in
// the same update, and those cost a look into a hash table.
#include "mailctl/exchange/logs/story_book.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t most_open = 20'000; // stories that stay in memory between two drains
constexpr auto join_window = std::chrono::minutes(10);
constexpr auto reorder_window = std::chrono::seconds(1); // lines of several daemons may change places

constexpr std::uint64_t hash_begin = 14695981039346656037ULL;

std::uint64_t hash_on(std::uint64_t hash, std::string_view text) {
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return hash;
}

// Daemons whose name in the log an administrator changes in master.cf (-o syslog_name): it says nothing about the
// queue.
bool may_be_renamed(std::string_view service) {
    return service == "smtpd" || service == "smtp" || service == "lmtp" || service == "pipe" || service == "postscreen";
}
bool is_named_by_smtpd(const Story& story) { return story.message_id().empty() && !story.is_active(); }

bool fits_in_time(const Story& story, Instant time) {
    return story.first() <= time + reorder_window && (!story.is_closed() || time <= story.last() + reorder_window);
}

// Whom the last attempt handed the mail to; "" where nobody took it.
std::string taken_by(const Story& story, const MailRow& row) {
    const auto line = row.line == std::string::npos ? std::nullopt : story.line_at(row.line);
    PostfixEvent event;
    const auto whole = line ? story.id + ": " + std::string(line->text) : std::string();
    if (!line || read_postfix_event(line->service, whole, event) != Reading::event) return {};
    const bool was_taken = event.kind == EventKind::tried && event.attempt == Attempt::sent && event.relay != "none";
    return was_taken ? std::string(event.relay) : std::string();
}

std::vector<Instant> times_of_rows(const Story& story) {
    std::vector<Instant> times;
    for (const auto& row : story.rows())
        times.push_back(row.time);
    return times;
}

} // namespace

std::uint64_t hash_of_text(std::string_view text) { return hash_on(hash_begin, text); }

std::uint64_t hash_of_id(std::string_view host, std::string_view id) {
    return hash_on(hash_on(hash_on(hash_begin, host), "/"), id);
}

std::uint64_t hash_of(const Story& story) {
    if (!story.id.empty()) return hash_of_id(story.host, story.id);
    const auto line = story.line_at(0);
    return hash_of_id("", line ? line->text : std::string_view{});
}

Result<StoryBook> StoryBook::open(PastStories& past) {
    StoryBook book(past);
    TRY_ASSIGN(book.last_number_, past.last_number());
    TRY_ASSIGN(book.open_ids_, past.open_ids());
    return book;
}

Result<Reading> StoryBook::take(const HeardLine& line) {
    const auto program = split_program(line.program);
    if (!is_postfix_service(program.service)) return Reading::nothing;
    PostfixEvent event;
    const auto reading = read_postfix_event(program.service, line.text, event);
    if (reading != Reading::event) return reading;
    const auto hash = event.id.empty() ? hash_of_id("", event.text) : hash_of_id(line.host, event.id);
    TRY(record({line, program, event, hash}));
    return reading;
}

Status StoryBook::record(const Heard& heard) {
    if (heard.event.id.empty()) return refuse(heard);
    if (heard.event.kind == EventKind::accepted) return begin(heard);
    TRY_ASSIGN(Entry * entry, find(heard));
    return add_line(entry ? *entry : make_entry(heard), heard);
}

// A first line: an older story of the same id is over.
Status StoryBook::begin(const Heard& heard) {
    const bool repeatable = heard.line.novelty == Novelty::repeatable;
    if (repeatable || open_ids_.contains(heard.hash)) {
        TRY(load(heard.hash));
    }
    const auto [first, last] = by_id_.equal_range(heard.hash);
    for (auto it = first; it != last; ++it) {
        auto& [story, is_new, is_changed, rows] = *it->second;
        if (story.id != heard.event.id || story.host != heard.line.host) continue;
        if (repeatable && story.has_line(heard.line.time, heard.program.service, heard.event.text)) return {};
        if (story.instance != heard.program.instance || story.is_closed() || story.first() > heard.line.time) continue;
        story.superseded = is_changed = true;
    }
    return add_line(make_entry(heard), heard);
}

Status StoryBook::refuse(const Heard& heard) {
    if (heard.line.novelty == Novelty::repeatable) {
        TRY(load(heard.hash));
        const auto [first, last] = by_id_.equal_range(heard.hash);
        const auto is_it = [&](const auto& known) {
            const Story& story = known.second->story;
            return story.host == heard.line.host &&
                   story.has_line(heard.line.time, heard.program.service, heard.event.text);
        };
        if (std::any_of(first, last, is_it)) return {};
    }
    auto& entry = make_entry(heard);
    entry.story.add(heard.line.time, heard.program.service, heard.event);
    return {};
}

StoryBook::Entry& StoryBook::make_entry(const Heard& heard) {
    Story story{std::string(heard.line.host), std::string(heard.program.instance), std::string(heard.event.id)};
    story.number = ++last_number_;
    auto& entry =
        *entries_.emplace(story.number, std::make_unique<Entry>(Entry{std::move(story), true, true, {}})).first->second;
    by_id_.emplace(heard.hash, &entry);
    return entry;
}

Status StoryBook::add_line(Entry& entry, const Heard& heard) {
    auto& story = entry.story;
    const auto& [line, program, event, hash] = heard;
    if (line.novelty == Novelty::repeatable && story.has_line(line.time, program.service, event.text)) return {};
    if (story.instance != program.instance && !may_be_renamed(program.service)) story.instance = program.instance;
    const bool was_active = story.is_active(), had_message_id = !story.message_id().empty();
    story.add(line.time, program.service, event);
    entry.is_changed = true;
    if (!had_message_id && !story.message_id().empty())
        by_message_id_.emplace(hash_of_text(story.message_id()), &entry);
    if (!was_active && story.is_active() && story.parent == 0 && story.is_local() && !story.message_id().empty())
        return link_by_message_id(entry);
    if (event.kind == EventKind::tried && story.parent != 0) {
        TRY(doubt_link(entry, event));
    }
    return event.other_id.empty() ? Status{} : follow_links(entry, heard);
}

Status StoryBook::follow_links(Entry& entry, const Heard& heard) {
    switch (heard.event.kind) {
    case EventKind::accepted:
        return link_to_predecessor(entry, heard.event.other_id);
    case EventKind::tried:
        return link_to_successor(entry, heard.event.other_id);
    default:
        return {};
    }
}

void StoryBook::set_parent(Entry& child, Entry& parent) {
    if (child.story.parent == 0 && parent.story.number != child.story.number) {
        child.story.parent = parent.story.number;
        child.is_changed = true;
    }
}

// The newest story of that id on the same host that began before.
Status StoryBook::link_to_predecessor(Entry& entry, std::string_view id) {
    const auto hash = hash_of_id(entry.story.host, id);
    TRY(load(hash));
    Entry* before = nullptr;
    const auto [first, last] = by_id_.equal_range(hash);
    for (auto it = first; it != last; ++it)
        if (it->second != &entry && it->second->story.first() <= entry.story.first() &&
            (!before || before->story.number < it->second->story.number))
            before = it->second;
    if (!before) return {};
    set_parent(entry, *before);
    before->story.passed_on = before->is_changed = true;
    return {};
}

// What a filter took came back under this id before the filter said so.
Status StoryBook::link_to_successor(Entry& entry, std::string_view id) {
    const auto hash = hash_of_id(entry.story.host, id);
    TRY(load(hash));
    Entry* after = nullptr;
    const auto [first, last] = by_id_.equal_range(hash);
    for (auto it = first; it != last; ++it)
        if (it->second != &entry && it->second->story.first() + reorder_window >= entry.story.first() &&
            (!after || after->story.number < it->second->story.number))
            after = it->second;
    if (!after) return {};
    set_parent(*after, entry);
    entry.story.passed_on = entry.is_changed = true;
    return {};
}

Status StoryBook::link_by_message_id(Entry& entry) {
    const Story& story = entry.story;
    const auto hash = hash_of_text(story.message_id());
    TRY(load_message_id(hash));
    Entry* before = nullptr;
    const auto [first, last] = by_message_id_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
        const Story& other = it->second->story;
        const bool is_near = !other.is_closed() || other.last() + join_window >= story.first();
        if (other.number < story.number && other.host == story.host && other.message_id() == story.message_id() &&
            is_near && (!before || before->story.number < other.number))
            before = it->second;
    }
    if (!before) return {};
    set_parent(entry, *before);
    // A filter gives back what it got; who changed the sender forwards.
    if (before->story.sender() == story.sender()) before->story.passed_on = before->is_changed = true;
    return {};
}

// The same message sent twice to the same place did not come back from there.
Status StoryBook::doubt_link(Entry& entry, const PostfixEvent& event) {
    TRY(load_message_id(hash_of_text(entry.story.message_id())));
    const auto found = entries_.find(entry.story.parent);
    if (found == entries_.end()) return {};
    Entry& before = *found->second;
    for (const auto& row : before.story.rows()) {
        if (row.recipient != event.recipient || row.attempts == 0) continue;
        if (const auto taker = taken_by(before.story, row); taker.empty() || taker != event.relay) continue;
        entry.story.parent = 0;
        before.story.passed_on = false;
        entry.is_changed = before.is_changed = true;
        return {};
    }
    return {};
}

StoryBook::Entry* StoryBook::best_known(const Heard& heard) {
    Entry* best = nullptr;
    bool best_is_exact = false;
    const auto [first, last] = by_id_.equal_range(heard.hash);
    for (auto it = first; it != last; ++it) {
        const Story& story = it->second->story;
        if (story.id != heard.event.id || story.host != heard.line.host || !fits_in_time(story, heard.line.time))
            continue;
        const bool is_exact = story.instance == heard.program.instance;
        if (!is_exact && !may_be_renamed(heard.program.service) && !is_named_by_smtpd(story)) continue;
        const bool is_better =
            !best || (is_exact && !best_is_exact) || (is_exact == best_is_exact && best->story.number < story.number);
        if (!is_better) continue;
        best = it->second;
        best_is_exact = is_exact;
    }
    return best;
}

Result<StoryBook::Entry*> StoryBook::find(const Heard& heard) {
    if (heard.line.novelty == Novelty::fresh && !open_ids_.contains(heard.hash)) {
        if (Entry* known = best_known(heard)) return known;
    }
    TRY(load(heard.hash));
    return best_known(heard);
}

Status StoryBook::load(std::uint64_t hash) {
    TRY_ASSIGN(auto stories, past_->with_id(hash));
    open_ids_.erase(hash);
    for (auto& story : stories)
        if (!entries_.contains(story.number)) remember(std::move(story));
    return {};
}

Status StoryBook::load_message_id(std::uint64_t hash) {
    TRY_ASSIGN(auto stories, past_->with_message_id(hash));
    for (auto& story : stories)
        if (!entries_.contains(story.number)) remember(std::move(story));
    return {};
}

StoryBook::Entry& StoryBook::remember(Story&& story) {
    auto rows = times_of_rows(story);
    const auto number = story.number;
    auto& entry =
        *entries_.emplace(number, std::make_unique<Entry>(Entry{std::move(story), false, false, std::move(rows)}))
             .first->second;
    index(entry);
    return entry;
}

void StoryBook::index(Entry& entry) {
    const Story& story = entry.story;
    by_id_.emplace(hash_of(story), &entry);
    if (!story.message_id().empty()) by_message_id_.emplace(hash_of_text(story.message_id()), &entry);
}

Status StoryBook::drain(const Keep& keep) {
    std::vector<Entry*> order;
    order.reserve(entries_.size());
    for (const auto& [number, entry] : entries_)
        order.push_back(entry.get());
    std::ranges::sort(order, {}, [](const Entry* entry) { return entry->story.number; });
    for (Entry* entry : order) {
        if (!entry->is_changed) continue;
        TRY(keep(entry->story, entry->is_new, entry->kept_rows));
        entry->is_new = entry->is_changed = false;
        entry->kept_rows = times_of_rows(entry->story);
    }
    by_id_.clear();
    by_message_id_.clear();
    std::size_t open = static_cast<std::size_t>(
        std::ranges::count_if(order, [](const Entry* entry) { return !entry->story.is_closed(); }));
    for (Entry* entry : order) {
        const Story& story = entry->story;
        if (story.is_closed() || open > most_open) {
            if (!story.is_closed()) {
                --open;
                open_ids_.insert(hash_of_id(story.host, story.id));
            }
            entries_.erase(story.number);
        } else {
            index(*entry);
        }
    }
    return {};
}

} // namespace mailctl
