// SPDX-License-Identifier: Apache-2.0
// `mailctl mailbox delete`, `restore`, `rename`, `depart`.
#include "mailctl/admin/mailbox_life.hpp"

#include "danger.hpp"
#include "mailbox_commands.hpp"
#include "mailctl/admin/mailboxes.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/terminal.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace mailctl {
namespace {

Result<std::optional<Address>> find_address(const Invocation& invocation, const std::string& option) {
    const auto word = invocation.arguments.find(option);
    if (!word) return std::nullopt;
    TRY_ASSIGN(auto address, read_address(invocation, *word));
    return std::optional(std::move(address));
}

Result<Address> need_address(const Invocation& invocation, const std::string& option) {
    TRY_ASSIGN(auto address, find_address(invocation, option));
    if (address) return std::move(*address);
    return fail(ErrorKind::usage, fmt::format("'{}' needs --{}", invocation.command.name(), option),
                fmt::format("--{} ADDRESS says who takes over", option));
}

Result<Deletion> read_deletion(const Invocation& invocation) {
    Deletion deletion;
    TRY_ASSIGN(deletion.mailboxes, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(deletion.redirect_to, find_address(invocation, "redirect-to"));
    TRY_ASSIGN(deletion.keep, find_age(invocation, "keep"));
    deletion.purge = invocation.arguments.has("purge");
    if (const auto file = invocation.arguments.find("archive")) {
        if (file->empty()) return fail(ErrorKind::usage, "--archive names no file");
        std::error_code trouble;
        const auto path = std::filesystem::absolute(*file, trouble);
        if (trouble) return fail(ErrorKind::failed, fmt::format("cannot find '{}': {}", *file, trouble.message()));
        deletion.archive_file = path.lexically_normal().string();
    }
    return deletion;
}

std::string fate_of_mail(const Deletion& deletion) {
    const bool one = deletion.mailboxes.size() == 1;
    if (deletion.purge) return one ? "Its mail is removed for good." : "Their mail is removed for good.";
    if (deletion.archive_file) return fmt::format("Its mail goes into '{}'.", printable(*deletion.archive_file));
    const std::string_view whose = one ? "Its" : "Their";
    if (!deletion.keep) return fmt::format("{} mail goes to the archive area.", whose);
    return fmt::format("{} mail goes to the archive area for {}.", whose, format_age(*deletion.keep));
}

Result<std::string> deletion_question(const Invocation& invocation, const Deletion& deletion) {
    TRY_ASSIGN(const auto references, describe_references(invocation.world, deletion.mailboxes));
    std::string text;
    for (const auto& reference : references)
        text += printable(reference) + '\n';
    const auto& mailboxes = deletion.mailboxes;
    const std::string many = mailboxes.size() == 1 ? "mailbox" : fmt::format("{} mailboxes,", mailboxes.size());
    return text + fmt::format("delete {} {}? {}", many, names_of_all(mailboxes), fate_of_mail(deletion));
}

Result<Report> run_mailbox_delete(Invocation& invocation) {
    TRY_ASSIGN(const Deletion deletion, read_deletion(invocation));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    if (deletion.purge) {
        TRY(require_confirmation(invocation, deletion.mailboxes));
    } else {
        TRY_ASSIGN(const bool asks, must_ask(invocation));
        if (asks) {
            TRY_ASSIGN(const std::string question, deletion_question(invocation, deletion));
            TRY(ask(question));
        }
    }
    return delete_mailboxes(invocation.world, deletion, options);
}

Result<Report> run_mailbox_restore(Invocation& invocation) {
    TRY_ASSIGN(const Address mailbox, read_address(invocation, invocation.words.front()));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return restore_mailbox_of(invocation.world, mailbox, options,
                              invocation.arguments.has("mail-only") ? Restoring::mail_alone : Restoring::mailbox);
}

Result<Report> run_mailbox_rename(Invocation& invocation) {
    TRY_ASSIGN(const Address from, read_address(invocation, invocation.words[0]));
    TRY_ASSIGN(const auto to, read_targets(std::span(invocation.words).subspan(1, 1), from.domain));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return rename_mailbox_of(invocation.world, {from, to.front(), invocation.arguments.has("leave-alias")}, options);
}

Result<Report> run_mailbox_depart(Invocation& invocation) {
    TRY_ASSIGN(Address mailbox, read_address(invocation, invocation.words.front()));
    TRY_ASSIGN(Address to, need_address(invocation, "to"));
    Departure departure{.mailbox = std::move(mailbox),
                        .to = std::move(to),
                        .reply_for = {},
                        .hand_over = invocation.arguments.has("hand-over")};
    TRY_ASSIGN(departure.reply_for, find_age(invocation, "reply-for"));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    TRY_ASSIGN(const bool asks, must_ask(invocation));
    if (asks) {
        TRY(ask(fmt::format("close mailbox '{}' and pass its mail on to '{}'?", printable(departure.mailbox.display()),
                            printable(departure.to.display()))));
    }
    return depart_mailbox(invocation.world, departure, options);
}

Command delete_mailbox_command() {
    return {
        .noun = "mailbox",
        .verb = "delete",
        .summary = "delete mailboxes with their aliases",
        .positionals = {{"ADDRESS", Count::many, Values::mailbox}},
        .options = {{.long_name = "redirect-to",
                     .value = "ADDRESS",
                     .help = "who gets their mail from now on",
                     .values = Values::address},
                    {.long_name = "archive",
                     .value = "FILE",
                     .help = "pack the mail into a new tar file",
                     .values = Values::file,
                     .one_of = "mail"},
                    {.long_name = "purge", .value = "", .help = "remove the mail for good", .one_of = "mail"},
                    {.long_name = "keep",
                     .value = "AGE",
                     .help = "how long the archive area keeps the mail, as 30d; otherwise for ever",
                     .one_of = "mail"},
                    {.long_name = "confirm",
                     .value = "NAME",
                     .help = "with --purge: the address once more",
                     .repeatable = true,
                     .values = Values::mailbox}},
        .examples = {{"mailctl mailbox delete ann@example.org", "asks first"},
                     {"mailctl mailbox delete ann@example.org --redirect-to bob@example.org --keep 90d --yes",
                      "in a script"},
                     {"mailctl mailbox delete ann@example.org --archive /srv/left/ann.tar", ""}},
        .access = Access::write,
        .right = Right::domain,
        .run = run_mailbox_delete,
        .details = {
            "The mail moves to the archive area, and 'mailctl mailbox restore' brings it back. With --keep it is "
            "removed "
            "when that time is over, by the next 'mailctl apply' (run that daily from cron or a timer). With --archive "
            "it is packed into a tar file, mode 0600, and then removed; if the file cannot be written the mail stays "
            "in "
            "the archive area. With --purge it is removed at once; that needs --confirm with the address.",
            "A mailbox that other addresses refer to is only deleted with --redirect-to; the message lists who does. "
            "Its names become aliases of that mailbox, or forwards if it is in another domain.",
            "The name leaves a tombstone: it is given to another mailbox only with --reuse."}};
}

Command restore_command() {
    return {.noun = "mailbox",
            .verb = "restore",
            .summary = "bring a deleted mailbox back",
            .positionals = {{"ADDRESS", Count::one, Values::deleted}},
            .options = {{.long_name = "mail-only",
                         .value = "",
                         .help = "the mail alone, into the mailbox that has the name again"}},
            .examples = {{"mailctl mailbox restore ann@example.org", ""},
                         {"mailctl mailbox restore ann@example.org --mail-only",
                          "what the deleted mailbox held joins the one that was made anew"}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_mailbox_restore,
            .details = {"Settings come from the history, mail from the archive area. A redirection that was made when "
                        "it was deleted ends; a name that somebody else holds by now is a conflict, an alias that "
                        "somebody else holds is left out.",
                        "With --mail-only settings stay as they are: whoever has the name now sees the mail of the "
                        "mailbox that was deleted, beside his own."}};
}

Command rename_command() {
    return {
        .noun = "mailbox",
        .verb = "rename",
        .summary = "give a mailbox another address",
        .positionals = {{"ADDRESS", Count::one, Values::mailbox}, {"NEW-ADDRESS", Count::one, Values::fresh}},
        .options = {{.long_name = "leave-alias", .value = "", .help = "mail for the old address still arrives"}},
        .examples = {{"mailctl mailbox rename ann@example.org ann.brown", "within its domain"},
                     {"mailctl mailbox rename ann@example.org ann@example.com --leave-alias",
                      "into another; its old names become forwards"}},
        .access = Access::write,
        .right = Right::domain,
        .run = run_mailbox_rename,
        .details = {"The Maildir moves, and every forward, copy, list, redirection and recovery address of the site "
                    "that names the mailbox is rewritten. Mail that arrives meanwhile is deferred. Aliases come "
                    "along, into the other domain too. The user logs in by the new address; end his sessions before "
                    "(doveadm kick), for an open one goes on at the old place."}};
}

Command depart_command() {
    return {
        .noun = "mailbox",
        .verb = "depart",
        .summary = "close the mailbox of somebody who left",
        .positionals = {{"ADDRESS", Count::one, Values::mailbox}},
        .options = {{.long_name = "to",
                     .value = "ADDRESS",
                     .help = "who gets the mail from now on",
                     .values = Values::address},
                    {.long_name = "reply-for", .value = "AGE", .help = "tell senders for so long, as 30d"},
                    {.long_name = "hand-over",
                     .value = "",
                     .help = "the mail becomes a folder of the new mailbox; otherwise it is archived"}},
        .examples = {{"mailctl mailbox depart ann@example.org --to bob@example.org --reply-for 30d --hand-over", ""}},
        .access = Access::write,
        .right = Right::domain,
        .run = run_mailbox_depart,
        .details = {"Without --reply-for the names become aliases of the other mailbox, or forwards if it is in "
                    "another domain. With --reply-for the mailbox stays, closed: without a password, storing "
                    "nothing, with a copy to the other one and an autoreply that ends by itself; 'mailctl mailbox "
                    "delete --redirect-to' ends the rest."}};
}

} // namespace

std::vector<Command> mailbox_life_commands() {
    return {delete_mailbox_command(), restore_command(), rename_command(), depart_command()};
}

} // namespace mailctl
