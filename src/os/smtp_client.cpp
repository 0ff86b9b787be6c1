// SPDX-License-Identifier: Apache-2.0
// A dialogue with deadlines: every wait is bounded, replies are parsed strictly and bounded in length, and lines that
// begin with a dot are stuffed by the machine that also makes the line ends.
#include "smtp_client.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/name_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <set>
#include <sys/socket.h>
#include <unistd.h>

namespace mailctl {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t max_reply = 64 * 1024;

struct Reply {
    int code = 0;
    std::vector<std::string> lines; // without code
    [[nodiscard]] bool is_good() const { return code / 100 == 2; }
    [[nodiscard]] bool is_refusal() const { return code / 100 == 5; }
};

// "5.1.1 no such user" -> "5.1.1" and the rest.
Refusal refusal_of(const Reply& reply, const Address& target) {
    const std::string_view text = reply.lines.empty() ? std::string_view() : reply.lines.back();
    const auto blank = text.find(' ');
    const auto first = text.substr(0, blank);
    const bool enhanced = first.starts_with("5.") && first.find_first_not_of("0123456789.") == std::string_view::npos;
    return {target, reply.code, enhanced ? std::string(first) : std::string(),
            std::string(enhanced && blank != std::string_view::npos ? text.substr(blank + 1) : text)};
}

class SmtpDialogue {
  public:
    SmtpDialogue(FileDescriptor socket, std::string server, MailerTimeouts timeouts, Steady::time_point end)
        : socket_(std::move(socket)), server_(std::move(server)), timeouts_(timeouts), end_(end) {}
    Result<Reply> ask(std::string_view command, std::chrono::milliseconds timeout);
    Result<Reply> ask(std::string_view command) { return ask(command, timeouts_.command); }
    Result<Reply> read_reply(std::chrono::milliseconds timeout);
    Result<Reply> read_final_reply() { return read_reply(timeouts_.message); }
    Status send(std::string_view bytes, Steady::time_point deadline);
    Status send_lines(const SubmittedMessage& message);
    Result<Reply> send_chunks(const SubmittedMessage& message);
    [[nodiscard]] Error trouble(std::string_view cause) const {
        return {ErrorKind::temporary, fmt::format("cannot hand over to the MTA at '{}': {}", server_, cause), {}};
    }
    [[nodiscard]] Error trouble(std::string_view when, const Reply& reply) const {
        return trouble(fmt::format("{}: {} {}", when, reply.code,
                                   reply.lines.empty() ? std::string() : printable(reply.lines.back())));
    }

  private:
    [[nodiscard]] Steady::time_point in(std::chrono::milliseconds timeout) const {
        return std::min(Steady::now() + timeout, end_);
    }
    Status wait(short events, Steady::time_point deadline);
    Result<std::string> read_line(Steady::time_point deadline);

    FileDescriptor socket_;
    std::string server_;
    MailerTimeouts timeouts_;
    Steady::time_point end_; // of the whole dialogue
    std::string input_;
};

Status SmtpDialogue::wait(short events, Steady::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
        if (left <= 0) {
            auto silence = trouble("no answer in time");
            silence.os_error = ETIMEDOUT;
            return fail(std::move(silence));
        }
        pollfd ready{.fd = socket_.get(), .events = events, .revents = 0};
        const int count = ::poll(&ready, 1, static_cast<int>(left));
        if (count > 0) return {};
        if (count < 0 && errno != EINTR) return fail(system_error(errno, "cannot wait for", server_));
    }
}

Status SmtpDialogue::send(std::string_view bytes, Steady::time_point deadline) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            TRY(wait(POLLOUT, deadline));
        } else if (errno != EINTR) {
            return fail(trouble(system_error(errno, "cannot write to", server_).what));
        }
    }
    return {};
}

