// SPDX-License-Identifier: Apache-2.0
// `mailctl candidate`: unknown names that got mail, and what to make of them.
#include "mailctl/admin/candidates.hpp"

#include "mailctl/admin/candidate_messages.hpp"
#include "password_input.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

Result<Report> run_candidate_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_candidates(invocation.world, domains);
}

Result<Report> run_candidate_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    return show_candidates(invocation.world, addresses);
}

Status refuse_passwords(const Invocation& invocation) {
    for (const Option& option : password_options())
        if (invocation.arguments.has(option.key()))
            return fail(ErrorKind::usage, fmt::format("{} needs --mailbox", option.spelled()));
    return {};
}

bool chooses_passwords(const Invocation& invocation) {
    return std::ranges::any_of(password_options(),
                               [&](const Option& option) { return invocation.arguments.has(option.key()); });
}

// Without a word about passwords nobody can log in until somebody is invited.
Result<Report> promote_to_mailboxes(const Invocation& invocation, std::span<const Address> addresses,
                                    const ChangeOptions& options) {
    std::vector<ChosenPassword> passwords(addresses.size());
    if (chooses_passwords(invocation)) {
        TRY_ASSIGN(passwords, choose_passwords(invocation, addresses));
    }
    std::vector<NewMailbox> mailboxes;
    for (std::size_t i = 0; i < addresses.size(); ++i)
        mailboxes.push_back({.address = addresses[i],
                             .name = {},
                             .quota = {},
                             .aliases = {},
                             .forward = {},
                             .copy_to = {},
                             .store = true,
                             .recovery = {},
                             .password = passwords[i].hash});
    TRY_ASSIGN(Report report, promote_to_mailboxes(invocation.world, mailboxes, options));
    if (!options.dry_run) show_generated(report, addresses, passwords);
    return report;
}

// `--list ann bob`: the words behind the option's own are members too. A candidate's name is nobody's, so that no word
// can mean both.
Result<Report> promote_to_lists(const Invocation& invocation, const ChangeOptions& options) {
    TRY_ASSIGN(const Address first, read_address(invocation, invocation.words.front()));
    TRY_ASSIGN(const auto named, read_targets(std::span(invocation.words).subspan(1), first.domain));
    TRY_ASSIGN(auto sorted, sort_candidates(invocation.world, named));
    TRY_ASSIGN(auto members, read_targets(invocation.arguments.all("list"), first.domain));
    members.insert(members.end(), sorted.rest.begin(), sorted.rest.end());
    sorted.candidates.insert(sorted.candidates.begin(), first);
    return promote_to_lists(invocation.world, sorted.candidates, members, options);
}

Result<Report> run_candidate_promote(Invocation& invocation) {
    const auto& arguments = invocation.arguments;
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    if (!arguments.has("mailbox")) {
        TRY(refuse_passwords(invocation));
    }
    if (arguments.has("list")) return promote_to_lists(invocation, options);
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    if (arguments.has("mailbox")) return promote_to_mailboxes(invocation, addresses, options);
    if (const auto mailbox = arguments.find("alias-of")) {
        TRY_ASSIGN(const auto targets, read_targets(std::vector{*mailbox}, addresses.front().domain));
        return promote_to_aliases(invocation.world, addresses, targets.front(), options);
    }
    return fail(ErrorKind::usage, "'candidate promote' needs to know what to make of it",
                "give --mailbox, --alias-of MAILBOX or --list MEMBER...");
}

Result<Report> run_candidate_banish(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return banish_candidates(invocation.world, addresses, options);
}

Result<Report> run_candidate_messages(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    return list_candidate_messages(invocation.world, addresses);
}

Result<Report> run_candidate_release(Invocation& invocation) {
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    const auto to = invocation.arguments.find("to");
    if (!to)
        return fail(ErrorKind::usage, "'candidate release' needs the mailbox that gets the message",
                    "give --to ADDRESS");
    TRY_ASSIGN(const Address mailbox, read_address(invocation, *to));
    return release_messages(invocation.world, {invocation.words, mailbox}, options);
}

Result<Report> run_candidate_expire(Invocation& invocation) {
    std::optional<Age> age;
    if (const auto text = invocation.arguments.find("older-than")) {
        TRY_ASSIGN(age, parse_age(*text));
    }
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return expire_candidates(invocation.world, age, options);
}

