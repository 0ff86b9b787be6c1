// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/transaction.hpp"

#include "mailctl/mail/list_mail.hpp"
#include "mailctl/routing/lookup.hpp"

namespace mailctl {

std::string compose_head(const Trace& trace, const std::optional<Address>& list, const HeaderSection& header) {
    if (!list) return compose_prefix(trace, header);
    return compose_trace(trace) + compose_list_fields(*list, owner_of(*list)) + (header.present() ? "" : "\n");
}

Address owner_of(const Address& list) {
    return {LocalPart::from_trusted(list_owner_name(list.local.key())), list.domain};
}

ReceivedLine received_line(const Transaction& transaction) {
    const auto& envelope = transaction.envelope;
    ReceivedLine line{.client_name = envelope.client_name,
                      .peer = envelope.peer,
                      .host = transaction.settings.hostname,
                      .protocol = envelope.protocol,
                      .id = envelope.id,
                      .recipient = {},
                      .when = transaction.when};
    if (envelope.recipients.size() == 1) line.recipient = envelope.recipients.front().plan.recipient;
    return line;
}

} // namespace mailctl
