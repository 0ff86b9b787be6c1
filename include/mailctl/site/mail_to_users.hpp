// SPDX-License-Identifier: Apache-2.0
// Messages of the site to one person: composed by mail/compose, handed to the site's MTA.
#pragma once

#include "mailctl/mail/compose.hpp"
#include "mailctl/site/site_view.hpp"

namespace mailctl {

// To the only recipient of `message`. temporary: the MTA could not take it; failed: it refused the address for good.
[[nodiscard]] Status send_message(const SiteView& view, const NewMessage& message);
// From the postmaster of the mailbox's domain, marked as made by a program. `topic` goes into the message id.
[[nodiscard]] NewMessage make_notice(const World& world, const SiteView& view, const DomainName& domain,
                                     NamedAddress to, std::string_view topic);

} // namespace mailctl
