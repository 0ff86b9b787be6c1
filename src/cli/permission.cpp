// SPDX-License-Identifier: Apache-2.0
// Words to targets, by what the command table says of each positional and option.
#include "permission.hpp"

#include "mailctl/admin/roles.hpp"
#include "mailctl/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

bool takes_more(const Positional& positional) {
    return positional.count == Count::many || positional.count == Count::any;
}

bool takes_both(const Positional& positional) { return positional.name.ends_with("|DOMAIN"); }

// Every reading of the word that the command may have: a right over one of them is not enough.
Status add_targets(const Invocation& invocation, const std::string& word, Values values, bool both,
                   std::vector<NamedTarget>& targets) {
    const bool is_domain = values == Values::domain || (both && !word.contains('@'));
    if (is_domain) {
        auto domain = DomainName::parse(word);
        if (domain)
            targets.push_back({word, std::move(*domain), {}});
        else if (!both)
            return fail(domain.error());
    }
    if (values == Values::domain || (both && is_domain && !invocation.domain)) return {};
    // A bare name that belongs to the domain of another word needs no right of its own.
    if (!word.contains('@') && !invocation.domain) return {};
    TRY_ASSIGN(Address address, read_address(invocation, word));
    targets.push_back({word, std::move(address.domain), std::move(address.local)});
    return {};
}

bool is_assignment(const Positional& positional) { return positional.values == Values::key; }

bool has_assignments(const Command& command) { return std::ranges::any_of(command.positionals, is_assignment); }

Status add_word_targets(const Invocation& invocation, std::vector<NamedTarget>& targets) {
    const Command& command = invocation.command;
    std::span<const std::string> words = invocation.words;
    if (has_assignments(command)) // the readers of `set` verbs take the first word with '=' for the end of the targets
        words = words.first(static_cast<std::size_t>(
            std::ranges::find_if(words, [](const std::string& word) { return word.contains('='); }) - words.begin()));
    for (std::size_t i = 0; i < words.size(); ++i) {
        const Positional* positional = positional_of(command, i, invocation.words.size());
        if (positional == nullptr || !positional->is_target) continue;
        TRY(add_targets(invocation, words[i], positional->values, takes_both(*positional), targets));
    }
    return {};
}

Status add_option_targets(const Invocation& invocation, std::vector<NamedTarget>& targets) {
    for (const Option& option : invocation.command.options) {
        if (!option.is_target) continue;
        for (const std::string& value : invocation.arguments.all(option.key())) {
            TRY(add_targets(invocation, value, option.values, false, targets));
        }
    }
    return {};
}

Result<std::vector<std::string>> assigned_keys(const Invocation& invocation) {
    std::vector<std::string> keys;
    if (!has_assignments(invocation.command)) return keys;
    for (const std::string& word : invocation.words) {
        if (!word.contains('=')) continue;
        TRY_ASSIGN(Assignment assignment, parse_assignment(word));
        keys.push_back(std::move(assignment.key));
    }
    return keys;
}

bool is_file(Values values) {
    return values == Values::file || values == Values::directory || values == Values::attachment;
}

// The options, and words, that name a file.
std::vector<std::string> file_options(const Invocation& invocation) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < invocation.words.size(); ++i) {
        const Positional* positional = positional_of(invocation.command, i, invocation.words.size());
        if (positional != nullptr && is_file(positional->values) && invocation.words[i] != "-")
            names.push_back(positional->name);
    }
    for (const Option& option : invocation.command.options) {
        if (!is_file(option.values)) continue;
        const auto given = invocation.arguments.all(option.key());
        if (std::ranges::any_of(given, [](const std::string& value) { return value != "-"; }))
            names.push_back(option.spelled());
    }
    return names;
}

// What a listing shows where nothing is named: all that is the role's, and no more than that.
Status name_what_is_his(Invocation& invocation) {
    const auto& positionals = invocation.command.positionals;
    const Role& role = invocation.world.role;
    if (!invocation.words.empty() || positionals.empty() || positionals.front().count != Count::any) return {};
    if (invocation.domain) {
        invocation.words.push_back(invocation.domain->text());
    } else if (role.kind == Role::Kind::user && takes_both(positionals.front())) {
        invocation.words.push_back(role.local + "@" + role.domain->text());
    } else {
        TRY_ASSIGN(const auto domains, domains_of(invocation.world, role));
        for (const DomainName& domain : domains)
            invocation.words.push_back(domain.text());
    }
    return {};
}

bool is_option(std::string_view word, std::string_view name) {
    return word == name || (word.starts_with(name) && word.substr(name.size()).starts_with('='));
}

Status refuse_root_behind_role(std::span<const std::string> words) {
    const auto end = std::ranges::find(words, "--");
    const auto as = std::find_if(words.begin(), end, [](const auto& word) { return is_option(word, "--as"); });
    if (std::none_of(as, end, [](const auto& word) { return is_option(word, "--root"); })) return {};
    return fail(ErrorKind::denied, "--root may not stand behind --as",
                "who gives the role names the site: mailctl --root DIR --as ACCOUNT ...");
}

} // namespace

const Positional* positional_of(const Command& command, std::size_t index, std::size_t count) {
    const auto& positionals = command.positionals;
    const auto many = std::ranges::find_if(positionals, takes_more);
    const auto before = static_cast<std::size_t>(many - positionals.begin());
    if (index < before) return &positionals[index];
    if (many == positionals.end()) return nullptr;
    const std::size_t behind = positionals.size() - before - 1;
    if (index + behind < count) return &*many;
    return &positionals[positionals.size() - (count - index)];
}

Status assume_role(World& world, const Command& command, const Arguments& arguments) {
    const auto as = arguments.find("as");
    if (!as) return {};
    TRY(parse_role(*as));
    if (command.right == Right::everybody) return {};
    const bool is_for_site = command.right == Right::site || command.right == Right::unstated;
    if (is_for_site)
        return fail(ErrorKind::denied, fmt::format("'{}' may not run '{}'", printable(*as), command.name()),
                    "only the site's administrator may, without --as");
    TRY_ASSIGN(world.role, find_role(world, *as));
    TRY(check_command(world.role, command.name(), command.right));
    world.actor += " as " + world.role.text();
    return {};
}

Status check_permission(Invocation& invocation, std::span<const std::string> words) {
    if (invocation.world.role.kind == Role::Kind::site) return {};
    TRY(refuse_root_behind_role(words));
    TRY(name_what_is_his(invocation));
    std::vector<NamedTarget> named;
    TRY(add_word_targets(invocation, named));
    TRY(add_option_targets(invocation, named));
    const Command& command = invocation.command;
    RightRequest request{.command = command.name(),
                         .right = command.right,
                         .targets = {},
                         .keys = {},
                         .owner_keys = command.owner_keys,
                         .user_keys = command.user_keys,
                         .file_options = file_options(invocation)};
    TRY_ASSIGN(request.targets, find_right_targets(invocation.world, named));
    TRY_ASSIGN(request.keys, assigned_keys(invocation));
    return check_right(invocation.world.role, request);
}

} // namespace mailctl
