#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists, and the names that take what nobody claims, through a real Postfix: what members get, from whom, and who hears of trouble.

The agent hands its mail to the same Postfix that feeds it; what leaves the site ends in a sink.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.postfix import Postfix  # noqa: E402
from harness.site import UNPRIVILEGED, WAITING, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402
from mail_flows import open_socket_to_postfix, wait_for  # noqa: E402

BODY = b"hello  \n.dot\n\ttab\n"
FIELDS = (b"List-Id: <sales.one.example>\nList-Post: <mailto:sales@one.example>\nList-Owner: <mailto:sales-owner@one.example>\n"
          b"List-Unsubscribe: <mailto:sales-owner@one.example?subject=unsubscribe>\nPrecedence: list\n")


def message(subject, extra=b""):
    return b"From: Poster <poster@far.example>\nTo: sales@one.example\nSubject: " + subject + b"\nMessage-ID: <" + subject + b"@far.example>\nDate: Mon, 6 Jan 2025 10:00:00 +0000\n" + extra + b"\n" + BODY


class House:
    """A site whose list 'sales' has a mailbox, a list and a mailbox that forwards, with its agent, its Postfix and a sink."""

    def __init__(self, mode="agent", refuse=None):
        self.sink = SmtpSink(refuse)
        self.site = Site(user=UNPRIVILEGED)
        do = self.site.mailctl
        do("config", "set", f"maps.mode={mode}")
        do("domain", "create", "one.example", "--alias", "uno.example")
        do("domain", "create", "two.example")
        do("mailbox", "create", "admin@one.example", "paul@one.example", "boss@one.example", "ringo@two.example", "--no-password")
        do("mailbox", "create", "george@two.example", "--forward", "friend@far.example", "--no-password")
        do("list", "create", "inner@two.example", "ringo", "paul@one.example")
        do("list", "create", "sales@one.example", "paul", "inner@two.example", "george@two.example", "--owner", "boss")
        self.postfix = None
        self.start_postfix()
        do("config", "set", f"submit=smtp:127.0.0.1:{self.postfix.port}")
        self.site.start_agent()
        open_socket_to_postfix(self.site)

    def start_postfix(self):
        main, master = (open(self.site.path("lib", "maps", name), encoding="utf-8").read() for name in ("main.cf", "master.cf"))
        main = re.sub(r"(?m)^sender_dependent_default_transport_maps.*\n", "", main)
        self.postfix = Postfix(main=main + f"default_transport = sink:[127.0.0.1]:{self.sink.port}\n", master=master + "\nsink unix - - n - - smtp\n")
        self.postfix.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.postfix.close()
        self.site.close()
        self.sink.close()

    def send(self, recipients, text, sender="poster@far.example"):
        refused = self.postfix.send(sender, recipients, text)
        self.postfix.wait_until_empty()
        return refused

    def counts(self):
        return {box.split("@")[0]: len(self.site.messages(box)) for box in
                ("admin@one.example", "paul@one.example", "boss@one.example", "ringo@two.example", "george@two.example")}

    def journal_of(self, recipient):
        return [line for line in self.site.journal() if line["recipient"] == recipient]


def each_member_gets_one_copy_from_the_owner_of_the_list(mode="agent"):
    with House(mode) as house:
        expect(house.send(["sales@one.example", "sales@uno.example"], message(b"post")) == {}, "refused")
        expect(house.counts() == {"admin": 0, "paul": 1, "boss": 0, "ringo": 1, "george": 1}, house.counts())
        paul, ringo = house.site.messages("paul@one.example")[0], house.site.messages("ringo@two.example")[0]
        expect(paul.startswith(b"Return-Path: <sales-owner@one.example>\n"), paul)
        expect(FIELDS in paul and paul.endswith(b"\n" + message(b"post")), paul)
        expect(paul.count(b"List-Id:") == 1, paul)
        expect(ringo.startswith(b"Return-Path: <inner-owner@two.example>\n") and b"List-Id: <inner.two.example>\n" in ringo, ringo)
        wait_for(lambda: house.sink.messages, "the forwarded copy")
        sender, recipients, data = house.sink.messages[0]
        expect((sender, recipients) == ("sales-owner@one.example", ["friend@far.example"]), f"{sender} {recipients}")
        expect(FIELDS.replace(b"\n", b"\r\n") in data and b"Return-Path:" not in data, data)
        expect(data.endswith(message(b"post").replace(b"\n", b"\r\n")), "the sink got other bytes")
        expect(len(house.sink.messages) == 1, "two copies outside")


