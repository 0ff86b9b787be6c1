// SPDX-License-Identifier: Apache-2.0
// Invocation: one command about to run: where, with which words and options. The readers below turn words into values
// of the model; what they refuse is refused before anything is locked or read.
#pragma once

#include "arguments.hpp"
#include "mailctl/config/assignment.hpp"
#include "mailctl/site/world.hpp"

namespace mailctl {

struct Invocation {
    const World& world;
    const Command& command;
    Arguments arguments;
    std::vector<std::string> words;        // the positionals: noun and verb taken off
    std::optional<DomainName> domain = {}; // --domain or MAILCTL_DOMAIN
    std::string version = {};              // of the program
};

// -n, -m, --lock-timeout (seconds, or an age such as "2m"; 0 = do not wait).
[[nodiscard]] Result<ChangeOptions> change_options(const Invocation& invocation);
// A full address, or a local part of --domain. usage: a local part without one.
[[nodiscard]] Result<Address> read_address(const Invocation& invocation, std::string_view word);
[[nodiscard]] Result<std::vector<Address>> read_addresses(const Invocation& invocation,
                                                          std::span<const std::string> words);
// All words are domains; without any word, --domain.
[[nodiscard]] Result<std::vector<DomainName>> read_domains(const Invocation& invocation,
                                                           std::span<const std::string> words);
// The age that an option gives, "3d".
[[nodiscard]] Result<std::optional<Age>> find_age(const Invocation& invocation, const std::string& option);
// usage: "@example.org" or "*@example.org", by which somebody means all names of a domain.
[[nodiscard]] Status check_has_name(std::string_view word);
// Addresses whose bare local parts belong to `own` (targets of a forward, aliases of a mailbox).
[[nodiscard]] Result<std::vector<Address>> read_targets(std::span<const std::string> words, const DomainName& own);

// Words of a `set` verb: targets first, from the first word with '=' on KEY=VALUE. usage: none of either.
struct TargetsAndAssignments {
    std::vector<std::string> targets;
    std::vector<Assignment> assignments;
};
[[nodiscard]] Result<TargetsAndAssignments> read_assignments(std::span<const std::string> words);
// KEY=VALUE alone, where an option says what they are for. usage: none, or another word.
[[nodiscard]] Result<std::vector<Assignment>> read_assignments_alone(std::span<const std::string> words);

// "mailctl mailbox create ann@example.org --name 'Ann B.'", as a shell would take it again; for the history. An
// invitation's code is not in it.
[[nodiscard]] std::string format_command_line(std::span<const std::string> words);

} // namespace mailctl
