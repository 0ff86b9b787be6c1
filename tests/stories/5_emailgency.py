#!/usr/bin/env python3
"""Emailgency: the alternate domain, a banished address, mailboxes and aliases of a band, and what its members may do."""
from story import Story  # first: it knows where the harness is
from harness.site import expect

with Story("emailgency", "alternate_suffix=emailgency.example") as story:
    with story.step("the customer's domain has an alternate name without an entry of its own"):
        story.run("domain create mydomain.zz")
        expect(story.site.json("domain", "show", "mydomain.zz")[0]["alternate"] == "mydomainzz.emailgency.example", "alternate")
    with story.step("Paul and Ringo get mailboxes, flagged because nobody can log in yet"):
        story.run("mailbox create paul@mydomain.zz ringo@mydomain.zz --no-password")
        expect([row[3] for row in story.rows("mailbox list mydomain.zz")] == ["!", "!"], "flag")
    with story.step("mail for the alternate name arrives, and is shown under the real one"):
        with story.gains("paul@mydomain.zz", 2):
            story.taken("paul@mydomain.zz")
            story.taken("paul@mydomainzz.emailgency.example")
        row, = story.site.json("explain", "paul@mydomainzz.emailgency.example")
        expect(row["mailboxes"] == ["paul@mydomain.zz"], f"{row}")
    with story.step("George and John have left the company: their names are aliases now"):
        story.run("alias create george paul@mydomain.zz")
        story.run("alias create john ringo@mydomain.zz")
        with story.gains("paul@mydomain.zz"), story.gains("ringo@mydomain.zz"):
            story.taken("george@mydomain.zz", "john@mydomainzz.emailgency.example")
        expect(["george@mydomain.zz", "paul@mydomain.zz"] in story.rows("alias list mydomain.zz"), "alias list")
    with story.step("mail for a banished address is lost, whatever else would take it"):
        story.run("banished add i.am.spam@mydomain.zz")
        story.run("catchall set mydomain.zz redirect:paul@mydomain.zz,paul@elsewhere.example")
        with story.gains("paul@mydomain.zz", 0), story.goes_out(0):
            story.taken("i.am.spam@mydomain.zz")
            story.taken("i.am.spam@mydomainzz.emailgency.example")
        with story.gains("paul@mydomain.zz"), story.goes_out():
            story.taken("nobody.yet@mydomain.zz")
        story.run("mailbox create i.am.spam@mydomain.zz --no-password", status=4)
    with story.step("the administrator sets Paul's password, because he is not able to read his mail"):
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
