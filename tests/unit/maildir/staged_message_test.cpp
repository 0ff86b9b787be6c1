// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/staged_message.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

const Address ringo = address("ringo@one.example");

StagedMessage stage(const MailRoot& root, const MessageContent& content, std::string_view prefix = "P: 1\n",
                    Instant when = noon) {
    const auto store = root.store();
    return StagedMessage::stage(store, store.open_mailbox(paul).value(), prefix, content, when).value();
}

struct stat about(const std::string& path) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found;
}

} // namespace

TEST_CASE("a published message is there byte for byte, and its name tells the sizes") {
    const MailRoot root;
    CHECK(rc::check([&] {
        const auto text = *rc::gen::arbitrary<std::string>();
        const auto before = messages_in(root / "one.example/paul").size();
        auto staged = stage(root, root.content(text));
        RC_ASSERT(staged.name().value().sync().has_value());
        const auto names = names_in(root / "one.example/paul/new");
        RC_ASSERT(names.size() == before + 1);
        const auto name = names.back(); // later names sort later
        RC_ASSERT(content_of(root / ("one.example/paul/new/" + name)) == "P: 1\n" + text);
        const auto parsed = parse_message_name(name);
        RC_ASSERT(parsed.size == text.size() + 5);
        RC_ASSERT(parsed.virtual_size == root.content("P: 1\n" + text).virtual_size());
        RC_ASSERT(::unlink((root / ("one.example/paul/new/" + name)).c_str()) == 0);
    }));
    CHECK(names_in(root / "one.example/paul/tmp").empty());
}

TEST_CASE("a big message comes from the spool unchanged") {
    const MailRoot root;
    std::string text;
    for (int i = 0; i < 3'000'000; ++i)
        text += static_cast<char>(i * 7);
    const auto content = root.content(text);
    REQUIRE_FALSE(content.in_memory());
    auto staged = stage(root, content);
    REQUIRE(staged.name().value().sync());
    CHECK(messages_in(root / "one.example/paul").at(0) == "P: 1\n" + text);
    CHECK(staged.size().bytes == text.size() + 5);
}

TEST_CASE("what is not published leaves nothing behind") {
    const MailRoot root;
    {
        const auto staged = stage(root, root.content("x"));
        CHECK(names_in(root / "one.example/paul/tmp").size() == 1);
        CHECK(names_in(root / "one.example/paul/new").empty());
    }
    CHECK(names_in(root / "one.example/paul/tmp").empty());
}

TEST_CASE("further mailboxes get a link to the same file, also when the first gets none") {
    const MailRoot root;
    {
        const auto staged = stage(root, root.content("x\n"));
        REQUIRE(staged.name_also(root.store(), ringo));
        REQUIRE(staged.name_also(root.store(), root.store().open_mailbox(address("john@one.example")).value()));
    }
    CHECK(names_in(root / "one.example/paul/new").empty());
    const auto name = names_in(root / "one.example/ringo/new").at(0);
    CHECK(names_in(root / "one.example/john/new").at(0) == name);
    CHECK(about(root / ("one.example/ringo/new/" + name)).st_nlink == 2);
    CHECK(messages_in(root / "one.example/ringo").at(0) == "P: 1\nx\n");
}

TEST_CASE("files are private to their owner") {
    const MailRoot root;
    auto staged = stage(root, root.content("x"));
    REQUIRE(staged.name().value().sync());
    const auto name = names_in(root / "one.example/paul/new").at(0);
    CHECK((about(root / ("one.example/paul/new/" + name)).st_mode & 07777) == 0600);
}

TEST_CASE("a file that has the name already is never replaced") {
    const MailRoot root;
    const auto staged = stage(root, root.content("mine"));
    REQUIRE(staged.name_also(root.store(), ringo));
    REQUIRE(staged.name_also(root.store(), ringo)); // the same name again
    CHECK(messages_in(root / "one.example/ringo") == std::vector<std::string>(2, "P: 1\nmine"));
}

TEST_CASE("a Maildir that lost its directories gets them again") {
    const MailRoot root;
    REQUIRE(root.store().create_mailbox(paul));
    REQUIRE(::rmdir((root / "one.example/paul/tmp").c_str()) == 0);
    auto staged = stage(root, root.content("x"));
    REQUIRE(staged.name().value().sync());
    CHECK(messages_in(root / "one.example/paul").size() == 1);
}

TEST_CASE("fifty threads deliver to one mailbox and every message is there") {
    const MailRoot root;
    constexpr int threads_count = 50, each = 4;
    std::vector<std::thread> threads;
    std::atomic<int> published = 0;
    for (int t = 0; t < threads_count; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < each; ++i)
                published += stage(root, root.content(fmt::format("{} {}\n", t, i))).name().value().sync() ? 1 : 0;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(published == threads_count * each);
    const auto messages = messages_in(root / "one.example/paul");
    CHECK(std::set<std::string>(messages.begin(), messages.end()).size() == threads_count * each);
    CHECK(names_in(root / "one.example/paul/tmp").empty());
}
