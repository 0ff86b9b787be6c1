#include "mailctl/admin/robots.hpp"

#include "mailctl/admin/targets.hpp"

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

KeyPath table_of(const RobotTarget& target) { return {"robot", target.address.local.text()}; }

Robot model_of(const NewRobot& request) {
    const auto& text = request.text;
    Robot robot;
    robot.from = text.from.value_or("");
    robot.subject = text.subject.value_or("");
    robot.message = text.message.value_or("");
    robot.html = text.html.value_or("");
    robot.attach = text.attach.value_or(std::vector<std::string>{});
    robot.every = text.every.value_or(robot.every);
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

Status plan_new_robot(const SiteView& view, const NewRobot& request, ChangePlan& plan) {
    TRY_ASSIGN(const auto* domain, view.get_domain(request.address.domain));
    const Address address = address_in(*domain, request.address.local.key());
    const auto existing = domain->robots.find(address.local.text());
    if (existing != domain->robots.end()) {
        if (existing->second == model_of(request)) return {};
        return fail(ErrorKind::conflict, fmt::format("robot '{}' exists already", address.display()),
                    fmt::format("change it with 'mailctl robot set {} KEY=VALUE'", address.text()));
    }
    TRY(get_free_name_in(*domain, address));
    TRY(check_attachments(view.paths(), request.text.attach.value_or(std::vector<std::string>{})));
    AddTable table{{"robot", address.local.text()}, reply_entries(request.text)};
    if (!request.copy_to.empty()) table.entries.emplace_back("copy_to", target_texts(request.copy_to, domain->name));
    plan.edit(domain->name, std::move(table));
    say_done(plan, "robot", address.display(), "created");
    return {};
}

Status check_added(const SiteView& view, const Assignment& assignment) {
    if (assignment.key != "attach" || assignment.operation == Assignment::Operation::remove) return {};
    return check_attachments(view.paths(), list_elements(assignment.value));
}

Status plan_robot_settings(const SiteView& view, const Address& address, std::span<const Assignment> assignments,
                           ChangePlan& plan) {
    TRY_ASSIGN(const auto target, get_robot_target(view, address));
    bool changed = false;
    for (const auto& assignment : assignments) {
        TRY(check_added(view, assignment));
        std::vector<Edit> edits;
        if (assignment.key == "copy_to") {
            KeyPath path = table_of(target);
            path.emplace_back("copy_to");
            TRY_ASSIGN(edits, assign_targets(path, assignment, target.robot->copy_to, target.domain->name));
        } else {
            TRY_ASSIGN(edits, assign_reply(table_of(target), assignment, *target.robot));
        }
        changed = changed || !edits.empty();
        for (auto& edit : edits)
            plan.edit(target.domain->name, std::move(edit));
    }
    if (changed) say_done(plan, "robot", target.address.display(), "changed");
    return {};
}

Status plan_robot_deletion(const SiteView& view, const Address& address, ChangePlan& plan) {
    TRY_ASSIGN(const auto target, get_robot_target(view, address));
    plan.edit(target.domain->name, RemoveTable{table_of(target)});
    say_done(plan, "robot", target.address.display(), "deleted");
    return {};
}

Status plan_robot_switch(const SiteView& view, const Address& address, Switch position, ChangePlan& plan) {
    const bool wanted = position == Switch::on;
    TRY_ASSIGN(const auto target, get_robot_target(view, address));
    if (target.robot->enabled == wanted) return {};
    KeyPath path = table_of(target);
    path.emplace_back("enabled");
    plan.edit(target.domain->name, SetValue{std::move(path), wanted});
    say_done(plan, "robot", target.address.display(), wanted ? "switched on" : "switched off");
    return {};
}

} // namespace

Result<Report> create_robot(const World& world, const NewRobot& robot, const ChangeOptions& options) {
    return change_each(world, options, std::span(&robot, 1), std::span(&robot.address, 1), plan_new_robot);
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
            report.rows.push_back(std::move(row));
        }
        return report;
    });
}

Result<Report> set_robots(const World& world, std::span<const Address> addresses,
                          std::span<const Assignment> assignments, const ChangeOptions& options) {
    return change_each(world, options, addresses, addresses,
                       [&](const SiteView& view, const Address& address, ChangePlan& plan) {
                           return plan_robot_settings(view, address, assignments, plan);
                       });
}

Result<Report> delete_robots(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    return change_each(world, options, addresses, addresses, plan_robot_deletion);
}

Result<Report> switch_robots(const World& world, std::span<const Address> addresses, Switch position,
                             const ChangeOptions& options) {
    return change_each(world, options, addresses, addresses,
                       [&](const SiteView& view, const Address& address, ChangePlan& plan) {
                           return plan_robot_switch(view, address, position, plan);
                       });
}

} // namespace mailctl
