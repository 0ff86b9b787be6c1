// SPDX-License-Identifier: Apache-2.0
// HTML and SVG by hand: a page that can be mailed, opened in ten years, and read without colours.
#include "mailctl/exchange/logs/mail_summary.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

namespace mailctl {
namespace {

constexpr std::size_t names_on_page = 15;
constexpr int plot_width = 920, plot_height = 220, plot_left = 64, plot_bottom = 34, plot_top = 12;

struct StatusLook {
    MailStatus status;
    std::string_view colour;
};
// From the bottom of a bar to its top. Colours of one scale that the colour-blind can tell apart (after Okabe and Ito).
constexpr std::array<StatusLook, status_count> looks{{{MailStatus::delivered, "#0072b2"},
                                                      {MailStatus::sent, "#56b4e9"},
                                                      {MailStatus::filtered, "#009e73"},
                                                      {MailStatus::queued, "#bbbbbb"},
                                                      {MailStatus::held, "#999999"},
                                                      {MailStatus::deferred, "#f0e442"},
                                                      {MailStatus::discarded, "#777777"},
                                                      {MailStatus::rejected, "#e69f00"},
                                                      {MailStatus::bounced, "#d55e00"},
                                                      {MailStatus::expired, "#cc79a7"}}};

std::string html(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string grouped(std::int64_t number) {
    std::string digits = fmt::format("{}", number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

std::int64_t count_of(const StatusCounts& counts, MailStatus status) {
    return counts[static_cast<std::size_t>(status)];
}

std::int64_t sum_of(const StatusCounts& counts) {
    std::int64_t sum = 0;
    for (const auto count : counts)
        sum += count;
    return sum;
}

// The next of 1, 2, 5, 10, 20, 50 ... that is not smaller.
double round_up(double value) {
    if (value <= 1) return 1;
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 5.0})
        if (value <= step * power) return step * power;
    return 10 * power;
}

// A height at the side of a plot: whole numbers in full, whatever their size.
std::string axis_label(double value) {
    const auto whole = static_cast<std::int64_t>(value);
    return static_cast<double>(whole) == value ? grouped(whole) : fmt::format("{:g}", value);
}

struct DelayUnit {
    double seconds;
    std::string_view name;
};
// What the longest delay is best told in.
DelayUnit unit_for(double seconds) {
    constexpr DelayUnit units[] = {{86400, " d"}, {3600, " h"}, {60, " min"}};
    for (const auto& unit : units)
        if (seconds >= 2 * unit.seconds) return unit;
    return {1, " s"};
}

std::string time_label(Instant time, std::chrono::seconds part) {
    const auto text = format_rfc3339(time);
    return part < std::chrono::hours(24) ? text.substr(5, 5) + " " + text.substr(11, 5) : text.substr(0, 10);
}

// The frame of a plot over the time of the summary: heights in its values, and the labels of both axes.
class Plot {
  public:
    Plot(const MailSummary& summary, double highest, std::string_view unit)
        : summary_(summary), highest_(round_up(highest)) {
        fmt::format_to(std::back_inserter(svg_), "<svg viewBox=\"0 0 {} {}\" role=\"img\">\n", plot_width, plot_height);
        for (const double share : {0.0, 0.5, 1.0}) {
            const double y = y_of(share * highest_);
            fmt::format_to(std::back_inserter(svg_),
                           "<line x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\" class=\"grid\"/>"
                           "<text x=\"{}\" y=\"{:.1f}\" class=\"y\">{}{}</text>\n",
                           plot_left, y, plot_width, y, plot_left - 6, y + 4, axis_label(share * highest_), unit);
        }
        add_times();
    }
    void bar(std::size_t part, double from, double to, std::string_view colour, const std::string& title) {
        const double gap = width() > 4 ? 1 : 0;
        fmt::format_to(
            std::back_inserter(svg_),
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"><title>{}</title></rect>\n",
            x_of(part), y_of(to), width() - gap, y_of(from) - y_of(to), colour, html(title));
    }
    std::string finish() { return std::move(svg_) + "</svg>\n"; }

  private:
    [[nodiscard]] double width() const {
        return static_cast<double>(plot_width - plot_left) / static_cast<double>(summary_.volume().size());
    }
    [[nodiscard]] double x_of(std::size_t part) const { return plot_left + width() * static_cast<double>(part); }
    [[nodiscard]] double y_of(double value) const {
        return plot_height - plot_bottom - value / highest_ * (plot_height - plot_bottom - plot_top);
    }
    void add_times() {
        constexpr std::size_t labels = 6;
        const std::size_t parts = summary_.volume().size(),
                          step = std::max<std::size_t>(1, (parts + labels - 1) / labels);
        for (std::size_t part = 0; part < parts; part += step)
            fmt::format_to(
                std::back_inserter(svg_), "<text x=\"{:.1f}\" y=\"{}\" class=\"{}\">{}</text>\n", x_of(part),
                plot_height - 8, part / step % 2 == 0 ? "x" : "x odd", // a narrow page has room for every other one
                time_label(summary_.since() + summary_.part() * static_cast<std::int64_t>(part), summary_.part()));
    }
    const MailSummary& summary_;
    double highest_;
    std::string svg_;
};

std::string volume_plot(const MailSummary& summary) {
    std::int64_t highest = 0;
    for (const auto& part : summary.volume())
        highest = std::max(highest, sum_of(part));
    Plot plot(summary, static_cast<double>(highest), "");
    for (std::size_t i = 0; i < summary.volume().size(); ++i) {
        double height = 0;
        const auto label = time_label(summary.since() + summary.part() * static_cast<std::int64_t>(i), summary.part());
        for (const auto& [status, colour] : looks) {
            const auto count = count_of(summary.volume()[i], status);
            if (count == 0) continue;
            plot.bar(i, height, height + static_cast<double>(count), colour,
                     fmt::format("{}: {} {}", label, grouped(count), status_name(status)));
            height += static_cast<double>(count);
        }
    }
    return plot.finish();
}

std::string delay_plot(const MailSummary& summary) {
    const double longest = *std::ranges::max_element(summary.slowness());
    const auto unit = unit_for(longest);
    Plot plot(summary, longest / unit.seconds, unit.name);
    for (std::size_t i = 0; i < summary.slowness().size(); ++i)
        if (summary.slowness()[i] > 0)
            plot.bar(
                i, 0, summary.slowness()[i] / unit.seconds, "#0072b2",
                fmt::format("{}: {:g} s",
                            time_label(summary.since() + summary.part() * static_cast<std::int64_t>(i), summary.part()),
                            summary.slowness()[i]));
    return plot.finish();
}

struct TableRow {
    std::string_view name;
    std::int64_t count = 0;
    std::string_view colour;
};
// Shares are of `whole`; the longest bar is that of the largest count.
std::string bar_table(const std::vector<TableRow>& rows, std::int64_t whole) {
    constexpr double all = 100;
    std::int64_t largest = 1;
    for (const auto& row : rows)
        largest = std::max(largest, row.count);
    std::string table = "<table>\n";
    for (const auto& [name, count, colour] : rows) {
        const double share = whole == 0 ? 0 : all * static_cast<double>(count) / static_cast<double>(whole),
                     length = all * static_cast<double>(count) / static_cast<double>(largest);
        const auto bar = count == 0
                             ? std::string()
                             : fmt::format("<span style=\"width:{:.1f}%;background:{}\"></span>", length, colour);
        table += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"b\">{}</td>"
                             "<td class=\"n\">{:.1f} %</td></tr>\n",
                             html(name), grouped(count), bar, share);
    }
    return table + "</table>\n";
}

std::string status_table(const MailSummary& summary) {
    std::vector<TableRow> rows;
    for (const auto& [status, colour] : looks)
        if (const auto count = count_of(summary.statuses(), status); count != 0)
            rows.push_back({status_name(status), count, colour});
    return bar_table(rows, summary.total());
}

std::string delay_table(const MailSummary& summary) {
    std::vector<TableRow> rows;
    std::int64_t whole = 0;
    for (const auto count : summary.delays())
        whole += count;
    for (std::size_t i = 0; i < delay_names.size(); ++i)
        rows.push_back({delay_names[i], summary.delays()[i], "#0072b2"});
    return bar_table(rows, whole);
}

std::string list_section(const MailSummary& summary, MailSummary::List list, std::string_view heading,
                         std::string_view colour) {
    const auto names = summary.top(list, names_on_page);
    std::vector<TableRow> rows;
    for (const auto& [name, count] : names)
        rows.push_back({name, count, colour});
    return fmt::format("<section><h2>{}</h2>\n{}</section>\n", heading,
                       names.empty() ? "<p>None.</p>\n" : bar_table(rows, summary.total()));
}

constexpr std::string_view page_style = R"css(
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 960px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin-bottom: 0; } h2 { font-size: 1.1em; margin: 1.6em 0 .4em; }
p { margin: .3em 0; } svg { width: 100%; height: auto; overflow: visible; } svg text { font-size: 12px; fill: currentColor; }
.y { text-anchor: end; } .grid { stroke: currentColor; opacity: .2; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td { padding: .12em .6em .12em 0; overflow-wrap: anywhere; vertical-align: top; }
td.n { text-align: right; width: 5.5em; } td.b { width: 30%; }
td.b span { display: block; height: .9em; margin-top: .25em; min-width: 1px; }
@media (max-width: 600px) {
  svg text { font-size: 26px; } .odd { display: none; }
  tr { display: grid; grid-template-columns: 5em 1fr 5.5em; margin-bottom: .4em; }
  td:first-child { grid-column: 1 / -1; } td.n, td.b { width: auto; }
}
@media print { body { margin: 0; } section { break-inside: avoid; } }
)css";

} // namespace

