// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/logs/story_book.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <span>

using namespace mailctl;

namespace {

// What is kept, as the database keeps it: lines, and what no line says.
class Kept : public PastStories {
  public:
    struct Row {
        std::string host, instance, id, lines;
        std::uint64_t number, parent;
        bool passed_on, superseded, closed;
        bool operator==(const Row&) const = default;
    };
    std::map<std::uint64_t, Row> rows;

    static Story story_of(const Row& row) {
        Story story(row.host, row.instance, row.id);
        story.number = row.number;
        story.parent = row.parent;
        story.passed_on = row.passed_on;
        story.superseded = row.superseded;
        REQUIRE(story.replay(row.lines));
        return story;
    }
    Result<std::vector<Story>> with_id(std::uint64_t hash) override {
        return where([&](const Story& story) { return hash_of(story) == hash; });
    }
    Result<std::vector<Story>> with_message_id(std::uint64_t hash) override {
        return where([&](const Story& story) {
            return !story.message_id().empty() && hash_of_text(story.message_id()) == hash;
        });
    }
    Result<std::unordered_set<std::uint64_t>> open_ids() override {
        std::unordered_set<std::uint64_t> hashes;
        for (const auto& [number, row] : rows)
            if (!row.closed) hashes.insert(hash_of(story_of(row)));
        return hashes;
    }
    Result<std::uint64_t> last_number() override { return rows.empty() ? 0 : rows.rbegin()->first; }
    Status keep(const Story& story) {
        rows[story.number] = {story.host,   story.instance,  story.id,         story.lines(),    story.number,
                              story.parent, story.passed_on, story.superseded, story.is_closed()};
        return {};
    }

