// SPDX-License-Identifier: Apache-2.0
// `mailctl track`: what became of mail, from the logs of the MTA and the agent's journal.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mailctl {

struct TrackUpdate {
    std::vector<std::string> logs;    // files; none: the site's track.logs, and journald where they match nothing
    bool journald = false;            // in place of track.logs
    std::size_t bad_lines_shown = 20; // in the notes; 0 = none
};
// Reads what is new and forgets what is old. A row per log: log, lines, bad, old, problem. missing: a file named is not
// there, or nothing to read was found. Status 6: a log could not be read to its end.
[[nodiscard]] Result<Report> update_track(const World& world, const TrackUpdate& request);

struct TrackSearch {
    std::optional<std::string> from, to, id, domain;
    std::optional<std::string> status, since, until; // as typed
    std::uint64_t limit = 0;
};
// Rows of type "delivery", newest first; of a role those that concern it. usage: an unknown status or time.
[[nodiscard]] Result<Report> search_track(const World& world, const TrackSearch& search);
// A message line by line, by its queue id or message id, with what it became under other ids, and the journal. missing:
// there is none, or none that the role may see.
[[nodiscard]] Result<Report> show_track(const World& world, const std::string& id);

struct TrackTop {
    std::optional<std::string> since; // an hour ago where it is absent
    std::optional<std::uint64_t> over;
};
// Rows of type "sender": those that sent to more recipients than `over`, and status 5 if there are any; without it all.
[[nodiscard]] Result<Report> top_track(const World& world, const TrackTop& top);

struct TrackReport {
    std::optional<std::string> since, domain, user;
    std::optional<std::string> html; // a file to write
};
[[nodiscard]] Result<Report> report_track(const World& world, const TrackReport& report);

} // namespace mailctl
