// SPDX-License-Identifier: Apache-2.0
// SPF (RFC 7208) evaluated for an address of ours over the book of answers: whether others would take mail from there,
// and how many look-ups that costs them.
#pragma once

#include "mailctl/exchange/dns/answers.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailctl {

enum class SpfResult { pass, fail, softfail, neutral, none, permerror, temperror };
[[nodiscard]] std::string_view spf_word(SpfResult result); // "softfail"

struct SpfOutcome {
    SpfResult result = SpfResult::none;
    std::string why; // of permerror and temperror
};
// The record `text` of `domain`, for mail that comes from `address`. The sender is postmaster of the domain.
[[nodiscard]] SpfOutcome evaluate_spf(DnsBook& book, const std::string& domain, std::string_view text,
                                      std::string_view address);

// What the whole record costs whoever gets mail from an address that it does not name.
struct SpfCost {
    unsigned lookups = 0, voids = 0; // at most 10 and 2 (RFC 7208 4.6.4)
    std::vector<std::pair<std::string, unsigned>>
        consumers;        // the terms of the record itself, with the look-ups of each
    bool complete = true; // false: not all of it could be looked up
};
[[nodiscard]] SpfCost cost_of_spf(DnsBook& book, const std::string& domain, std::string_view text);
inline constexpr unsigned most_spf_lookups = 10, most_spf_voids = 2;

// Terms of a record in order, blanks removed, the version left out: "mx", "-all".
[[nodiscard]] std::vector<std::string> spf_terms(std::string_view text);
[[nodiscard]] bool is_spf(std::string_view text); // "v=spf1", alone or before a blank

} // namespace mailctl
