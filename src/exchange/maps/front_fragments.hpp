// SPDX-License-Identifier: Apache-2.0
// What a front end's main.cf and dovecot.conf take in, to put its maps to use.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"

namespace mailctl {

[[nodiscard]] std::string front_main_cf(const MapContext& context, const Site::Addresses& rules);
// The passdb that lets any password pass, because another machine asks for it, is one of the protocols that are passed
// on and of no other.
[[nodiscard]] std::string front_dovecot(const MapContext& context, const Site::Addresses& rules);

} // namespace mailctl