std::string compose_summary_page(const MailSummary& summary, std::string_view about, Instant made) {
    std::string page = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Mail of {0}</title>\n<style>{1}</style>\n"
        "</head>\n<body>\n<h1>Mail of {0}</h1>\n",
        html(about), page_style);
    page += fmt::format(
        "<p>{} to {}, times in UTC, made {}.</p>\n<p><b>{}</b> messages counted once for each recipient, {}.</p>\n",
        format_rfc3339(summary.since()).substr(0, 16), format_rfc3339(summary.until()).substr(0, 16),
        format_rfc3339(made).substr(0, 16), grouped(summary.total()), format_size_rounded(ByteCount{summary.bytes()}));
    page += "<section><h2>What became of them</h2>\n" + status_table(summary) + "</section>\n";
    page += "<section><h2>Volume</h2>\n" + volume_plot(summary) + "</section>\n";
    page += "<section><h2>Delay: the longest</h2>\n" + delay_plot(summary) + "</section>\n";
    page += "<section><h2>Delay: how many</h2>\n" + delay_table(summary) + "</section>\n";
    page += list_section(summary, MailSummary::List::senders, "Senders", "#0072b2");
    page += list_section(summary, MailSummary::List::recipients, "Recipients", "#0072b2");
    page += list_section(summary, MailSummary::List::domains, "Remote domains", "#56b4e9");
    page += list_section(summary, MailSummary::List::reasons, "Why mail was refused, bounced or deferred", "#d55e00");
    return page + "</body>\n</html>\n";
}

} // namespace mailctl
