// Straight to the Maildirs; the names come from the domain files.
#include "mailctl/admin/mailbox_contents.hpp"

#include "mailctl/admin/targets.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/maildir/mailbox_clearing.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

Cells row_of(const Address& mailbox, const Cleared& cleared) {
    return {{"address", mailbox.display()},
            {"messages", static_cast<std::int64_t>(cleared.messages)},
            {"bytes", ByteCount{cleared.bytes}}};
}

std::string note_of(const Address& mailbox, const Cleared& cleared, bool dry_run) {
    return fmt::format("{} {} message{} ({}) of '{}'", dry_run ? "would remove" : "removed", cleared.messages,
                       cleared.messages == 1 ? "" : "s", format_size_rounded({cleared.bytes}), mailbox.display());
}

} // namespace

Result<Report> clear_mailboxes(const World& world, const ClearRequest& request, const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    std::vector<Address> mailboxes;
    for (const auto& address : request.mailboxes) {
        TRY_ASSIGN(auto target, get_mailbox_target(view, address));
        mailboxes.push_back(std::move(target.address));
    }
    TRY_ASSIGN(const auto store, MailStore::open(view.paths().mail, view.site().hostname.text()));
    Clearing clearing{request.folder, {}, options.dry_run};
    if (request.older_than) clearing.before = world.clock() - *request.older_than;
    Report report = report_of("clearing", Layout::text);
    bool found_folder = !request.folder;
    for (const auto& mailbox : mailboxes) {
        TRY_ASSIGN(const auto maildir, store.find_mailbox(mailbox));
        Cleared cleared;
        if (maildir) {
            TRY_ASSIGN(const auto done, clear_mailbox(*maildir, clearing));
            found_folder = found_folder || done;
            cleared = done.value_or(Cleared{});
        }
        report.rows.push_back(row_of(mailbox, cleared));
        report.notes.push_back(note_of(mailbox, cleared, options.dry_run));
    }
    if (!found_folder)
        return fail(ErrorKind::missing, fmt::format("no folder '{}'", printable(*request.folder)),
                    "write it as the mail program shows it, levels divided by '/': INBOX, Sent, Work/2025");
    if (options.dry_run) report.notes.emplace_back("dry run: nothing was removed");
    return report;
}

} // namespace mailctl
