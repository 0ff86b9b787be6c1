// SPDX-License-Identifier: Apache-2.0
// Values found by a number of 64 bits, several of them by the same one where that happens. Open addressing: a look
// costs one cache line, an addition no allocation. For tables that are filled, asked a million times and emptied as a
// whole; nothing is taken out alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace mailctl {

// `Value{}` stands for an empty place and cannot be added.
template <class Value>
class HashIndex {
  public:
    void add(std::uint64_t key, Value value) {
        if ((size_ + 1) * 8 > places_.size() * 5) grow();
        put({key, value});
        ++size_;
    }
    // Calls `use` with each value of that key, in no order. Nothing may be added meanwhile.
    template <class Use>
    void for_each(std::uint64_t key, Use use) const {
        if (size_ == 0) return;
        for (std::size_t at = place_of(key); places_[at].value != Value{}; at = (at + 1) & (places_.size() - 1))
            if (places_[at].key == key) use(places_[at].value);
    }
    // One of that key; Value{} where there is none.
    [[nodiscard]] Value find(std::uint64_t key) const {
        Value found{};
        for_each(key, [&](Value value) { found = value; });
        return found;
    }
    void clear() { // its memory is kept
        std::ranges::fill(places_, Place{});
        size_ = 0;
    }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    struct Place {
        std::uint64_t key = 0;
        Value value{};
    };
    [[nodiscard]] std::size_t place_of(std::uint64_t key) const { // numbers that count up are spread too
        constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ULL;
        return static_cast<std::size_t>((key * golden) >> 32) & (places_.size() - 1);
    }
    void put(const Place& place) {
        std::size_t at = place_of(place.key);
        while (places_[at].value != Value{})
            at = (at + 1) & (places_.size() - 1);
        places_[at] = place;
    }
    void grow() {
        constexpr std::size_t fewest = 64;
        std::vector<Place> old(std::max(fewest, places_.size() * 2));
        old.swap(places_);
        for (const auto& place : old)
            if (place.value != Value{}) put(place);
    }
    std::vector<Place> places_; // a power of two
    std::size_t size_ = 0;
};

} // namespace mailctl
