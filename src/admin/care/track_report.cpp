// SPDX-License-Identifier: Apache-2.0
// `track report`: a summary as text, rows and a page.
#include "mailctl/admin/care/track.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/exchange/logs/mail_summary.hpp"
#include "mailctl/os/files.hpp"
#include "track_rows.hpp"
#include "track_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t listed_names = 10;

struct SummaryList {
    MailSummary::List list;
    std::string_view section, heading;
};
constexpr std::array<SummaryList, 4> summary_lists{
    {{MailSummary::List::senders, "sender", "Senders"},
     {MailSummary::List::recipients, "recipient", "Recipients"},
     {MailSummary::List::domains, "remote_domain", "Remote domains"},
     {MailSummary::List::reasons, "reason", "Why mail was refused, bounced or deferred"}}};

Cells summary_row(std::string_view section, std::string_view name, std::int64_t count) {
    return {{.key = "section", .value = std::string(section)},
            {.key = "name", .value = std::string(name)},
            {.key = "count", .value = count}};
}

std::string summary_line(std::string_view name, std::int64_t count) {
    return fmt::format("{:>9}  {}\n", count, printable(name));
}

// One section after the other, each with its rows for programs and its lines for people.
class SummaryReport {
  public:
    SummaryReport(const MailSummary& summary, std::string time_zone)
        : summary_(summary), time_zone_(std::move(time_zone)) {
        report.type = "track_report";
        report.layout = Layout::story;
        report.text =
            fmt::format("{} messages counted once for each recipient, {}, from {} to {}\n", summary.total(),
                        format_size_rounded(ByteCount{summary.bytes()}), minute_in_zone(summary.since(), time_zone_),
                        minute_in_zone(summary.until(), time_zone_));
        add_statuses();
        add_volume();
        add_delays();
        for (const auto& [list, section, heading] : summary_lists)
            add_list(list, section, heading);
    }
    Report report{};

  private:
    void add(std::string_view section, std::string_view name, std::int64_t count) {
        report.rows.push_back(summary_row(section, name, count));
        report.text += summary_line(name, count);
    }
    void head(std::string_view heading) { report.text += fmt::format("\n{}\n", heading); }
    void add_statuses() {
        head("What became of them");
        for (std::size_t i = 0; i < status_count; ++i)
            if (const auto count = summary_.statuses()[i]; count != 0)
                add("status", status_name(static_cast<MailStatus>(i)), count);
    }
    void add_volume() {
        std::int64_t highest = 1;
        const auto sum = [](const StatusCounts& counts) {
            std::int64_t whole = 0;
            for (const auto count : counts)
                whole += count;
            return whole;
        };
        for (const auto& part : summary_.volume())
            highest = std::max(highest, sum(part));
        head("Volume");
        for (std::size_t i = 0; i < summary_.volume().size(); ++i) {
            const Instant time = summary_.since() + summary_.part() * static_cast<std::int64_t>(i);
            const auto count = sum(summary_.volume()[i]);
            report.rows.push_back(summary_row("volume", format_rfc3339_seconds(time), count));
            std::string bar;
            for (std::int64_t mark = 0; mark < (count * 40 + highest - 1) / highest; ++mark)
                bar += "█";
            report.text += fmt::format("{:>9}  {} {}\n", count, minute_in_zone(time, time_zone_), bar);
        }
    }
    void add_delays() {
        head("Delay");
        for (std::size_t i = 0; i < delay_names.size(); ++i)
            if (summary_.delays()[i] != 0) add("delay", delay_names[i], summary_.delays()[i]);
    }
    void add_list(MailSummary::List list, std::string_view section, std::string_view heading) {
        const auto names = summary_.top(list, listed_names);
        if (names.empty()) return;
        head(heading);
        for (const auto& [name, count] : names)
            add(section, name, count);
    }
    const MailSummary& summary_;
    std::string time_zone_;
};

Result<TrackFilter> report_filter(const SiteView& view, const TrackReport& request, Instant since) {
    TrackFilter filter;
    filter.since = since;
    if (request.domain) {
        TRY_ASSIGN(auto ranges, addresses_of_domain(view, *request.domain));
        filter.either.push_back(std::move(ranges));
    }
    if (request.user) {
        TRY_ASSIGN(auto ranges, addresses_named(*request.user));
        filter.either.push_back(std::move(ranges));
    }
    TRY_ASSIGN(auto own, addresses_of_role(view));
    if (own) filter.either.push_back(std::move(*own));
    return filter;
}

Result<MailSummary> summarize(TrackStore& store, const TrackFilter& filter, Instant until) {
    MailSummary summary(*filter.since, until);
    TRY(for_each_message_since(store, *filter.since, [&](const Story& story) -> Status {
        for (const auto& row : story.rows()) {
            TrackFilter with_queued = filter;
            if (row.status == MailStatus::queued) with_queued.status = MailStatus::queued;
            if (!passes(with_queued, story, row)) continue;
            const auto word = last_word(story, row);
            summary.add(row, story.sender(), story.size(), word.remote_host, word.answer, word.delay);
        }
        return {};
    }));
    return summary;
}

} // namespace

Result<Report> report_track(const World& world, const TrackReport& request) {
    const Instant now = world.clock();
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto since, read_time(request.since.value_or("1d"), now, DayPart::beginning));
    TRY_ASSIGN(const auto filter, report_filter(view, request, since));
    TRY_ASSIGN(const auto store, TrackStore::open_to_read(view.paths().track));
    TRY_ASSIGN(const auto summary, summarize(*store, filter, now + std::chrono::microseconds(1)));
    auto report = SummaryReport(summary, view.site().time_zone).report;
    if (!request.html) return report;
    const auto about = request.domain.value_or(request.user.value_or(view.site().hostname.text()));
    const auto page = compose_summary_page(summary, about, now);
    if (*request.html == "-") {
        report.layout = Layout::text;
        report.text = page;
        return report;
    }
    TRY(replace_file(*request.html, page, FileMode{0640, {}}));
    report.notes.push_back(fmt::format("wrote '{}'", *request.html));
    return report;
}

} // namespace mailctl
