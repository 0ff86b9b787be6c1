// Changes to domains.
#include "mailctl/admin/domains.hpp"

#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/references.hpp"
#include "mailctl/admin/targets.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/domain_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {

namespace {

Domain model_of(const NewDomain& request) {
    Domain domain(request.name);
    domain.owner = request.owner;
    domain.aliases = request.aliases;
    domain.source_ip = request.source_ip;
    domain.unknown = request.unknown.value_or(UnknownAction{});
    return domain;
}

bool same_settings(const Domain& domain, const NewDomain& request) {
    return domain.owner == request.owner && domain.aliases == request.aliases &&
           domain.source_ip == request.source_ip && domain.unknown == request.unknown.value_or(UnknownAction{});
}

Status plan_new_domain(const SiteView& view, const NewDomain& request, ChangePlan& plan) {
    TRY_ASSIGN(const auto* existing, view.find_domain(request.name));
    if (existing && same_settings(*existing, request)) {
        plan.files.try_emplace(SourceFile{request.name}); // perhaps written by hand and not applied yet
        return {};
    }
    if (existing)
        return fail(ErrorKind::conflict, fmt::format("domain '{}' exists already", request.name.display()),
                    fmt::format("change it with 'mailctl domain set {} KEY=VALUE'", request.name.text()));
    plan.files.emplace(SourceFile{request.name}, compose_domain(model_of(request)));
    say_done(plan, "domain", request.name.display(), "created");
    return {};
}

using Edits = Result<std::vector<Edit>>;

Edits assign_aliases(const Domain& domain, const Assignment& assignment) {
    const KeyPath path{"domain", "aliases"};
    std::vector<Edit> edits;
    std::vector<std::string> names;
    for (const auto& element : list_elements(assignment.value)) {
        TRY_ASSIGN(const auto name, DomainName::parse(element));
        names.push_back(name.text());
        const bool there = std::ranges::find(domain.aliases, name) != domain.aliases.end();
        if (assignment.operation == Assignment::Operation::add && !there)
            edits.emplace_back(AddElement{path, name.text()});
        if (assignment.operation == Assignment::Operation::remove && there)
            for (const auto& spelling : {name.text(), name.display()})
                edits.emplace_back(RemoveElement{path, spelling});
    }
    if (assignment.operation != Assignment::Operation::set) return edits;
    if (std::ranges::equal(names, domain.aliases, {}, {}, &DomainName::text)) return edits;
    if (names.empty())
        edits.emplace_back(RemoveKey{path});
    else
        edits.emplace_back(SetValue{path, names});
    return edits;
}

Edits assign_unknown(const Domain& domain, const Assignment& assignment) {
    TRY(only_set(assignment));
    const KeyPath path{"domain", "unknown"};
    std::vector<Edit> edits;
    if (assignment.value.empty()) {
        edits.emplace_back(RemoveKey{path});
        return edits;
    }
    TRY_ASSIGN(const auto action, parse_unknown_action(assignment.value, domain.name));
    if (action != domain.unknown) edits.emplace_back(SetValue{path, unknown_value(action, domain.name)});
    return edits;
}

Edits assign_number(const KeyPath& path, const Assignment& assignment, unsigned now) {
    TRY(only_set(assignment));
    std::vector<Edit> edits;
    if (assignment.value.empty()) {
        edits.emplace_back(RemoveKey{path});
        return edits;
    }
    unsigned number = 0;
    const auto& text = assignment.value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(ErrorKind::usage, fmt::format("'{}' is not a number", printable(text)), "0 means no limit");
    if (number != now) edits.emplace_back(SetValue{path, static_cast<long long>(number)});
    return edits;
}

// The keys that hold one text or number, and where the model has them now.
Edits assign(const Domain& domain, const Assignment& assignment) {
    static const std::vector<std::string> keys{
        "owner",           "aliases",         "source_ip",     "relay_to",     "unknown",      "limits.mailboxes",
        "limits.aliases",  "limits.forwards", "limits.robots", "limits.lists", "limits.quota", "dmarc.policy",
        "dmarc.report_to", "tls.certificate", "tls.key"};
    const std::string& key = assignment.key;
    KeyPath path{"domain"};
    for (const auto part : split(key, '.'))
        path.emplace_back(part);
    const auto dmarc = domain.dmarc.value_or(Dmarc{"", ""});
    const auto tls = domain.tls.value_or(TlsFiles{});
    if (key == "aliases") return assign_aliases(domain, assignment);
    if (key == "unknown") return assign_unknown(domain, assignment);
    if (key == "owner") return assign_text(path, assignment, domain.owner);
    if (key == "source_ip") return assign_text(path, assignment, domain.source_ip);
    if (key == "relay_to") return assign_text(path, assignment, domain.relay_to);
    if (key == "limits.mailboxes") return assign_number(path, assignment, domain.limits.mailboxes);
    if (key == "limits.aliases") return assign_number(path, assignment, domain.limits.aliases);
    if (key == "limits.forwards") return assign_number(path, assignment, domain.limits.forwards);
    if (key == "limits.robots") return assign_number(path, assignment, domain.limits.robots);
    if (key == "limits.lists") return assign_number(path, assignment, domain.limits.lists);
    if (key == "limits.quota") return assign_size(path, assignment, domain.limits.quota);
    if (key == "dmarc.policy") return assign_text(path, assignment, dmarc.policy);
    if (key == "dmarc.report_to") return assign_text(path, assignment, dmarc.report_to);
    if (key == "tls.certificate") return assign_text(path, assignment, tls.certificate);
    if (key == "tls.key") return assign_text(path, assignment, tls.key);
    return fail(unknown_key(key, keys));
}

// A table goes with its last key: an empty [domain.tls] is incomplete, and an empty [domain.dmarc] is still DMARC.
void remove_emptied_tables(const Domain& domain, std::span<const Assignment> assignments, ChangePlan& plan) {
    const auto dmarc = domain.dmarc.value_or(Dmarc{"", ""});
    const auto tls = domain.tls.value_or(TlsFiles{});
    std::map<std::string, std::string> after{{"tls.certificate", tls.certificate},
                                             {"tls.key", tls.key},
                                             {"dmarc.policy", dmarc.policy},
                                             {"dmarc.report_to", dmarc.report_to}};
    for (const auto& assignment : assignments)
        if (const auto known = after.find(assignment.key); known != after.end()) known->second = assignment.value;
    if (domain.tls && after["tls.certificate"].empty() && after["tls.key"].empty())
        plan.edit(domain.name, RemoveTable{{"domain", "tls"}});
    if (domain.dmarc && after["dmarc.policy"].empty() && after["dmarc.report_to"].empty())
        plan.edit(domain.name, RemoveTable{{"domain", "dmarc"}});
}

Result<Report> assign_all(const World& world, const DomainName& name, std::span<const Assignment> assignments,
                          const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        TRY_ASSIGN(const auto* domain, view.get_domain(name));
        for (const auto& assignment : assignments) {
            TRY_ASSIGN(auto edits, assign(*domain, assignment));
            for (auto& edit : edits)
                plan.edit(domain->name, std::move(edit));
        }
        remove_emptied_tables(*domain, assignments, plan);
        if (!plan.files.empty()) say_done(plan, "domain", domain->name.display(), "changed");
        return plan;
    });
}

