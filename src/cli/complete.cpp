// SPDX-License-Identifier: Apache-2.0
// A walk over an unfinished line, then candidates from the table or from the site. Nothing here can fail.
#include "complete.hpp"

#include "mailctl/admin/care/check.hpp"
#include "mailctl/admin/completion_names.hpp"
#include "mailctl/admin/history.hpp"
#include "mailctl/admin/lists.hpp"
#include "output.hpp"
#include "site_place.hpp"

#include <algorithm>
#include <csignal>
#include <unistd.h>
#include <utility>

namespace mailctl {
namespace {

constexpr std::size_t changes_offered = 50;

const Option* option_named(std::string_view word) {
    const auto found = std::ranges::find_if(all_options(), [&](const Option& option) {
        return word == option.spelled() || (option.short_name != 0 && word == std::string{'-', option.short_name});
    });
    return found == all_options().end() ? nullptr : &*found;
}

// The words before the cursor as far as they go: unfinished lines are the usual case here, so nothing is refused.
struct Line {
    Arguments arguments;
    const Option* awaits_value = nullptr; // of the option that ends the line
    bool in_options = true;               // no "--" so far
};

void add_option(Line& line, const std::string& word) {
    const std::size_t equals = word.find('=');
    const Option* option = option_named(word.substr(0, equals));
    if (option == nullptr) return;
    auto& values = line.arguments.options[option->key()];
    if (equals != std::string::npos) {
        values.push_back(word.substr(equals + 1));
    } else if (option->takes_value()) {
        line.awaits_value = option;
    }
}

Line read_line(std::span<const std::string> words) {
    Line line;
    for (const std::string& word : words) {
        if (line.awaits_value != nullptr) {
            line.arguments.options[line.awaits_value->key()].push_back(word);
            line.awaits_value = nullptr;
        } else if (line.in_options && word == "--") {
            line.in_options = false;
        } else if (line.in_options && word.size() > 1 && word.starts_with('-')) {
            add_option(line, word);
        } else {
            line.arguments.words.push_back(word);
        }
    }
    return line;
}

void offer(Completion& completion, std::string_view prefix, std::string value, std::string says = {}) {
    if (value.starts_with(prefix)) completion.candidates.push_back({std::move(value), std::move(says)});
}

// Areas first, each once; before the last comma the words are done.
void offer_checks(Completion& completion, std::string_view prefix) {
    const std::string head(prefix.substr(0, prefix.rfind(',') + 1));
    std::string_view area;
    const auto checks = list_checks();
    for (const auto& check : checks)
        if (std::exchange(area, check.area) != check.area) offer(completion, prefix, head + std::string(check.area));
    for (const auto& check : checks)
        offer(completion, prefix, head + std::string(check.id), std::string(check.says));
}

struct Offer {
    const Arguments& arguments;
    FindValues find_values;
    std::string_view prefix;

