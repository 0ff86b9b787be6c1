// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/lmtp_server.hpp"

#include "mailctl/os/endpoint.hpp"

#include "temp_directory.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <new>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace mailctl;
using namespace std::chrono_literals;

namespace {

struct Counts {
    std::atomic<int> finished = 0, reset = 0;
    std::chrono::milliseconds delay{0};
};

class CountingHandler final : public LmtpHandler {
  public:
    explicit CountingHandler(Counts& counts) : counts_(counts) {}
    LmtpReply mail(const MailCommand&) override { return {250, "2.1.0", "ok"}; }
    LmtpReply rcpt(const RcptCommand&) override { return {250, "2.1.5", "ok"}; }
    void begin_data() override {}
    void data(std::string_view) override {}
    std::vector<LmtpReply> finish() override {
        std::this_thread::sleep_for(counts_.delay);
        ++counts_.finished;
        return {{250, "2.0.0", "saved"}};
    }
    void reset() override { ++counts_.reset; }

  private:
    Counts& counts_;
};

// A server in a thread of its own, stopped by the signal that stops the real one.
class RunningServer {
  public:
    explicit RunningServer(LmtpServerOptions options = {}) {
        options.admit = [this](const std::string&) {
            if (out_of_memory) throw std::bad_alloc();
            return LmtpService{{}, DomainName::from_trusted("mx.example"), std::make_unique<CountingHandler>(counts)};
        };
        options.ready = [this] {
            const std::lock_guard lock(mutex_);
            ready_ = true;
            changed_.notify_all();
        };
        options.reload = [this] { ++reloads; };
        std::vector<FileDescriptor> listeners;
        listeners.push_back(listen_on(UnixEndpoint{.path = path_, .mode = 0600, .group = {}}).value());
        thread_ = std::thread([this, options, passed = std::move(listeners)]() mutable {
            status_ = serve_lmtp(std::move(passed), options).has_value();
        });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ready_; });
    }
    ~RunningServer() {
        if (thread_.joinable()) stop();
    }
    bool stop() {
        ::kill(::getpid(), SIGTERM);
        thread_.join();
        return status_;
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    Counts counts;
    std::atomic<int> reloads = 0;
    std::atomic<bool> out_of_memory = false;

  private:
    test::TempDirectory directory_;
    std::string path_ = directory_ / "s";
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ready_ = false, status_ = false;
    std::thread thread_;
};

class Client {
  public:
    explicit Client(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path.c_str());
        timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        REQUIRE(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    void say(std::string_view text) const {
        [[maybe_unused]] const auto sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    }
    // Up to and with a line that begins so; all there was if the connection ends first.
    std::string read_until(std::string_view beginning) {
        for (;;) {
            for (std::size_t at = 0, end = 0; (end = input_.find("\r\n", at)) != std::string::npos; at = end + 2)
                if (std::string_view(input_).substr(at).starts_with(beginning)) {
                    const auto text = input_.substr(0, end + 2);
                    input_.erase(0, end + 2);
                    return text;
                }
            char buffer[4096];
            const auto got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
            if (got <= 0) return std::exchange(input_, {});
            input_.append(buffer, static_cast<std::size_t>(got));
        }
    }
    [[nodiscard]] bool at_end() {
        char byte = 0;
        return input_.empty() && ::recv(socket_.get(), &byte, 1, 0) == 0;
    }
    void close() { socket_ = {}; }

  private:
    FileDescriptor socket_;
    std::string input_;
};

constexpr std::string_view transaction = "MAIL FROM:<a@b.example>\r\nRCPT TO:<p@one.example>\r\nDATA\r\n";
constexpr std::string_view message = "Subject: x\r\n\r\nbody\r\n.\r\n";

} // namespace

TEST_CASE("many messages on one connection, then goodbye") {
    RunningServer server;
    Client client(server.path());
    client.say("LHLO c\r\n");
    CHECK(client.read_until("250 ").starts_with("220 mx.example"));
    for (int i = 0; i < 100; ++i) {
        client.say(transaction);
        client.read_until("354");
        client.say(message);
        CHECK(client.read_until("250 2.0.0").starts_with("250 2.0.0 saved"));
    }
    client.say("QUIT\r\n");
    CHECK(client.read_until("221").starts_with("221"));
    CHECK(client.at_end());
    CHECK(server.counts.finished == 100);
    CHECK(server.counts.reset == 100);
}

TEST_CASE("more connections than threads are all served") {
    RunningServer server({.threads = 2});
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 50; ++i)
        clients.push_back(std::make_unique<Client>(server.path()));
    for (auto& client : clients)
        client->say("LHLO c\r\n");
    for (auto& client : clients)
        CHECK(client->read_until("250 ").ends_with("\r\n"));
}

