// SPDX-License-Identifier: Apache-2.0
// One way through: words, arguments, command, world, report. Every failure on it becomes one printed error and one
// status.
#include "mailctl/cli/app.hpp"

#include "complete.hpp"
#include "help.hpp"
#include "invocation.hpp"
#include "mailctl/admin/cluster/publish.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/os/terminal.hpp"
#include "mailctl/site/site_view.hpp"
#include "manual.hpp"
#include "output.hpp"
#include "permission.hpp"
#include "site_place.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

Format chosen_format(const Arguments& arguments) {
    if (arguments.has("json")) return Format::json;
    if (arguments.has("plain")) return Format::plain;
    return arguments.has("csv") ? Format::csv : Format::table;
}

Colour chosen_colour(const Arguments& arguments, Stream stream) {
    const std::string when = arguments.has("no-color") ? "never" : arguments.find("color").value_or("auto");
    return when == "always" || (when == "auto" && wants_colour(stream)) ? Colour::on : Colour::off;
}

OutputStyle chosen_style(const Arguments& arguments) {
    OutputStyle style{
        .format = chosen_format(arguments), .quiet = arguments.has("quiet"), .verbose = arguments.has("verbose")};
    style.colour = chosen_colour(arguments, Stream::output);
    style.colour_of_errors = chosen_colour(arguments, Stream::error);
    if (is_terminal(Stream::output)) style.width = terminal_width(Stream::output);
    return style;
}

Result<Invocation> make_invocation(const World& world, const Command& command, const Arguments& arguments,
                                   const std::string& version) {
    Invocation invocation{
        .world = world, .command = command, .arguments = arguments, .words = {}, .domain = {}, .version = version};
    invocation.words.assign(arguments.words.begin() + static_cast<std::ptrdiff_t>(name_length(command)),
                            arguments.words.end());
    TRY_ASSIGN(invocation.domain, find_default_domain(arguments));
    return invocation;
}

// Read when the first time is shown. Where the site cannot be read, its times are those of UTC.
OffsetOfZone zone_of_site(const World& world) {
    return [&world, zone = std::string()](Instant instant) mutable {
        if (zone.empty()) {
            const auto view = SiteView::open(world);
            zone = view ? view->site().time_zone : "UTC";
        }
        return offset_of_zone(instant, zone);
    };
}

Result<int> run_command(std::span<const std::string> words, const Arguments& arguments, const std::string& version) {
    TRY_ASSIGN(const Command* command, find_command(arguments.words));
    TRY(check_arguments(*command, arguments));
    if (arguments.has("quiet")) Progress::silence();
    TRY_ASSIGN(World world, make_world(arguments, words));
    TRY(assume_role(world, *command, arguments));
    TRY_ASSIGN(Invocation invocation, make_invocation(world, *command, arguments, version));
    TRY(check_permission(invocation, words));
    const bool verbose = arguments.has("verbose");
    if (verbose && command->access != Access::none) say(fmt::format("site: {}", printable(world.paths.site_file)));
    const Instant begin = now();
    TRY_ASSIGN(Report report, command->run(invocation));
    if (command->access == Access::write && !arguments.has("dry-run")) publish_change(world, report);
    OutputStyle style = chosen_style(arguments);
    style.zone = zone_of_site(world);
    TRY(print_report(report, style));
    if (verbose)
        say(fmt::format("done in {} ms", std::chrono::duration_cast<std::chrono::milliseconds>(now() - begin).count()));
    return report.status;
}

// Of no word the first screen, of a noun alone its verbs; empty where there are enough.
std::string help_where_words_are_missing(const Arguments& arguments) {
    if (arguments.words.empty()) return help_first_screen();
    if (arguments.words.size() > 1 || arguments.has("json")) return {};
    const Noun* noun = find_noun(arguments.words.front());
    const bool needs_verb = noun != nullptr && !noun->commands.front().verb.empty();
    return needs_verb ? help_noun(*noun) : std::string();
}

// Help that was asked for is data; help given because words are missing is not, and the status says so.
Result<int> run_words(std::span<const std::string> words, const Arguments& arguments, const std::string& version) {
    if (arguments.has("version")) {
        TRY(print_text("mailctl " + version + "\n"));
        return 0;
    }
    const bool asks_in_words = !arguments.words.empty() && arguments.words.front() == "help";
    if (arguments.has("help") || asks_in_words) {
        TRY_ASSIGN(const std::string text, help_for(std::span(arguments.words).subspan(asks_in_words ? 1 : 0)));
        TRY(print_text(text));
        return 0;
    }
    if (const std::string text = help_where_words_are_missing(arguments); !text.empty()) {
        say(std::string_view(text).substr(0, text.size() - 1)); // say() ends the line
        return exit_code(ErrorKind::usage);
    }
    return run_command(words, arguments, version);
}

// The commands that other programs of ours call: the shell's completion, the build and the tests.
std::optional<Result<int>> run_hidden(std::span<const std::string> words) {
    if (words.empty() || !words.front().starts_with("__")) return std::nullopt;
    if (words.front() == "__complete") return run_complete(words.subspan(1));
    if (words.front() == "__manual") return run_manual(words.subspan(1));
    if (words.front() == "__commands") return run_commands();
    return std::nullopt;
}

// Also of words that could not be parsed.
bool is_given(std::span<const std::string> words, std::string_view option) {
    const auto end = std::ranges::find(words, "--");
    return std::find(words.begin(), end, option) != end;
}

void print_error_of(const Error& error, std::span<const std::string> words) {
    const bool is_plain = is_given(words, "--no-color") || is_given(words, "--color=never");
    const bool is_coloured = is_given(words, "--color=always") || (!is_plain && wants_colour(Stream::error));
    print_error(error, is_given(words, "--json") ? Format::json : Format::table,
                is_coloured ? Colour::on : Colour::off);
}

Result<int> run(std::span<const std::string> words, const std::string& version) {
    if (auto hidden = run_hidden(words)) return std::move(*hidden);
    TRY_ASSIGN(const Arguments arguments, parse_arguments(words));
    return run_words(words, arguments, version);
}

} // namespace

int run_mailctl(std::span<const std::string> words, const std::string& version) {
    const Result<int> status = run(words, version);
    const Status closed = close_output();
    if (status && closed) return *status;
    const Error& error = status ? closed.error() : status.error();
    print_error_of(error, words);
    return exit_code(error.kind);
}

} // namespace mailctl
