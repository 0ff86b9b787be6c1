// SPDX-License-Identifier: Apache-2.0
// The stories that a log tells, put together line by line. Lines are joined by host, instance, queue id and time: short
// ids are used again within minutes. Stories are joined where mail comes back from a filter, is requeued by postsuper
// or forwarded by our agent: by the id that one of them names, else by the same message id within ten minutes.
//
// However a log is divided into updates, the same stories come out: what an update needs of those before is asked for.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/exchange/logs/log_line.hpp"
#include "mailctl/exchange/logs/mail_story.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mailctl {

[[nodiscard]] std::uint64_t hash_of_id(std::string_view host, std::string_view id); // FNV-1a
[[nodiscard]] std::uint64_t hash_of_text(std::string_view text);
// What a story is found by: hash_of_id of its host and id; of a refusal without an id hash_of_id("", its text).
[[nodiscard]] std::uint64_t hash_of(const Story& story);

// What earlier updates have kept.
class PastStories {
  public:
    PastStories() = default;
    PastStories(const PastStories&) = delete;
    PastStories& operator=(const PastStories&) = delete;
    virtual ~PastStories() = default;
    // All stories whose hash_of is this.
    virtual Result<std::vector<Story>> with_id(std::uint64_t hash) = 0;
    virtual Result<std::vector<Story>> with_message_id(std::uint64_t hash) = 0;
    virtual Result<std::unordered_set<std::uint64_t>> open_ids() = 0; // of stories that are not closed
    virtual Result<std::uint64_t> last_number() = 0;
};

// repeatable: the line may have been read before, in another file; it is looked for first.
enum class Novelty { fresh, repeatable };

struct HeardLine {
    Instant time;
    std::string_view host, program, text;
    Novelty novelty = Novelty::fresh;
};

class StoryBook {
  public:
    // `past` must outlive the book.
    static Result<StoryBook> open(PastStories& past);
    // nothing: about no message, or of no program of Postfix. Errors are those of `past`.
    [[nodiscard]] Result<Reading> take(const HeardLine& line);
    // Each story that changed since the last time, in the order of their numbers, with the times of its rows as they
    // were kept (none: it is new). Closed stories are then forgotten, and of the others the oldest where they are many.
    using Keep = std::function<Status(const Story&, bool is_new, const std::vector<Instant>& kept_rows)>;
    [[nodiscard]] Status drain(const Keep& keep);

  private:
    struct Entry {
        Story story;
        bool is_new = true, is_changed = true;
        std::vector<Instant> kept_rows;
    };
    struct Heard { // the line under way
        const HeardLine& line;
        ProgramName program;
        const PostfixEvent& event;
        std::uint64_t hash;
    };
    explicit StoryBook(PastStories& past) : past_(&past) {}
    Status record(const Heard& heard);
    Status begin(const Heard& heard);
    Status refuse(const Heard& heard);
    Entry& make_entry(const Heard& heard);
    Status add_line(Entry& entry, const Heard& heard);
    Status follow_links(Entry& entry, const Heard& heard);
    Status link_to_predecessor(Entry& entry, std::string_view id);
    Status link_to_successor(Entry& entry, std::string_view id);
    Status link_by_message_id(Entry& entry);
    Status doubt_link(Entry& entry, const PostfixEvent& event);
    void set_parent(Entry& child, Entry& parent);
    Result<Entry*> find(const Heard& heard);
    [[nodiscard]] Entry* best_known(const Heard& heard);
    Status load(std::uint64_t hash);
    Status load_message_id(std::uint64_t hash);
    Entry& remember(Story&& story);
    void index(Entry& entry);

    PastStories* past_;
    std::uint64_t last_number_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<Entry>> entries_; // by number
    std::unordered_multimap<std::uint64_t, Entry*> by_id_, by_message_id_;
    std::unordered_set<std::uint64_t> open_ids_; // of kept stories that are not in entries_
};

} // namespace mailctl
