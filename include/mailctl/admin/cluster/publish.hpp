// SPDX-License-Identifier: Apache-2.0
// `mailctl publish`: the site's directory for other machines, in PostgreSQL (specification 9). TOML stays the truth and
// nothing but this writes the tables, one transaction for each generation: whoever reads them sees a whole one, and a
// publisher that is killed leaves the one before.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <cstdint>
#include <optional>

namespace mailctl {

struct PublishRequest {
    bool everything = false;              // --full: every row is compared, and repaired
    std::optional<std::int64_t> go_above; // --confirm: the generation of an older database, which is written over
};
// What changed since the generation published last; "nothing to publish" where that is nothing. temporary: the database
// cannot be reached. conflict: it is older than what was published from here, or than what a node has seen.
[[nodiscard]] Result<Report> publish_site(const World& world, const PublishRequest& request);

// After a change that was made: publishes it where `publish.auto` says so. What keeps it from that is a warning.
void publish_change(const World& world, Report& report);

// The tables and roles in SQL, for psql.
[[nodiscard]] std::string publish_schema();

} // namespace mailctl
