// SPDX-License-Identifier: Apache-2.0
// The SMTP way of the Mailer (RFC 5321): one connection per message, plain text, meant for the MTA next door. Any 4xx
// and any trouble with the connection before the message is accepted ends it with nothing sent.
//
// A CR that belongs to no line end (CR CR LF, a bare CR) is neither passed on by DATA, where it may end a line for one
// and not for another, nor altered: such a message goes by BDAT where the server offers CHUNKING (RFC 3030), octet for
// octet; where it does not, all targets are refused with 554 5.6.3.
#pragma once

#include "mailctl/os/mailer.hpp"

namespace mailctl {

[[nodiscard]] std::unique_ptr<Mailer> make_smtp_mailer(SubmitBySmtp server, DomainName hostname,
                                                       MailerTimeouts timeouts);

} // namespace mailctl
