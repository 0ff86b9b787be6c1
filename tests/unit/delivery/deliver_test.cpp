// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/deliver.hpp"

#include "example_site.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

using Codes = std::vector<std::string>;
const std::string body = "Subject: x\n\nbody\n";

std::string link_count(const std::string& maildir) {
    struct stat about {};
    const auto names = names_in(maildir + "/new");
    REQUIRE(names.size() == 1);
    REQUIRE(::stat((maildir + "/new/" + names[0]).c_str(), &about) == 0);
    return std::to_string(about.st_nlink);
}

Result<std::vector<Refusal>> temporary() { return fail(ErrorKind::temporary, "no MTA"); }

} // namespace

TEST_CASE("a single recipient gets all trace headers in their order and the message unchanged") {
    DeliverySite delivery;
    const std::string text = "Return-Path: <other@x>\nSubject: x\n\n\0bin\r ary\xff\n"
                             "From here\n";
    delivery.envelope.recipients = {recipient("Macca@one.example", Deliver{{local("paul@one.example")}})};
    CHECK(delivery.send(text) == Codes{"250 2.0.0"});
    CHECK(delivery.inbox("paul").at(0) == "Return-Path: <a@far.example>\n"
                                          "X-Original-To: Macca@one.example\n"
                                          "Delivered-To: paul@one.example\n"
                                          "Received: from client.example (local)\n"
                                          "\tby mx.example with LMTP id ID-1\n"
                                          "\tfor <Macca@one.example>;\n"
                                          "\tTue, 14 Nov 2023 22:13:20 +0000\n" +
                                              text);
    CHECK(delivery.journal_text().find(R"("result":"delivered","where":"paul@one.example")") != std::string::npos);
}

TEST_CASE("several recipients share one file without headers of their own") {
    DeliverySite delivery;
    delivery.envelope.recipients = {recipient("paul@one.example", Deliver{{local("paul@one.example")}}),
                                    recipient("ringo@one.example", Deliver{{local("ringo@one.example")}})};
    CHECK(delivery.send(body) == Codes{"250 2.0.0", "250 2.0.0"});
    CHECK(link_count(delivery.maildir("paul")) == "2");
    const auto text = delivery.inbox("ringo").at(0);
    CHECK(text.starts_with("Return-Path: <a@far.example>\nReceived: "));
    CHECK(text.find("Delivered-To") == std::string::npos);
    CHECK(text.find("for <") == std::string::npos);
    CHECK(names_in(delivery.maildir("paul/tmp")).empty());
}

TEST_CASE("without single instance each has a file and headers of his own") {
    DeliverySite delivery;
    delivery.settings.single_instance = false;
    delivery.envelope.recipients = {recipient("paul@one.example", Deliver{{local("paul@one.example")}}),
                                    recipient("ringo@one.example", Deliver{{local("ringo@one.example")}})};
    CHECK(delivery.send(body) == Codes{"250 2.0.0", "250 2.0.0"});
    CHECK(link_count(delivery.maildir("paul")) == "1");
    CHECK(delivery.inbox("ringo").at(0).find("Delivered-To: ringo@one.example\n") != std::string::npos);
}

TEST_CASE("the same recipient twice is one copy and two answers") {
    DeliverySite delivery;
    const auto paul = recipient("paul@one.example", Deliver{{local("paul@one.example")}});
    delivery.envelope.recipients = {paul, paul};
    CHECK(delivery.send(body) == Codes{"250 2.0.0", "250 2.0.0"});
    CHECK(delivery.inbox("paul").size() == 1);
}

TEST_CASE("a folder that does not exist is the INBOX, and no second copy of it") {
    DeliverySite delivery;
    delivery.envelope.recipients = {recipient("paul@one.example", Deliver{{local("paul@one.example")}}),
                                    recipient("paul+a@one.example", Deliver{{local("paul@one.example", 0, "a")}}),
                                    recipient("paul+b@one.example", Deliver{{local("paul@one.example", 0, "b")}})};
    REQUIRE(MailStore::open(delivery.settings.mail_root, "h").value().create_mailbox(address("paul@one.example")));
    for (const char* part : {"", "/cur", "/new", "/tmp"})
        REQUIRE(::mkdir((delivery.maildir("paul/.b") + part).c_str(), 0700) == 0);
    CHECK(delivery.send(body) == Codes{"250 2.0.0", "250 2.0.0", "250 2.0.0"});
    CHECK(delivery.inbox("paul").size() == 1);
    CHECK(delivery.inbox("paul/.b").size() == 1);
}

