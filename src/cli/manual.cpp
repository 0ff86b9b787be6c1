// SPDX-License-Identifier: Apache-2.0
// scdoc from the table. What is typed literally is bold, what stands for a value is underlined.
#include "manual.hpp"

#include "mailctl/admin/care/check.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/account_keys.hpp"
#include "mailctl/config/domain_keys.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/exchange/transfer/account_columns.hpp"
#include "mailctl/exchange/transfer/csv_profiles.hpp"
#include "mailctl/os/terminal.hpp"
#include "output.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::string_view marker = "; table: ";

// scdoc reads '_' and '*' as fonts and '\' as its escape.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (std::string_view("\\_*").contains(c)) result += '\\';
        result += c;
    }
    return result;
}

std::string bold(std::string_view text) { return "*" + escaped(text) + "*"; }
std::string sentence(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return escaped(text) + ".";
}

// A synopsis line with what is typed literally in bold and the names of values underlined.
std::string styled_synopsis(const Command& command) {
    std::string text;
    const std::string plain = synopsis(command);
    const std::string head = "mailctl " + command.name();
    for (const std::string_view word : split(std::string_view(plain).substr(head.size()), ' ')) {
        if (word.empty()) continue;
        const std::size_t begin = word.find_first_not_of('[');
        const std::size_t end = word.find_last_not_of("].") + 1;
        const std::string_view core = word.substr(begin, end - begin);
        text += " " + std::string(word.substr(0, begin));
        text += core == "|" ? std::string(core) : core.starts_with('-') ? bold(core) : "_" + escaped(core) + "_";
        text += word.substr(end);
    }
    return bold(head) + text;
}

std::string option_entries(const std::vector<Option>& options) {
    std::string text;
    for (const Option& option : options) {
        std::vector<std::string> names;
        if (option.short_name != 0) names.push_back(bold(std::string{'-', option.short_name}));
        if (!option.long_name.empty()) names.push_back(bold("--" + option.long_name));
        text += join(names, ", ") + (option.takes_value() ? " _" + escaped(option.value) + "_" : "") + "\n\t" +
                sentence(option.help);
        if (option.values == Values::choice) text += " One of: " + escaped(join(option.choices, ", ")) + ".";
        if (option.repeatable) text += " May be repeated.";
        text += "\n\n";
    }
    return text;
}

std::string synopsis_section(const Noun& noun) {
    std::string text;
    for (const Command& command : noun.commands)
        text += (text.empty() ? "" : "++\n") + styled_synopsis(command);
    return text + "\n";
}

std::string examples_block(const std::vector<Example>& examples) {
    std::string text;
    for (const Example& example : examples) {
        std::string says = sentence(example.says);
        says.back() = ':';
        if (!example.says.empty()) text += says + "\n\n";
        text += "```\n" + example.command + "\n```\n\n";
    }
    return text;
}

std::string commands_section(const Noun& noun) {
    std::string text;
    for (const Command& command : noun.commands) {
        if (!command.verb.empty()) text += "## " + command.verb + "\n\n";
        text += styled_synopsis(command) + "\n\n" + sentence(command.summary) + "\n\n";
        for (const std::string& paragraph : command.details)
            text += escaped(paragraph) + "\n\n";
        text += option_entries(command.options) + examples_block(command.examples);
    }
    return text;
}

std::string nouns_section() {
    std::string text;
    for (const Noun& noun : nouns())
        text += bold("mailctl-" + noun.name) + "(8)\n\t" + sentence(noun.summary) + "\n\n";
    return text;
}

std::string settings_section() {
    std::string text;
    for (const SiteKey& key : site_keys(Site{})) {
        text += bold(key.key) + "\n\t" + sentence(key.help);
        if (!key.value.empty()) text += " Default: " + escaped(key.value) + ".";
        text += "\n\n";
    }
    return text;
}

std::string_view who_else_sets(SetBy least) {
    switch (least) {
    case SetBy::site:
        break;
    case SetBy::owner:
        return " Owners may set it.";
    case SetBy::user:
        return " Owners and the user may set it.";
    }
    return "";
}

