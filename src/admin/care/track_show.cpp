// SPDX-License-Identifier: Apache-2.0
// `track show`: a message from its first line to its last, under all its ids, with the notification about it.
#include "mailctl/admin/care/track.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/exchange/logs/agent_journal.hpp"
#include "track_rows.hpp"
#include "track_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {
namespace {

struct ToldLine {
    Instant time;
    std::string id, host, program, text;
};

using Own = std::optional<std::vector<AddressRange>>;

// What the role may see of a story: all if it sent it, else what is about its own addresses.
class StorySight {
  public:
    explicit StorySight(const Own& own) : own_(own) {}
    [[nodiscard]] bool sees(std::string_view address) const { return !own_ || holds_any(*own_, address); }
    [[nodiscard]] bool sees_all(const Story& story) const {
        return !own_ || (story.has_sender() && sees(story.sender())) || (!story.login().empty() && sees(story.login()));
    }
    [[nodiscard]] bool sees_some(const Story& story) const {
        return sees_all(story) || std::ranges::any_of(story.rows(), [&](const MailRow& row) {
                   return (row.has_recipient && sees(row.recipient)) || (!row.original.empty() && sees(row.original));
               });
    }
    [[nodiscard]] bool sees(const Story& story, const StoryLine& line) const {
        if (sees_all(story)) return true;
        PostfixEvent event;
        const auto whole = (story.id.empty() ? "NOQUEUE" : story.id) + ": " + std::string(line.text);
        if (read_postfix_event(line.service, whole, event) != Reading::event) return false;
        const auto is_his = [&](const std::optional<std::string_view>& address) { return address && sees(*address); };
        if (event.recipient || event.kind == EventKind::remark)
            return is_his(event.recipient) || is_his(event.original);
        return event.kind != EventKind::queued; // how many got it is the sender's to know
    }
    [[nodiscard]] bool sees(const JournalRecord& record) const {
        return sees(record.sender) || sees(record.recipient) || sees(record.where.substr(0, record.where.find('/')));
    }

  private:
    const Own& own_;
};

class StoryTelling {
  public:
    StoryTelling(TrackStore& store, const StorySight& sight) : store_(store), sight_(sight) {}

    Status tell(Story story) {
        TRY_ASSIGN(auto ancestry, ancestry_of(store_, std::move(story)));
        return tell_with_descendants(std::move(ancestry.back()));
    }
    std::vector<ToldLine> lines;

  private:
    Status tell_with_descendants(Story story) {
        if (!told_.insert(story.number).second) return {};
        if (sight_.sees_some(story)) {
            story.for_each_line([&](const StoryLine& line) { tell_line(story, line); });
            TRY(tell_decisions(story));
        }
        TRY(tell_notifications(story));
        TRY_ASSIGN(auto children, store_.children_of(story.number));
        for (auto& child : children) {
            TRY(tell_with_descendants(std::move(child)));
        }
        return {};
    }
    void tell_line(const Story& story, const StoryLine& line) {
        if (!sight_.sees(story, line)) return;
        lines.push_back({line.time, story.id.empty() ? "NOQUEUE" : story.id, story.host,
                         fmt::format("{}/{}", story.instance, line.service), std::string(line.text)});
    }
    Status tell_decisions(const Story& story) {
        if (story.message_id().empty() || !decided_.insert(story.message_id()).second) return {};
        TRY_ASSIGN(const auto decisions, store_.decisions_about(story.message_id()));
        for (const auto& decision : decisions) {
            const auto record = read_journal_record(decision.line);
            if (!record || !sight_.sees(*record)) continue;
            lines.push_back({record->time, record->id, story.host, std::string(agent_program),
                             fmt::format("to=<{}>, {}{}{}, status {}{}{}", record->recipient, record->result,
                                         record->where.empty() ? "" : " ", record->where, record->status,
                                         record->why.empty() ? "" : ": ", record->why)});
        }
        return {};
    }
    Status tell_notifications(const Story& story) {
        std::vector<std::pair<std::string, Instant>> notifications;
        story.for_each_line([&](const StoryLine& line) {
            PostfixEvent event;
            const auto whole = story.id + ": " + std::string(line.text);
            if (read_postfix_event(line.service, whole, event) == Reading::event && event.kind == EventKind::notified)
                notifications.emplace_back(event.other_id, line.time);
        });
        for (const auto& [id, time] : notifications) {
            TRY_ASSIGN(auto stories, store_.with_id(hash_of_id(story.host, id)));
            for (auto& each : stories) {
                const auto apart = each.first() > time ? each.first() - time : time - each.first();
                if (apart > std::chrono::minutes(10)) continue; // another message of that id
                TRY(tell_with_descendants(std::move(each)));
            }
        }
        return {};
    }
    TrackStore& store_;
    const StorySight& sight_;
    std::set<std::uint64_t> told_;
    std::set<std::string> decided_;
};

Cells cells_of(const ToldLine& line) {
    return {{.key = "id", .value = line.id},
            {.key = "time", .value = line.time},
            {.key = "host", .value = line.host},
            {.key = "program", .value = line.program},
            {.key = "text", .value = line.text}};
}

// A story is one of seconds.
std::string second_in_zone(Instant time, const std::string& time_zone) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{}:{:02}", minute_in_zone(time, time_zone),
                       (seconds - std::chrono::floor<std::chrono::minutes>(seconds)).count());
}

std::string text_of(const ToldLine& line, const std::string& time_zone) {
    return fmt::format("{}  {}  {}: {}\n", second_in_zone(line.time, time_zone), printable(line.program),
                       printable(line.id), printable(line.text));
}

} // namespace

Result<Report> show_track(const World& world, const std::string& id) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto own, addresses_of_role(view));
    TRY_ASSIGN(const auto store, TrackStore::open_to_read(view.paths().track));
    const StorySight sight(own);
    StoryTelling telling(*store, sight);
    TRY_ASSIGN(auto stories, store->with_any_id(id));
    for (auto& story : stories) {
        TRY(telling.tell(std::move(story)));
    }
    if (telling.lines.empty())
        return fail(ErrorKind::missing, fmt::format("no message '{}'", printable(id)),
                    "'mailctl track search' finds ids; 'mailctl track update' reads what is new");
    std::ranges::stable_sort(telling.lines, {}, &ToldLine::time);
    Report report{.type = "track_line", .layout = Layout::story, .rows = {}, .text = {}, .notes = {}};
    for (const auto& line : telling.lines) {
        report.rows.push_back(cells_of(line));
        report.text += text_of(line, view.site().time_zone);
    }
    return report;
}

} // namespace mailctl
