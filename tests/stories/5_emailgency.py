#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Emailgency: five kinds of address, candidates and what becomes of them and their mail, the alternate domain, what users may do."""
import os

from story import Story, code_in  # first: it knows where the harness is
from harness.site import expect

with Story("emailgency", "alternate_suffix=emailgency.example") as story:
    with story.step("the customer's domain has an alternate name without an entry of its own"):
        story.run("domain create mydomain.zz")
        expect(story.site.json("domain", "show", "mydomain.zz")[0]["alternate"] == "mydomainzz.emailgency.example", "alternate")
    with story.step("mail for addresses nobody has made yet is kept, and each becomes a candidate"):
        story.run("catchall set mydomain.zz candidate")
        for name in ("paul", "ringo", "george", "john", "i.am.spam"):
            story.taken(f"{name}@mydomainzz.emailgency.example", text=f"for {name}")
        story.taken("paul@mydomain.zz")
    with story.step("candidates are listed under the real domain, with sender, subject and number of mails"):
        rows = story.site.json("candidate", "list", "mydomain.zz")
        expect([row["address"] for row in rows] == [f"{name}@mydomain.zz" for name in ("george", "i.am.spam", "john", "paul", "ringo")], f"{rows}")
        paul = rows[3]
        expect((paul["messages"], paul["sender"], paul["subject"]) == (2, "somebody@outside.example", "message 6"), f"{paul}")
    with story.step("the unwanted one is banished, with its mail"):
        story.run("candidate banish i.am.spam@mydomain.zz --yes")
        expect(story.rows("banished list mydomain.zz")[0][0] == "i.am.spam@mydomain.zz", "banished list")
        expect(len(story.rows("candidate list mydomain.zz")) == 4, "candidate list")
    with story.step("Paul and Ringo become mailboxes, and their mail is in them"):
        story.run("candidate promote paul@mydomain.zz ringo@mydomain.zz --mailbox --no-password")
        expect((story.count("paul@mydomain.zz"), story.count("ringo@mydomain.zz")) == (2, 1), "held mail")
    with story.step("George and John have left: their names become aliases, and their mail moves along"):
        story.run("candidate promote george@mydomain.zz --alias-of paul")
        story.run("candidate promote john@mydomain.zz --alias-of ringo@mydomain.zz")
        expect((story.count("paul@mydomain.zz"), story.count("ringo@mydomain.zz")) == (3, 2), "held mail")
        expect(["george@mydomain.zz", "paul@mydomain.zz"] in story.rows("alias list mydomain.zz"), "alias list")
        expect(story.rows("candidate list mydomain.zz") == [], "candidate list")
        with story.gains("paul@mydomain.zz"), story.gains("ringo@mydomain.zz"):
            story.taken("george@mydomain.zz", "john@mydomainzz.emailgency.example")
    with story.step("the exclamation mark says that these mailboxes have no password yet"):
        expect([row[3] for row in story.rows("mailbox list mydomain.zz")] == ["!", "!"], "flag")
    with story.step("a candidate becomes a distribution list: its members get what comes, not what was held"):
        story.taken("band@mydomain.zz")
        story.run("candidate promote band@mydomain.zz --list paul ringo")
        with story.gains("paul@mydomain.zz"), story.gains("ringo@mydomain.zz"):
            story.taken("band@mydomain.zz")
        expect(len(os.listdir(story.site.path("mail", "mydomain.zz", ".candidates", "band", "new"))) == 1, "held mail")
        story.run("list add band@mydomain.zz fan@elsewhere.example", status=4)  # members can only be internal
    with story.step("candidates nobody attends to are removed"):
        story.taken("typo@mydomain.zz")
        story.run("candidate expire --older-than 30d")
        expect([row[0] for row in story.rows("candidate list mydomain.zz")] == ["band@mydomain.zz", "typo@mydomain.zz"], "too early")
        story.run("candidate expire --older-than 0s --yes")
        expect(story.rows("candidate list mydomain.zz") == [], "candidate list")
    with story.step("mail for the alternate name arrives, and is shown under the real one"):
        with story.gains("paul@mydomain.zz", 2):
            story.taken("paul@mydomain.zz")
            story.taken("paul@mydomainzz.emailgency.example")
        row, = story.site.json("explain", "paul@mydomainzz.emailgency.example")
        expect(row["mailboxes"] == ["paul@mydomain.zz"], f"{row}")
    with story.step("mail for a banished address is lost, whatever else would take it, and makes no candidate"):
        with story.gains("paul@mydomain.zz", 0):
            story.taken("i.am.spam@mydomain.zz")
            story.taken("i.am.spam@mydomainzz.emailgency.example")
        expect(story.rows("candidate list mydomain.zz") == [], "candidate list")
        story.run("catchall set mydomain.zz redirect:paul@mydomain.zz,paul@elsewhere.example")
        with story.gains("paul@mydomain.zz", 0), story.goes_out(0):
            story.taken("i.am.spam@mydomain.zz")
        with story.gains("paul@mydomain.zz"), story.goes_out():
            story.taken("nobody.yet@mydomain.zz")
        story.run("mailbox create i.am.spam@mydomain.zz --no-password", status=4)
    with story.step("all mail but that also goes to the customer's own server"):
        story.run(f"domain set mydomain.zz relay_to=127.0.0.1:{story.sink.port}")
        with story.gains("paul@mydomain.zz"), story.goes_out():
            story.taken("paul@mydomain.zz")
        with story.goes_out(0):
            story.taken("i.am.spam@mydomain.zz")
        story.run("domain set mydomain.zz relay_to=")
    with story.step("Paul is invited by mail to set his password, on his usual mailbox"):
        with story.goes_out():
            story.run("mailbox invite paul@mydomain.zz")
        _, recipients, message = story.sink.messages[-1]
        expect(recipients == ["paul@mydomain.zz"], f"{recipients}")
        code = code_in(message)
        story.run(f"--as paul@mydomain.zz mailbox password paul@mydomain.zz --code {code} --password-stdin", stdin="all you need\n")
        expect([row[3] for row in story.rows("mailbox list mydomain.zz")] == ["set", "!"], "flag")
    with story.step("or the administrator sets it, because he is not able to read his mail"):
        story.run("mailbox password paul@mydomain.zz --password-stdin", stdin="let it be, let it be\n")
        expect([row[3] for row in story.rows("mailbox list mydomain.zz")] == ["set", "!"], "flag")
    with story.step("Paul himself has his mail forwarded to any address he wants"):
        story.run("--as paul@mydomain.zz mailbox set paul@mydomain.zz forward=paul@gmail.example,paul@hotmail.example")
        with story.gains("paul@mydomain.zz"), story.goes_out(2):
            story.taken("george@mydomain.zz")
    with story.step("he sees his use and quota"):
        story.run("mailbox set paul@mydomain.zz quota=1G")
        row, = story.rows("--as paul@mydomain.zz mailbox usage")
        expect(row[0] == "paul@mydomain.zz" and int(row[1]) > 0 and row[2] == str(1 << 30), f"{row}")
    with story.step("he sees his aliases, and only the administrator changes them"):
        expect(story.rows("--as paul@mydomain.zz alias list") == [["george@mydomain.zz", "paul@mydomain.zz"]], "alias list")
        story.run("--as paul@mydomain.zz alias delete george@mydomain.zz", status=13)
        story.run("--as paul@mydomain.zz alias create boss paul@mydomain.zz", status=13)
        story.run("--as paul@mydomain.zz mailbox set paul@mydomain.zz aliases+=boss", status=13)
        story.run("--as paul@mydomain.zz mailbox show ringo@mydomain.zz", status=13)
        story.run("--as postmaster@mydomain.zz alias move george ringo@mydomain.zz")
        expect(story.rows("--as paul@mydomain.zz alias list") == [], "alias list")
    with story.step("hints tell him how to read his mail with a mail program"):
        hints = story.run("--as paul@mydomain.zz mailbox settings paul@mydomain.zz")
        expect("paul@mydomain.zz" in hints and "IMAP" in hints, hints)