  private:
    template <class Test>
    std::vector<Story> where(Test test) {
        std::vector<Story> found;
        for (const auto& [number, row] : rows) {
            auto story = story_of(row);
            if (test(story)) found.push_back(std::move(story));
        }
        return found;
    }
};

struct TestLine {
    int second;
    std::string program, text;
};

Instant second(int count) { return Instant(std::chrono::seconds(1'786'000'000 + count)); }

void take(StoryBook& book, const TestLine& line, Novelty novelty = Novelty::fresh) {
    REQUIRE(book.take({second(line.second), "mx1", line.program, line.text, novelty}));
}

void update(Kept& kept, std::span<const TestLine> lines, Novelty novelty = Novelty::fresh) {
    auto book = StoryBook::open(kept);
    REQUIRE(book);
    for (const auto& line : lines)
        take(*book, line, novelty);
    for (const auto& booked : book->drain())
        REQUIRE(kept.keep(booked->story));
}

// "ID recipient status", a line for each row.
std::string told(const Kept& kept) {
    std::string text;
    for (const auto& [number, row] : kept.rows) {
        const auto story = Kept::story_of(row);
        for (const auto& each : story.rows())
            text += fmt::format("{} {} {} {}\n", story.id.empty() ? "NOQUEUE" : story.id, each.recipient,
                                status_name(each.status), each.attempts);
    }
    return text;
}

std::string told(std::initializer_list<TestLine> lines) {
    Kept kept;
    update(kept, std::vector<TestLine>(lines));
    return told(kept);
}

TestLine client(int at, const std::string& id, const std::string& from = "h.example.net[192.0.2.1]") {
    return {at, "postfix/smtpd", id + ": client=" + from};
}
TestLine named(int at, const std::string& id, const std::string& message_id) {
    return {at, "postfix/cleanup", id + ": message-id=<" + message_id + ">"};
}
TestLine active(int at, const std::string& id, int count = 1) {
    return {at, "postfix/qmgr", fmt::format("{}: from=<a@example.net>, size=100, nrcpt={} (queue active)", id, count)};
}
TestLine tried(int at, const std::string& id, const std::string& to, const std::string& status,
               const std::string& answer, const std::string& service = "smtp",
               const std::string& relay = "mx.example.com[198.51.100.7]:25") {
    return {at, "postfix/" + service,
            fmt::format("{}: to=<{}>, relay={}, delay=1, delays=0/0/0/1, dsn=2.0.0, status={} ({})", id, to, relay,
                        status, answer)};
}
TestLine removed(int at, const std::string& id) { return {at, "postfix/qmgr", id + ": removed"}; }

} // namespace

TEST_CASE("a message that is deferred, then sent, is one row with two attempts") {
    CHECK(told({client(0, "4F2A81C"), named(0, "4F2A81C", "m@x"), active(1, "4F2A81C"),
                tried(2, "4F2A81C", "b@example.com", "deferred", "450 later"), active(60, "4F2A81C"),
                tried(61, "4F2A81C", "b@example.com", "sent", "250 ok"), removed(61, "4F2A81C")}) ==
          "4F2A81C b@example.com sent 2\n");
}

TEST_CASE("a message in the queue is one row without a recipient; one that was never taken is none") {
    CHECK(told({client(0, "4F2A81C"), named(0, "4F2A81C", "m@x"), active(1, "4F2A81C")}) == "4F2A81C  queued 0\n");
    CHECK(told({client(0, "4F2A81C")}).empty());
}

TEST_CASE("bounced, expired, held, released, deleted") {
    CHECK(told({client(0, "4F2A81C"),
                active(1, "4F2A81C", 2),
                tried(2, "4F2A81C", "b@c", "bounced", "550 no"),
                tried(2, "4F2A81C", "d@c", "sent", "250 ok"),
                {2, "postfix/bounce", "4F2A81C: sender non-delivery notification: 5A3B92D"},
                removed(3, "4F2A81C")}) == "4F2A81C b@c bounced 1\n4F2A81C d@c sent 1\n");
    const std::vector lines{client(0, "4F2A81C"), active(1, "4F2A81C"),
                            tried(2, "4F2A81C", "b@c", "deferred", "450 later")};
    const auto then = [&](std::initializer_list<TestLine> more) {
        auto all = lines;
        all.insert(all.end(), more);
        Kept kept;
        update(kept, all);
        return told(kept);
    };
    CHECK(then({{9, "postfix/qmgr", "4F2A81C: from=<a@example.net>, status=expired, returned to sender"},
                removed(9, "4F2A81C")}) == "4F2A81C b@c expired 1\n");
    CHECK(then({{9, "postfix/postsuper", "4F2A81C: placed on hold"}}) == "4F2A81C b@c held 1\n");
    CHECK(then({{9, "postfix/postsuper", "4F2A81C: placed on hold"},
                {10, "postfix/postsuper", "4F2A81C: released from hold"}}) == "4F2A81C b@c deferred 1\n");
    CHECK(then({{9, "postfix/postsuper", "4F2A81C: removed"}}) == "4F2A81C b@c discarded 1\n");
    CHECK(told({client(0, "4F2A81C"),
                {1, "postfix/cleanup",
                 "4F2A81C: hold: header X from h[192.0.2.1]; from=<a@example.net> to=<b@c> proto=ESMTP helo=<h>"}}) ==
          "4F2A81C b@c held 0\n");
}

TEST_CASE("refusals are rows, with an id or without; a recipient refused beside others leaves the message as it is") {
    CHECK(told({{0, "postfix/smtpd",
                 "NOQUEUE: reject: RCPT from h[192.0.2.1]: 554 no; from=<a@b> to=<c@d> proto=ESMTP helo=<h>"}}) ==
          "NOQUEUE c@d rejected 0\n");
    CHECK(told({client(0, "4F2A81C"),
                {0, "postfix/smtpd",
                 "4F2A81C: reject: RCPT from h[192.0.2.1]: 554 no; from=<a@b> to=<c@d> proto=ESMTP helo=<h>"},
                active(1, "4F2A81C")}) == "4F2A81C c@d rejected 0\n4F2A81C  queued 0\n");
}

TEST_CASE("delivered is what our agent took: by its socket, its pipe and its words") {
    CHECK(told({tried(0, "4F2A81C", "p@o", "sent", "250 2.0.0 <p@o> x saved", "lmtp", "mx[/run/mailctl/lmtp.sock]")}) ==
          "4F2A81C p@o delivered 1\n");
    CHECK(told({tried(0, "4F2A81C", "p@o", "sent", "250 2.0.0 <p@o> x saved", "lmtp", "127.0.0.1[127.0.0.1]:24")}) ==
          "4F2A81C p@o delivered 1\n");
    CHECK(told({tried(0, "4F2A81C", "p@o", "sent", "delivered via mailctl service", "pipe", "mailctl")}) ==
          "4F2A81C p@o delivered 1\n");
    CHECK(told({tried(0, "4F2A81C", "p@o", "sent", "250 2.0.0 <p@o> x Saved", "lmtp", "mx[private/dovecot-lmtp]")}) ==
          "4F2A81C p@o sent 1\n");
    CHECK(told({tried(0, "4F2A81C", "p@o", "sent", "x", "discard", "none")}) == "4F2A81C p@o discarded 1\n");
}

TEST_CASE("a filter gives the message back under another id: the first hop is passed on, and without it filtered") {
    const auto given =
        tried(4, "4F2A81C", "p@o", "sent", "250 2.0.0 Ok: queued as 5A3B92D", "smtp", "127.0.0.1[127.0.0.1]:10024");
    CHECK(told({client(0, "4F2A81C"), active(1, "4F2A81C"), given, removed(4, "4F2A81C")}) ==
          "4F2A81C p@o filtered 1\n");
    Kept kept;
    update(kept, std::vector{client(0, "4F2A81C"), named(0, "4F2A81C", "m@x"), active(1, "4F2A81C"),
                             client(2, "5A3B92D", "localhost[127.0.0.1]"), named(2, "5A3B92D", "m@x"),
                             active(3, "5A3B92D"), given, removed(4, "4F2A81C"),
                             tried(5, "5A3B92D", "p@o", "sent", "250 ok"), removed(5, "5A3B92D")});
    CHECK(told(kept) == "4F2A81C p@o passed on 1\n5A3B92D p@o sent 1\n");
    CHECK(kept.rows[2].parent == 1);
}

TEST_CASE("a pipe filter is joined by the message id, and only within ten minutes") {
    const auto piped = tried(2, "4F2A81C", "p@o", "sent", "delivered via filter service", "pipe", "filter");
    const auto again = [](int at) { return TestLine{at, "postfix/pickup", "5A3B92D: uid=65534 from=<a@example.net>"}; };
    CHECK(told({client(0, "4F2A81C"), named(0, "4F2A81C", "m@x"), active(1, "4F2A81C"), piped, removed(2, "4F2A81C"),
                again(4), named(4, "5A3B92D", "m@x"), active(4, "5A3B92D")}) ==
          "4F2A81C p@o passed on 1\n5A3B92D  queued 0\n");
    CHECK(told({client(0, "4F2A81C"), named(0, "4F2A81C", "m@x"), active(1, "4F2A81C"), piped, removed(2, "4F2A81C"),
                again(900), named(900, "5A3B92D", "m@x"), active(900, "5A3B92D")}) ==
          "4F2A81C p@o sent 1\n5A3B92D  queued 0\n");
}

TEST_CASE("the same message sent twice is two messages, not one that came back") {
    const auto here = "127.0.0.1[127.0.0.1]:2525";
    CHECK(told({client(0, "4F2A81C", "localhost[127.0.0.1]"), named(0, "4F2A81C", "m@x"), active(1, "4F2A81C"),
                tried(2, "4F2A81C", "b@c", "sent", "250 kept", "smtp", here), removed(2, "4F2A81C"),
                client(5, "5A3B92D", "localhost[127.0.0.1]"), named(5, "5A3B92D", "m@x"), active(6, "5A3B92D"),
                tried(7, "5A3B92D", "b@c", "sent", "250 kept", "smtp", here), removed(7, "5A3B92D")}) ==
          "4F2A81C b@c sent 1\n5A3B92D b@c sent 1\n");
}

TEST_CASE("what postsuper requeues goes on under its new id") {
    CHECK(told({client(0, "4F2A81C"),
                active(1, "4F2A81C"),
                tried(2, "4F2A81C", "b@c", "deferred", "450 later"),
                {3, "postfix/postsuper", "4F2A81C: requeued"},
                {3, "postfix/pickup", "5A3B92D: uid=0 from=<a@example.net> orig_id=4F2A81C"},
                active(4, "5A3B92D"),
                tried(5, "5A3B92D", "b@c", "sent", "250 ok")}) == "4F2A81C b@c passed on 1\n5A3B92D b@c sent 1\n");
}

TEST_CASE("what is requeued waits until pickup takes it") {
    CHECK(told({client(0, "4F2A81C"),
                active(1, "4F2A81C"),
                tried(2, "4F2A81C", "b@c", "deferred", "450 later"),
                {3, "postfix/postsuper", "4F2A81C: requeued"}}) == "4F2A81C b@c deferred 1\n");
    CHECK(told({client(0, "4F2A81C"), active(1, "4F2A81C"), {3, "postfix/postsuper", "4F2A81C: requeued"}}) ==
          "4F2A81C  queued 0\n");
}

TEST_CASE("a short id that is used again tells two stories") {
    CHECK(told({client(0, "4F2A81C"), active(1, "4F2A81C"), tried(2, "4F2A81C", "b@c", "sent", "250 ok"),
                removed(2, "4F2A81C"), client(100, "4F2A81C"), active(101, "4F2A81C"),
                tried(102, "4F2A81C", "d@e", "bounced", "550 no"), removed(102, "4F2A81C")}) ==
          "4F2A81C b@c sent 1\n4F2A81C d@e bounced 1\n");
    CHECK(told({client(0, "4F2A81C"), active(1, "4F2A81C"), client(100, "4F2A81C"), active(101, "4F2A81C"),
                tried(102, "4F2A81C", "d@e", "sent", "250 ok")}) ==
          "4F2A81C d@e sent 1\n"); // the first was not seen to leave
}

TEST_CASE("instances have ids of their own; a daemon under another name has not") {
    CHECK(told({{0, "postfix/smtpd", "4F2A81C: client=h[192.0.2.1]"},
                {0, "postfix-out/smtpd", "4F2A81C: client=h[192.0.2.2]"},
                {1, "postfix-out/cleanup", "4F2A81C: message-id=<b@x>"},
                {1, "postfix/cleanup", "4F2A81C: message-id=<a@x>"},
                {2, "postfix/lmtp", "4F2A81C: to=<a@o>, relay=x, delay=1, status=sent (ok)"},
                {2, "postfix-out/lmtp", "4F2A81C: to=<b@o>, relay=x, delay=1, status=bounced (no)"}}) ==
          "4F2A81C a@o sent 1\n4F2A81C b@o bounced 1\n");
    CHECK(told({{0, "submission/smtpd", "4F2A81C: client=h[192.0.2.1]"},
                {1, "postfix/cleanup", "4F2A81C: message-id=<b@x>"},
                active(1, "4F2A81C"),
                tried(2, "4F2A81C", "b@c", "sent", "250 ok")}) == "4F2A81C b@c sent 1\n");
}

TEST_CASE("lines that were read before add nothing") {
    const std::vector lines{
        client(0, "4F2A81C"),
        named(0, "4F2A81C", "m@x"),
        active(1, "4F2A81C"),
        tried(2, "4F2A81C", "b@c", "deferred", "450 later"),
        TestLine{3, "postfix/smtpd",
                 "NOQUEUE: reject: RCPT from h[192.0.2.1]: 554 no; from=<a@b> to=<c@d> proto=ESMTP helo=<h>"},
        tried(9, "4F2A81C", "b@c", "sent", "250 ok"),
        removed(9, "4F2A81C")};
    Kept kept;
    update(kept, lines);
    const auto once = kept.rows;
    for (std::size_t from = 0; from < lines.size(); ++from)
        update(kept, std::span(lines).subspan(from), Novelty::repeatable);
    CHECK(kept.rows == once);
}

TEST_CASE("however a log is divided into updates, the same is kept") {
    const auto lines_of_everything = [] {
        std::vector<std::vector<TestLine>> stories;
        for (int i = 0; i < *rc::gen::inRange(1, 12); ++i) {
            const int at = *rc::gen::inRange(0, 300);
            const auto id = *rc::gen::element(std::string("4F2A81C"), std::string("5A3B92D"), std::string("6B4CA3E"));
            const auto next = *rc::gen::element(std::string("7C5DB4F"), std::string("5A3B92D"));
            const auto mid = *rc::gen::element(std::string("m@x"), std::string("n@x"));
            std::vector<TestLine> lines{
                *rc::gen::element(
                    client(at, id), client(at, id, "localhost[127.0.0.1]"),
                    TestLine{at, "postfix/pickup", id + ": uid=1 from=<a@example.net>"},
                    TestLine{at, "submission/smtpd", id + ": client=h[192.0.2.1], orig_queue_id=" + next}),
                named(at, id, mid),
                active(at + 1, id),
                tried(at + 2, id, "b@c", "deferred", "450"),
                *rc::gen::element(
                    tried(at + 9, id, "b@c", "sent", "250 Ok: queued as " + next, "smtp", "h[127.0.0.1]:1"),
                    tried(at + 9, id, "b@c", "sent", "x", "pipe", "f"),
                    TestLine{at + 9, "postfix/postsuper", id + ": requeued"},
                    tried(at + 9, id, "b@c", "bounced", "550")),
                removed(at + 10, id)};
            lines.resize(*rc::gen::inRange<std::size_t>(1, lines.size() + 1));
            stories.push_back(std::move(lines));
        }
        std::vector<TestLine> all;
        for (auto& each : stories)
            all.insert(all.end(), each.begin(), each.end());
        std::ranges::stable_sort(all, {}, &TestLine::second);
        return all;
    };
    CHECK(rc::check("split", [&] {
        const auto lines = lines_of_everything();
        Kept whole, divided;
        update(whole, lines);
        for (std::size_t at = 0; at < lines.size();) {
            const auto count = std::min(lines.size() - at, *rc::gen::inRange<std::size_t>(1, 8));
            update(divided, std::span(lines).subspan(at, count));
            at += count;
        }
        RC_ASSERT(whole.rows == divided.rows);
    }));
}

TEST_CASE("kept lines whose time cannot be are damaged, and refused") {
    const std::string far_off = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"; // the earliest moment there is
    Story story("mx1", "postfix", "4F2A81C");
    CHECK_FALSE(story.replay(std::string("u\0\0\0", 4) + far_off + std::string(3, '\0')));
}
