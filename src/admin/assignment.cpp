// KEY=VALUE words and `unknown` actions, see the header.
#include "mailctl/admin/assignment.hpp"

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

std::vector<std::string> list_elements(std::string_view value) {
    std::vector<std::string> elements;
    while (!value.empty()) {
        const auto end = std::min(value.find_first_of(", \t"), value.size());
        if (end > 0) elements.emplace_back(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return elements;
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

} // namespace mailctl
