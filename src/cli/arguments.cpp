// SPDX-License-Identifier: Apache-2.0
// CLI11 over the union of all options: it divides the words, and whether a command takes them is asked of the table.
// The only file that includes CLI11; its exceptions end here.
#include "arguments.hpp"

#include "mailctl/base/text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

const Option* find_option(std::string_view spelled) {
    const auto found = std::ranges::find_if(all_options(), [&](const Option& option) {
        return (!option.long_name.empty() && spelled == "--" + option.long_name) ||
               (option.short_name != 0 && spelled == std::string{'-', option.short_name});
    });
    return found == all_options().end() ? nullptr : &*found;
}

std::string parser_name(const Option& option) {
    const std::string short_form = option.short_name == 0 ? "" : std::string{'-', option.short_name};
    if (option.long_name.empty()) return short_form;
    return short_form.empty() ? "--" + option.long_name : short_form + ",--" + option.long_name;
}

// CLI11 takes the next word as the value of "--name=": here an empty value is a value.
std::vector<std::string> spell_out_empty_values(std::span<const std::string> words) {
    std::vector<std::string> result;
    bool in_options = true;
    for (const std::string& word : words) {
        if (word == "--") in_options = false;
        const std::string_view name = std::string_view(word).substr(0, word.size() - (word.empty() ? 0 : 1));
        const Option* option = in_options && word.ends_with('=') ? find_option(name) : nullptr;
        if (option != nullptr && option->takes_value()) {
            result.emplace_back(name);
            result.emplace_back();
        } else {
            result.push_back(word);
        }
    }
    return result;
}

// An abbreviation means what it begins; else the spelling decides, without the dashes that all have.
std::optional<std::string> nearest_option(const std::string& spelled) {
    const std::string_view name = std::string_view(spelled).substr(std::min<std::size_t>(2, spelled.size()));
    std::vector<std::string> names;
    for (const Option& option : all_options()) {
        if (option.long_name.empty()) continue;
        if (!name.empty() && option.long_name.starts_with(name)) return option.spelled();
        names.push_back(option.long_name);
    }
    const auto near = nearest(name, names);
    return near ? std::optional("--" + *near) : std::nullopt;
}

Error unknown_option(const std::string& word) {
    const std::string spelled = word.substr(0, word.find('='));
    const auto near = nearest_option(spelled);
    return {ErrorKind::usage, fmt::format("no such option: '{}'", printable(spelled)),
            near ? fmt::format("did you mean '{}'? A target that begins with '-' goes behind '--'", *near)
                 : "a target that begins with '-' goes behind '--'"};
}

Error mismatch(std::span<const std::string> words) {
    const Option* last = words.empty() ? nullptr : find_option(words.back());
    if (last != nullptr && last->takes_value())
        return {ErrorKind::usage, fmt::format("option '{}' needs a value: {}", words.back(), last->value), {}};
    for (const std::string& word : words) {
        const std::string name = word.substr(0, word.find('='));
        const Option* option = find_option(name);
        if (option != nullptr && !option->takes_value() && name != word)
            return {ErrorKind::usage, fmt::format("option '{}' takes no value", name), {}};
    }
    return {ErrorKind::usage, "the options cannot be understood", {}};
}

// The parser leaves what it does not know: words, "--" itself, and options nobody has.
Result<std::vector<std::string>> words_of(const std::vector<std::string>& remaining) {
    std::vector<std::string> words;
    bool in_options = true;
    for (const std::string& word : remaining) {
        if (in_options && word == "--") {
            in_options = false;
        } else if (in_options && word.size() > 1 && word.starts_with('-')) {
            return fail(unknown_option(word));
        } else {
            words.push_back(word);
        }
    }
    return words;
}

Status check_option(const Command& command, const std::vector<Option>& offered, const std::string& key,
                    const std::vector<std::string>& values) {
    const auto option = std::ranges::find_if(offered, [&](const Option& each) { return each.key() == key; });
    if (option == offered.end()) {
        const auto known = std::ranges::find_if(all_options(), [&](const Option& each) { return each.key() == key; });
        return fail(ErrorKind::usage, fmt::format("'{}' does not take {}", command.name(), known->spelled()),
                    fmt::format("mailctl {} --help", command.name()));
    }
    if (option->takes_value() && !option->repeatable && values.size() > 1)
        return fail(ErrorKind::usage, fmt::format("{} is given more than once", option->spelled()));
    for (const std::string& value : values) {
        if (option->values != Values::choice || std::ranges::find(option->choices, value) != option->choices.end())
            continue;
        return fail(ErrorKind::usage, fmt::format("{}: no such choice: '{}'", option->spelled(), printable(value)),
                    fmt::format("one of: {}", join(option->choices, ", ")));
    }
    return {};
}

