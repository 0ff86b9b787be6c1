// SPDX-License-Identifier: Apache-2.0
// `mailctl track`: what became of mail.
#include "mailctl/admin/care/track.hpp"

#include "mailctl/base/text.hpp"

#include "invocation.hpp"

#include <charconv>
#include <fmt/format.h>

namespace mailctl {
namespace {

Result<std::optional<std::uint64_t>> natural_option(const Invocation& invocation, const std::string& name) {
    const auto text = invocation.arguments.find(name);
    if (!text) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (problem != std::errc{} || end != text->data() + text->size())
        return fail(ErrorKind::usage, fmt::format("--{}: '{}' is not a number", name, printable(*text)));
    return number;
}

// A bare local part belongs to --domain.
Result<std::optional<std::string>> address_option(const Invocation& invocation, const std::string& name) {
    auto text = invocation.arguments.find(name);
    if (!text || text->empty() || *text == "<>" || text->contains('@')) return text;
    if (!invocation.domain)
        return fail(ErrorKind::usage, fmt::format("--{}: '{}' is not an address", name, printable(*text)),
                    "write USER@DOMAIN, or give --domain too");
    return *text + "@" + invocation.domain->text();
}

Result<Report> run_track_update(Invocation& invocation) {
    const auto& arguments = invocation.arguments;
    TrackUpdate update;
    update.logs = invocation.words;
    update.journald = arguments.has("journald") || arguments.has("journal");
    if (!arguments.has("verbose")) update.bad_lines_shown = 0;
    TRY_ASSIGN(auto report, update_track(invocation.world, update));
    if (arguments.has("quiet")) // a timer has something to say only if a log could not be read
        std::erase_if(report.rows,
                      [](const Cells& row) { return std::holds_alternative<std::monostate>(row.back().value); });
    return report;
}

Result<Report> run_track_search(Invocation& invocation) {
    const auto& arguments = invocation.arguments;
    TrackSearch search;
    TRY_ASSIGN(search.from, address_option(invocation, "from"));
    TRY_ASSIGN(search.to, address_option(invocation, "to"));
    search.id = arguments.find("id");
    search.domain = arguments.find("domain");
    search.status = arguments.find("status");
    search.since = arguments.find("since");
    search.until = arguments.find("until");
    TRY_ASSIGN(const auto limit, natural_option(invocation, "limit"));
    search.limit = limit.value_or(0);
    return search_track(invocation.world, search);
}

Result<Report> run_track_show(Invocation& invocation) { return show_track(invocation.world, invocation.words.front()); }

Result<Report> run_track_report(Invocation& invocation) {
    const auto& arguments = invocation.arguments;
    TrackReport report;
    report.since = arguments.find("since");
    report.domain = arguments.find("domain");
    TRY_ASSIGN(report.user, address_option(invocation, "user"));
    report.html = arguments.find("html");
    return report_track(invocation.world, report);
}

Result<Report> run_track_top(Invocation& invocation) {
    TrackTop top;
    top.since = invocation.arguments.find("since");
    TRY_ASSIGN(top.over, natural_option(invocation, "over"));
    return top_track(invocation.world, top);
}

Command track_update_command() {
    return {
        .noun = "track",
        .verb = "update",
        .summary = "read what the logs have to say that is new",
        .positionals = {{"LOG", Count::any, Values::file, {}, false}},
        .options =
            {{.long_name = "journald", .value = "", .help = "read the MTA's lines from journald", .one_of = "source"},
             {.long_name = "journal", .value = "", .help = "the same as --journald", .one_of = "source"}},
        .examples = {{"mailctl track update -q", "from cron or a timer, every few minutes"},
                     {"mailctl track update /var/log/mail.log*", "in any order, rotated and compressed ones too"},
                     {"mailctl track update -v", "with the lines that could not be read"}},
        .access = Access::read,
        .right = Right::site,
        .run = run_track_update,
        .details = {
            "Without LOG the logs of track.logs are read, and journald where they match nothing. The agent's journal "
            "is read from where delivery.journal puts it, or found among the lines.",
            "What was read is known by its content: nothing is counted twice, whatever was renamed, compressed or "
            "copied meanwhile. A line without its end waits for it. What is older than track.keep is forgotten."}};
}

Command track_search_command() {
    return {
        .noun = "track",
        .verb = "search",
        .summary = "find messages, the newest first",
        .positionals = {},
        .options = {{.long_name = "from",
                     .value = "ADDRESS",
                     .help = "sent by; <> is the null sender",
                     .values = Values::address},
                    {.long_name = "to",
                     .value = "ADDRESS",
                     .help = "sent to, also where it went on to another address; of a mailbox, by all its names",
                     .values = Values::address},
                    {.long_name = "id", .value = "ID", .help = "a queue id or a message id, with all that came of it"},
                    {.long_name = "status",
                     .value = "STATUS",
                     .help = "what became of it; queued is shown on this request only",
                     .values = Values::choice,
                     .choices = {"queued", "deferred", "sent", "bounced", "expired", "rejected", "held", "discarded",
                                 "filtered", "delivered"}},
                    {.long_name = "since", .value = "TIME", .help = "an age as 2h, a date, or 2026-12-31T23:59:00Z"},
                    {.long_name = "until", .value = "TIME", .help = "the same; a date counts whole"},
                    {.long_name = "limit", .value = "NUMBER", .help = "only so many rows"}},
        .examples = {{"mailctl track search --to ann@example.org --since 2d", "where her mail is"},
                     {"mailctl track search --status bounced --domain example.org",
                      "what came back, from or to a domain"},
                     {"mailctl track search --id 4F2A81C --json", ""},
                     {"mailctl track search --as ann@example.org", "what Ann sees: her own"}},
        .access = Access::read,
        .right = Right::listing,
        .run = run_track_search,
        .details = {
            "A row is one message for one recipient. delivered: by the agent; sent: accepted by another host or "
            "another "
            "program of this one; filtered: given to a filter and not seen again; rejected: refused with 4xx or 5xx. "
            "--domain finds what was sent from or to it."}};
}

Command track_top_command() {
    return {
        .noun = "track",
        .verb = "top",
        .summary = "list who sends most",
        .positionals = {},
        .options = {{.long_name = "over",
                     .value = "NUMBER",
                     .help = "only who sent to more recipients; status 5 if anybody did"},
                    {.long_name = "since", .value = "TIME", .help = "an age, a date or a time; 1h by default"}},
        .examples = {{"mailctl track top --over 500 --since 1h",
                      "from a timer: a stolen password is seen by what it sends"}},
        .access = Access::read,
        .right = Right::listing,
        .run = run_track_top,
        .details = {
            "Recipients are counted by the name that logged in (SASL), else by the local user who handed mail in."}};
}

} // namespace

Noun track_noun() {
    return {.name = "track",
            .summary = "what became of mail, from the logs",
            .commands = {track_update_command(),
                         track_search_command(),
                         {.noun = "track",
                          .verb = "show",
                          .summary = "show a message line by line",
                          .positionals = {{"ID", Count::one, Values::none, {}, false}},
                          .options = {},
                          .examples = {{"mailctl track show 4F2A81C",
                                        "with filters, forwards, the notification and the agent's journal"}},
                          .access = Access::read,
                          .right = Right::listing,
                          .run = run_track_show},
                         {.noun = "track",
                          .verb = "report",
                          .summary = "show volume, delays, top senders and reasons of bounces",
                          .positionals = {},
                          .options = {{.long_name = "since",
                                       .value = "TIME",
                                       .help = "an age, a date or a time; 1d by default"},
                                      {.long_name = "user",
                                       .value = "ADDRESS",
                                       .help = "sent by or to this address",
                                       .values = Values::mailbox,
                                       .one_of = "about"},
                                      {.long_name = "html",
                                       .value = "FILE",
                                       .help = "write a page with plots; - is standard output",
                                       .values = Values::file}},
                          .examples = {{"mailctl track report --since 7d", ""},
                                       {"mailctl track report --domain example.org --html report.html",
                                        "one page, without anything from elsewhere"}},
                          .access = Access::read,
                          .right = Right::listing,
                          .run = run_track_report},
                         track_top_command()},
            .also = {"logs", "mail-log", "trace", "queue"}};
}

} // namespace mailctl
