// Maildirs made and put away. Mail is only ever renamed here, never removed.
#include "mailctl/admin/mail_moves.hpp"

#include "mailctl/system/mail_owner.hpp"

#include <fmt/format.h>

#include <set>

namespace mailctl {

namespace {

Result<MailStore> open_store(const SiteView& view) {
    TRY_ASSIGN(const auto owner, find_mail_owner(view.paths(), view.site().mail));
    return MailStore::open(view.paths().mail, view.site().hostname.text(), owner);
}

Status archive(const SiteView& view, const MailStore& store, const Address& mailbox, Instant when,
               std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto archived, store.archive_mailbox(mailbox, when));
    if (archived)
        notes.push_back(fmt::format("mail of '{}' moved to '{}/{}'", mailbox.display(), view.paths().mail, *archived));
    return {};
}

std::set<std::string> mailbox_names(const Domain* domain) {
    std::set<std::string> names;
    if (domain)
        for (const auto& [name, unused] : domain->mailboxes)
            names.insert(name);
    return names;
}

} // namespace

void MailMoves::compare(const DomainName& name, const Domain* before, const Domain* after) {
    const auto old_names = mailbox_names(before), new_names = mailbox_names(after);
    known_before[name] = before != nullptr;
    for (const auto& local : new_names)
        if (!old_names.contains(local)) created.push_back({LocalPart::from_trusted(local), name});
    for (const auto& local : old_names)
        if (!new_names.contains(local)) removed.push_back({LocalPart::from_trusted(local), name});
}

Status check_mail_root(const SiteView& view) {
    TRY(open_store(view));
    return {};
}

namespace {

// Undoing a deletion gives the mail back. Nothing archived: this was done already, or there was none.
Status restore(const SiteView& view, const MailStore& store, const Address& mailbox, Instant deleted, Instant when,
               std::vector<std::string>& notes) {
    TRY_ASSIGN(auto restored, store.restore_mailbox(mailbox, deleted));
    if (restored == MailStore::Restored::in_the_way) {
        TRY(archive(view, store, mailbox, when, notes));
        TRY_ASSIGN(restored, store.restore_mailbox(mailbox, deleted));
    }
    if (restored == MailStore::Restored::done)
        notes.push_back(fmt::format("mail of '{}' is back in its place", mailbox.display()));
    return {};
}

} // namespace

Status prepare_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                        std::vector<std::string>& notes) {
    if (moves.created.empty()) return {};
    TRY_ASSIGN(const auto store, open_store(view));
    std::optional<Instant> deleted;
    if (record.reverts) {
        TRY_ASSIGN(const auto reverted, load_record(view.paths().history, *record.reverts));
        deleted = reverted.time;
    }
    for (const auto& mailbox : moves.created) {
        if (deleted) {
            TRY(restore(view, store, mailbox, *deleted, record.time, notes));
        } else if (moves.known_before.at(mailbox.domain)) {
            TRY(archive(view, store, mailbox, record.time, notes));
        }
    }
    return store.create_mailboxes(moves.created);
}

Status retire_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                       std::vector<std::string>& notes) {
    if (moves.removed.empty()) return {};
    TRY_ASSIGN(const auto store, open_store(view));
    for (const auto& mailbox : moves.removed) {
        TRY(archive(view, store, mailbox, record.time, notes));
    }
    return {};
}

} // namespace mailctl
