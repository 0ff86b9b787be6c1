// SPDX-License-Identifier: Apache-2.0
// Attachments first, because they cost nothing to undo; then reserve, send, confirm. A failed send releases.
#include "answering.hpp"

#include "mailctl/os/digest.hpp"
#include "mailctl/store/answers.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::uint64_t max_attachments = 25 << 20; // bytes of all of them

Result<std::vector<Attachment>> load_attachments(const std::vector<std::string>& names, const std::string& directory) {
    std::vector<Attachment> attachments;
    std::uint64_t total = 0;
    for (const auto& name : names) {
        if (name.find('/') != name.npos || name == "..")
            return fail(ErrorKind::invalid, fmt::format("'{}' is not a plain file name", name));
        const auto path = fmt::format("{}/{}", directory, name);
        TRY_ASSIGN(const auto stamp, find_stamp(path));
        total += stamp ? stamp->size : 0;
        if (total > max_attachments)
            return fail(ErrorKind::invalid, fmt::format("with '{}' the attachments exceed 25 MiB", path));
        TRY_ASSIGN(auto bytes, load_file(path));
        attachments.push_back({name, std::string(media_type_of(name)), std::move(bytes)});
    }
    return attachments;
}

// What makes a text another one: its words, not its dates.
std::string hash_of(const ResponderEntry& text) {
    std::string all;
    const auto add = [&](const std::string& part) { all.append(part).append(1, '\0'); };
    for (const auto* part : {&text.from, &text.subject, &text.message, &text.html})
        add(*part);
    for (const auto& name : text.attach)
        add(name);
    return digest(all);
}

NamedAddress from_of(const DueAnswer& due) {
    if (!due.text.from.empty())
        if (auto from = parse_named_address(due.text.from)) return std::move(*from);
    return {due.text.name, due.responder};
}

std::string compose(const DueAnswer& due, std::vector<Attachment> attachments) {
    const bool is_robot = due.text.kind == ResponderEntry::Kind::robot;
    return compose_answer({.from = from_of(due),
                           .responder = due.responder,
                           .to = due.to,
                           .subject = due.text.subject,
                           .text = due.text.message,
                           .html = due.text.html,
                           .attachments = std::move(attachments),
                           .kind = is_robot ? Answer::Kind::robot : Answer::Kind::absence,
                           .when = due.entry.time,
                           .id = due.id},
                          due.mail);
}

std::string_view reason(AnswerTurn turn) {
    switch (turn) {
    case AnswerTurn::reserved:
        break;
    case AnswerTurn::answered:
        return "this sender was answered before";
    case AnswerTurn::day_is_full:
        return "replies.per_day is reached";
    case AnswerTurn::domain_is_full:
        return "replies.per_day_and_domain is reached";
    }
    return "";
}

// "" when it was sent; a refusal for good counts as sent: trying again with each mail would help nobody.
std::string submit(const DueAnswer& due, const std::string& text, const AnswerKey& key,
                   const AnswerServices& services) {
    const Submission submission{.sender = {},
                                .targets = {due.to},
                                .smtputf8 = !due.to.is_ascii() || !due.responder.is_ascii(),
                                .never_notify = true};
    const MessageContent nothing({});
    const auto refused = services.mailer.submit(submission, {text, nothing, 0});
    if (!refused) {
        (void)release_answer(services.state, key, due.entry.time); // if that fails too, the sender goes without
        return refused.error().what;
    }
    (void)confirm_answer(services.state, key); // unconfirmed counts as sent as well
    if (refused->empty()) return {};
    const auto& refusal = refused->front();
    return fmt::format("the next hop refused it: {} {} {}", refusal.code, refusal.enhanced, refusal.text);
}

std::string try_to_send(const DueAnswer& due, const AnswerServices& services) {
    auto attachments = load_attachments(due.text.attach, services.attachments);
    if (!attachments) return attachments.error().what;
    const AnswerKey key{due.responder.key(), sender_key(due.to), hash_of(due.text)};
    const auto& replies = services.site.replies;
    const auto turn =
        reserve_answer(services.state, key,
                       {.every = due.text.every, .per_day = replies.per_day, .per_domain = replies.per_day_and_domain},
                       due.entry.time);
    if (!turn) return turn.error().what;
    if (*turn != AnswerTurn::reserved) return std::string(reason(*turn));
    return submit(due, compose(due, std::move(*attachments)), key, services);
}

} // namespace

JournalEntry send_answer(const DueAnswer& due, const AnswerServices& services) {
    auto entry = due.entry;
    entry.why = try_to_send(due, services);
    entry.result = entry.why.empty() ? "answered" : "not answered";
    if (entry.why.empty()) entry.why = fmt::format("reply to {}", due.to.text());
    return entry;
}

} // namespace mailctl
