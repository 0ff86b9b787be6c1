// SPDX-License-Identifier: Apache-2.0
// States, ages and what stands in the way.
#include "mailctl/exchange/dkim_rotation.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

using Selectors = std::vector<DkimSelector>;

constexpr Age one_day{24 * 3600};
constexpr Age shortest_retirement = 14 * one_day;
constexpr Age revoked_for = 30 * one_day;

bool knows(DkimSigner signer, DkimAlgorithm algorithm) {
    return signer != DkimSigner::opendkim || algorithm == DkimAlgorithm::rsa; // Debian's takes one algorithm a table
}

void come_to(DkimSelector& selector, SelectorState state, Instant now) {
    selector.state = state;
    selector.since = now;
}

DkimSelector& selector_named(Selectors& selectors, std::string_view name) {
    return *std::ranges::find(selectors, name, &DkimSelector::name);
}

// The new one signs from now on, and the others of its algorithm no more.
void activate(Selectors& selectors, std::string_view name, Instant now) {
    auto& chosen = selector_named(selectors, name);
    for (auto& other : selectors)
        if (other.algorithm == chosen.algorithm && other.state == SelectorState::active)
            come_to(other, SelectorState::retiring, now);
    come_to(chosen, SelectorState::active, now);
}

bool is_last_active(std::span<const DkimSelector> selectors, const DkimSelector& selector, DkimSigner signer) {
    return std::ranges::none_of(selectors, [&](const DkimSelector& other) {
        return other.name != selector.name && other.state == SelectorState::active && knows(signer, other.algorithm);
    });
}

constexpr std::array step_targets{SelectorState::active, SelectorState::retiring, SelectorState::revoked,
                                  SelectorState::gone};
SelectorState target_of(DkimStep step) { return step_targets[static_cast<std::size_t>(step)]; }

struct StepRequest {
    std::span<const DkimSelector> selectors;
    const DkimSelector& selector;
    DkimStep step;
    const DkimRules& rules;
    const DomainName& domain;
};

struct StepObjection {
    std::string what, hint;
};

// The order of the states, which nothing overrules: forwards, and nothing signs that was withdrawn.
std::optional<StepObjection> order_objection(const StepRequest& request) {
    const auto state = request.selector.state;
    const bool is_good = request.step == DkimStep::activate ? state == SelectorState::fresh
                         : request.step == DkimStep::retire ? state == SelectorState::active
                                                            : state < target_of(request.step);
    if (is_good) return std::nullopt;
    std::string hint = request.step == DkimStep::retire && state == SelectorState::fresh
                           ? fmt::format("nothing was signed with it: mailctl dkim delete {} --selector {}",
                                         request.domain.text(), request.selector.name)
                           : fmt::format("make another: mailctl dkim create {}", request.domain.text());
    if (request.step == DkimStep::retire && state > SelectorState::retiring) hint = "nothing is signed with it";
    return StepObjection{fmt::format("is {}, and goes no way back", state_name(state)), std::move(hint)};
}

StepObjection unseen(const StepRequest& request) {
    return {
        "was not seen at all name servers of the domain yet",
        fmt::format("publish what 'mailctl dkim show {0}' prints, then: mailctl dns check {0}; --force activates it "
                    "all the same",
                    request.domain.text())};
}

// What protects mail that was signed, or is about to be.
std::optional<StepObjection> safety_objection(const StepRequest& request) {
    const auto& [selectors, selector, step, rules, domain] = request;
    if (step == DkimStep::activate)
        return rules.was_seen && rules.was_seen(selector) ? std::nullopt : std::optional(unseen(request));
    if (step == DkimStep::retire && is_last_active(selectors, selector, rules.signer))
        return StepObjection{"is the last active one of the domain: its mail would no longer be signed",
                             "activate another first; --force retires it all the same"};
    if (step > DkimStep::retire && selector.state == SelectorState::active)
        return StepObjection{
            "is active: mail is signed with it",
            fmt::format("mailctl dkim retire {} --selector {}; --force does it at once, and signed mail "
                        "that is on its way fails",
                        domain.text(), selector.name)};
    if (step > DkimStep::retire && selector.state == SelectorState::retiring &&
        rules.now < selector.since + rules.retire_for)
        return StepObjection{fmt::format("is retiring: mail signed with it may be on its way until {} UTC",
                                         format_minute(selector.since + rules.retire_for, {})),
                             "'mailctl dkim rotate' goes on then; --force does it now"};
    if (step == DkimStep::revoke && selector.state == SelectorState::fresh)
        return StepObjection{"is new: nothing was signed with it",
                             fmt::format("mailctl dkim delete {} --selector {}", domain.text(), selector.name)};
    return std::nullopt;
}

