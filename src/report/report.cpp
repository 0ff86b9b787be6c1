// SPDX-License-Identifier: Apache-2.0
// Which renderer serves which format. Free text is a matter between people and the command: programs get its rows.
#include "mailctl/report/report.hpp"

#include "delimited.hpp"
#include "mailctl/report/json.hpp"
#include "table.hpp"

namespace mailctl {
namespace {

std::string ended_line(std::string text) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    return text;
}

std::string render_for_people(const Report& report, Colour colour, std::size_t width) {
    switch (report.layout) {
    case Layout::text:
    case Layout::story:
        return ended_line(report.text);
    case Layout::sheet:
        return render_sheet(report, colour);
    case Layout::table:
        break;
    }
    return render_table(report, colour, width);
}

} // namespace

std::string render(const Report& report, Format format, Colour colour, std::size_t width) {
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
    return render_for_people(report, colour, width);
}

} // namespace mailctl
