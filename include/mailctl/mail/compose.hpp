// SPDX-License-Identifier: Apache-2.0
// A new message of ours, from values: sender, recipients, subject, a text with an HTML form beside it, attachments.
// Whatever the values hold, the result is ASCII (but for internationalized local parts), its lines are short, and no
// value can begin a header field or end a part. What becomes of it is the mailer's business.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/named_address.hpp"

#include <string>
#include <utility>
#include <vector>

namespace mailctl {

struct Attachment {
    std::string file_name;                               // UTF-8, without directories
    std::string media_type = "application/octet-stream"; // "application/pdf"; written as it is
    std::string bytes;
};

struct NewMessage {
    NamedAddress from;
    std::vector<NamedAddress> to;
    std::string subject;
    bool subject_is_encoded = false; // it is ASCII and may hold encoded words (RFC 2047) that stay as they are
    Instant when;
    std::string id; // unique; with `host` the Message-ID, and in the boundaries
    DomainName host = DomainName::from_trusted("localhost");
    std::vector<std::pair<std::string, std::string>> fields; // further header fields, such as Auto-Submitted
    std::string text, html;                                  // UTF-8; at least one of them
    std::vector<Attachment> attachments;
};

// RFC 5322, 2045, 2046, in LF form. One text or HTML part stands alone, both are multipart/alternative, attachments
// make it multipart/mixed.
[[nodiscard]] std::string compose_message(const NewMessage& message);

} // namespace mailctl
