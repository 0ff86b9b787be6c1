// SPDX-License-Identifier: Apache-2.0
// `mailctl history`: what was changed, by whom, and back again.
#include "mailctl/admin/history.hpp"

#include "danger.hpp"
#include "mailctl/base/text.hpp"

#include <charconv>
#include <fmt/format.h>

namespace mailctl {
namespace {

Result<std::uint64_t> parse_number(const std::string& text, std::string_view what) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size())
        return fail(ErrorKind::usage, fmt::format("'{}' is no {}", printable(text), what), "mailctl history list");
    return number;
}

Result<Report> run_history_list(Invocation& invocation) {
    std::size_t limit = 0;
    if (const auto text = invocation.arguments.find("limit")) {
        TRY_ASSIGN(limit, parse_number(*text, "number of changes"));
    }
    return list_history(invocation.world, limit);
}

Result<Report> run_history_show(Invocation& invocation) {
    TRY_ASSIGN(const std::uint64_t id, parse_number(invocation.words.front(), "number of a change"));
    return show_change(invocation.world, id);
}

// What the way back would change is shown before the question; a change that cannot be reverted is refused unasked.
Result<std::string> revert_question(const Invocation& invocation, std::uint64_t id, ChangeOptions options) {
    options.dry_run = true;
    TRY_ASSIGN(const Report foreseen, revert_change(invocation.world, id, options));
    TRY_ASSIGN(const std::string command, command_of_change(invocation.world, id));
    return fmt::format("{}revert change {} ({})?", foreseen.brief.empty() ? foreseen.text : foreseen.brief, id,
                       printable(command));
}

Result<Report> run_history_revert(Invocation& invocation) {
    TRY_ASSIGN(const std::uint64_t id, parse_number(invocation.words.front(), "number of a change"));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    TRY_ASSIGN(const bool asks, must_ask(invocation));
    if (asks) {
        TRY_ASSIGN(const std::string question, revert_question(invocation, id, options));
        TRY(ask(question));
    }
    return revert_change(invocation.world, id, options);
}

} // namespace

Noun history_noun() {
    const Positional change{"NUMBER", Count::one, Values::change};
    return {.name = "history",
            .summary = "what was changed, by whom, and back again",
            .commands =
                {
                    {.noun = "history",
                     .verb = "list",
                     .summary = "list changes, the newest first",
                     .positionals = {},
                     .options = {{.long_name = "limit", .value = "NUMBER", .help = "only so many of them"}},
                     .examples = {{"mailctl history list --limit 20", ""}},
                     .access = Access::read,
                     .right = Right::site,
                     .run = run_history_list},
                    {.noun = "history",
                     .verb = "show",
                     .summary = "show a change with its diffs",
                     .positionals = {change},
                     .options = {},
                     .examples = {{"mailctl history show 12", ""}},
                     .access = Access::read,
                     .right = Right::site,
                     .run = run_history_show},
                    {.noun = "history",
                     .verb = "revert",
                     .summary = "undo a change",
                     .positionals = {change},
                     .options = {},
                     .examples = {{"mailctl history revert 12 --dry-run", "what it would do"},
                                  {"mailctl history revert 12 -m 'wrong domain'", ""}},
                     .access = Access::write,
                     .right = Right::site,
                     .run = run_history_revert,
                     .details = {"Undoing is a new change, recorded like any other. It is refused where later changes "
                                 "touched the same lines."}},
                },
            .also = {"log", "undo", "changes"}};
}

} // namespace mailctl
