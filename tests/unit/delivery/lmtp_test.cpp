// SPDX-License-Identifier: Apache-2.0
#include "lmtp.hpp"

#include "example_site.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

using namespace mailctl;
using namespace mailctl::test;

namespace {

// One connection to an agent, without a socket.
struct Connection {
    AgentSite& site;
    Agent agent{site.paths, [] { return noon; }};
    LmtpDelivery handler{agent, ""};
    LmtpSession session{{}, DomainName::from_trusted("mx.example"), handler};
    explicit Connection(AgentSite& of) : site(of) { say("LHLO client.example\r\n"); }
    std::string say(std::string_view text) {
        std::string replies;
        session.feed(text, replies);
        return replies;
    }
    std::string rcpt(std::string_view recipient) { return say(fmt::format("RCPT TO:<{}>\r\n", recipient)); }
    std::string mail() { return say("MAIL FROM:<a@far.example>\r\n"); }
    std::string send(std::string_view text) {
        say("DATA\r\n");
        return say(fmt::format("{}\r\n.\r\n", text));
    }
};

std::vector<std::string> everything_below(const std::string& path) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
        if (!entry.path().string().ends_with("lock.mdb")) found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace

TEST_CASE("RCPT answers what the resolver says and changes nothing") {
    AgentSite site;
    site.compile({AgentSite::one_example()});
    Connection connection(site);
    const auto before = everything_below(site.root.path());
    connection.mail();
    CHECK(connection.rcpt("paul@one.example").starts_with("250 2.1.5"));
    CHECK(connection.rcpt("MACCA+x@One.Example").starts_with("250 2.1.5"));
    CHECK(connection.rcpt("spam@one.example").starts_with("250 2.1.5"));
    CHECK(connection.rcpt("bad@one.example").starts_with("550 5.7.1"));
    CHECK(connection.rcpt("nobody@one.example").starts_with("550 5.1.1"));
    CHECK(connection.rcpt("x@elsewhere.example").starts_with("550 5.1.2"));
    CHECK(connection.say("RSET\r\n").starts_with("250"));
    CHECK(everything_below(site.root.path()) == before);
}

TEST_CASE("each accepted recipient has its answer and its mail") {
    AgentSite site;
    site.compile({AgentSite::one_example()});
    Connection connection(site);
    connection.mail();
    connection.rcpt("paul@one.example");
    connection.rcpt("nobody@one.example");
    connection.rcpt("spam@one.example");
    connection.rcpt("macca@one.example");
    const auto replies = connection.send("Subject: x\r\n\r\n..dot");
    CHECK(std::count(replies.begin(), replies.end(), '\n') == 3);
    REQUIRE(site.inbox("paul").size() == 1);
    CHECK(site.inbox("paul")[0].ends_with("\n\n.dot\n"));
}

TEST_CASE("without a compiled directory everything waits, and mail flows once there is one") {
    AgentSite site;
    Connection connection(site);
    connection.mail();
    CHECK(connection.rcpt("paul@one.example").starts_with("451 4.3.0"));
    site.compile({AgentSite::one_example()});
    CHECK(connection.rcpt("paul@one.example").starts_with("250"));
    CHECK(connection.send("Subject: x\r\n").starts_with("250 2.0.0"));
}

TEST_CASE("what changed between RCPT and the end of the data is looked up again") {
    AgentSite site;
    auto domain = AgentSite::one_example();
    site.compile({domain});
    Connection connection(site);
    connection.mail();
    connection.rcpt("paul@one.example");
    connection.rcpt("ringo@one.example");
    domain.mailboxes.erase("paul");
    site.compile({domain});
    connection.rcpt("all@one.example");
    const auto replies = connection.send("Subject: x\r\n\r\nbody");
    CHECK(replies.starts_with("550 5.1.1"));
    CHECK(replies.find("\r\n250 2.0.0 <ringo@one.example>") != std::string::npos);
    CHECK(site.inbox("paul").empty());
    CHECK(site.inbox("ringo").size() == 1);
}

TEST_CASE("a full mailbox is refused at RCPT, by what it holds or by the size declared") {
    AgentSite site;
    site.compile({AgentSite::one_example()});
    Connection connection(site);
    connection.mail();
    connection.rcpt("ringo@one.example");
    REQUIRE(connection.send("Subject: x\r\n\r\n" + std::string(300, 'x')).starts_with("250"));
    const auto maildirsize = site.paths.mail + "/one.example/ringo/maildirsize";
    // The file is read with its age by the agent's clock: make it as old as that.
    const auto age = [&](std::string_view text) {
        write_file(maildirsize, text);
        const std::filesystem::file_time_type time(
            std::chrono::file_clock::from_sys(std::chrono::time_point_cast<std::chrono::nanoseconds>(noon)));
        std::filesystem::last_write_time(maildirsize, time);
    };
    age("1000S\n1000 3\n");
    connection.mail();
    CHECK(connection.rcpt("ringo@one.example").starts_with("552 5.2.2"));
    CHECK(connection.rcpt("all@one.example").starts_with("250"));
    connection.say("RSET\r\n");
    age("1000S\n500 3\n");
    connection.say("MAIL FROM:<a@far.example> SIZE=5000\r\n");
    CHECK(connection.rcpt("ringo@one.example").starts_with("552 5.2.2"));
    connection.say("RSET\r\n");
    connection.mail();
    CHECK(connection.rcpt("ringo@one.example").starts_with("250"));
    site.site.delivery.over_quota = OverQuotaAnswer::defer;
    site.compile({AgentSite::one_example()});
    age("1000S\n1000 3\n");
    CHECK(connection.rcpt("ringo@one.example").starts_with("452 4.2.2"));
}

TEST_CASE("fifty clients deliver to one mailbox at once") {
    AgentSite site;
    site.compile({AgentSite::one_example()});
    Agent agent(site.paths, now);
    std::atomic<int> accepted = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 50; ++i)
        clients.emplace_back([&] {
            LmtpDelivery handler(agent, "");
            LmtpSession session({}, DomainName::from_trusted("mx.example"), handler);
            std::string replies;
            session.feed("LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<paul@one.example>\r\nDATA\r\n", replies);
            replies.clear();
            session.feed("Subject: x\r\n\r\nbody\r\n.\r\n", replies);
            accepted += replies.starts_with("250 2.0.0") ? 1 : 0;
        });
    for (auto& client : clients)
        client.join();
    CHECK(accepted == 50);
    CHECK(site.inbox("paul").size() == 50);
    CHECK(names_in(site.paths.mail + "/one.example/paul/tmp").empty());
}

TEST_CASE("a message over UTF8LMTP says so in its trace") {
    AgentSite site;
    site.compile({AgentSite::one_example()});
    Connection connection(site);
    connection.say("MAIL FROM:<jörg@far.example> SMTPUTF8\r\n");
    connection.rcpt("paul@one.example");
    CHECK(connection.send("Subject: ü\r\n").starts_with("250"));
    CHECK(site.inbox("paul").at(0).find("with UTF8LMTP id ") != std::string::npos);
    CHECK(site.inbox("paul").at(0).starts_with("Return-Path: <jörg@far.example>\n"));
}
