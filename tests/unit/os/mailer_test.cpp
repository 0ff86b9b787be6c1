// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/mailer.hpp"

#include "../maildir/maildirs.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace mailctl;
using namespace mailctl::test;
using namespace std::chrono_literals;

namespace {

// A `sendmail` that keeps its arguments and input, then does what `end` says.
struct FakeSendmail {
    MailRoot root;
    explicit FakeSendmail(const std::string& end) {
        write_file(root / "sendmail", "#!/bin/sh\nprintf '%s\\n' \"$@\" > " + (root / "args") + "\ncat > " +
                                          (root / "input") + "\n" + end + "\n");
        ::chmod((root / "sendmail").c_str(), 0700);
    }
    [[nodiscard]] Result<std::vector<Refusal>> submit(const Sender& sender, std::string_view body) const {
        const auto mailer = make_mailer(SubmitBySendmail{root / "sendmail"}, DomainName::from_trusted("mx.example"),
                                        root.path(), {.connect = 1s, .command = 1s, .message = 2s});
        const auto content = root.content(body);
        return mailer->submit(
            {.sender = sender, .targets = {address("-x@one.example"), address("\"a b\"@one.example")}},
            {"Head: 1\n", content, 2});
    }
};

} // namespace

TEST_CASE("the program gets sender and targets as arguments and the message as input, big or small") {
    const FakeSendmail sendmail("exit 0");
    for (const std::size_t size : {std::size_t{10}, std::size_t{1'000'000}}) {
        const std::string body(size, 'x');
        const auto done = sendmail.submit(address("a@far.example"), "12" + body);
        REQUIRE(done);
        CHECK(done->empty());
        CHECK(content_of(sendmail.root / "args") == "-i\n-f\na@far.example\n--\n-x@one.example\n\"a b\"@one.example\n");
        CHECK(content_of(sendmail.root / "input") == "Head: 1\n" + body);
    }
    REQUIRE(sendmail.submit({}, "12x"));
    CHECK(content_of(sendmail.root / "args").starts_with("-i\n-f\n<>\n--\n"));
}

TEST_CASE("every failure of the program is temporary, also one it calls permanent") {
    for (const char* end : {"exit 67", "exit 75", "exit 1", "kill -9 $$", "sleep 30"}) {
        const auto done = FakeSendmail(end).submit({}, "12x");
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::temporary);
    }
    const FakeSendmail gone("exit 0");
    REQUIRE(std::filesystem::remove(gone.root / "sendmail"));
    CHECK(gone.submit({}, "12x").error().kind == ErrorKind::temporary);
}
