// SPDX-License-Identifier: Apache-2.0
// Finding what a command names, with the errors people read: what is missing, what holds the name instead, what it may
// have been meant to be.
#pragma once

#include "mailctl/change/account_changes.hpp"
#include "mailctl/change/changes.hpp"

namespace mailctl {

struct MailboxTarget {
    Address address; // real domain, folded local part
    const Domain* domain;
    const Mailbox* mailbox;
};
[[nodiscard]] Result<MailboxTarget> get_mailbox_target(const SiteView& view, const Address& address);
struct ForwardTarget {
    Address address;
    const Domain* domain;
    const Forward* forward;
};
[[nodiscard]] Result<ForwardTarget> get_forward_target(const SiteView& view, const Address& address);
struct ListTarget {
    Address address;
    const Domain* domain;
    const List* list;
};
[[nodiscard]] Result<ListTarget> get_list_target(const SiteView& view, const Address& address);
// Nothing of that name yet, and the domain is ours. conflict: names the holder.
struct FreeName {
    Address address;
    const Domain* domain;
};
[[nodiscard]] Result<FreeName> get_free_name(const SiteView& view, const Address& address);
[[nodiscard]] Status get_free_name_in(const Domain& domain, const Address& address);
// "an alias of mailbox 'paul'", "forward 'team'": a holder of a name behind "it is".
[[nodiscard]] std::string what_it_is(const std::string& holder);
[[nodiscard]] Error name_held(const Address& address, const std::string& holder);

// missing: "no KIND 'ADDRESS'", with the nearest of `names` (local parts of its domain) as hint.
[[nodiscard]] Error no_such(std::string_view kind, const Address& address, const Domain& domain,
                            std::span<const std::string> names);
[[nodiscard]] std::vector<std::string> mailbox_names(const Domain& domain);
[[nodiscard]] std::vector<std::string> shown(std::span<const Address> addresses); // for cells: with U-labels

[[nodiscard]] Report report_of(std::string type, Layout layout = Layout::table); // no rows yet
// "created mailbox 'paul@example.com'" as a note, and a row {address, done} for --json.
void say_done(ChangePlan& plan, std::string_view type, const std::string& name, std::string_view done);

} // namespace mailctl
