// SPDX-License-Identifier: Apache-2.0
// Stories of the past are loaded when a line asks for them, and only then: most lines are about messages that began in
// the same update, and those cost a look into a hash table.
#include "mailctl/exchange/logs/story_book.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::ptrdiff_t most_open = 20'000; // stories that stay in memory between two drains
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
    bool is_known = false;
    by_id_.for_each(heard.hash, [&](Entry* entry) {
        auto& story = entry->story;
        if (is_known || story.id != heard.event.id || story.host != heard.line.host) return;
        is_known = repeatable && story.has_line(heard.line.time, heard.program.service, heard.event.text);
        if (is_known || story.instance != heard.program.instance || story.is_closed()) return;
        if (story.first() <= heard.line.time) story.superseded = entry->is_changed = true;
    });
    return is_known ? Status{} : add_line(make_entry(heard), heard);
}

Status StoryBook::refuse(const Heard& heard) {
    if (heard.line.novelty == Novelty::repeatable) {
        TRY(load(heard.hash));
        bool is_known = false;
        by_id_.for_each(heard.hash, [&](const Entry* entry) {
            const Story& story = entry->story;
            is_known = is_known || (story.host == heard.line.host &&
                                    story.has_line(heard.line.time, heard.program.service, heard.event.text));
        });
        if (is_known) return {};
    }
    auto& entry = make_entry(heard);
    entry.story.add(heard.line.time, heard.program.service, heard.event);
    return {};
}

StoryBook::Entry& StoryBook::make_entry(const Heard& heard) {
    if (spare_.empty()) spare_.push_back(std::make_unique<Entry>(Entry{Story({}, {}, {}), true, true, {}}));
    auto entry = std::move(spare_.back());
    spare_.pop_back();
    entry->story.start_anew(heard.line.host, heard.program.instance, heard.event.id);
    entry->story.number = ++last_number_;
    entry->is_new = entry->is_changed = true;
    entry->kept_rows.clear();
    by_id_.add(heard.hash, entry.get());
    return own(std::move(entry));
}

StoryBook::Entry& StoryBook::own(std::unique_ptr<Entry> entry) {
    by_number_.add(entry->story.number, entry.get());
    return *entries_.emplace_back(std::move(entry));
}

Status StoryBook::add_line(Entry& entry, const Heard& heard) {
    auto& story = entry.story;
    const auto& [line, program, event, hash] = heard;
    if (line.novelty == Novelty::repeatable && story.has_line(line.time, program.service, event.text)) return {};
    if (story.instance != program.instance && !may_be_renamed(program.service)) story.instance = program.instance;
    const bool was_active = story.is_active(), had_message_id = !story.message_id().empty();
    story.add(line.time, program.service, event);
    entry.is_changed = true;
    if (!had_message_id && !story.message_id().empty()) by_message_id_.add(hash_of_text(story.message_id()), &entry);
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
    by_id_.for_each(hash, [&](Entry* other) {
        if (other != &entry && other->story.first() <= entry.story.first() &&
            (!before || before->story.number < other->story.number))
            before = other;
    });
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
    by_id_.for_each(hash, [&](Entry* other) {
        if (other != &entry && other->story.first() + reorder_window >= entry.story.first() &&
            (!after || after->story.number < other->story.number))
            after = other;
    });
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
    by_message_id_.for_each(hash, [&](Entry* booked) {
        const Story& other = booked->story;
        const bool is_near = !other.is_closed() || other.last() + join_window >= story.first();
        if (other.number < story.number && other.host == story.host && other.message_id() == story.message_id() &&
            is_near && (!before || before->story.number < other.number))
            before = booked;
    });
    if (!before) return {};
    set_parent(entry, *before);
    // A filter gives back what it got; who changed the sender forwards.
    if (before->story.sender() == story.sender()) before->story.passed_on = before->is_changed = true;
    return {};
}

// The same message sent twice to the same place did not come back from there.
Status StoryBook::doubt_link(Entry& entry, const PostfixEvent& event) {
    TRY(load_message_id(hash_of_text(entry.story.message_id())));
    Entry* const found = by_number_.find(entry.story.parent);
    if (!found) return {};
    Entry& before = *found;
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
    by_id_.for_each(heard.hash, [&](Entry* entry) {
        const Story& story = entry->story;
        if (story.id != heard.event.id || story.host != heard.line.host || !fits_in_time(story, heard.line.time))
            return;
        const bool is_exact = story.instance == heard.program.instance;
        if (!is_exact && !may_be_renamed(heard.program.service) && !is_named_by_smtpd(story)) return;
        const bool is_better =
            !best || (is_exact && !best_is_exact) || (is_exact == best_is_exact && best->story.number < story.number);
        if (!is_better) return;
        best = entry;
        best_is_exact = is_exact;
    });
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
        if (!by_number_.find(story.number)) remember(std::move(story));
    return {};
}

Status StoryBook::load_message_id(std::uint64_t hash) {
    TRY_ASSIGN(auto stories, past_->with_message_id(hash));
    for (auto& story : stories)
        if (!by_number_.find(story.number)) remember(std::move(story));
    return {};
}

void StoryBook::remember(Story&& story) {
    auto rows = times_of_rows(story);
    index(own(std::make_unique<Entry>(Entry{std::move(story), false, false, std::move(rows)})));
}

void StoryBook::index(Entry& entry) {
    const Story& story = entry.story;
    by_id_.add(hash_of(story), &entry);
    if (!story.message_id().empty()) by_message_id_.add(hash_of_text(story.message_id()), &entry);
}

StoryBatch StoryBook::drain() {
    StoryBatch all, changed;
    all.swap(entries_);
    std::ranges::sort(all, {}, [](const auto& entry) { return entry->story.number; });
    auto open = std::ranges::count_if(all, [](const auto& entry) { return !entry->story.is_closed(); });
    by_number_.clear();
    by_id_.clear();
    by_message_id_.clear();
    for (auto& entry : all) {
        const bool stays = !entry->story.is_closed() && open <= most_open;
        if (entry->is_changed && stays) changed.push_back(copy_of(*entry));
        if (stays) {
            index(own(std::move(entry)));
            continue;
        }
        if (!entry->story.is_closed()) {
            --open;
            open_ids_.insert(hash_of_id(entry->story.host, entry->story.id));
        }
        if (entry->is_changed) changed.push_back(std::move(entry));
    }
    return changed;
}

// Of an open story, which stays in memory.
std::unique_ptr<BookedStory> StoryBook::copy_of(Entry& entry) {
    auto copy = std::make_unique<Entry>(entry);
    entry.is_new = entry.is_changed = false;
    entry.kept_rows = times_of_rows(entry.story);
    return copy;
}

void StoryBook::reuse(StoryBatch&& spent) {
    constexpr std::size_t most_spare = 20'000;
    for (auto& story : spent)
        if (spare_.size() < most_spare) spare_.push_back(std::move(story));
    spent.clear();
}

} // namespace mailctl
