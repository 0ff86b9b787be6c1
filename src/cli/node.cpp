// SPDX-License-Identifier: Apache-2.0
// `mailctl node`: the machines that hold mail.
#include "mailctl/admin/cluster/node_status.hpp"
#include "mailctl/admin/cluster/nodes.hpp"

#include "invocation.hpp"
#include "mailctl/admin/cluster/front_pull.hpp"
#include "mailctl/admin/cluster/pull.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/node_keys.hpp"
#include "output.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

Result<Report> run_node_create(Invocation& invocation) {
    MailNode node;
    for (const auto* needed : {"lmtp", "imap"})
        if (!invocation.arguments.find(needed))
            return fail(ErrorKind::usage, fmt::format("'node create' needs --{}", needed),
                        std::string(find_node_key(needed)->help));
    node.lmtp = *invocation.arguments.find("lmtp");
    node.imap = *invocation.arguments.find("imap");
    node.mail = invocation.arguments.find("mail-root").value_or("");
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return create_node(invocation.world, invocation.words.front(), node, options);
}

Result<Report> run_node_list(Invocation& invocation) { return list_nodes(invocation.world); }

Result<Report> run_node_show(Invocation& invocation) { return show_nodes(invocation.world, invocation.words); }

Result<Report> run_node_set(Invocation& invocation) {
    TRY_ASSIGN(const TargetsAndAssignments words, read_assignments(invocation.words));
    if (words.targets.size() > 1) return fail(ErrorKind::usage, "'node set' takes one node");
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_node(invocation.world, words.targets.front(), words.assignments, options);
}

Result<Report> run_node_drain(Invocation& invocation) {
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_node_state(invocation.world, invocation.words, NodeState::draining, options);
}

Result<Report> run_node_resume(Invocation& invocation) {
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_node_state(invocation.world, invocation.words, NodeState::up, options);
}

Result<Report> run_node_delete(Invocation& invocation) {
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return delete_nodes(invocation.world, invocation.words, options);
}

Result<Report> run_node_status(Invocation& invocation) { return show_node_status(invocation.world); }

// Says at most once what is the same each time: the loop may run for weeks beside a database that is down.
class PullTeller {
  public:
    void tell(const Result<Report>& report) {
        const std::string words = text_of(report);
        if (words != said_ && !words.empty()) say(words);
        said_ = words;
    }

  private:
    static std::string text_of(const Result<Report>& report) {
        if (report)
            return report->notes == std::vector<std::string>{"nothing to change"} ? "" : join(report->notes, "\n");
        const Error& error = report.error();
        return "mailctl: " + error.what + (error.hint.empty() ? "" : "\nhint: " + error.hint);
    }
    std::string said_;
};

template <class Puller>
Result<Report> pull_with(Puller& puller, const Invocation& invocation, const ChangeOptions& options) {
    if (options.dry_run || invocation.arguments.has("once")) return puller.pull(options);
    PullTeller teller;
    for (;;) {
        teller.tell(puller.pull(options));
        puller.wait(std::chrono::seconds(30));
    }
}

Result<Report> run_node_pull(Invocation& invocation) {
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    const bool is_front = invocation.arguments.has("front");
    if (is_front != invocation.words.empty())
        return fail(ErrorKind::usage,
                    is_front ? "a front end reports under its hostname and takes no name"
                             : "'node pull' needs the name of the node",
                    "mailctl node pull NODE, or on a front end: mailctl node pull --front");
    if (is_front) {
        FrontPuller puller(invocation.world, invocation.version);
        return pull_with(puller, invocation, options);
    }
    NodePuller puller(invocation.world, invocation.words.front(), invocation.version);
    return pull_with(puller, invocation, options);
}

