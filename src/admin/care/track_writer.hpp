// SPDX-License-Identifier: Apache-2.0
// What was read of logs on its way into the database, a transaction at a time: it is written on another core while the
// reading goes on. Whoever asks the database for anything meanwhile waits until it is there.
#pragma once

#include "mailctl/os/beside.hpp"
#include "mailctl/store/track.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mailctl {

using HeardUntil = std::map<std::string, Instant, std::less<>>; // by host

struct TrackBatch { // of one transaction
    StoryBatch stories;
    std::vector<Decision> decisions;
    HeardUntil heard_until;
    std::function<Status(TrackStore&)> progress; // how far which log was read
};

class TrackWriter : public PastStories {
  public:
    explicit TrackWriter(TrackStore& store) : store_(&store) {}
    ~TrackWriter() override { beside_.wait(); }
    // Waits for the batch before. A small one is there when this returns, a large one when settle() does.
    Status write(TrackBatch batch);
    // Until all is written; the error of what could not be.
    Status settle();
    // The stories of the batch that was written last, to be used again. Only when settled.
    StoryBatch spent() { return std::move(batch_.stories); }

    Result<std::vector<Story>> with_id(std::uint64_t hash) override;
    Result<std::vector<Story>> with_message_id(std::uint64_t hash) override;
    Result<std::unordered_set<std::uint64_t>> open_ids() override;
    Result<std::uint64_t> last_number() override;

  private:
    Status commit();

    TrackStore* store_;
    TrackBatch batch_; // of the thread beside, until settled
    Status outcome_;
    Beside beside_;
};

} // namespace mailctl
