#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""MailMax: the postmaster of a domain at work, catchrest in its forms, and two ways to write a login."""
import imaplib

from story import Story  # first: it knows where the harness is
from harness.dovecot import Dovecot
from harness.site import expect

AS = "--as postmaster@your.example"

with Story("mailmax") as story:
    with story.step("the postmaster administers his domain and no other"):
        story.run("domain create your.example")
        story.run("domain create other.example")
        story.run(f"{AS} mailbox create user@your.example --password-stdin", stdin="a good password\n")
        story.run(f"{AS} mailbox create user@other.example --no-password", status=13)
        expect(story.rows("history list")[0][2].endswith(" as postmaster@your.example"), "actor")
    with story.step("a mailbox name is there once, and an alias is not used again"):
        story.run(f"{AS} mailbox create second@your.example --no-password --alias extra")
        story.run(f"{AS} alias create extra user@your.example", status=4)
        story.run(f"{AS} mailbox create extra@your.example --no-password", status=4)
        story.run(f"{AS} forward create extra@your.example x@elsewhere.example", status=4)
        story.run(f"{AS} alias create one two three four user@your.example")
        with story.gains("user@your.example", 4):
            for name in ("one", "two", "three", "four"):
                story.taken(f"{name}@your.example")
    with story.step("an account passes mail of several names on, with and without storing it"):
        story.run(f"{AS} mailbox set second@your.example forward=a@elsewhere.example,b@elsewhere.example")
        with story.gains("second@your.example"), story.goes_out(2):
            story.taken("extra@your.example")
        story.run(f"{AS} mailbox set second@your.example store=false")
        with story.gains("second@your.example", 0), story.goes_out(2):
            story.taken("second@your.example")
    with story.step("the autoresponder of an account sends a subject and a message of up to 255 characters"):
        story.run("config set replies.max_length=255")
        story.site.mailctl(*AS.split(), "autoreply", "set", "user@your.example", "--subject", "Thank you", "--message", "x" * 256, status=4)
        story.site.mailctl(*AS.split(), "autoreply", "set", "user@your.example", "--subject", "Thank you", "--message", "x" * 255)
        with story.gains("user@your.example"), story.replies("friend@outside.example") as replies:
            story.taken("user@your.example", sender="friend@outside.example")
        expect(replies[0]["Subject"] == "Thank you" and replies[0].get_content().strip() == "x" * 255, str(replies[0]))
        story.run(f"{AS} autoreply off user@your.example")
    with story.step("catchrest as an alias takes what nobody else claims, and nothing more"):
        story.run(f"{AS} alias create catchrest user@your.example")
        story.run(f"{AS} mailbox create catchrest@your.example --no-password", status=4)
        with story.gains("user@your.example"):
            story.taken("whoever@your.example")
        with story.gains("user@your.example", 0), story.goes_out(2):
            story.taken("second@your.example")
    with story.step("catchrest as an account of its own"):
        story.run(f"{AS} alias delete catchrest@your.example")
        story.run(f"{AS} mailbox create catchrest@your.example --no-password")
        with story.gains("catchrest@your.example"):
            story.taken("whoever@your.example")
    with story.step("catchrest passing mail on to several addresses"):
        story.run(f"{AS} mailbox delete catchrest@your.example --yes")
        story.run(f"{AS} forward create catchrest@your.example user c@elsewhere.example")
        with story.gains("user@your.example"), story.goes_out():
            story.taken("whoever@your.example")
    with story.step("mail for the postmaster reaches a person"):
        story.run(f"{AS} forward create postmaster@your.example user@your.example")
        with story.gains("user@your.example"):
            story.taken("postmaster@your.example")
        with story.goes_out(0), story.gains("user@your.example", 0):  # elsewhere the site's own
            story.run("config set postmaster=user@your.example")
        with story.gains("user@your.example"):
            story.taken("postmaster@other.example")
    with story.step("user@domain and user/domain log in with the password, and the settings name both"):
        sheet = story.run("mailbox settings user@your.example")
        expect("user@your.example" in sheet and "user/your.example" in sheet and "POP3" in sheet, sheet)
        with Dovecot(story.site.path("lib", "maps", "dovecot.conf")) as dovecot:
            expect(len(dovecot.messages("user@your.example", "a good password")) == story.count("user@your.example"), "IMAP")
            dovecot.login("user/your.example", "a good password").logout()
            try:
                dovecot.login("user@your.example", "a wrong password")
                raise AssertionError("a wrong password logs in")
            except imaplib.IMAP4.error:
                pass
