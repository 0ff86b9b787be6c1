// SPDX-License-Identifier: Apache-2.0
// Whether the running servers show the certificates that lie in the files: one that was renewed helps nobody until they
// have read it, and no file says so.
#pragma once

#include "check_table.hpp"

namespace mailctl {

// A server of this machine that speaks TLS, and the file it should show.
struct TlsOffer {
    std::string address; // "127.0.0.1:993"
    std::string name;    // that the client asks for; "" = none
    std::string file;
    bool begins_plain = false; // STARTTLS of SMTP
    bool operator==(const TlsOffer&) const = default;
};
// By what Postfix and Dovecot say of themselves: a certificate that they are not told to show is not missed.
[[nodiscard]] std::vector<TlsOffer> tls_offers(const SiteFacts& facts);
// The first certificate of a text in PEM, without its line ends; "" = there is none.
[[nodiscard]] std::string first_certificate(std::string_view pem);
[[nodiscard]] bool can_look_at_served(); // by openssl(1)
// Asks all of them. A server that does not answer shows nothing wrong.
[[nodiscard]] std::vector<ServedFact> look_at_served(const std::vector<TlsOffer>& offers);

} // namespace mailctl
