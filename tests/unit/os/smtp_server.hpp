// SPDX-License-Identifier: Apache-2.0
// An SMTP server for tests: says what its script says, keeps what it was told.
#pragma once

#include "mailctl/os/files.hpp"

#include <arpa/inet.h>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace mailctl::test {

class SmtpServer {
  public:
    // `answer` gets each command line ("." for the end of data) and gives the reply; "" closes the connection.
    // What comes by BDAT goes to `chunks`.
    explicit SmtpServer(std::function<std::string(const std::string&)> answer, std::string greeting = "220 hello",
                        std::string* chunks = nullptr)
        : answer_(std::move(answer)), greeting_(std::move(greeting)), chunks_(chunks),
          socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::listen(socket_.get(), 8);
        socklen_t length = sizeof address;
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length);
        port = ::ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~SmtpServer() {
        ::shutdown(socket_.get(), SHUT_RDWR);
        thread_.join();
    }
    SmtpServer(const SmtpServer&) = delete;
    SmtpServer& operator=(const SmtpServer&) = delete;

    unsigned short port = 0;
    std::vector<std::string> commands; // to be read when the dialogue is over
    std::string message;               // as on the wire, without the end mark

  private:
    void serve() {
        for (;;) {
            const FileDescriptor client(::accept(socket_.get(), nullptr, nullptr));
            if (!client) return;
            talk(client.get());
        }
    }
    void talk(int client) {
        std::string input;
        bool data = false;
        say(client, greeting_);
        for (;;) {
            const auto end = input.find("\r\n");
            if (end == std::string::npos) {
                char buffer[4096];
                const auto got = ::read(client, buffer, sizeof buffer);
                if (got <= 0) return;
                input.append(buffer, static_cast<std::size_t>(got));
                continue;
            }
            const auto line = input.substr(0, end);
            input.erase(0, end + 2);
            if (data && line != ".") {
                message += line + "\r\n";
                continue;
            }
            commands.push_back(line);
            if (chunks_ && line.starts_with("BDAT ") && !take_chunk(client, std::stoul(line.substr(5)), input)) return;
            const auto reply = answer_(line);
            if (reply.empty()) return;
            data = reply.starts_with("354");
            say(client, reply);
        }
    }
    bool take_chunk(int client, std::size_t size, std::string& input) {
        while (input.size() < size) {
            char buffer[4096];
            const auto got = ::read(client, buffer, sizeof buffer);
            if (got <= 0) return false;
            input.append(buffer, static_cast<std::size_t>(got));
        }
        chunks_->append(input, 0, size);
        input.erase(0, size);
        return true;
    }
    static void say(int client, const std::string& text) {
        const auto line = text + "\r\n";
        [[maybe_unused]] const auto sent = ::send(client, line.data(), line.size(), MSG_NOSIGNAL);
    }

    std::function<std::string(const std::string&)> answer_;
    std::string greeting_;
    std::string* chunks_;
    FileDescriptor socket_;
    std::thread thread_;
};

} // namespace mailctl::test
