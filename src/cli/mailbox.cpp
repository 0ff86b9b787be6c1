// SPDX-License-Identifier: Apache-2.0
// `mailctl mailbox`: accounts that keep mail.
#include "mailctl/admin/mailboxes.hpp"

#include "mail_move.hpp"
#include "mailbox_commands.hpp"
#include "mailbox_settings.hpp"
#include "mailctl/admin/client_settings.hpp"
#include "mailctl/admin/completion_names.hpp"
#include "mailctl/admin/invitations.hpp"
#include "mailctl/base/text.hpp"
#include "password_input.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

Status refuse_shared(const Invocation& invocation) {
    const Arguments& given = invocation.arguments;
    if (given.has("no-store") && !given.has("forward") && !given.has("copy-to"))
        return fail(ErrorKind::invalid, "--no-store needs --forward or --copy-to: otherwise the mail would be lost");
    for (const char* option : {"name", "alias", "recovery"}) {
        if (invocation.words.size() > 1 && invocation.arguments.has(option))
            return fail(ErrorKind::usage, fmt::format("--{} needs a single mailbox to belong to", option));
    }
    return {};
}

Result<NewMailbox> read_new_mailbox(const Arguments& arguments, const Address& address) {
    NewMailbox mailbox{.address = address,
                       .name = arguments.find("name").value_or(""),
                       .quota = {},
                       .aliases = arguments.all("alias"),
                       .forward = {},
                       .copy_to = {},
                       .store = !arguments.has("no-store"),
                       .recovery = {},
                       .password = {}};
    if (const auto quota = arguments.find("quota")) {
        TRY_ASSIGN(mailbox.quota, parse_size(*quota));
    }
    TRY_ASSIGN(mailbox.forward, read_targets(arguments.all("forward"), address.domain));
    TRY_ASSIGN(mailbox.copy_to, read_targets(arguments.all("copy-to"), address.domain));
    if (const auto recovery = arguments.find("recovery")) {
        TRY_ASSIGN(mailbox.recovery, Address::parse(*recovery));
    }
    return mailbox;
}

Status check_sheet(const Invocation& invocation) {
    if (invocation.arguments.find("sheet") != "mail" || invocation.arguments.has("recovery")) return {};
    return fail(ErrorKind::usage, "--sheet=mail needs an address to mail it to",
                "give --recovery ADDRESS, or --sheet=show to see it here");
}

// Who was promised a mail and got none is told, for the mailbox is made, and its password must not be lost.
Status add_sheets(const Invocation& invocation, std::span<const Address> addresses,
                  std::span<const ChosenPassword> passwords, Report& report) {
    std::vector<NewAccount> accounts;
    for (std::size_t i = 0; i < addresses.size(); ++i)
        accounts.push_back({addresses[i], passwords[i].generated.value_or("")});
    if (invocation.arguments.find("sheet") == "show") {
        show_generated(report, addresses, passwords); // for programs
        TRY_ASSIGN(report.text, account_sheets(invocation.world, accounts));
        report.layout = Layout::text;
        return {};
    }
    const auto mailed = mail_account_sheets(invocation.world, accounts);
    if (mailed) {
        report.notes.insert(report.notes.end(), mailed->notes.begin(), mailed->notes.end());
        return {};
    }
    report.notes.push_back(fmt::format("{}; hint: tell its user yourself", mailed.error().what));
    report.status = exit_code(ErrorKind::partial);
    show_generated(report, addresses, passwords);
    return {};
}

Result<Report> run_mailbox_create(Invocation& invocation) {
    TRY(refuse_shared(invocation));
    TRY(check_sheet(invocation));
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    std::vector<NewMailbox> mailboxes;
    for (const Address& address : addresses) {
        TRY_ASSIGN(NewMailbox mailbox, read_new_mailbox(invocation.arguments, address));
        mailbox.reuse = invocation.arguments.has("reuse");
        mailboxes.push_back(std::move(mailbox));
    }
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    if (will_ask_for_password(invocation.arguments)) { // nobody types a password for what cannot be made
        ChangeOptions trial = options;
        trial.dry_run = true;
        TRY(create_mailboxes(invocation.world, mailboxes, trial));
    }
    TRY_ASSIGN(const std::vector<ChosenPassword> passwords, choose_passwords(invocation, addresses));
    for (std::size_t i = 0; i < mailboxes.size(); ++i)
        mailboxes[i].password = passwords[i].hash;
    TRY_ASSIGN(Report report, create_mailboxes(invocation.world, mailboxes, options));
    if (options.dry_run) return report;
    if (invocation.arguments.has("sheet")) {
        TRY(add_sheets(invocation, addresses, passwords, report));
    } else {
        show_generated(report, addresses, passwords);
    }
    return report;
}

