#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Other people's addresses and mail through the real agent, by LMTP and by pipe: what an MTA took is kept as it is, and what the
next hop refuses for good is told as it was meant."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient, deliver  # noqa: E402
from harness.site import BINARIES, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

MESSAGE = b"From: a@far.example\nTo: paul@one.example\nSubject: hello\n\nbody\n"
LONG = "x" * 300
# As it stands in MAIL FROM, and as the trace and the next hop must have it.
SENDERS = {
    "news@mail_out.far.example": None,
    "a@_far.example": None,
    "a@-far-.example": None,
    "a@xn--i-7iq.ws": None,
    "a@xn--a.example": None,
    f"{LONG}@far.example": None,
    "y" * 65 + "@far.example": None,
    '"a b"@far.example': None,
    '"a@b"@far.example': None,
    '""@far.example': None,
    "a@[192.0.2.1]": None,
    "a@[IPv6:2001:db8::1]": None,
    "#@[]": None,
    "@x.example,@y_z.example:a@far.example": "a@far.example",
    "a..b@far.example": '"a..b"@far.example',
    "a b@far.example": '"a b"@far.example',
    "a@b@far.example": '"a@b"@far.example',
    "a@b..example": None,
    "a@far.example.": None,
    "SRS0=abcd=ef=far.example=a@fwd.example": None,
    "prvs=1234abcd=a@far_away.example": None,
}
TARGETS = ["t@far_away.example", "t@xn--i-7iq.ws", "t@-x.example", "z" * 100 + "@far.example", '"t t"@far.example', "t@[192.0.2.9]"]


class House:
    def __init__(self, refuse=None):
        self.sink = SmtpSink(refuse)
        self.site = Site(hostname="mx.host.example", postmaster="boss@one.example", settings=(f"submit=smtp:127.0.0.1:{self.sink.port}",))
        self.site.mailctl("domain", "create", "one.example")
        self.site.mailctl("mailbox", "create", "boss@one.example", "paul@one.example", "ringo@one.example", "--no-password")

    def __enter__(self):
        self.site.start_agent()
        return self

    def __exit__(self, *unused):
        self.site.close()
        self.sink.close()

    def pipe(self, sender, recipient, message=MESSAGE):
        done = subprocess.run([f"{BINARIES}/mailctl-deliver", "pipe", "--root", self.site.root, "-f", sender, "--", recipient],
                              input=message, capture_output=True, check=False)
        return done.returncode, done.stdout.decode()

    def take(self, address="paul@one.example"):
        """The one message in a mailbox, which is emptied."""
        messages = self.site.messages(address)
        expect(len(messages) == 1, f"{len(messages)} messages in {address}")
        for folder, _, names in os.walk(self.site.mailbox(address)):
            for name in names:
                if folder.endswith(("new", "cur")):
                    os.unlink(os.path.join(folder, name))
        return messages[0]


def send(house, sender, recipient, message=MESSAGE, options=""):
    with LmtpClient(house.site.socket) as client:
        mail = client.ask(f"MAIL FROM:<{sender}>{options}")
        if not mail.startswith("250"):
            return mail
        answer = client.ask(f"RCPT TO:<{recipient}>")
        if not answer.startswith("250"):
            return answer
        client.ask("DATA")
        client.send(message.replace(b"\n", b"\r\n") + b".\r\n")
        return client.reply()


def every_sender_that_an_mta_takes_is_stored_and_named_in_the_trace():
    with House() as house:
        for sender, written in SENDERS.items():
            answer = send(house, sender, "paul@one.example")
            expect(answer.startswith("250 2.0.0"), f"LMTP {sender}: {answer}")
            first = house.take().split(b"\n", 1)[0].decode()
            expect(first == f"Return-Path: <{written or sender}>", f"{sender}: {first}")
            status, line = house.pipe(sender, "paul@one.example")
            expect(status == 0, f"pipe {sender}: {status} {line}")
            house.take()
        answer = send(house, "a@☃.example", "paul@one.example", options=" SMTPUTF8")
        expect(answer.startswith("250 2.0.0"), f"a symbol as a U-label: {answer}")
        expect(house.take().startswith("Return-Path: <a@xn--n3h.example>".encode()), "U-label not kept as its A-label")
        expect(send(house, "somebody", "paul@one.example").startswith("250 2.0.0"), "sender without a domain")
        expect(house.take().startswith(b"Return-Path: <somebody@mx.host.example>"), "sender without a domain gets that of the host")