TEST_CASE("a message without a header section keeps its first line in the body") {
    DeliverySite delivery;
    delivery.envelope.recipients = {recipient("paul@one.example", Deliver{{local("paul@one.example")}})};
    for (const std::string text : {"", "no header here\n", "\nbody\n"}) {
        REQUIRE(delivery.send(text) == Codes{"250 2.0.0"});
        const auto stored = delivery.inbox("paul").back();
        const auto first_empty = stored.find("\n\n");
        CHECK(stored.substr(first_empty + (text.starts_with('\n') ? 1 : 2)) == text);
    }
}

TEST_CASE("a missing mail root makes every local recipient wait, and nothing is made") {
    DeliverySite delivery;
    std::filesystem::remove(delivery.settings.mail_root);
    delivery.envelope.recipients = {recipient("paul@one.example", Deliver{{local("paul@one.example")}}),
                                    recipient("spam@one.example", Discard{})};
    CHECK(delivery.send(body) == Codes{"451 4.2.0", "250 2.0.0"});
    CHECK_FALSE(std::filesystem::exists(delivery.settings.mail_root));
}

TEST_CASE("one mailbox that cannot be written does not stop the others") {
    DeliverySite delivery;
    write_file(delivery.settings.mail_root + "/two.example", "in the way");
    delivery.envelope.recipients = {recipient("x@two.example", Deliver{{local("x@two.example")}}),
                                    recipient("paul@one.example", Deliver{{local("paul@one.example")}}),
                                    recipient("y@two.example", Deliver{{local("y@two.example")}})};
    CHECK(delivery.send(body) == Codes{"451 4.2.0", "250 2.0.0", "451 4.2.0"});
    CHECK(delivery.inbox("paul").size() == 1);
    CHECK(delivery.journal_text().find(R"("result":"deferred")") != std::string::npos);
}

