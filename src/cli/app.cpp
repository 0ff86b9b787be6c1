// SPDX-License-Identifier: Apache-2.0
// One way through: words, arguments, command, world, report. Every failure on it becomes one printed error and one
// status.
#include "mailctl/cli/app.hpp"

#include "complete.hpp"
#include "help.hpp"
#include "invocation.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/os/terminal.hpp"
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

OutputStyle chosen_style(const Arguments& arguments) {
    OutputStyle style{
        .format = chosen_format(arguments), .colour = Colour::off, .width = 0, .quiet = arguments.has("quiet")};
    const std::string when = arguments.has("no-color") ? "never" : arguments.find("color").value_or("auto");
    if (when == "always" || (when == "auto" && wants_colour(Stream::output))) style.colour = Colour::on;
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
    TRY_ASSIGN(const Report report, command->run(invocation));
    TRY(print_report(report, chosen_style(arguments)));
    if (verbose)
        say(fmt::format("done in {} ms", std::chrono::duration_cast<std::chrono::milliseconds>(now() - begin).count()));
    return report.status;
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
    if (arguments.words.empty()) {
        std::string text = help_overview();
        text.pop_back(); // say() ends the line
        say(text);
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

Format format_of_errors(std::span<const std::string> words) {
    const auto end = std::ranges::find(words, "--");
    return std::find(words.begin(), end, "--json") != end ? Format::json : Format::table;
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
    print_error(error, format_of_errors(words));
    return exit_code(error.kind);
}

} // namespace mailctl
