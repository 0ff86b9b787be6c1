// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/block_server.hpp"

#include "mailctl/os/endpoint.hpp"

#include "temp_directory.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace mailctl;
using namespace std::chrono_literals;

namespace {

struct BlockSite {
    test::TempDirectory directory;
    std::string path = directory / "questions.sock";
    std::atomic<int> asked = 0;
    std::atomic<bool> hangs = false;
    std::unique_ptr<BlockServer> server;

    explicit BlockSite(BlockServerOptions options = {}) {
        if (!options.answer) options.answer = [this](std::string_view question) { return answer(question); };
        options.too_long = "too long\n\n";
        std::vector<FileDescriptor> listeners;
        listeners.push_back(listen_on(UnixEndpoint{.path = path, .mode = 0600, .group = {}}).value());
        server = BlockServer::start(std::move(listeners), std::move(options)).value();
    }
    std::string answer(std::string_view question) {
        ++asked;
        while (hangs && question == "hang")
            std::this_thread::sleep_for(5ms);
        if (question == "throw") throw std::runtime_error("no memory");
        return "<" + std::string(question) + ">\n\n";
    }
};

class BlockClient {
  public:
    explicit BlockClient(const BlockSite& site) : socket_(connect_to(site.path).value()) {}
    void say(std::string_view text) { (void)::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL); }
    // What comes until the end of the answer, of the connection, or of our patience.
    std::string hear(std::chrono::milliseconds patience = 5s) {
        std::string heard;
        while (!heard.ends_with("\n\n")) {
            pollfd event{socket_.get(), POLLIN, 0};
            if (::poll(&event, 1, static_cast<int>(patience.count())) <= 0) return heard + "(nothing)";
            std::array<char, 4096> piece;
            const auto got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
            if (got <= 0) return heard + "(end)";
            heard.append(piece.data(), static_cast<std::size_t>(got));
        }
        return heard;
    }
    std::string ask(std::string_view question) {
        say(question);
        return hear();
    }

  private:
    FileDescriptor socket_;
};

} // namespace

TEST_CASE("a client asks several questions, in whatever pieces they come") {
    const BlockSite site;
    BlockClient client(site);
    CHECK(client.ask("a=1\nb=2\n\n") == "<a=1\nb=2>\n\n");
    for (const char c : std::string_view("c=3\nd=4\n")) {
        client.say({&c, 1});
        std::this_thread::sleep_for(1ms);
    }
    CHECK(client.ask("\n") == "<c=3\nd=4>\n\n");
    CHECK(client.ask("\n") == "<>\n\n");
    client.say("e\n\nf\n\n\ng");
    std::string heard;
    while (heard.size() < std::string_view("<e>\n\n<f>\n\n<>\n\n").size())
        heard += client.hear();
    CHECK(heard == "<e>\n\n<f>\n\n<>\n\n");
    CHECK(client.ask("\n\n") == "<g>\n\n");
}

TEST_CASE("a question without end is answered so and ends the connection") {
    const BlockSite site;
    BlockClient client(site), endless(site);
    client.say(std::string(20'000, 'x'));
    CHECK(client.hear() == "too long\n\n");
    CHECK(client.hear() == "(end)");
    for (int i = 0; i < 100; ++i)
        endless.say(std::string(10'000, '\0'));
    CHECK(endless.hear().starts_with("too long"));
    CHECK(BlockClient(site).ask("still\n\n") == "<still>\n\n");
    CHECK(site.asked == 1);
}

TEST_CASE("who is slow or quiet is disconnected in time, and nobody waits for him") {
    BlockServerOptions options;
    options.question_time = 300ms;
    options.quiet_time = 1500ms;
    const BlockSite site(std::move(options));
    BlockClient slow(site), quiet(site), other(site);
    slow.say("a=");
    CHECK(other.ask("b\n\n") == "<b>\n\n");
    CHECK(slow.hear() == "(end)");
    CHECK(other.ask("c\n\n") == "<c>\n\n");
    CHECK(quiet.hear() == "(end)");
}

TEST_CASE("an answer that hangs holds up its own client") {
    BlockServerOptions options;
    options.threads = 2;
    BlockSite site(std::move(options));
    site.hangs = true;
    BlockClient stuck(site), other(site);
    stuck.say("hang\n\n");
    for (int i = 0; i < 20; ++i)
        CHECK(other.ask("x\n\n") == "<x>\n\n");
    site.hangs = false;
    CHECK(stuck.hear() == "<hang>\n\n");
}

TEST_CASE("an answer that fails ends its connection alone") {
    const BlockSite site;
    BlockClient unlucky(site), other(site);
    CHECK(unlucky.ask("throw\n\n") == "(end)");
    CHECK(other.ask("x\n\n") == "<x>\n\n");
}

TEST_CASE("beyond the most clients who is quiet longest makes place; who is being answered stays") {
    BlockServerOptions options;
    options.max_clients = 3;
    BlockSite site(std::move(options));
    site.hangs = true;
    BlockClient busy(site);
    busy.say("hang\n\n");
    while (site.asked < 1)
        std::this_thread::sleep_for(1ms);
    BlockClient first(site), second(site);
    CHECK(first.ask("1\n\n") == "<1>\n\n");
    CHECK(second.ask("2\n\n") == "<2>\n\n");
    std::string third = "(end)"; // who has just heard his answer may be held to be in hand for a moment more
    for (int tries = 0; tries < 100 && third == "(end)"; ++tries)
        third = BlockClient(site).ask("3\n\n");
    CHECK(third == "<3>\n\n");
    CHECK(first.hear() == "(end)");
    CHECK(second.ask("2\n\n") == "<2>\n\n");
    site.hangs = false;
    CHECK(busy.hear() == "<hang>\n\n");
}

TEST_CASE("many clients at once are all answered") {
    const BlockSite site;
    std::vector<std::thread> threads;
    std::atomic<int> answered = 0;
    for (int i = 0; i < 50; ++i)
        threads.emplace_back([&site, &answered] {
            BlockClient client(site);
            for (int question = 0; question < 20; ++question)
                answered +=
                    client.ask("q=" + std::to_string(question) + "\n\n") == "<q=" + std::to_string(question) + ">\n\n"
                        ? 1
                        : 0;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(answered == 1000);
}

TEST_CASE("a stopped server finishes what is in hand and hears nothing new") {
    BlockSite site;
    site.hangs = true;
    BlockClient busy(site), idle(site), half(site);
    CHECK(idle.ask("x\n\n") == "<x>\n\n");
    half.say("half");
    busy.say("hang\n\n");
    while (site.asked < 2)
        std::this_thread::sleep_for(1ms);
    site.server->stop();
    CHECK(idle.hear() == "(end)");
    CHECK(half.hear() == "(end)");
    site.hangs = false;
    CHECK(busy.hear() == "<hang>\n\n");
    site.server.reset();
    CHECK_FALSE(connect_to(site.path).has_value());
}

TEST_CASE("a client who does not read his answers loses the connection, not the server") {
    const BlockSite site;
    BlockClient deaf(site);
    for (int i = 0; i < 200; ++i)
        deaf.say(std::string(10'000, 'y') + "\n\n");
    BlockClient other(site);
    CHECK(other.ask("x\n\n") == "<x>\n\n");
}
