// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/message.hpp"

#include "parsed_address.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>

using namespace mailctl;
using mailctl::test::address;

namespace {

std::vector<std::string> all(std::string_view message, std::string_view name) {
    return HeaderSection::scan(message).find_all(name);
}
const Instant noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours{12};

} // namespace

TEST_CASE("fields are found unfolded and without regard to case") {
    const std::string_view message = "subject: one\nSUBJECT :\n\ttwo\n\n three  \nX: y\n\nSubject: body\n";
    CHECK(all(message, "Subject") == std::vector<std::string>{"one", "two"});
    const std::string_view folded = "List-Id: a\n b\r\n\tc\nX:\n";
    CHECK(all(folded, "list-id") == std::vector<std::string>{"a b\tc"});
    CHECK(HeaderSection::scan(folded).find("x") == "");
    CHECK_FALSE(HeaderSection::scan(folded).find("y").has_value());
}

TEST_CASE("the section ends at the first empty line, also one of a lone CR") {
    for (const std::string_view message : {"A: 1\n\nA: 2\n", "A: 1\n\r\nA: 2\n", "A: 1\n"}) {
        const auto header = HeaderSection::scan(message);
        CHECK(header.present());
        CHECK(header.text() == "A: 1\n");
        CHECK(header.count("a") == 1);
    }
    CHECK(HeaderSection::scan("A: 1").text() == "A: 1");
}

TEST_CASE("lines that are no field are passed over with their continuation") {
    using namespace std::string_view_literals;
    const auto message = "A: 1\nno field here\n continued\nB\0: x\nB: 2\n\n"sv;
    CHECK(all(message, "A") == std::vector<std::string>{"1"});
    CHECK(all(message, "B") == std::vector<std::string>{"2"});
    CHECK(all("A: 1\nB\0C: x\nB: 2\n\n"sv, "B\0C"sv).empty()); // CVE-2011-1929
    CHECK(all("A: 1\nB\0C: x\nB: 2\n\n"sv, "B") == std::vector<std::string>{"2"});
}

TEST_CASE("text that does not begin with a field has no header section") {
    for (const std::string_view message :
         {"", "hello\nSubject: x\n\n", " A: 1\n\n", ": x\n\n", "From me\nhello\n", "x"}) {
        CHECK_FALSE(HeaderSection::scan(message).present());
        CHECK(HeaderSection::scan(message).size() == 0);
        CHECK(HeaderSection::scan(message).count("Subject") == 0);
    }
    CHECK(HeaderSection::scan("\nbody\n").present());
    CHECK(HeaderSection::scan("From a@b Mon Jan 1\nSubject: x\n\n").count("Subject") == 1);
    CHECK(HeaderSection::scan(">From a@b Mon Jan 1\nSubject: x\n\n").count("Subject") == 1);
}

TEST_CASE("the loop test finds every Delivered-To in the header and none in the body") {
    std::string message = "Received: x\n";
    for (int i = 0; i < 2000; ++i)
        message += "Delivered-To: other" + std::to_string(i) + "@example.org\n";
    message += "DELIVERED-TO:\n\tPaul@EXAMPLE.org\n\nDelivered-To: body@example.org\n";
    const auto header = HeaderSection::scan(message);
    CHECK(was_delivered_to(header, address("paul@example.org")));
    CHECK(was_delivered_to(header, address("other1999@example.org")));
    CHECK_FALSE(was_delivered_to(header, address("body@example.org")));
    CHECK_FALSE(was_delivered_to(header, address("paul@example.net")));
    CHECK(was_delivered_to(HeaderSection::scan("Delivered-To: <\"p\"@example.org>\n\n"), address("p@example.org")));
    CHECK(was_delivered_to(HeaderSection::scan("Delivered-To: a@bücher.example\n\n"),
                           address("a@xn--bcher-kva.example")));
}

