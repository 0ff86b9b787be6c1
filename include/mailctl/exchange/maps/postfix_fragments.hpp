// SPDX-License-Identifier: Apache-2.0
// main.cf and master.cf fragments that put the maps to use: text to append to Postfix's own files. They name services
// of their own ("mailctl-lmtp", "mailctl", "out-...") and change no existing one.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"

#include <set>

namespace mailctl {

inline constexpr std::string_view lmtp_service =
    "mailctl-lmtp"; // lmtp(8) outside the chroot, so that it sees the socket
inline constexpr std::string_view pipe_service = "mailctl";
inline constexpr std::string_view relay_service = "mailctl-relay"; // smtp(8) that puts the real name back

// "mailctl-lmtp:unix:/run/mailctl/lmtp.sock"
[[nodiscard]] std::string agent_transport(const MapContext& context);
// Where bounces of forwarded mail come back to; absent when nothing is rewritten here.
[[nodiscard]] std::optional<DomainName> srs_domain(const Site& site);
[[nodiscard]] Result<std::string> main_cf(const MapSource& source);
// `source_ips`: every address that some domain's mail leaves from.
[[nodiscard]] std::string master_cf(const MapSource& source, const std::set<std::string>& source_ips, bool relays);

} // namespace mailctl
