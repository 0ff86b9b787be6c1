// SPDX-License-Identifier: Apache-2.0
// The command table: every noun, verb, positional and option of mailctl, as data with the function that carries it out.
// Dispatch, parsing, help, did-you-mean, shell completion and the synopses of the man pages all read this one table, so
// that none of them can promise what another refuses. A command is added here and nowhere else.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/rights.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct Invocation;

// What the shell may offer for a value. choice: the choices and nothing else is accepted; key: the choices with '='
// behind them, of mailctl.toml where there are none; setting: a key of mailctl.toml; change: a number of the history;
// check: areas and ids of checks, with commas between them; fresh: a new address in a domain that is there; deleted: a
// mailbox that was; listed: a member of the list in the word before; attachment: a file of the attachments directory;
// unknown_action: what a catch-all does.
enum class Values {
    none,
    file,
    directory,
    domain,
    mailbox,
    address,
    alias,
    forward,
    robot,
    list,
    member,
    banished,
    candidate,
    map,
    setting,
    change,
    node,
    choice,
    key,
    check,
    fresh,
    deleted,
    listed,
    attachment,
    unknown_action
};

struct Option {
    std::string long_name;   // without dashes; "" = there is only the short form
    char short_name = 0;     // 0 = none
    std::string value;       // "" = a switch; otherwise the name of its value in help: "SIZE"
    std::string help;        // lower case, no full stop
    bool repeatable = false; // each occurrence adds; otherwise a second one is a usage error
    Values values = Values::none;
    std::vector<std::string> choices = {};
    std::string one_of = {}; // options with the same group name exclude one another
    bool is_target = false;  // its value is an address or domain that the caller must have rights over
    bool is_instead = false; // of the words that name targets: none is needed then

    [[nodiscard]] bool takes_value() const { return !value.empty(); }
    [[nodiscard]] std::string key() const;     // "dry-run", or "m" where there is only a short form
    [[nodiscard]] std::string spelled() const; // "--dry-run", or "-m"
};

enum class Count { one, optional, many, any }; // X, [X], X..., [X...]

struct Positional {
    std::string name; // "ADDRESS"
    Count count = Count::one;
    Values values = Values::none;
    std::vector<std::string> choices = {};
    bool is_target = true; // as in Option; false for a word that may name what is not the caller's, or no address
};

struct Example {
    std::string command, says;
};

enum class Access { none, read, write }; // none: works without a site; write: takes the options of every writer

struct Command {
    std::string noun;
    std::string verb;    // "" where the noun is the whole command
    std::string summary; // "make mailboxes": lower case, no full stop
    std::vector<Positional> positionals;
    std::vector<Option> options; // beside those of every writer and the global ones
    std::vector<Example> examples;
    Access access = Access::read;
    Right right = Right::unstated;
    Result<Report> (*run)(Invocation&) = nullptr;
    std::vector<std::string> details = {}; // paragraphs for the man page and --help
    // Which of its KEY=VALUE words such a role may give; the site's administrator may give all.
    std::vector<std::string> owner_keys = {}, user_keys = {};

    [[nodiscard]] std::string name() const { return verb.empty() ? noun : noun + " " + verb; }
};

struct Noun {
    std::string name, summary;
    std::vector<Command> commands;
    std::vector<std::string> also = {}; // what newcomers type instead: leads to a hint, never runs
};

// The whole table, in the order of the help. Built once.
[[nodiscard]] const std::vector<Noun>& nouns();
[[nodiscard]] const std::vector<Option>& global_options();
[[nodiscard]] const std::vector<Option>& writer_options();
// All options of a command: its own, a writer's, the global ones.
[[nodiscard]] std::vector<Option> options_of(const Command& command);

// The command that the leading words name. usage: no such noun or verb, with the nearest as hint.
[[nodiscard]] Result<const Command*> find_command(std::span<const std::string> words);
[[nodiscard]] const Noun* find_noun(std::string_view name); // nullptr = none
// How many of the words are noun and verb: 1 or 2.
[[nodiscard]] std::size_t name_length(const Command& command);
// "mailctl mailbox create ADDRESS... [--name NAME] [--alias LOCAL]..."; a writer's and the global options are not in
// it.
[[nodiscard]] std::string synopsis(const Command& command);
// The same with "[OPTION...]" for all of them.
[[nodiscard]] std::string short_synopsis(const Command& command);

// One noun each, in the file of that name.
Noun init_noun();
Noun domain_noun();
Noun mailbox_noun();
Noun address_noun();
Noun alias_noun();
Noun forward_noun();
Noun robot_noun();
Noun autoreply_noun();
Noun list_noun();
Noun catchall_noun();
Noun banished_noun();
Noun candidate_noun();
Noun import_noun();
Noun export_noun();
Noun map_noun();
Noun dns_noun();
Noun dkim_noun();
Noun explain_noun();
Noun history_noun();
Noun track_noun();
Noun journal_noun();
Noun status_noun();
Noun housekeeping_noun();
Noun node_noun();
Noun publish_noun();
Noun config_noun();
Noun apply_noun();
Noun check_noun();
Noun completion_noun();
Noun version_noun();

} // namespace mailctl