Status check_exclusions(const std::vector<Option>& offered, const Arguments& arguments) {
    std::map<std::string, const Option*> chosen;
    for (const Option& option : offered) {
        if (option.one_of.empty() || !arguments.has(option.key())) continue;
        const auto [other, is_first] = chosen.emplace(option.one_of, &option);
        if (!is_first)
            return fail(ErrorKind::usage,
                        fmt::format("{} and {} exclude one another", other->second->spelled(), option.spelled()));
    }
    return {};
}

bool names_targets_otherwise(const Command& command, const Arguments& arguments) {
    return std::ranges::any_of(command.options,
                               [&](const Option& option) { return option.is_instead && arguments.has(option.key()); });
}

Status check_words(const Command& command, const Arguments& arguments) {
    const auto words = std::span(arguments.words).subspan(name_length(command));
    std::size_t least = 0;
    bool unlimited = false;
    for (const Positional& positional : command.positionals) {
        if (positional.count == Count::one || positional.count == Count::many) ++least;
        unlimited |= positional.count == Count::many || positional.count == Count::any;
    }
    if (names_targets_otherwise(command, arguments)) --least;
    const std::string usage = "usage: " + short_synopsis(command);
    if (words.size() < least)
        return fail(ErrorKind::usage,
                    fmt::format("'{}' needs {}", command.name(), command.positionals[words.size()].name), usage);
    if (!unlimited && words.size() > command.positionals.size())
        return fail(
            ErrorKind::usage,
            fmt::format("'{}' does not take '{}'", command.name(), printable(words[command.positionals.size()])),
            usage);
    for (std::size_t i = 0; i < std::min(words.size(), command.positionals.size()); ++i) {
        const Positional& positional = command.positionals[i];
        if (positional.values != Values::choice ||
            std::ranges::find(positional.choices, words[i]) != positional.choices.end())
            continue;
        return fail(ErrorKind::usage, fmt::format("no such {}: '{}'", fold(positional.name), printable(words[i])),
                    fmt::format("one of: {}", join(positional.choices, ", ")));
    }
    return {};
}

} // namespace

std::optional<std::string> Arguments::find(const std::string& key) const {
    const auto found = options.find(key);
    return found == options.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::all(const std::string& key) const {
    const auto found = options.find(key);
    return found == options.end() ? std::vector<std::string>{} : found->second;
}

const std::vector<Option>& all_options() {
    static const std::vector<Option> options = [] {
        std::vector<Option> all = global_options();
        const auto add = [&all](const std::vector<Option>& more) {
            for (const Option& option : more) {
                if (std::ranges::none_of(all, [&](const Option& known) { return known.key() == option.key(); }))
                    all.push_back(option);
            }
        };
        add(writer_options());
        for (const Noun& noun : nouns()) {
            for (const Command& command : noun.commands)
                add(command.options);
        }
        return all;
    }();
    return options;
}

Result<Arguments> parse_arguments(std::span<const std::string> words) {
    std::vector<std::string> reversed = spell_out_empty_values(words);
    std::ranges::reverse(reversed);
    CLI::App parser;
    parser.set_help_flag();
    parser.allow_extras();
    std::map<std::string, std::vector<std::string>> values;
    std::vector<std::pair<const Option*, CLI::Option*>> parsed;
    for (const Option& option : all_options()) {
        CLI::Option* entry = option.takes_value()
                                 ? parser.add_option(parser_name(option), values[option.key()])->allow_extra_args(false)
                                 : parser.add_flag(parser_name(option))->disable_flag_override();
        parsed.emplace_back(&option, entry);
    }
    Arguments arguments;
    try {
        parser.parse(std::move(reversed));
    } catch (const CLI::ParseError&) {
        return fail(mismatch(words));
    }
    for (const auto& [option, entry] : parsed) {
        if (entry->count() == 0) continue;
        arguments.options[option->key()] =
            option->takes_value() ? values[option->key()] : std::vector<std::string>(entry->count());
    }
    TRY_ASSIGN(arguments.words, words_of(parser.remaining()));
    return arguments;
}

Status check_arguments(const Command& command, const Arguments& arguments) {
    const std::vector<Option> offered = options_of(command);
    for (const auto& [key, values] : arguments.options) {
        TRY(check_option(command, offered, key, values));
    }
    TRY(check_exclusions(offered, arguments));
    return check_words(command, arguments);
}

} // namespace mailctl
