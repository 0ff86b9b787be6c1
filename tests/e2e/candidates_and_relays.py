#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real Postfix at the two borders that only the agent knows: room for another candidate, and the customer's own server.

Held to: Postfix accepts nothing that it would have to bounce, and the customer's server gets every accepted message, under its
real names, also when it was away for a while; never what is banished.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mail_flows import make_postfix, make_site, open_socket_to_postfix, wait_for  # noqa: E402
from harness.site import expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

MESSAGE = b"From: a@elsewhere.example\nTo: somebody\nSubject: hello\nMessage-ID: <1@elsewhere.example>\n\nhello\n"
SENDER = "a@elsewhere.example"


def postfix_refuses_what_the_agent_has_no_room_for():
    with make_site(settings=["candidates.names=1"]) as site:
        site.mailctl("catchall", "set", "one.example", "candidate")
        site.start_agent()
        open_socket_to_postfix(site)
        with make_postfix(site) as postfix:
            expect(postfix.send(SENDER, ["joe@one.example"], MESSAGE) == {}, "the first candidate was refused")
            wait_for(lambda: site.json("candidate", "list"), "a candidate")
            code, text = postfix.refusal("jim@one.example")
            expect(code == 550 and "5.1.1" in text, f"{code} {text}")
            code, text = postfix.refusal("jim@uno.example")
            expect(code == 550, f"by the domain's other name: {code} {text}")
            expect(postfix.send(SENDER, ["joe@one.example", "paul@one.example"], MESSAGE) == {}, "known names are refused")
            site.mailctl("config", "set", "candidates.names=2")
            wait_for(lambda: postfix.refusal("jim@one.example")[0] == 250, "the refusal to be forgotten", seconds=120)
            postfix.wait_until_empty()
            expect("status=bounced" not in postfix.log(), postfix.log())


def the_customers_server_gets_a_copy_of_all_accepted_mail():
    sink, senders = SmtpSink(), SmtpSink()  # the customer's server, and that of everybody elsewhere: no name has to be looked up
    with make_site() as site:
        site.mailctl("banished", "add", "casino@one.example")
        site.mailctl("domain", "set", "one.example", f"relay_to=127.0.0.1:{sink.port}")
        site.start_agent()
        open_socket_to_postfix(site)
        with make_postfix(site, f"relayhost = [127.0.0.1]:{senders.port}\n") as postfix:
            site.mailctl("config", "set", f"submit=smtp:127.0.0.1:{postfix.port}")
            expect(postfix.send(SENDER, ["Macca@one.example", "admin@one.example"], MESSAGE) == {}, "refused")
            expect(postfix.send(SENDER, ["casino@one.example"], MESSAGE) == {}, "refused")
            wait_for(lambda: len(sink.messages) >= 2, "two copies at the customer's server")
            postfix.wait_until_empty()
            got = sorted((sender, recipients) for sender, recipients, _ in sink.messages)
            expect([sender for sender, _ in got] == [SENDER, SENDER], f"{got}")
            expect(sorted(recipients[0].lower() for _, recipients in got) == ["admin@one.example", "macca@one.example"], f"{got}")
            expect(len(site.messages("paul@one.example")) == 1, "the mailbox has no copy")
            came_back = sink.messages[0][2].replace(b"\r\n", b"\n")
            recipient = sink.messages[0][1][0]
            code = postfix.send(SENDER, [recipient], came_back)
            expect(code == {}, f"{code}")
            wait_for(lambda: "5.4.6" in postfix.log(), "the loop to be cut")
            postfix.wait_until_empty()
            expect(len(sink.messages) == 2, f"a loop: {len(sink.messages)}")
            expect([(sender, to) for sender, to, _ in senders.messages] == [("", [SENDER])], f"told of the loop: {senders.messages}")
    sink.close()
    senders.close()


if __name__ == "__main__":
    sys.exit(run_tests("e2e borders", [
        postfix_refuses_what_the_agent_has_no_room_for, the_customers_server_gets_a_copy_of_all_accepted_mail,
    ]))
