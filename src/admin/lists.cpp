// SPDX-License-Identifier: Apache-2.0
// What becomes of lists and their members.
#include "mailctl/admin/lists.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/change/shown_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {
namespace {

Cells list_row(const Domain& domain, const std::string& local, const List& list) {
    const auto owner = list.owner ? list.owner->display() : "postmaster@" + domain.name.display();
    return {{"address", address_in(domain, local).display()},
            {"members", shown(list.members)},
            {"post", list.post.texts()},
            {"owner", owner}};
}

Status plan_new_list(ModelPlan& plan, const NewList& request) {
    TRY_ASSIGN(const auto real, plan.take(request.address));
    TRY_ASSIGN(auto* domain, plan.domain(real.domain));
    TRY(plan.refuse_twice(real, request.members));
    const List list{request.members, request.post.value_or(Posters{}), request.owner};
    TRY_ASSIGN(const bool is_new, add_account(*domain, real.local.text(), list,
                                              "change it with 'mailctl list add {} MEMBER' or 'list set'"));
    if (request.post) domain->say(AccountKind::list, real.local.text(), {"post"});
    if (is_new) plan.say_done("list", real.display(), "created");
    return {};
}

using ChangeList = std::function<Status(List& list, const WordContext& words)>;

// Members as they are read for the list, which is said to be changed where they change it.
Status plan_members(ModelPlan& plan, const Address& address, std::span<const Address> members,
                    const ChangeList& change_list) {
    TRY_ASSIGN(const auto target, get_list_target(plan.view(), address));
    auto& list = *plan.of(*target.domain).edit<List>(target.address.local.text());
    TRY(plan.refuse_twice(target.address, members));
    TRY(change_list(list, plan.words_for(target.address)));
    if (list != *target.list) plan.say_done("list", target.address.display(), "changed");
    return {};
}

Status add_to(List& list, const WordContext& words, std::span<const Address> members) {
    std::set<std::string> known;
    for (const auto& member : list.members)
        known.insert(words.key_of(member));
    for (const auto& member : members)
        if (known.insert(words.key_of(member)).second) list.members.push_back(member);
    return {};
}

Status take_from(List& list, const WordContext& words, std::span<const Address> members, const Address& address) {
    for (const auto& member : members) {
        const auto is_it = [&, key = words.key_of(member)](const Address& one) { return words.key_of(one) == key; };
        if (std::erase_if(list.members, is_it) > 0) continue;
        return fail(ErrorKind::missing, fmt::format("'{}' is no member of list '{}'", member.display(), words.about),
                    fmt::format("see 'mailctl list show {}'", address.text()));
    }
    return {};
}

} // namespace

Result<Report> create_list(const World& world, const NewList& list, const ChangeOptions& options) {
    return change_models_each(world, options, std::span(&list, 1), std::span(&list.address, 1), plan_new_list);
}

Result<Report> set_list(const World& world, const Address& address, std::span<const Assignment> assignments,
                        const ChangeOptions& options) {
    return change_models(
        world, options,
        [&](ModelPlan& plan) -> Status {
            TRY_ASSIGN(const auto target, get_list_target(plan.view(), address));
            auto& domain = plan.of(*target.domain);
            TRY_ASSIGN(const bool changed, assign_account(domain, AccountKind::list, target.address.local.text(),
                                                          assignments, plan.words_for(target.address)));
            if (changed) plan.say_done("list", target.address.display(), "changed");
            return {};
        },
        std::span(&address, 1));
}

Result<Report> add_members(const World& world, const Address& list, std::span<const Address> members,
                           const ChangeOptions& options) {
    const auto add = [&](List& changed, const WordContext& words) { return add_to(changed, words, members); };
    return change_models(
        world, options, [&](ModelPlan& plan) { return plan_members(plan, list, members, add); }, std::span(&list, 1));
}

Result<Report> remove_members(const World& world, const Address& list, std::span<const Address> members,
                              const ChangeOptions& options) {
    const auto take = [&](List& changed, const WordContext& words) { return take_from(changed, words, members, list); };
    return change_models(
        world, options, [&](ModelPlan& plan) { return plan_members(plan, list, members, take); }, std::span(&list, 1));
}

Result<Report> delete_lists(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    return delete_names(world, addresses, options, [](ModelPlan& plan, const Address& address) -> Status {
        TRY_ASSIGN(const auto target, get_list_target(plan.view(), address));
        TRY_ASSIGN(const auto real, plan.take(address));
        plan.of(*target.domain).remove(AccountKind::list, real.local.text());
        plan.say_done("list", real.display(), "deleted");
        return {};
    });
}

Result<Report> list_lists(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("list");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        for (const auto* domain : found)
            for (const auto& [local, list] : domain->lists)
                report.rows.push_back(list_row(*domain, local, list));
        return report;
    });
}

Result<Report> show_lists(const World& world, std::span<const Address> addresses) {
    return read_site_about(world, addresses, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("list", Layout::sheet);
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto target, get_list_target(view, address));
            auto row = list_row(*target.domain, target.address.local.text(), *target.list);
            add_settings(row, *target.list, target.domain->name);
            report.rows.push_back(std::move(row));
        }
        return report;
    });
}

} // namespace mailctl