Result<MailboxFilter> read_mailbox_filter(const Arguments& arguments) {
    MailboxFilter filter{.suspended = arguments.has("suspended"),
                         .without_password = arguments.has("no-password"),
                         .over = std::nullopt,
                         .unused = std::nullopt,
                         .quota = std::nullopt};
    if (const auto over = arguments.find("over")) {
        TRY_ASSIGN(filter.over, read_share(*over));
    }
    if (const auto unused = arguments.find("unused")) {
        TRY_ASSIGN(filter.unused, parse_age(*unused));
    }
    return filter;
}

Result<Report> run_mailbox_list(Invocation& invocation) {
    const auto& arguments = invocation.arguments;
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const MailboxFilter filter, read_mailbox_filter(arguments));
    if (!arguments.has("deleted")) return list_mailboxes(invocation.world, domains, filter);
    for (const char* option : {"suspended", "no-password", "over", "unused"})
        if (arguments.has(option))
            return fail(ErrorKind::usage, fmt::format("--{} says nothing of mailboxes that are deleted", option));
    return list_deleted_mailboxes(invocation.world, domains);
}

Result<Report> run_mailbox_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    return show_mailboxes(invocation.world, addresses);
}

// Without options everything stops, and mail is deferred rather than refused: a suspension is meant to end.
Result<Suspension> read_suspension(const Arguments& arguments) {
    static const std::map<std::string, SuspendedReceive> actions = {{"accept", SuspendedReceive::accept},
                                                                    {"reject", SuspendedReceive::reject},
                                                                    {"defer", SuspendedReceive::defer},
                                                                    {"hold", SuspendedReceive::hold}};
    const bool whole = !arguments.has("login") && !arguments.has("receive");
    Suspension suspension;
    suspension.login = whole || arguments.has("login");
    if (const auto action = arguments.find("receive")) suspension.receive = actions.at(*action);
    if (whole) suspension.receive = SuspendedReceive::defer;
    suspension.reason = arguments.find("reason").value_or("");
    if (const auto until = arguments.find("until")) {
        TRY_ASSIGN(suspension.until, parse_date(*until));
    }
    return suspension;
}

Result<Report> run_mailbox_suspend(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const Suspension suspension, read_suspension(invocation.arguments));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return suspend_mailboxes(invocation.world, addresses, suspension, options);
}

Result<Report> run_mailbox_resume(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return resume_mailboxes(invocation.world, addresses, options);
}

