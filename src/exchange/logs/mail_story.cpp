// SPDX-License-Identifier: Apache-2.0
// A line is kept as: microseconds since the line before (zigzag, base 128), service, text; the last two with their
// lengths in front. Postfix services have a number instead of a name.
#include "mailctl/exchange/logs/mail_story.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr auto status_names =
    std::to_array<std::string_view>({"queued", "deferred", "sent", "bounced", "expired", "rejected", "held",
                                     "discarded", "filtered", "delivered", "passed on"});
// Never reordered: kept lines refer to them. 0 = spelled out.
constexpr auto line_services =
    std::to_array<std::string_view>({"", "smtpd", "cleanup", "qmgr", "smtp", "lmtp", "local", "virtual", "pipe",
                                     "bounce", "error", "discard", "pickup", "postsuper", "postscreen"});
// Beyond this a story takes no more lines: one message with so many attempts has told what there is to tell.
constexpr std::size_t most_text = std::size_t{8} << 20;
constexpr std::size_t many_recipients = 32;

void put_number(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
}

std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

class LineReader {
  public:
    explicit LineReader(std::string_view bytes) : bytes_(bytes) {}
    [[nodiscard]] bool at_end() const { return at_ >= bytes_.size(); }
    [[nodiscard]] std::size_t at() const { return at_; }
    std::optional<StoryLine> next() {
        StoryLine line;
        std::uint64_t step = 0, service = 0;
        if (!number(step) || !number(service) || service >= line_services.size()) return std::nullopt;
        std::int64_t moment = 0;
        if (__builtin_add_overflow(time_.time_since_epoch().count(), unzigzag(step), &moment)) return std::nullopt;
        line.time = time_ = Instant(std::chrono::microseconds(moment));
        line.service = line_services[service];
        if (service == 0 && !text(line.service)) return std::nullopt;
        if (!text(line.text)) return std::nullopt;
        return line;
    }

  private:
    bool number(std::uint64_t& value) {
        value = 0;
        for (unsigned shift = 0; at_ < bytes_.size() && shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(bytes_[at_++]);
            value |= std::uint64_t{byte & 0x7Fu} << shift;
            if (byte < 0x80) return true;
        }
        return false;
    }
    bool text(std::string_view& out) {
        std::uint64_t size = 0;
        if (!number(size) || size > bytes_.size() - at_) return false;
        out = bytes_.substr(at_, size);
        at_ += size;
        return true;
    }
    std::string_view bytes_;
    std::size_t at_ = 0;
    Instant time_{};
};

bool is_agent(std::string_view service, const PostfixEvent& event) {
    if (service == "pipe") return event.relay == "mailctl";
    if (service != "lmtp") return false;
    const std::size_t bracket = event.relay.find('[');
    const auto socket = bracket == std::string_view::npos ? std::string_view{} : event.relay.substr(bracket + 1);
    if (socket.find("mailctl") != std::string_view::npos || socket.ends_with("/lmtp.sock]")) return true;
    // by its words, where it listens on a port: "250 2.0.0 <paul@one.example> ID saved"
    return event.answer.starts_with("250 2.0.0 <") &&
           (event.answer.ends_with(" saved") || event.answer.ends_with(" forwarded"));
}

} // namespace

std::string_view status_name(MailStatus status) { return status_names[static_cast<std::size_t>(status)]; }

std::optional<MailStatus> find_status(std::string_view name) {
    const auto found = std::ranges::find(status_names, name);
    if (found == status_names.end() || name == status_name(MailStatus::passed_on)) return std::nullopt;
    return static_cast<MailStatus>(found - status_names.begin());
}

std::string_view bare_message_id(std::string_view text) {
    while (text.ends_with(' '))
        text.remove_suffix(1);
    if (text.starts_with('<') && text.ends_with('>') && text.size() >= 2) return text.substr(1, text.size() - 2);
    return text;
}

void Story::start_anew(std::string_view on_host, std::string_view of_instance, std::string_view queue_id) {
    constexpr std::size_t worth_keeping = 8192;
    Story fresh{std::string(on_host), std::string(of_instance), std::string(queue_id)};
    if (lines_.capacity() <= worth_keeping) fresh.lines_.swap(lines_);
    fresh.lines_.clear();
    *this = std::move(fresh);
}

