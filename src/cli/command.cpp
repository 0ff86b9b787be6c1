// SPDX-License-Identifier: Apache-2.0
// The table is put together here from the nouns, one file each; and how words find a row of it.
#include "command.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

// The nearest of `names`, or the one that newcomers mean by `word`.
template <class Entries, class Name>
std::optional<std::string> meant(std::string_view word, const Entries& entries, Name name) {
    std::vector<std::string> names;
    for (const auto& entry : entries)
        names.push_back(name(entry));
    return nearest(word, names);
}

std::optional<std::string> meant_noun(const std::string& word) {
    for (const Noun& noun : nouns()) {
        if (std::ranges::find(noun.also, word) != noun.also.end()) return noun.name;
    }
    return meant(word, nouns(), [](const Noun& noun) { return noun.name; });
}

std::optional<std::string> meant_verb(const Noun& noun, const std::string& word) {
    static const std::vector<std::pair<std::string_view, std::string_view>> habits = {
        {"add", "create"},      {"new", "create"},      {"rm", "delete"},     {"remove", "delete"}, {"del", "delete"},
        {"delete", "remove"},   {"ls", "list"},         {"create", "add"},    {"get", "show"},      {"info", "show"},
        {"passwd", "password"}, {"disable", "suspend"}, {"enable", "resume"}, {"change", "set"},    {"update", "set"},
        {"modify", "set"},      {"rebuild", "build"},   {"undo", "revert"},
    };
    for (const auto& [typed, verb] : habits) {
        if (typed != word) continue;
        if (std::ranges::find(noun.commands, verb, &Command::verb) != noun.commands.end()) return std::string(verb);
    }
    return meant(word, noun.commands, [](const Command& command) { return command.verb; });
}

std::string list_of_verbs(const Noun& noun) {
    std::vector<std::string> verbs;
    for (const Command& command : noun.commands)
        verbs.push_back(command.verb);
    return join(verbs, ", ");
}

std::string synopsis_of(const Positional& positional) {
    switch (positional.count) {
    case Count::one:
        return positional.name;
    case Count::optional:
        return "[" + positional.name + "]";
    case Count::many:
        return positional.name + "...";
    case Count::any:
        return "[" + positional.name + "...]";
    }
    return {};
}

std::string synopsis_of_words(const Command& command) {
    std::string text = "mailctl " + command.name();
    for (const Positional& positional : command.positionals)
        text += " " + synopsis_of(positional);
    return text;
}

std::string synopsis_of(const Option& option) {
    return option.spelled() + (option.takes_value() ? " " + option.value : "");
}

} // namespace

std::string Option::key() const { return long_name.empty() ? std::string{short_name} : long_name; }
std::string Option::spelled() const { return long_name.empty() ? std::string{'-', short_name} : "--" + long_name; }

const std::vector<Noun>& nouns() {
    static const std::vector<Noun> table = {
        init_noun(),      domain_noun(), mailbox_noun(),      alias_noun(),    forward_noun(),    robot_noun(),
        autoreply_noun(), list_noun(),   address_noun(),      catchall_noun(), banished_noun(),   candidate_noun(),
        explain_noun(),   import_noun(), export_noun(),       map_noun(),      dns_noun(),        dkim_noun(),
        apply_noun(),     config_noun(), node_noun(),         publish_noun(),  history_noun(),    track_noun(),
        journal_noun(),   status_noun(), housekeeping_noun(), check_noun(),    completion_noun(), version_noun(),
    };
    return table;
}

