// SPDX-License-Identifier: Apache-2.0
// What is known of candidates, and what may become of them.
#include "mailctl/admin/candidates.hpp"

#include "mailctl/admin/addresses.hpp"
#include "mailctl/admin/cluster/node_candidates.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {

namespace {

// Readers neither make nor upgrade the state; a site that has none has no candidates.
Result<std::optional<State>> find_state(const SiteView& view) {
    TRY_ASSIGN(const auto exists, find_stamp(view.paths().state));
    if (!exists) return std::optional<State>{};
    return std::optional<State>(state_to_read(view));
}

Result<std::vector<CandidateRecord>> all_here(const SiteView& view, const Domain& domain,
                                              std::vector<std::string>& notes) {
    TRY_ASSIGN(auto state, find_state(view));
    if (!state) return std::vector<CandidateRecord>{};
    TRY_ASSIGN(auto found, candidates_of(*state, domain.name));
    tell_skipped(*state, notes);
    return found;
}

// Those that are not here as well.
void add_those_on_nodes(const CandidatesByDomain& there, const DomainName& domain,
                        std::vector<CandidateRecord>& found) {
    const auto candidates = there.find(domain);
    if (candidates == there.end()) return;
    for (const auto& candidate : candidates->second)
        if (std::ranges::find(found, candidate.name, &CandidateRecord::name) == found.end()) found.push_back(candidate);
}

// Here, and on the node that the domain lives on.
Result<std::vector<CandidateRecord>> all_of(const SiteView& view, const Domain& domain) {
    std::vector<std::string> unused;
    TRY_ASSIGN(auto found, all_here(view, domain, unused));
    const std::array asked{&domain};
    TRY_ASSIGN(const auto there, candidates_on_nodes(view, asked));
    add_those_on_nodes(there, domain.name, found);
    return found;
}

Result<std::optional<CandidateRecord>> find(const SiteView& view, const Address& address) {
    TRY_ASSIGN(auto state, find_state(view));
    if (state) {
        TRY_ASSIGN(auto here, find_candidate(*state, address));
        if (here) return here;
    }
    TRY_ASSIGN(const auto* domain, view.find_domain(address.domain));
    if (!domain) return std::optional<CandidateRecord>{};
    const std::array asked{domain};
    TRY_ASSIGN(auto there, candidates_on_nodes(view, asked));
    auto& known = there[domain->name];
    const auto found = std::ranges::find(known, address, &CandidateRecord::name);
    return found == known.end() ? std::nullopt : std::optional(std::move(*found));
}

Cells row_of(const Domain& domain, const CandidateRecord& candidate) {
    const auto holder = holder_of(domain, candidate.name.local.key());
    Cells row{{"address", candidate.name.display()},
              {"messages", static_cast<std::int64_t>(candidate.messages)},
              {"bytes", candidate.bytes},
              {"first", candidate.first, true, false},
              {"last", candidate.last},
              {"sender", printable(candidate.last_sender)},
              {"subject", printable(candidate.last_subject)},
              {"claimed_by", holder ? CellValue(*holder) : CellValue{}, true, holder.has_value()}};
    if (!domain.node.empty()) row.push_back({"node", domain.node});
    return row;
}

Result<Error> no_candidate(const SiteView& view, const Domain& domain, const Address& address) {
    TRY_ASSIGN(const auto known, all_of(view, domain));
    std::vector<std::string> names;
    for (const auto& candidate : known)
        names.push_back(candidate.name.local.key());
    return no_such("candidate", address, domain, names);
}

// The candidate's address; nullopt: the name is `becomes` already, by this very command perhaps, cut short before.
Result<std::optional<Address>> find_target(const SiteView& view, const Address& address, std::string_view becomes) {
    TRY_ASSIGN(const auto* domain, view.get_domain(address.domain));
    const Address real = address_in(*domain, address.local.key());
    if (holder_of(*domain, real.local.key()) == becomes) return std::optional<Address>{};
    TRY_ASSIGN(const auto known, find(view, real));
    if (known) return std::optional(real);
    TRY_ASSIGN(auto error, no_candidate(view, *domain, real));
    return fail(std::move(error));
}

// Finishes what another left, and says that there is nothing more to do.
Result<Report> change_nothing(const World& world, const ChangeOptions& options) {
    return change(world, options, [](const SiteView&) -> Result<ChangePlan> { return ChangePlan{}; });
}

Status plan_candidate_list(ModelPlan& plan, const Address& address, std::span<const Address> members) {
    TRY_ASSIGN(const auto real, plan.take(address));
    TRY_ASSIGN(auto* domain, plan.domain(real.domain));
    TRY(plan.refuse_twice(real, members));
    TRY(get_free_name_in(*domain, real));
    domain->put(real.local.text(), List{{members.begin(), members.end()}, Posters{}, {}});
    plan.say_done("list", real.display(), "created");
    return {};
}

} // namespace