void Story::add(Instant time, std::string_view service, const PostfixEvent& event) {
    if (lines_.size() > most_text) return;
    const std::size_t line = lines_.size();
    if (line == 0) lines_.reserve(512);
    put_number(lines_, zigzag((time - (line == 0 ? Instant{} : last_)).count()));
    const auto known = std::find(line_services.begin() + 1, line_services.end(), service);
    put_number(lines_, known == line_services.end() ? 0 : static_cast<std::uint64_t>(known - line_services.begin()));
    if (known == line_services.end()) {
        put_number(lines_, service.size());
        lines_.append(service);
    }
    put_number(lines_, event.text.size());
    lines_.append(event.text);
    apply(time, service, event, line);
}

bool Story::replay(std::string_view lines) {
    LineReader reader(lines);
    lines_.assign(lines);
    while (!reader.at_end()) {
        const std::size_t at = reader.at();
        const auto line = reader.next();
        if (!line) return false;
        PostfixEvent event;
        const std::string whole = (id.empty() ? "NOQUEUE" : id) + ": " + std::string(line->text);
        if (read_postfix_event(line->service, whole, event) != Reading::event) return false;
        apply(line->time, line->service, event, at);
    }
    return true;
}

void Story::for_each_line(const std::function<void(const StoryLine&)>& use) const {
    LineReader reader(lines_);
    while (!reader.at_end()) {
        const auto line = reader.next();
        if (!line) return;
        use(*line);
    }
}

std::optional<StoryLine> Story::line_at(std::size_t at) const {
    LineReader reader(lines_);
    while (!reader.at_end()) {
        const bool is_it = reader.at() == at;
        auto line = reader.next();
        if (!line || is_it) return line;
    }
    return std::nullopt;
}

bool Story::has_line(Instant time, std::string_view service, std::string_view text) const {
    bool found = false;
    for_each_line([&](const StoryLine& line) {
        const auto apart = line.time > time ? line.time - time : time - line.time;
        found = found || (apart <= std::chrono::seconds(1) && line.service == service && line.text == text);
    });
    return found;
}

void Story::apply(Instant time, std::string_view service, const PostfixEvent& event, std::size_t line) {
    if (line == 0) first_ = time;
    last_ = time;
    if (!event.login.empty() && login_.empty()) login_ = event.login;
    switch (event.kind) {
    case EventKind::accepted:
        accepted_ = true;
        client_ = event.client;
        if (event.uid) uid_ = event.uid;
        [[fallthrough]];
    case EventKind::queued:
        if (event.sender) {
            sender_ = *event.sender;
            has_sender_ = true;
        }
        if (event.kind == EventKind::accepted) return;
        active_ = true;
        size_ = event.size;
        recipients_ = std::max(recipients_, event.recipients);
        break;
    case EventKind::identified:
        if (message_id_.empty()) message_id_ = bare_message_id(event.message_id);
        return;
    case EventKind::tried:
        return apply_attempt(time, service, event, line);
    case EventKind::refused:
    case EventKind::discarded:
    case EventKind::kept:
        return apply_verdict(time, event, line);
    case EventKind::expired:
        expired_ = true;
        break;
    case EventKind::deleted:
        deleted_ = true;
        [[fallthrough]];
    case EventKind::removed:
        closed_ = true;
        break;
    case EventKind::requeued:
        requeued_ = closed_ = true;
        break;
    case EventKind::held:
    case EventKind::released:
        held_ = event.kind == EventKind::held;
        break;
    case EventKind::notified:
    case EventKind::remark:
        return;
    }
    changed_ = time;
}

Story::Delivery& Story::delivery_of(std::string_view recipient, std::string_view original) {
    const auto key = [](std::string_view to, std::string_view from) {
        return std::string(to).append(1, '\n').append(from);
    };
    if (deliveries_.size() < many_recipients) {
        for (auto& each : deliveries_)
            if (each.recipient == recipient && each.original == original) return each;
    } else {
        if (places_.empty())
            for (std::size_t i = 0; i < deliveries_.size(); ++i)
                places_.emplace(key(deliveries_[i].recipient, deliveries_[i].original), i);
        const auto [place, is_new] = places_.emplace(key(recipient, original), deliveries_.size());
        if (!is_new) return deliveries_[place->second];
    }
    auto& added = deliveries_.emplace_back();
    added.recipient = recipient;
    added.original = original;
    return added;
}

