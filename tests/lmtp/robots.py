#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Robots and autoreplies through the real agent: who is answered, who never is, what the replies look like to a parser of others."""
import email
import email.policy
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient, deliver  # noqa: E402
from harness.site import UNPRIVILEGED, WAITING, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

SENDER = "ann@far.example"


def mail(to="paul@one.example", extra="", subject="hello", body="Hi.\n", sender=SENDER, message_id="<1@far.example>"):
    head = f"From: Ann <{sender}>\nTo: {to}\nSubject: {subject}\nMessage-ID: {message_id}\nDate: Mon, 6 Jan 2025 10:00:00 +0000\n"
    return (head + extra + "\n" + body).encode()


def make_site(sink, settings=()):
    """paul is away, feedback is a robot, both in a domain with another name; nobody is told to stay silent by a short memory."""
    site = Site(user=UNPRIVILEGED, settings=(f"submit=smtp:127.0.0.1:{sink.port}", *settings))
    site.mailctl("domain", "create", "one.example", "--alias", "uno.example", "--unknown", "redirect:boss@one.example")
    site.mailctl("mailbox", "create", "admin@one.example", "boss@one.example", "ringo@one.example", "--no-password")
    site.mailctl("mailbox", "create", "paul@one.example", "--name", "Paul", "--alias", "macca", "--no-password")
    site.mailctl("autoreply", "set", "paul@one.example", "--message", "I am away.")
    site.mailctl("robot", "create", "feedback@one.example", "--subject", "Thank you", "--message", "We read it all.", "--copy-to", "ringo")
    return site


class House:
    """A site with its agent and the MTA it hands replies to."""

    def __init__(self, settings=()):
        self.sink = SmtpSink()
        self.site = make_site(self.sink, settings)

    def __enter__(self):
        self.site.start_agent()
        return self

    def __exit__(self, *unused):
        self.site.close()
        self.sink.close()

    def send(self, sender, recipients, message):
        refused, replies = deliver(self.site.socket, sender, recipients, message)
        return replies or refused

    def settle(self):
        """Ends the agent, which finishes what robots have to say, and starts a new one; the replies that came of it."""
        expect(self.site.stop_agent() == 0, "the agent did not end well")
        self.site.start_agent()
        replies = [message for message in self.sink.messages if b"\r\nAuto-Submitted: auto-replied" in message[2]]
        self.sink.messages.clear()
        return replies

    def why(self):
        return [line["why"] for line in self.site.journal() if line["result"] == "not answered"][-1]


def parsed(reply):
    return email.message_from_bytes(reply[2].replace(b"\r\n", b"\n"), policy=email.policy.default)


def only_the_plain_mail_is_answered_of_the_whole_truth_table():
    table = {  # E1 to E13, each alone
        "null sender": ("", mail()),
        "own address": ("paul@one.example", mail()),
        "own alias": ("macca@uno.example", mail()),
        "machine's name": ("MAILER-DAEMON@far.example", mail()),
        "owner": ("owner-list@far.example", mail()),
        "request": ("list-request@far.example", mail()),
        "bounces": ("bounces+1-paul=one.example@far.example", mail()),
        "noreply": ("noreply@far.example", mail()),
        "Auto-Submitted": (SENDER, mail(extra="Auto-Submitted: auto-generated (x)\n")),
        "List-Id": (SENDER, mail(extra="List-Id: <x.far.example>\n")),
        "List-Unsubscribe": (SENDER, mail(extra="List-Unsubscribe: <https://far.example/>\n")),
        "Precedence": (SENDER, mail(extra="Precedence: bulk\n")),
        "X-Auto-Response-Suppress": (SENDER, mail(extra="X-Auto-Response-Suppress: DR, OOF\n")),
        "X-Loop": (SENDER, mail(extra="X-Loop: paul@one.example\n")),
        "spam": (SENDER, mail(extra="X-Spam-Flag: YES\n")),
        "not named": (SENDER, mail(to="undisclosed-recipients:;")),
        "named otherwise": (SENDER, mail(to="Somebody <else@one.example>")),
        "report": (SENDER, mail(extra="Content-Type: multipart/report; report-type=delivery-status; boundary=x\n")),
        "loop": (SENDER, mail(extra="Delivered-To: paul@one.example\n")),
    }
    with House() as house:
        for name, (sender, message) in table.items():
            replies = house.send(sender, ["paul@one.example"], message)
            expect(replies and replies[0].startswith("250"), f"{name}: {replies}")
        expect(house.send(SENDER, ["nobody@one.example"], mail(to="nobody@one.example"))[0].startswith("250"), "catch-all")
        expect(house.settle() == [], "somebody was answered")
        expect(len([line for line in house.site.journal() if line["result"] == "not answered"]) == len(table), "the journal does not say why")
        house.send(SENDER, ["paul@one.example"], mail())
        replies = house.settle()
        expect(len(replies) == 1 and replies[0][0] == "" and replies[0][1] == [SENDER], f"all off: {replies}")
        line = house.site.journal()[-1]
        expect((line["result"], line["where"], line["why"]) == ("answered", "paul@one.example", f"reply to {SENDER}"), str(line))
        house.send("ANN@far.example", ["paul@one.example"], mail())
        house.send("prvs=12ab=ann@far.example", ["macca@uno.example"], mail(to="macca@uno.example"))
        expect(house.settle() == [] and "before" in house.why(), "E12: answered twice")


