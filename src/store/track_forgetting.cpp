// SPDX-License-Identifier: Apache-2.0
// What is too old, or too much, leaves the tracking database.
#include "mailctl/store/track.hpp"

#include <algorithm>
#include <charconv>

namespace mailctl {

Status TrackStore::forget_before(Instant time) {
    for (const std::string_view sql :
         {"DELETE FROM decisions WHERE time < ?1",
          "DELETE FROM deliveries WHERE time < ?1 AND message IN (SELECT number FROM messages WHERE last < ?1)",
          "DELETE FROM messages WHERE last < ?1"}) {
        TRY_ASSIGN(auto remove, database_->prepare(sql));
        TRY(remove.bind(time).run());
    }
    const auto gone = database_->changed_rows();
    return gone == 0 ? Status{} : forget_addresses(gone);
}

// All rows are looked through for it, so it waits until a twentieth of the messages has gone.
Status TrackStore::forget_addresses(std::int64_t messages_gone) {
    constexpr const char* since_then = "messages_gone";
    TRY_ASSIGN(const auto noted, note(since_then));
    std::int64_t earlier = 0;
    std::from_chars(noted.data(), noted.data() + noted.size(), earlier);
    TRY_ASSIGN(auto left, database_->prepare("SELECT count(*) FROM messages"));
    TRY(left.next());
    const auto gone = std::clamp<std::int64_t>(earlier, 0, 1'000'000'000) + messages_gone;
    if (gone < left.integer(0) / 20) return keep_note(since_then, std::to_string(gone));
    TRY(database_->execute("DELETE FROM addresses WHERE id NOT IN ("
                           "SELECT sender FROM deliveries WHERE sender IS NOT NULL UNION "
                           "SELECT recipient FROM deliveries WHERE recipient IS NOT NULL UNION "
                           "SELECT original FROM deliveries WHERE original IS NOT NULL)"));
    forget_cached_addresses();
    return keep_note(since_then, "0");
}

Result<bool> TrackStore::shrink_to(ByteCount size) {
    bool shrunk = false;
    for (;;) {
        TRY_ASSIGN(auto used, database_->prepare("SELECT (page_count - freelist_count) * page_size FROM "
                                                 "pragma_page_count, pragma_freelist_count, pragma_page_size"));
        TRY(used.next());
        if (static_cast<std::uint64_t>(used.integer(0)) <= size.bytes) return shrunk;
        TRY_ASSIGN(auto some, database_->prepare("SELECT last FROM messages ORDER BY last LIMIT 1 "
                                                 "OFFSET (SELECT count(*) / 20 FROM messages)"));
        TRY_ASSIGN(const bool found, some.next());
        if (!found) return shrunk;
        TRY(forget_before(some.instant(0) + std::chrono::microseconds(1)));
        shrunk = true;
    }
}

} // namespace mailctl
