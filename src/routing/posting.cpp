#include "mailctl/routing/posting.hpp"

#include <algorithm>

namespace mailctl {

namespace {

// The address of the mailbox that stands behind a name of ours; any other address as it is.
Result<Address> holder(const Lookup& lookup, const Address& address) {
    TRY_ASSIGN(const auto domain, lookup.find_domain(address.domain));
    if (!domain) return address;
    TRY_ASSIGN(const auto entry, lookup.find_name(domain->name, address.local.key()));
    const auto* mailbox = entry ? std::get_if<MailboxEntry>(&*entry) : nullptr;
    return Address{mailbox != nullptr ? LocalPart::from_trusted(mailbox->mailbox) : address.local, domain->name};
}

Result<bool> is_one_of(const Lookup& lookup, const std::vector<Address>& addresses, const Address& sender) {
    for (const auto& address : addresses) {
        TRY_ASSIGN(const auto known, holder(lookup, address));
        if (known.key() == sender.key()) return true;
    }
    return false;
}

} // namespace

Result<bool> may_post(const Lookup& lookup, const Address& list, const ListEntry& entry, const Address& sender) {
    if (std::ranges::find(entry.post, "anyone") != entry.post.end()) return true;
    TRY_ASSIGN(const auto who, holder(lookup, sender));
    std::vector<Address> named;
    for (const auto& word : entry.post) {
        if (word == "domain" && who.domain == list.domain) return true;
        if (word == "members") named.insert(named.end(), entry.members.begin(), entry.members.end());
        if (auto address = Address::parse(word)) named.push_back(std::move(*address));
    }
    return is_one_of(lookup, named, who);
}

} // namespace mailctl