Result<std::string> SmtpDialogue::read_line(Steady::time_point deadline) {
    for (;;) {
        const auto end = input_.find('\n');
        if (end != std::string::npos) {
            std::string line(trim(std::string_view(input_).substr(0, end)));
            input_.erase(0, end + 1);
            return line;
        }
        if (input_.size() > max_reply) return fail(trouble("a reply without end"));
        TRY(wait(POLLIN, deadline));
        std::array<char, 4096> buffer;
        const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got == 0) return fail(trouble("it closed the connection"));
        if (got > 0)
            input_.append(buffer.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
            return fail(trouble(system_error(errno, "cannot read from", server_).what));
    }
}

Result<Reply> SmtpDialogue::read_reply(std::chrono::milliseconds timeout) {
    const auto deadline = in(timeout);
    Reply reply;
    std::size_t size = 0;
    for (;;) {
        TRY_ASSIGN(const std::string line, read_line(deadline));
        const bool numbered = line.size() >= 3 && line.find_first_not_of("0123456789") >= 3;
        if (!numbered || line[0] < '2' || line[0] > '5' || (line.size() > 3 && line[3] != ' ' && line[3] != '-'))
            return fail(trouble(fmt::format("it says '{}'", printable(line.substr(0, 80)))));
        reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
        reply.lines.push_back(line.size() > 4 ? line.substr(4) : std::string());
        size += line.size();
        if (line.size() == 3 || line[3] == ' ') return reply;
        if (size > max_reply) return fail(trouble("a reply without end"));
    }
}

Result<Reply> SmtpDialogue::ask(std::string_view command, std::chrono::milliseconds timeout) {
    TRY(send(fmt::format("{}\r\n", command), in(timeout)));
    return read_reply(timeout);
}

// LF becomes CRLF; a line's first dot is doubled. Not for text with a CR of its own: DATA cannot carry it.
class WireForm {
  public:
    void add(std::string_view piece, std::string& out) {
        for (const char c : piece) {
            if (c == '.' && line_start_) out += '.';
            if (c == '\n') out += '\r';
            out += c;
            line_start_ = c == '\n';
        }
    }
    void end(std::string& out) const { out += line_start_ ? ".\r\n" : "\r\n.\r\n"; }

  private:
    bool line_start_ = true;
};

constexpr std::size_t step = 32 * 1024; // bytes of the message that are brought into wire form at a time

// Head and content in pieces of that size.
template <class Take>
Status for_each_step(const SubmittedMessage& message, Take&& take) {
    const auto cut = [&](std::string_view piece) -> Status {
        for (std::size_t at = 0; at < piece.size(); at += step) {
            TRY(take(piece.substr(at, step)));
        }
        return {};
    };
    TRY(cut(message.head));
    return read_content(message.content, message.offset, cut);
}

Status SmtpDialogue::send_lines(const SubmittedMessage& message) {
    const auto deadline = in(timeouts_.message);
    WireForm wire;
    std::string out;
    TRY(for_each_step(message, [&](std::string_view piece) -> Status {
        out.clear();
        wire.add(piece, out);
        return send(out, deadline);
    }));
    out.clear();
    wire.end(out);
    return send(out, deadline);
}

// RFC 3030: counted octets, so that a CR is as good as any other. The first reply that is none of success, or the last.
Result<Reply> SmtpDialogue::send_chunks(const SubmittedMessage& message) {
    Reply reply{250, {}};
    std::string out;
    TRY(for_each_step(message, [&](std::string_view piece) -> Status {
        if (!reply.is_good()) return {};
        out.clear();
        for (const char c : piece) {
            if (c == '\n') out += '\r';
            out += c;
        }
        TRY(send(fmt::format("BDAT {}\r\n", out.size()), in(timeouts_.message)));
        TRY(send(out, in(timeouts_.message)));
        TRY_ASSIGN(reply, read_reply(timeouts_.message));
        return {};
    }));
    if (!reply.is_good()) return reply;
    return ask("BDAT 0 LAST", timeouts_.message);
}

