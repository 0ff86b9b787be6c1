// SPDX-License-Identifier: Apache-2.0
// One function per kind of line. The last parenthesis of an attempt is taken to the end of the line: the text of the
// other host in it may hold brackets, commas and any byte.
#include "mailctl/exchange/logs/postfix_event.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mailctl {
namespace {

constexpr auto npos = std::string_view::npos;

template <class Number>
bool read_number(std::string_view text, Number& out) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    return problem == std::errc{} && end == text.data() + text.size();
}

bool skip(std::string_view& rest, std::string_view prefix) {
    if (!rest.starts_with(prefix)) return false;
    rest.remove_prefix(prefix.size());
    return true;
}

// Of a quoted local part at the beginning, with its quotes; 0 = there is none.
std::size_t quoted_length(std::string_view text) {
    if (!text.starts_with('"')) return 0;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '"') return at + 1;
        if (text[at] == '\\') ++at;
    }
    return 0;
}

// The address behind "from=<" or "to=<", which may hold '>' itself in a quoted local part; `rest` goes on behind '>'.
std::optional<std::string_view> take_bracketed(std::string_view& rest) {
    for (std::size_t end = rest.find('>', quoted_length(rest)); end != npos; end = rest.find('>', end + 1)) {
        if (end + 1 < rest.size() && rest[end + 1] != ' ' && rest[end + 1] != ',' && rest[end + 1] != ':') continue;
        const auto address = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        return address;
    }
    return std::nullopt;
}

// The value up to ", " or the end.
std::string_view take_value(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(", "), rest.size());
    const auto value = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    return value;
}

std::string_view value_behind(std::string_view text, std::string_view key) {
    const std::size_t at = text.find(key);
    if (at == npos) return {};
    auto rest = text.substr(at + key.size());
    const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
    return rest.substr(0, end);
}

Reading read_client(std::string_view rest, PostfixEvent& event) {
    event.kind = EventKind::accepted;
    event.client = take_value(rest);
    while (!rest.empty()) {
        auto pair = take_value(rest);
        if (skip(pair, "sasl_username=")) event.login = pair;
        if (skip(pair, "orig_queue_id=")) event.other_id = pair;
    }
    return Reading::event;
}

Reading read_pickup(std::string_view rest, PostfixEvent& event) {
    event.kind = EventKind::accepted;
    std::uint32_t uid = 0;
    if (!read_number(rest.substr(0, rest.find(' ')), uid)) return Reading::broken;
    event.uid = uid;
    const std::size_t from = rest.find(" from=<");
    if (from == npos) return Reading::broken;
    rest.remove_prefix(from + 7);
    event.sender = take_bracketed(rest);
    if (!event.sender) return Reading::broken;
    event.other_id = value_behind(rest, " orig_id=");
    return Reading::event;
}

Reading read_manager(std::string_view rest, PostfixEvent& event) {
    event.sender = take_bracketed(rest);
    if (!event.sender || !skip(rest, ", ")) return Reading::broken;
    if (rest.starts_with("status=")) {
        event.kind = EventKind::expired;
        return rest.find("expired") == npos ? Reading::broken : Reading::event;
    }
    event.kind = EventKind::queued;
    if (!skip(rest, "size=") || !read_number(take_value(rest), event.size)) return Reading::broken;
    if (!skip(rest, "nrcpt=")) return Reading::broken;
    return read_number(rest.substr(0, rest.find(' ')), event.recipients) ? Reading::event : Reading::broken;
}

bool is_loopback(std::string_view relay) { return relay.find("[127.") != npos || relay.find("[::1]") != npos; }

// "250 2.0.0 Ok: queued as 4F2A81C" of a second Postfix, or local(8)'s "forwarded as 4F2A81C".
std::string_view id_behind(std::string_view answer, std::string_view words) {
    const std::size_t at = answer.rfind(words);
    if (at == npos) return {};
    auto id = answer.substr(at + words.size());
    id = id.substr(0, id.find_first_of(" )\r\n;,"));
    return is_queue_id(id) ? id : std::string_view{};
}

void find_next_hop(std::string_view service, PostfixEvent& event) {
    if (event.attempt != Attempt::sent) return;
    const bool by_net = service == "smtp" || service == "lmtp";
    if (by_net && is_loopback(event.relay)) {
        event.other_id = id_behind(event.answer, "queued as ");
        event.goes_on = true;
    } else if (service == "local") {
        event.other_id = id_behind(event.answer, "forwarded as ");
        event.goes_on = !event.other_id.empty();
    } else if (service == "pipe") {
        event.goes_on = true;
    }
}

