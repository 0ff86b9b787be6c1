// SPDX-License-Identifier: Apache-2.0
// How stories are found by their ids: by an index of the database, and while a new one is filled in memory. Hashes lie
// anywhere in an index, so that each transaction would write nearly all of its pages again.
#include "mailctl/store/track.hpp"

#include "track_schema.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t most_new_ids = 250'000; // 16 MB of them

} // namespace

Status TrackStore::make_indexes() {
    TRY(make_id_indexes());
    TRY(database_->execute(std::string(track_early_indexes()))); // databases of earlier days have not all of them
    return database_->execute(std::string(track_indexes()));
}

Status TrackStore::make_id_indexes() {
    new_ids_.reset();
    return database_->execute(std::string(track_id_indexes()));
}

Status TrackStore::note_ids(const Story& story, bool is_new) {
    if (!new_ids_) return {};
    if (is_new && new_ids_->by_id.size() >= most_new_ids) return make_id_indexes();
    if (is_new) new_ids_->by_id.add(hash_of(story), story.number);
    if (story.message_id().empty()) return {};
    const auto hash = hash_of_text(story.message_id());
    bool is_noted = false;
    if (!is_new) new_ids_->by_message_id.for_each(hash, [&](std::uint64_t each) { is_noted |= each == story.number; });
    if (!is_noted) new_ids_->by_message_id.add(hash, story.number);
    return {};
}

Result<std::vector<Story>> TrackStore::stories_noted(const HashIndex<std::uint64_t>& numbers, std::uint64_t hash) {
    std::vector<std::uint64_t> noted;
    numbers.for_each(hash, [&](std::uint64_t number) { noted.push_back(number); });
    std::ranges::sort(noted);
    std::vector<Story> stories;
    for (const auto number : noted) {
        TRY_ASSIGN(auto story, find_story(number));
        if (story) stories.push_back(std::move(*story));
    }
    return stories;
}

Result<std::vector<Story>> TrackStore::with_id(std::uint64_t hash) {
    if (new_ids_) return stories_noted(new_ids_->by_id, hash);
    return stories_where("id_hash", static_cast<std::int64_t>(hash));
}

Result<std::vector<Story>> TrackStore::with_message_id(std::uint64_t hash) {
    if (new_ids_) return stories_noted(new_ids_->by_message_id, hash);
    return stories_where("message_id_hash", static_cast<std::int64_t>(hash));
}

} // namespace mailctl
