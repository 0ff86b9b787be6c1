// SPDX-License-Identifier: Apache-2.0
// Which renderer serves which format. Free text is a matter between people and the command: programs get its rows.
#include "mailctl/report/report.hpp"

#include "colours.hpp"
#include "delimited.hpp"
#include "mailctl/report/json.hpp"
#include "table.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

std::string ended_line(std::string text) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    return text;
}

bool has_diffs(const Report& report) { return report.type == "diff" || report.type == "change"; }

std::string text_for_people(const Report& report, Colour colour) {
    const std::string& text = report.brief.empty() ? report.text : report.brief;
    return ended_line(has_diffs(report) ? coloured_diff(text, colour) : text);
}

std::string render_for_people(const Report& report, Colour colour, std::size_t width, const OffsetOfZone& zone) {
    switch (report.layout) {
    case Layout::text:
    case Layout::story:
        return text_for_people(report, colour);
    case Layout::sheet:
        return render_sheet(report, colour, width, zone);
    case Layout::table:
        break;
    }
    return render_table(report, colour, width, zone);
}

// By the type of the report.
constexpr std::array<std::pair<std::string_view, std::string_view>, 24> sentences_of_nothing{
    {{"address", "no address to show"},
     {"alias", "no alias to show"},
     {"autoreply", "no autoreply to show"},
     {"banished", "no banished name to show"},
     {"candidate", "no candidate to show"},
     {"catchall", "no domain to show"},
     {"change", "no change to show"},
     {"decision", "no decision of the agent to show"},
     {"deleted_mailbox", "no deleted mailbox to show"},
     {"delivery", "no delivery to show"},
     {"dkim_key", "no DKIM key to show"},
     {"dns_record", "no DNS record to show"},
     {"domain", "no domain to show"},
     {"finding", "nothing is wrong"},
     {"forward", "no forward to show"},
     {"held_message", "no held message to show"},
     {"list", "no list to show"},
     {"mailbox", "no mailbox to show"},
     {"map", "all maps are as they should be"},
     {"robot", "no robot to show"},
     {"sender", "no sender to show"},
     {"setting", "no setting to show"},
     {"track_line", "no line of the logs to show"},
     {"usage", "no mailbox to show"}}};

} // namespace

std::string sentence_of_nothing(std::string_view type) {
    const auto found = std::ranges::find(sentences_of_nothing, type, [](const auto& entry) { return entry.first; });
    return found == sentences_of_nothing.end() ? std::string() : std::string(found->second);
}

std::string render(const Report& report, Format format, Colour colour, std::size_t width, const OffsetOfZone& zone) {
    switch (format) {
    case Format::json:
        return render_json(report);
    case Format::plain:
        return report.layout == Layout::text ? ended_line(report.text) : render_plain(report);
    case Format::csv: // an export is CSV already, and has no rows
        return report.layout == Layout::text && report.rows.empty() ? ended_line(report.text) : render_csv(report);
    case Format::table:
        break;
    }
    return render_for_people(report, colour, width, zone);
}

} // namespace mailctl