def control_characters_stay_outside():
    with House() as house:
        for sender in ("a\x01b@far.example", "a\x7f@far.example", '"a\tb"@far.example'):
            expect(send(house, sender, "paul@one.example").startswith("5"), repr(sender))
        for sender in ("a\nb@far.example", "a\rb@far.example", "a\x01@far.example"):
            expect(house.pipe(sender, "paul@one.example")[0] == 65, repr(sender))


def unquoted_and_quoted_local_parts_of_the_pipe_are_the_same():
    with House() as house:
        house.site.mailctl("config", "set", "addresses.delimiters=+")
        for form in ("a b@far.example", '"a b"@far.example'):
            expect(house.pipe(form, "paul@one.example")[0] == 0, form)
            expect(house.take().startswith(b'Return-Path: <"a b"@far.example>\n'), form)
        for form in ("paul+a b@one.example", '"paul+a b"@one.example'):
            status, line = house.pipe("a@far.example", form)
            expect(status == 0, f"{form}: {status} {line}")
            expect(b'X-Original-To: "paul+a b"@one.example' in house.take(), form)
        expect(house.pipe("a@far.example", "no body@one.example")[0] == 67, "an unknown name with a blank")


def mail_is_forwarded_to_every_target_and_from_every_sender():
    with House() as house:
        house.site.mailctl("forward", "create", "out@one.example", *TARGETS)
        for sender in SENDERS:
            answer = send(house, sender, "out@one.example")
            expect(answer.startswith("250 2.0.0"), f"{sender}: {answer}")
        expect(len(house.sink.messages) == len(SENDERS), "a message is missing")
        expect(all(message[1] == TARGETS for message in house.sink.messages), f"{house.sink.messages[0][1]}")
        senders = dict(zip(SENDERS, (message[0] for message in house.sink.messages)))
        expect(re.fullmatch("SRS0=.{4}=..=mail_out.far.example=news@mx.host.example", senders["news@mail_out.far.example"]), f"{senders}")
        expect(senders["SRS0=abcd=ef=far.example=a@fwd.example"].startswith("SRS1="), f"{senders}")
        expect(house.pipe("SRS0=opaque@fwd.example", "out@one.example")[0] == 0, "opaque SRS0")
        expect(re.fullmatch("SRS1=.{4}=fwd.example==opaque@mx.host.example", house.sink.messages[-1][0]), house.sink.messages[-1][0])
        house.sink.messages.clear()
        for sender in ("news@mail_out.far.example", "a@xn--i-7iq.ws"):
            expect(send(house, sender, "out@one.example").startswith("250"), sender)
            expect(send(house, "", house.sink.messages[-1][0]).startswith("250"), f"the bounce for {sender} was refused")
            expect(house.sink.messages[-1][1] == [sender], f"the bounce went to {house.sink.messages[-1][1]}")


def a_line_of_mbox_before_the_header_goes():
    with House() as house:
        house.site.mailctl("forward", "create", "out@one.example", "t@far.example")
        for line in (b"From remote Fri Feb 14 08:55:52 2014\n", b">From remote Fri Feb 14 08:55:52 2014\n"):
            expect(send(house, "a@far.example", "paul@one.example", line + MESSAGE).startswith("250"), "LMTP")
            stored = house.take()
            expect(b"From remote" not in stored and stored.endswith(MESSAGE), f"LMTP: {stored}")
            expect(house.pipe("a@far.example", "paul@one.example", line + MESSAGE)[0] == 0, "pipe")
            stored = house.take()
            expect(b"From remote" not in stored and stored.endswith(MESSAGE), f"pipe: {stored}")
            send(house, "a@far.example", "out@one.example", line + MESSAGE)
            expect(b"From remote" not in house.sink.messages[-1][2], "forward")
        send(house, "a@far.example", "paul@one.example", b"From here on it is text, no header\nmore\n")
        expect(house.take().endswith(b"\n\nFrom here on it is text, no header\nmore\n"), "text of a body was taken away")


