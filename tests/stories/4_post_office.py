#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""邮局管理: a domain that is pending until its MX is right, an account with its printed sheet, suspension and reset, two layers of forwards, domain aliases, catch-all."""
import email
import email.policy
import imaplib
import os

from story import Story, code_in, wait_until  # first: it knows where the harness is
from harness.dovecot import Dovecot
from harness.nsd import Nsd, zone_text
from harness.site import expect

HOSTS = "mx1.hosts.example. IN A 192.0.2.1\nmx.test.example. IN A 192.0.2.1\nelsewhere.hosts.example. IN A 203.0.113.9\n"
BRANDED = ("clients.imap_host=imap.%d", "clients.pop_host=pop.%d", "clients.smtp_host=smtp.%d", "clients.webmail=https://webmail.%d/")
NAMES = [(f"{name}.office.example", "CNAME") for name in ("imap", "pop", "smtp", "webmail")]


def zones(records):
    return {"example": zone_text("example", HOSTS + records)}


def states(story, nsd, status):
    """What the DNS of the domain looks like: the state of each record, and the hint beside it."""
    rows = story.site.json_of("dns", "check", "office.example", "--server", nsd.server, status=status)
    return {(row["name"], row["rrtype"]): (row["state"], row["hint"]) for row in rows}


def state_of_domain(story):
    row, = story.site.json("domain", "list")
    return row["dns"]


def logs_in(dovecot, user, password):
    try:
        dovecot.login(user, password).logout()
        return True
    except imaplib.IMAP4.error:
        return False


