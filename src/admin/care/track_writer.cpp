// SPDX-License-Identifier: Apache-2.0
#include "track_writer.hpp"

#include <utility>

namespace mailctl {
namespace {

constexpr std::size_t worth_a_thread = 1'000; // stories

} // namespace

Status TrackWriter::write(TrackBatch batch) {
    TRY(settle());
    batch_ = std::move(batch);
    if (batch_.stories.size() < worth_a_thread) return commit();
    beside_.begin([this] { outcome_ = commit(); });
    return {};
}

Status TrackWriter::settle() {
    beside_.wait();
    return std::exchange(outcome_, Status{});
}

Status TrackWriter::commit() {
    TRY_ASSIGN(auto transaction, store_->begin());
    for (const auto& each : batch_.stories) {
        TRY(store_->keep(each->story, each->is_new, each->kept_rows));
    }
    for (const auto& decision : batch_.decisions) {
        TRY(store_->keep(decision));
    }
    TRY(store_->keep_heard_until(batch_.heard_until));
    if (batch_.progress) {
        TRY(batch_.progress(*store_));
    }
    return transaction.commit();
}

Result<std::vector<Story>> TrackWriter::with_id(std::uint64_t hash) {
    TRY(settle());
    return store_->with_id(hash);
}

Result<std::vector<Story>> TrackWriter::with_message_id(std::uint64_t hash) {
    TRY(settle());
    return store_->with_message_id(hash);
}

Result<std::unordered_set<std::uint64_t>> TrackWriter::open_ids() {
    TRY(settle());
    return store_->open_ids();
}

Result<std::uint64_t> TrackWriter::last_number() {
    TRY(settle());
    return store_->last_number();
}

} // namespace mailctl
