// The SMTP way of the Mailer (RFC 5321): one connection per message, plain text, meant for the MTA next door. Any 4xx
// and any trouble with the connection before the message is accepted ends it with nothing sent.
#pragma once

#include "mailctl/os/mailer.hpp"

namespace mailctl {

[[nodiscard]] std::unique_ptr<Mailer> make_smtp_mailer(SubmitBySmtp server, DomainName hostname,
                                                       MailerTimeouts timeouts);

} // namespace mailctl
