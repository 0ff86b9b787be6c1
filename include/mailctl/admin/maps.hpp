// SPDX-License-Identifier: Apache-2.0
// The generated maps as files: `mailctl map`. Rendering is exchange's; here they are compared, validated and installed,
// each atomically, with the index Postfix wants beside it. Anything postmap says on stderr is a failure, whatever its
// status.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

enum class Certificates { as_told, renewed };
// `renewed`: some may be others than Postfix and Dovecot were told of. If so they are read again into what embeds them,
// and both are reloaded where they run. Status 1: one of them is not; 5: a domain's certificate is of no use.
[[nodiscard]] Result<Report> build_maps(const World& world, const ChangeOptions& options,
                                        Certificates certificates = Certificates::as_told);
// status 5 when a map is missing, stale or edited by hand. Takes no lock.
[[nodiscard]] Result<Report> check_maps(const World& world);
[[nodiscard]] Result<Report> diff_maps(const World& world);
// What the maps should be, as text; all names if `names` is empty. missing: no such map.
[[nodiscard]] Result<Report> show_maps(const World& world, std::span<const std::string> names);

} // namespace mailctl
