// SPDX-License-Identifier: Apache-2.0
// Resolve all, read all, deliver all. A permanent answer for some recipients and not for others cannot be told by one
// exit status: then nothing is delivered and all wait, so that the MTA asks again for each.
#include "mailctl/delivery/pipe.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/mail/mbox_line.hpp"
#include "mailctl/model/others_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sysexits.h>
#include <unistd.h>

namespace mailctl {
namespace {

PipeResult result_of(const LmtpReply& reply) {
    const int status = pipe_status(reply);
    if (status == EX_OK) return {status, {}};
    return {status, fmt::format("{} {}", reply.enhanced, clean_reply_text(reply.text))};
}

PipeResult later(std::string_view text) { return result_of({451, "4.3.0", std::string(text)}); }

// Reads on after a failure: a writer that meets a closed pipe thinks the command crashed.
Status read_message(int input, MessageContent& content) {
    std::array<char, 64 * 1024> buffer;
    MboxLineRemover message([&](std::string_view piece) { content.append(piece); });
    for (;;) {
        const auto got = ::read(input, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(system_error(errno, "cannot read", "standard input"));
        if (got == 0) break;
        message.add({buffer.data(), static_cast<std::size_t>(got)});
    }
    message.end();
    if (content.size() > 0 && !content.ends_with_newline()) content.append("\n");
    return content.status();
}

Result<Sender> read_sender(const std::string& text, const DomainName& host) {
    if (text.empty() || text == "<>" || equal_folded(text, "MAILER-DAEMON")) return Sender{};
    TRY_ASSIGN(auto address, keep_address(text, host));
    return Sender{std::move(address)};
}

std::optional<LmtpReply> computed_refusal(const Plan& plan) {
    if (const auto* answer = std::get_if<Reject>(&plan.outcome))
        return LmtpReply{answer->code, answer->enhanced, answer->text};
    return std::nullopt;
}

// The one answer for all: theirs if all agree in kind, otherwise "later".
PipeResult combine(const std::vector<LmtpReply>& replies) {
    const auto status = pipe_status(replies.front());
    const bool agree = std::all_of(replies.begin(), replies.end(),
                                   [&](const LmtpReply& reply) { return pipe_status(reply) == status; });
    if (agree) return result_of(replies.front());
    const auto waiting = std::find_if(replies.begin(), replies.end(),
                                      [](const LmtpReply& reply) { return pipe_status(reply) == EX_TEMPFAIL; });
    return waiting != replies.end() ? result_of(*waiting) : later("recipients differ, give them one at a time");
}

// The view ends here: a message may be long in coming, and the directory must not keep old pages for it.
std::string spool_directory(Agent& agent) {
    const auto view = agent.view();
    return view ? view->settings->delivery.mail_root : agent.paths().mail;
}

PipeResult deliver_all(Agent& agent, const PipeRequest& request, int input) {
    MessageContent content(spool_directory(agent));
    const auto read = read_message(input, content);
    const auto view = agent.view();
    if (!view) return later(view.error().what);
    if (!read) return later(read.error().what);

    Envelope envelope;
    envelope.id = agent.make_id();
    envelope.all_or_nothing = true;
    envelope.body_8bit = true; // unknown: claim what always works
    const auto& host = view->settings->site.hostname;
    const auto sender = read_sender(request.sender, host);
    if (!sender) return {EX_DATAERR, "5.1.7 bad sender address syntax"};
    envelope.sender = *sender;
    std::vector<LmtpReply> refusals;
    for (const auto& text : request.recipients) {
        const auto address = keep_address(text, host);
        if (!address) return {EX_NOUSER, "5.1.3 bad recipient address syntax"};
        auto plan = agent.resolve(*view, *sender, *address);
        if (!plan) return later(plan.error().what);
        if (plan->banned) agent.count_bans({*plan->banned}, BanTally::Urgency::at_leisure);
        if (const auto refusal = computed_refusal(*plan)) refusals.push_back(*refusal);
        envelope.recipients.push_back({std::move(*plan), {}});
    }
    if (envelope.recipients.empty()) return later("no recipient");
    if (!refusals.empty() && refusals.size() < envelope.recipients.size())
        return later("recipients differ, give them one at a time");
    return combine(agent.deliver(envelope, view->settings->generation, content));
}

} // namespace

int pipe_status(const LmtpReply& reply) {
    if (reply.code / 100 == 2) return EX_OK;
    if (reply.code / 100 != 5) return EX_TEMPFAIL;
    if (reply.enhanced.starts_with("5.1.")) return EX_NOUSER;
    if (reply.enhanced.starts_with("5.4.") || reply.enhanced.starts_with("5.6.")) return EX_DATAERR;
    if (reply.enhanced == "5.2.2") return EX_UNAVAILABLE;
    return EX_NOPERM;
}

PipeResult deliver_pipe(Agent& agent, const PipeRequest& request, int input) {
    try {
        return deliver_all(agent, request, input);
    } catch (const std::exception& problem) {
        return {EX_TEMPFAIL, "4.3.0 internal error"};
    }
}

} // namespace mailctl
