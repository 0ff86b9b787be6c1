// SPDX-License-Identifier: Apache-2.0
// Keys made and taken over, and their steps. What a step needs to be legal is exchange/dkim_rotation's business.
#include "mailctl/admin/care/dkim.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/key_changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/exchange/dkim_record.hpp"
#include "mailctl/exchange/dns/record.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/site/dkim_keys.hpp"
#include "seen_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {
namespace {

// One domain with what is known of its keys.
struct KeyedDomain {
    DomainName name;
    std::vector<DkimSelector> selectors;
    DkimRules rules;
};

bool has_key_file(const std::string& directory, const DkimSelector& selector) {
    return find_stamp(directory + "/" + key_file_name(selector.name)).value_or(std::nullopt).has_value();
}

Status require_key_file(const SiteView& view, const DomainName& domain, const DkimSelector& selector) {
    const auto directory = dkim_directory_of(view.paths(), view.site(), domain);
    if (has_key_file(directory, selector)) return {};
    return fail(ErrorKind::conflict,
                fmt::format("the private key of selector '{}' is missing: '{}/{}'", selector.name, directory,
                            key_file_name(selector.name)),
                "put it back from a backup, or make another: mailctl dkim create " + domain.text());
}

class KeyedDomains {
  public:
    KeyedDomains(const World& world, const SiteView& view) : world_(world), view_(view), seen_(view) {}

    [[nodiscard]] Result<KeyedDomain> find(const DomainName& name) const {
        KeyedDomain domain{name, {}, dkim_rules(view_.site(), world_.clock())};
        TRY_ASSIGN(domain.selectors, find_selectors(view_.paths(), view_.site(), name));
        // Without its key file nothing could be signed, and OpenDKIM would not start.
        domain.rules.was_seen =
            [was_seen = seen_.of(name), directory = dkim_directory_of(view_.paths(), view_.site(), name)](
                const DkimSelector& selector) { return was_seen(selector) && has_key_file(directory, selector); };
        return domain;
    }

  private:
    const World& world_;
    const SiteView& view_;
    SeenKeys seen_;
};

// Real names of the domains named; of all where none is.
Result<std::vector<DomainName>> domains_with_keys(const SiteView& view, std::span<const DomainName> names) {
    if (names.empty()) return view.domain_names();
    std::vector<DomainName> real;
    std::set<DomainName> known;
    for (const auto& name : names) {
        TRY_ASSIGN(auto found, view.real_name(name));
        if (known.insert(found).second) real.push_back(std::move(found));
    }
    return real;
}

// Of many domains one may be damaged: it is named, and the others go on.
bool is_left_out(const Result<KeyedDomain>& domain, std::span<const DomainName> named, Report& report) {
    if (domain || !named.empty() || domain.error().kind != ErrorKind::invalid) return false;
    report.notes.push_back("left out: " + domain.error().what);
    report.status = exit_code(ErrorKind::partial);
    return true;
}

DnsRecord record_of(const DomainName& domain, const DkimSelector& selector) {
    return {fmt::format("{}.{}", dkim_label(selector.name), domain.text()), "TXT", dkim_record_text(selector)};
}

std::string record_line(const SiteView& view, const DomainName& domain, const DkimSelector& selector) {
    return zone_line(record_of(domain, selector), static_cast<unsigned>(view.site().dns.ttl.count())) + '\n';
}

Cells key_row(const KeyedDomain& domain, const DkimSelector& selector) {
    const auto next = next_step(domain.selectors, selector, domain.rules);
    return {{"domain", domain.name.display()},
            {"selector", selector.name},
            {"algorithm", std::string(algorithm_name(selector.algorithm))},
            {"state", std::string(state_name(selector.state))},
            {"since", selector.since},
            {"next", next.step.empty() ? CellValue{} : CellValue{std::string(next.step)}},
            {"next_at", next.at ? CellValue{*next.at} : CellValue{}, true, true, "NEXT AT"}};
}

Cells done_row(const DomainName& domain, const DkimSelector& selector, std::string_view done) {
    return {{"domain", domain.display()},
            {"selector", selector.name},
            {"algorithm", std::string(algorithm_name(selector.algorithm))},
            {"state", std::string(state_name(selector.state))},
            {"done", std::string(done)}};
}

std::string_view word_for(SelectorState state) {
    switch (state) {
    case SelectorState::fresh:
        return "created";
    case SelectorState::active:
        return "activated";
    case SelectorState::retiring:
        return "retired";
    case SelectorState::revoked:
        return "revoked";
    case SelectorState::gone:
        break;
    }
    return "deleted";
}

// What an administrator has to do about the record now.
std::string advice_for(SelectorState state) {
    switch (state) {
    case SelectorState::fresh:
        return ": publish its record; 'mailctl dkim rotate' activates it once it was seen";
    case SelectorState::active:
        return ": mail is signed with it from now on";
    case SelectorState::retiring:
        return ": its record must stay";
    case SelectorState::revoked:
        return ": publish its record with an empty p=";
    case SelectorState::gone:
        break;
    }
    return ": its record may go";
}

void say_changed(Report& report, const SelectorChange& change) {
    for (const auto& selector : change.after) {
        const auto* before = find_selector(change.before, selector.name);
        if (before != nullptr && before->state == selector.state) continue;
        report.rows.push_back(done_row(change.domain, selector, word_for(selector.state)));
        report.notes.push_back(fmt::format("{} selector '{}' of '{}'{}", word_for(selector.state), selector.name,
                                           change.domain.display(), advice_for(selector.state)));
    }
}

// Puts a new selector among the others, in the order of names.
void add_selector(std::vector<DkimSelector>& selectors, DkimSelector selector) {
    const auto place = std::ranges::lower_bound(selectors, selector.name, {}, &DkimSelector::name);
    selectors.insert(place, std::move(selector));
}

// Adds keys to a domain, one after another.
struct KeyMaker {
    const World& world;
    const SiteView& view;
    KeyStock& keys;

