// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/model_plan.hpp"

#include "mailctl/change/key_rights.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/change/references.hpp"
#include "mailctl/config/model_edits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

RealName real_names(const SiteView& view) {
    return [&view, known = std::make_shared<std::map<DomainName, DomainName>>()](const DomainName& name) {
        if (const auto found = known->find(name); found != known->end()) return found->second;
        DomainName real = name;
        const auto own = view.has_file(name);
        const auto lookup = own && *own ? Result<const Lookup*>(nullptr) : view.applied();
        if (lookup && *lookup)
            if (const auto entry = (*lookup)->find_domain(name); entry && *entry) real = (*entry)->name;
        return known->emplace(name, std::move(real)).first->second;
    };
}

std::function<bool(const DomainName&)> administered_domains(const SiteView& view) {
    return [&view](const DomainName& name) {
        const auto real = view.real_name(name);
        const auto domain = real ? view.find_domain(*real) : Result<const Domain*>(nullptr);
        return domain && *domain && view.role().administers(**domain);
    };
}

Result<DomainDraft*> ModelPlan::domain(const DomainName& name) {
    TRY_ASSIGN(const auto* found, view_.get_domain(name));
    return &of(*found);
}

DomainDraft& ModelPlan::of(const Domain& domain) { return domains_.try_emplace(domain.name, domain).first->second; }

Result<Address> ModelPlan::take(const Address& address) {
    TRY_ASSIGN(const auto* found, view_.get_domain(address.domain));
    auto real = address_in(*found, address.local.key());
    if (!taken_.insert(real.key()).second) return fail(given_twice(real.display()));
    return real;
}

WordContext ModelPlan::words_for(const Address& real) const {
    const auto found = domains_.find(real.domain);
    const auto& own = found->second.before();
    auto others = real_names(view_);
    RealName names = [&own, others = std::move(others)](const DomainName& name) {
        const bool is_own = std::ranges::find(own.aliases, name) != own.aliases.end();
        return is_own ? own.name : others(name);
    };
    return {own.name, view_.site().addresses, std::move(names), real.display()};
}

Status ModelPlan::refuse_twice(const Address& real, std::span<const Address> targets) const {
    const auto words = words_for(real);
    std::set<std::string> keys;
    for (const auto& target : targets)
        if (!keys.insert(words.key_of(target)).second) return fail(given_twice(target.display()));
    return {};
}

void ModelPlan::say_done(std::string_view type, const std::string& name, std::string_view done, std::string_view said) {
    auto& report = rest.report;
    report.type = type;
    report.layout = Layout::text;
    report.notes.push_back(fmt::format("{} {} '{}'", said.empty() ? done : said, type, name));
    report.rows.push_back({{type == "domain" ? "domain" : "address", name}, {"done", std::string(done)}});
}

void ModelPlan::rename_domain(const Domain& domain, const DomainName& name) {
    renamed_.emplace(domain.name, name);
    rest.mail.push_back(mail_order::rename_domain(domain.name, name));
    for (const auto& [local, unused] : of(domain).before().mailboxes) {
        const auto part = LocalPart::from_trusted(local);
        rest.mail.push_back(mail_order::rename({part, domain.name}, {part, name}));
    }
}

void ModelPlan::set_site_value(KeyPath path, Value value) {
    auto& action = rest.files.try_emplace(site_source).first->second;
    std::get<std::vector<Edit>>(action).push_back(SetValue{std::move(path), std::move(value)});
}

Result<ChangePlan> ModelPlan::finish() && {
    const auto administers = administered_domains(view_);
    for (const auto& [name, change] : domains_) {
        TRY(check_rights(view_.role(), change, administers));
        TRY(finish_domain(name, change));
    }
    return std::move(rest);
}

Status ModelPlan::finish_domain(const DomainName& name, const DomainDraft& change) {
    const auto renamed = renamed_.find(name);
    if (renamed == renamed_.end()) {
        for (auto& edit : edits_of(change))
            rest.edit(name, std::move(edit));
        return {};
    }
    TRY_ASSIGN(const auto text, view_.find_text({name}));
    if (!text) return fail(ErrorKind::missing, fmt::format("no file '{}'", view_.paths().domain_file(name)));
    const auto edits = edits_of(change, renamed->second);
    TRY_ASSIGN(auto edited, apply_edits(*text, edits, view_.paths().domain_file(name)));
    rest.files.insert_or_assign(SourceFile{name}, RemoveFile{});
    rest.files.insert_or_assign(SourceFile{renamed->second}, std::move(edited));
    return {};
}

Result<Report> change_models(const World& world, const ChangeOptions& options, const ModelPlanner& planner,
                             std::span<const Address> about) {
    return change(
        world, options,
        [&](const SiteView& view) -> Result<ChangePlan> {
            ModelPlan plan(view);
            TRY(planner(plan));
            return std::move(plan).finish();
        },
        about);
}

Result<Report> delete_names(const World& world, std::span<const Address> names, const ChangeOptions& options,
                            const NamePlanner& plan_one) {
    const auto plan_all = [&](ModelPlan& plan) -> Status {
        for (const auto& name : names) {
            TRY(plan_one(plan, name));
        }
        return refuse_to_leave_dangling(plan.view(), names, options);
    };
    return change_models(world, options, plan_all, names);
}

} // namespace mailctl
