// SPDX-License-Identifier: Apache-2.0
// The reply of a robot or of somebody who is away, as a message (delivery E15 to E21): marked as automatic, tied to
// the mail that caused it, and carrying nothing of that mail but its subject and ids, in bounds. Text of others cannot
// begin a header field: everything goes through compose_message.
#pragma once

#include "mailctl/mail/compose.hpp"
#include "mailctl/mail/message.hpp"

namespace mailctl {

struct AnsweredMail {                // of the mail that is answered
    std::string subject;             // decoded, one line; "" = none, or none that can be passed on
    bool subject_is_encoded = false; // it holds words of a charset that is not known here, as they stood (RFC 2047)
    std::string id;                  // "<...>"; "" = none
    std::string references;          // ids separated by spaces, the id itself last (RFC 5322 3.6.4); bounded
};
[[nodiscard]] AnsweredMail answered_mail(const HeaderSection& header);

struct Answer {
    NamedAddress from;   // what the reader sees
    Address responder;   // the address that answers
    Address to;          // the envelope sender
    std::string subject; // "" = "Auto: " and that of the mail
    std::string text, html;
    std::vector<Attachment> attachments;
    enum class Kind { robot, absence } kind = Kind::robot;
    Instant when;
    std::string id; // unique
};
// In LF form, for MAIL FROM:<>.
[[nodiscard]] std::string compose_answer(const Answer& answer, const AnsweredMail& mail);

// "application/pdf" for "price-list.pdf"; "application/octet-stream" for what is not known.
[[nodiscard]] std::string_view media_type_of(std::string_view file_name);

} // namespace mailctl
