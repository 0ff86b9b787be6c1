// SPDX-License-Identifier: Apache-2.0
#include "posting.hpp"

#include "mailctl/model/real_sender.hpp"
#include "mailctl/routing/local_name.hpp"

namespace mailctl {

namespace {

struct Author {
    std::string key;   // equal for all names and forms of one author
    DomainName domain; // its real name, if it is ours
};

class Authors {
  public:
    Authors(const Lookup& lookup, const std::string& delimiters) : lookup_(lookup), delimiters_(delimiters) {}

    // Of a name of ours the mailbox that stands behind it.
    [[nodiscard]] Result<Author> author_of(const Address& address) const {
        TRY_ASSIGN(const auto domain, lookup_.find_domain(address.domain));
        if (!domain) return Author{sender_key(address), address.domain};
        TRY_ASSIGN(const auto name, name_of(*domain, address.local));
        return Author{name + '@' + domain->name.text(), domain->name};
    }

  private:
    [[nodiscard]] Result<std::string> name_of(const DomainEntry& domain, const LocalPart& local) const {
        const auto key = local.key();
        TRY_ASSIGN(auto entry, lookup_.find_name(domain.name, key));
        const auto detail = entry ? std::nullopt : split_detail(local, delimiters_);
        if (detail) {
            TRY_ASSIGN(entry, lookup_.find_name(domain.name, detail->base_key));
        }
        if (const auto* mailbox = entry ? std::get_if<MailboxEntry>(&*entry) : nullptr) return mailbox->mailbox;
        return detail ? detail->base_key : key;
    }

    const Lookup& lookup_;
    const std::string& delimiters_;
};

} // namespace

Result<bool> may_post(const Lookup& lookup, const Address& list, const ListEntry& entry, const Address& sender,
                      const std::string& delimiters) {
    if (entry.post.who == Posters::Who::anyone) return true;
    const Authors authors(lookup, delimiters);
    TRY_ASSIGN(const auto who, authors.author_of(real_sender(sender)));
    if (entry.post.who == Posters::Who::domain) return who.domain == list.domain;
    const auto& named = entry.post.who == Posters::Who::members ? entry.members : entry.post.named;
    for (const auto& address : named) {
        TRY_ASSIGN(const auto known, authors.author_of(address));
        if (known.key == who.key) return true;
    }
    return false;
}

} // namespace mailctl
