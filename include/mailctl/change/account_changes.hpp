// SPDX-License-Identifier: Apache-2.0
// What commands make of the accounts of a domain: from values to values. Nothing here looks at a site, a file or a
// clock; what is refused is an Error that says what to do.
#pragma once

#include "mailctl/config/account_keys.hpp"
#include "mailctl/model/domain_draft.hpp"

namespace mailctl {

// What is made without a word on its limits. A mailbox gets the quota that its domain says, else its site; 0: no limit.
[[nodiscard]] ByteCount usual_quota(const Site::Defaults& defaults, const DomainLimits& limits);
[[nodiscard]] Domain new_domain(const DomainName& name, const Site::Defaults& defaults);

[[nodiscard]] Address address_in(const Domain& domain, const std::string& local);
// conflict: the name will be held, and the message says by whom.
[[nodiscard]] Status get_free_name_in(const DomainDraft& change, const Address& address);
// Whether all keys say the same, whatever the letters.
[[nodiscard]] bool says_the_same(const Account& a, const Account& b);

// A new account; its aliases too must be free. False: it is there already and says the same. conflict: it is there and
// says something else; `remedy` tells how to change it.
[[nodiscard]] Result<bool> add_account(DomainDraft& change, const std::string& local, const Account& account,
                                       std::string_view remedy);
// KEY=VALUE words, one after the other; the account is there. False: it says all that already. conflict: an alias that
// comes is held by somebody.
[[nodiscard]] Result<bool> assign_account(DomainDraft& change, AccountKind kind, const std::string& local,
                                          std::span<const Assignment> assignments, const WordContext& context);
// The same for the domain's own keys. A table goes with its last key: an empty [domain.tls] is incomplete, and an empty
// [domain.dmarc] is still DMARC.
[[nodiscard]] Result<bool> assign_domain(DomainDraft& change, std::span<const Assignment> assignments,
                                         const WordContext& context);

// The mailbox and its aliases are gone by now; its names become aliases of `to`, where that is a mailbox of this
// domain, else forwards.
void hand_on_names(DomainDraft& change, const std::string& local, const Mailbox& mailbox, const Address& to);
// Under another name of this domain; that one may be an alias of it so far.
void rename_mailbox(DomainDraft& change, const std::string& from, const std::string& to, bool leave_alias);
// It stays for its reply: closed, storing nothing, its mail passed on.
void keep_for_reply(DomainDraft& change, const std::string& local, const Address& to, Date last_day);

// An address that goes by another name from now on.
struct NewName {
    Address from, to; // real domains, folded local parts
};
struct NewNames {
    std::vector<DomainName> domain_names; // all under which `from` may be written
    std::string_view delimiters;          // a detail stays: "paul+x" becomes "saul+x"
    std::span<const NewName> names;
    std::optional<DomainName> domain = {}; // set: the domain itself has a new name, and each address of it that one
    [[nodiscard]] std::optional<Address> find(const Address& address) const;
    [[nodiscard]] std::optional<std::string> find_in_from(const std::string& from) const; // "Paul <paul@example.com>"
};
// References follow it: targets of forwards, copies, robots and redirects, members, owners and posters of lists,
// recovery addresses, senders of replies, the owner. Of the mailbox `except` nothing but the sender of its reply.
// Whether something changed.
[[nodiscard]] bool follow_new_names(DomainDraft& change, const NewNames& names, const std::string& except);

} // namespace mailctl
