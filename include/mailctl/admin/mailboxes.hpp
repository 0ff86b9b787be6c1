// SPDX-License-Identifier: Apache-2.0
// Mailboxes: `mailctl mailbox`. Several targets are one change: all or none. An address may name a domain by its alias
// or its U-labels; reports show the real one. Every "no such mailbox" offers the nearest that exists.
#pragma once

#include "mailctl/config/assignment.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct NewMailbox {
    Address address;
    std::string name;
    std::optional<ByteCount> quota;
    std::vector<std::string> aliases; // local parts
    std::vector<Address> forward, copy_to;
    bool store = true;
    std::optional<Address> recovery;
    std::optional<std::string> password; // "{SCHEME}hash"; absent: nobody can log in
    bool reuse = false;                  // also a name that a deleted mailbox had
};

// Makes the Maildirs too. A mailbox that exists with the very same settings is nothing to change; with others a
// conflict, as is a name that a deleted mailbox had, unless it is to be used again.
[[nodiscard]] Result<Report> create_mailboxes(const World& world, std::span<const NewMailbox> mailboxes,
                                              const ChangeOptions& options);
// What a listed mailbox must be; of several all.
struct MailboxFilter {
    bool suspended = false, without_password = false;
    std::optional<unsigned> over;   // per cent of its quota used, or more
    std::optional<Age> unused;      // nothing was delivered for so long, or ever
    std::optional<ByteCount> quota; // it has this one; 0: none
};
// All of the site if `domains` is empty. Cells: address, name, state, password ("!" = none), used, quota, aliases,
// forward, autoreply.
[[nodiscard]] Result<Report> list_mailboxes(const World& world, std::span<const DomainName> domains,
                                            const MailboxFilter& filter = {});
// The same, of those that the role may see, for who changes them.
[[nodiscard]] Result<std::vector<Address>> find_mailboxes(const World& world, std::span<const DomainName> domains,
                                                          const MailboxFilter& filter);
// Deleted ones whose names nobody has again. Cells: address, deleted, change, keep_until, archive (where the mail is).
[[nodiscard]] Result<Report> list_deleted_mailboxes(const World& world, std::span<const DomainName> domains);
[[nodiscard]] Result<Report> show_mailboxes(const World& world, std::span<const Address> addresses);
// Keys: those of the key table that are settings. += and -= for the lists; an empty value clears.
[[nodiscard]] Result<Report> set_mailboxes(const World& world, std::span<const Address> addresses,
                                           std::span<const Assignment> assignments, const ChangeOptions& options);

struct NewPassword {
    Address address;
    std::optional<std::string> hash; // absent: take the password away
};
[[nodiscard]] Result<Report> set_passwords(const World& world, std::span<const NewPassword> passwords,
                                           const ChangeOptions& options);
[[nodiscard]] Result<Report> suspend_mailboxes(const World& world, std::span<const Address> addresses,
                                               const Suspension& suspension, const ChangeOptions& options);
[[nodiscard]] Result<Report> resume_mailboxes(const World& world, std::span<const Address> addresses,
                                              const ChangeOptions& options);
// Who refers to these mailboxes, one line each: what the question before deleting shows. missing: no such mailbox.
[[nodiscard]] Result<std::vector<std::string>> describe_references(const World& world,
                                                                   std::span<const Address> addresses);
// Bytes and messages used, and quota, of mailboxes and of whole domains; everything if both are empty.
[[nodiscard]] Result<Report> mailbox_usage(const World& world, std::span<const Address> addresses,
                                           std::span<const DomainName> domains);

// The canonical address of an existing mailbox, for callers that ask for a password before they change anything.
[[nodiscard]] Result<Address> get_mailbox(const World& world, const Address& address);

} // namespace mailctl
