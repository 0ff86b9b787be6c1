// SPDX-License-Identifier: Apache-2.0
// What servers show to any client: the greeting and offers of an SMTP server, the certificate of one that speaks TLS, a
// page of a web server. Nothing is sent or changed. TLS is openssl(1)'s business, with the authorities that this host
// trusts (and those of $SSL_CERT_FILE).
#pragma once

#include "mailctl/base/result.hpp"

#include <chrono>
#include <set>
#include <string>

namespace mailctl {

struct ServerPlace {
    std::string host; // a name, or an address
    unsigned short port = 0;
    [[nodiscard]] std::string text() const; // "[2001:db8::1]:25"
};

struct SmtpGreeting {
    std::string banner;           // "220 mx.example.org ESMTP"; another code: it takes no mail
    std::set<std::string> offers; // what it says to EHLO, upper case: "STARTTLS"
};
// missing: there is no such host. temporary: nobody answers within `patience`, or it is no SMTP server.
[[nodiscard]] Result<SmtpGreeting> greet_smtp_server(const ServerPlace& place, const std::string& own_name,
                                                     std::chrono::milliseconds patience);

enum class TlsBegin { at_once, after_starttls };
struct ShownCertificate {
    std::string pem;     // the server's own
    std::string trouble; // why a client that asked for `name` would not trust it; "" = it would
};
// temporary: no certificate is shown. missing: there is no openssl(1).
[[nodiscard]] Result<ShownCertificate> look_at_certificate(const ServerPlace& place, const std::string& name,
                                                           TlsBegin begin, std::chrono::milliseconds patience);

struct WebAnswer {
    unsigned status = 0; // 200
    std::string body;
};
// Of "https://NAME/PATH", asked of `place`; redirections are not followed. temporary: no answer, or a certificate that
// is not to be trusted.
[[nodiscard]] Result<WebAnswer> get_web_page(const ServerPlace& place, const std::string& name, const std::string& path,
                                             std::chrono::milliseconds patience);

} // namespace mailctl
