// SPDX-License-Identifier: Apache-2.0
// What becomes of names nobody claims: the catch-all and banished names.
#include "mailctl/admin/addresses.hpp"

#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/ban_hits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

std::string answer_word(BanAnswer answer) { return answer == BanAnswer::discard ? "discard" : "reject"; }

Status plan_ban(ModelPlan& plan, const Address& name, BanAnswer answer) {
    TRY_ASSIGN(const auto real, plan.take(name));
    TRY_ASSIGN(auto* domain, plan.domain(real.domain));
    const std::string& local = real.local.text();
    const Ban* existing = domain->find<Ban>(local);
    if (existing && existing->answer == answer) return {};
    if (!existing) {
        TRY(get_free_name_in(*domain, real));
    }
    domain->put(local, Ban{local, answer});
    plan.say_done("address", real.display(), "banished");
    return {};
}

// A site without state.db has counted none.
Result<std::vector<BanCount>> counts_of(State& state, const SiteView& view, const Domain& domain) {
    TRY_ASSIGN(const auto exists, find_stamp(view.paths().state));
    if (!exists || domain.banished.empty()) return std::vector<BanCount>{};
    return ban_hits_of(state, domain.name);
}

Cells ban_row(const Domain& domain, const Ban& ban, const std::vector<BanCount>& counts) {
    const auto count = std::ranges::find(counts, ban.name, &BanCount::name);
    const bool hit = count != counts.end();
    return {{"address", fmt::format("{}@{}", ban.name, domain.name.display())},
            {"answer", answer_word(ban.answer)},
            {"pattern", ban.is_pattern(), true, false},
            {"hits", hit ? static_cast<std::int64_t>(count->count) : std::int64_t{0}},
            {"last", hit ? CellValue(count->last) : CellValue{}}};
}

Status plan_pardon(ModelPlan& plan, const Address& name) {
    TRY_ASSIGN(const auto real, plan.take(name));
    TRY_ASSIGN(auto* domain, plan.domain(real.domain));
    const std::string& local = real.local.text();
    if (!domain->find<Ban>(local)) {
        std::vector<std::string> names;
        for (const auto& ban : domain->before().banished)
            names.push_back(ban.name);
        return fail(no_such("banished", real, domain->before(), names));
    }
    domain->remove(AccountKind::banished, local);
    plan.say_done("address", real.display(), "no longer banished", "no longer banished:");
    return {};
}

} // namespace

Result<Report> show_catchalls(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("catchall");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        for (const auto* domain : found) {
            const auto holder = holder_of(*domain, catchrest_name);
            report.rows.push_back({{"domain", domain->name.display()},
                                   {"unknown", format_unknown_action(domain->unknown)},
                                   {"catchrest", holder ? CellValue(*holder) : CellValue{}}});
        }
        return report;
    });
}

Result<Report> set_catchall(const World& world, const DomainName& name, const UnknownAction& action,
                            const ChangeOptions& options) {
    return change_models(world, options, [&](ModelPlan& plan) -> Status {
        TRY_ASSIGN(auto* domain, plan.domain(name));
        if (domain->settings().unknown == action) return {};
        domain->edit_settings().unknown = action;
        plan.say_done("domain", domain->before().name.display(), "catch-all set", "set the catch-all of");
        return {};
    });
}

Result<Report> add_banished(const World& world, std::span<const Address> names, BanAnswer answer,
                            const ChangeOptions& options) {
    return change_models_each(world, options, names, {},
                              [&](ModelPlan& plan, const Address& name) { return plan_ban(plan, name, answer); });
}

Result<Report> remove_banished(const World& world, std::span<const Address> names, const ChangeOptions& options) {
    return change_models_each(world, options, names, {}, plan_pardon);
}

Result<Report> list_banished(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("banished");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        State state = state_to_read(view);
        for (const auto* domain : found) {
            TRY_ASSIGN(const auto counts, counts_of(state, view, *domain));
            for (const auto& ban : domain->banished)
                report.rows.push_back(ban_row(*domain, ban, counts));
        }
        tell_skipped(state, report.notes);
        return report;
    });
}

} // namespace mailctl
