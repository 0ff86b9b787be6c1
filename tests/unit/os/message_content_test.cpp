// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/message_content.hpp"

#include "../maildir/maildirs.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

std::string read_all(const MessageContent& content, std::uint64_t from = 0) {
    std::string all;
    const auto done = read_content(content, from, [&](std::string_view piece) -> Status {
        all += piece;
        return {};
    });
    CHECK(done);
    return all;
}

} // namespace

TEST_CASE("the virtual size counts each line end as CRLF, wherever the pieces were cut") {
    const MailRoot root;
    CHECK(rc::check([&] {
        const auto text = *rc::gen::container<std::string>(rc::gen::element('a', '\r', '\n', '\0'));
        const auto cut = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
        const auto memory = *rc::gen::element<std::size_t>(0, 5, 1000);
        MessageContent content(root.path(), memory);
        content.append(std::string_view(text).substr(0, cut));
        content.append(std::string_view(text).substr(cut));
        std::uint64_t bare = 0;
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) ++bare;
        RC_ASSERT(content.size() == text.size());
        RC_ASSERT(content.virtual_size() == text.size() + bare);
        RC_ASSERT(read_all(content) == text);
    }));
}

TEST_CASE("a message beyond the memory limit is spooled without leaving a name, and reads back the same") {
    const MailRoot root;
    MessageContent content(root.path(), 1000);
    std::string text;
    for (int i = 0; i < 50'000; ++i)
        text += static_cast<char>(i * 31);
    for (std::size_t at = 0; at < text.size(); at += 777)
        content.append(std::string_view(text).substr(at, 777));
    CHECK_FALSE(content.in_memory());
    CHECK(names_in(root.path()).empty());
    CHECK(read_all(content) == text);
    CHECK(read_all(content, 49'990) == text.substr(49'990));
}

TEST_CASE("the beginning of a spooled message holds its header section however long that is") {
    const MailRoot root;
    MessageContent content(root.path(), 100);
    const std::string header = "Subject: " + std::string(5000, 'x') + "\n";
    content.append(header + "\n");
    content.append(std::string(5000, 'y'));
    CHECK(content.beginning(1'000'000).value().starts_with(header + "\n"));
    CHECK(content.beginning(10).value() == "Subject: x");
}

TEST_CASE("a message that cannot be spooled is an error and stays one") {
    MessageContent content("/nonexistent/directory", 10);
    content.append("0123456789abcdef");
    CHECK_FALSE(content.status());
    content.append("x");
    CHECK_FALSE(content.status());
    content.clear();
    CHECK(content.status());
}

TEST_CASE("memory of a big message is given back") {
    const MailRoot root;
    MessageContent content(root.path(), 1 << 20);
    content.append(std::string(1 << 19, 'x'));
    content.clear();
    CHECK(content.size() == 0);
    CHECK(content.memory().empty());
}