Result<Report> run_mailbox_password(Invocation& invocation) {
    TRY_ASSIGN(std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    for (Address& address : addresses) {
        TRY_ASSIGN(address, get_mailbox(invocation.world, address));
    }
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    const auto code = invocation.arguments.find("code");
    if (code && addresses.size() != 1) return fail(ErrorKind::usage, "a code is for one mailbox");
    TRY_ASSIGN(const std::vector<ChosenPassword> chosen, choose_passwords(invocation, addresses));
    if (code) {
        TRY_ASSIGN(Report report,
                   set_password_by_code(invocation.world, {addresses.front(), chosen.front().hash}, *code, options));
        show_generated(report, addresses, chosen);
        return report;
    }
    std::vector<NewPassword> passwords;
    for (std::size_t i = 0; i < addresses.size(); ++i)
        passwords.push_back({addresses[i], chosen[i].hash});
    TRY_ASSIGN(Report report, set_passwords(invocation.world, passwords, options));
    if (!options.dry_run) show_generated(report, addresses, chosen);
    return report;
}

// A word without '@' is a domain of the site, else a local part of --domain.
Result<Report> run_mailbox_usage(Invocation& invocation) {
    std::vector<Address> addresses;
    std::vector<DomainName> domains;
    for (const std::string& word : invocation.words) {
        const auto known = invocation.domain ? complete_names(invocation.world, NameKind::domain, word)
                                             : std::vector<std::string>{word};
        if (!word.contains('@') && std::ranges::find(known, word) != known.end()) {
            TRY_ASSIGN(DomainName domain, DomainName::parse(word));
            domains.push_back(std::move(domain));
        } else {
            TRY_ASSIGN(Address address, read_address(invocation, word));
            addresses.push_back(std::move(address));
        }
    }
    if (invocation.words.empty() && invocation.domain) domains.push_back(*invocation.domain);
    return mailbox_usage(invocation.world, addresses, domains);
}

Command create_mailbox_command() {
    std::vector<Option> options = {
        {.long_name = "name", .value = "NAME", .help = "the person's name"},
        {.long_name = "quota", .value = "SIZE", .help = "as 2G or 500M; 0 = no limit"},
        {.long_name = "alias", .value = "LOCAL", .help = "another local part of the same domain", .repeatable = true},
        {.long_name = "forward",
         .value = "ADDRESS",
         .help = "pass mail on, as the user would",
         .repeatable = true,
         .values = Values::address},
        {.long_name = "copy-to",
         .value = "ADDRESS",
         .help = "send copies, unseen by the user",
         .repeatable = true,
         .values = Values::address},
        {.long_name = "recovery", .value = "ADDRESS", .help = "another address of the person, for what must reach him"},
        {.long_name = "no-store", .value = "", .help = "keep no copy; needs a forward or copy"},
        {.long_name = "reuse", .value = "", .help = "also a name that a deleted mailbox had"},
        {.long_name = "sheet",
         .value = "WHERE",
         .help = "tell what its user needs, a generated password too: show it, or mail it to the recovery address",
         .values = Values::choice,
         .choices = {"show", "mail"}},
    };
    options.insert(options.end(), password_options().begin(), password_options().end());
    return {
        .noun = "mailbox",
        .verb = "create",
        .summary = "make mailboxes",
        .positionals = {{"ADDRESS", Count::many, Values::fresh}},
        .options = std::move(options),
        .examples = {{"mailctl mailbox create ann@example.org --name 'Ann B.' --quota 2G",
                      "asks for the password, twice"},
                     {"mailctl mailbox create bob@example.org --generate", "makes a password and prints it once"},
                     {"mailctl mailbox create bob@example.org --generate --recovery bob@elsewhere.example --sheet=mail",
                      "and mails it with the settings to its user"},
                     {"mailctl mailbox create --domain example.org --no-password sales support",
                      "two that take mail, and nobody logs in"}},
        .access = Access::write,
        .right = Right::domain,
        .run = run_mailbox_create,
        .details = {
            "A password never stands on the command line. Off a terminal one of the password options must be given."}};
}

std::vector<Option> redeeming_options() {
    std::vector<Option> options = password_options();
    options.push_back({.long_name = "code", .value = "CODE", .help = "the code of an invitation, which is spent"});
    return options;
}

Command suspend_command() {
    return {.noun = "mailbox",
            .verb = "suspend",
            .summary = "stop mailboxes for a while",
            .positionals = {{"ADDRESS", Count::many, Values::mailbox}},
            .options = {{.long_name = "login",
                         .value = "",
                         .help = "nobody logs in; mail is taken unless --receive says otherwise"},
                        {.long_name = "receive",
                         .value = "ACTION",
                         .help = "what happens to new mail: accept, reject, defer or hold",
                         .values = Values::choice,
                         .choices = {"accept", "reject", "defer", "hold"}},
                        {.long_name = "until", .value = "DATE", .help = "the last day of it, as 2026-12-31"},
                        {.long_name = "reason", .value = "TEXT", .help = "kept with the suspension"}},
            .examples = {{"mailctl mailbox suspend ann@example.org --reason unpaid", "no login, mail is deferred"},
                         {"mailctl mailbox suspend ann@example.org --login --until 2026-12-31",
                          "no login, mail still arrives"}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_mailbox_suspend,
            .details = {"Without --login and --receive both stop: nobody logs in, and mail is deferred, so that its "
                        "senders try again. With hold it is taken and kept apart, and joins the mailbox when it is "
                        "resumed. A suspension ends by itself after the last day of --until; what was held until then "
                        "is released by the next 'mailctl apply'."}};
}

Command reader(std::string verb, std::string summary, Positional positional, Right right,
               Result<Report> (*run)(Invocation&), std::vector<Example> examples, std::vector<std::string> details) {
    return {.noun = "mailbox",
            .verb = std::move(verb),
            .summary = std::move(summary),
            .positionals = {std::move(positional)},
            .options = {},
            .examples = std::move(examples),
            .access = Access::read,
            .right = right,
            .run = run,
            .details = std::move(details)};
}

Command list_mailboxes_command() {
    Command command =
        reader("list", "list mailboxes", {"DOMAIN", Count::any, Values::domain}, Right::listing, run_mailbox_list,
               {{"mailctl mailbox list example.org", ""},
                {"mailctl mailbox list --over 90%", "who should clear up, or get more room"},
                {"mailctl mailbox list --deleted", "what 'mailctl mailbox restore' can bring back"},
                {"mailctl mailbox list --json | jq -r '.[].address'", "of the whole site"}},
               {"A '!' in the PASSWORD column marks a mailbox nobody can log in to.",
                "With several of these options a mailbox is listed if all of them hold for it."});
    command.options = {
        {.long_name = "suspended", .value = "", .help = "only those that are suspended"},
        {.long_name = "no-password", .value = "", .help = "only those nobody can log in to"},
        {.long_name = "over", .value = "SHARE", .help = "only those that use so much of their quota, as 90%"},
        {.long_name = "unused", .value = "AGE", .help = "only those that got no mail for so long, as 180d, or ever"},
        {.long_name = "deleted", .value = "", .help = "deleted ones instead, when, and where their mail lies"}};
    return command;
}

} // namespace

Noun mailbox_noun() {
    const Positional mailboxes{"ADDRESS", Count::many, Values::mailbox};
    Noun noun = {
        .name = "mailbox",
        .summary = "accounts that keep mail",
        .commands =
            {
                create_mailbox_command(),
                list_mailboxes_command(),
                reader("show", "show everything about mailboxes", mailboxes, Right::mailbox, run_mailbox_show,
                       {{"mailctl mailbox show ann@example.org", ""}}, {}),
                set_mailbox_command(),
                suspend_command(),
                {.noun = "mailbox",
                 .verb = "resume",
                 .summary = "end the suspension of mailboxes",
                 .positionals = {mailboxes},
                 .options = {},
                 .examples = {{"mailctl mailbox resume ann@example.org", ""}},
                 .access = Access::write,
                 .right = Right::domain,
                 .run = run_mailbox_resume},
                {.noun = "mailbox",
                 .verb = "password",
                 .summary = "give mailboxes a new password",
                 .positionals = {mailboxes},
                 .options = redeeming_options(),
                 .examples = {{"mailctl mailbox password ann@example.org", "asks for it, twice"},
                              {"pass mail/ann | mailctl mailbox password ann@example.org --password-stdin",
                               "from another program"}},
                 .access = Access::write,
                 .right = Right::mailbox,
                 .run = run_mailbox_password,
                 .details = {"A password never stands on the command line. Off a terminal one of the password options "
                             "must be given."}},
                mailbox_settings_command(),
                reader(
                    "usage", "show how full mailboxes are", {"ADDRESS|DOMAIN", Count::any, Values::mailbox},
                    Right::listing, run_mailbox_usage,
                    {{"mailctl mailbox usage example.org", ""}, {"mailctl mailbox usage ann@example.org --plain", ""}},
                    {}),
            },
        .also = {"account", "accounts", "user", "users", "mailboxes"}};
    for (Command& command : mailbox_life_commands())
        noun.commands.push_back(std::move(command));
    noun.commands.push_back(mailbox_clear_command());
    noun.commands.push_back(mailbox_invite_command());
    noun.commands.push_back(mailbox_move_command());
    return noun;
}

} // namespace mailctl
