// SPDX-License-Identifier: Apache-2.0
// The stories that a log tells, put together line by line. Lines are joined by host, instance, queue id and time: short
// ids are used again within minutes. Stories are joined where mail comes back from a filter, is requeued by postsuper
// or forwarded by our agent: by the id that one of them names, else by the same message id within ten minutes.
//
// However a log is divided into updates, the same stories come out: what an update needs of those before is asked for.
#pragma once

#include "mailctl/base/hash_index.hpp"
#include "mailctl/base/result.hpp"
#include "mailctl/exchange/logs/log_line.hpp"
#include "mailctl/exchange/logs/mail_story.hpp"

#include <cstdint>
#include <memory>
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

struct BookedStory {
    Story story;
    bool is_new = true, is_changed = true; // since it was last handed out; is_new: it never was
    std::vector<Instant> kept_rows;        // times of its rows as they were handed out
};
using StoryBatch = std::vector<std::unique_ptr<BookedStory>>;

class StoryBook {
  public:
    // `past` must outlive the book.
    static Result<StoryBook> open(PastStories& past);
    // nothing: about no message, or of no program of Postfix. Errors are those of `past`.
    [[nodiscard]] Result<Reading> take(const HeardLine& line);
    // Each story that changed since the last time, in the order of their numbers. Whoever takes them keeps them before
    // he is asked for them again. Closed stories are then forgotten, and of the others the oldest where they are many.
    [[nodiscard]] StoryBatch drain();
    // Those that were kept: their memory is used for the next ones.
    void reuse(StoryBatch&& spent);
    void forget_spare() { spare_.clear(); } // gives that memory back

  private:
    using Entry = BookedStory;
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
    void remember(Story&& story);
    Entry& own(std::unique_ptr<Entry> entry);
    void index(Entry& entry);
    static std::unique_ptr<Entry> copy_of(Entry& entry);

    PastStories* past_;
    std::uint64_t last_number_ = 0;
    StoryBatch entries_, spare_;
    HashIndex<Entry*> by_number_, by_id_, by_message_id_;
    std::unordered_set<std::uint64_t> open_ids_; // of kept stories that are not in entries_
};

} // namespace mailctl
