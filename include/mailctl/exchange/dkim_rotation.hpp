// SPDX-License-Identifier: Apache-2.0
// The life of a selector as rules: what may become of it, what comes next and when. A key is not signed with before its
// record was seen, and a record does not go before mail signed with its key can have expired.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/domain_name.hpp"
#include "mailctl/model/site.hpp"

#include <functional>

namespace mailctl {

// What the rules look at besides the selectors themselves.
struct DkimRules {
    DkimSigner signer = DkimSigner::none;
    Age rotate_every{}; // 0 = never
    Age retire_for{};   // a record outlasts its key so long: five days in queues, the record's TTL, and two days
    Instant now;
    // Whether the record was seen right at all name servers, as of the last look.
    std::function<bool(const DkimSelector&)> was_seen;
};
[[nodiscard]] DkimRules dkim_rules(const Site& site, Instant now);

enum class DkimStep { activate, retire, revoke, remove };

// The selectors after the step, which is legal. conflict: it is not, and why; `force` leaves out what protects mail,
// not the order of the states. The same as before: there was nothing to do. `name` must be among them.
[[nodiscard]] Result<std::vector<DkimSelector>> take_step(std::vector<DkimSelector> selectors, std::string_view name,
                                                          DkimStep step, const DkimRules& rules, bool force,
                                                          const DomainName& domain);

// One legal step of each selector, and the algorithms of which a successor is due.
struct DkimRotation {
    std::vector<DkimSelector> selectors;
    std::vector<DkimAlgorithm> successors;
};
[[nodiscard]] DkimRotation rotate_selectors(std::vector<DkimSelector> selectors, const DkimRules& rules);

// What `rotate` will do next with a selector: "activate", "retire", "rotate", "revoke", "delete"; "" = nothing.
struct DkimNext {
    std::string_view step;
    std::optional<Instant> at; // nullopt: as soon as its record is seen, or at once
};
[[nodiscard]] DkimNext next_step(std::span<const DkimSelector> selectors, const DkimSelector& selector,
                                 const DkimRules& rules);

// "202611r", "202611rb" for the second of a month: YYYYMM and the algorithm's letter; never one that is taken.
[[nodiscard]] std::string new_selector_name(std::span<const DkimSelector> selectors, DkimAlgorithm algorithm,
                                            Date today);
// What a signer signs with: its newest active key of each algorithm that it knows.
[[nodiscard]] std::vector<DkimSelector> signing_selectors(std::span<const DkimSelector> selectors, DkimSigner signer);
// Those of which keys are made where none is named.
[[nodiscard]] std::vector<DkimAlgorithm> usual_algorithms(DkimSigner signer);

} // namespace mailctl