bool read_attempt_word(std::string_view word, PostfixEvent& event) {
    if (word == "sent")
        event.attempt = Attempt::sent;
    else if (word == "deferred" || word == "SOFTBOUNCE")
        event.attempt = Attempt::deferred;
    else if (word == "bounced")
        event.attempt = Attempt::bounced;
    else if (word == "deliverable" || word == "undeliverable")
        event.attempt = Attempt::probed;
    else
        return false;
    return true;
}

Reading read_attempt(std::string_view service, std::string_view rest, PostfixEvent& event) {
    event.kind = EventKind::tried;
    event.recipient = take_bracketed(rest);
    if (!event.recipient || !skip(rest, ", ")) return Reading::broken;
    if (skip(rest, "orig_to=<")) {
        event.original = take_bracketed(rest);
        if (!event.original || !skip(rest, ", ")) return Reading::broken;
    }
    while (!rest.starts_with("status=")) {
        if (rest.empty()) return Reading::broken;
        auto pair = take_value(rest);
        if (skip(pair, "relay=")) event.relay = pair;
        if (skip(pair, "delay=")) event.delay = pair;
    }
    rest.remove_prefix(7);
    const std::size_t space = std::min(rest.find(' '), rest.size());
    if (!read_attempt_word(rest.substr(0, space), event)) return Reading::broken;
    rest.remove_prefix(space);
    if (skip(rest, " (")) event.answer = rest.substr(0, rest.ends_with(')') ? rest.size() - 1 : rest.size());
    find_next_hop(service, event);
    return Reading::event;
}

// The part of a verdict that names the envelope, " from=<...> to=<...> proto=... helo=<...>", with or without commas.
void read_verdict_envelope(std::string_view rest, PostfixEvent& event) {
    for (const std::string_view key : {"from=<", "to=<"}) {
        while (rest.starts_with(' ') || rest.starts_with(','))
            rest.remove_prefix(1);
        if (!skip(rest, key)) continue;
        (key.starts_with('f') ? event.sender : event.recipient) = take_bracketed(rest);
    }
    event.login = value_behind(rest, "sasl_username=");
    // cleanup says its own words behind the envelope: "helo=<h>: 5.7.1 message content rejected"
    if (const std::size_t own = rest.rfind(">: "); own != npos && event.answer.empty())
        event.answer = rest.substr(own + 3);
}

// "RCPT from h[ip]: 554 5.7.1 <t>: Relay access denied; from=<f> to=<t> proto=ESMTP helo=<h>"
void read_verdict(std::string_view rest, PostfixEvent& event) {
    constexpr std::array<std::string_view, 3> envelope_begins{"; from=<", "; to=<", "; proto="};
    std::size_t end = npos;
    for (const auto begin : envelope_begins)
        end = std::min(end, rest.find(begin));
    auto head = rest.substr(0, end);
    if (const std::size_t from = head.find(" from "); from != npos) {
        auto client = head.substr(from + 6);
        const std::size_t colon = client.find(": ");
        if (colon != npos) event.answer = client.substr(colon + 2);
        event.client = client.substr(0, colon);
    } else if (const std::size_t colon = head.find(": "); colon != npos) {
        event.answer = head.substr(colon + 2);
    }
    if (end != npos) read_verdict_envelope(rest.substr(end + 1), event);
    if (event.answer.empty()) event.answer = head;
}

struct VerdictWord {
    std::string_view word;
    EventKind kind;
};
constexpr std::array<VerdictWord, 8> verdict_words{{{"reject: ", EventKind::refused},
                                                    {"milter-reject: ", EventKind::refused},
                                                    {"proxy-reject: ", EventKind::refused},
                                                    {"discard: ", EventKind::discarded},
                                                    {"milter-discard: ", EventKind::discarded},
                                                    {"hold: ", EventKind::kept},
                                                    {"milter-hold: ", EventKind::kept},
                                                    {"quarantine: ", EventKind::kept}}};