TEST_CASE("a header of megabytes hides no loop") {
    std::string message = "X-Long: " + std::string(3'000'000, 'x') + "\n";
    for (int i = 0; i < 100'000; ++i)
        message += " folded line\n";
    message += "Delivered-To: paul@example.org\n\n";
    CHECK(was_delivered_to(HeaderSection::scan(message), address("paul@example.org")));
}

TEST_CASE("what lies beyond ten megabytes is not looked at") {
    const std::string message = "X: " + std::string(max_header_section, 'x') + "\nDelivered-To: a@example.org\n\n";
    const auto header = HeaderSection::scan(message);
    CHECK(header.size() == max_header_section);
    CHECK_FALSE(was_delivered_to(header, address("a@example.org")));
}

TEST_CASE("hops are Received lines") {
    CHECK(count_hops(HeaderSection::scan("Received: a\nRECEIVED: b\n\tc\nX-Received: d\n\nReceived: e\n")) == 2);
}

TEST_CASE("trace headers come in the order of delivery and quote addresses") {
    Trace trace;
    trace.return_path = address("\"a b\"@c.example");
    trace.original_to = "first@example.org";
    trace.delivered_to = address("paul@example.org");
    trace.received = ReceivedLine{"client.example",
                                  "",
                                  DomainName::from_trusted("mx.example.org"),
                                  "LMTP",
                                  "42.7",
                                  address("alias@example.org"),
                                  noon};
    CHECK(compose_trace(trace) == "Return-Path: <\"a b\"@c.example>\n"
                                  "X-Original-To: first@example.org\n"
                                  "Delivered-To: paul@example.org\n"
                                  "Received: from client.example (local)\n"
                                  "\tby mx.example.org with LMTP id 42.7\n"
                                  "\tfor <alias@example.org>;\n"
                                  "\tSun, 22 Nov 2026 12:00:00 +0000\n");
}

TEST_CASE("what is not given is not written, and the null sender is an empty path") {
    CHECK(compose_trace({}).empty());
    Trace null_sender;
    null_sender.return_path = Sender{};
    CHECK(compose_trace(null_sender) == "Return-Path: <>\n");
    Trace pipe;
    pipe.received = ReceivedLine{};
    pipe.received->when = noon;
    CHECK(compose_trace(pipe) == "Received: by localhost;\n\tSun, 22 Nov 2026 12:00:00 +0000\n");
}

TEST_CASE("peers are shown as address literals") {
    Trace trace;
    trace.received = ReceivedLine{"c", "192.0.2.1", DomainName::from_trusted("h"), "UTF8LMTP", "", std::nullopt, noon};
    CHECK(compose_trace(trace).starts_with("Received: from c ([192.0.2.1])\n\tby h with UTF8LMTP;\n"));
    trace.received->peer = "2001:db8::1";
    CHECK(compose_trace(trace).starts_with("Received: from c ([IPv6:2001:db8::1])\n"));
}

TEST_CASE("no text from a peer breaks out of its header line") {
    CHECK(rc::check("compose_trace", [] {
        Trace trace;
        trace.return_path = Sender{};
        trace.original_to = *rc::gen::resize(300, rc::gen::arbitrary<std::string>());
        trace.received = ReceivedLine{*rc::gen::resize(300, rc::gen::arbitrary<std::string>()),
                                      *rc::gen::arbitrary<std::string>(),
                                      DomainName::from_trusted("h"),
                                      "LMTP",
                                      *rc::gen::arbitrary<std::string>(),
                                      std::nullopt,
                                      noon};
        const std::string lines = compose_trace(trace);
        const auto header = HeaderSection::scan(lines);
        RC_ASSERT(header.size() == lines.size());
        std::vector<std::string> names;
        header.for_each([&](const HeaderField& field) { names.emplace_back(field.name); });
        RC_ASSERT(names == (std::vector<std::string>{"Return-Path", "X-Original-To", "Received"}));
        for (std::size_t at = 0, end = 0; (end = lines.find('\n', at)) != lines.npos; at = end + 1)
            RC_ASSERT(end - at < 998U);
    }));
    Trace hostile;
    hostile.received =
        ReceivedLine{"a) by x;\r\nEvil: 1", "", DomainName::from_trusted("h"), "", "", std::nullopt, noon};
    CHECK(compose_trace(hostile).starts_with("Received: from a??by?x???Evil:?1 (local)\n\tby h;\n"));
}

TEST_CASE("an original recipient too long for a line is left out, not cut") {
    Trace trace;
    trace.original_to = std::string(5000, 'x') + "@example.org";
    CHECK(compose_trace(trace).empty());
}

TEST_CASE("a message without header section gets an empty line after ours") {
    Trace trace;
    trace.return_path = Sender{};
    for (const std::string_view message : {"", "just a body\n"})
        CHECK(compose_prefix(trace, HeaderSection::scan(message)) == "Return-Path: <>\n\n");
    for (const std::string_view message : {"\nbody\n", "A: 1\n", "A: 1\n\nbody\n"})
        CHECK(compose_prefix(trace, HeaderSection::scan(message)) == "Return-Path: <>\n");
}

TEST_CASE("only Return-Path leaves a forwarded header, every other byte stays") {
    const auto without = [](std::string_view message) { return without_return_path(HeaderSection::scan(message)); };
    CHECK(without("Return-Path: <a@b>\nA: 1\n\nReturn-Path: body\n") == "A: 1\n");
    CHECK(without("A: 1\nreturn-path:\n\t<a@b>\n x\nB:  2 \r\nbad line\n\n") == "A: 1\nB:  2 \r\nbad line\n");
    CHECK(without("Return-Path: <a@b>") == "");
    CHECK(without("A: 1\n\n") == "A: 1\n");
    CHECK(without("body\n") == "");
}

TEST_CASE("scanning any bytes keeps every field inside the section") {
    CHECK(rc::check("HeaderSection", [] {
        const auto text =
            *rc::gen::container<std::string>(rc::gen::element('A', ':', ' ', '\t', '\n', '\n', '\r', '\0', 'F'));
        const auto header = HeaderSection::scan(text);
        RC_ASSERT(std::string_view(text).starts_with(header.text()));
        RC_ASSERT(header.text().find("\n\n") == std::string_view::npos);
        std::size_t fields = 0;
        header.for_each([&](const HeaderField& field) {
            ++fields;
            RC_ASSERT(!field.name.empty());
            RC_ASSERT(header.text().find(field.text) != std::string_view::npos);
        });
        if (!header.present()) RC_ASSERT(fields == 0U);
        RC_ASSERT(without_return_path(header) == header.text());
    }));
}