def each_member_gets_one_copy_in_postfix_mode_too():
    each_member_gets_one_copy_from_the_owner_of_the_list("postfix")


def who_is_addressed_directly_gets_the_direct_copy_only():
    with House() as house:
        house.send(["sales@one.example", "paul@one.example"], message(b"both"))
        expect(house.counts()["paul"] == 1 and house.counts()["ringo"] == 1, house.counts())
        paul = house.site.messages("paul@one.example")[0]
        expect(paul.startswith(b"Return-Path: <poster@far.example>\n") and b"List-Id" not in paul, paul)


def a_bounce_of_a_member_reaches_the_owner_and_not_the_poster():
    with House(refuse={"friend@far.example": "550 5.1.1 gone"}) as house:
        house.send(["sales@one.example"], message(b"bouncing"))
        wait_for(lambda: house.counts()["boss"] == 1, "the bounce at the owner")
        bounce = house.site.messages("boss@one.example")[0]
        expect(bounce.startswith(b"Return-Path: <>\n") and b"friend@far.example" in bounce, bounce)
        expect(not any(m[1] for m in house.sink.messages), "the poster heard of it")
        expect(house.counts() == {"admin": 0, "paul": 1, "boss": 1, "ringo": 1, "george": 1}, house.counts())


def what_programs_send_to_a_list_is_not_redistributed(mode="agent"):
    with House(mode) as house:
        report = b"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n"
        for sender, text in (("", message(b"null")), ("daemon@far.example", message(b"report", report)),
                             ("away@far.example", message(b"vacation", b"Auto-Submitted: auto-replied\n"))):
            expect(house.send(["sales@one.example"], text, sender) == {}, "refused")
        expect(set(house.counts().values()) == {0} and not house.sink.messages, f"{house.counts()} {house.sink.messages}")
        lines = house.journal_of("sales@one.example")
        expect([line["result"] for line in lines] == ["discarded"] * 3, lines)
        expect(all("not redistributed" in line["why"] for line in lines), lines)


def what_programs_send_is_not_redistributed_in_postfix_mode_either():
    what_programs_send_to_a_list_is_not_redistributed("postfix")


def a_message_that_comes_back_to_its_list_is_a_loop():
    with House() as house:
        house.send(["sales@one.example"], message(b"loop", b"List-Id: Sales <sales.one.example>\n"))
        lines = house.journal_of("sales@one.example")
        expect(lines[0]["status"] == "554 5.4.6", lines)
        expect(house.counts()["paul"] == 0, house.counts())


def who_may_not_post_is_refused():
    with House() as house:
        house.site.mailctl("list", "set", "sales@one.example", "post=members")
        house.send(["sales@one.example"], message(b"stranger"))
        expect(house.counts()["paul"] == 0, house.counts())
        house.send(["sales@one.example"], message(b"member"), "ringo@two.example")
        expect(house.counts()["paul"] == 0, "a member of a member is no member")
        house.send(["sales@one.example"], message(b"member"), "paul@uno.example")
        expect(house.counts()["paul"] == 1, house.counts())


def a_full_member_stops_no_other_and_the_owner_hears_of_it():
    with House() as house:
        house.site.mailctl("mailbox", "set", "paul@one.example", "quota=100")
        house.send(["sales@one.example"], message(b"full"))
        wait_for(lambda: house.counts()["boss"] == 1, "the bounce at the owner")
        expect(house.counts() == {"admin": 0, "paul": 0, "boss": 1, "ringo": 1, "george": 1}, house.counts())
        expect(b"5.2.2" in house.site.messages("boss@one.example")[0], "the bounce does not say why")
        expect([m[1] for m in house.sink.messages] == [["friend@far.example"]], house.sink.messages)


