// SPDX-License-Identifier: Apache-2.0
// `mailctl autoreply`: what a mailbox answers while its owner is away.
#include "mailctl/admin/autoreplies.hpp"

#include "reply_input.hpp"

namespace mailctl {
namespace {

Result<Report> run_autoreply_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    return show_autoreplies(invocation.world, addresses);
}

Result<Report> run_autoreply_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_autoreplies(invocation.world, domains);
}

// nullopt: not given; none inside: the day goes.
Result<std::optional<std::optional<Date>>> read_day(const Arguments& arguments, const char* option) {
    const auto given = arguments.find(option);
    if (!given) return std::optional<std::optional<Date>>{};
    if (is_nothing(*given)) return std::optional(std::optional<Date>{});
    TRY_ASSIGN(const Date day, parse_date(*given));
    return std::optional(std::optional(day));
}

Result<Report> run_autoreply_set(Invocation& invocation) {
    AutoreplyRequest request;
    TRY_ASSIGN(const Address address, read_address(invocation, invocation.words.front()));
    TRY_ASSIGN(request.text, read_reply_text(invocation.arguments));
    TRY_ASSIGN(request.start, read_day(invocation.arguments, "start"));
    TRY_ASSIGN(request.end, read_day(invocation.arguments, "end"));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_autoreply(invocation.world, address, request, options);
}

Result<Report> run_autoreply_switch(Invocation& invocation, Switch position) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return switch_autoreplies(invocation.world, addresses, position, options);
}
Result<Report> run_autoreply_on(Invocation& invocation) { return run_autoreply_switch(invocation, Switch::on); }
Result<Report> run_autoreply_off(Invocation& invocation) { return run_autoreply_switch(invocation, Switch::off); }

Command set_autoreply_command() {
    std::vector<Option> options = reply_options();
    options.push_back({.long_name = "start", .value = "DATE", .help = "the first day of it, as 2026-12-20, or none"});
    options.push_back({.long_name = "end", .value = "DATE", .help = "the last day of it, or none"});
    return {
        .noun = "autoreply",
        .verb = "set",
        .summary = "let a mailbox answer, or change what it says",
        .positionals = {{"ADDRESS", Count::one, Values::mailbox}},
        .options = std::move(options),
        .examples = {{"mailctl autoreply set ann@example.org --subject 'Away until Monday' --message 'I am on "
                      "holiday.' --start 2026-12-20 --end 2027-01-04",
                      ""},
                     {"mailctl autoreply set ann@example.org --message-file - --as ann@example.org < away.txt",
                      "by the user herself"}},
        .access = Access::write,
        .right = Right::mailbox,
        .run = run_autoreply_set,
        .details = {"What is not given stays as it is; setting it switches it on. Days are those of the site's "
                    "time zone, the first and the last one included. Each sender is answered once in 7 days "
                    "unless --every says otherwise. An empty message switches it off. 'none' clears --start, --end, "
                    "--from, --attach and --every; the days of a reply that is over go by themselves with a new "
                    "one."}};
}

Command switch_command(std::string verb, std::string summary, std::string example, Result<Report> (*run)(Invocation&)) {
    return {.noun = "autoreply",
            .verb = std::move(verb),
            .summary = std::move(summary),
            .positionals = {{"ADDRESS", Count::many, Values::mailbox}},
            .options = {},
            .examples = {{std::move(example), ""}},
            .access = Access::write,
            .right = Right::mailbox,
            .run = run};
}

} // namespace

Noun autoreply_noun() {
    return {.name = "autoreply",
            .summary = "what a mailbox answers while its owner is away",
            .commands = {{.noun = "autoreply",
                          .verb = "list",
                          .summary = "list the mailboxes that have an autoreply",
                          .positionals = {{"DOMAIN", Count::any, Values::domain}},
                          .options = {},
                          .examples = {{"mailctl autoreply list example.org", "who is away, and until when"}},
                          .access = Access::read,
                          .right = Right::domain,
                          .run = run_autoreply_list},
                         {.noun = "autoreply",
                          .verb = "show",
                          .summary = "show what mailboxes answer",
                          .positionals = {{"ADDRESS", Count::many, Values::mailbox}},
                          .options = {},
                          .examples = {{"mailctl autoreply show ann@example.org", ""}},
                          .access = Access::read,
                          .right = Right::mailbox,
                          .run = run_autoreply_show},
                         set_autoreply_command(),
                         switch_command("on", "let mailboxes answer again", "mailctl autoreply on ann@example.org",
                                        run_autoreply_on),
                         switch_command("off", "stop mailboxes from answering", "mailctl autoreply off ann@example.org",
                                        run_autoreply_off)},
            .also = {"vacation", "away", "out-of-office", "autoreplies"}};
}

} // namespace mailctl