// How the connection that is being made comes out: 0, or the errno.
int await_connection(int socket, Steady::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
        if (left <= 0) return ETIMEDOUT;
        pollfd ready{.fd = socket, .events = POLLOUT, .revents = 0};
        const int count = ::poll(&ready, 1, static_cast<int>(left));
        if (count < 0 && errno != EINTR) return errno;
        if (count <= 0) continue;
        int problem = 0;
        socklen_t length = sizeof problem;
        return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &length) == 0 ? problem : errno;
    }
}

Result<FileDescriptor> connect_to(const SocketAddress& address, Steady::time_point deadline) {
    FileDescriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return fail(system_error(errno, "cannot make a socket for", "SMTP"));
    if (::connect(socket.get(), address.generic(), address.length) == 0) return socket;
    int problem = errno; // EINTR: it goes on all the same (POSIX connect)
    if (problem == EINPROGRESS || problem == EINTR) problem = await_connection(socket.get(), deadline);
    if (problem == 0) return socket;
    return fail(system_error(problem, "cannot connect to", "it"));
}

class SmtpMailer final : public Mailer {
  public:
    SmtpMailer(SubmitBySmtp server, DomainName hostname, MailerTimeouts timeouts)
        : server_(std::move(server)), hostname_(std::move(hostname)), timeouts_(timeouts) {}
    Result<std::vector<Refusal>> submit(const Submission& submission, const SubmittedMessage& message) override;

  private:
    Result<SmtpDialogue> connect(Steady::time_point end) const;
    Result<std::set<std::string>> greet(SmtpDialogue& dialogue) const;
    enum class Form { lines, chunks }; // DATA or BDAT
    static std::string mail_command(const Submission& submission, Form form, const std::set<std::string>& offered);
    static Result<Reply> send_content(SmtpDialogue& dialogue, const SubmittedMessage& message, Form form);

    SubmitBySmtp server_;
    DomainName hostname_;
    MailerTimeouts timeouts_;
};

Result<SmtpDialogue> SmtpMailer::connect(Steady::time_point end) const {
    const auto name = fmt::format("{}:{}", server_.host, server_.port);
    const auto addresses = find_addresses(server_.host, server_.port);
    Error last{ErrorKind::temporary, "unknown host", {}, 0};
    if (!addresses) last = addresses.error();
    for (const auto& address : addresses ? *addresses : std::vector<SocketAddress>{}) {
        auto socket = connect_to(address, std::min(Steady::now() + timeouts_.connect, end));
        if (socket) return SmtpDialogue(std::move(*socket), name, timeouts_, end);
        last = socket.error();
    }
    last.kind = ErrorKind::temporary;
    return fail(last.while_doing(fmt::format("cannot reach the MTA at '{}'", name)));
}

// The keywords of its EHLO reply, folded.
Result<std::set<std::string>> SmtpMailer::greet(SmtpDialogue& dialogue) const {
    TRY_ASSIGN(const Reply banner, dialogue.read_reply(timeouts_.command));
    if (!banner.is_good()) return fail(dialogue.trouble("greeting", banner));
    TRY_ASSIGN(Reply hello, dialogue.ask("EHLO " + hostname_.text()));
    if (hello.is_refusal()) {
        TRY_ASSIGN(hello, dialogue.ask("HELO " + hostname_.text()));
        hello.lines.clear();
    }
    if (!hello.is_good()) return fail(dialogue.trouble("EHLO", hello));
    std::set<std::string> offered;
    for (std::size_t i = 1; i < hello.lines.size(); ++i)
        offered.insert(fold(hello.lines[i].substr(0, hello.lines[i].find(' '))));
    return offered;
}