Command node_pull_command() {
    return {.noun = "node",
            .verb = "pull",
            .summary = "take what is published for this machine",
            .positionals = {{"NODE", Count::optional, Values::none, {}, false}},
            .options = {{.long_name = "front", .value = "", .help = "a front end: routes and names of all machines"},
                        {.long_name = "once", .value = "", .help = "once, instead of whenever something is published"}},
            .examples = {{"mailctl node pull store1 --once", ""}, {"mailctl node pull --front", "on a front end"}},
            .access = Access::write,
            .right = Right::site,
            .run = run_node_pull,
            .details = {"Runs on the node itself. Without --once it goes on for good: something is published, or 30 "
                        "seconds are over, and it takes what is new. While the database is down the node serves from "
                        "its own files.",
                        "A front end holds no mail: it makes maps that say which machine has whose mail, and who "
                        "exists. It reports under its hostname.",
                        "After each pull a node does its part of what moves: it tells what it holds, or fetches.",
                        "With --once: status 75 where the database is down, 4 where it is older than what is in force "
                        "here, or where srs.secret is another than the administration host's."}};
}

Positional node_word(Count count) { return {"NODE", count, Values::node, {}, false}; }

Command node_create_command() {
    return {.noun = "node",
            .verb = "create",
            .summary = "name a machine that holds mail",
            .positionals = {{"NODE", Count::one, Values::none, {}, false}},
            .options = {{.long_name = "lmtp", .value = "ADDRESS:PORT", .help = "where its delivery agent listens"},
                        {.long_name = "imap", .value = "ADDRESS", .help = "of its IMAP server"},
                        {.long_name = "mail-root", .value = "HOST:PATH", .help = "its mail root, for moves"}},
            .examples = {{"mailctl node create store1 --lmtp 10.0.0.7:24 --imap 10.0.0.7", ""}},
            .access = Access::write,
            .right = Right::site,
            .run = run_node_create};
}

Command node_set_command() {
    std::vector<std::string> keys;
    for (const auto& key : node_keys())
        keys.emplace_back(key.name);
    return {.noun = "node",
            .verb = "set",
            .summary = "change what is said of a node",
            .positionals = {node_word(Count::one), {"KEY=VALUE", Count::many, Values::key, keys, false}},
            .options = {},
            .examples = {{"mailctl node set store1 imap=10.0.0.8", ""},
                         {"mailctl node set store1 state=down", "its mail waits at the front ends"}},
            .access = Access::write,
            .right = Right::site,
            .run = run_node_set,
            .details = {"Keys: lmtp, imap, state, mail, as in mailctl.toml(5)."}};
}

Command node_state_command(std::string verb, std::string summary, Result<Report> (*run)(Invocation&)) {
    return {.noun = "node",
            .verb = verb,
            .summary = std::move(summary),
            .positionals = {node_word(Count::many)},
            .options = {},
            .examples = {{fmt::format("mailctl node {} store1", verb), ""}},
            .access = Access::write,
            .right = Right::site,
            .run = run};
}

} // namespace

Noun node_noun() {
    Command remove = node_state_command("delete", "take a node out of the site", run_node_delete);
    remove.details = {"Refused while a domain or a mailbox lives on it."};
    return {.name = "node",
            .summary = "machines that hold mail",
            .commands = {node_create_command(),
                         {.noun = "node",
                          .verb = "list",
                          .summary = "list nodes",
                          .positionals = {},
                          .options = {},
                          .examples = {{"mailctl node list", ""}},
                          .access = Access::read,
                          .right = Right::site,
                          .run = run_node_list},
                         {.noun = "node",
                          .verb = "show",
                          .summary = "show nodes, and how much lives on them",
                          .positionals = {node_word(Count::many)},
                          .options = {},
                          .examples = {{"mailctl node show store1", ""}},
                          .access = Access::read,
                          .right = Right::site,
                          .run = run_node_show},
                         node_set_command(),
                         node_state_command("drain", "let the mail of nodes wait at the front ends", run_node_drain),
                         {.noun = "node",
                          .verb = "status",
                          .summary = "show what nodes and front ends reported last",
                          .positionals = {},
                          .options = {},
                          .examples = {{"mailctl node status", ""}},
                          .access = Access::read,
                          .right = Right::site,
                          .run = run_node_status,
                          .details = {"Lag: how many generations it is behind what is published."}},
                         node_pull_command(),
                         node_state_command("resume", "let nodes take mail again", run_node_resume),
                         std::move(remove)},
            .also = {"nodes", "server", "machine", "cluster"}};
}

} // namespace mailctl
