// The mailbox's own name first, then its aliases.
#include "mailctl/admin/handing_on.hpp"

#include "mailctl/admin/edits.hpp"

namespace mailctl {

Result<Address> get_successor(const SiteView& view, const Address& to) {
    TRY_ASSIGN(const auto* lookup, view.applied());
    TRY_ASSIGN(const auto entry, lookup->find_domain(to.domain));
    if (!entry) return to; // elsewhere
    TRY_ASSIGN(const auto* domain, view.get_domain(to.domain));
    const Address real = address_in(*domain, to.local.key());
    if (holder_of(*domain, real.local.text())) return real;
    return fail(no_such("mailbox", real, *domain, mailbox_names(*domain)));
}

bool is_mailbox_of(const Domain& domain, const Address& to) {
    return to.domain == domain.name && domain.mailboxes.contains(to.local.key());
}

void hand_on_names(const MailboxTarget& target, const Address& to, ChangePlan& plan) {
    const auto& own = target.domain->name;
    std::vector<std::string> names{target.address.local.text()};
    names.insert(names.end(), target.mailbox->aliases.begin(), target.mailbox->aliases.end());
    for (const auto& name : names) {
        if (is_mailbox_of(*target.domain, to))
            plan.edit(own, AddElement{mailbox_key(to.local.key(), "aliases"), name});
        else
            plan.edit(own, AddTable{{"forward", name}, {{"to", std::vector{target_text(to, own)}}}});
    }
}

} // namespace mailctl