def machines_of_every_kind_get_no_answer():
    corpus = {
        "mailman": ("list-bounces@far.example", "List-Id: Talk <talk.far.example>\nList-Post: <mailto:talk@far.example>\nPrecedence: list\nX-Mailman-Version: 2.1.39\n", ""),
        "newsletter": ("bounce-77_HTML-1-2@mail.far.example", "List-Unsubscribe: <mailto:u@far.example>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nFeedback-ID: 1:2:3\n", ""),
        "google group": ("talk+bncX@far.example", "Mailing-list: list talk@far.example; contact talk+owners@far.example\n", ""),
        "bounce": ("", "Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n",
                   "--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; far.example\n\n--b--\n"),
        "qmail bounce": ("#@[]", "", "Hi. This is the qmail-send program.\n"),
        "exim bounce": ("postmaster@far.example", "X-Failed-Recipients: x@y.example\nAuto-Submitted: auto-replied\n", ""),
        "read receipt": (SENDER, "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n", ""),
        "google calendar": (SENDER, "Auto-Submitted: auto-generated\nSender: Google Calendar <calendar-notification@far.example>\nContent-Type: multipart/mixed; boundary=b\n",
                            "--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--\n"),
        "plain invitation": (SENDER, "Content-Type: text/calendar; charset=utf-8; method=REQUEST\n", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
        "exchange meeting": (SENDER, "Content-Class: urn:content-classes:calendarmessage\nContent-Type: multipart/alternative; boundary=b\n", ""),
        "exchange away": (SENDER, "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n", ""),
        "vacation": (SENDER, "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n", ""),
        "old vacation": (SENDER, "Precedence: junk\n", ""),
        "postfixadmin vacation": (SENDER, "X-Loop: Postfix Admin Virtual Vacation\nPrecedence: junk\n", ""),
        "spamassassin": (SENDER, "X-Spam-Status: Yes, score=15.1 required=5.0\nX-Spam-Level: ***************\n", ""),
        "rspamd": (SENDER, "X-Spam: Yes\n", ""),
        "spam in Bcc": (SENDER, "X-Mailer: x\n", "", "undisclosed-recipients:;"),
        "cron": ("root@host.far.example", "Auto-Submitted: auto-generated\nX-Cron-Env: <SHELL=/bin/sh>\n", ""),
        "shop": ("noreply@shop.far.example", "", ""),
        "social": ("notification+x@far.example", "X-Facebook-Notify: page\nX-Auto-Response-Suppress: All\n", ""),
    }
    with House() as house:
        for target in ("paul@one.example", "feedback@one.example"):
            for name, (sender, extra, body, *to) in corpus.items():
                replies = house.send(sender, [target], mail(to=to[0] if to else target, extra=extra, body=body or "x\n"))
                expect(replies and not replies[0].startswith("4"), f"{name}: {replies}")
        replies = house.settle()
        expect(replies == [], f"answered: {replies}")


def a_robot_answers_and_its_copy_goes_on():
    with House() as house:
        replies = house.send(SENDER, ["feedback@one.example"], mail(to="feedback+x@uno.example"))
        expect(replies == [reply for reply in replies if reply.startswith("250")] != [], str(replies))
        answers = house.settle()
        expect(len(answers) == 1, str(answers))
        answer = parsed(answers[0])
        expect(answer["From"] == "feedback@one.example" and answer["To"] == SENDER and answer["Subject"] == "Thank you", str(answer))
        expect(answer["In-Reply-To"] == "<1@far.example>" and answer["Auto-Submitted"] == "auto-replied", str(answer))
        expect(len(house.site.messages("ringo@one.example")) == 1, "the copy did not arrive")
        house.site.mailctl("robot", "create", "alone@one.example", "--message", "Nobody reads this.")
        replies = house.send(SENDER, ["alone@one.example"], mail(to="alone@one.example"))
        expect(replies[0].startswith("250 2.0.0"), str(replies))
        expect([parsed(each)["Subject"] for each in house.settle()] == ["Auto: hello"], "a robot without copies did not answer")
        house.site.mailctl("robot", "disable", "alone@one.example")
        expect(house.send(SENDER, ["alone@one.example"], mail())[0].startswith("550 5.2.1"), "a robot that is off takes mail")


def twenty_mails_at_once_get_one_reply():
    with House() as house:
        threads = [threading.Thread(target=house.send, args=(SENDER, ["paul@one.example"], mail(message_id=f"<{i}@far.example>"))) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(len(house.site.messages("paul@one.example")) == 20, "not all were delivered")
        replies = house.settle()
        expect(len(replies) == 1, f"{len(replies)} replies")


def one_reply_goes_to_a_mail_for_many_names_of_one_mailbox():
    with House() as house:
        house.send(SENDER, ["paul@one.example", "macca@one.example", "paul+x@uno.example"], mail())
        expect(len(house.settle()) == 1, "not one reply")


def replies_survive_a_parser_of_others():
    """The MIME round trip: what was configured is what Python's parser reads, whatever characters and lengths."""
    texts = ["short\n", "ends without a line feed", "Grüße, 世界 🌍\n" * 3, "a very long line " * 200 + "\n", "=_boundary\n--=_m\n--\n", ".\n..\nFrom here\n",
             "tab\tand trailing blanks   \n\n\n", "\n\nempty lines first\n", "=3D = equals\n", "x" * 5000 + "\n"]
    subjects = ["Away", "Grüße aus dem Süden: " + "ü" * 90, "a" * 300, "=?utf-8?q?no_word?=", "quote \" backslash \\ <x@y>", "世界 " * 40, "  blanks  "]
    names = ["price list.pdf", "Preisliste für 2027.pdf", "quote\".txt", "semi;colon=1.csv", "ü" * 60 + ".bin"]
    with House() as house:
        directory = house.site.path("etc", "attachments")
        os.makedirs(directory, exist_ok=True)
        contents = {}
        for number, name in enumerate(names):
            contents[name] = os.urandom(10 ** number) if number else b""
            with open(os.path.join(directory, name), "wb") as file:
                file.write(contents[name])
            os.chmod(file.name, 0o644)
        os.chmod(directory, 0o755)
        for number, text in enumerate(texts):
            subject, name = subjects[number % len(subjects)], names[number % len(names)]
            robot = f"r{number}@one.example"
            html = house.site.path(f"{number}.html")
            with open(html, "w", encoding="utf-8") as file:
                file.write(f"<p>{text}</p>")
            extra = ("--html-file", html) if number % 2 else ()
            attach = ("--attach", name) if number % 3 else ()
            house.site.mailctl("robot", "create", robot, "--subject", subject, "--message", text, "--from", f"Größe, \"R\" <{robot}>", *extra, *attach)
            house.send(SENDER, [robot], mail(to=robot))
            replies = house.settle()
            expect(len(replies) == 1, f"{number}: {len(replies)} replies: {house.why() if not replies else ''}")
            expect(max(map(len, replies[0][2].split(b"\r\n"))) <= 998, f"{number}: a long line")
            reply = parsed(replies[0])
            expect(not reply.defects and all(not part.defects for part in reply.walk()), f"{number}: {[part.defects for part in reply.walk()]}")
            expect(reply["Subject"] == subject.strip(), f"{number}: {reply['Subject']!r}")
            expect(reply["From"].addresses[0].addr_spec == robot and "Größe" in reply["From"].addresses[0].display_name, f"{number}: {reply['From']}")
            plain = reply.get_body(("plain",)).get_content()
            expect(plain.rstrip("\n") == text.rstrip("\n"), f"{number}: {plain!r}")
            if extra:
                expect(reply.get_body(("html",)).get_content().rstrip("\n") == f"<p>{text}</p>", f"{number}: html")
            files = list(reply.iter_attachments())
            expect([(file.get_filename(), file.get_payload(decode=True)) for file in files] == ([(name, contents[name])] if attach else []), f"{number}: {[f.get_filename() for f in files]}")
            parents = [part.get_content_type() for part in reply.walk() if part.is_multipart()]
            expect(parents == ["multipart/mixed"] * bool(attach) + ["multipart/alternative"] * bool(extra), f"{number}: {parents}")


def a_missing_attachment_or_memory_means_no_reply_and_the_mail_is_delivered():
    with House() as house:
        directory = house.site.path("etc", "attachments")
        os.makedirs(directory, exist_ok=True)
        path = os.path.join(directory, "list.pdf")
        open(path, "wb").close()
        house.site.mailctl("autoreply", "set", "paul@one.example", "--attach", "list.pdf")
        os.unlink(path)
        expect(house.send(SENDER, ["paul@one.example"], mail())[0].startswith("250"), "refused")
        expect(house.settle() == [] and "list.pdf" in house.why(), house.why())
        open(path, "wb").close()
        os.chmod(path, 0o644)
        house.send(SENDER, ["paul@one.example"], mail())
        expect(len(house.settle()) == 1, "no reply with the attachment there")
        house.site.stop_agent()
        for name in ("state.db", "state.db-wal", "state.db-shm"):
            with open(house.site.path("lib", name), "wb") as file:
                file.write(b"nonsense" * 1000)
        house.site.start_agent()
        expect(house.send("bob@far.example", ["paul@one.example"], mail(sender="bob@far.example"))[0].startswith("250"), "refused")
        expect(house.settle() == [] and "state.db" in house.why(), house.why())
        expect(len(house.site.messages("paul@one.example")) == 3, "a mail was not delivered")


def a_failed_send_is_made_up_for_with_the_next_mail():
    with House() as house:
        house.sink.refuse[SENDER] = "451 4.3.0 later"
        house.send(SENDER, ["paul@one.example"], mail())
        expect(house.settle() == [] and "RCPT" in house.why(), house.why())
        house.sink.refuse.clear()
        house.send(SENDER, ["paul@one.example"], mail())
        expect(len(house.settle()) == 1, "not answered later")


def the_site_bounds_replies_per_day_and_domain():
    with House(settings=("replies.per_day=5", "replies.per_day_and_domain=3")) as house:
        for i in range(5):
            house.send(f"a{i}@far.example", ["paul@one.example"], mail(sender=f"a{i}@far.example"))
        expect(len(house.settle()) == 3 and "per_day_and_domain" in house.why(), house.why())
        for i in range(5):
            house.send(f"a{i}@d{i}.example", ["paul@one.example"], mail(sender=f"a{i}@d{i}.example"))
        expect(len(house.settle()) == 2 and "per_day is" in house.why(), house.why())


def dates_are_days_of_the_site_both_included():
    today = time.strftime("%Y-%m-%d", time.gmtime())
    with House() as house:
        for start, end, wanted in (("2020-01-01", "2020-12-31", 0), ("2099-01-01", "2099-01-02", 0), (today, today, 1)):
            house.site.mailctl("autoreply", "set", "paul@one.example", "--start", start, "--end", end)
            house.send(SENDER, ["paul@one.example"], mail())
            expect(len(house.settle()) == wanted, f"{start} {end}: not {wanted}")


def a_suspended_mailbox_does_not_answer():
    with House() as house:
        house.site.mailctl("mailbox", "suspend", "paul@one.example", "--login", "--receive", "accept")
        house.send(SENDER, ["paul@one.example"], mail())
        expect(house.settle() == [] and len(house.site.messages("paul@one.example")) == 1, "answered, or not delivered")


def the_pipe_answers_too_and_its_status_is_the_delivery_s():
    with House() as house:
        expect(house.site.pipe(SENDER, ["paul@one.example"], mail())[0] == 0, "not delivered")
        expect(len(house.settle()) == 1, "no reply")
        house.sink.close()
        house.site.stop_agent()
        house.site.mailctl("config", "set", "submit=smtp:127.0.0.1:1")
        expect(house.site.pipe("bob@far.example", ["paul@one.example"], mail())[0] == 0, "a reply that fails changed the outcome")
        expect("127.0.0.1" in house.why(), house.why())
        house.site.start_agent()


def a_client_does_not_wait_for_robots_and_sigterm_loses_none():
    with House() as house:
        with LmtpClient(house.site.socket) as client:
            for i in range(50):
                sender = f"s{i}@d{i}.example"
                answers = client.deliver(sender, ["paul@one.example"], mail(sender=sender))[1]
                expect(answers and answers[0].startswith("250"), str(answers))
        expect(house.site.stop_agent(signal.SIGTERM) == 0, "the agent did not end well")
        expect(len(house.sink.messages) == 50, f"{len(house.sink.messages)} of 50 replies")


def wander(message, sender, houses):
    """Delivers a mail and every reply that comes of it to whichever site it is for, until nothing moves; how many replies there were."""
    moving, count = [message], 0
    first = True
    while moving:
        envelope_sender, recipient, data = moving.pop()
        house = next(house for house, domain in houses if recipient.endswith("@" + domain))
        replies = house.send(envelope_sender, [recipient], data.replace(b"\r\n", b"\n"))
        expect(replies and replies[0].startswith("250"), f"{recipient}: {replies}")
        first = False
        for answer_sender, targets, text in house.settle():
            count += 1
            expect(count < 10, "they answer one another")
            moving += [(answer_sender, target, text) for target in targets]
    expect(not first and sender, "nothing was sent")
    return count


def two_who_are_away_answer_one_another_once_at_most():
    with House() as here, House() as there:
        here.site.mailctl("autoreply", "set", "ringo@one.example", "--message", "I am away, too.")
        first = mail(to="ringo@one.example", sender="paul@one.example")
        expect(wander(("paul@one.example", "ringo@one.example", first), "paul", [(here, "one.example")]) == 1, "here: not one reply")
        there.site.mailctl("domain", "create", "two.example")
        there.site.mailctl("mailbox", "create", "george@two.example", "--no-password")
        there.site.mailctl("autoreply", "set", "george@two.example", "--message", "Away in another house.")
        houses = [(here, "one.example"), (there, "two.example")]
        first = mail(to="george@two.example", sender="paul@one.example")
        expect(wander(("paul@one.example", "george@two.example", first), "paul", houses) == 1, "across two sites: not one reply")
        first = mail(to="feedback@one.example", sender="george@two.example")
        expect(wander(("george@two.example", "feedback@one.example", first), "george", houses) == 1, "robot and away: not one reply")


if __name__ == "__main__":
    sys.exit(run_tests("lmtp", [
        only_the_plain_mail_is_answered_of_the_whole_truth_table,
        machines_of_every_kind_get_no_answer,
        a_robot_answers_and_its_copy_goes_on,
        twenty_mails_at_once_get_one_reply,
        one_reply_goes_to_a_mail_for_many_names_of_one_mailbox,
        replies_survive_a_parser_of_others,
        a_missing_attachment_or_memory_means_no_reply_and_the_mail_is_delivered,
        a_failed_send_is_made_up_for_with_the_next_mail,
        the_site_bounds_replies_per_day_and_domain,
        dates_are_days_of_the_site_both_included,
        a_suspended_mailbox_does_not_answer,
        the_pipe_answers_too_and_its_status_is_the_delivery_s,
        a_client_does_not_wait_for_robots_and_sigterm_loses_none,
        two_who_are_away_answer_one_another_once_at_most,
    ], side_by_side=WAITING))