def a_member_whose_mailbox_is_broken_gets_his_copy_once_it_is_mended():
    with House() as house:
        broken = house.site.mailbox("ringo@two.example")
        os.rename(broken, broken + ".away")
        with open(broken, "w", encoding="ascii"):
            pass
        house.postfix.send("poster@far.example", ["sales@one.example"], message(b"broken"))
        wait_for(lambda: house.counts()["paul"] == 1 and house.postfix.log().count("status=deferred") > 0, "the others, and the wait")
        os.unlink(broken)
        os.rename(broken + ".away", broken)
        house.postfix.flush()
        house.postfix.wait_until_empty()
        expect(house.counts() == {"admin": 0, "paul": 1, "boss": 0, "ringo": 1, "george": 1}, house.counts())
        expect(house.site.messages("ringo@two.example")[0].startswith(b"Return-Path: <inner-owner@two.example>\n"), "another sender")


def what_nobody_claims_goes_to_catchrest_in_its_three_forms(mode="agent"):
    with House(mode) as house:
        do = house.site.mailctl
        for form in ("alias", "mailbox", "forward"):
            do("domain", "create", f"{form}.example")
            do("mailbox", "create", f"own@{form}.example", "--no-password")
        do("alias", "create", "catchrest@alias.example", "own@alias.example")
        do("mailbox", "create", "catchrest@mailbox.example", "--no-password")
        do("forward", "create", "catchrest@forward.example", "own", "boss@one.example", "friend@far.example")
        for form in ("alias", "mailbox", "forward"):
            for local in ("nobody", "nobody+x", "own"):
                expect(house.send([f"{local}@{form}.example"], message(local.encode())) == {}, f"{local}@{form}.example")
        boxes = {box: len(house.site.messages(box)) for box in
                 ("own@alias.example", "own@mailbox.example", "catchrest@mailbox.example", "own@forward.example", "boss@one.example")}
        expect(boxes == {"own@alias.example": 3, "own@mailbox.example": 1, "catchrest@mailbox.example": 2, "own@forward.example": 3,
                         "boss@one.example": 2}, boxes)
        expect([m[1] for m in house.sink.messages] == [["friend@far.example"]] * 2, house.sink.messages)


def what_nobody_claims_goes_to_catchrest_in_postfix_mode_too():
    what_nobody_claims_goes_to_catchrest_in_its_three_forms("postfix")


def postmaster_and_abuse_always_reach_someone(mode="agent"):
    with House(mode) as house:
        do = house.site.mailctl
        do("domain", "create", "own.example")
        do("mailbox", "create", "keeper@own.example", "--alias", "abuse", "--no-password")
        do("domain", "create", "caught.example", "--unknown", "discard")
        do("mailbox", "create", "catchrest@caught.example", "--no-password")
        do("banished", "add", "abuse@caught.example", "p*@caught.example", "--answer", "reject")
        for name in ("postmaster@one.example", "ABUSE@two.example", "postmaster@uno.example", "abuse+x@caught.example",
                     "postmaster@caught.example", "postmaster@own.example"):
            expect(house.send([name], message(b"help")) == {}, name)
        expect(house.counts()["admin"] == 6, house.counts())
        expect(house.send(["abuse@own.example"], message(b"help")) == {}, "abuse@own.example")
        expect(len(house.site.messages("keeper@own.example")) == 1, "the domain's own abuse")
        expect(house.counts()["admin"] == 6 and not house.site.messages("catchrest@caught.example"), house.counts())


def postmaster_and_abuse_always_reach_someone_in_postfix_mode_too():
    postmaster_and_abuse_always_reach_someone("postfix")


if __name__ == "__main__":
    if os.getuid() != 0:
        print("not ok lists needs root: Postfix starts as root")
        sys.exit(1)
    sys.exit(run_tests("lists", [
        each_member_gets_one_copy_from_the_owner_of_the_list, each_member_gets_one_copy_in_postfix_mode_too,
        who_is_addressed_directly_gets_the_direct_copy_only, a_bounce_of_a_member_reaches_the_owner_and_not_the_poster,
        what_programs_send_to_a_list_is_not_redistributed, what_programs_send_is_not_redistributed_in_postfix_mode_either,
        a_message_that_comes_back_to_its_list_is_a_loop, who_may_not_post_is_refused,
        a_full_member_stops_no_other_and_the_owner_hears_of_it, a_member_whose_mailbox_is_broken_gets_his_copy_once_it_is_mended,
        what_nobody_claims_goes_to_catchrest_in_its_three_forms, what_nobody_claims_goes_to_catchrest_in_postfix_mode_too,
        postmaster_and_abuse_always_reach_someone, postmaster_and_abuse_always_reach_someone_in_postfix_mode_too,
    ], side_by_side=WAITING))
