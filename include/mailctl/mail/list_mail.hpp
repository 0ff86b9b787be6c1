// SPDX-License-Identifier: Apache-2.0
// What a list adds to the mail it sends to its members, and how it knows mail that it must not send on: its own, come
// back, and what machines write. Fields are only put in front: a signature over the message stays good.
#pragma once

#include "mailctl/mail/message.hpp"

namespace mailctl {

// "sales.example.com" (RFC 2919 section 2); bytes of the local part that cannot stand in it become %XX.
[[nodiscard]] std::string list_id(const Address& list);
// List-Id, List-Post, List-Owner, List-Unsubscribe (RFC 2919, RFC 2369) and Precedence, in LF form. Who wants to leave
// writes to `owner`: members are the administrator's business.
[[nodiscard]] std::string compose_list_fields(const Address& list, const Address& owner);
// One of its List-Id fields names `list`: it came through it before.
[[nodiscard]] bool came_through(const HeaderSection& header, const Address& list);
// A program wrote it: Auto-Submitted other than "no" (RFC 3834 section 5), or a report (RFC 6522). The null sender, the
// third mark, is in the envelope.
[[nodiscard]] bool is_written_by_program(const HeaderSection& header);

} // namespace mailctl