TEST_CASE("a full mailbox is refused or deferred by setting, and only it") {
    DeliverySite delivery;
    delivery.envelope.recipients = {recipient("ringo@one.example", Deliver{{local("ringo@one.example", 100)}}),
                                    recipient("paul@one.example", Deliver{{local("paul@one.example", 10'000)}})};
    CHECK(delivery.send(body) == Codes{"552 5.2.2", "250 2.0.0"});
    delivery.settings.over_quota = OverQuotaAnswer::defer;
    CHECK(delivery.send(body) == Codes{"452 4.2.2", "250 2.0.0"});
    CHECK(delivery.inbox("ringo").empty());
    CHECK(names_in(delivery.maildir("ringo/tmp")).empty());
    const auto name = names_in(delivery.maildir("paul/new")).at(0);
    const auto size = name.substr(name.find(",S=") + 3, name.find(",W=") - name.find(",S=") - 3);
    CHECK(content_of(delivery.maildir("paul/maildirsize")) == "10000S\n0 0\n" + size + " 1\n" + size + " 1\n");
}

TEST_CASE("a full mailbox among the targets of one recipient does not stop the others; the sender gets a notice") {
    DeliverySite delivery;
    delivery.envelope.recipients = {
        recipient("all@one.example", Deliver{{local("ringo@one.example", 10), local("paul@one.example")}})};
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
    CHECK(delivery.inbox("paul").size() == 1);
    REQUIRE(delivery.mailer.handed.size() == 1);
    CHECK(delivery.mailer.handed[0].sender.empty());
    CHECK(delivery.mailer.handed[0].targets == Codes{"a@far.example"});
}

TEST_CASE("a forward is handed over with our trace, the rewritten sender and without Return-Path") {
    DeliverySite delivery;
    delivery.settings.srs_keys = SrsKeys{DomainName::from_trusted("mx.example"), {"secret"}};
    delivery.envelope.recipients = {
        recipient("info@one.example", Deliver{{local("paul@one.example"), forward("x@far.example", "info@one.example"),
                                               forward("y@far.example", "info@one.example")}})};
    CHECK(delivery.send("Subject: x\nReturn-Path: <old@x>\n\nbody\n") == Codes{"250 2.0.0"});
    REQUIRE(delivery.mailer.handed.size() == 1);
    const auto& handed = delivery.mailer.handed[0];
    CHECK(handed.sender.starts_with("SRS0="));
    CHECK(handed.sender.ends_with("=far.example=a@mx.example"));
    CHECK(handed.targets == Codes{"x@far.example", "y@far.example"});
    CHECK(handed.text.starts_with("Delivered-To: info@one.example\nReceived: from client.example"));
    CHECK(handed.text.ends_with("\nSubject: x\n\nbody\n"));
    CHECK(delivery.inbox("paul").size() == 1);
}

TEST_CASE("the null sender stays null, and with srs off every sender stays") {
    DeliverySite delivery;
    delivery.settings.srs_keys = SrsKeys{DomainName::from_trusted("mx.example"), {"secret"}};
    delivery.envelope.recipients = {
        recipient("info@one.example", Deliver{{forward("x@far.example", "info@one.example")}})};
    delivery.envelope.sender.reset();
    delivery.send(body);
    delivery.envelope.sender = address("a@far.example");
    delivery.settings.rewrite_senders = false;
    delivery.send(body);
    CHECK(delivery.mailer.handed.at(0).sender.empty());
    CHECK(delivery.mailer.handed.at(1).sender == "a@far.example");
}

TEST_CASE("a forward that cannot be handed over makes its recipient wait, and no other") {
    DeliverySite delivery;
    delivery.mailer.answer = [](const Submission&) { return temporary(); };
    delivery.envelope.recipients = {
        recipient("both@one.example",
                  Deliver{{local("both@one.example"), forward("x@far.example", "both@one.example")}}),
        recipient("paul@one.example", Deliver{{local("paul@one.example")}})};
    CHECK(delivery.send(body) == Codes{"451 4.3.0", "250 2.0.0"});
    CHECK(delivery.inbox("both").empty());
    CHECK(names_in(delivery.maildir("both/tmp")).empty());
    CHECK(delivery.inbox("paul").size() == 1);
}

TEST_CASE("secrets that cannot be read make forwards wait, and nothing else") {
    DeliverySite delivery;
    delivery.settings.srs_keys = fail(ErrorKind::denied, "cannot read");
    delivery.envelope.recipients = {
        recipient("info@one.example", Deliver{{forward("x@far.example", "info@one.example")}}),
        recipient("paul@one.example", Deliver{{local("paul@one.example")}})};
    CHECK(delivery.send(body) == Codes{"451 4.3.0", "250 2.0.0"});
    CHECK(delivery.mailer.handed.empty());
}

TEST_CASE("what the next hop refuses for good is refused, and the sender has it from our answer alone") {
    DeliverySite delivery;
    std::string enhanced = "5.1.1";
    delivery.mailer.answer = [&](const Submission& submission) -> Result<std::vector<Refusal>> {
        return std::vector<Refusal>{{submission.targets.at(0), 550, enhanced, "no"}};
    };
    delivery.envelope.recipients = {
        recipient("info@one.example", Deliver{{forward("x@far.example", "info@one.example")}})};
    CHECK(delivery.send(body) == Codes{"550 5.1.1"});
    enhanced = "5.7.1";
    CHECK(delivery.send(body) == Codes{"550 5.7.1"});
    enhanced.clear();
    CHECK(delivery.send(body) == Codes{"550 5.0.0"});
    enhanced = "5.5.1";
    CHECK(delivery.send(body) == Codes{"451 4.3.0"});
    CHECK(delivery.mailer.handed.size() == 4); // and no notice to anybody
}

TEST_CASE("one bad target does not stop the others; the sender gets a notice, the null sender none") {
    DeliverySite delivery;
    delivery.mailer.answer = [&](const Submission& submission) -> Result<std::vector<Refusal>> {
        if (submission.targets.size() < 2) return std::vector<Refusal>{};
        return std::vector<Refusal>{{submission.targets.at(0), 550, "5.1.1", "no"}};
    };
    delivery.envelope.recipients = {recipient(
        "info@one.example",
        Deliver{{forward("x@far.example", "info@one.example"), forward("y@far.example", "info@one.example")}})};
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
    REQUIRE(delivery.mailer.handed.size() == 2);
    const auto& notice = delivery.mailer.handed[1];
    CHECK(notice.sender.empty());
    CHECK(notice.targets == Codes{"a@far.example"});
    CHECK(notice.text.find("Final-Recipient: rfc822; info@one.example\nAction: failed\nStatus: 5.1.1\n") !=
          std::string::npos);
    CHECK(notice.text.find("x@far.example") ==
          std::string::npos); // whom it is forwarded to is not the sender's business
    delivery.envelope.sender.reset();
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
    CHECK(delivery.mailer.handed.size() == 3);
    CHECK(delivery.journal_text().find(R"("result":"refused","where":"x@far.example")") != std::string::npos);
}

TEST_CASE("all or nothing: nobody gets anything when one cannot be served") {
    DeliverySite delivery;
    delivery.envelope.all_or_nothing = true;
    delivery.envelope.recipients = {recipient("paul@one.example", Deliver{{local("paul@one.example")}}),
                                    recipient("ringo@one.example", Deliver{{local("ringo@one.example", 10)}})};
    CHECK(delivery.send(body) == Codes{"451 4.3.0", "552 5.2.2"});
    CHECK(delivery.inbox("paul").empty());
    delivery.envelope.recipients[1] = recipient("i@one.example", Deliver{{forward("x@far.example", "i@one.example")}});
    delivery.mailer.answer = [](const Submission&) { return temporary(); };
    CHECK(delivery.send(body) == Codes{"451 4.3.0", "451 4.3.0"});
    CHECK(delivery.inbox("paul").empty());
}

TEST_CASE("a message that could not be kept whole is nobody's") {
    DeliverySite delivery;
    delivery.envelope.recipients = {recipient("paul@one.example", Deliver{{local("paul@one.example")}})};
    MessageContent content("/nonexistent/directory", 4);
    content.append("0123456789");
    const auto replies = deliver(delivery.envelope, content, noon, delivery.settings,
                                 {delivery.mailer, delivery.journal, delivery.gate, delivery.state});
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].code == 451);
}

TEST_CASE("an exception from below is a temporary answer for everybody left") {
    DeliverySite delivery;
    delivery.mailer.answer = [](const Submission&) -> Result<std::vector<Refusal>> { throw std::bad_alloc(); };
    delivery.envelope.recipients = {recipient("spam@one.example", Discard{}),
                                    recipient("i@one.example", Deliver{{forward("x@far.example", "i@one.example")}}),
                                    recipient("paul@one.example", Deliver{{local("paul@one.example")}})};
    CHECK(delivery.send(body) == Codes{"250 2.0.0", "451 4.3.0", "451 4.3.0"});
    CHECK(delivery.inbox("paul").empty());
    CHECK(names_in(delivery.maildir("paul/tmp")).empty());
}

TEST_CASE("failures of the store are temporary, and say which kind") {
    const auto code_of = [](int number) {
        const auto reply = reply_to_store_error(system_error(number, "cannot write", "x"));
        return std::to_string(reply.code) + " " + reply.enhanced;
    };
    CHECK(code_of(ENOSPC) == "452 4.3.0");
    CHECK(code_of(EDQUOT) == "452 4.2.2");
    CHECK(code_of(EFBIG) == "452 4.2.2");
    for (const int number : {EIO, EACCES, ENOENT, ESTALE, EAGAIN, EROFS, ENAMETOOLONG, ELOOP})
        CHECK(code_of(number) == "451 4.2.0");
}

namespace {

LocalDelivery member(std::string_view mailbox, std::uint64_t quota = 0) {
    auto place = local(mailbox, quota);
    place.list = address("sales@one.example");
    return place;
}
ForwardDelivery outside(std::string_view to) {
    auto target = forward(to, "sales@one.example");
    target.list = address("sales@one.example");
    return target;
}
const std::string list_fields = "List-Id: <sales.one.example>\n"
                                "List-Post: <mailto:sales@one.example>\n"
                                "List-Owner: <mailto:sales-owner@one.example>\n"
                                "List-Unsubscribe: <mailto:sales-owner@one.example?subject=unsubscribe>\n"
                                "Precedence: list\n";

} // namespace

TEST_CASE("members of a list share one file from the owner with the list's fields; a direct copy is another file") {
    DeliverySite delivery;
    delivery.envelope.recipients = {
        recipient("sales@one.example", Deliver{{member("paul@one.example"), member("ringo@one.example")}}),
        recipient("john@one.example", Deliver{{local("john@one.example")}}),
        recipient("yoko@one.example", Deliver{{local("yoko@one.example")}})};
    CHECK(delivery.send(body) == Codes(3, "250 2.0.0"));
    CHECK(link_count(delivery.maildir("paul")) == "2");
    CHECK(link_count(delivery.maildir("john")) == "2");
    const auto text = delivery.inbox("ringo").at(0);
    CHECK(text.starts_with("Return-Path: <sales-owner@one.example>\nReceived: "));
    CHECK(text.ends_with("+0000\n" + list_fields + body));
    const auto direct = delivery.inbox("john").at(0);
    CHECK(direct.starts_with("Return-Path: <a@far.example>\nReceived: "));
    CHECK(direct.find("List-Id") == std::string::npos);
}

TEST_CASE("what a list hands over comes from its owner, unchanged but for the fields in front") {
    DeliverySite delivery;
    delivery.envelope.recipients = {
        recipient("sales@one.example", Deliver{{outside("x@far.example"), member("paul@one.example")}})};
    CHECK(delivery.send("Return-Path: <old@x>\n" + body) == Codes{"250 2.0.0"});
    REQUIRE(delivery.mailer.handed.size() == 1);
    CHECK(delivery.mailer.handed[0].sender == "sales-owner@one.example");
    CHECK(delivery.mailer.handed[0].text.starts_with("Delivered-To: sales@one.example\nReceived: "));
    CHECK(delivery.mailer.handed[0].text.ends_with("+0000\n" + list_fields + body));
    CHECK(delivery.inbox("paul").size() == 1);
}

TEST_CASE("a member that cannot be served now waits in the MTA, stops no other and is no news to who wrote") {
    DeliverySite delivery;
    std::filesystem::create_directories(delivery.settings.mail_root + "/one.example");
    std::ofstream(delivery.maildir("paul")) << "in the way";
    delivery.envelope.recipients = {
        recipient("sales@one.example",
                  Deliver{{member("john@one.example"), member("paul@one.example"), member("ringo@one.example", 10)}})};
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
    CHECK(delivery.inbox("john").size() == 1);
    REQUIRE(delivery.mailer.handed.size() == 2); // before and after publishing; no notice to a@far.example
    CHECK(delivery.mailer.handed[0].targets == std::vector<std::string>{"ringo@one.example"});
    CHECK(delivery.mailer.handed[1].targets == std::vector<std::string>{"paul@one.example"});
    for (const auto& handed : delivery.mailer.handed) {
        CHECK(handed.sender == "sales-owner@one.example");
        CHECK(handed.text.find(list_fields) != std::string::npos);
    }
    CHECK(delivery.journal_text().find(R"("result":"deferred","where":"ringo@one.example")") != std::string::npos);
}

TEST_CASE("when the MTA does not take the copies that must wait, nobody on the list has got one") {
    DeliverySite delivery;
    delivery.mailer.answer = [](const Submission&) { return temporary(); };
    delivery.envelope.recipients = {
        recipient("sales@one.example", Deliver{{member("ringo@one.example", 10), member("john@one.example")}}),
        recipient("yoko@one.example", Deliver{{local("yoko@one.example")}})};
    CHECK(delivery.send(body) == Codes{"451 4.3.0", "250 2.0.0"});
    CHECK(names_in(delivery.maildir("john/new")).empty());
    CHECK(delivery.inbox("yoko").size() == 1);
}

TEST_CASE("a target of a member that is refused for good is told to the owner of the list") {
    DeliverySite delivery;
    delivery.mailer.answer = [](const Submission& submission) -> Result<std::vector<Refusal>> {
        if (!submission.sender) return std::vector<Refusal>{};
        return std::vector<Refusal>{{address("x@far.example"), 550, "5.1.1", "unknown"}};
    };
    delivery.envelope.recipients = {recipient("sales@one.example", Deliver{{outside("x@far.example")}})};
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
    REQUIRE(delivery.mailer.handed.size() == 2);
    CHECK(delivery.mailer.handed[1].sender.empty());
    CHECK(delivery.mailer.handed[1].targets == std::vector<std::string>{"sales-owner@one.example"});
    CHECK(delivery.mailer.handed[1].text.find("Final-Recipient: rfc822; x@far.example") != std::string::npos);
    CHECK(delivery.journal_text().find(R"("result":"bounced","where":"sales-owner@one.example")") != std::string::npos);
}

TEST_CASE("a direct copy that fails is the direct recipient's affair; the list served the others") {
    DeliverySite delivery;
    delivery.envelope.recipients = {
        recipient("ringo@one.example", Deliver{{local("ringo@one.example", 10)}}),
        recipient("sales@one.example", Deliver{{member("ringo@one.example", 10), member("john@one.example")}})};
    CHECK(delivery.send(body) == Codes{"552 5.2.2", "250 2.0.0"});
    CHECK(delivery.inbox("john").size() == 1);
    CHECK(delivery.mailer.handed.empty());
}

namespace {

Deliver held(std::string_view name, HoldDelivery::Why why = HoldDelivery::Why::candidate) {
    return {{HoldDelivery{why, address(name)}}};
}

} // namespace

TEST_CASE("mail for a candidate is held apart while there is room, and unknown after that") {
    DeliverySite delivery;
    std::filesystem::create_directories(delivery.root / "lib");
    delivery.settings.candidates.name_messages = 1;
    delivery.envelope.recipients = {recipient("joe@one.example", held("joe@one.example"))};
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
    CHECK(delivery.send(body) == Codes{"550 5.1.1"});
    const auto messages = delivery.inbox(".candidates/joe");
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].find("Delivered-To: joe@one.example\n") != std::string::npos);
    CHECK(delivery.journal_text().find(R"("result":"held","where":"joe@one.example")") != std::string::npos);
}

TEST_CASE("a message is not held under a directory that has changed, and its room is given back") {
    DeliverySite delivery;
    std::filesystem::create_directories(delivery.root / "lib");
    delivery.settings.candidates.names = 1;
    delivery.is_current = [] { return false; };
    delivery.envelope.recipients = {recipient("joe@one.example", held("joe@one.example"))};
    CHECK(delivery.send(body) == Codes{"451 4.2.0"});
    CHECK(delivery.inbox(".candidates/joe").empty());
    delivery.is_current = [] { return true; };
    delivery.envelope.recipients = {recipient("jim@one.example", held("jim@one.example"))};
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
}

TEST_CASE("mail of a suspended mailbox is held without limits of candidates") {
    DeliverySite delivery;
    delivery.settings.candidates.names = 0;
    delivery.envelope.recipients = {
        recipient("paul@one.example", held("paul@one.example", HoldDelivery::Why::suspended))};
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
    CHECK(delivery.inbox(".held/paul").size() == 1);
}

TEST_CASE("the customer's server gets the sender as it is, and a relay that cannot be handed over makes all wait") {
    DeliverySite delivery;
    const Deliver relayed{
        {RelayDelivery{address("paul@one.example"), "mx.customer.example:25"}, local("paul@one.example")}};
    delivery.envelope.recipients = {recipient("paul@one.example", relayed)};
    CHECK(delivery.send(body) == Codes{"250 2.0.0"});
    REQUIRE(delivery.mailer.handed.size() == 1);
    CHECK(delivery.mailer.handed[0].sender == "a@far.example");
    CHECK(delivery.mailer.handed[0].targets == Codes{"paul@one.example.mailctl-relay.invalid"});
    CHECK(delivery.mailer.handed[0].text.starts_with("Delivered-To: paul@one.example\n"));
    delivery.mailer.answer = [](const Submission&) { return temporary(); };
    CHECK(delivery.send(body) == Codes{"451 4.3.0"});
    CHECK(delivery.inbox("paul").size() == 1);
}