with Story("post office", "dns.mx=10 mx1.hosts.example", *BRANDED) as story:
    with story.step("a user is added, with a password made up for him"):
        story.run("domain create office.example")
        row, = story.site.json("mailbox", "create", "li@office.example", "--name", "李雷", "--recovery", "li@private.example", "--generate")
        password = row["generated_password"]
    with story.step("the DNS that the domain needs is shown: MX and branded names, each as a line to paste"):
        wanted = story.run("dns show office.example --zone")
        lines = [line.split() for line in wanted.splitlines()]
        expect(["office.example.", "MX", "10", "mx1.hosts.example."] in [[line[0], *line[3:]] for line in lines], wanted)
        for name, _ in NAMES:
            expect(any(line[0] == name + "." and line[3] == "CNAME" for line in lines), wanted)
        expect(state_of_domain(story) == "pending", "before anybody looked")
    with story.step("with nothing there, and with a wrong MX, it says so and the domain is pending"):
        with Nsd(zones("")) as nsd:
            seen = states(story, nsd, 5)
            expect(seen["office.example", "MX"][0] == "missing" and seen["office.example", "MX"][1].split("add: ")[1] in wanted, f"{seen}")
        with Nsd(zones(wanted.replace("10 mx1.hosts.example.", "10 elsewhere.hosts.example."))) as nsd:
            seen = states(story, nsd, 5)
            expect(seen["office.example", "MX"][0] == "wrong" and all(seen[name][0] == "ok" for name in NAMES), f"{seen}")
            expect(state_of_domain(story) == "pending", "with a wrong MX")
    with story.step("once the shown records are pasted into the name server every row is good and the domain is active"):
        with Nsd(zones(wanted)) as nsd:
            seen = states(story, nsd, 0)
            expect(all(seen[name][0] == "ok" for name in [("office.example", "MX"), *NAMES]), f"{seen}")
            expect(state_of_domain(story) == "active", "with the right MX")
            shown, = story.site.json("domain", "show", "office.example")
            expect(shown["dns"] == "active" and shown["dns_since"], f"{shown}")
    with story.step("the sheet shows servers and login, and is mailed to his other address"):
        with story.goes_out():
            story.run("mailbox settings li@office.example --mail")
        _, recipients, message = story.sink.messages[-1]
        mail = email.message_from_bytes(message, policy=email.policy.default)
        expect(recipients == ["li@private.example"] and "李雷" in str(mail["To"]), f"{recipients} {mail['To']}")
        sheet = mail.get_body(("html",)).get_content()
        expect(all(word in sheet for word in ("li@office.example", "李雷", "IMAP", "POP3", "SMTP")), sheet)
        expect(password not in sheet + mail.get_body(("plain",)).get_content(), "the password was mailed")
    with Dovecot(story.site.path("lib", "maps", "dovecot.conf")) as dovecot:
        with story.step("he logs in"):
            expect(logs_in(dovecot, "li@office.example", password), "login")
        with story.step("suspended he does not, and his mail waits at its senders"):
            story.run("mailbox suspend li@office.example --reason unpaid")
            expect(story.site.json("mailbox", "list", "office.example")[0]["state"] == "suspended", "state")
            wait_until(lambda: not logs_in(dovecot, "li@office.example", password), "Dovecot sees that he is suspended")
            story.refused("li@office.example", "45")
            story.run("--as li@office.example mailbox show li@office.example", status=13)
            story.run("mailbox resume li@office.example")
            with story.gains("li@office.example"):
                story.taken("li@office.example")
        with story.step("his password is set anew, and the old one is over"):
            story.run("mailbox password li@office.example --password-stdin", stdin="an entirely new password\n")
            wait_until(lambda: logs_in(dovecot, "li@office.example", "an entirely new password"), "Dovecot sees the new password")
            expect(not logs_in(dovecot, "li@office.example", password), "the old password")
    with story.step("or he sets it himself with a code that was mailed to his other address, and that works once"):
        with story.goes_out():
            story.run("mailbox invite li@office.example")
        _, recipients, message = story.sink.messages[-1]
        code = code_in(message)
        expect(recipients == ["li@private.example"], f"{recipients}")
        story.run(f"mailbox password li@office.example --code {code} --password-stdin", stdin="a third password\n")
        story.run(f"mailbox password li@office.example --code {code} --password-stdin", stdin="a fourth password\n", status=13)
    with story.step("with an autoresponder he tells that he is away"):
        story.site.mailctl("--as", "li@office.example", "autoreply", "set", "li@office.example", "--subject", "不在", "--message", "周一回来")
        with story.gains("li@office.example"), story.replies("wang@outside.example") as replies:
            story.taken("li@office.example", sender="wang@outside.example")
        expect(replies[0]["Subject"] == "不在" and replies[0].get_content().strip() == "周一回来", str(replies[0]))
        story.run("--as li@office.example autoreply off li@office.example")
    with story.step("the user's forward and the administrator's are two layers"):
        story.run("mailbox create archive@office.example --no-password")
        story.run("mailbox set li@office.example copy_to=archive")
        story.run("--as li@office.example mailbox set li@office.example forward=li@private.example")
        with story.gains("li@office.example"), story.gains("archive@office.example"), story.goes_out():
            story.taken("li@office.example")
        story.run("--as li@office.example mailbox set li@office.example forward=")
        with story.gains("archive@office.example"), story.goes_out(0):
            story.taken("li@office.example")
    with story.step("a forward-only account passes everything on"):
        story.run("forward create news@office.example li archive")
        with story.gains("li@office.example"), story.gains("archive@office.example"):
            story.taken("news@office.example")
    with story.step("another domain is bound to this one"):
        story.run("domain alias-add office.example 邮局.example")
        with story.gains("li@office.example"):
            story.taken("li@xn--dgtz33j.example")
        story.run("domain create 邮局.example", status=4)
    with story.step("mail for unknown names is returned, or goes to a mailbox there is"):
        story.refused("nobody@office.example", "550")
        story.run("catchall set office.example redirect:archive@office.example")
        with story.gains("archive@office.example"), story.gains("li@office.example", 0):
            story.taken("nobody@office.example")
    with story.step("a deleted account is gone, with its mail in the archive"):
        story.run("forward set news@office.example to-=li@office.example")
        story.run("mailbox delete li@office.example --yes")
        expect("li@office.example" not in story.run("mailbox list office.example"), "list")
        archived = story.site.path("mail", ".archive", "office.example")
        expect(any(name.startswith("li-") for name in os.listdir(archived)), "archive")