TEST_CASE("a client that goes away before the end of the data leaves nothing; after it, the delivery is finished") {
    RunningServer server;
    Client quitter(server.path());
    quitter.say(std::string("LHLO c\r\n") + std::string(transaction));
    quitter.read_until("354");
    quitter.say("Subject: x\r\n\r\nbody\r\n.");
    quitter.close();
    Client leaver(server.path());
    leaver.say(std::string("LHLO c\r\n") + std::string(transaction));
    leaver.read_until("354");
    leaver.say(message);
    leaver.close();
    for (int i = 0; i < 100 && server.counts.reset < 2; ++i)
        std::this_thread::sleep_for(20ms);
    CHECK(server.counts.reset == 2);
    CHECK(server.counts.finished == 1);
}

TEST_CASE("an idle client is told so and disconnected, a working one is not") {
    RunningServer server({.threads = 4, .idle_timeout = 1s});
    server.counts.delay = 2500ms;
    Client idle(server.path()), busy(server.path());
    busy.say(std::string("LHLO c\r\n") + std::string(transaction));
    busy.read_until("354");
    busy.say(message);
    CHECK(idle.read_until("421").find("421 4.4.2") != std::string::npos);
    CHECK(idle.at_end());
    CHECK(busy.read_until("250 2.0.0").find("saved") != std::string::npos);
}

TEST_CASE("one connection too many is answered, not just closed") {
    RunningServer server({.threads = 2, .max_connections = 1});
    Client first(server.path());
    first.read_until("220");
    Client second(server.path());
    CHECK(second.read_until("421").starts_with("421 4.3.2"));
    CHECK(second.at_end());
}

TEST_CASE("asked to stop, the server finishes what is in hand and says goodbye to the others") {
    RunningServer server({.threads = 4});
    server.counts.delay = 500ms;
    Client idle(server.path()), busy(server.path());
    idle.say("LHLO c\r\n");
    idle.read_until("250 ");
    busy.say(std::string("LHLO c\r\n") + std::string(transaction));
    busy.read_until("354");
    busy.say(message);
    std::this_thread::sleep_for(100ms);
    CHECK(server.stop());
    CHECK(idle.read_until("421").starts_with("421 4.3.2"));
    CHECK(busy.read_until("250 2.0.0").find("saved") != std::string::npos);
    CHECK(server.counts.finished == 1);
}

TEST_CASE("a transaction half said is given up when the time to finish is over") {
    RunningServer server({.threads = 2, .drain_timeout = 1s});
    Client client(server.path());
    client.say(std::string("LHLO c\r\n") + std::string(transaction));
    client.read_until("354");
    CHECK(server.stop());
    CHECK(client.read_until("421").find("421") != std::string::npos);
    CHECK(server.counts.finished == 0);
    CHECK(server.counts.reset == 1);
}

TEST_CASE("SIGHUP reloads") {
    RunningServer server;
    ::kill(::getpid(), SIGHUP);
    for (int i = 0; i < 100 && server.reloads == 0; ++i)
        std::this_thread::sleep_for(20ms);
    CHECK(server.reloads == 1);
}

TEST_CASE("a client that reads nothing does not hold a thread or make us collect its answers") {
    RunningServer server({.threads = 1, .drain_timeout = 1s});
    Client deaf(server.path());
    std::string flood;
    for (int i = 0; i < 100'000; ++i)
        flood += "NOOP\r\n";
    std::thread flooding([&] { deaf.say(flood); });
    Client other(server.path());
    other.say("LHLO c\r\n");
    CHECK(other.read_until("250 ").find("220 mx.example") != std::string::npos);
    CHECK(server.stop());
    flooding.join();
}

TEST_CASE("SIGTERM: nobody listens any more, and whoever has no message in hand is told at once") {
    RunningServer server({.threads = 4, .drain_timeout = 20s});
    Client busy(server.path()), begun(server.path()), idle(server.path());
    busy.say("LHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n");
    busy.read_until("354");
    begun.say("LHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\n");
    begun.read_until("250 2.1.5");
    idle.read_until("220");
    std::this_thread::sleep_for(50ms);
    ::kill(::getpid(), SIGTERM);
    CHECK(begun.read_until("421 4.3.2").find("421 4.3.2") != std::string::npos);
    CHECK(idle.read_until("421 4.3.2").find("421 4.3.2") != std::string::npos);
    const FileDescriptor late(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, server.path().c_str());
    CHECK(::connect(late.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0);
    busy.say("x\r\n.\r\n");
    CHECK(busy.read_until("250 2.0.0").find("250 2.0.0") != std::string::npos);
    CHECK(server.stop());
    CHECK(server.counts.finished == 1);
}

TEST_CASE("without memory for another client he is told to come again, and the others are served") {
    RunningServer server({.threads = 2});
    server.out_of_memory = true;
    Client turned_away(server.path());
    CHECK(turned_away.read_until("421").find("421 4.3.0") != std::string::npos);
    server.out_of_memory = false;
    Client served(server.path());
    CHECK(served.read_until("220").find("220") != std::string::npos);
}
