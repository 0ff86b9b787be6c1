// SPDX-License-Identifier: Apache-2.0
// `mailctl dkim`: the keys that mail is signed with.
#include "mailctl/admin/care/dkim.hpp"

#include "invocation.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

Result<std::string> read_selector_name(const Invocation& invocation) {
    const auto given = invocation.arguments.find("selector");
    if (!given) return std::string();
    auto name = fold(*given);
    if (!is_selector_name(name))
        return fail(ErrorKind::usage, fmt::format("'{}' cannot be a selector", printable(*given)),
                    "letters, digits, '-', '_' and dots between them, at most 63 (RFC 6376 3.1)");
    return name;
}

std::vector<DkimAlgorithm> read_algorithms(const Invocation& invocation) {
    const auto word = invocation.arguments.find("algorithm");
    if (!word) return {};
    if (*word == "both") return {DkimAlgorithm::rsa, DkimAlgorithm::ed25519};
    return {*find_algorithm(*word)}; // the command table takes no other
}

Result<Report> run_dkim_create(Invocation& invocation) {
    NewKeys request;
    TRY_ASSIGN(request.domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(request.selector, read_selector_name(invocation));
    request.algorithms = read_algorithms(invocation);
    request.key_file = invocation.arguments.find("key").value_or("");
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return create_keys(invocation.world, request, options);
}

template <DkimStep step>
Result<Report> run_dkim_step(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(auto selector, read_selector_name(invocation));
    if (selector.empty())
        return fail(ErrorKind::usage, "no selector is named",
                    fmt::format("--selector NAME; 'mailctl dkim list {}' shows them", domains.front().text()));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return step_key(invocation.world, {domains.front(), std::move(selector), step, invocation.arguments.has("force")},
                    options);
}

Result<Report> run_dkim_rotate(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return rotate_keys(invocation.world, domains, options);
}

Result<Report> run_dkim_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_keys(invocation.world, domains);
}

Result<Report> run_dkim_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const auto selector, read_selector_name(invocation));
    return show_keys(invocation.world, domains, selector);
}

Option selector_option(std::string help) { return {.long_name = "selector", .value = "NAME", .help = std::move(help)}; }

Command create_dkim_command() {
    return {.noun = "dkim",
            .verb = "create",
            .summary = "make keys for domains, or take over existing ones",
            .positionals = {{"DOMAIN", Count::many, Values::domain}},
            .options = {{.long_name = "algorithm",
                         .value = "KIND",
                         .help = "rsa (2048 bits), ed25519 or both",
                         .values = Values::choice,
                         .choices = {"rsa", "ed25519", "both"}},
                        selector_option("instead of YYYYMM and the algorithm's letter"),
                        {.long_name = "key",
                         .value = "FILE",
                         .help = "private key in PEM that is used already",
                         .values = Values::file}},
            .examples = {{"mailctl dkim create example.org", "prints the records to publish"},
                         {"mailctl dkim create example.org --selector mail --key /etc/dkimkeys/mail.private", ""}},
            .access = Access::write,
            .right = Right::site,
            .run = run_dkim_create,
            .details = {"Nothing is signed with a new key yet: publish its record, then 'mailctl dns check' and "
                        "'mailctl dkim rotate'. Without --algorithm both kinds are made, and with "
                        "dkim.signer = \"opendkim\" RSA alone."}};
}

Command step_command(std::string verb, std::string summary, std::string effect, Result<Report> (*run)(Invocation&),
                     std::string details) {
    return {.noun = "dkim",
            .verb = verb,
            .summary = std::move(summary),
            .positionals = {{"DOMAIN", Count::one, Values::domain}},
            .options = {selector_option("the one that is meant"),
                        {.long_name = "force", .value = "", .help = std::move(effect)}},
            .examples = {{fmt::format("mailctl dkim {} example.org --selector 202611r", verb), ""}},
            .access = Access::write,
            .right = Right::site,
            .run = run,
            .details = {std::move(details)}};
}

std::vector<Command> dkim_steps() {
    return {step_command("activate", "sign with a new key from now on", "also where its record was not seen",
                         run_dkim_step<DkimStep::activate>,
                         "Refused until 'mailctl dns check' has seen the record at all name servers. The key of the "
                         "same algorithm that was active until now is retiring then."),
            step_command("retire", "sign with a key no more", "also the last active one of the domain",
                         run_dkim_step<DkimStep::retire>,
                         "Its record stays, because signed mail may be on its way still."),
            step_command("revoke", "declare a key void", "also while mail signed with it may be on its way",
                         run_dkim_step<DkimStep::revoke>,
                         "Its record then says so, with an empty p=. Refused before mail signed with it can have "
                         "expired."),
            step_command("delete", "remove a private key; its name stays taken", "also one that is not revoked yet",
                         run_dkim_step<DkimStep::remove>,
                         "For keys that are revoked, or new and never used. Its record may go then.")};
}

std::vector<Command> dkim_listings() {
    return {{.noun = "dkim",
             .verb = "list",
             .summary = "list selectors, their states and what comes next",
             .positionals = {{"DOMAIN", Count::any, Values::domain}},
             .options = {},
             .examples = {{"mailctl dkim list", "of all domains"}},
             .access = Access::read,
             .right = Right::domain,
             .run = run_dkim_list},
            {.noun = "dkim",
             .verb = "show",
             .summary = "print the records of keys",
             .positionals = {{"DOMAIN", Count::many, Values::domain}},
             .options = {selector_option("this one alone")},
             .examples = {{"mailctl dkim show example.org >> example.org.zone", "as lines for a zone file"}},
             .access = Access::read,
             .right = Right::domain,
             .run = run_dkim_show}};
}

Command rotate_dkim_command() {
    return {.noun = "dkim",
            .verb = "rotate",
            .summary = "do the next legal step of every selector; for a timer",
            .positionals = {{"DOMAIN", Count::any, Values::domain}},
            .options = {},
            .examples = {{"mailctl dkim rotate", "of all domains"},
                         {"mailctl dkim rotate example.org -n", "what it would do"}},
            .access = Access::write,
            .right = Right::site,
            .run = run_dkim_rotate,
            .details = {"A new key is activated once 'mailctl dns check' has seen its record at all name servers; its "
                        "predecessor is retiring then, is revoked when mail signed with it can have expired, and its "
                        "key is removed 30 days later. A key that was active for dkim.rotate_every gets a successor.",
                        "Run again at once, it changes nothing."}};
}

} // namespace

Noun dkim_noun() {
    std::vector<Command> commands{create_dkim_command()};
    for (auto& part : {dkim_listings(), dkim_steps()})
        commands.insert(commands.end(), part.begin(), part.end());
    commands.push_back(rotate_dkim_command());
    return {.name = "dkim",
            .summary = "the keys that mail is signed with",
            .commands = std::move(commands),
            .also = {"opendkim", "selector", "signing"}};
}

} // namespace mailctl
