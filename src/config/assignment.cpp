// SPDX-License-Identifier: Apache-2.0
// KEY=VALUE words and `unknown` actions, see the header.
#include "mailctl/config/assignment.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {

Result<Assignment> parse_assignment(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
        return fail(ErrorKind::usage, fmt::format("'{}' is not an assignment", printable(text)),
                    "write KEY=VALUE, KEY+=VALUE or KEY-=VALUE");
    Assignment assignment;
    auto key = text.substr(0, equals);
    if (key.ends_with('+')) assignment.operation = Assignment::Operation::add;
    if (key.ends_with('-')) assignment.operation = Assignment::Operation::remove;
    if (assignment.operation != Assignment::Operation::set) key.remove_suffix(1);
    if (trim(key).empty())
        return fail(ErrorKind::usage, fmt::format("no key before '=' in '{}'", printable(text)), "write KEY=VALUE");
    assignment.key = std::string(trim(key));
    assignment.value = std::string(trim(text.substr(equals + 1)));
    return assignment;
}

std::vector<std::string> list_elements(std::string_view value, std::string_view separators) {
    std::vector<std::string> elements;
    while (!value.empty()) {
        std::size_t end = 0;
        for (bool inside = false; end < value.size(); ++end) {
            if (value[end] == '"') inside = !inside;
            if (value[end] == '\\' && inside) ++end;
            if (!inside && end < value.size() && separators.contains(value[end])) break;
        }
        end = std::min(end, value.size());
        if (const auto element = trim(value.substr(0, end)); !element.empty()) elements.emplace_back(element);
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return elements;
}

Status only_set(const Assignment& assignment) {
    if (assignment.operation == Assignment::Operation::set) return {};
    return fail(ErrorKind::usage, fmt::format("'{}' holds one value", assignment.key),
                fmt::format("write {}=VALUE", assignment.key));
}

Error unknown_key(const std::string& key, std::span<const std::string> keys) {
    if (key == "state") return Error{ErrorKind::usage, "'state' is no key", "use the verbs 'suspend' and 'resume'", 0};
    const auto near = nearest(key, keys);
    return Error{ErrorKind::usage, fmt::format("no key '{}' here", printable(key)),
                 near ? fmt::format("did you mean '{}'?", *near) : fmt::format("keys: {}", join(keys, ", ")), 0};
}

Error given_twice(std::string_view what) {
    return Error{ErrorKind::usage, fmt::format("'{}' is given twice", printable(what)), "leave out one of them", 0};
}

Result<Address> parse_target(std::string_view text, const DomainName& own) {
    if (text.find('@') != std::string_view::npos) return Address::parse(text);
    TRY_ASSIGN(auto local, LocalPart::parse(text));
    return Address{std::move(local), own};
}

Result<UnknownAction> parse_unknown_action(std::string_view text, const DomainName& own) {
    using Kind = UnknownAction::Kind;
    const auto colon = text.find(':');
    const auto word = text.substr(0, colon);
    const auto rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    UnknownAction action;
    if (colon == std::string_view::npos && word == "reject") return action;
    if (colon == std::string_view::npos && word == "discard") {
        action.kind = Kind::discard;
        return action;
    }
    if (colon == std::string_view::npos && word == "candidate") {
        action.kind = Kind::candidate;
        return action;
    }
    if (word == "redirect" && !list_elements(rest).empty()) {
        action.kind = Kind::redirect;
        for (const auto& element : list_elements(rest)) {
            TRY_ASSIGN(auto address, parse_target(element, own));
            action.to.push_back(std::move(address));
        }
        return action;
    }
    if (word == "domain" && !rest.empty()) {
        action.kind = Kind::domain;
        TRY_ASSIGN(auto target, DomainName::parse(rest));
        action.domain = std::move(target);
        return action;
    }
    return fail(ErrorKind::usage, fmt::format("'{}' is not an action for unknown names", printable(text)),
                "write reject, discard, candidate, redirect:ADDRESS[,ADDRESS...] or domain:NAME");
}

std::string format_unknown_action(const UnknownAction& action) {
    switch (action.kind) {
    case UnknownAction::Kind::reject:
        return "reject";
    case UnknownAction::Kind::discard:
        return "discard";
    case UnknownAction::Kind::candidate:
        return "candidate";
    case UnknownAction::Kind::elsewhere:
        return "elsewhere:" + action.node;
    case UnknownAction::Kind::domain:
        return "domain:" + (action.domain ? action.domain->display() : std::string());
    case UnknownAction::Kind::redirect:
        break;
    }
    std::vector<std::string> targets;
    for (const auto& target : action.to)
        targets.push_back(target.display());
    return "redirect:" + join(targets, ",");
}

Result<Posters> read_posters(std::string_view text, const DomainName& own) {
    const auto words = list_elements(text);
    if (words.size() == 1)
        if (auto word = Posters::find_word(words.front())) return std::move(*word);
    std::vector<Address> named;
    for (const auto& word : words) {
        auto address = parse_target(word, own);
        if (!address || Posters::find_word(word))
            return fail(ErrorKind::usage, fmt::format("'{}' does not say who may post", printable(text)),
                        "write anyone, domain, members or ADDRESS[,ADDRESS...]");
        named.push_back(std::move(*address));
    }
    if (named.empty()) return fail(ErrorKind::usage, "no one may post to it", "write anyone, domain or members");
    return Posters::only(std::move(named));
}

std::string target_text(const Address& target, const DomainName& own) {
    const bool short_form = target.domain == own && target.local.quoted() == target.local.text();
    return short_form ? target.local.text() : target.text();
}

std::vector<std::string> target_texts(std::span<const Address> targets, const DomainName& own) {
    std::vector<std::string> texts;
    for (const auto& target : targets)
        texts.push_back(target_text(target, own));
    return texts;
}

} // namespace mailctl