// What KEY=VALUE takes for a noun, in the order of the key table; "" for a noun without keys.
template <class Model>
std::string key_entries(std::span<const Key<Model>> keys, std::string_view family) {
    std::string text;
    for (const auto& key : keys) {
        if (key.family != family || !key.is_setting()) continue;
        text += fmt::format("{}\n\t{}{}", bold(key.name), sentence(std::string(key.help)), who_else_sets(key.set_by));
        if (!key.showing.name.empty()) text += fmt::format(" Reports call it {}.", bold(key.showing.name));
        text += "\n\n";
    }
    return text;
}

std::string keys_section(std::string_view noun) {
    return key_entries(account_keys(), noun) + key_entries(domain_keys(), noun);
}

std::string columns_section() {
    std::string text;
    for (const Column& column : account_columns())
        text += fmt::format("{}\n\t{} Type: {}.\n\n", bold(column.name), sentence(std::string(column.help)),
                            escaped(column.kinds));
    return text;
}

std::string profiles_section() {
    std::string text;
    for (const Profile& profile : csv_profiles())
        text += fmt::format("{}\n\t{}\n\n", bold(profile.name), sentence(std::string(profile.says)));
    return text;
}

std::string checks_section() {
    std::string text;
    for (const auto& check : list_checks()) {
        text += fmt::format("{}\n\t{} {}", bold(check.id), sentence(std::string(check.says)),
                            sentence(std::string(check.severity)));
        if (check.number != 0) text += fmt::format(" Number {} of the catalogue.", check.number);
        if (check.is_fixable) text += " Mended by --fix.";
        text += "\n\n";
    }
    return text;
}

Result<std::string> replacement(std::string_view what) {
    const std::size_t space = what.find(' ');
    const std::string_view part = what.substr(0, space);
    const Noun* noun = space == std::string_view::npos ? nullptr : find_noun(what.substr(space + 1));
    if (part == "nouns") return nouns_section();
    if (part == "options") return option_entries(global_options());
    if (part == "writer-options") return option_entries(writer_options());
    if (part == "settings") return settings_section();
    if (part == "csv-columns") return columns_section();
    if (part == "csv-profiles") return profiles_section();
    if (part == "checks") return checks_section();
    if (noun != nullptr && part == "synopsis") return synopsis_section(*noun);
    if (noun != nullptr && part == "commands") return commands_section(*noun);
    if (auto keys = noun != nullptr && part == "keys" ? keys_section(noun->name) : std::string(); !keys.empty())
        return keys;
    return fail(ErrorKind::invalid, fmt::format("the table has no '{}'", what));
}

std::vector<std::string> spelled_options(const std::vector<Option>& options) {
    std::vector<std::string> names;
    for (const Option& option : options)
        names.push_back(option.spelled());
    return names;
}

} // namespace

Result<std::string> fill_page(std::string_view page) {
    std::string filled;
    for (const std::string_view line : split(page, '\n')) {
        if (line.starts_with(marker)) {
            TRY_ASSIGN(const std::string part, replacement(line.substr(marker.size())));
            filled += part;
        } else {
            filled += line;
            filled += '\n';
        }
    }
    if (page.ends_with('\n')) filled.pop_back(); // split gives an empty piece behind the last line
    return filled;
}

Result<int> run_manual(std::span<const std::string> words) {
    if (!words.empty()) return fail(ErrorKind::usage, "'__manual' takes a page on standard input");
    TRY_ASSIGN(const auto page, read_standard_input("__manual", {}));
    TRY_ASSIGN(const auto filled, fill_page(page));
    TRY(print_text(filled));
    return 0;
}

Result<int> run_commands() {
    Report report;
    report.type = "command";
    for (const Noun& noun : nouns()) {
        for (const Command& command : noun.commands) {
            report.rows.push_back({{"id", command.name(), true, true, {}},
                                   {"noun", command.noun, true, true, {}},
                                   {"verb", command.verb, true, true, {}},
                                   {"summary", command.summary, true, true, {}},
                                   {"synopsis", synopsis(command), true, true, {}},
                                   {"writes", command.access == Access::write, true, true, {}},
                                   {"site_only", command.right == Right::site, true, true, {}},
                                   {"options", spelled_options(command.options), true, true, {}},
                                   {"all_options", spelled_options(options_of(command)), true, true, {}}});
        }
    }
    TRY(print_text(render(report, Format::json, Colour::off, 0)));
    return 0;
}

} // namespace mailctl