void Story::apply_attempt(Instant time, std::string_view service, const PostfixEvent& event, std::size_t line) {
    if (event.attempt == Attempt::probed) return;
    if (!deliveries_.empty() && places_.empty() && deliveries_.front().expected)
        std::erase_if(deliveries_, [](const Delivery& each) { return each.expected; });
    auto& delivery = delivery_of(*event.recipient, event.original.value_or(""));
    ++delivery.attempts;
    delivery.attempt = event.attempt;
    delivery.time = time;
    delivery.line = line;
    delivery.settled.reset();
    if (event.attempt != Attempt::sent) return;
    if (service == "discard") delivery.settled = MailStatus::discarded;
    if (is_agent(service, event)) delivery.settled = MailStatus::delivered;
    delivery.goes_on = event.goes_on;
    // a pipe command and local(8) may give the message back or not: only what is seen again is passed on
    delivery.has_next_id = !event.other_id.empty() && service != "local";
}

void Story::apply_verdict(Instant time, const PostfixEvent& event, std::size_t line) {
    if (event.sender && !has_sender_) {
        sender_ = *event.sender;
        has_sender_ = true;
    }
    if (client_.empty()) client_ = event.client;
    if (event.kind == EventKind::kept) {
        held_ = true;
        changed_ = time;
        if (!event.recipient || !deliveries_.empty()) return;
    }
    auto& delivery = delivery_of(event.recipient.value_or(""), "");
    delivery.time = time;
    delivery.line = line;
    delivery.expected = event.kind == EventKind::kept;
    if (event.kind == EventKind::refused) delivery.settled = MailStatus::rejected;
    if (event.kind == EventKind::discarded) delivery.settled = MailStatus::discarded;
}

MailStatus Story::status_of(const Delivery& delivery) const {
    if (delivery.settled) return *delivery.settled;
    switch (delivery.attempt) {
    case Attempt::bounced:
        return MailStatus::bounced;
    case Attempt::sent:
        if (delivery.goes_on && passed_on) return MailStatus::passed_on;
        return delivery.goes_on && delivery.has_next_id ? MailStatus::filtered : MailStatus::sent;
    case Attempt::deferred:
    case Attempt::probed:
        break;
    }
    if (requeued_) return passed_on ? MailStatus::passed_on : MailStatus::deferred; // until pickup takes it
    if (deleted_) return MailStatus::discarded;
    if (expired_) return MailStatus::expired;
    return held_ ? MailStatus::held : MailStatus::deferred;
}

std::optional<MailStatus> Story::status_without_recipient() const {
    if (deleted_) return MailStatus::discarded;
    if (expired_) return MailStatus::expired;
    if (requeued_ && !passed_on) return MailStatus::queued;
    if (is_closed()) return std::nullopt;
    if (held_) return MailStatus::held;
    return active_ ? std::optional(MailStatus::queued) : std::nullopt;
}

std::vector<MailRow> Story::rows() const {
    std::vector<MailRow> rows;
    bool is_told = false;
    for (const auto& delivery : deliveries_) {
        if (delivery.expected && (!held_ || is_closed()) && !deleted_) continue;
        auto& row = rows.emplace_back();
        row.status = status_of(delivery);
        const bool by_message = !delivery.settled && delivery.attempt == Attempt::deferred;
        const bool as_tried = !by_message || row.status == MailStatus::deferred;
        row.time = as_tried ? delivery.time : std::max(delivery.time, changed_);
        row.recipient = delivery.recipient;
        row.original = delivery.original;
        row.has_recipient = !delivery.recipient.empty();
        row.attempts = delivery.attempts;
        row.line = delivery.line;
        is_told = is_told || row.status != MailStatus::rejected;
    }
    // recipients refused while it came say nothing about the message that was taken
    const auto status = is_told ? std::nullopt : status_without_recipient();
    if (status) {
        auto& row = rows.emplace_back();
        row.status = *status;
        row.time = changed_;
        row.line = std::string::npos;
    }
    return rows;
}

std::uint32_t Story::recipients() const {
    return std::max(recipients_, static_cast<std::uint32_t>(deliveries_.size()));
}

bool Story::is_local() const {
    return uid_ || client_.find("[127.") != std::string::npos || client_.find("[::1]") != std::string::npos;
}

} // namespace mailctl
