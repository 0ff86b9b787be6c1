// SPDX-License-Identifier: Apache-2.0
// What comes back is anybody's text: bounded, and read strictly.
#include "mailctl/os/remote_servers.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/name_service.hpp"
#include "mailctl/os/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace mailctl {
namespace {

using Steady = std::chrono::steady_clock;

class GreetedServer {
  public:
    GreetedServer(const ServerPlace& place, std::chrono::milliseconds patience)
        : name_(place.text()), end_(Steady::now() + patience) {}

    Status connect(const SocketAddress& address) {
        socket_ = FileDescriptor(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket_) return fail(system_error(errno, "cannot make a socket for", name_));
        if (::connect(socket_.get(), address.generic(), address.length) == 0) return {};
        if (errno != EINPROGRESS) return fail(silent(system_error(errno, "cannot connect to", name_).what));
        TRY(wait(POLLOUT));
        int failure = 0;
        socklen_t size = sizeof failure;
        ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
        if (failure != 0) return fail(silent(system_error(failure, "cannot connect to", name_).what));
        return {};
    }
    Status send(std::string_view text) { // short, and the first: it fits into the socket
        if (::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()))
            return {};
        return fail(silent(system_error(errno, "cannot write to", name_).what));
    }
    // Lines of one reply, with their codes: "250-STARTTLS".
    Result<std::vector<std::string>> reply() {
        constexpr std::size_t most_lines = 200;
        std::vector<std::string> lines;
        for (;;) {
            TRY_ASSIGN(auto line, read_line());
            const bool is_numbered = line.size() >= 3 && line.find_first_not_of("0123456789") >= 3;
            if (!is_numbered || lines.size() == most_lines)
                return fail(silent(fmt::format("'{}' does not speak SMTP", name_)));
            lines.push_back(std::move(line));
            if (lines.back().size() == 3 || lines.back()[3] != '-') return lines;
        }
    }

  private:
    static Error silent(std::string what) { return {ErrorKind::temporary, std::move(what), {}}; }
    Status wait(short events) {
        for (;;) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Steady::now()).count();
            if (left <= 0) return fail(silent(fmt::format("'{}' does not answer", name_)));
            pollfd ready{.fd = socket_.get(), .events = events, .revents = 0};
            if (::poll(&ready, 1, static_cast<int>(left)) > 0) return {};
        }
    }
    Result<std::string> read_line() {
        constexpr std::size_t longest = 4096;
        for (;;) {
            if (const auto end = input_.find('\n'); end != input_.npos) {
                std::string line(trim(std::string_view(input_).substr(0, end)));
                input_.erase(0, end + 1);
                return line;
            }
            if (input_.size() > longest) return fail(silent(fmt::format("'{}' does not speak SMTP", name_)));
            TRY(wait(POLLIN));
            std::array<char, 2048> buffer;
            const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (got == 0) return fail(silent(fmt::format("'{}' closed the connection", name_)));
            if (got > 0)
                input_.append(buffer.data(), static_cast<std::size_t>(got));
            else if (errno != EINTR && errno != EAGAIN)
                return fail(silent(system_error(errno, "cannot read from", name_).what));
        }
    }

    std::string name_;
    Steady::time_point end_;
    FileDescriptor socket_;
    std::string input_;
};

Result<SmtpGreeting> hear_greeting(GreetedServer& server, const std::string& own_name) {
    SmtpGreeting greeting;
    TRY_ASSIGN(const auto banner, server.reply());
    greeting.banner = banner.front();
    if (!greeting.banner.starts_with("220")) return greeting;
    TRY(server.send(fmt::format("EHLO {}\r\n", own_name)));
    TRY_ASSIGN(const auto lines, server.reply());
    constexpr std::size_t code = 4;
    for (auto line = lines.begin() + 1; line < lines.end(); ++line) {
        if (!line->starts_with("250") || line->size() <= code) continue;
        std::string word = line->substr(code, line->find_first_of(" =", code) - code);
        std::ranges::transform(word, word.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
        greeting.offers.insert(std::move(word));
    }
    static_cast<void>(server.send("QUIT\r\n"));
    return greeting;
}

std::string first_pem(std::string_view text) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    const auto from = text.find(begin);
    const auto to = from == text.npos ? text.npos : text.find(end, from);
    return to == text.npos ? std::string() : std::string(text.substr(from, to + end.size() - from)) + "\n";
}

std::string line_after(std::string_view text, std::string_view words) {
    const auto at = text.find(words);
    if (at == text.npos) return {};
    text.remove_prefix(at + words.size());
    return std::string(trim(text.substr(0, text.find('\n'))));
}

ProcessOptions waiting(std::chrono::milliseconds patience) {
    ProcessOptions options;
    options.timeout = patience;
    return options;
}

} // namespace

std::string ServerPlace::text() const {
    return host.find(':') == host.npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<SmtpGreeting> greet_smtp_server(const ServerPlace& place, const std::string& own_name,
                                       std::chrono::milliseconds patience) {
    TRY_ASSIGN(const auto addresses, find_addresses(place.host, place.port));
    Error last{ErrorKind::missing, fmt::format("there is no host '{}'", place.host), {}};
    for (const auto& address : addresses) {
        GreetedServer server(place, patience);
        if (const auto connected = server.connect(address); !connected) {
            last = connected.error();
            continue;
        }
        return hear_greeting(server, own_name);
    }
    return fail(std::move(last));
}

Result<ShownCertificate> look_at_certificate(const ServerPlace& place, const std::string& name, TlsBegin begin,
                                             std::chrono::milliseconds patience) {
    std::vector<std::string> argv{"openssl",     "s_client", "-connect",         place.text(),
                                  "-servername", name,       "-verify_hostname", name};
    if (begin == TlsBegin::after_starttls) argv.insert(argv.end(), {"-starttls", "smtp"});
    TRY_ASSIGN(const auto said, run(argv, waiting(patience)));
    ShownCertificate shown{first_pem(said.output), line_after(said.output, "Verification error:")};
    if (shown.pem.empty()) return fail(ErrorKind::temporary, fmt::format("'{}' shows no certificate", place.text()));
    if (shown.trouble.empty() && said.output.find("Verification: OK") == said.output.npos)
        shown.trouble = "it cannot be verified";
    return shown;
}

Result<WebAnswer> get_web_page(const ServerPlace& place, const std::string& name, const std::string& path,
                               std::chrono::milliseconds patience) {
    auto options = waiting(patience);
    options.input = fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\nConnection: close\r\n\r\n", path, name);
    TRY_ASSIGN(const auto said, run({"openssl", "s_client", "-quiet", "-connect", place.text(), "-servername", name,
                                     "-verify_hostname", name, "-verify_return_error"},
                                    options));
    const std::string_view text = said.output;
    const auto blank = text.find("\r\n\r\n");
    const auto first = text.find(' ');
    WebAnswer answer;
    if (text.starts_with("HTTP/") && blank != text.npos && first != text.npos)
        std::from_chars(text.data() + first + 1, text.data() + blank, answer.status);
    if (answer.status == 0) {
        const auto why = line_after(said.error_output, "verify error:");
        return fail(ErrorKind::temporary, why.empty() ? fmt::format("'{}' gives no page", place.text())
                                                      : fmt::format("the certificate of '{}' is not to be trusted: {}",
                                                                    place.text(), printable(why)));
    }
    answer.body = std::string(text.substr(blank + 4));
    return answer;
}

} // namespace mailctl