    [[nodiscard]] Status add(SelectorChange& change, const std::string& name, SigningKey key) const {
        add_selector(change.after, {name, key.algorithm, SelectorState::fresh, world.clock(), key.public_key});
        change.keys.push_back({name, std::move(key)});
        return {};
    }
    [[nodiscard]] Status add_new(SelectorChange& change, const std::string& name, DkimAlgorithm algorithm) const {
        TRY_ASSIGN(auto key, keys.take(algorithm));
        const auto today = day_in_zone(world.clock(), view.site().time_zone);
        return add(change, name.empty() ? new_selector_name(change.after, algorithm, today) : name, std::move(key));
    }
};

Status get_selector(const DomainName& domain, std::span<const DkimSelector> selectors, const std::string& name) {
    if (find_selector(selectors, name) != nullptr) return {};
    std::vector<std::string> names;
    for (const auto& selector : selectors)
        names.push_back(selector.name);
    const auto near = nearest(name, names);
    return fail(ErrorKind::missing, fmt::format("'{}' has no selector '{}'", domain.display(), printable(name)),
                near ? fmt::format("did you mean '{}'?", *near)
                     : fmt::format("see 'mailctl dkim list {}'", domain.text()));
}

Error selector_taken(const DomainName& domain, const DkimSelector& selector) {
    const bool is_gone = selector.state == SelectorState::gone;
    return {ErrorKind::conflict,
            fmt::format("'{}' {} selector '{}' {}", domain.display(), is_gone ? "had" : "has", selector.name,
                        is_gone ? "once: a name is never used again" : "already"),
            "choose another with --selector, or leave it to mailctl", 0};
}

Status check_new_name(const DomainName& domain, std::span<const DkimSelector> selectors, const std::string& name) {
    constexpr std::size_t longest_domain_name = 253;
    if (name.empty()) return {};
    if (const auto* taken = find_selector(selectors, name)) return fail(selector_taken(domain, *taken));
    if (dkim_label(name).size() + 1 + domain.text().size() > longest_domain_name)
        return fail(ErrorKind::invalid, fmt::format("selector '{}' is too long for '{}'", name, domain.display()),
                    "choose a shorter one");
    return {};
}

// Weaker keys are refused by those who verify (RFC 8301 3.2); what is weak only is taken over as it is.
Status check_strength(const std::string& file, const SigningKey& key, Report& report) {
    constexpr unsigned least_bits = 1024, good_bits = 2048;
    if (key.algorithm != DkimAlgorithm::rsa || key.bits >= good_bits) return {};
    if (key.bits < least_bits)
        return fail(ErrorKind::invalid,
                    fmt::format("'{}' holds a key of {} bits, which nobody verifies", file, key.bits),
                    "let 'mailctl dkim create' make another");
    report.notes.push_back(fmt::format("warning: '{}' holds a key of {} bits: make a successor soon", file, key.bits));
    return {};
}

Result<SigningKey> given_key(const NewKeys& request, Report& report) {
    TRY_ASSIGN(const auto text, load_file(request.key_file));
    auto key = read_signing_key(text);
    if (!key) return fail(key.error().while_doing(fmt::format("cannot read '{}'", request.key_file)));
    if (!request.algorithms.empty() && request.algorithms != std::vector{key->algorithm})
        return fail(ErrorKind::conflict,
                    fmt::format("'{}' holds a key of {}", request.key_file, algorithm_name(key->algorithm)),
                    "leave --algorithm out");
    TRY(check_strength(request.key_file, *key, report));
    return key;
}

Result<SelectorChange> change_of(const KeyedDomain& domain) {
    return SelectorChange{domain.name, domain.selectors, domain.selectors, {}};
}

Status refuse_ambiguous(const NewKeys& request, std::size_t algorithms) {
    if (request.domains.size() > 1 && !request.key_file.empty())
        return fail(ErrorKind::usage, "--key is one key, and takes one domain", "run the command once for each");
    if (!request.selector.empty() && algorithms > 1)
        return fail(ErrorKind::usage, "--selector is one name, and there would be two keys",
                    "say which with --algorithm rsa or --algorithm ed25519");
    return {};
}

} // namespace

