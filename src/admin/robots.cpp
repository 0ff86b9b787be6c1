// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/robots.hpp"

#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/change/shown_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

struct RobotTarget {
    Address address;
    const Domain* domain;
    const Robot* robot;
};

Result<RobotTarget> get_robot_target(const SiteView& view, const Address& address) {
    TRY_ASSIGN(const auto* domain, view.get_domain(address.domain));
    Address real = address_in(*domain, address.local.key());
    const auto found = domain->robots.find(real.local.text());
    if (found != domain->robots.end()) return RobotTarget{std::move(real), domain, &found->second};
    std::vector<std::string> names;
    for (const auto& [name, unused] : domain->robots)
        names.push_back(name);
    return fail(no_such("robot", real, *domain, names));
}

Robot model_of(const NewRobot& request) {
    Robot robot;
    apply_reply_text(request.text, robot);
    robot.copy_to = request.copy_to;
    return robot;
}

Cells robot_row(const Domain& domain, const std::string& local, const Robot& robot) {
    return {{"address", address_in(domain, local).display()},
            {"state", reply_state(robot)},
            {"subject", robot.subject},
            {"every", format_age(robot.every)},
            {"copy_to", shown(robot.copy_to)},
            {"attach", robot.attach}};
}

Status plan_new_robot(ModelPlan& plan, const NewRobot& request) {
    TRY_ASSIGN(const auto address, plan.take(request.address));
    TRY_ASSIGN(auto* domain, plan.domain(address.domain));
    TRY(plan.refuse_twice(address, request.copy_to));
    TRY_ASSIGN(const bool is_new, add_account(*domain, address.local.text(), model_of(request),
                                              "change it with 'mailctl robot set {} KEY=VALUE'"));
    if (!is_new) return {};
    if (request.text.every) domain->say(AccountKind::robot, address.local.text(), {"every"});
    TRY(check_attachments(plan.view().paths(), request.text.attach.value_or(std::vector<std::string>{})));
    plan.say_done("robot", address.display(), "created");
    return {};
}

// Files that come must be there.
Status check_new_files(const SiteView& view, const Robot& before, const Robot& after) {
    std::vector<std::string> added;
    for (const auto& name : after.attach)
        if (std::ranges::find(before.attach, name) == before.attach.end()) added.push_back(name);
    return check_attachments(view.paths(), added);
}

Status plan_robot_settings(ModelPlan& plan, const Address& address, std::span<const Assignment> assignments) {
    TRY_ASSIGN(const auto target, get_robot_target(plan.view(), address));
    TRY_ASSIGN(const auto real, plan.take(address));
    auto& domain = plan.of(*target.domain);
    TRY_ASSIGN(const bool changed,
               assign_account(domain, AccountKind::robot, real.local.text(), assignments, plan.words_for(real)));
    TRY(check_new_files(plan.view(), *target.robot, *domain.find<Robot>(real.local.text())));
    if (changed) plan.say_done("robot", real.display(), "changed");
    return {};
}

Status plan_robot_deletion(ModelPlan& plan, const Address& address) {
    TRY_ASSIGN(const auto target, get_robot_target(plan.view(), address));
    TRY_ASSIGN(const auto real, plan.take(address));
    plan.of(*target.domain).remove(AccountKind::robot, real.local.text());
    plan.say_done("robot", real.display(), "deleted");
    return {};
}

Status plan_robot_switch(ModelPlan& plan, const Address& address, Switch position) {
    const bool wanted = position == Switch::on;
    TRY_ASSIGN(const auto target, get_robot_target(plan.view(), address));
    TRY_ASSIGN(const auto real, plan.take(address));
    if (target.robot->enabled == wanted) return {};
    plan.of(*target.domain).edit<Robot>(real.local.text())->enabled = wanted;
    plan.say_done("robot", real.display(), wanted ? "switched on" : "switched off");
    return {};
}

} // namespace

Result<Report> create_robot(const World& world, const NewRobot& robot, const ChangeOptions& options) {
    return change_models_each(world, options, std::span(&robot, 1), std::span(&robot.address, 1), plan_new_robot);
}

Result<Report> list_robots(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("robot");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        for (const auto* domain : found)
            for (const auto& [local, robot] : domain->robots)
                report.rows.push_back(robot_row(*domain, local, robot));
        return report;
    });
}

Result<Report> show_robots(const World& world, std::span<const Address> addresses) {
    return read_site_about(world, addresses, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("robot", Layout::sheet);
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto target, get_robot_target(view, address));
            const auto& robot = *target.robot;
            Cells row = robot_row(*target.domain, target.address.local.text(), robot);
            row.push_back({"from", robot.from.empty() ? target.address.display() : robot.from});
            row.push_back({"message", robot.message});
            row.push_back({"html", robot.html});
            add_settings(row, robot, target.domain->name);
            report.rows.push_back(std::move(row));
        }
        return report;
    });
}

Result<Report> set_robots(const World& world, std::span<const Address> addresses,
                          std::span<const Assignment> assignments, const ChangeOptions& options) {
    return change_models_each(world, options, addresses, addresses, [&](ModelPlan& plan, const Address& address) {
        return plan_robot_settings(plan, address, assignments);
    });
}

Result<Report> delete_robots(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    return delete_names(world, addresses, options, plan_robot_deletion);
}

Result<Report> switch_robots(const World& world, std::span<const Address> addresses, Switch position,
                             const ChangeOptions& options) {
    return change_models_each(world, options, addresses, addresses, [&](ModelPlan& plan, const Address& address) {
        return plan_robot_switch(plan, address, position);
    });
}

} // namespace mailctl