def every_form_of_a_members_address_may_post():
    with House() as house:
        house.site.mailctl("list", "create", "team@one.example", "ringo", "paul", "--post", "members")
        house.site.mailctl("list", "create", "named@one.example", "ringo", "--post", "ann@far_away.example")
        member = ["ringo@one.example", "RINGO@One.Example", "ringo+work@one.example", "prvs=1234567890=ringo@one.example",
                  "btv1==abc==ringo@one.example", "SRS0=abcd=ef=one.example=ringo@fwd.example",
                  "SRS1=abcd=first.example==wxyz=ef=one.example=ringo@fwd.example", "prvs=1234567890=ringo+x@one.example"]
        named = ["ann@far_away.example", "Ann+work@far_away.example", "prvs=12=ann@far_away.example"]
        for target, senders in {"team@one.example": member, "named@one.example": named}.items():
            for sender in senders:
                answer = send(house, sender, target)
                expect(answer.startswith("250"), f"{sender} to {target}: {answer}")
            for sender in ("stranger@one.example", "ringo@far.example", "prvs=1=stranger@one.example", "ann@far.example"):
                expect(send(house, sender, target).startswith("550 5.7.1"), f"{sender} to {target}")


def postmaster_alone_is_the_sites():
    with House() as house:
        for form in ("Postmaster", "postmaster", "POSTMASTER", "postmaster@mx.host.example"):
            answer = send(house, "", form)
            expect(answer.startswith("250 2.0.0"), f"{form}: {answer}")
            house.take("boss@one.example")
        expect(send(house, "a@far.example", "paul@mx.host.example").startswith("550 5.1.2"), "another name of the host")


def what_the_next_hop_refuses_for_good_is_told_so():
    refusals = {"t1": ("553 5.6.7 no SMTPUTF8", "553 5.6.7"), "t2": ("552 5.3.4 too big", "552 5.3.4"), "t3": ("550 no", "550 5.0.0"),
                "t4": ("554 5.7.1 spam", "554 5.7.1"), "t5": ("550 5.1.1 unknown", "550 5.1.1"), "t6": ("503 5.5.1 sequence", "451 4.3.0"),
                "t7": ("530 5.7.0 log in first", "451 4.3.0"), "t8": ("550 5.2.1 disabled", "550 5.2.1"), "t9": ("451 4.7.1 greylisted", "451 4.3.0")}
    with House({f"{name}@far.example": said for name, (said, _) in refusals.items()}) as house:
        for name, (_, wanted) in refusals.items():
            house.site.mailctl("forward", "create", f"only-{name}@one.example", f"{name}@far.example")
            house.site.mailctl("forward", "create", f"also-{name}@one.example", f"{name}@far.example", "paul")
            answer = send(house, "a@far.example", f"only-{name}@one.example")
            expect(answer.startswith(wanted), f"{name}: wanted {wanted}, got {answer}")
            expect(not house.sink.messages, f"{name}: the sender was told twice")
            if wanted.startswith("5"):
                answer = send(house, "a@far.example", f"also-{name}@one.example")
                expect(answer.startswith("250"), f"{name} with a copy: {answer}")
                house.take()
                notices = house.sink.messages
                expect(len(notices) == 1 and notices[0][0] == "" and notices[0][1] == ["a@far.example"], f"{name}: notices {notices}")
                expect(f"Status: {wanted[4:9]}".encode() in notices[0][2], f"{name}: {notices[0][2]}")
                house.sink.messages.clear()
        expect(house.pipe("a@far.example", "only-t1@one.example")[0] == 65, "pipe 5.6.7")
        expect(house.pipe("a@far.example", "only-t4@one.example")[0] == 77, "pipe 5.7.1")
        for sender, extra in (("", b""), ("a@far.example", b"Auto-Submitted: auto-generated\n"), ("a@far.example", b"Precedence: bulk\n"),
                              ("list-bounces@far.example", b"List-Id: <x.far.example>\n"), ("noreply@far.example", b"")):
            expect(send(house, sender, "also-t4@one.example", extra + MESSAGE).startswith("250"), f"{sender} {extra}")
            house.take()
            expect(not house.sink.messages, f"{sender} {extra}: told {house.sink.messages}")


def a_message_that_only_comes_back_to_be_stored_is_stored():
    with House() as house:
        house.site.mailctl("mailbox", "set", "ringo@one.example", "forward=r@far.example")
        seen = b"Delivered-To: paul@one.example\nResent-To: paul@one.example\n" + MESSAGE
        expect(send(house, "ringo@one.example", "paul@one.example", seen).startswith("250"), "LMTP")
        expect(house.take().endswith(seen), "LMTP")
        expect(house.pipe("ringo@one.example", "paul@one.example", seen)[0] == 0, "pipe")
        answer = send(house, "a@far.example", "ringo@one.example", b"Delivered-To: ringo@one.example\n" + MESSAGE)
        expect(answer.startswith("554 5.4.6"), f"a loop through a forward: {answer}")


