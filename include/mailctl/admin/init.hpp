// SPDX-License-Identifier: Apache-2.0
// init: a new site. Directories with their modes, mailctl.toml, the SRS secret, an empty compiled directory and empty
// maps. An existing site is never overwritten: running it again with the same answers changes nothing, with others is a
// conflict.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

namespace mailctl {

struct InitRequest {
    std::optional<DomainName> hostname; // absent: the name of this machine
    std::optional<Address> postmaster;
};
[[nodiscard]] Result<Report> init_site(const World& world, const InitRequest& request, const ChangeOptions& options);

} // namespace mailctl