    void add(Completion& completion, Values values, const std::vector<std::string>& choices) const {
        if (values == Values::file || values == Values::directory) {
            completion.kind = values == Values::file ? Completion::Kind::files : Completion::Kind::directories;
        } else if (values == Values::choice) {
            for (const std::string& choice : choices)
                offer(completion, prefix, choice);
        } else if (values == Values::unknown_action) {
            for (const char* action : {"reject", "discard", "candidate", "redirect:", "domain:"})
                offer(completion, prefix, action);
        } else if (values == Values::key && choices.empty() && prefix.contains('=')) {
            for (const std::string& value : find_values(arguments, Values::setting, prefix))
                offer(completion, prefix, std::string(prefix.substr(0, prefix.find('=') + 1)) + value);
        } else if (values == Values::key) {
            for (const std::string& key : choices.empty() ? find_values(arguments, Values::setting, prefix) : choices)
                offer(completion, prefix, key + "=");
        } else if (values == Values::check) {
            offer_checks(completion, prefix);
        } else if (values != Values::none) {
            for (std::string& value : find_values(arguments, values, prefix))
                offer(completion, prefix, std::move(value));
        }
    }
};

Completion complete_option_names(const Command* command, const Arguments& arguments, std::string_view prefix) {
    Completion completion;
    for (const Option& option : command == nullptr ? global_options() : options_of(*command)) {
        if (option.repeatable || !arguments.has(option.key())) offer(completion, prefix, option.spelled(), option.help);
    }
    return completion;
}

Completion complete_name(const Noun* noun, std::string_view prefix) {
    Completion completion;
    if (noun == nullptr) {
        for (const Noun& each : nouns())
            offer(completion, prefix, each.name, each.summary);
    } else {
        for (const Command& command : noun->commands)
            offer(completion, prefix, command.verb, command.summary);
    }
    return completion;
}

// The word at `index` is the positional of that place, or a further one of a positional before it that takes many.
Completion complete_positional(const Command& command, std::size_t index, const Offer& values) {
    Completion completion;
    bool had_many = false;
    for (std::size_t i = 0; i < command.positionals.size(); ++i) {
        const Positional& positional = command.positionals[i];
        const bool takes_more = positional.count == Count::many || positional.count == Count::any;
        const bool is_last = i + 1 == command.positionals.size();
        if (i == index || (i < index && (takes_more || (is_last && had_many))))
            values.add(completion, positional.values, positional.choices);
        had_many |= takes_more;
    }
    return completion;
}

Completion complete_value(const Option& option, std::string_view head, const Offer& values) {
    Completion completion;
    values.add(completion, option.values, option.choices);
    for (Candidate& candidate : completion.candidates)
        candidate.value.insert(0, head);
    return completion;
}

} // namespace

Completion complete_words(std::span<const std::string> words, FindValues find_values) {
    const std::string current = words.empty() ? "" : words.back();
    const auto before = words.empty() ? words : words.first(words.size() - 1);
    const bool is_about_help = !before.empty() && before.front() == "help"; // then noun and verb, and no more
    const Line line = read_line(is_about_help ? before.subspan(1) : before);
    const Arguments& arguments = line.arguments;
    if (is_about_help && find_command(arguments.words)) return {};
    if (line.awaits_value != nullptr) return complete_value(*line.awaits_value, {}, {arguments, find_values, current});

    const auto found = find_command(arguments.words);
    const Command* command = found ? *found : nullptr;
    if (line.in_options && current.starts_with('-')) {
        const std::size_t equals = current.find('=');
        const Option* option = equals == std::string::npos ? nullptr : option_named(current.substr(0, equals));
        if (option == nullptr) return complete_option_names(command, arguments, current);
        const std::string_view value = std::string_view(current).substr(equals + 1);
        return complete_value(*option, current.substr(0, equals + 1), {arguments, find_values, value});
    }
    if (command != nullptr)
        return complete_positional(*command, arguments.words.size() - name_length(*command),
                                   {arguments, find_values, current});
    if (arguments.words.size() > 1) return {};
    const Noun* noun = arguments.words.empty() ? nullptr : find_noun(arguments.words.front());
    if (noun == nullptr && !arguments.words.empty()) return {};
    return complete_name(noun, current);
}

std::string format_completion(const Completion& completion) {
    static constexpr std::string_view kinds[] = {"words\n", "files\n", "directories\n"};
    std::string text(kinds[static_cast<std::size_t>(completion.kind)]);
    for (const Candidate& candidate : completion.candidates) {
        text += candidate.value;
        if (!candidate.says.empty()) text += "\t" + candidate.says;
        text += "\n";
    }
    return text;
}

namespace {

std::vector<std::string> history_numbers(const World& world) {
    std::vector<std::string> numbers;
    const auto changes = list_history(world, changes_offered);
    if (!changes) return numbers;
    for (const Cells& row : changes->rows) {
        const auto* id = row.empty() ? nullptr : std::get_if<std::int64_t>(&row.front().value);
        if (id != nullptr) numbers.push_back(std::to_string(*id));
    }
    return numbers;
}

std::vector<std::string> members_of_list(const World& world, const Arguments& arguments) {
    constexpr std::size_t place_of_list = 2; // behind noun and verb
    if (arguments.words.size() <= place_of_list) return {};
    const auto address = Address::parse(arguments.words[place_of_list]);
    const auto shown = address ? show_lists(world, std::span(&*address, 1)) : fail(address.error());
    if (!shown || shown->rows.empty()) return {};
    const auto members = std::ranges::find(shown->rows.front(), "members", &Cell::key);
    const auto* names =
        members == shown->rows.front().end() ? nullptr : std::get_if<std::vector<std::string>>(&members->value);
    return names ? *names : std::vector<std::string>{};
}

std::vector<std::string> find_live_values(const Arguments& arguments, Values values, std::string_view prefix) {
    static const std::map<Values, std::vector<NameKind>> kinds = {
        {Values::domain, {NameKind::domain}},
        {Values::mailbox, {NameKind::mailbox}},
        {Values::address, {NameKind::mailbox, NameKind::alias, NameKind::forward, NameKind::robot, NameKind::list}},
        {Values::alias, {NameKind::alias}},
        {Values::forward, {NameKind::forward}},
        {Values::robot, {NameKind::robot}},
        {Values::list, {NameKind::list}},
        {Values::member, {NameKind::mailbox, NameKind::list}},
        {Values::banished, {NameKind::banished}},
        {Values::candidate, {NameKind::candidate}},
        {Values::map, {NameKind::map}},
        {Values::setting, {NameKind::setting}},
        {Values::node, {NameKind::node}},
        {Values::fresh, {NameKind::fresh}},
        {Values::deleted, {NameKind::deleted}},
        {Values::attachment, {NameKind::attachment}},
    };
    const auto world = make_world(arguments, {});
    if (!world) return {};
    if (values == Values::change) return history_numbers(*world);
    if (values == Values::listed) return members_of_list(*world, arguments);
    if (const auto equals = prefix.find('='); values == Values::setting && equals != prefix.npos)
        return values_of_setting(*world, prefix.substr(0, equals));
    std::vector<std::string> all;
    const auto asked = kinds.find(values);
    if (asked == kinds.end()) return {};
    for (const NameKind kind : asked->second) {
        const std::vector<std::string> names = complete_names(*world, kind, prefix);
        all.insert(all.end(), names.begin(), names.end());
    }
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

extern "C" void give_up(int) { ::_exit(0); }

} // namespace

Result<int> run_complete(std::span<const std::string> words) {
    std::signal(SIGALRM, give_up);
    ::alarm(1);
    if (!words.empty() && words.front() == "--") words = words.subspan(1);
    TRY(print_text(format_completion(complete_words(words, find_live_values))));
    return 0;
}

} // namespace mailctl
