// SPDX-License-Identifier: Apache-2.0
// `mailctl domain`: the mail domains of the site.
#include "mailctl/admin/domains.hpp"

#include "danger.hpp"
#include "editor.hpp"
#include "mail_move.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/domain_keys.hpp"
#include "mailctl/os/terminal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

Result<Report> run_domain_create(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> names, read_domains(invocation, invocation.words));
    const Arguments& arguments = invocation.arguments;
    if (names.size() > 1 && arguments.has("alias"))
        return fail(ErrorKind::usage, "--alias needs a single domain to belong to");
    std::vector<NewDomain> domains;
    for (const DomainName& name : names) {
        NewDomain domain{.name = name,
                         .owner = arguments.find("owner").value_or(""),
                         .aliases = {},
                         .unknown = {},
                         .source_ip = arguments.find("source-ip").value_or("")};
        for (const std::string& alias : arguments.all("alias")) {
            TRY_ASSIGN(DomainName alias_name, DomainName::parse(alias));
            domain.aliases.push_back(std::move(alias_name));
        }
        if (const auto action = arguments.find("unknown")) {
            TRY_ASSIGN(domain.unknown, parse_unknown_action(*action, name));
        }
        domains.push_back(std::move(domain));
    }
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return create_domains(invocation.world, domains, options);
}

Result<Report> run_domain_list(Invocation& invocation) { return list_domains(invocation.world); }

Result<Report> run_domain_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return show_domains(invocation.world, domains);
}

Result<Report> run_domain_set(Invocation& invocation) {
    TRY_ASSIGN(const TargetsAndAssignments words, read_assignments(invocation.words));
    if (words.targets.size() > 1) return fail(ErrorKind::usage, "'domain set' takes one domain");
    TRY_ASSIGN(const DomainName domain, DomainName::parse(words.targets.front()));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_domain(invocation.world, domain, words.assignments, options);
}

// " with 3 mailboxes and 1 forward"; nothing where the domain cannot be read, which the deletion says.
std::string what_domain_holds(const World& world, const DomainName& domain) {
    const auto shown = show_domains(world, std::span(&domain, 1));
    if (!shown || shown->rows.empty()) return {};
    const auto count_of = [&](std::string_view key) -> std::uint64_t {
        const auto cell = std::ranges::find(shown->rows.front(), key, &Cell::key);
        const auto* count = cell == shown->rows.front().end() ? nullptr : std::get_if<std::int64_t>(&cell->value);
        return count ? static_cast<std::uint64_t>(*count) : 0;
    };
    return fmt::format(" with {} and {}", how_many(count_of("mailboxes"), "mailbox"),
                       how_many(count_of("forwards"), "forward"));
}

Result<Report> run_domain_delete(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY(require_confirmation(invocation, domains,
                             [&](const DomainName& domain) { return what_domain_holds(invocation.world, domain); }));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return delete_domains(invocation.world, domains, options);
}

Result<Report> run_domain_suspend(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return suspend_domains(invocation.world, domains, options);
}

Result<Report> run_domain_resume(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return resume_domains(invocation.world, domains, options);
}

Result<Report> run_domain_alias_add(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return add_domain_aliases(invocation.world, domains.front(), std::span(domains).subspan(1), options);
}

Result<Report> run_domain_alias_remove(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return remove_domain_aliases(invocation.world, domains.front(), std::span(domains).subspan(1), options);
}

Result<Report> run_domain_rename(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return rename_domain(invocation.world, {domains.front(), domains.back(), invocation.arguments.has("leave-alias")},
                         options);
}

Result<Report> run_domain_edit(Invocation& invocation) {
    TRY_ASSIGN(const DomainName domain, DomainName::parse(invocation.words.front()));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    TRY_ASSIGN(const DomainText before, load_domain_text(invocation.world, domain));
    TRY_ASSIGN(
        const std::string after,
        edit_text(before.text, before.name.text() + ".toml", [&](const std::string& text, const std::string& copy) {
            return check_domain_text(invocation.world, {before.name, copy, text}, options);
        }));
    return install_domain_text(invocation.world, before, after, options);
}

Command create_domain_command() {
    return {.noun = "domain",
            .verb = "create",
            .summary = "make mail domains",
            .positionals = {{"DOMAIN", Count::many}},
            .options = {{.long_name = "owner", .value = "NAME", .help = "who administers it, as --as owner:NAME"},
                        {.long_name = "alias",
                         .value = "NAME",
                         .help = "another name of the whole domain",
                         .repeatable = true},
                        {.long_name = "unknown",
                         .value = "ACTION",
                         .help = "for names nobody claims: reject, discard, candidate, redirect:ADDRESS[,ADDRESS...] "
                                 "or domain:DOMAIN",
                         .values = Values::unknown_action},
                        {.long_name = "source-ip", .value = "IP", .help = "the address its mail leaves from, or auto"}},
            .examples = {{"mailctl domain create example.org", ""},
                         {"mailctl domain create example.org --alias example.net --unknown redirect:ann@example.org",
                          "two names, and a catch-all"}},
            .access = Access::write,
            .right = Right::site,
            .run = run_domain_create,
            .details = {"Writes one file per domain below the site's 'domains' directory. Unknown names are rejected "
                        "unless --unknown says otherwise."}};
}

