// SPDX-License-Identifier: Apache-2.0
// `mailctl config`.
#include "mailctl/admin/settings.hpp"

#include "doubts.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/validation.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/model_edits.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/config/toml/toml.hpp"
#include "mailctl/os/clock.hpp"
#include "mailctl/site/exposed_files.hpp"

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

// The strings of an array in TOML; none of anything else.
std::vector<std::string> elements_of(const Node* array) {
    std::vector<std::string> elements;
    for (const auto& element : array ? array->elements : std::vector<Node>{})
        elements.push_back(element.text);
    return elements;
}

// As programs read it: a text without the quotes of TOML, a number as a number, a list as one.
CellValue cell_of(const SiteKey& key) {
    const auto parsed = parse_toml("x = " + key.value, "");
    const auto* node = parsed.root.find("x");
    if (key.value.front() == '[') return elements_of(node);
    if (key.value == "true" || key.value == "false") return key.value == "true";
    std::int64_t number = 0;
    const auto* end = key.value.data() + key.value.size();
    if (const auto read = std::from_chars(key.value.data(), end, number); read.ec == std::errc() && read.ptr == end)
        return number;
    return node ? CellValue(node->text) : CellValue(key.value);
}

// One setting, before and after all words about it. A list that the file does not have is that of the defaults.
struct SettingInHand {
    const SiteKey* key = nullptr;
    KeyPath path;
    bool is_written = false;                   // in the file
    std::vector<std::string> elements, before; // of a list
    std::optional<Value> value = {};           // of anything else; absent: as it is
    bool cleared = false;
    std::size_t words = 0; // about it
};

SettingInHand take_setting(const SiteKey& key, const Node& root) {
    SettingInHand hand;
    hand.key = &key;
    const Node* node = &root;
    for (const auto& part : key.path) {
        hand.path.push_back(part);
        node = node ? node->find(part) : nullptr;
    }
    hand.is_written = node != nullptr;
    const auto now = parse_toml("x = " + key.value, "");
    hand.before = hand.elements = elements_of(node ? node : now.root.find("x"));
    return hand;
}

Status assign_elements(SettingInHand& hand, const Assignment& assignment) {
    const auto given = list_elements(assignment.value, hand.key->elements_hold_spaces ? "," : ", \t");
    for (auto element = given.begin(); element != given.end(); ++element)
        if (std::find(given.begin(), element, *element) != element) return fail(given_twice(*element));
    if (assignment.operation == Assignment::Operation::set) hand.elements = given;
    for (const auto& element : given) {
        const auto same = [&](const std::string& other) { return equal_folded(other, element); };
        const bool there = std::ranges::any_of(hand.elements, same);
        if (assignment.operation == Assignment::Operation::add && !there) hand.elements.push_back(element);
        if (assignment.operation == Assignment::Operation::remove) std::erase_if(hand.elements, same);
    }
    return {};
}

Status assign_setting(SettingInHand& hand, const Assignment& assignment) {
    const bool is_list = hand.key->value.front() == '[';
    if (!is_list) {
        TRY(only_set(assignment));
    }
    hand.cleared = assignment.operation == Assignment::Operation::set && assignment.value.empty();
    if (hand.cleared) return {};
    if (is_list) return assign_elements(hand, assignment);
    TRY_ASSIGN(hand.value, value_like(*hand.key, assignment.value));
    return {};
}

// nullopt: it says so already.
std::optional<Edit> edit_of(const SettingInHand& hand) {
    if (hand.cleared) return hand.is_written ? std::optional<Edit>(RemoveKey{hand.path}) : std::nullopt;
    if (hand.value) {
        if (format_value(*hand.value) == hand.key->value) return std::nullopt;
        return SetValue{hand.path, *hand.value};
    }
    if (hand.elements == hand.before) return std::nullopt;
    if (!hand.is_written) return SetValue{hand.path, hand.elements};
    return array_difference(hand.path, hand.before, hand.elements, hand.elements);
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
        TRY_ASSIGN(auto draft, Draft::make(view, file, std::vector<Edit>{}));
        if (draft) drafts.push_back(std::move(*draft));
        report.notes.push_back(fmt::format("'{}' is not applied yet: mailctl apply", file.path(view.paths())));
    }
    auto validated = validate_drafts(world, view, drafts);
    if (validated) return {};
    if (validated.error().kind == ErrorKind::temporary) return fail(std::move(validated).error());
    for (const auto line : split(validated.error().what, '\n'))
        add_findings(report, {{"", {}, "", std::string(line), validated.error().hint}});
    return {};
}

Status add_exposed_files(const SiteView& view, Report& report) {
    TRY_ASSIGN(const auto exposed, find_exposed_files(view));
    for (const auto& path : exposed)
        add_findings(report, {{path,
                               {},
                               "",
                               "everybody may read it, and it holds password hashes",
                               fmt::format("chmod o-rwx '{}'", path)}});
    return {};
}

Status note_doubts(const World& world, const SiteView& view, Report& report) {
    TRY_ASSIGN(const auto doubts, find_doubts(world, view));
    for (const auto& doubt : doubts)
        report.notes.push_back("warning: " + doubt);
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
                                       {"value", cell_of(key), false, false}, // JSON has the last of a name
                                       {"default", key.is_default, true, false},
                                       {"help", key.help, false}});
        return report;
    });
}

Result<Report> set_settings(const World& world, std::span<const Assignment> assignments, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        TRY_ASSIGN(const auto text, view.find_text(site_source));
        TRY_ASSIGN(const auto site, written_site(view));
        const auto keys = site_keys(site);
        const auto file = parse_toml(text.value_or(""), view.paths().site_file);
        std::vector<SettingInHand> hands;
        for (const auto& assignment : assignments) {
            TRY_ASSIGN(const auto* key, get_key(keys, assignment.key));
            auto hand = std::ranges::find(hands, key, &SettingInHand::key);
            if (hand == hands.end()) hand = hands.insert(hands.end(), take_setting(*key, file.root));
            ++hand->words;
            TRY(assign_setting(*hand, assignment));
        }
        ChangePlan plan;
        std::vector<Edit> edits;
        for (const auto& hand : hands) {
            auto edit = edit_of(hand);
            if (!edit) continue;
            edits.push_back(std::move(*edit));
            for (std::size_t i = 0; i < hand.words; ++i) {
                plan.report.notes.push_back(fmt::format("set '{}'", hand.key->key));
                plan.report.rows.push_back({{"key", hand.key->key}, {"done", std::string("set")}});
            }
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
        if (const auto site = parse_site(site_text.value_or(""), ""); site && !is_time_zone(site->time_zone))
            add_findings(report, {{view.paths().site_file,
                                   {},
                                   "time_zone",
                                   fmt::format("'{}' is no time zone that this machine knows, and counts as UTC",
                                               site->time_zone),
                                   "write one that lies below /usr/share/zoneinfo (package tzdata)"}});
        if (report.rows.empty()) {
            TRY(add_cross_findings(world, view, report));
            TRY(note_doubts(world, view, report));
        }
        TRY(add_exposed_files(view, report));
        if (!report.rows.empty()) report.status = exit_code(ErrorKind::found);
        return report;
    });
}

} // namespace mailctl
