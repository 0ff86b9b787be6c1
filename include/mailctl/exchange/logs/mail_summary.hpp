// SPDX-License-Identifier: Apache-2.0
// Rows of many messages added up: how much, when, how fast, by whom and to whom, and why not.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/exchange/logs/mail_story.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mailctl {

inline constexpr std::size_t status_count = static_cast<std::size_t>(MailStatus::passed_on);
using StatusCounts = std::array<std::int64_t, status_count>;
// Delays up to these many seconds; the last class has no end.
inline constexpr std::array<double, 6> delay_limits{1, 5, 30, 300, 3600, 86400};
inline constexpr std::array<std::string_view, 7> delay_names{"up to 1 s", "up to 5 s", "up to 30 s", "up to 5 min",
                                                             "up to 1 h", "up to 1 d", "longer"};

struct NamedCount {
    std::string name;
    std::int64_t count = 0;
};

class MailSummary {
  public:
    MailSummary(Instant since, Instant until); // divided into equal parts of an hour, or a day where it is long

    // What was accepted is counted in `arrival` too. relay: "host[address]:port", "" = none.
    void add(const MailRow& row, std::string_view sender, std::uint64_t size, std::string_view relay,
             std::string_view answer, std::optional<double> delay);

    [[nodiscard]] Instant since() const { return since_; }
    [[nodiscard]] Instant until() const { return until_; }
    [[nodiscard]] std::chrono::seconds part() const { return part_; }
    [[nodiscard]] std::int64_t total() const { return total_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] const StatusCounts& statuses() const { return statuses_; }
    [[nodiscard]] const std::vector<StatusCounts>& volume() const { return volume_; } // one per part
    [[nodiscard]] const std::vector<double>& slowness() const { return slowness_; }   // longest delay per part, seconds
    [[nodiscard]] const std::array<std::int64_t, delay_names.size()>& delays() const { return delays_; }

    enum class List { senders, recipients, domains, reasons };
    [[nodiscard]] std::vector<NamedCount> top(List list, std::size_t count) const; // the largest first

  private:
    Instant since_, until_;
    std::chrono::seconds part_;
    std::int64_t total_ = 0;
    std::uint64_t bytes_ = 0;
    StatusCounts statuses_{};
    std::vector<StatusCounts> volume_;
    std::vector<double> slowness_;
    std::array<std::int64_t, delay_names.size()> delays_{};
    std::array<std::unordered_map<std::string, std::int64_t>, 4> counts_;
};

// An answer without what differs from one message to the next (addresses, ids, numbers in brackets), so that equal
// reasons count as one.
[[nodiscard]] std::string reason_of(std::string_view answer);

// One page: plots and tables, nothing from elsewhere, no script. `about`: what it is of, for its heading.
[[nodiscard]] std::string compose_summary_page(const MailSummary& summary, std::string_view about, Instant made);

} // namespace mailctl