Command set_domain_command() {
    return {.noun = "domain",
            .verb = "set",
            .summary = "change settings of a domain",
            .positionals = {{"DOMAIN", Count::one, Values::domain},
                            {"KEY=VALUE", Count::many, Values::key, domain_setting_names()}},
            .options = {},
            .examples = {{"mailctl domain set example.org source_ip=auto unknown=redirect:ann@example.org", ""},
                         {"mailctl domain set example.org owner=alice limits.mailboxes=200 limits.quota=100G",
                          "alice administers it, within these limits"},
                         {"mailctl domain set example.org aliases+=example.net", "add to a list; -= removes from it"},
                         {"mailctl domain set example.org source_ip=", "an empty value removes the key"}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_domain_set,
            .details = {fmt::format("Keys: {}, as in mailctl-domain.toml(5).", join(domain_setting_names(), ", ")),
                        "As the owner or postmaster of the domain: unknown and the dmarc keys."},
            .owner_keys = domain_setting_names(SetBy::owner)};
}

Command delete_command() {
    return {.noun = "domain",
            .verb = "delete",
            .summary = "delete domains with all their addresses",
            .positionals = {{"DOMAIN", Count::many, Values::domain}},
            .options = {{.long_name = "confirm",
                         .value = "DOMAIN",
                         .help = "the domain's name once more; without it nothing is deleted",
                         .repeatable = true,
                         .values = Values::domain}},
            .examples = {{"mailctl domain delete example.org --dry-run", "what would go"},
                         {"mailctl domain delete example.org --confirm=example.org", ""}},
            .access = Access::write,
            .right = Right::site,
            .run = run_domain_delete,
            .details = {"The mail moves to the archive area. A domain that other domains refer to is not deleted; the "
                        "message lists who does.",
                        "Here --yes is not enough: a domain is confirmed by its name."}};
}

// What only the site's administrator does: it touches other domains, or the editor's program.
Command site_writer(std::string verb, std::string summary, std::vector<Positional> positionals,
                    Result<Report> (*run)(Invocation&), std::vector<Example> examples,
                    std::vector<std::string> details) {
    return {.noun = "domain",
            .verb = std::move(verb),
            .summary = std::move(summary),
            .positionals = std::move(positionals),
            .options = {},
            .examples = std::move(examples),
            .access = Access::write,
            .right = Right::site,
            .run = run,
            .details = std::move(details)};
}

Command rename_domain_command() {
    return {
        .noun = "domain",
        .verb = "rename",
        .summary = "give a domain another name",
        .positionals = {{"DOMAIN", Count::one, Values::domain}, {"NEW", Count::one}},
        .options = {{.long_name = "leave-alias",
                     .value = "",
                     .help = "keep the old name as another name of the domain"}},
        .examples = {{"mailctl domain rename example.org example.com --leave-alias", "mail to both names arrives"},
                     {"mailctl domain rename example.org example.com -n", "what would change, and where"}},
        .access = Access::write,
        .right = Right::site,
        .run = run_domain_rename,
        .details = {"The file, the Maildirs and every reference to its addresses go by the new name, in one change "
                    "that 'mailctl history revert' takes back. Mail that comes meanwhile waits. Users log in by the "
                    "new name, and by the old one where it stays as an alias.",
                    "DNS records and DKIM keys are of the old name: see 'mailctl dns show NEW' and 'mailctl dkim "
                    "create NEW'. Mailboxes that were deleted under the old name are no longer restored."}};
}

} // namespace

Noun domain_noun() {
    const Positional domain{"DOMAIN", Count::one, Values::domain};
    const Positional domains{"DOMAIN", Count::many, Values::domain};
    const Positional names{"ALIAS", Count::many};
    return {
        .name = "domain",
        .summary = "mail domains",
        .commands =
            {
                create_domain_command(),
                {.noun = "domain",
                 .verb = "list",
                 .summary = "list the domains",
                 .positionals = {},
                 .options = {},
                 .examples = {{"mailctl domain list", ""}, {"mailctl domain list --plain | cut -f1", "their names"}},
                 .access = Access::read,
                 .right = Right::domain,
                 .run = run_domain_list},
                {.noun = "domain",
                 .verb = "show",
                 .summary = "show everything about domains",
                 .positionals = {domains},
                 .options = {},
                 .examples = {{"mailctl domain show example.org", ""}},
                 .access = Access::read,
                 .right = Right::domain,
                 .run = run_domain_show},
                set_domain_command(),
                delete_command(),
                site_writer(
                    "suspend", "stop a domain's mail for a while", {domains}, run_domain_suspend,
                    {{"mailctl domain suspend example.org -m 'unpaid'", ""}},
                    {"Nothing is deleted. While it is suspended the domain takes no mail and nobody of it logs in."}),
                site_writer("resume", "end the suspension of domains", {domains}, run_domain_resume,
                            {{"mailctl domain resume example.org", ""}}, {}),
                site_writer(
                    "alias-add", "give a domain further names", {domain, names}, run_domain_alias_add,
                    {{"mailctl domain alias-add example.org example.net", "ann@example.net is ann@example.org"}}, {}),
                site_writer("alias-remove", "take names from a domain", {domain, names}, run_domain_alias_remove,
                            {{"mailctl domain alias-remove example.org example.net", ""}}, {}),
                rename_domain_command(),
                domain_move_command(),
                site_writer(
                    "edit", "edit a domain's file in $EDITOR", {domain}, run_domain_edit,
                    {{"mailctl domain edit example.org", ""}},
                    {"The file is checked before it is installed. While something is wrong it can be edited "
                     "again; the installed file stays as it was. A text that leaves mailboxes out asks first, or "
                     "needs --yes: their mail goes to the archive area."}),
            },
        .also = {"domains", "site", "vhost"}};
}

} // namespace mailctl
