// SPDX-License-Identifier: Apache-2.0
// The session: lines are cut, commands run, content is passed on. All state of a transaction lives in one value that
// one function renews; servers that reset field by field have each forgotten one.
#include "mailctl/mail/lmtp_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace mailctl {
namespace {

LmtpReply bad_sequence(std::string text) { return {503, "5.5.0", std::move(text)}; }
LmtpReply handler_failure() { return {451, "4.3.0", "internal error, try again later"}; }
LmtpReply no_argument() { return {501, "5.5.4", "no argument allowed"}; }

bool counts_as_bad(int code) { return code == 500 || code == 501 || code == 503; }

// Commands that exist elsewhere and are not offered here; 502 tells the client so. None says anything about a user.
bool is_unoffered(std::string_view verb) {
    static constexpr std::array<std::string_view, 12> verbs{"expn", "help", "turn", "etrn",     "auth",    "starttls",
                                                            "send", "soml", "saml", "xforward", "xclient", "burl"};
    return std::ranges::find(verbs, verb) != verbs.end();
}

// One escaping exception would leave the client waiting for replies that never come, or worse, take the reply of one
// recipient for another's (delivery A44).
template <class Call>
bool survives(Call&& call) {
    try {
        std::forward<Call>(call)();
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

} // namespace

LmtpSession::LmtpSession(LmtpLimits limits, DomainName hostname, LmtpHandler& handler)
    : limits_(limits), hostname_(std::move(hostname)), handler_(handler) {}

std::string LmtpSession::greeting() const { return fmt::format("220 {} LMTP ready\r\n", hostname_.text()); }
std::string LmtpSession::timeout_reply() const {
    return format_lmtp_reply({421, "4.4.2", hostname_.text() + " idle for too long, closing"});
}
std::string LmtpSession::shutdown_reply() const {
    return format_lmtp_reply({421, "4.3.2", hostname_.text() + " is shutting down"});
}

void LmtpSession::feed(std::string_view bytes, std::string& out) {
    while (!bytes.empty() && !closing_) {
        switch (mode_) {
        case Mode::command:
            bytes = take_command(bytes, out);
            break;
        case Mode::discard_line:
            bytes = take_discarded(bytes);
            break;
        case Mode::data:
            bytes = take_data(bytes, out);
            break;
        case Mode::chunk:
            bytes = take_chunk(bytes, out);
            break;
        }
    }
}

void LmtpSession::connection_lost() {
    closing_ = true;
    reset_transaction();
}

// ---- lines
// ----------------------------------------------------------------------------------------------------------------

std::string_view LmtpSession::take_command(std::string_view bytes, std::string& out) {
    const auto lf = bytes.find('\n');
    const bool complete = lf != bytes.npos;
    const std::size_t length = line_.size() + (complete ? lf + 1 : bytes.size() + 1);
    if (length > limits_.max_command_line) {
        line_.clear();
        mode_ = Mode::discard_line;
        reply({500, "5.5.2", "line too long"}, out);
        return bytes;
    }
    if (!complete) {
        line_ += bytes;
        return {};
    }
    if (line_.empty()) {
        run(bytes.substr(0, lf), out);
    } else {
        line_ += bytes.substr(0, lf);
        const std::string line = std::exchange(line_, {});
        run(line, out);
    }
    return bytes.substr(lf + 1);
}

std::string_view LmtpSession::take_discarded(std::string_view bytes) {
    const auto lf = bytes.find('\n');
    if (lf == bytes.npos) return {};
    mode_ = Mode::command;
    return bytes.substr(lf + 1);
}

void LmtpSession::run(std::string_view line, std::string& out) {
    auto parsed = parse_command_line(line);
    if (auto* refusal = std::get_if<LmtpReply>(&parsed)) return reply(*refusal, out);
    const auto& [verb, argument] = std::get<CommandLine>(parsed);
    if (verb == "lhlo") return run_lhlo(argument, out);
    if (verb == "mail") return run_mail(argument, out);
    if (verb == "rcpt") return run_rcpt(argument, out);
    if (verb == "data") return run_data(argument, out);
    if (verb == "bdat") return run_bdat(argument, out);
    if (verb == "rset") return run_rset(argument, out);
    if (verb == "quit") return run_quit(argument, out);
    if (verb == "noop") return reply({250, "2.0.0", "ok"}, out);
    if (verb == "vrfy") return reply({252, "2.3.3", "try RCPT to attempt delivery"}, out);
    if (verb == "helo" || verb == "ehlo") return reply({500, "5.5.1", "this is LMTP: say LHLO"}, out);
    if (is_unoffered(verb)) return reply({502, "5.5.1", "not offered"}, out);
    reply({500, "5.5.1", "unknown command"}, out);
}

// ---- commands
// -------------------------------------------------------------------------------------------------------------

void LmtpSession::run_lhlo(std::string_view argument, std::string& out) {
    if (argument.empty() || argument.find(' ') != argument.npos)
        return reply({501, "5.5.4", "syntax: LHLO hostname"}, out);
    reset_transaction();
    client_name_ = argument;
    bad_commands_ = 0;
    out += fmt::format("250-{}\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n",
                       hostname_.text());
    // Without a limit too (RFC 1870 3): a client that declares the size lets the quota be tested at RCPT.
    const auto limit = limits_.max_message_size.bytes;
    out += limit > 0 ? fmt::format("250-SIZE {}\r\n", limit) : std::string("250-SIZE\r\n");
    out += "250 CHUNKING\r\n";
}

void LmtpSession::run_mail(std::string_view argument, std::string& out) {
    if (client_name_.empty()) return reply({503, "5.5.1", "say LHLO first"}, out);
    if (transaction_.chunk_error) reset_transaction(); // RFC 3030 2: MAIL starts anew after a failed chunk
    if (transaction_.open) return reply(bad_sequence("a transaction is open already"), out);
    auto parsed = parse_mail_argument(argument, hostname_);
    if (auto* refusal = std::get_if<LmtpReply>(&parsed)) return reply(*refusal, out);
    auto& mail = std::get<MailArgument>(parsed);
    const auto limit = limits_.max_message_size;
    if (mail.size && limit.bytes > 0 && *mail.size > limit)
        return reply({552, "5.2.3", "message is larger than the limit"}, out);
    LmtpReply answer;
    const MailCommand command{client_name_, std::move(mail.sender), mail.size, mail.body_8bit, mail.smtputf8};
    if (!survives([&] { answer = handler_.mail(command); })) answer = handler_failure();
    if (answer.code / 100 == 2) {
        transaction_.open = true;
        transaction_.mail = mail.smtputf8 ? MailIs::smtputf8 : MailIs::ascii;
    }
    reply(answer, out);
}

void LmtpSession::run_rcpt(std::string_view argument, std::string& out) {
    if (!transaction_.open) return reply(bad_sequence("MAIL first"), out);
    if (transaction_.has_content || transaction_.chunk_error)
        return reply(bad_sequence("content has begun already"), out);
    auto parsed = parse_rcpt_argument(argument, hostname_, transaction_.mail);
    if (auto* refusal = std::get_if<LmtpReply>(&parsed)) return reply(*refusal, out);
    if (transaction_.recipients >= limits_.max_recipients)
        return reply({452, "4.5.3", "too many recipients, send the rest in another transaction"}, out);
    auto& rcpt = std::get<RcptArgument>(parsed);
    LmtpReply answer;
    const RcptCommand command{std::move(rcpt.recipient), std::move(rcpt.original_recipient)};
    if (!survives([&] { answer = handler_.rcpt(command); })) answer = handler_failure();
    if (answer.code / 100 == 2) ++transaction_.recipients;
    reply(answer, out);
}

void LmtpSession::run_data(std::string_view argument, std::string& out) {
    if (!argument.empty()) return reply(no_argument(), out);
    if (!transaction_.open) return reply(bad_sequence("MAIL first"), out);
    if (transaction_.has_content || transaction_.chunk_error) return reply(bad_sequence("BDAT has begun"), out);
    if (transaction_.recipients == 0) return reply(no_recipients(), out);
    begin_content(ContentForm::dotted);
    bad_commands_ = 0;
    mode_ = Mode::data;
    out += "354 end with <CR><LF>.<CR><LF>\r\n";
}

LmtpReply LmtpSession::no_recipients() {
    survives([this] { handler_.data_refused(); });
    return bad_sequence("no valid recipients");
}

void LmtpSession::run_bdat(std::string_view argument, std::string& out) {
    auto chunk = parse_chunk_argument(argument);
    if (!chunk) {
        // How many octets of message follow is unknown, and they must not be read as commands.
        reply({501, "5.5.4", "syntax: BDAT size [LAST]"}, out);
        if (!closing_) out += format_lmtp_reply({421, "4.7.0", "cannot tell message from commands, closing"});
        return connection_lost();
    }
    if (transaction_.chunk_error)
        chunk_refusal_ = bad_sequence("an earlier chunk failed: RSET first");
    else if (!transaction_.open)
        chunk_refusal_ = bad_sequence("MAIL first");
    else if (transaction_.recipients == 0)
        chunk_refusal_ = no_recipients();
    else if (!transaction_.has_content)
        begin_content(ContentForm::chunked);
    chunk_ = *chunk;
    mode_ = Mode::chunk;
    if (chunk_.size == 0) end_chunk(out);
}

void LmtpSession::run_rset(std::string_view argument, std::string& out) {
    if (!argument.empty()) return reply(no_argument(), out);
    reset_transaction();
    reply({250, "2.0.0", "ok"}, out);
}

void LmtpSession::run_quit(std::string_view argument, std::string& out) {
    if (!argument.empty()) return reply(no_argument(), out);
    reply({221, "2.0.0", hostname_.text() + " closing"}, out);
    connection_lost();
}

// ---- content
// --------------------------------------------------------------------------------------------------------------

void LmtpSession::begin_content(ContentForm form) {
    transaction_.has_content = true;
    transaction_.content = LmtpContent(form);
    if (!survives([&] { handler_.begin_data(); })) transaction_.handler_failed = true;
}

std::size_t LmtpSession::keep_content(std::string_view bytes) {
    return transaction_.content.feed(bytes, [this](std::string_view piece) {
        if (content_error()) return;
        if (!survives([&] { handler_.data(piece); })) transaction_.handler_failed = true;
    });
}

std::optional<LmtpReply> LmtpSession::content_error() const {
    const auto limit = limits_.max_message_size.bytes;
    if (limit > 0 && transaction_.content.wire_size() > limit)
        return LmtpReply{552, "5.2.3", "message is larger than the limit"};
    if (transaction_.handler_failed) return handler_failure();
    return std::nullopt;
}

std::string_view LmtpSession::take_data(std::string_view bytes, std::string& out) {
    const std::size_t used = keep_content(bytes);
    if (transaction_.content.ended()) end_message(out);
    return bytes.substr(used);
}

std::string_view LmtpSession::take_chunk(std::string_view bytes, std::string& out) {
    const auto octets = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_.size, bytes.size())));
    if (!chunk_refusal_) keep_content(octets);
    chunk_.size -= octets.size();
    if (chunk_.size == 0) end_chunk(out);
    return bytes.substr(octets.size());
}

