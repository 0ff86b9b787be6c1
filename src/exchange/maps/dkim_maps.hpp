// SPDX-License-Identifier: Apache-2.0
// What a signer reads: which key signs mail of which domain. OpenDKIM's KeyTable and SigningTable (opendkim.conf(5)),
// rspamd's settings of its module dkim_signing.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"

namespace mailctl {

[[nodiscard]] std::vector<MapFile> empty_dkim_maps(DkimSigner signer);
// The lines of one domain under all names that it sends from. "" in all where it has no active key.
[[nodiscard]] Result<MapPieces> dkim_pieces(const MapSource& source, const Domain& domain);
// What ends a map, behind the lines of the last domain.
[[nodiscard]] std::string_view dkim_map_end(std::string_view map);

} // namespace mailctl