def the_original_recipient_is_decoded():
    with House() as house:
        for given, wanted in (("utf-8;p\\x{3D}q\\x{2B}r\\x{5C}@one.example", "p=q+r\\@one.example"), ("utf-8;b\\x{FC}ro@one.example", "büro@one.example"),
                              ("rfc822;x+2By@one.example", "x+y@one.example")):
            with LmtpClient(house.site.socket) as client:
                client.ask("MAIL FROM:<a@far.example> SMTPUTF8")
                answer = client.ask(f"RCPT TO:<paul@one.example> ORCPT={given}")
                expect(answer.startswith("250"), f"{given}: {answer}")
                client.ask("DATA")
                client.send(MESSAGE.replace(b"\n", b"\r\n") + b".\r\n")
                client.reply()
            expect(f"X-Original-To: {wanted}\n".encode() in house.take(), given)


def subjects_of_every_charset_are_quoted_in_the_reply():
    import email
    import email.policy
    text = {"iso-8859-2": "příště", "windows-1251": "привет", "windows-1250": "příště", "koi8-r": "привет", "iso-8859-7": "αβγ", "windows-1253": "αβγ",
            "iso-8859-9": "ığş", "windows-1254": "ığş", "koi8-u": "їжак", "iso-8859-5": "привет", "iso-2022-jp": "日本語", "gb2312": "中文", "shift_jis": "日本語",
            "euc-kr": "한국어", "big5": "中文", "utf-8": "grüße"}
    with House() as house:
        house.site.mailctl("autoreply", "set", "paul@one.example", "--message", "Away.")
        import base64
        for number, (charset, subject) in enumerate([*text.items(), ("raw latin-1", "grüße")]):
            field = subject.encode("latin-1") if charset == "raw latin-1" else \
                f"=?{charset}?B?{base64.b64encode(subject.encode(charset)).decode()}?=".encode()
            send(house, f"k{number}@far.example", "paul@one.example", b"From: k@far.example\nTo: paul@one.example\nSubject: " + field + b"\n\nx\n")
        house.site.stop_agent()
        found = {message[1][0]: email.message_from_bytes(message[2], policy=email.policy.default)["Subject"] for message in house.sink.messages}
        for number, (charset, subject) in enumerate([*text.items(), ("raw latin-1", "grüße")]):
            expect(found.get(f"k{number}@far.example") == f"Auto: {subject}", f"{charset}: {found.get(f'k{number}@far.example')}")
        house.site.start_agent()


def names_that_no_person_reads_are_not_answered():
    names = ["noreply2", "noreply.service", "service.noreply", "no.reply", "do.not.reply", "noreply_x", "mailer-daemon-x", "autoreply", "x+bounces",
             "news-bounces-12", "DoNotReply1", "no_reply.x", "x=bounces=y"]
    with House() as house:
        house.site.mailctl("autoreply", "set", "paul@one.example", "--message", "Away.")
        for name in names:
            send(house, f"{name}@far.example", "paul@one.example")
        for number, extra in enumerate((b"Reply-To: noreply@far.example\n", b"X-Loop: vacation\n", b"X-DSPAM-Result: Spam\n", b"X-Bogosity: Spam, tests=bogofilter\n",
                                        b"X-Spam-Status: Yes, score=9\n", b"X-MS-Exchange-Organization-SCL: 6\n", b"X-Virus-Status: Infected\n")):
            send(house, f"m{number}@far.example", "paul@one.example", extra + MESSAGE)
        send(house, "bouncer@far.example", "paul@one.example")
        send(house, "renoreplyson@far.example", "paul@one.example")
        house.site.stop_agent()
        answered = sorted(message[1][0] for message in house.sink.messages)
        expect(answered == ["bouncer@far.example", "renoreplyson@far.example"], f"{answered}")
        house.site.start_agent()


if __name__ == "__main__":
    sys.exit(run_tests("lmtp peers", [
        every_sender_that_an_mta_takes_is_stored_and_named_in_the_trace, control_characters_stay_outside,
        unquoted_and_quoted_local_parts_of_the_pipe_are_the_same, mail_is_forwarded_to_every_target_and_from_every_sender,
        a_line_of_mbox_before_the_header_goes, every_form_of_a_members_address_may_post, postmaster_alone_is_the_sites,
        what_the_next_hop_refuses_for_good_is_told_so, a_message_that_only_comes_back_to_be_stored_is_stored, the_original_recipient_is_decoded,
        subjects_of_every_charset_are_quoted_in_the_reply, names_that_no_person_reads_are_not_answered]))
