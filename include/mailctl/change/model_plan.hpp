// SPDX-License-Identifier: Apache-2.0
// ModelPlan: a plan made of models. A noun says what the accounts and settings of domains become; what of their texts
// changes follows from the difference, and here alone. Here too a role is held to what it may set, so that every way in
// asks the one table of keys.
#pragma once

#include "mailctl/change/account_changes.hpp"
#include "mailctl/change/changes.hpp"

#include <set>

namespace mailctl {

class ModelPlan {
  public:
    explicit ModelPlan(const SiteView& view) : view_(view) {}

    [[nodiscard]] const SiteView& view() const { return view_; }
    // The domain that has this name, real or not, as the plan makes it so far. missing, invalid: as
    // SiteView::get_domain.
    [[nodiscard]] Result<DomainDraft*> domain(const DomainName& name);
    DomainDraft& of(const Domain& domain); // one that the view gave
    // The address under its domain's real name. usage: it was taken already: "'joe@example.com' is given twice".
    [[nodiscard]] Result<Address> take(const Address& address);
    // usage: one of these, which are for the account, is given twice, in whatever spelling.
    [[nodiscard]] Status refuse_twice(const Address& real, std::span<const Address> targets) const;
    // How words are read for this account; `rules` and names of domains come from the view.
    [[nodiscard]] WordContext words_for(const Address& real) const;

    // `done` is the word for programs, "password set"; the note begins with it, or with `said`: "set the password of".
    void say_done(std::string_view type, const std::string& name, std::string_view done, std::string_view said = {});
    void note(std::string text) { rest.report.notes.push_back(std::move(text)); }

    void set_site_value(KeyPath path, Value value); // in mailctl.toml

    // The file of the domain becomes that of another name, with all that this plan makes of it; so do its mailboxes.
    void rename_domain(const Domain& domain, const DomainName& name);

    ChangePlan rest; // what models do not say: the report, orders for mail, other files
    // The whole. denied: the role may not set one of the keys that change.
    [[nodiscard]] Result<ChangePlan> finish() &&;

  private:
    Status finish_domain(const DomainName& name, const DomainDraft& change);

    const SiteView& view_;
    std::map<DomainName, DomainDraft> domains_; // by real name
    std::map<DomainName, DomainName> renamed_;  // from, to
    std::set<std::string> taken_;
};

// Which domain of the site has this name; any other as it is.
[[nodiscard]] RealName real_names(const SiteView& view);

// Whether the view's role administers a domain, by any of its names.
[[nodiscard]] std::function<bool(const DomainName&)> administered_domains(const SiteView& view);

using ModelPlanner = std::function<Status(ModelPlan& plan)>;
// As change(), for a plan of models.
[[nodiscard]] Result<Report> change_models(const World& world, const ChangeOptions& options,
                                           const ModelPlanner& planner, std::span<const Address> about = {});
// One change over many targets: `plan_one` (plan, target) plans for each of them in turn.
template <class Targets, class PlanOne>
[[nodiscard]] Result<Report> change_models_each(const World& world, const ChangeOptions& options,
                                                const Targets& targets, std::span<const Address> about,
                                                const PlanOne& plan_one) {
    return change_models(
        world, options,
        [&](ModelPlan& plan) -> Status {
            for (const auto& target : targets) {
                TRY(plan_one(plan, target));
            }
            return {};
        },
        about);
}

// The same for names that are deleted: refused where others lead to one of them (references).
using NamePlanner = std::function<Status(ModelPlan& plan, const Address& name)>;
[[nodiscard]] Result<Report> delete_names(const World& world, std::span<const Address> names,
                                          const ChangeOptions& options, const NamePlanner& plan_one);

} // namespace mailctl