// A spare one, made before the active one was chosen, was passed over then: it is not chosen by itself later.
bool is_passed_over(std::span<const DkimSelector> selectors, const DkimSelector& fresh) {
    return std::ranges::any_of(selectors, [&](const DkimSelector& other) {
        if (other.name == fresh.name || other.algorithm != fresh.algorithm) return false;
        const bool is_newer_spare = other.state == SelectorState::fresh &&
                                    std::tie(other.since, other.name) > std::tie(fresh.since, fresh.name);
        return is_newer_spare || (other.state == SelectorState::active && other.since > fresh.since);
    });
}

bool has_successor(std::span<const DkimSelector> selectors, const DkimSelector& active) {
    return std::ranges::any_of(selectors, [&](const DkimSelector& other) {
        return other.algorithm == active.algorithm && other.state == SelectorState::fresh &&
               !is_passed_over(selectors, other);
    });
}

bool is_due(const DkimNext& next, Instant now) { return next.at && *next.at <= now; }

} // namespace

DkimRules dkim_rules(const Site& site, Instant now) {
    DkimRules rules;
    rules.signer = site.dkim.signer;
    rules.rotate_every = site.dkim.rotate_every;
    rules.retire_for = std::max(shortest_retirement, 7 * one_day + Age(site.dns.ttl));
    rules.now = now;
    return rules;
}

Result<Selectors> take_step(Selectors selectors, std::string_view name, DkimStep step, const DkimRules& rules,
                            bool force, const DomainName& domain) {
    auto& selector = selector_named(selectors, name);
    if (selector.state == target_of(step)) return selectors;
    const StepRequest request{selectors, selector, step, rules, domain};
    auto objection = order_objection(request);
    if (!objection && !force) objection = safety_objection(request);
    if (objection)
        return fail(ErrorKind::conflict,
                    fmt::format("selector '{}' of '{}' {}", selector.name, domain.display(), objection->what),
                    std::move(objection->hint));
    if (step == DkimStep::activate)
        activate(selectors, name, rules.now);
    else
        come_to(selector, target_of(step), rules.now);
    return selectors;
}

DkimNext next_step(std::span<const DkimSelector> selectors, const DkimSelector& selector, const DkimRules& rules) {
    switch (selector.state) {
    case SelectorState::fresh:
        return {is_passed_over(selectors, selector) ? "" : "activate", {}};
    case SelectorState::active:
        if (has_successor(selectors, selector)) return {"retire", {}};
        if (rules.rotate_every.count() == 0) return {"", {}};
        return {"rotate", selector.since + rules.rotate_every};
    case SelectorState::retiring:
        return {"revoke", selector.since + rules.retire_for};
    case SelectorState::revoked:
        return {"delete", selector.since + revoked_for};
    case SelectorState::gone:
        break;
    }
    return {"", {}};
}

DkimRotation rotate_selectors(Selectors selectors, const DkimRules& rules) {
    const Selectors before = selectors;
    DkimRotation rotation;
    for (const auto& selector : before) {
        const auto next = next_step(before, selector, rules);
        auto& now = selector_named(selectors, selector.name);
        if (next.step == "activate" && rules.was_seen && rules.was_seen(selector))
            activate(selectors, selector.name, rules.now);
        else if (next.step == "rotate" && is_due(next, rules.now))
            rotation.successors.push_back(selector.algorithm);
        else if (next.step == "revoke" && is_due(next, rules.now))
            come_to(now, SelectorState::revoked, rules.now);
        else if (next.step == "delete" && is_due(next, rules.now))
            come_to(now, SelectorState::gone, rules.now);
    }
    rotation.selectors = std::move(selectors);
    return rotation;
}

std::string new_selector_name(std::span<const DkimSelector> selectors, DkimAlgorithm algorithm, Date today) {
    const auto month = fmt::format("{:04}{:02}{}", static_cast<int>(today.year()), static_cast<unsigned>(today.month()),
                                   algorithm == DkimAlgorithm::rsa ? 'r' : 'e');
    auto name = month;
    for (char suffix = 'b'; find_selector(selectors, name) != nullptr; ++suffix)
        name = suffix <= 'z' ? month + suffix : name + 'b';
    return name;
}

Selectors signing_selectors(std::span<const DkimSelector> selectors, DkimSigner signer) {
    Selectors chosen;
    for (const auto algorithm : {DkimAlgorithm::rsa, DkimAlgorithm::ed25519}) {
        if (!knows(signer, algorithm)) continue;
        const DkimSelector* newest = nullptr;
        for (const auto& selector : selectors)
            if (selector.state == SelectorState::active && selector.algorithm == algorithm &&
                (newest == nullptr || selector.since > newest->since))
                newest = &selector;
        if (newest != nullptr) chosen.push_back(*newest);
    }
    return chosen;
}

std::vector<DkimAlgorithm> usual_algorithms(DkimSigner signer) {
    if (signer == DkimSigner::opendkim) return {DkimAlgorithm::rsa};
    return {DkimAlgorithm::rsa, DkimAlgorithm::ed25519};
}

} // namespace mailctl
