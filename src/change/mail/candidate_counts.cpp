// SPDX-License-Identifier: Apache-2.0
// Done as the mail user, rows of the state with it, as all work on held mail. No lock: a candidate that gets mail
// meanwhile is not quiet any more, and keeps its row.
#include "mailctl/change/mail/candidate_counts.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"

#include <fmt/format.h>

#include <map>

namespace mailctl {

namespace {

constexpr std::chrono::hours longest_delivery{1}; // what it has reserved it has named by then, or never will

// Where the place of a whole domain is missing, its disk may be, and nothing is counted.
Result<std::vector<CandidateRecord>> quiet_ones(const SiteView& view, Instant before) {
    TRY_ASSIGN(auto state, state_of(view)); // closed before a child begins
    TRY_ASSIGN(auto quiet, quiet_candidates(state, before));
    std::map<DomainName, bool> places;
    std::erase_if(quiet, [&](const CandidateRecord& one) {
        const auto [place, is_new] = places.try_emplace(one.name.domain);
        if (is_new) place->second = has_mail_place(view, held_area(HeldFor::candidate, one.name.domain));
        return !place->second;
    });
    return quiet;
}

Status recount(const MailStore& store, State& state, const CandidateRecord& known, Instant before, Words& notes) {
    TRY_ASSIGN(const auto held, count_held(store, HeldFor::candidate, known.name));
    if (held.messages == known.messages && held.bytes == known.bytes.bytes) return {};
    TRY(recount_candidate(state, known.name, held.messages, ByteCount{held.bytes}, before));
    notes.push_back(fmt::format("counted what is held for '{}' anew: {}", known.name.display(),
                                how_many(held.messages, "message")));
    return {};
}

} // namespace

Status recount_candidates(const World& world, const SiteView& view, std::vector<std::string>& notes) {
    const Instant before = world.clock() - longest_delivery;
    TRY_ASSIGN(const auto quiet, quiet_ones(view, before));
    if (quiet.empty()) return {};
    TRY_ASSIGN(const auto said, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                   Words all;
                   State state = state_of_mail_user(view);
                   for (const auto& known : quiet) {
                       TRY(recount(store, state, known, before, all));
                   }
                   return all;
               }));
    notes.insert(notes.end(), said.begin(), said.end());
    return {};
}

} // namespace mailctl
