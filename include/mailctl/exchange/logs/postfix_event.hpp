// SPDX-License-Identifier: Apache-2.0
// What a line of a Postfix daemon says, Postfix 3.7 to 3.11. Made for hostile text: addresses, HELO names and answers
// of other hosts stand in these lines. Nothing is trusted to be where it is but what Postfix itself writes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mailctl {

enum class EventKind {
    accepted,   // a message came: smtpd's client=, pickup's uid=
    identified, // cleanup's message-id=
    queued,     // qmgr's from=, size=, nrcpt=
    expired,    // qmgr's from=, status=expired
    tried,      // an attempt to deliver to one recipient
    removed,    // gone from the queue
    deleted,    // by postsuper -d
    requeued,   // by postsuper -r: it comes again under another id
    held,       // postsuper -h
    released,   // postsuper -H
    notified,   // bounce wrote a message about it
    refused,    // reject, milter-reject, proxy-reject
    discarded,  // by an access table, a header check or a milter
    kept,       // hold, the same
    remark,     // anything else about a message
};
enum class Attempt { sent, deferred, bounced, probed }; // probed: address verification, no mail

struct PostfixEvent { // views of the line
    EventKind kind = EventKind::remark;
    std::string_view id;   // "" = NOQUEUE
    std::string_view text; // what follows the id
    std::string_view client, login;
    std::optional<std::uint32_t> uid;
    std::string_view message_id;
    std::optional<std::string_view> sender, recipient, original; // without the angle brackets; "" = the null sender
    std::uint64_t size = 0;
    std::uint32_t recipients = 0; // nrcpt=
    Attempt attempt = Attempt::sent;
    std::string_view relay, delay, answer;
    // accepted: the id that the message had before. tried: the one it got from a filter or by local forwarding.
    // notified: that of the notification.
    std::string_view other_id;
    bool goes_on = false; // tried: accepted by something on this machine that gives the message back
};

enum class Reading { event, nothing, broken }; // nothing: about no message. broken: begins like an event and is none.
[[nodiscard]] Reading read_postfix_event(std::string_view service, std::string_view text, PostfixEvent& event);
[[nodiscard]] bool is_postfix_service(std::string_view service);
[[nodiscard]] bool is_queue_id(std::string_view text); // short or long

} // namespace mailctl
