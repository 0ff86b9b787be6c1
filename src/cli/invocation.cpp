// SPDX-License-Identifier: Apache-2.0
// Words to values; the sentences here name the word and the option that would have helped.
#include "invocation.hpp"

#include "danger.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/terminal.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace mailctl {
namespace {

Result<std::chrono::milliseconds> parse_wait(const std::string& text) {
    unsigned seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem == std::errc{} && end == text.data() + text.size()) return std::chrono::seconds{seconds};
    const auto age = parse_age(text);
    if (!age)
        return fail(ErrorKind::usage, fmt::format("--lock-timeout: {}", age.error().what),
                    "a number of seconds, or an age such as 2m");
    return *age;
}

bool is_plain_word(std::string_view word) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("@%+=:,./_-").contains(c);
    };
    return !word.empty() && std::ranges::all_of(word, is_plain);
}

// Whoever gives an address to a command about domains wants one account of it.
Result<DomainName> read_domain(const Invocation& invocation, const std::string& word) {
    auto name = DomainName::parse(word);
    if (name || !word.contains('@')) return name;
    const Noun* noun = find_noun(invocation.command.noun);
    const bool shows = noun != nullptr && noun->name != "domain" &&
                       std::ranges::find(noun->commands, "show", &Command::verb) != noun->commands.end();
    return fail(name.error().kind, name.error().what,
                fmt::format("see 'mailctl {} {}'", shows ? noun->name + " show" : "explain", printable(word)));
}

std::string in_quotes(std::string_view word) {
    std::string text = "'";
    for (const char c : word)
        text += c == '\'' ? std::string("'\\''") : std::string{c};
    return text + '\'';
}

// What printable() shows as \xNN is such a byte to a shell too, in $'...'.
std::string in_quotes_with_escapes(std::string_view word) {
    std::string text;
    for (const char c : word) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c == '\n' ? std::string("\\n") : c == '\t' ? std::string("\\t") : std::string{c};
    }
    return "$'" + printable(text) + '\'';
}

} // namespace

Result<ChangeOptions> change_options(const Invocation& invocation) {
    ChangeOptions options;
    options.dry_run = invocation.arguments.has("dry-run");
    options.reason = invocation.arguments.find("m").value_or("");
    options.accept_losses = invocation.arguments.has("yes");
    if (can_ask(invocation)) options.ask = confirm;
    if (const auto wait = invocation.arguments.find("lock-timeout")) {
        TRY_ASSIGN(options.lock_timeout, parse_wait(*wait));
    }
    return options;
}

Result<Address> read_address(const Invocation& invocation, std::string_view word) {
    if (invocation.domain) return parse_target(word, *invocation.domain);
    if (!word.contains('@'))
        return fail(ErrorKind::usage, fmt::format("'{}' is no full address", printable(word)),
                    fmt::format("write '{}@DOMAIN', or give --domain DOMAIN", printable(word)));
    return Address::parse(word);
}

Result<std::vector<Address>> read_addresses(const Invocation& invocation, std::span<const std::string> words) {
    std::vector<Address> addresses;
    for (const std::string& word : words) {
        TRY_ASSIGN(Address address, read_address(invocation, word));
        addresses.push_back(std::move(address));
    }
    return addresses;
}

Result<std::vector<DomainName>> read_domains(const Invocation& invocation, std::span<const std::string> words) {
    std::vector<DomainName> domains;
    if (words.empty() && invocation.domain) domains.push_back(*invocation.domain);
    for (const std::string& word : words) {
        TRY_ASSIGN(DomainName name, read_domain(invocation, word));
        domains.push_back(std::move(name));
    }
    return domains;
}

Status check_has_name(std::string_view word) {
    if (!word.starts_with('@') && !word.starts_with("*@")) return {};
    const auto domain = word.substr(word.find('@') + 1);
    return fail(ErrorKind::usage, fmt::format("'{}' has no name before the '@'", printable(word)),
                fmt::format("for all names that nobody has: mailctl catchall set {} redirect:ADDRESS, or give "
                            "somebody the name 'catchrest'",
                            printable(domain.empty() ? "DOMAIN" : domain)));
}

Result<std::vector<Address>> read_targets(std::span<const std::string> words, const DomainName& own) {
    std::vector<Address> addresses;
    for (const std::string& word : words) {
        TRY_ASSIGN(Address address, parse_target(word, own));
        addresses.push_back(std::move(address));
    }
    return addresses;
}

Result<TargetsAndAssignments> read_assignments(std::span<const std::string> words) {
    const auto first = std::ranges::find_if(words, [](const std::string& word) { return word.contains('='); });
    TargetsAndAssignments result{{words.begin(), first}, {}};
    for (auto word = first; word != words.end(); ++word) {
        TRY_ASSIGN(Assignment assignment, parse_assignment(*word));
        result.assignments.push_back(std::move(assignment));
    }
    if (result.targets.empty()) return fail(ErrorKind::usage, "no target given", "targets come before KEY=VALUE");
    if (result.assignments.empty())
        return fail(ErrorKind::usage, "nothing to set", "write KEY=VALUE, KEY+=VALUE or KEY-=VALUE behind the target");
    return result;
}

Result<std::optional<Age>> find_age(const Invocation& invocation, const std::string& option) {
    const auto word = invocation.arguments.find(option);
    if (!word) return std::nullopt;
    TRY_ASSIGN(const auto age, parse_age(*word));
    return std::optional(age);
}

Result<std::vector<Assignment>> read_assignments_alone(std::span<const std::string> words) {
    std::vector<Assignment> assignments;
    for (const auto& word : words) {
        if (!word.contains('='))
            return fail(ErrorKind::usage, fmt::format("'{}' is named, and --where looks for others", printable(word)),
                        "leave one of them out");
        TRY_ASSIGN(auto assignment, parse_assignment(word));
        assignments.push_back(std::move(assignment));
    }
    return assignments;
}

std::string format_command_line(std::span<const std::string> words) {
    std::string line = "mailctl";
    bool is_secret = false; // the value of --code: who reads the history or the lock file could use it
    for (const std::string& given : words) {
        const std::string word = is_secret ? "********" : given.starts_with("--code=") ? "--code=********" : given;
        is_secret = given == "--code";
        line += ' ';
        if (is_plain_word(word)) {
            line += word;
            continue;
        }
        line += printable(word) == word ? in_quotes(word) : in_quotes_with_escapes(word);
    }
    return line;
}

} // namespace mailctl
