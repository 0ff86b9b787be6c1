// SPDX-License-Identifier: Apache-2.0
// `mailctl mailbox clear` and `invite`.
#include "mailctl/admin/mailbox_contents.hpp"
#include "danger.hpp"
#include "mailbox_commands.hpp"
#include "mailctl/admin/invitations.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

// What a dry run counts: "12 messages (3 MiB)".
Result<std::string> what_would_go(const Invocation& invocation, const ClearRequest& request, ChangeOptions options) {
    options.dry_run = true;
    TRY_ASSIGN(const Report counted, clear_mailboxes(invocation.world, request, options));
    std::int64_t messages = 0;
    std::uint64_t bytes = 0;
    for (const Cells& row : counted.rows)
        for (const Cell& cell : row) {
            if (const auto* number = std::get_if<std::int64_t>(&cell.value)) messages += *number;
            if (const auto* size = std::get_if<ByteCount>(&cell.value)) bytes += size->bytes;
        }
    return fmt::format("{} ({})", how_many(static_cast<std::uint64_t>(messages), "message"),
                       format_size_rounded({bytes}));
}

Result<std::string> clearing_question(const Invocation& invocation, const ClearRequest& request,
                                      const ChangeOptions& options) {
    TRY_ASSIGN(const std::string what, what_would_go(invocation, request, options));
    std::string whose = names_of_all(request.mailboxes);
    if (request.folder) whose = fmt::format("folder '{}' of {}", printable(*request.folder), whose);
    const std::string age =
        request.older_than ? fmt::format(" that are older than {}", format_age(*request.older_than)) : std::string();
    return fmt::format("remove {} of {}{}, for good?", what, whose, age);
}

Result<Report> run_mailbox_clear(Invocation& invocation) {
    ClearRequest request;
    TRY_ASSIGN(request.mailboxes, read_addresses(invocation, invocation.words));
    request.folder = invocation.arguments.find("folder");
    if (const auto age = invocation.arguments.find("older-than")) {
        TRY_ASSIGN(request.older_than, parse_age(*age));
    }
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    TRY_ASSIGN(const bool asks, must_ask(invocation));
    if (asks) {
        TRY_ASSIGN(const std::string question, clearing_question(invocation, request, options));
        TRY(ask(question));
    }
    return clear_mailboxes(invocation.world, request, options);
}

Result<Report> run_mailbox_invite(Invocation& invocation) {
    TRY_ASSIGN(const auto mailboxes, read_addresses(invocation, invocation.words));
    Age valid = invitation_valid;
    if (const auto word = invocation.arguments.find("valid")) {
        TRY_ASSIGN(valid, parse_age(*word));
    }
    if (valid <= Age::zero() || valid > std::chrono::days(365))
        return fail(ErrorKind::usage, "a code is valid for at least a second and at most a year");
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return invite(invocation.world, mailboxes, valid, options);
}

} // namespace

Command mailbox_clear_command() {
    return {
        .noun = "mailbox",
        .verb = "clear",
        .summary = "remove messages and keep the account",
        .positionals = {{"ADDRESS", Count::many, Values::mailbox}},
        .options = {{.long_name = "folder", .value = "FOLDER", .help = "only of this one: INBOX, Sent, Work/2025"},
                    {.long_name = "older-than", .value = "AGE", .help = "only what arrived before, as 30d"}},
        .examples = {{"mailctl mailbox clear ann@example.org --folder Trash --older-than 30d --yes", "from cron"},
                     {"mailctl mailbox clear ann@example.org -n", "counts and removes nothing"}},
        .access = Access::write,
        .right = Right::domain,
        .run = run_mailbox_clear,
        .details = {"All folders are cleared unless one is named. Messages are removed for good; the index files "
                    "of the IMAP server stay, and it notices by itself. The age of a message is that of its file."}};
}

Command mailbox_invite_command() {
    return {.noun = "mailbox",
            .verb = "invite",
            .summary = "mail users a code to set their password with",
            .positionals = {{"ADDRESS", Count::many, Values::mailbox}},
            .options = {{.long_name = "valid", .value = "AGE", .help = "how long the code is good; 3d by default"}},
            .examples = {{"mailctl mailbox invite ann@example.org", ""}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_mailbox_invite,
            .details = {"The code goes to the recovery address, or to the mailbox itself where there is none. It is "
                        "redeemed once, by 'mailctl mailbox password ADDRESS --code CODE'. Only its hash is kept; a "
                        "new code takes the place of an older one. A mailbox gets five codes a day, and a code stands "
                        "five attempts."}};
}

} // namespace mailctl
