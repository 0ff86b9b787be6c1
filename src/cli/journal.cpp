// SPDX-License-Identifier: Apache-2.0
// `mailctl journal`: the agent's own decisions.
#include "mailctl/admin/care/journal_search.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_journal_search(Invocation& invocation) {
    const auto& arguments = invocation.arguments;
    JournalSearch search;
    if (!invocation.words.empty()) {
        search.address = invocation.words.front();
        if (!search.address->contains('@') && invocation.domain) *search.address += "@" + invocation.domain->text();
    }
    search.from = arguments.find("from");
    search.to = arguments.find("to");
    search.id = arguments.find("id");
    search.domain = arguments.find("domain");
    search.status = arguments.find("status");
    search.since = arguments.find("since");
    search.until = arguments.find("until");
    return search_journal(invocation.world, search);
}

} // namespace

Noun journal_noun() {
    return {
        .name = "journal",
        .summary = "the delivery agent's own decisions",
        .commands =
            {{.noun = "journal",
              .verb = "search",
              .summary = "find what the agent did with mail, the newest first",
              .positionals = {{"ADDRESS", Count::optional, Values::address, {}, false}},
              .options =
                  {{.long_name = "from", .value = "ADDRESS", .help = "of this sender", .values = Values::address},
                   {.long_name = "to", .value = "ADDRESS", .help = "for this recipient", .values = Values::address},
                   {.long_name = "id", .value = "ID", .help = "a message id, or the agent's own"},
                   {.long_name = "status",
                    .value = "RESULT",
                    .help = "what was done: delivered, forwarded, rejected, deferred ..."},
                   {.long_name = "since", .value = "TIME", .help = "an age as 2h, a date, or 2026-12-31T23:59:00Z"},
                   {.long_name = "until", .value = "TIME", .help = "the same; a date counts whole"}},
              .examples = {{"mailctl journal search ann@example.org --since 1d",
                            "from her, to her, or into her mailbox"},
                           {"mailctl journal search --status rejected --domain example.org", ""}},
              .access = Access::read,
              .right = Right::listing,
              .run = run_journal_search,
              .details =
                  {"The journal is read where delivery.journal puts it: a file with those it was rotated to, the logs "
                   "of track.logs, or journald. Nothing needs to be updated before."}}},
        .also = {"decisions"}};
}

} // namespace mailctl
