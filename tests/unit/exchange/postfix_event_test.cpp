// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/logs/postfix_event.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mailctl;

namespace {

PostfixEvent event_in(std::string_view service, std::string_view text) {
    PostfixEvent event;
    INFO(text);
    REQUIRE(read_postfix_event(service, text, event) == Reading::event);
    return event;
}

Reading reading_of(std::string_view service, std::string_view text) {
    PostfixEvent event;
    return read_postfix_event(service, text, event);
}

} // namespace

TEST_CASE("queue ids are short or long, and words are none") {
    for (const auto* id : {"4F2A81C", "0123456789ABCDE", "3Pt2mN2VXxznjll", "4bVJqP1WkSz4wC7"})
        CHECK_MESSAGE(is_queue_id(id), id);
    for (const auto* word : {"warning", "statistics", "NOQUEUE", "4F2A8", "fatal", "abcdef", "connect from h"})
        CHECK_MESSAGE(!is_queue_id(word), word);
}

TEST_CASE("the beginning of a message: smtpd and pickup") {
    auto event = event_in(
        "smtpd", "4F2A81C: client=mail.example.net[192.0.2.1]:4711, sasl_method=PLAIN, sasl_username=ann@example.org");
    CHECK(event.kind == EventKind::accepted);
    CHECK(event.id == "4F2A81C");
    CHECK(event.client == "mail.example.net[192.0.2.1]:4711");
    CHECK(event.login == "ann@example.org");
    event = event_in("smtpd", "4F2A81D: client=localhost[127.0.0.1], orig_queue_id=4F2A81C, orig_client=h[192.0.2.1]");
    CHECK(event.other_id == "4F2A81C");
    event = event_in("pickup", "4F2A81E: uid=33 from=<www-data>");
    CHECK(event.uid == 33);
    CHECK(event.sender == "www-data");
    event = event_in("pickup", "4F2A81F: uid=0 from=<ann@example.org> orig_id=4F2A81C");
    CHECK(event.other_id == "4F2A81C");
}

TEST_CASE("what cleanup and the queue manager say") {
    CHECK(event_in("cleanup", "4F2A81C: message-id=<a@b>").message_id == "<a@b>");
    CHECK(event_in("cleanup", "4F2A81C: resent-message-id=<r@b>").kind == EventKind::identified);
    CHECK(event_in("cleanup", "4F2A81C: message-id=").message_id.empty());
    auto event = event_in("qmgr", "4F2A81C: from=<\"a>, size=1\"@example.net>, size=812, nrcpt=3 (queue active)");
    CHECK(event.kind == EventKind::queued);
    CHECK(event.sender == "\"a>, size=1\"@example.net");
    CHECK(event.size == 812);
    CHECK(event.recipients == 3);
    CHECK(event_in("qmgr", "4F2A81C: from=<>, size=1, nrcpt=1 (queue active)").sender == "");
    CHECK(event_in("qmgr", "4F2A81C: from=<a@b>, status=expired, returned to sender").kind == EventKind::expired);
    CHECK(event_in("qmgr", "4F2A81C: from=<a@b>, status=force-expired, returned to sender").kind == EventKind::expired);
    CHECK(event_in("qmgr", "4F2A81C: removed").kind == EventKind::removed);
}

TEST_CASE("an attempt: relay, delay, and the answer to the end of the line") {
    auto event = event_in(
        "smtp",
        "4F2A81C: to=<b@example.com>, orig_to=<x@example.org>, relay=mx.example.com[198.51.100.7]:25, conn_use=2, "
        "delay=1.2, delays=0.1/0/0.5/0.6, tls=TLSv1.3, dsn=4.2.0, status=deferred (host mx.example.com[198.51.100.7] "
        "said: "
        "450 4.2.0 grey (list), status=sent (x) (in reply to RCPT TO command))");
    CHECK(event.kind == EventKind::tried);
    CHECK(event.attempt == Attempt::deferred);
    CHECK(event.recipient == "b@example.com");
    CHECK(event.original == "x@example.org");
    CHECK(event.relay == "mx.example.com[198.51.100.7]:25");
    CHECK(event.delay == "1.2");
    CHECK(
        event.answer ==
        "host mx.example.com[198.51.100.7] said: 450 4.2.0 grey (list), status=sent (x) (in reply to RCPT TO command)");
    CHECK(event_in("error", "4F2A81C: to=<b@c>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred "
                            "(delivery temporarily suspended)")
              .relay == "none");
    CHECK(event_in("smtp",
                   "4F2A81C: to=<b@c>, relay=h[192.0.2.9]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok)")
              .goes_on == false);
    CHECK(event_in("smtp", "4F2A81C: to=<b@c>, relay=h[192.0.2.9]:25, delay=1, dsn=5.0.0, status=SOFTBOUNCE (550 no)")
              .attempt == Attempt::deferred);
    CHECK(event_in("smtp", "4F2A81C: to=<b@c>, relay=h[192.0.2.9]:25, delay=1, dsn=2.0.0, status=deliverable (250 ok)")
              .attempt == Attempt::probed);
}

