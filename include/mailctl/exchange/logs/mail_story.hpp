// SPDX-License-Identifier: Apache-2.0
// The story of one message in one queue: its lines of the log, and what they say when read in order. What is known is a
// function of the lines and of two facts about its neighbours, so that a story kept as its lines goes on where it
// stopped.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/exchange/logs/postfix_event.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mailctl {

enum class MailStatus : std::uint8_t {
    queued,
    deferred,
    sent,
    bounced,
    expired,
    rejected,
    held,
    discarded,
    filtered,
    delivered,
    passed_on // seen again under another id: that row tells the rest
};
[[nodiscard]] std::string_view status_name(MailStatus status);
[[nodiscard]] std::optional<MailStatus> find_status(std::string_view name); // not passed_on

struct StoryLine {
    Instant time;
    std::string_view service, text; // text: behind the queue id
};

// One message for one recipient.
struct MailRow {
    Instant time; // of the last that was heard of it
    std::string_view recipient, original;
    bool has_recipient = false;
    MailStatus status = MailStatus::queued;
    unsigned attempts = 0;
    std::size_t line = 0; // where in lines() the last word stands; npos: nowhere
};

class Story {
  public:
    Story(std::string on_host, std::string of_instance, std::string queue_id)
        : host(std::move(on_host)), instance(std::move(of_instance)), id(std::move(queue_id)) {}

    // As one that was made just now; the memory of its lines is kept.
    void start_anew(std::string_view on_host, std::string_view of_instance, std::string_view queue_id);

    std::string host, instance, id; // id "" = refused before it had one
    std::uint64_t number = 0;       // ours, in the order of their first lines
    std::uint64_t parent = 0;       // the story this one goes on from: a filter, a requeue, a forward; 0 = none
    bool passed_on = false;         // another story goes on from this one with the same mail
    bool superseded = false;        // its id was given to another message before it was seen to leave

    // `event` is what read_postfix_event made of the line.
    void add(Instant time, std::string_view service, const PostfixEvent& event);
    // The same from lines() of an earlier time. False: they are damaged.
    [[nodiscard]] bool replay(std::string_view lines);
    [[nodiscard]] const std::string& lines() const { return lines_; }
    void for_each_line(const std::function<void(const StoryLine&)>& use) const;
    [[nodiscard]] std::optional<StoryLine> line_at(std::size_t at) const;
    [[nodiscard]] bool has_line(Instant time, std::string_view service, std::string_view text) const;

    [[nodiscard]] Instant first() const { return first_; }
    [[nodiscard]] Instant last() const { return last_; }
    [[nodiscard]] const std::string& message_id() const { return message_id_; } // without < >
    [[nodiscard]] const std::string& sender() const { return sender_; }
    [[nodiscard]] bool has_sender() const { return has_sender_; }
    [[nodiscard]] const std::string& client() const { return client_; }
    [[nodiscard]] const std::string& login() const { return login_; } // SASL
    [[nodiscard]] std::optional<std::uint32_t> uid() const { return uid_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] std::uint32_t recipients() const; // as the queue manager counts them, at least those seen
    [[nodiscard]] bool is_closed() const { return closed_ || superseded || id.empty(); }
    [[nodiscard]] bool was_accepted() const { return accepted_; } // its first line is there
    [[nodiscard]] bool is_active() const { return active_; }      // the queue manager has it
    [[nodiscard]] bool is_local() const; // came by sendmail(1) or from this machine's own network address
    [[nodiscard]] std::vector<MailRow> rows() const;

  private:
    struct Delivery {
        std::string recipient, original;
        Attempt attempt = Attempt::deferred;
        std::optional<MailStatus> settled; // by a verdict or the service
        bool expected = false;             // named by a hold, not tried yet
        bool goes_on = false, has_next_id = false;
        unsigned attempts = 0;
        Instant time;
        std::size_t line = 0;
    };
    void apply(Instant time, std::string_view service, const PostfixEvent& event, std::size_t line);
    void apply_attempt(Instant time, std::string_view service, const PostfixEvent& event, std::size_t line);
    void apply_verdict(Instant time, const PostfixEvent& event, std::size_t line);
    Delivery& delivery_of(std::string_view recipient, std::string_view original);
    [[nodiscard]] MailStatus status_of(const Delivery& delivery) const;
    [[nodiscard]] std::optional<MailStatus> status_without_recipient() const;

    std::string lines_;
    Instant first_{}, last_{}, changed_{}; // changed_: by an event about the message as a whole
    std::string message_id_, sender_, client_, login_;
    std::optional<std::uint32_t> uid_;
    std::uint64_t size_ = 0;
    std::uint32_t recipients_ = 0;
    bool has_sender_ = false, accepted_ = false, active_ = false, held_ = false, closed_ = false, deleted_ = false,
         expired_ = false, requeued_ = false;
    std::vector<Delivery> deliveries_;
    std::unordered_map<std::string, std::size_t> places_; // of the recipients, once there are many
};

// "<a@b>" or "a@b" as a message id without its brackets.
[[nodiscard]] std::string_view bare_message_id(std::string_view text);

} // namespace mailctl
