// SPDX-License-Identifier: Apache-2.0
// `mailctl robot`: addresses that answer.
#include "mailctl/admin/robots.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/account_keys.hpp"
#include "reply_input.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

Result<Report> run_robot_create(Invocation& invocation) {
    TRY_ASSIGN(Address address, read_address(invocation, invocation.words.front()));
    TRY_ASSIGN(ReplyText text, read_reply_text(invocation.arguments));
    if (!text.message && !text.html)
        return fail(ErrorKind::usage, "a robot needs something to say", "give --message TEXT or --message-file FILE");
    TRY_ASSIGN(std::vector<Address> copy_to, read_targets(invocation.arguments.all("copy-to"), address.domain));
    const NewRobot robot{std::move(address), std::move(text), std::move(copy_to)};
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return create_robot(invocation.world, robot, options);
}

Result<Report> run_robot_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_robots(invocation.world, domains);
}

Result<Report> run_robot_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    return show_robots(invocation.world, addresses);
}

Result<Report> run_robot_set(Invocation& invocation) {
    TRY_ASSIGN(const TargetsAndAssignments words, read_assignments(invocation.words));
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, words.targets));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_robots(invocation.world, addresses, words.assignments, options);
}

Result<Report> run_robot_delete(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return delete_robots(invocation.world, addresses, options);
}

Result<Report> run_robot_switch(Invocation& invocation, Switch position) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return switch_robots(invocation.world, addresses, position, options);
}
Result<Report> run_robot_enable(Invocation& invocation) { return run_robot_switch(invocation, Switch::on); }
Result<Report> run_robot_disable(Invocation& invocation) { return run_robot_switch(invocation, Switch::off); }

Command create_robot_command() {
    std::vector<Option> options = reply_options();
    options.push_back({.long_name = "copy-to",
                       .value = "ADDRESS",
                       .help = "who gets the mail that is answered",
                       .repeatable = true,
                       .values = Values::address});
    return {.noun = "robot",
            .verb = "create",
            .summary = "make an address that answers",
            .positionals = {{"ADDRESS", Count::one, Values::fresh}},
            .options = std::move(options),
            .examples = {{"mailctl robot create feedback@example.org --subject 'Thank you' --message 'We read it all.' "
                          "--copy-to ann",
                          ""},
                         {"mailctl robot create prices@example.org --subject 'Our prices' --message-file prices.txt "
                          "--attach price-list.pdf",
                          "the attachment lies in the site's attachments directory"}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_robot_create,
            .details = {
                "What it says is needed, as text, from a file or in HTML. Each sender is answered once in a day unless "
                "--every says otherwise."}};
}

Command set_robot_command() {
    const auto keys = setting_names(AccountKind::robot);
    return {.noun = "robot",
            .verb = "set",
            .summary = "change what robots say",
            .positionals = {{"ADDRESS", Count::many, Values::robot}, {"KEY=VALUE", Count::many, Values::key, keys}},
            .options = {},
            .examples = {{"mailctl robot set feedback@example.org subject='Many thanks' every=7d", ""},
                         {"mailctl robot set feedback@example.org copy_to+=bob@example.org",
                          "add to a list; -= removes from it"}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_robot_set,
            .details = {fmt::format("Keys: {}. Values of a list are separated by commas or spaces. An empty message "
                                    "switches the answering off.",
                                    join(keys, ", "))},
            .owner_keys = setting_names(AccountKind::robot, SetBy::owner)};
}

Command writer(std::string verb, std::string summary, std::string example, Result<Report> (*run)(Invocation&),
               std::vector<std::string> details) {
    return {.noun = "robot",
            .verb = std::move(verb),
            .summary = std::move(summary),
            .positionals = {{"ADDRESS", Count::many, Values::robot}},
            .options = {},
            .examples = {{std::move(example), ""}},
            .access = Access::write,
            .right = Right::domain,
            .run = run,
            .details = std::move(details)};
}

Command reader(std::string verb, std::string summary, Positional positional, std::string example,
               Result<Report> (*run)(Invocation&)) {
    return {.noun = "robot",
            .verb = std::move(verb),
            .summary = std::move(summary),
            .positionals = {std::move(positional)},
            .options = {},
            .examples = {{std::move(example), ""}},
            .access = Access::read,
            .right = Right::domain,
            .run = run};
}

} // namespace

Noun robot_noun() {
    return {.name = "robot",
            .summary = "addresses that answer",
            .commands = {create_robot_command(),
                         reader("list", "list robots", {"DOMAIN", Count::any, Values::domain},
                                "mailctl robot list example.org", run_robot_list),
                         reader("show", "show what robots say", {"ADDRESS", Count::many, Values::robot},
                                "mailctl robot show feedback@example.org", run_robot_show),
                         set_robot_command(),
                         writer("delete", "delete robots", "mailctl robot delete feedback@example.org",
                                run_robot_delete, {}),
                         writer("enable", "let robots answer again", "mailctl robot enable feedback@example.org",
                                run_robot_enable, {}),
                         writer("disable", "stop robots from answering", "mailctl robot disable feedback@example.org",
                                run_robot_disable,
                                {"Mail for it still goes to its copy_to; without one the address refuses mail."})},
            .also = {"robots", "autoresponder", "responder"}};
}

} // namespace mailctl