const std::vector<Option>& global_options() {
    static const std::vector<Option> options = {
        {.long_name = "root",
         .value = "DIR",
         .help = "keep everything below DIR instead of the system paths (MAILCTL_ROOT)",
         .values = Values::directory},
        {.long_name = "domain",
         .value = "DOMAIN",
         .help = "the domain of targets given as a local part (MAILCTL_DOMAIN)",
         .values = Values::domain},
        {.long_name = "as",
         .value = "ACCOUNT",
         .help = "with the rights of USER@DOMAIN, postmaster@DOMAIN or owner:NAME only",
         .values = Values::mailbox},
        {.long_name = "json", .value = "", .help = "print an array of objects", .one_of = "format"},
        {.long_name = "plain", .value = "", .help = "print tab-separated values without a header", .one_of = "format"},
        {.long_name = "csv", .value = "", .help = "print comma-separated values with a header", .one_of = "format"},
        {.long_name = "color",
         .value = "WHEN",
         .help = "colour the tables: auto, always or never",
         .values = Values::choice,
         .choices = {"auto", "always", "never"},
         .one_of = "colour"},
        {.long_name = "no-color", .value = "", .help = "the same as --color=never", .one_of = "colour"},
        {.long_name = "quiet",
         .short_name = 'q',
         .value = "",
         .help = "say nothing but data and errors",
         .one_of = "loudness"},
        {.long_name = "verbose",
         .short_name = 'v',
         .value = "",
         .help = "say which site is used and how long it took; of a dry run, the maps' lines too",
         .one_of = "loudness"},
        {.long_name = "help", .short_name = 'h', .value = "", .help = "explain the command"},
        {.long_name = "version", .value = "", .help = "print the version"},
    };
    return options;
}

const std::vector<Option>& writer_options() {
    static const std::vector<Option> options = {
        {.long_name = "dry-run",
         .short_name = 'n',
         .value = "",
         .help = "show the diff of each file that would change, and write nothing"},
        {.long_name = "", .short_name = 'm', .value = "REASON", .help = "why, for the history"},
        {.long_name = "yes", .value = "", .help = "answer the question before a dangerous step"},
        {.long_name = "lock-timeout",
         .value = "AGE",
         .help = "how long to wait for another writer, as 30s; 10s by default"},
    };
    return options;
}

std::vector<Option> options_of(const Command& command) {
    std::vector<Option> options = command.options;
    if (command.access == Access::write)
        options.insert(options.end(), writer_options().begin(), writer_options().end());
    options.insert(options.end(), global_options().begin(), global_options().end());
    return options;
}

const Noun* find_noun(std::string_view name) {
    const auto found = std::ranges::find_if(nouns(), [&](const Noun& noun) { return noun.name == name; });
    return found == nouns().end() ? nullptr : &*found;
}

Result<const Command*> find_command(std::span<const std::string> words) {
    if (words.empty()) return fail(ErrorKind::usage, "no command given", "mailctl --help");
    const Noun* noun = find_noun(words[0]);
    if (noun == nullptr) {
        const auto near = meant_noun(words[0]);
        return fail(ErrorKind::usage, fmt::format("no such command: '{}'", printable(words[0])),
                    near ? fmt::format("did you mean '{}'?", *near) : "mailctl --help");
    }
    if (noun->commands.front().verb.empty()) return &noun->commands.front();
    if (words.size() < 2)
        return fail(ErrorKind::usage, fmt::format("'{}' needs a verb: {}", noun->name, list_of_verbs(*noun)),
                    fmt::format("mailctl {} --help", noun->name));
    for (const Command& command : noun->commands) {
        if (command.verb == words[1]) return &command;
    }
    const auto near = meant_verb(*noun, words[1]);
    return fail(ErrorKind::usage, fmt::format("no such command: '{} {}'", noun->name, printable(words[1])),
                near ? fmt::format("did you mean '{} {}'?", noun->name, *near)
                     : fmt::format("one of: {}", list_of_verbs(*noun)));
}

std::size_t name_length(const Command& command) { return command.verb.empty() ? 1 : 2; }

std::string short_synopsis(const Command& command) { return synopsis_of_words(command) + " [OPTION...]"; }

std::string synopsis(const Command& command) {
    std::string text = synopsis_of_words(command);
    for (auto option = command.options.begin(); option != command.options.end(); ++option) {
        text += " [" + synopsis_of(*option);
        while (!option->one_of.empty() && std::next(option) != command.options.end() &&
               std::next(option)->one_of == option->one_of)
            text += " | " + synopsis_of(*++option);
        text += option->repeatable ? "]..." : "]";
    }
    return text;
}

} // namespace mailctl
