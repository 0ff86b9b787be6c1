// SPDX-License-Identifier: Apache-2.0
// Nodes are tables of mailctl.toml; whether one may go is the validation of the change to say, for a hand that takes
// the table out of the file is to hear the same.
#include "mailctl/admin/cluster/nodes.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/config/names.hpp"
#include "mailctl/config/node_keys.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

KeyPath node_path(const std::string& name) { return {"node", name}; }

Result<const MailNode*> get_node(const SiteView& view, const std::string& name) {
    const auto& nodes = view.site().nodes;
    if (const auto found = nodes.find(name); found != nodes.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [known, unused] : nodes)
        names.push_back(known);
    const auto near = nearest(name, names);
    return fail(ErrorKind::missing, fmt::format("no node '{}'", printable(name)),
                near ? fmt::format("did you mean '{}'?", *near) : "mailctl node list shows them");
}

Cells node_row(const std::string& name, const MailNode& node) {
    return {{"id", name},
            {"lmtp", node.lmtp},
            {"imap", node.imap},
            {"state", std::string(node_state_word(node.state))},
            {"mail", node.mail.empty() ? CellValue{} : CellValue{node.mail}, true, false}};
}

struct Tenants {
    std::int64_t domains = 0, mailboxes = 0;
};

Result<std::map<std::string, Tenants>> count_tenants(const SiteView& view, std::vector<std::string>& notes) {
    std::map<std::string, Tenants> counts;
    TRY_ASSIGN(const auto domains, view.usable_domains({}, notes));
    for (const auto* domain : domains) {
        ++counts[domain->node].domains;
        for (const auto& [unused, mailbox] : domain->mailboxes)
            ++counts[node_of(*domain, mailbox)].mailboxes;
    }
    return counts;
}

void say_node(ChangePlan& plan, const std::string& name, std::string_view done) {
    plan.report.type = "node";
    plan.report.layout = Layout::text;
    plan.report.notes.push_back(fmt::format("{} node '{}'", done, name));
    plan.report.rows.push_back({{"id", name}, {"done", std::string(done)}});
}

std::vector<Edit>& site_edits(ChangePlan& plan) {
    return std::get<std::vector<Edit>>(plan.files.try_emplace(site_source, std::vector<Edit>{}).first->second);
}

std::vector<std::string> settable_keys() {
    std::vector<std::string> names;
    for (const auto& key : node_keys())
        names.emplace_back(key.name);
    return names;
}

Status plan_assignment(ChangePlan& plan, const std::string& name, const MailNode& node, const Assignment& assignment) {
    const auto* key = find_node_key(assignment.key);
    if (!key) return fail(unknown_key(assignment.key, settable_keys()));
    TRY(only_set(assignment));
    auto path = node_path(name);
    path.push_back(assignment.key);
    if (assignment.value.empty()) {
        if (!key->may_be_absent)
            return fail(ErrorKind::usage, fmt::format("a node needs its '{}'", key->name), std::string(key->help));
        if (key->text(node) != key->text(MailNode{})) site_edits(plan).push_back(RemoveKey{std::move(path)});
        return {};
    }
    if (key->text(node) != assignment.value) site_edits(plan).push_back(SetValue{std::move(path), assignment.value});
    return {};
}

} // namespace

Result<Report> list_nodes(const World& world) {
    return read_site(world, [](const SiteView& view) -> Result<Report> {
        Report report = report_of("node");
        for (const auto& [name, node] : view.site().nodes)
            report.rows.push_back(node_row(name, node));
        return report;
    });
}

Result<Report> show_nodes(const World& world, std::span<const std::string> names) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("node", Layout::sheet);
        TRY_ASSIGN(auto tenants, count_tenants(view, report.notes));
        for (const auto& name : names) {
            TRY_ASSIGN(const auto* node, get_node(view, name));
            auto row = node_row(name, *node);
            row.back().in_table = true;
            row.push_back({"domains", tenants[name].domains});
            row.push_back({"mailboxes", tenants[name].mailboxes});
            report.rows.push_back(std::move(row));
        }
        return report;
    });
}

Result<Report> create_node(const World& world, const std::string& name, const MailNode& node,
                           const ChangeOptions& options) {
    if (const auto objection = object_to_node_name(name))
        return fail(ErrorKind::usage, objection->message, objection->remedy);
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        if (view.site().nodes.contains(name))
            return fail(ErrorKind::conflict, fmt::format("there is a node '{}'", name),
                        fmt::format("mailctl node show {}", name));
        AddTable table{node_path(name), {}};
        for (const auto& key : node_keys())
            if (const auto text = key.text(node); !key.may_be_absent || text != key.text(MailNode{}))
                table.entries.emplace_back(std::string(key.name), text);
        ChangePlan plan;
        site_edits(plan).push_back(std::move(table));
        say_node(plan, name, "created");
        return plan;
    });
}

Result<Report> set_node(const World& world, const std::string& name, std::span<const Assignment> assignments,
                        const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        TRY_ASSIGN(const auto* node, get_node(view, name));
        ChangePlan plan;
        plan.report.type = "node";
        plan.report.layout = Layout::text;
        for (const auto& assignment : assignments) {
            TRY(plan_assignment(plan, name, *node, assignment));
        }
        if (!plan.files.empty()) say_node(plan, name, "changed");
        return plan;
    });
}

Result<Report> set_node_state(const World& world, std::span<const std::string> names, NodeState state,
                              const ChangeOptions& options) {
    return change_each(world, options, names, {},
                       [&](const SiteView& view, const std::string& name, ChangePlan& plan) -> Status {
                           TRY_ASSIGN(const auto* node, get_node(view, name));
                           plan.report.type = "node";
                           plan.report.layout = Layout::text;
                           if (node->state == state) return {};
                           auto path = node_path(name);
                           path.emplace_back("state");
                           site_edits(plan).push_back(SetValue{std::move(path), std::string(node_state_word(state))});
                           say_node(plan, name, state == NodeState::up ? "resumed" : "drained");
                           return {};
                       });
}

Result<Report> delete_nodes(const World& world, std::span<const std::string> names, const ChangeOptions& options) {
    return change_each(world, options, names, {},
                       [&](const SiteView& view, const std::string& name, ChangePlan& plan) -> Status {
                           TRY(get_node(view, name));
                           site_edits(plan).push_back(RemoveTable{node_path(name)});
                           say_node(plan, name, "deleted");
                           return {};
                       });
}

} // namespace mailctl
