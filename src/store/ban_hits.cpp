// SPDX-License-Identifier: Apache-2.0
// The statements over table `ban_hits`.
#include "mailctl/store/ban_hits.hpp"

#include "row_values.hpp"

namespace mailctl {
namespace {

constexpr std::size_t longest_pattern = 512;

} // namespace

Status add_ban_hits(State& state, const std::vector<BanCount>& counts) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    for (const auto& one : counts) {
        TRY_ASSIGN(auto row, turn->prepare("INSERT INTO ban_hits VALUES (?1, ?2, ?3, ?4) ON CONFLICT (domain, pattern) "
                                           "DO UPDATE SET count = count + ?3, last = max(last, ?4)"));
        row.bind(one.domain.text()).bind(one.name).bind(static_cast<std::int64_t>(one.count)).bind(one.last);
        TRY(row.run());
    }
    return transaction.commit();
}

Result<std::vector<BanCount>> ban_hits_of(State& state, const DomainName& domain) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto rows, turn->prepare("SELECT pattern, count, last FROM ban_hits WHERE domain = ?"));
    rows.bind(domain.text());
    std::vector<BanCount> found;
    for (;;) {
        TRY_ASSIGN(const bool more, turn.next(rows));
        if (!more) return found;
        const auto count = stored_count(rows.integer(1));
        const auto last = stored_instant(rows.integer(2));
        if (count && last)
            found.push_back({domain, bounded_text(rows.text(0), longest_pattern), *count, *last});
        else
            turn.skip("ban_hits", rows.text(0) + '@' + domain.text());
    }
}

} // namespace mailctl