TEST_CASE("a filter is known by its address on this machine, and the way back by the id it tells") {
    auto event = event_in(
        "smtp", "4F2A81C: to=<b@c>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent "
                "(250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5A3B92D)");
    CHECK(event.goes_on);
    CHECK(event.other_id == "5A3B92D");
    event = event_in(
        "local",
        "4F2A81C: to=<b@c>, relay=local, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (forwarded as 5A3B92D)");
    CHECK(event.other_id == "5A3B92D");
    CHECK(event_in("pipe", "4F2A81C: to=<b@c>, relay=filter, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent "
                           "(delivered via filter service)")
              .goes_on);
}

TEST_CASE("verdicts: smtpd, postscreen, cleanup, milters and the proxy filter") {
    auto event = event_in(
        "smtpd", "NOQUEUE: reject: RCPT from h.example.net[192.0.2.1]: 554 5.7.1 <b@c.example>: Relay access denied; "
                 "from=<a@example.net> to=<b@c.example> proto=ESMTP helo=<; from=<x> to=<y>>");
    CHECK(event.kind == EventKind::refused);
    CHECK(event.id.empty());
    CHECK(event.sender == "a@example.net");
    CHECK(event.recipient == "b@c.example");
    CHECK(event.client == "h.example.net[192.0.2.1]");
    CHECK(event.answer == "554 5.7.1 <b@c.example>: Relay access denied");
    event = event_in("postscreen", "NOQUEUE: reject: RCPT from [192.0.2.1]:4711: 550 5.7.1 Service unavailable; client "
                                   "[192.0.2.1] blocked using zen; "
                                   "from=<a@example.net>, to=<b@c.example>, proto=ESMTP, helo=<h>");
    CHECK(event.recipient == "b@c.example");
    CHECK(event.sender == "a@example.net");
    event = event_in("cleanup", "4F2A81C: milter-reject: END-OF-MESSAGE from h[192.0.2.1]: 5.7.1 Spam; from=<a@b> "
                                "to=<b@c> proto=ESMTP helo=<h>");
    CHECK(event.kind == EventKind::refused);
    CHECK(event.answer == "5.7.1 Spam");
    event = event_in("cleanup", "4F2A81C: reject: header Subject: casino from h[192.0.2.1]; from=<a@b> to=<b@c> "
                                "proto=ESMTP helo=<h>: 5.7.1 message content rejected");
    CHECK(event.recipient == "b@c");
    CHECK(event.answer == "5.7.1 message content rejected");
    CHECK(event_in("cleanup",
                   "4F2A81C: hold: header Subject: x from h[192.0.2.1]; from=<a@b> to=<b@c> proto=ESMTP helo=<h>")
              .kind == EventKind::kept);
    CHECK(event_in("cleanup", "4F2A81C: discard: body y from h[192.0.2.1]; from=<a@b> to=<b@c> proto=ESMTP helo=<h>")
              .kind == EventKind::discarded);
    CHECK(event_in("smtpd",
                   "NOQUEUE: proxy-reject: END-OF-MESSAGE: 550 5.7.1 no; from=<a@b> to=<b@c> proto=ESMTP helo=<h>")
              .kind == EventKind::refused);
    CHECK(event_in("smtpd", "4F2A81C: reject: RCPT from h[192.0.2.1]: 550 no; from=<a@b> to=<b@c> proto=ESMTP helo=<h> "
                            "sasl_method=PLAIN, sasl_username=ann")
              .login == "ann");
    CHECK(reading_of("smtpd", "NOQUEUE: reject: CONNECT from h[192.0.2.1]: 554 5.7.1 blocked; proto=SMTP") ==
          Reading::nothing);
    CHECK(reading_of("smtpd",
                     "NOQUEUE: filter: RCPT from h[192.0.2.1]: <b@c>: x; from=<a@b> to=<b@c> proto=ESMTP helo=<h>") ==
          Reading::nothing);
}

TEST_CASE("postsuper and bounce") {
    CHECK(event_in("postsuper", "4F2A81C: removed").kind == EventKind::deleted);
    CHECK(event_in("postsuper", "4F2A81C: requeued").kind == EventKind::requeued);
    CHECK(event_in("postsuper", "4F2A81C: placed on hold").kind == EventKind::held);
    CHECK(event_in("postsuper", "4F2A81C: released from hold").kind == EventKind::released);
    CHECK(event_in("bounce", "4F2A81C: sender non-delivery notification: 5A3B92D").other_id == "5A3B92D");
    CHECK(event_in("bounce", "4F2A81C: postmaster delay notification: 5A3B92D").kind == EventKind::notified);
}

TEST_CASE("lines about no message are nothing, and halves of a line are broken") {
    for (const auto* text : {"connect from h[192.0.2.1]", "disconnect from h[192.0.2.1] ehlo=1 quit=1",
                             "warning: 4F2A81C: x", "statistics: max connection rate 1/60s"})
        CHECK_MESSAGE(reading_of("smtpd", text) == Reading::nothing, text);
    CHECK(reading_of("smtp", "4F2A81C: to=<b@c>, relay=h[192.0.2.9]:25, del") == Reading::broken);
    CHECK(reading_of("smtp", "4F2A81C: to=<b@c") == Reading::broken);
    CHECK(reading_of("qmgr", "4F2A81C: from=<a@b>, size=x, nrcpt=1 (queue active)") == Reading::broken);
    CHECK(reading_of("pickup", "4F2A81C: uid=x") == Reading::broken);
}