std::string SmtpMailer::mail_command(const Submission& submission, Form form, const std::set<std::string>& offered) {
    auto command = fmt::format("MAIL FROM:<{}>", sender_text(submission.sender));
    if (form == Form::chunks && offered.contains("binarymime"))
        command += " BODY=BINARYMIME";
    else if (submission.body_8bit && offered.contains("8bitmime"))
        command += " BODY=8BITMIME";
    if (submission.smtputf8 && offered.contains("smtputf8")) command += " SMTPUTF8";
    return command;
}

bool needs_smtputf8(const Submission& submission) {
    bool needed = submission.sender && !submission.sender->is_ascii();
    for (const auto& target : submission.targets)
        needed = needed || !target.is_ascii();
    return needed;
}

bool has_carriage_return(const SubmittedMessage& message) {
    return message.content.has_carriage_return() || message.head.find('\r') != std::string_view::npos;
}

std::vector<Refusal> refuse_all(const Reply& reply, const std::vector<Address>& targets) {
    std::vector<Refusal> refusals;
    for (const auto& target : targets)
        refusals.push_back(refusal_of(reply, target));
    return refusals;
}

// The reply to the whole message.
Result<Reply> SmtpMailer::send_content(SmtpDialogue& dialogue, const SubmittedMessage& message, Form form) {
    if (form == Form::chunks) return dialogue.send_chunks(message);
    TRY_ASSIGN(const Reply data, dialogue.ask("DATA"));
    if (data.code != 354) return fail(dialogue.trouble("DATA", data));
    TRY(dialogue.send_lines(message));
    return dialogue.read_final_reply();
}

Result<std::vector<Refusal>> SmtpMailer::submit(const Submission& asked, const SubmittedMessage& message) {
    auto submission = asked;
    submission.smtputf8 = asked.smtputf8 || needs_smtputf8(asked);
    TRY_ASSIGN(SmtpDialogue dialogue, connect(asked.deadline));
    TRY_ASSIGN(const auto offered, greet(dialogue));
    if (needs_smtputf8(asked) && !offered.contains("smtputf8"))
        return refuse_all({553, {"5.6.7 the next mail server cannot take non-ASCII addresses"}}, asked.targets);
    const auto form = has_carriage_return(message) ? Form::chunks : Form::lines;
    if (form == Form::chunks && !offered.contains("chunking"))
        return refuse_all({554, {"5.6.3 the next mail server cannot take a message with a bare CR"}}, asked.targets);
    TRY_ASSIGN(const Reply mail, dialogue.ask(mail_command(submission, form, offered)));
    if (mail.is_refusal()) return refuse_all(mail, asked.targets);
    if (!mail.is_good()) return fail(dialogue.trouble("MAIL", mail));
    std::vector<Refusal> refusals;
    const auto* const notify = asked.never_notify && offered.contains("dsn") ? " NOTIFY=NEVER" : "";
    for (const auto& target : asked.targets) {
        TRY_ASSIGN(const Reply reply, dialogue.ask(fmt::format("RCPT TO:<{}>{}", target.text(), notify)));
        if (reply.is_refusal())
            refusals.push_back(refusal_of(reply, target));
        else if (!reply.is_good())
            return fail(dialogue.trouble("RCPT", reply)); // closing the connection cancels the rest
    }
    if (refusals.size() == asked.targets.size()) return refusals;
    TRY_ASSIGN(const Reply accepted, send_content(dialogue, message, form));
    if (accepted.is_refusal()) return refuse_all(accepted, asked.targets);
    if (!accepted.is_good()) return fail(dialogue.trouble("end of data", accepted));
    // It is theirs now: what becomes of the connection does not matter.
    (void)dialogue.send("QUIT\r\n", Steady::now() + std::chrono::seconds(1));
    return refusals;
}

} // namespace

std::unique_ptr<Mailer> make_smtp_mailer(SubmitBySmtp server, DomainName hostname, MailerTimeouts timeouts) {
    return std::make_unique<SmtpMailer>(std::move(server), std::move(hostname), timeouts);
}

} // namespace mailctl
