// SPDX-License-Identifier: Apache-2.0
// Banished patterns and SRS addresses as regexp tables.
#include "postfix_patterns.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

std::string escaped(std::string_view text) {
    std::string expression;
    for (const char c : text) {
        if (std::string_view(R"(.[]()*+?{}|^$\/)").find(c) != std::string_view::npos) expression += '\\';
        expression += c;
    }
    return expression;
}

// A bracket expression of `characters`: ']' first and '-' last are plain, and '^' is where it is not first.
std::string bracket(std::string_view characters, std::string_view negation) {
    std::string inside;
    for (const char c : characters)
        if (c != ']' && c != '-' && c != '^') inside += c;
    if (characters.find(']') != std::string_view::npos) inside.insert(0, "]");
    if (characters.find('^') != std::string_view::npos) inside += '^';
    if (characters.find('-') != std::string_view::npos) inside += '-';
    if (inside == "^" && negation.empty()) return "\\^";
    return fmt::format("[{}{}]", negation, inside);
}

std::string glob_expression(std::string_view pattern, std::string_view any) {
    std::string expression;
    for (const char c : pattern) {
        if (c == '*')
            expression += fmt::format("{}*", any);
        else if (c == '?')
            expression += any;
        else
            expression += escaped({&c, 1});
    }
    return expression;
}

std::string any_name_of(const NamePlans& plans) {
    std::vector<std::string> names;
    for (const auto& name : plans.names)
        names.push_back(escaped(name.text()));
    return fmt::format("({})", join(names, "|"));
}

// One line for each pattern; `value` says what stands beside it.
template <class Value>
std::string lines_of(const NamePlans& plans, std::string_view delimiters, const Value& value) {
    if (plans.patterns.empty()) return {};
    const auto domains = any_name_of(plans);
    const auto detail = delimiters.empty() ? std::string() : fmt::format("({}.*)?", bracket(delimiters, ""));
    std::string text = fmt::format("if !/^(postmaster|abuse){}@{}$/\n", detail, domains);
    for (const Ban& ban : plans.patterns)
        text += fmt::format("/^({}@{})$/ {}\n", pattern_expression(ban.name, delimiters), domains, value(ban.answer));
    return text + "endif\n";
}

constexpr std::string_view refusal = "5.7.1 address is refused";

} // namespace

std::string pattern_expression(std::string_view pattern, std::string_view delimiters) {
    const auto whole = glob_expression(pattern, ".");
    if (delimiters.empty()) return fmt::format("({})", whole);
    const auto base = glob_expression(pattern, bracket(delimiters, "^"));
    return fmt::format("({}|{}{}.*)", whole, base, bracket(delimiters, ""));
}

std::string recipient_patterns(const NamePlans& plans, std::string_view delimiters) {
    const auto is_discarded = [](const Ban& ban) { return ban.answer == BanAnswer::discard; };
    if (std::ranges::none_of(plans.patterns, is_discarded)) return {};
    NamePlans accepted = plans;
    std::erase_if(accepted.patterns, [&](const Ban& ban) { return !is_discarded(ban); });
    return lines_of(accepted, delimiters, [](BanAnswer) { return "discarded"; });
}

std::string alias_patterns(const NamePlans& plans, std::string_view delimiters) {
    return lines_of(plans, delimiters, [](BanAnswer) { return "$1"; });
}

std::string refused_patterns(const NamePlans& plans, std::string_view delimiters) {
    return lines_of(plans, delimiters, [](BanAnswer answer) {
        return answer == BanAnswer::reject ? fmt::format("550 {}", refusal) : std::string("DUNNO");
    });
}

std::string transport_patterns(const NamePlans& plans, std::string_view delimiters, std::string_view agent_transport) {
    return lines_of(plans, delimiters, [&](BanAnswer answer) {
        if (answer == BanAnswer::reject) return fmt::format("error:{}", refusal);
        return agent_transport.empty() ? std::string("discard:discarded as configured") : std::string(agent_transport);
    });
}

std::string srs_pattern(const DomainName& domain, std::string_view value) {
    return fmt::format("/^(srs[01][=+-].+@{})$/ {}\n", escaped(domain.text()), value);
}

} // namespace mailctl
