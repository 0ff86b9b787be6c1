// SPDX-License-Identifier: Apache-2.0
// Answering: a reply that was decided on is remembered, composed and handed to the MTA, with the null sender and to the
// envelope sender only. Attachments are read now; one that is missing means no reply rather than half of one. Whatever
// fails here is a line in the journal and nothing else: the mail has been answered 250 before.
#pragma once

#include "mailctl/os/mailer.hpp"
#include "mailctl/store/state.hpp"
#include "responding.hpp"

namespace mailctl {

struct AnswerServices {
    State& state;
    Mailer& mailer;
    const std::string& attachments; // their directory
    const Site& site;
};

// What has become of it, for the journal: "answered", or "not answered" and why. At most one reply per responder,
// sender and text in its `every`, and no more in a day than the site allows (E23 to E26). Where the memory cannot be
// read or written nothing is sent (E25).
[[nodiscard]] JournalEntry send_answer(const DueAnswer& due, const AnswerServices& services);

} // namespace mailctl