Reading read_verdict_or_remark(std::string_view text, PostfixEvent& event) {
    for (const auto& [word, kind] : verdict_words) {
        auto rest = text;
        if (!skip(rest, word)) continue;
        event.kind = kind;
        read_verdict(rest, event);
        return Reading::event;
    }
    event.kind = EventKind::remark;
    return event.id.empty() ? Reading::nothing : Reading::event;
}

Reading read_of_superuser(std::string_view text, PostfixEvent& event) {
    if (text == "removed") event.kind = EventKind::deleted;
    if (text == "requeued") event.kind = EventKind::requeued;
    if (text == "placed on hold") event.kind = EventKind::held;
    if (text.starts_with("released")) event.kind = EventKind::released;
    return Reading::event;
}

Reading read_of_bounce(std::string_view text, PostfixEvent& event) {
    const std::size_t at = text.find(" notification: ");
    if (at == npos) return Reading::event;
    event.kind = EventKind::notified;
    event.other_id = text.substr(at + 15);
    return is_queue_id(event.other_id) ? Reading::event : Reading::broken;
}

Reading read_of_cleanup(std::string_view text, PostfixEvent& event) {
    auto rest = text;
    if (skip(rest, "message-id=") || skip(rest, "resent-message-id=")) {
        event.kind = EventKind::identified;
        event.message_id = rest;
        return Reading::event;
    }
    if (text == "canceled") {
        event.kind = EventKind::removed;
        return Reading::event;
    }
    return read_verdict_or_remark(text, event);
}

Reading read_by_service(std::string_view service, std::string_view text, PostfixEvent& event) {
    auto rest = text;
    if (skip(rest, "to=<")) return read_attempt(service, rest, event);
    if (service == "qmgr" || service == "oqmgr") {
        if (skip(rest, "from=<")) return read_manager(rest, event);
        if (text == "removed") event.kind = EventKind::removed;
        return Reading::event;
    }
    if (service == "cleanup") return read_of_cleanup(text, event);
    if (service == "pickup") return skip(rest, "uid=") ? read_pickup(rest, event) : Reading::event;
    if (service == "bounce") return read_of_bounce(text, event);
    if (service == "postsuper") return read_of_superuser(text, event);
    if (skip(rest, "client=")) return read_client(rest, event);
    return read_verdict_or_remark(text, event);
}

constexpr bool is_base52(char c) {
    constexpr std::string_view vowels = "AEIOUaeiou";
    return (c >= '0' && c <= '9') || (((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) && vowels.find(c) == npos);
}
constexpr bool is_short_id_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

} // namespace

bool is_queue_id(std::string_view text) {
    constexpr std::size_t shortest = 6, shortest_long = 10, longest = 64;
    if (text.size() < shortest || text.size() > longest) return false;
    return std::ranges::all_of(text, is_short_id_digit) ||
           (text.size() >= shortest_long && std::ranges::all_of(text, is_base52));
}

bool is_postfix_service(std::string_view service) {
    constexpr auto names = std::to_array<std::string_view>(
        {"smtpd",           "cleanup", "qmgr",      "oqmgr",      "smtp",     "lmtp",
         "local",           "virtual", "pipe",      "bounce",     "error",    "retry",
         "discard",         "pickup",  "postsuper", "postscreen", "relay",    "defer",
         "trace",           "anvil",   "scache",    "verify",     "dnsblog",  "tlsproxy",
         "tlsmgr",          "master",  "proxymap",  "postlogd",   "postlog",  "postfix-script",
         "trivial-rewrite", "flush",   "showq",     "sendmail",   "postdrop", "postqueue",
         "nqmgr",           "spawn",   "qmqpd",     "postcat",    "postmap",  "postalias",
         "smtp-source"});
    return std::ranges::find(names, service) != names.end();
}

Reading read_postfix_event(std::string_view service, std::string_view text, PostfixEvent& event) {
    event = {};
    const std::size_t colon = text.find(": ");
    if (colon == npos) return Reading::nothing;
    const auto id = text.substr(0, colon);
    event.text = text.substr(colon + 2);
    if (id == "NOQUEUE") {
        const auto reading = read_verdict_or_remark(event.text, event);
        // nobody's mail: a connection that was not let in, or a policy's remark
        return event.sender || event.recipient ? reading : Reading::nothing;
    }
    if (!is_queue_id(id)) return Reading::nothing;
    event.id = id;
    return read_by_service(service, event.text, event);
}

} // namespace mailctl