Result<Report> create_keys(const World& world, const NewKeys& request, const ChangeOptions& options) {
    return change_selectors(world, options, [&](const SiteView& view, KeyStock& keys) -> Result<SelectorPlan> {
        const auto algorithms =
            request.algorithms.empty() ? usual_algorithms(view.site().dkim.signer) : request.algorithms;
        TRY(refuse_ambiguous(request, request.key_file.empty() ? algorithms.size() : 1));
        SelectorPlan plan{{}, report_of("dkim_key", Layout::text)};
        TRY_ASSIGN(const auto names, domains_with_keys(view, request.domains));
        const KeyMaker maker{world, view, keys};
        const KeyedDomains keyed(world, view);
        for (const auto& name : names) {
            TRY_ASSIGN(const auto domain, keyed.find(name));
            TRY(check_new_name(name, domain.selectors, request.selector));
            TRY_ASSIGN(auto change, change_of(domain));
            if (!request.key_file.empty()) {
                TRY_ASSIGN(auto key, given_key(request, plan.report));
                const auto today = day_in_zone(world.clock(), view.site().time_zone);
                const auto chosen =
                    request.selector.empty() ? new_selector_name(change.after, key.algorithm, today) : request.selector;
                TRY(maker.add(change, chosen, std::move(key)));
            } else {
                for (const auto algorithm : algorithms) {
                    TRY(maker.add_new(change, request.selector, algorithm));
                }
            }
            for (const auto& key : change.keys)
                plan.report.text += record_line(view, name, *find_selector(change.after, key.selector));
            say_changed(plan.report, change);
            plan.changes.push_back(std::move(change));
        }
        return plan;
    });
}

Result<Report> step_key(const World& world, const StepOfKey& request, const ChangeOptions& options) {
    return change_selectors(world, options, [&](const SiteView& view, KeyStock&) -> Result<SelectorPlan> {
        TRY_ASSIGN(const auto name, view.real_name(request.domain));
        TRY_ASSIGN(const auto domain, KeyedDomains(world, view).find(name));
        TRY(get_selector(domain.name, domain.selectors, request.selector));
        TRY_ASSIGN(auto change, change_of(domain));
        TRY_ASSIGN(change.after,
                   take_step(change.after, request.selector, request.step, domain.rules, request.force, name));
        if (request.step == DkimStep::activate && change.after != change.before) {
            TRY(require_key_file(view, name, *find_selector(change.after, request.selector)));
        }
        SelectorPlan plan{{}, report_of("dkim_key", Layout::text)};
        say_changed(plan.report, change);
        plan.changes.push_back(std::move(change));
        return plan;
    });
}

Result<Report> rotate_keys(const World& world, std::span<const DomainName> domains, const ChangeOptions& options) {
    return change_selectors(world, options, [&](const SiteView& view, KeyStock& keys) -> Result<SelectorPlan> {
        SelectorPlan plan{{}, report_of("dkim_key", Layout::text)};
        TRY_ASSIGN(const auto names, domains_with_keys(view, domains));
        const KeyMaker maker{world, view, keys};
        const KeyedDomains keyed(world, view);
        Progress progress("rotating keys", names.size());
        for (const auto& name : names) {
            progress.step();
            const auto domain = keyed.find(name);
            if (is_left_out(domain, domains, plan.report)) continue;
            if (!domain) return fail(domain.error());
            auto rotation = rotate_selectors(domain->selectors, domain->rules);
            SelectorChange change{name, domain->selectors, std::move(rotation.selectors), {}};
            for (const auto algorithm : rotation.successors) {
                TRY(maker.add_new(change, {}, algorithm));
            }
            say_changed(plan.report, change);
            plan.changes.push_back(std::move(change));
        }
        return plan;
    });
}

Result<Report> list_keys(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("dkim_key");
        TRY_ASSIGN(const auto names, domains_with_keys(view, domains));
        const KeyedDomains keyed(world, view);
        for (const auto& name : names) {
            const auto domain = keyed.find(name);
            if (is_left_out(domain, domains, report)) continue;
            if (!domain) return fail(domain.error());
            for (const auto& selector : domain->selectors)
                report.rows.push_back(key_row(*domain, selector));
        }
        return report;
    });
}

Result<Report> show_keys(const World& world, std::span<const DomainName> domains, const std::string& selector) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("dkim_key", Layout::text);
        TRY_ASSIGN(const auto names, domains_with_keys(view, domains));
        const KeyedDomains keyed(world, view);
        for (const auto& name : names) {
            TRY_ASSIGN(const auto domain, keyed.find(name));
            if (!selector.empty()) {
                TRY(get_selector(name, domain.selectors, selector));
            }
            for (const auto& one : domain.selectors) {
                if ((!selector.empty() && one.name != selector) || one.state == SelectorState::gone) continue;
                const auto record = record_of(name, one);
                report.text += record_line(view, name, one);
                report.rows.push_back(key_row(domain, one));
                report.rows.back().insert(report.rows.back().end(), {{"name", record.name},
                                                                     {"rrtype", record.type},
                                                                     {"ttl", std::int64_t{view.site().dns.ttl.count()}},
                                                                     {"value", record.value}});
            }
        }
        return report;
    });
}

} // namespace mailctl
