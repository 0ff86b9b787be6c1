// SPDX-License-Identifier: Apache-2.0
// `relay_to`: the agent hands a second copy of accepted mail to Postfix as LOCAL@DOMAIN.mailctl-relay.invalid, a name
// that is nobody's, because the real one would come back to the agent. Here Postfix learns where such mail goes, and to
// put the real name back when it leaves; it queues and tries again by itself.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"
#include "mailctl/exchange/maps/postfix_fragments.hpp"

namespace mailctl {

// transport_maps: "example.com.mailctl-relay.invalid", "mailctl-relay:[mx.customer.example]:25".
[[nodiscard]] std::vector<MapRow> relay_transport_rows(const Domain& domain);
// smtp_generic_maps of that service: "@example.com.mailctl-relay.invalid", "@example.com".
[[nodiscard]] std::vector<MapRow> relay_name_rows(const Domain& domain);
// Its lines in master.cf.
[[nodiscard]] std::string relay_master_lines(const MapSource& source);

} // namespace mailctl
