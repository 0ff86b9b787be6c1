// SPDX-License-Identifier: Apache-2.0
// One round over many domains: their questions are asked side by side, a bounded number of domains at a time, and each
// domain is handed on as soon as nothing about it is open. A domain that takes too long is finished with what is known.
#pragma once

#include "dns_source.hpp"
#include "mailctl/exchange/dns/check.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>

namespace mailctl {

// What a round is about: some names, and how they are looked at.
struct DnsTask {
    std::size_t number = 0; // of those of the round, for who puts them in order
    std::string key;        // what its state is remembered under
    std::function<std::vector<DnsRow>(DnsBook&)> check;
};

class DnsRound {
  public:
    using Next = std::function<Result<std::optional<DnsTask>>()>; // nullopt: there are no more
    using Done = std::function<Status(const DnsTask&, const std::vector<DnsRow>&, const DnsBook&)>;

    DnsRound(DnsSource& source, std::chrono::milliseconds patience) : source_(source), patience_(patience) {}
    Status run(const Next& next, const Done& done);

  private:
    struct Item {
        DnsTask task;
        DnsBook book;
        std::size_t open = 0;
        std::chrono::steady_clock::time_point until;
    };
    Status fill(const Next& next, const Done& done);
    Status look(std::uint64_t number, const Done& done);
    void ask_all(std::uint64_t number, Item& item, const std::vector<DnsQuestion>& questions);
    Status take_answers(const Done& done);
    Status end_late_items(const Done& done);

    DnsSource& source_;
    std::chrono::milliseconds patience_;
    std::map<std::uint64_t, Item> items_;
    std::map<std::uint64_t, std::pair<std::uint64_t, DnsQuestion>> tickets_; // whose question it is
    std::uint64_t next_item_ = 0, next_ticket_ = 0;
    bool exhausted_ = false;
};

} // namespace mailctl