Result<Report> set_state(const World& world, std::span<const DomainName> names, DomainState state,
                         const ChangeOptions& options) {
    const bool suspend = state == DomainState::suspended;
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        for (const auto& name : names) {
            TRY_ASSIGN(const auto* domain, view.get_domain(name));
            if (domain->state == state) continue;
            plan.edit(domain->name, SetValue{{"domain", "state"}, std::string(suspend ? "suspended" : "active")});
            say_done(plan, "domain", domain->name.display(), suspend ? "suspended" : "resumed");
        }
        return plan;
    });
}

Error no_such_alias(const Domain& domain, const DomainName& alias) {
    std::vector<std::string> names;
    for (const auto& each : domain.aliases)
        names.push_back(each.text());
    const auto near = nearest(alias.text(), names);
    return {ErrorKind::missing, fmt::format("domain '{}' has no alias '{}'", domain.name.display(), alias.display()),
            near ? fmt::format("did you mean '{}'?", *near) : fmt::format("mailctl domain show {}", domain.name.text()),
            0};
}

Assignment of_names(Assignment::Operation operation, std::span<const DomainName> names) {
    std::vector<std::string> texts;
    for (const auto& name : names)
        texts.push_back(name.text());
    return {"aliases", operation, join(texts, " ")};
}

} // namespace

Result<Report> create_domains(const World& world, std::span<const NewDomain> domains, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        for (const auto& request : domains) {
            TRY(plan_new_domain(view, request, plan));
        }
        return plan;
    });
}

Result<Report> set_domain(const World& world, const DomainName& domain, std::span<const Assignment> assignments,
                          const ChangeOptions& options) {
    return assign_all(world, domain, assignments, options);
}

Result<Report> delete_domains(const World& world, std::span<const DomainName> domains, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        for (const auto& name : domains) {
            TRY_ASSIGN(const auto* domain, view.get_domain(name));
            if (domain->name != name)
                return fail(ErrorKind::conflict,
                            fmt::format("'{}' is another name of '{}'", name.display(), domain->name.display()),
                            fmt::format("mailctl domain alias-remove {} {}", domain->name.text(), name.text()));
            plan.files.emplace(SourceFile{name}, RemoveFile{});
            say_done(plan, "domain", name.display(), "deleted");
        }
        TRY(refuse_if_referred_to(view, domains));
        return plan;
    });
}

Result<Report> suspend_domains(const World& world, std::span<const DomainName> domains, const ChangeOptions& options) {
    return set_state(world, domains, DomainState::suspended, options);
}

Result<Report> resume_domains(const World& world, std::span<const DomainName> domains, const ChangeOptions& options) {
    return set_state(world, domains, DomainState::active, options);
}

Result<Report> add_domain_aliases(const World& world, const DomainName& domain, std::span<const DomainName> aliases,
                                  const ChangeOptions& options) {
    const std::vector<Assignment> assignments{of_names(Assignment::Operation::add, aliases)};
    return assign_all(world, domain, assignments, options);
}

Result<Report> remove_domain_aliases(const World& world, const DomainName& domain, std::span<const DomainName> aliases,
                                     const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        TRY_ASSIGN(const auto* found, view.get_domain(domain));
        for (const auto& alias : aliases)
            if (std::ranges::find(found->aliases, alias) == found->aliases.end())
                return fail(no_such_alias(*found, alias));
        TRY_ASSIGN(auto edits, assign_aliases(*found, of_names(Assignment::Operation::remove, aliases)));
        for (auto& edit : edits)
            plan.edit(found->name, std::move(edit));
        say_done(plan, "domain", found->name.display(), "changed");
        return plan;
    });
}

} // namespace mailctl
