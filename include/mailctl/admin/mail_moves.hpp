// What a change means for the mail itself: a new mailbox gets a Maildir that holds nothing of an earlier owner, a
// deleted one's mail goes to the archive area, and undoing a deletion brings it back. Which mailboxes those are follows
// from the models before and after, so that it holds for commands, hand edits and reverts alike.
#pragma once

#include "mailctl/admin/site_view.hpp"

namespace mailctl {

struct MailMoves {
    std::vector<Address> created, removed;
    // Whether the domain had been applied before. Where not, mail that is there is kept: it was put there with the
    // file.
    std::map<DomainName, bool> known_before;
    [[nodiscard]] bool empty() const { return created.empty() && removed.empty(); }
    void compare(const DomainName& name, const Domain* before, const Domain* after);
};

// temporary: the mail root is not there. To be asked before a change with moves is committed.
[[nodiscard]] Status check_mail_root(const SiteView& view);
// Before the agent knows of new mailboxes. Lines about what was moved go to `notes`.
[[nodiscard]] Status prepare_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                                      std::vector<std::string>& notes);
// After the agent has forgotten the removed ones.
[[nodiscard]] Status retire_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                                     std::vector<std::string>& notes);

} // namespace mailctl
