// SPDX-License-Identifier: Apache-2.0
// Columns and paragraphs of plain text, made from the rows of the table.
#include "help.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

// Two columns: what, and what it does; the second begins where the longest of the first ends.
std::string columns(const std::vector<std::pair<std::string, std::string>>& rows) {
    std::size_t longest = 0;
    for (const auto& [left, right] : rows)
        longest = std::max(longest, left.size());
    std::string text;
    for (const auto& [left, right] : rows) {
        const std::string explained = wrap(right, longest + 4);
        text += "  " + left + std::string(longest - left.size() + 2, ' ') +
                explained.substr(std::min(longest + 4, explained.size()));
    }
    return text;
}

std::string examples_text(const std::vector<Example>& examples) {
    std::string text = "Examples\n";
    for (const Example& example : examples) {
        text += "  " + example.command + "\n";
        if (!example.says.empty()) text += "      " + example.says + "\n";
    }
    return text;
}

std::string options_text(std::string_view title, const std::vector<Option>& options) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Option& option : options) {
        std::string says = option.help;
        if (!option.choices.empty() && option.choices.size() > 3) says += " (" + join(option.choices, ", ") + ")";
        if (option.repeatable) says += "; may be repeated";
        rows.emplace_back(format_option(option), says);
    }
    return rows.empty() ? std::string() : fmt::format("\n{}\n{}", title, columns(rows));
}

// A usage line is broken before '[' and '|', never between an option and its value.
std::string usage_text(const std::string& line) {
    std::string text = "  ";
    std::size_t column = 2;
    std::size_t from = 0;
    while (from < line.size()) {
        const std::size_t to = std::min({line.find(" [", from + 1), line.find(" |", from + 1), line.size()});
        if (column + (to - from) > 80 && column > 2) {
            text += "\n     ";
            column = 5;
        }
        text += line.substr(from, to - from);
        column += to - from;
        from = to;
    }
    return text + "\n";
}

const std::vector<Example>& first_steps() {
    static const std::vector<Example> steps = {
        {"mailctl init --root ~/try-mail --postmaster ann@example.org",
         "a site to try things in; without --root, the system's"},
        {"mailctl domain create example.org --root ~/try-mail", ""},
        {"mailctl mailbox create ann@example.org --generate --root ~/try-mail", ""},
        {"mailctl explain info@example.org --root ~/try-mail", "what becomes of mail for this address, and why"}};
    return steps;
}

// The nouns by what they are about; one that stands in no theme here comes last.
std::vector<std::pair<std::string, std::vector<std::string>>> themes() {
    std::vector<std::pair<std::string, std::vector<std::string>>> themes = {
        {"accounts", {"domain", "mailbox", "alias", "forward", "robot", "autoreply", "list", "address"}},
        {"other names", {"catchall", "banished", "candidate"}},
        {"site", {"init", "apply", "config", "map", "history", "housekeeping"}},
        {"what is so", {"check", "explain", "status", "track", "journal"}},
        {"DNS and keys", {"dns", "dkim"}},
        {"in and out", {"import", "export"}},
        {"many machines", {"node", "publish"}},
        {"the rest", {}}};
    for (const Noun& noun : nouns()) {
        const auto has = [&](const auto& theme) {
            return std::ranges::find(theme.second, noun.name) != theme.second.end();
        };
        if (std::ranges::none_of(themes, has)) themes.back().second.push_back(noun.name);
    }
    return themes;
}

// "mailboxes: create list show"
std::string summary_with_verbs(const Noun& noun) {
    std::string text = noun.summary;
    if (noun.commands.front().verb.empty()) return text;
    text += ':';
    for (const Command& command : noun.commands)
        text += ' ' + command.verb;
    return text;
}

std::string page_name(const std::string& noun) { return "mailctl-" + noun + "(8)"; }

} // namespace

std::string wrap(std::string_view text, std::size_t indent, std::size_t width) {
    std::string result;
    std::string line(indent, ' ');
    for (const std::string_view word : split(text, ' ')) {
        if (line.size() > indent && line.size() + 1 + word.size() > width) {
            result += line + "\n";
            line.assign(indent, ' ');
        }
        if (line.size() > indent) line += ' ';
        line += word;
    }
    return result + line + "\n";
}

std::string format_option(const Option& option) {
    std::string text = option.short_name == 0 ? "    " : std::string{'-', option.short_name};
    if (!option.long_name.empty()) text += (option.short_name == 0 ? "--" : ", --") + option.long_name;
    if (option.takes_value()) text += " " + option.value;
    return text;
}

std::string help_first_screen() {
    std::string text = "mailctl: mail domains on a Maildir file system, kept in files you can read\n\n"
                       "Usage: mailctl NOUN VERB [TARGET...] [OPTION...]\n\n";
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& [theme, names] : themes())
        rows.emplace_back(theme, join(names, " "));
    text += columns(rows) + "\nTo try it\n";
    for (const Example& example : first_steps())
        text += "  " + example.command + "\n";
    return text + "\n'mailctl help' shows the nouns with their verbs, 'mailctl help NOUN [VERB]'\n"
                  "explains them. For reading: man 7 mailctl-tutorial, man 8 mailctl.\n";
}

std::string help_overview() {
    std::string text = "mailctl: mail domains on a Maildir file system, kept in files you can read\n\n";
    text += examples_text(first_steps());
    text += "\nUsage\n  mailctl NOUN VERB [TARGET...] [OPTION...]\n\nNouns\n";
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Noun& noun : nouns())
        rows.emplace_back(noun.name, summary_with_verbs(noun));
    return text + columns(rows) +
           "\n'mailctl help NOUN' and 'mailctl help NOUN VERB' say more, also about options; so\ndoes man 8 mailctl.\n";
}

std::string help_noun(const Noun& noun) {
    if (noun.commands.front().verb.empty()) return help_command(noun.commands.front());
    std::string text = fmt::format("mailctl {}: {}\n\nVerbs\n", noun.name, noun.summary);
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Command& command : noun.commands)
        rows.emplace_back(command.verb, command.summary);
    constexpr std::size_t shown_examples = 3;
    std::vector<Example> examples;
    for (const Command& command : noun.commands)
        if (examples.size() < shown_examples) examples.push_back({command.examples.front().command, {}});
    return text + columns(rows) + "\n" + examples_text(examples) +
           fmt::format("\n'mailctl help {} VERB' says more; so does man 8 mailctl-{}.\n", noun.name, noun.name);
}

std::string help_command(const Command& command) {
    std::string text = fmt::format("mailctl {}: {}\n\n", command.name(), command.summary);
    text += examples_text(command.examples);
    text += "\nUsage\n" + usage_text(synopsis(command));
    for (const std::string& paragraph : command.details)
        text += "\n" + wrap(paragraph, 0);
    text += options_text("Options", command.options);
    if (command.access == Access::write)
        text += options_text("Options of every command that changes something", writer_options());
    text += options_text("Options of every command", global_options());
    return text + fmt::format("\nMore in {}.\n", page_name(command.noun));
}

Result<std::string> help_for(std::span<const std::string> words) {
    if (words.empty()) return help_overview();
    const Noun* noun = find_noun(words.front());
    if (noun != nullptr && words.size() == 1) return help_noun(*noun);
    TRY_ASSIGN(const Command* command, find_command(words));
    return help_command(*command);
}

} // namespace mailctl
