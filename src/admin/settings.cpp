// `mailctl config`.
#include "mailctl/admin/settings.hpp"

#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/targets.hpp"
#include "mailctl/admin/validation.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/site_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {

namespace {

Result<Site> written_site(const SiteView& view) {
    TRY_ASSIGN(const auto text, view.find_text(site_source));
    return parse_site(text.value_or(""), view.paths().site_file);
}

Result<const SiteKey*> get_key(const std::vector<SiteKey>& keys, const std::string& name) {
    const auto found = std::ranges::find(keys, name, &SiteKey::key);
    if (found != keys.end()) return &*found;
    std::vector<std::string> names;
    for (const auto& key : keys)
        names.push_back(key.key);
    const auto near = nearest(name, names);
    return fail(ErrorKind::missing, fmt::format("no setting '{}'", printable(name)),
                near ? fmt::format("did you mean '{}'?", *near) : "mailctl config show lists them");
}

// The value as the kind of TOML value that the key holds now; what it means is checked with the whole file.
Result<Value> value_like(const SiteKey& key, const std::string& text) {
    const char first = key.value.front();
    if (first == '[') return Value(list_elements(text));
    if (first == '"' || first == '\'') return Value(text);
    if (key.value == "true" || key.value == "false") {
        if (text == "true" || text == "false") return Value(text == "true");
        return fail(ErrorKind::usage, fmt::format("'{}' is neither true nor false", printable(text)),
                    fmt::format("write {}=true or {}=false", key.key, key.key));
    }
    long long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return Value(number);
    return fail(ErrorKind::usage, fmt::format("'{}' is not a number", printable(text)), key.help);
}

Result<Edit> edit_of(const SiteKey& key, const Assignment& assignment) {
    KeyPath path;
    for (const auto part : split(key.key, '.'))
        path.emplace_back(part);
    const bool is_list = key.value.front() == '[';
    if (assignment.operation != Assignment::Operation::set && !is_list)
        return fail(ErrorKind::usage, fmt::format("'{}' holds one value", key.key),
                    fmt::format("write {}=VALUE", key.key));
    if (assignment.operation == Assignment::Operation::add) return Edit(AddElement{path, assignment.value});
    if (assignment.operation == Assignment::Operation::remove) return Edit(RemoveElement{path, assignment.value});
    if (assignment.value.empty()) return Edit(RemoveKey{path});
    TRY_ASSIGN(auto value, value_like(key, assignment.value));
    return Edit(SetValue{path, std::move(value)});
}

bool is_set_to(const SiteKey& key, const Edit& edit) {
    const auto* set = std::get_if<SetValue>(&edit);
    return set && format_value(set->value) == key.value;
}

void add_findings(Report& report, const std::vector<Diagnostic>& diagnostics) {
    for (const auto& found : diagnostics) {
        report.rows.push_back({{"file", found.file},
                               {"line", static_cast<std::int64_t>(found.place.line)},
                               {"column", static_cast<std::int64_t>(found.place.column)},
                               {"key", found.key},
                               {"message", found.message},
                               {"remedy", found.remedy}});
    }
}

// What no file shows by itself; asked only when each is good.
Status add_cross_findings(const World& world, const SiteView& view, Report& report) {
    std::vector<Draft> drafts;
    TRY_ASSIGN(const auto files, unapplied_files(view));
    for (const auto& file : files) {
        TRY_ASSIGN(const auto text, view.find_text(file));
        drafts.push_back({file, {}, text, text, {}});
        report.notes.push_back(fmt::format("'{}' is not applied yet: mailctl apply", file.path(view.paths())));
    }
    auto validated = validate_drafts(world, view, drafts);
    if (validated) return {};
    if (validated.error().kind == ErrorKind::temporary) return fail(std::move(validated).error());
    for (const auto line : split(validated.error().what, '\n'))
        add_findings(report, {{"", {}, "", std::string(line), validated.error().hint}});
    return {};
}

} // namespace

Result<Report> show_settings(const World& world, std::span<const std::string> keys) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        TRY_ASSIGN(const auto site, written_site(view));
        const auto all = site_keys(site);
        for (const auto& key : keys) {
            TRY(get_key(all, key));
        }
        Report report = report_of("setting");
        for (const auto& key : all)
            if (keys.empty() || std::ranges::find(keys, key.key) != keys.end())
                report.rows.push_back({{"key", key.key},
                                       {"value", key.value},
                                       {"default", key.is_default, true, false},
                                       {"help", key.help, false}});
        return report;
    });
}

Result<Report> set_settings(const World& world, std::span<const Assignment> assignments, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        TRY_ASSIGN(const auto site, written_site(view));
        const auto keys = site_keys(site);
        ChangePlan plan;
        std::vector<Edit> edits;
        for (const auto& assignment : assignments) {
            TRY_ASSIGN(const auto* key, get_key(keys, assignment.key));
            TRY_ASSIGN(auto edit, edit_of(*key, assignment));
            if (is_set_to(*key, edit)) continue;
            edits.push_back(std::move(edit));
            plan.report.notes.push_back(fmt::format("set '{}'", key->key));
            plan.report.rows.push_back({{"key", key->key}, {"done", std::string("set")}});
        }
        plan.report.type = "setting";
        plan.report.layout = Layout::text;
        if (!edits.empty()) plan.files.emplace(site_source, std::move(edits));
        return plan;
    });
}

Result<Report> check_settings(const World& world) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("finding");
        TRY_ASSIGN(const auto site_text, view.find_text(site_source));
        add_findings(report, check_site(site_text.value_or(""), view.paths().site_file));
        const auto rules =
            report.rows.empty() ? parse_site(site_text.value_or(""), "")->addresses : view.site().addresses;
        std::vector<std::string> strays;
        TRY_ASSIGN(const auto names, view.domain_names(&strays));
        for (const auto& stray : strays)
            add_findings(report, {{stray, {}, "", std::string(misnamed_file.what), std::string(misnamed_file.remedy)}});
        for (const auto& name : names) {
            TRY_ASSIGN(const auto text, view.find_text({name}));
            add_findings(report, check_domain(text.value_or(""), view.paths().domain_file(name), name, rules));
        }
        if (report.rows.empty()) {
            TRY(add_cross_findings(world, view, report));
        }
        if (!report.rows.empty()) report.status = exit_code(ErrorKind::found);
        return report;
    });
}

} // namespace mailctl
