// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/pipe.hpp"

#include "example_site.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fcntl.h>
#include <sysexits.h>
#include <thread>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

PipeResult run(AgentSite& site, const std::vector<std::string>& recipients, std::string_view message,
               std::string sender = "a@far.example") {
    const auto path = site.root / "input";
    write_file(path, message);
    const FileDescriptor input(::open(path.c_str(), O_RDONLY));
    Agent agent(
        site.paths, [] { return noon; }, Agent::JournalUse::not_standard_output);
    const auto result = deliver_pipe(agent, {std::move(sender), recipients}, input.get());
    CHECK(::lseek(input.get(), 0, SEEK_CUR) == static_cast<off_t>(message.size())); // read to the end in every case
    return result;
}

struct Compiled : AgentSite {
    Compiled() { compile({one_example()}); }
};

} // namespace

TEST_CASE("a delivered message is exit 0 and silence; it gets no Received of ours") {
    Compiled site;
    const auto result = run(site, {"paul@one.example"}, "Subject: x\n\nbody\n");
    CHECK(result.status == EX_OK);
    CHECK(result.line.empty());
    CHECK(site.inbox("paul").at(0) == "Return-Path: <a@far.example>\nX-Original-To: paul@one.example\n"
                                      "Delivered-To: paul@one.example\nSubject: x\n\nbody\n");
}

TEST_CASE("one leading mbox line goes, also an escaped one, and a missing last line end is added") {
    Compiled site;
    run(site, {"paul@one.example"}, "From x Mon\nSubject: x\n\nbody");
    CHECK(site.inbox("paul").at(0).ends_with("Delivered-To: paul@one.example\nSubject: x\n\nbody\n"));
    run(site, {"ringo@one.example"}, ">From x\nSubject: x\n\n");
    CHECK(site.inbox("ringo").at(0).ends_with("Delivered-To: ringo@one.example\nSubject: x\n\n"));
    for (const char* short_one : {"", "From", "From x", "x"})
        CHECK(run(site, {"paul@one.example"}, short_one).status == EX_OK);
}

TEST_CASE("only computed refusals are permanent") {
    Compiled site;
    std::string many_hops;
    for (int i = 0; i < 200; ++i)
        many_hops += "Received: by somebody\n";
    const auto unknown = run(site, {"nobody@one.example"}, "x\n\n");
    CHECK(unknown.status == EX_NOUSER);
    CHECK(unknown.line.starts_with("5.1.1 "));
    CHECK(run(site, {"bad@one.example"}, "x\n\n").status == EX_NOPERM);
    CHECK(run(site, {"paul@one.example"}, "Delivered-To: paul@one.example\n\n").status == EX_OK);
    CHECK(run(site, {"paul@one.example"}, many_hops).status == EX_DATAERR);
    CHECK(run(site, {"ringo@one.example"}, std::string(2000, 'x')).status == EX_UNAVAILABLE);
    CHECK(run(site, {"not an address"}, "x\n").status == EX_NOUSER);
    CHECK(run(site, {"spam@one.example"}, "x\n").status == EX_OK);
}

TEST_CASE("addresses come quoted or not, as flag q of pipe(8) says") {
    Compiled site;
    for (const char* form : {"a b@far_away.example", "\"a b\"@far_away.example"})
        CHECK(run(site, {"paul+x y@one.example", "\"paul+x y\"@one.example"}, "x: 1\n\n", form).status == EX_OK);
    for (const auto& text : site.inbox("paul"))
        CHECK(text.starts_with("Return-Path: <\"a b\"@far_away.example>\n"));
    CHECK(run(site, {"no body@one.example"}, "x: 1\n\n").status == EX_NOUSER);
}

TEST_CASE("everything else waits: no directory, no mail root, recipients that differ") {
    AgentSite empty;
    const auto waiting = run(empty, {"paul@one.example"}, "x\n\n");
    CHECK(waiting.status == EX_TEMPFAIL);
    CHECK(waiting.line.starts_with("4.3.0 "));
    Compiled site;
    CHECK(run(site, {"paul@one.example", "nobody@one.example"}, "x\n\n").status == EX_TEMPFAIL);
    CHECK(run(site, {"paul@one.example", "spam@one.example"}, "x\n\n").status == EX_OK);
    CHECK(run(site, {"nobody@one.example", "none@one.example"}, "x\n\n").status == EX_NOUSER);
    std::filesystem::remove_all(site.paths.mail);
    CHECK(run(site, {"paul@one.example"}, "x\n\n").status == EX_TEMPFAIL);
    CHECK_FALSE(std::filesystem::exists(site.paths.mail));
}

TEST_CASE("the null sender in all its forms") {
    Compiled site;
    for (const char* form : {"", "<>", "MAILER-DAEMON"})
        run(site, {"paul@one.example"}, "x: 1\n\n", form);
    const auto inbox = site.inbox("paul");
    REQUIRE(inbox.size() == 3);
    for (const auto& text : inbox)
        CHECK(text.starts_with("Return-Path: <>\n"));
    CHECK(run(site, {"paul@one.example"}, "x\n", "no\nsender").status == EX_DATAERR);
}

TEST_CASE("answers become exit statuses that the MTA reads the same way") {
    CHECK(pipe_status({250, "2.0.0", ""}) == 0);
    CHECK(pipe_status({451, "4.3.0", ""}) == 75);
    CHECK(pipe_status({452, "4.2.2", ""}) == 75);
    CHECK(pipe_status({550, "5.1.1", ""}) == 67);
    CHECK(pipe_status({550, "5.1.2", ""}) == 67);
    CHECK(pipe_status({554, "5.4.6", ""}) == 65);
    CHECK(pipe_status({552, "5.2.2", ""}) == 69);
    CHECK(pipe_status({550, "5.2.1", ""}) == 77);
    CHECK(pipe_status({550, "5.7.1", ""}) == 77);
}

TEST_CASE("a message that is long in coming keeps no old pages of the directory") {
    const auto pages_after_changes = [](bool with_waiting_agent) {
        AgentSite site;
        auto domain = AgentSite::one_example();
        for (int i = 0; i < 500; ++i)
            domain.mailboxes["name" + std::to_string(i)];
        site.compile({domain});
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        FileDescriptor input(ends[0]), writer(ends[1]);
        std::thread waiting([&] {
            Agent agent(
                site.paths, [] { return noon; }, Agent::JournalUse::not_standard_output);
            if (with_waiting_agent) CHECK(deliver_pipe(agent, {"", {"paul@one.example"}}, input.get()).status == EX_OK);
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        for (int change = 0; change < 40; ++change) {
            for (auto& [name, mailbox] : domain.mailboxes)
                mailbox.quota = ByteCount{static_cast<std::uint64_t>(change) + 1000};
            site.compile({domain});
        }
        const auto size = std::filesystem::file_size(site.paths.directory + "/data.mdb");
        writer = FileDescriptor();
        waiting.join();
        return size;
    };
    CHECK(pages_after_changes(true) <= pages_after_changes(false) * 3 / 2);
}
