#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Warnings to users whose mailbox gets full: once per level, through the MTA, and never in the way of the mail."""
import email
import email.policy
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import deliver  # noqa: E402
from harness.site import UNPRIVILEGED, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

SENDER = "ann@far.example"


class House:
    def __init__(self, *settings):
        self.sink = SmtpSink()
        self.site = Site(user=UNPRIVILEGED, settings=(f"submit=smtp:127.0.0.1:{self.sink.port}", *settings))
        self.site.mailctl("domain", "create", "one.example")
        self.site.mailctl("mailbox", "create", "paul@one.example", "--quota", "100k", "--no-password")

    def __enter__(self):
        self.site.start_agent()
        return self

    def __exit__(self, *unused):
        self.site.close()
        self.sink.close()

    def send(self, kilobytes):
        answers, replies = deliver(self.site.socket, SENDER, ["paul@one.example"],
                                   b"Subject: x\n\n" + (b"x" * 63 + b"\n") * (16 * kilobytes))
        return (replies or answers)[0]

    def warnings(self):
        """Ends the agent, which says what it has to say, and starts a new one; subjects of the warnings that came of it."""
        expect(self.site.stop_agent() == 0, "the agent did not end well")
        self.site.start_agent()
        taken = [email.message_from_bytes(text, policy=email.policy.default) for _, _, text in self.sink.messages]
        self.sink.messages.clear()
        return [message["Subject"] for message in taken]


def each_level_is_told_once():
    with House() as house:
        expect(house.send(70).startswith("250") and house.warnings() == [], "warned below the first level")
        expect(house.send(12).startswith("250"), "not delivered")
        expect(house.site.stop_agent() == 0, "the agent did not end well")
        (sender, recipients, text), = house.sink.messages
        message = email.message_from_bytes(text, policy=email.policy.default)
        expect((sender, recipients) == ("", ["paul@one.example"]), f"{sender} {recipients}")
        expect((message["From"], message["To"], message["Subject"], message["Auto-Submitted"]) ==
               ("postmaster@one.example", "paul@one.example", "Your mailbox is 80% full", "auto-generated"), str(message))
        expect("paul@one.example holds" in message.get_content() and "100 KiB" in message.get_content(), message.get_content())
        expect(house.site.journal()[-1]["result"] == "warned", str(house.site.journal()[-1]))
        house.sink.messages.clear()
        house.site.start_agent()
        expect(house.send(1).startswith("250") and house.warnings() == [], "told twice")
        expect(house.send(13).startswith("250") and house.warnings() == ["Your mailbox is 95% full"], "the second level")
        expect(house.send(20).startswith("552") and house.warnings() == [], "warned of mail that was refused")


def several_levels_at_once_are_one_warning():
    with House("delivery.quota_warnings=50% 60% 70%") as house:
        expect(house.send(90).startswith("250") and house.warnings() == ["Your mailbox is 70% full"], "not one warning")


def the_site_may_do_without():
    with House("delivery.quota_warnings=never") as house:
        expect(house.send(97).startswith("250") and house.warnings() == [], "warned")


def a_warning_that_cannot_be_sent_comes_with_the_next_mail():
    with House() as house:
        house.sink.refuse["paul@one.example"] = "451 4.3.0 later"
        expect(house.send(82).startswith("250") and house.warnings() == [], "a warning changed the outcome")
        expect(house.site.journal()[-1]["result"] == "not warned", str(house.site.journal()[-1]))
        house.sink.refuse.clear()
        expect(house.send(1).startswith("250") and house.warnings() == ["Your mailbox is 80% full"], "not made up for")


def the_pipe_warns_too():
    with House() as house:
        text = b"Subject: x\n\n" + (b"x" * 63 + b"\n") * (16 * 85)
        expect(house.site.pipe(SENDER, ["paul@one.example"], text)[0] == 0 and house.warnings() == ["Your mailbox is 80% full"], "no warning")


if __name__ == "__main__":
    sys.exit(run_tests("lmtp", [each_level_is_told_once, several_levels_at_once_are_one_warning, the_site_may_do_without,
                                a_warning_that_cannot_be_sent_comes_with_the_next_mail, the_pipe_warns_too]))