void LmtpSession::end_chunk(std::string& out) {
    mode_ = Mode::command;
    auto refusal = std::exchange(chunk_refusal_, std::nullopt);
    if (!refusal) refusal = content_error();
    if (transaction_.open && transaction_.recipients > 0 && chunk_.last) {
        // LAST answers for every recipient, also when it fails: the client counts on it (RFC 2033 4.3).
        if (refusal) transaction_.chunk_error = std::move(refusal);
        return end_message(out);
    }
    if (!refusal) return reply({250, "2.0.0", "chunk received"}, out);
    transaction_.chunk_error = refusal;
    reply(*refusal, out);
}

void LmtpSession::end_message(std::string& out) {
    mode_ = Mode::command;
    for (const LmtpReply& answer : final_replies())
        out += format_lmtp_reply(answer);
    bad_commands_ = 0;
    reset_transaction();
}

std::vector<LmtpReply> LmtpSession::final_replies() {
    const auto to_all = [this](const LmtpReply& answer) { return std::vector(transaction_.recipients, answer); };
    if (transaction_.chunk_error) return to_all(*transaction_.chunk_error);
    transaction_.content.end_chunks([this](std::string_view piece) {
        if (!survives([&] { handler_.data(piece); })) transaction_.handler_failed = true;
    });
    if (auto error = content_error()) return to_all(*error);
    std::vector<LmtpReply> replies;
    if (!survives([&] { replies = handler_.finish(); }) || replies.size() != transaction_.recipients)
        return to_all(handler_failure());
    return replies;
}

// ---- replies and the one way back to the start
// --------------------------------------------------------------------------------

void LmtpSession::reply(const LmtpReply& reply, std::string& out) {
    if (counts_as_bad(reply.code) && ++bad_commands_ > limits_.max_bad_commands) {
        out += format_lmtp_reply({421, "4.7.0", "too many bad commands, closing"});
        return connection_lost();
    }
    if (reply.code < 400) bad_commands_ = 0;
    out += format_lmtp_reply(reply);
}

void LmtpSession::reset_transaction() {
    const bool was_open = std::exchange(transaction_, {}).open;
    chunk_refusal_.reset();
    if (was_open) survives([&] { handler_.reset(); });
}

} // namespace mailctl