Result<Report> list_candidates(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("candidate");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        const auto there = candidates_on_nodes(view, found);
        if (!there)
            report.notes.push_back(fmt::format("warning: candidates on nodes are not shown: {}", there.error().what));
        for (const auto* domain : found) {
            TRY_ASSIGN(auto known, all_here(view, *domain, report.notes));
            if (there) add_those_on_nodes(*there, domain->name, known);
            for (const auto& candidate : known)
                report.rows.push_back(row_of(*domain, candidate));
        }
        return report;
    });
}

Result<Report> show_candidates(const World& world, std::span<const Address> addresses) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("candidate", Layout::sheet);
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto* domain, view.get_domain(address.domain));
            const Address real = address_in(*domain, address.local.key());
            TRY_ASSIGN(const auto known, find(view, real));
            if (!known) {
                TRY_ASSIGN(auto error, no_candidate(view, *domain, real));
                return fail(std::move(error));
            }
            auto row = row_of(*domain, *known);
            for (auto& cell : row)
                cell.in_table = cell.key != "claimed_by" || !std::holds_alternative<std::monostate>(cell.value);
            report.rows.push_back(std::move(row));
        }
        return report;
    });
}

Result<Report> promote_to_mailboxes(const World& world, std::span<const NewMailbox> mailboxes,
                                    const ChangeOptions& options) {
    std::vector<NewMailbox> wanted;
    {
        TRY_ASSIGN(const auto view, SiteView::open(world));
        for (const auto& mailbox : mailboxes) {
            const auto becomes = fmt::format("mailbox '{}'", mailbox.address.local.key());
            TRY_ASSIGN(auto target, find_target(view, mailbox.address, becomes));
            if (!target) continue;
            wanted.push_back(mailbox);
            wanted.back().address = std::move(*target);
        }
    }
    if (wanted.empty()) return change_nothing(world, options);
    return create_mailboxes(world, wanted, options);
}

Result<Report> promote_to_aliases(const World& world, std::span<const Address> addresses, const Address& mailbox,
                                  const ChangeOptions& options) {
    std::vector<Address> wanted;
    {
        TRY_ASSIGN(const auto view, SiteView::open(world));
        const auto becomes = fmt::format("alias of mailbox '{}'", mailbox.local.key());
        for (const auto& address : addresses) {
            TRY_ASSIGN(auto target, find_target(view, address, becomes));
            if (target) wanted.push_back(std::move(*target));
        }
    }
    if (wanted.empty()) return change_nothing(world, options);
    return create_aliases(world, wanted, mailbox, options);
}

Result<Report> promote_to_lists(const World& world, std::span<const Address> addresses,
                                std::span<const Address> members, const ChangeOptions& options) {
    return change_models(world, options, [&](ModelPlan& plan) -> Status {
        for (const auto& address : addresses) {
            const auto becomes = fmt::format("list '{}'", address.local.key());
            TRY_ASSIGN(const auto target, find_target(plan.view(), address, becomes));
            if (!target) continue;
            TRY(plan_candidate_list(plan, *target, members));
        }
        return {};
    });
}

Result<Report> banish_candidates(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    std::vector<Address> wanted;
    {
        TRY_ASSIGN(const auto view, SiteView::open(world));
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto* domain, view.get_domain(address.domain));
            const auto same = [&](const Ban& ban) { return ban.name == address.local.key(); };
            if (std::ranges::any_of(domain->banished, same)) continue;
            TRY_ASSIGN(auto target, find_target(view, address, {}));
            if (target) wanted.push_back(std::move(*target));
        }
    }
    if (wanted.empty()) return change_nothing(world, options);
    return add_banished(world, wanted, BanAnswer::discard, options);
}

Result<SortedWords> sort_candidates(const World& world, std::span<const Address> addresses) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    SortedWords sorted;
    for (const auto& address : addresses) {
        TRY_ASSIGN(const auto real, view.real_address(address));
        TRY_ASSIGN(const auto known, find(view, real));
        (known ? sorted.candidates : sorted.rest).push_back(real);
    }
    return sorted;
}

} // namespace mailctl