Command promote_command(const Positional& many) {
    Command command{
        .noun = "candidate",
        .verb = "promote",
        .summary = "make candidates mailboxes, aliases or lists",
        .positionals = {many},
        .options = {{.long_name = "mailbox", .value = "", .help = "make each a mailbox", .one_of = "kind"},
                    {.long_name = "alias-of",
                     .value = "MAILBOX",
                     .help = "make each an alias of this mailbox",
                     .values = Values::mailbox,
                     .one_of = "kind",
                     .is_target = true},
                    {.long_name = "list",
                     .value = "MEMBER",
                     .help = "make each a list of this member, and of those that follow",
                     .repeatable = true,
                     .values = Values::mailbox,
                     .one_of = "kind"}},
        .examples = {{"mailctl candidate promote joe@example.org --mailbox",
                      "with its held mail; nobody can log in yet"},
                     {"mailctl candidate promote j.smith@example.org --alias-of joe", "its held mail goes to joe"},
                     {"mailctl candidate promote sales@example.org --list ann bob", "its held mail stays"}},
        .access = Access::write,
        .right = Right::domain,
        .run = run_candidate_promote,
        .details = {"What is held for a candidate moves into the mailbox that it becomes, or becomes an alias of, with "
                    "names, flags and dates as they are; also what arrives meanwhile. To a list it doesn't: there it "
                    "stays until the candidate expires.",
                    "With --mailbox come the password options of 'mailbox create'. Without one of them nobody can log "
                    "in, and lists "
                    "show '!'."}};
    const auto& passwords = password_options();
    command.options.insert(command.options.end(), passwords.begin(), passwords.end());
    return command;
}

Command messages_command(const Positional& many) {
    return {.noun = "candidate",
            .verb = "messages",
            .summary = "list the messages held for candidates",
            .positionals = {many},
            .options = {},
            .examples = {{"mailctl candidate messages joe@example.org", "who wrote, when, and about what"}},
            .access = Access::read,
            .right = Right::domain,
            .run = run_candidate_messages};
}

Command release_command() {
    return {.noun = "candidate",
            .verb = "release",
            .summary = "give single held messages to a mailbox",
            .positionals = {{"ID", Count::many}},
            .options = {{.long_name = "to",
                         .value = "MAILBOX",
                         .help = "who gets them",
                         .values = Values::mailbox,
                         .is_target = true}},
            .examples = {{"mailctl candidate release 1764322921.M24P7Q1.mx --to ann@example.org",
                          "the id is that of 'candidate messages'"}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_candidate_release,
            .details = {"The candidate stays one, with what else is held for it. A message is moved, not copied, and "
                        "keeps its date."}};
}

Command banish_command(const Positional& many) {
    return {.noun = "candidate",
            .verb = "banish",
            .summary = "banish candidates and set their mail aside",
            .positionals = {many},
            .options = {},
            .examples = {{"mailctl candidate banish casino@example.org", ""}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_candidate_banish,
            .details = {"Their names become banished ones whose mail is lost in silence; 'mailctl banished' "
                        "changes that, or lets them take mail again. Mail that was held is set aside: asks first, "
                        "or needs "
                        "--yes. 'banished remove' or 'history revert' brings it back as long as candidates.keep "
                        "says."}};
}

Command expire_command() {
    return {.noun = "candidate",
            .verb = "expire",
            .summary = "forget candidates that got no mail for long",
            .positionals = {},
            .options = {{.long_name = "older-than",
                         .value = "AGE",
                         .help = "without mail for so long, as 30d; candidates.keep by default"}},
            .examples = {{"mailctl candidate expire -q", "from cron or a timer, once a day"},
                         {"mailctl candidate expire --older-than 7d -n", "what would go"}},
            .access = Access::write,
            .right = Right::site,
            .run = run_candidate_expire,
            .details = {"Their held mail is dropped, and what was set aside for banished ones as long ago. The age "
                        "counts from the last message. Less than candidates.keep asks first, or needs --yes."}};
}

} // namespace

Noun candidate_noun() {
    const Positional many{"ADDRESS", Count::many, Values::candidate};
    return {.name = "candidate",
            .summary = "unknown names that got mail",
            .commands =
                {
                    {.noun = "candidate",
                     .verb = "list",
                     .summary = "list candidates",
                     .positionals = {{"DOMAIN", Count::any, Values::domain}},
                     .options = {},
                     .examples = {{"mailctl candidate list example.org", "who got how much, when last, and from whom"}},
                     .access = Access::read,
                     .right = Right::domain,
                     .run = run_candidate_list},
                    {.noun = "candidate",
                     .verb = "show",
                     .summary = "show what is known of candidates",
                     .positionals = {many},
                     .options = {},
                     .examples = {{"mailctl candidate show joe@example.org", ""}},
                     .access = Access::read,
                     .right = Right::domain,
                     .run = run_candidate_show},
                    messages_command(many),
                    release_command(),
                    promote_command(many),
                    banish_command(many),
                    expire_command(),
                },
            .also = {"candidates", "unknown-names", "quarantine"}};
}

} // namespace mailctl
