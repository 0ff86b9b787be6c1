// SPDX-License-Identifier: Apache-2.0
// Mailer: hands messages to the MTA, through its `sendmail` program or by SMTP (`submit` of mailctl.toml). All or
// nothing: an Error is always temporary and means that nobody got anything (or that the answer was lost, and a second
// copy may come of trying again). What the next hop refused for good is a value.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/site.hpp"
#include "mailctl/os/message_content.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mailctl {

struct Submission {
    Sender sender;
    std::vector<Address> targets;
    bool body_8bit = false, smtputf8 = false;
    bool never_notify = false; // where the next hop knows DSN: NOTIFY=NEVER (RFC 3461 4.1)
    // Beside the mailer's own timeouts. What is not done then is an Error with ETIMEDOUT.
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};
// A message in LF form: `head`, then the bytes of `content` from `offset` on.
struct SubmittedMessage {
    std::string_view head;
    const MessageContent& content;
    std::uint64_t offset = 0;
};
struct Refusal { // a 5xx of the next hop for one target
    Address target;
    int code = 550;
    std::string enhanced; // "" when it gave none
    std::string text;     // its words; not clean
};

class Mailer {
  public:
    virtual ~Mailer() = default;
    // The targets that were refused; the message was accepted for all others (for none if all are listed). An Error
    // with ETIMEDOUT: the MTA said nothing in the time it had.
    virtual Result<std::vector<Refusal>> submit(const Submission& submission, const SubmittedMessage& message) = 0;
};

struct MailerTimeouts {
    std::chrono::milliseconds connect{20'000}, command{60'000}, message{120'000};
};
// `spool_directory`: where a message too big for memory may wait. `hostname`: what we call ourselves.
[[nodiscard]] std::unique_ptr<Mailer> make_mailer(const Submit& submit, const DomainName& hostname,
                                                  std::string spool_directory, MailerTimeouts timeouts = {});

} // namespace mailctl
