// SPDX-License-Identifier: Apache-2.0
// The names under which clients and other servers come to a domain's own certificate.
#pragma once

#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"

namespace mailctl {

// As A-labels, each once: mail hosts that lie below the domain, and what its users are told or, as the DNS has it
// beside that, know by its own name ("imap.example.com").
[[nodiscard]] std::vector<std::string> certificate_names(const Site& site, const Domain& domain);

// Names for whose hosts Postfix and Dovecot show the domain's certificate (SNI): its own and its aliases; none where it
// has no certificate.
[[nodiscard]] std::vector<const DomainName*> tls_names(const Domain& domain);

} // namespace mailctl
