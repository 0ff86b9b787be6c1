// SPDX-License-Identifier: Apache-2.0
// `mailctl housekeeping`: all that is due.
#include "mailctl/admin/care/housekeeping.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_housekeeping(Invocation& invocation) {
    TRY_ASSIGN(auto options, change_options(invocation));
    return keep_house(invocation.world, {std::move(options), invocation.arguments.has("verbose")});
}

} // namespace

Noun housekeeping_noun() {
    return {.name = "housekeeping",
            .summary = "do what is due; for cron and timers",
            .commands = {{.noun = "housekeeping",
                          .verb = "",
                          .summary = "do what is due, and say what needs a person",
                          .positionals = {},
                          .options = {},
                          .examples = {{"mailctl housekeeping", "from cron or a timer, once an hour or once a day"},
                                       {"mailctl housekeeping -v", "with what was done"},
                                       {"mailctl housekeeping -n", "what would be done"}},
                          .access = Access::write,
                          .right = Right::site,
                          .run = run_housekeeping,
                          .details = {"Candidates that got no mail for long expire; mail held for a suspension that is "
                                      "over joins its mailbox; archived mail goes when its time is over; files that "
                                      "were left in tmp for 36 hours go; the logs are read into what 'mailctl track' "
                                      "knows; the DNS of the domains is looked at.",
                                      "Nothing is said where all went well. What needs a person is said on standard "
                                      "error, and the status is 6; a step that fails does not stop the others."}}},
            .also = {"cron", "maintenance", "cleanup", "timer"}};
}

} // namespace mailctl
