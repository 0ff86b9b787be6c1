// SPDX-License-Identifier: Apache-2.0
// `track search` and `track top`.
#include "mailctl/admin/care/track.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/process.hpp"
#include "track_rows.hpp"
#include "track_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {
namespace {

Result<TrackFilter> filter_of(const SiteView& view, const TrackSearch& search, Instant now) {
    TrackFilter filter;
    filter.limit = search.limit;
    if (search.from) {
        TRY_ASSIGN(filter.from, addresses_named(*search.from));
    }
    if (search.to) {
        TRY_ASSIGN(filter.to, addresses_reaching(view, *search.to));
    }
    if (search.domain) {
        TRY_ASSIGN(auto ranges, addresses_of_domain(view, *search.domain));
        filter.either.push_back(std::move(ranges));
    }
    TRY_ASSIGN(auto own, addresses_of_role(view));
    if (own) filter.either.push_back(std::move(*own));
    if (search.status) {
        TRY_ASSIGN(filter.status, read_status(*search.status));
    }
    if (search.since) {
        TRY_ASSIGN(filter.since, read_time(*search.since, now, DayPart::beginning));
    }
    if (search.until) {
        TRY_ASSIGN(filter.until, read_time(*search.until, now, DayPart::end));
    }
    return filter;
}

// The stories that go by an id, and all that came of them.
Status add_id_rows(TrackStore& store, const TrackFilter& filter, Story story, std::set<std::uint64_t>& seen,
                   std::vector<Cells>& rows) {
    if (!seen.insert(story.number).second) return {};
    const auto number = story.number;
    TRY_ASSIGN(const auto ancestry, ancestry_of(store, std::move(story)));
    for (const auto& row : ancestry.front().rows())
        if (passes(filter, ancestry.front(), row)) rows.push_back(delivery_cells(ancestry, row));
    TRY_ASSIGN(auto children, store.children_of(number));
    for (auto& child : children) {
        TRY(add_id_rows(store, filter, std::move(child), seen, rows));
    }
    return {};
}

Instant time_of(const Cells& row) { return std::get<Instant>(row[3].value); }

Result<std::vector<Cells>> rows_with_id(TrackStore& store, const TrackFilter& filter, const std::string& id) {
    std::vector<Cells> rows;
    std::set<std::uint64_t> seen;
    TRY_ASSIGN(auto stories, store.with_any_id(id));
    for (auto& story : stories) {
        TRY(add_id_rows(store, filter, std::move(story), seen, rows));
    }
    std::ranges::stable_sort(rows, [](const Cells& a, const Cells& b) { return time_of(a) > time_of(b); });
    if (filter.limit != 0 && rows.size() > filter.limit) rows.resize(filter.limit);
    return rows;
}

Result<std::vector<Cells>> rows_found(TrackStore& store, const TrackFilter& filter) {
    std::vector<Cells> rows;
    TRY(search_track(store, filter, [&](const FoundRow& found) -> Status {
        TRY_ASSIGN(auto story, store.find_story(found.message));
        if (!story) return {};
        TRY_ASSIGN(const auto ancestry, ancestry_of(store, std::move(*story)));
        const auto all = ancestry.front().rows();
        if (found.row < all.size()) rows.push_back(delivery_cells(ancestry, all[found.row]));
        return {};
    }));
    return rows;
}

// Who sent a message from here: the name that logged in, else the local user; "" = it came from outside.
struct Submitter {
    std::string login;
    std::optional<std::uint32_t> uid;
    auto operator<=>(const Submitter&) const = default;
};
struct Sent {
    std::int64_t messages = 0, recipients = 0;
};

// The name of a local user, as /etc/nsswitch.conf has it looked up.
std::string name_of_user(std::uint32_t uid) {
    const auto answer = run({"getent", "passwd", fmt::format("{}", uid)});
    const auto name =
        answer && answer->status == 0 ? answer->output.substr(0, answer->output.find(':')) : std::string();
    return name.empty() ? fmt::format("uid {}", uid) : name;
}

std::optional<Submitter> submitter_of(const Story& story) {
    if (story.id.empty()) return std::nullopt; // refused
    if (!story.login().empty()) return Submitter{fold(story.login()), {}};
    if (story.uid() && story.parent == 0) return Submitter{{}, story.uid()}; // a filter's and a forward's were counted
    return std::nullopt;
}

bool is_own_story(const std::optional<std::vector<AddressRange>>& own, const Story& story) {
    return !own || holds_any(*own, story.login().empty() ? story.sender() : story.login());
}

} // namespace

Result<Report> search_track(const World& world, const TrackSearch& search) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto filter, filter_of(view, search, world.clock()));
    TRY_ASSIGN(const auto store, TrackStore::open_to_read(view.paths().track));
    Report report{.type = "delivery", .layout = Layout::table, .rows = {}, .text = {}, .notes = {}};
    if (search.id) {
        TRY_ASSIGN(report.rows, rows_with_id(*store, filter, *search.id));
    } else {
        TRY_ASSIGN(report.rows, rows_found(*store, filter));
    }
    return report;
}

Result<Report> top_track(const World& world, const TrackTop& top) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto since, read_time(top.since.value_or("1h"), world.clock(), DayPart::beginning));
    TRY_ASSIGN(const auto own, addresses_of_role(view));
    TRY_ASSIGN(const auto store, TrackStore::open_to_read(view.paths().track));
    std::map<Submitter, Sent> senders;
    TRY(for_each_message_since(*store, since, [&](const Story& story) -> Status {
        const auto submitter = submitter_of(story);
        if (!submitter || story.first() < since || !is_own_story(own, story)) return {};
        auto& sent = senders[*submitter];
        ++sent.messages;
        sent.recipients += story.recipients();
        return {};
    }));
    std::vector<std::pair<Submitter, Sent>> order(senders.begin(), senders.end());
    std::ranges::stable_sort(order, std::greater<>(), [](const auto& each) { return each.second.recipients; });
    Report report{.type = "sender", .layout = Layout::table, .rows = {}, .text = {}, .notes = {}};
    for (const auto& [submitter, sent] : order) {
        if (top.over && sent.recipients <= static_cast<std::int64_t>(*top.over)) break;
        report.rows.push_back(
            {{.key = "address", .value = submitter.uid ? name_of_user(*submitter.uid) : submitter.login},
             {.key = "messages", .value = sent.messages},
             {.key = "recipients", .value = sent.recipients}});
    }
    if (top.over && !report.rows.empty()) report.status = exit_code(ErrorKind::found);
    return report;
}

} // namespace mailctl
