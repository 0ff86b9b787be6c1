// SPDX-License-Identifier: Apache-2.0
// Rows of the Postfix tables, one domain at a time, sorted by key. Agent mode: Postfix knows which recipients exist and
// which are refused, the agent does the rest. Postfix mode: virtual aliases carry the final expansion, and every
// claimed name has a row of its own, because in virtual(5) a catch-all row would win over a mailbox. What virtual(5)
// cannot say is left as it is and sent to the agent: it is expanded there, once.
#pragma once

#include "mailctl/exchange/maps/name_plans.hpp"
#include "mailctl/exchange/maps/sending.hpp"

namespace mailctl {

// virtual_mailbox_domains: every name, with the real one as value.
[[nodiscard]] std::vector<MapRow> domain_rows(const NamePlans& plans);
// virtual_mailbox_maps. Agent mode: every recipient the agent accepts; "@domain" where any name is. Postfix mode: the
// mailboxes with their Maildirs for virtual(8).
[[nodiscard]] std::vector<MapRow> recipient_rows(const NamePlans& plans);
[[nodiscard]] std::vector<MapRow> maildir_rows(const MapContext& context, const Domain& domain);
// virtual_alias_maps, Postfix mode.
[[nodiscard]] std::vector<MapRow> alias_rows(const NamePlans& plans);
// transport_maps: refusals as error(8), in Postfix mode also what is discarded or must wait, and what goes to the
// agent, whose transport `agent` names.
[[nodiscard]] std::vector<MapRow> transport_rows(const NamePlans& plans, MapMode mode, std::string_view agent);
// check_recipient_access, Postfix mode: there a virtual alias row makes smtpd accept what transport_maps refuses.
[[nodiscard]] std::vector<MapRow> refused_rows(const NamePlans& plans);
// check_recipient_access: where unknown names become candidates there may be no room for one more, which only the agent
// knows; Postfix asks it before it accepts what it would have to bounce. Names that somebody claims are not asked for.
[[nodiscard]] std::vector<MapRow> verify_rows(const NamePlans& plans);
// smtpd_sender_login_maps: a mailbox may send under its own name and its aliases, in every name of its domain; of a
// suspended domain nobody may.
[[nodiscard]] std::vector<MapRow> sender_login_rows(const Domain& domain, const std::vector<DomainName>& names);
// tls_server_sni_maps: the key file stands before the certificates.
[[nodiscard]] std::vector<MapRow> sni_rows(const Domain& domain);

// The address each domain's mail leaves from: its own setting, or for "auto" the least used of the site's pool, domains
// taken in the order of their names. Domains without one are absent.
[[nodiscard]] std::map<DomainName, std::string> source_addresses(const Site& site,
                                                                 std::span<const SendingDomain> domains);

} // namespace mailctl
