// SPDX-License-Identifier: Apache-2.0
// Straight to the Maildirs, as the mail user; the names come from the domain files.
#include "mailctl/admin/mailbox_contents.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/maildir/mailbox_clearing.hpp"
#include "mailctl/site/site_mail.hpp"

#include <fmt/format.h>

#include <cstdlib>

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

std::uint64_t number_of(const std::string& word) { return std::strtoull(word.c_str(), nullptr, 10); }

// Three words for each mailbox: messages, bytes, and "found" where it has the folder.
Result<Words> clear_all(const SiteView& view, const std::vector<Address>& mailboxes, const Clearing& clearing) {
    return work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        Words words;
        for (const auto& mailbox : mailboxes) {
            TRY_ASSIGN(const auto maildir, store.find_mailbox(mailbox));
            std::optional<Cleared> cleared;
            if (maildir) {
                TRY_ASSIGN(cleared, clear_mailbox(*maildir, clearing));
            }
            const auto sum = cleared.value_or(Cleared{});
            words.insert(words.end(),
                         {std::to_string(sum.messages), std::to_string(sum.bytes), cleared ? "found" : ""});
        }
        return words;
    });
}

} // namespace

Result<Report> clear_mailboxes(const World& world, const ClearRequest& request, const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    std::vector<Address> mailboxes;
    for (const auto& address : request.mailboxes) {
        TRY_ASSIGN(auto target, get_mailbox_target(view, address));
        mailboxes.push_back(std::move(target.address));
    }
    Clearing clearing{request.folder, {}, options.dry_run};
    if (request.older_than) clearing.before = world.clock() - *request.older_than;
    TRY_ASSIGN(const auto words, clear_all(view, mailboxes, clearing));
    if (words.size() != 3 * mailboxes.size()) return fail(ErrorKind::temporary, "work on mail gave half an answer");
    Report report = report_of("clearing", Layout::text);
    bool found_folder = !request.folder;
    for (std::size_t i = 0; i < mailboxes.size(); ++i) {
        const Cleared cleared{number_of(words[3 * i]), number_of(words[3 * i + 1])};
        found_folder = found_folder || !words[3 * i + 2].empty();
        report.rows.push_back(row_of(mailboxes[i], cleared));
        report.notes.push_back(note_of(mailboxes[i], cleared, options.dry_run));
    }
    if (!found_folder)
        return fail(ErrorKind::missing, fmt::format("no folder '{}'", printable(*request.folder)),
                    "write it as the mail program shows it, levels divided by '/': INBOX, Sent, Work/2025");
    if (options.dry_run) report.notes.emplace_back("dry run: nothing was removed");
    return report;
}

} // namespace mailctl
