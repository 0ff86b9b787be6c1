// A dialogue with deadlines: every wait is bounded, replies are parsed strictly and bounded in length, and lines that
// begin with a dot are stuffed by the machine that also makes the line ends.
#include "mailctl/os/smtp_client.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/name_service.hpp"

#include <fmt/format.h>

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
    SmtpDialogue(FileDescriptor socket, std::string server, MailerTimeouts timeouts)
        : socket_(std::move(socket)), server_(std::move(server)), timeouts_(timeouts) {}
    Result<Reply> ask(std::string_view command, std::chrono::milliseconds timeout);
    Result<Reply> ask(std::string_view command) { return ask(command, timeouts_.command); }
    Result<Reply> read_reply(std::chrono::milliseconds timeout);
    Status send(std::string_view bytes, Steady::time_point deadline);
    Status send_message(const SubmittedMessage& message);
    [[nodiscard]] Error trouble(std::string_view cause) const {
        return {ErrorKind::temporary, fmt::format("cannot hand over to the MTA at '{}': {}", server_, cause), {}};
    }
    [[nodiscard]] Error trouble(std::string_view when, const Reply& reply) const {
        return trouble(fmt::format("{}: {} {}", when, reply.code,
                                   reply.lines.empty() ? std::string() : printable(reply.lines.back())));
    }

  private:
    Status wait(short events, Steady::time_point deadline);
    Result<std::string> read_line(Steady::time_point deadline);

    FileDescriptor socket_;
    std::string server_;
    MailerTimeouts timeouts_;
    std::string input_;
};

Status SmtpDialogue::wait(short events, Steady::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
        if (left <= 0) return fail(trouble("no answer in time"));
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
    const auto deadline = Steady::now() + timeout;
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
    TRY(send(fmt::format("{}\r\n", command), Steady::now() + timeout));
    return read_reply(timeout);
}

// LF becomes CRLF; a line's first dot is doubled.
class WireForm {
  public:
    void add(std::string_view piece, std::string& out) {
        for (const char c : piece) {
            if (c == '.' && line_start_) out += '.';
            if (c == '\n' && before_ != '\r') out += '\r';
            out += c;
            line_start_ = c == '\n';
            before_ = c;
        }
    }
    void end(std::string& out) const { out += line_start_ ? ".\r\n" : "\r\n.\r\n"; }

  private:
    bool line_start_ = true;
    char before_ = '\n';
};

Status SmtpDialogue::send_message(const SubmittedMessage& message) {
    const auto deadline = Steady::now() + timeouts_.message;
    WireForm wire;
    std::string out;
    const auto pass_on = [&](std::string_view piece) -> Status {
        constexpr std::size_t step = 32 * 1024;
        for (std::size_t at = 0; at < piece.size(); at += step) {
            out.clear();
            wire.add(piece.substr(at, step), out);
            TRY(send(out, deadline));
        }
        return {};
    };
    TRY(pass_on(message.head));
    TRY(read_content(message.content, message.offset, pass_on));
    out.clear();
    wire.end(out);
    return send(out, deadline);
}

Result<FileDescriptor> connect_to(const SocketAddress& address, std::chrono::milliseconds timeout) {
    FileDescriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return fail(system_error(errno, "cannot make a socket for", "SMTP"));
    if (::connect(socket.get(), address.generic(), address.length) == 0) return socket;
    int problem = errno;
    if (problem == EINPROGRESS) {
        pollfd ready{.fd = socket.get(), .events = POLLOUT, .revents = 0};
        socklen_t length = sizeof problem;
        if (::poll(&ready, 1, static_cast<int>(timeout.count())) != 1)
            problem = ETIMEDOUT;
        else if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &length) == 0 && problem == 0)
            return socket;
    }
    return fail(system_error(problem, "cannot connect to", "it"));
}

class SmtpMailer final : public Mailer {
  public:
    SmtpMailer(SubmitBySmtp server, DomainName hostname, MailerTimeouts timeouts)
        : server_(std::move(server)), hostname_(std::move(hostname)), timeouts_(timeouts) {}
    Result<std::vector<Refusal>> submit(const Submission& submission, const SubmittedMessage& message) override;

  private:
    Result<SmtpDialogue> connect() const;
    Result<std::set<std::string>> greet(SmtpDialogue& dialogue) const;
    static std::string mail_command(const Submission& submission, const std::set<std::string>& offered);

    SubmitBySmtp server_;
    DomainName hostname_;
    MailerTimeouts timeouts_;
};

Result<SmtpDialogue> SmtpMailer::connect() const {
    const auto name = fmt::format("{}:{}", server_.host, server_.port);
    const auto trouble = [&](std::string_view cause) {
        return fail(ErrorKind::temporary, fmt::format("cannot reach the MTA at '{}': {}", name, cause));
    };
    const auto addresses = find_addresses(server_.host, server_.port);
    if (!addresses) return trouble(addresses.error().what);
    std::string last = "unknown host";
    for (const auto& address : *addresses) {
        auto socket = connect_to(address, timeouts_.connect);
        if (socket) return SmtpDialogue(std::move(*socket), name, timeouts_);
        last = socket.error().what;
    }
    return trouble(last);
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

std::string SmtpMailer::mail_command(const Submission& submission, const std::set<std::string>& offered) {
    auto command = fmt::format("MAIL FROM:<{}>", sender_text(submission.sender));
    if (submission.body_8bit && offered.contains("8bitmime")) command += " BODY=8BITMIME";
    if (submission.smtputf8 && offered.contains("smtputf8")) command += " SMTPUTF8";
    return command;
}

bool needs_smtputf8(const Submission& submission) {
    bool needed = submission.sender && !submission.sender->is_ascii();
    for (const auto& target : submission.targets)
        needed = needed || !target.is_ascii();
    return needed;
}

std::vector<Refusal> refuse_all(const Reply& reply, const std::vector<Address>& targets) {
    std::vector<Refusal> refusals;
    for (const auto& target : targets)
        refusals.push_back(refusal_of(reply, target));
    return refusals;
}

Result<std::vector<Refusal>> SmtpMailer::submit(const Submission& asked, const SubmittedMessage& message) {
    auto submission = asked;
    submission.smtputf8 = asked.smtputf8 || needs_smtputf8(asked);
    TRY_ASSIGN(SmtpDialogue dialogue, connect());
    TRY_ASSIGN(const auto offered, greet(dialogue));
    if (needs_smtputf8(asked) && !offered.contains("smtputf8"))
        return refuse_all({553, {"5.6.7 the next mail server cannot take non-ASCII addresses"}}, asked.targets);
    TRY_ASSIGN(const Reply mail, dialogue.ask(mail_command(submission, offered)));
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
    TRY_ASSIGN(const Reply data, dialogue.ask("DATA"));
    if (data.code != 354) return fail(dialogue.trouble("DATA", data));
    TRY(dialogue.send_message(message));
    TRY_ASSIGN(const Reply accepted, dialogue.read_reply(timeouts_.message));
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
