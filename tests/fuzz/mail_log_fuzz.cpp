// SPDX-License-Identifier: Apache-2.0
// Any bytes as a mail log, line by line. Held to: nothing that is read points outside its line, a story that was kept
// as its lines is told again alike, and a journal or journald line is read or refused, never half.
#include "mailctl/exchange/logs/agent_journal.hpp"
#include "mailctl/exchange/logs/log_clock.hpp"
#include "mailctl/exchange/logs/log_line.hpp"
#include "mailctl/exchange/logs/mail_story.hpp"
#include "mailctl/exchange/logs/mail_summary.hpp"

#include <cstdint>
#include <cstdlib>

using namespace mailctl;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void require_inside(std::string_view part, std::string_view whole) {
    require(part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()));
}

void check_event(std::string_view line, Story& story, Instant time) {
    const auto parts = split_log_line(line);
    if (!parts) return;
    for (const auto part : {parts->stamp, parts->host, parts->program, parts->text})
        require_inside(part, line);
    const auto program = split_program(parts->program);
    PostfixEvent event;
    if (read_postfix_event(program.service, parts->text, event) != Reading::event) return;
    for (const auto part :
         {event.id, event.text, event.client, event.login, event.message_id, event.relay, event.answer, event.other_id})
        require_inside(part, line);
    if (event.recipient) require_inside(*event.recipient, line);
    if (event.sender) require_inside(*event.sender, line);
    if (!event.id.empty()) story.add(time, program.service, event);
    (void)reason_of(event.answer);
}

void check_story(const Story& story) {
    Story again(story.host, story.instance, story.id);
    require(again.replay(story.lines()));
    const auto rows = story.rows(), same = again.rows();
    require(rows.size() == same.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        require(rows[i].recipient == same[i].recipient && rows[i].status == same[i].status &&
                rows[i].time == same[i].time);
    require(story.message_id() == again.message_id() && story.sender() == again.sender());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    Story story("mx1", "postfix", "4F2A81C");
    LogClock clock([](std::chrono::sys_seconds) { return std::chrono::seconds(3600); }, Instant{});
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const auto parts = split_log_line(line);
        const auto time = parts ? clock.read(parts->form, parts->stamp) : std::nullopt;
        check_event(line, story, time.value_or(Instant{}));
        (void)read_journald_line(line);
        (void)read_journal_record(line);
    }
    check_story(story);
    Story any("h", "i", "ABCDEF");
    (void)any.replay({reinterpret_cast<const char*>(data), size});
    return 0;
}
