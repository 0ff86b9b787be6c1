// SPDX-License-Identifier: Apache-2.0
#include "mail_move.hpp"

#include "invocation.hpp"
#include "mailctl/admin/cluster/mail_moves.hpp"
#include "output.hpp"

namespace mailctl {

namespace {

Result<Report> run_move(Invocation& invocation, MoveRequest request) {
    const auto node = invocation.arguments.find("node");
    if (!node) return fail(ErrorKind::usage, "a move needs the node to move to", "mailctl node list; then --node NAME");
    request.node = *node;
    TRY_ASSIGN(const auto wait, find_age(invocation, "wait"));
    if (wait) request.wait = std::chrono::duration_cast<std::chrono::seconds>(*wait);
    if (!invocation.arguments.has("quiet")) request.tell = [](const std::string& words) { say(words); };
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return move_mail(invocation.world, request, options);
}

Result<Report> run_mailbox_move(Invocation& invocation) {
    MoveRequest request;
    TRY_ASSIGN(request.mailboxes, read_addresses(invocation, invocation.words));
    return run_move(invocation, std::move(request));
}

Result<Report> run_domain_move(Invocation& invocation) {
    MoveRequest request;
    TRY_ASSIGN(request.domains, read_domains(invocation, invocation.words));
    return run_move(invocation, std::move(request));
}

Command move_command(std::string noun, std::string summary, Positional positional, Result<Report> (*run)(Invocation&),
                     std::vector<Example> examples) {
    return {.noun = std::move(noun),
            .verb = "move",
            .summary = std::move(summary),
            .positionals = {std::move(positional)},
            .options = {{.long_name = "node", .value = "NODE", .help = "where to", .values = Values::node},
                        {.long_name = "wait",
                         .value = "AGE",
                         .help = "how long to wait for the nodes; without it as long as they need"}},
            .examples = std::move(examples),
            .access = Access::write,
            .right = Right::site,
            .run = run,
            .details = {"Mail for what moves waits at the front ends, and nobody logs in, while the new node fetches "
                        "the mail and until both nodes hold the same. Then the new place is published, and the node "
                        "before keeps what it had in its archive area for 14 days.",
                        "The command waits for that. When it is killed, or --wait is over (status 75), the move "
                        "stands where it was, and the same command goes on with it. Until it is over, --node with "
                        "the node where it still is gives it up."}};
}

} // namespace

Command mailbox_move_command() {
    return move_command("mailbox", "move mailboxes with their mail to another node",
                        {"ADDRESS", Count::many, Values::mailbox}, run_mailbox_move,
                        {{"mailctl mailbox move ann@example.org --node store2", ""},
                         {"mailctl mailbox move ann@example.org --node store2 --wait 10m", "no longer than that"}});
}

Command domain_move_command() {
    return move_command("domain", "move domains with their mailboxes and mail to another node",
                        {"DOMAIN", Count::many, Values::domain}, run_domain_move,
                        {{"mailctl domain move example.org --node store2", ""}});
}

} // namespace mailctl
