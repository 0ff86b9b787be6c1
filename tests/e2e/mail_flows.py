#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main job with the real programs: Postfix (private, generated maps) -> mailctl-deliver -> Maildir -> Dovecot IMAP.

Each test makes a site, a Postfix and what else it needs, on loopback and in private directories, and ends them by pid.
"""
import os
import re
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.dovecot import Dovecot  # noqa: E402
from harness.lmtp_client import LmtpClient  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.site import UNPRIVILEGED, WAITING, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

PLAIN = b"From: a@elsewhere.example\nTo: paul@one.example\nSubject: plain\nMessage-ID: <plain@elsewhere.example>\nDate: Mon, 6 Jan 2025 10:00:00 +0000\n\nhello\n.dot first\n..two dots\n\nFrom here on\n"
UTF8 = "From: a@elsewhere.example\nTo: paul@one.example\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\nMessage-ID: <utf8@elsewhere.example>\nDate: Mon, 6 Jan 2025 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße, 世界 🌍\n".encode()
MIME = (b"From: a@elsewhere.example\nTo: paul@one.example\nSubject: mime\nMessage-ID: <mime@elsewhere.example>\nDate: Mon, 6 Jan 2025 10:00:00 +0000\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=b1\n\n--b1\nContent-Type: text/plain\n\nsee the attachment\n--b1\n"
        b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" + b"QUJDREVGRw==\n" * 4000 + b"--b1--\n")
PASSWORD = "correct horse battery"


def make_site(mode="agent", settings=(), catch_all=True):
    site = Site(user=UNPRIVILEGED)
    site.mailctl("config", "set", f"maps.mode={mode}", *settings)
    site.mailctl("domain", "create", "one.example", "--alias", "uno.example", "--unknown", "reject")
    site.mailctl("domain", "create", "two.example", *(["--unknown", "redirect:boss@two.example"] if catch_all else []))
    site.mailctl("mailbox", "create", "admin@one.example", "--no-password")
    site.mailctl("mailbox", "create", "paul@one.example", "--alias", "macca", "--password-stdin", stdin=PASSWORD + "\n")
    site.mailctl("mailbox", "create", "boss@two.example", "ringo@two.example", "--no-password")
    return site


def make_postfix(site, extra=""):
    fragments = [open(site.path("lib", "maps", name), encoding="utf-8").read() for name in ("main.cf", "master.cf")]
    return Postfix(main=fragments[0] + extra, master=fragments[1])


def wait_for(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"waited {seconds} s for {what}")
        time.sleep(0.05)


def open_socket_to_postfix(site):
    """The socket's group is Postfix's on a real site; a site under --root belongs to its caller, so the test opens the door."""
    os.chmod(site.path("run"), 0o755)
    os.chmod(site.socket, 0o666)


def body_of(message):
    return message.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]


def mail_goes_through_the_whole_house():
    with make_site() as site:
        site.start_agent()
        open_socket_to_postfix(site)
        with make_postfix(site) as postfix, Dovecot(site.path("lib", "maps", "dovecot.conf")) as dovecot:
            for message in (PLAIN, UTF8, MIME):
                expect(postfix.send("a@elsewhere.example", ["paul@one.example"], message) == {}, "a recipient was refused")
            wait_for(lambda: len(site.messages("paul@one.example")) == 3, "three messages")
            served = dovecot.messages("paul@one.example", PASSWORD)
            expect(sorted(map(body_of, served)) == sorted(map(body_of, (PLAIN, UTF8, MIME))), "bodies differ from what was sent")
            stored = site.messages("paul@one.example")
            expect(all(m.startswith(b"Return-Path: <a@elsewhere.example>\n") for m in stored), "Return-Path is not first")
            expect(all(m.count(b"\nDelivered-To: paul@one.example\n") == 1 for m in stored), "no Delivered-To")
            dovecot.login("paul/one.example", PASSWORD).logout()
            log = dovecot.log()
            expect("Cached message size" not in log and "Duplicate" not in log and "Error" not in log, log)


def names_of_every_kind_reach_their_mailbox():
    with make_site() as site:
        site.mailctl("forward", "create", "info@one.example", "paul", "ringo@two.example")
        os.mkdir(site.mailbox("paul@one.example", ".lists"))
        for part in ("cur", "new", "tmp"):
            os.mkdir(os.path.join(site.mailbox("paul@one.example", ".lists"), part))
        shutil.chown(site.mailbox("paul@one.example", ".lists"), UNPRIVILEGED, UNPRIVILEGED)
        for part in ("cur", "new", "tmp"):
            shutil.chown(os.path.join(site.mailbox("paul@one.example", ".lists"), part), UNPRIVILEGED, UNPRIVILEGED)
        site.start_agent()
        open_socket_to_postfix(site)
        with make_postfix(site) as postfix:
            for recipient in ("macca@one.example", "PAUL@ONE.example", "paul@uno.example", "macca@uno.example", "paul+work@one.example",
                              "postmaster@two.example", "info@one.example", "paul+lists@one.example"):
                expect(postfix.send("a@elsewhere.example", [recipient], PLAIN) == {}, recipient)
            wait_for(lambda: len(site.messages("paul@one.example")) == 6, "six messages for paul")
            wait_for(lambda: len(site.messages("admin@one.example")) == 1, "postmaster's message")
            wait_for(lambda: len(site.messages("ringo@two.example")) == 1, "the forwarded message")
            wait_for(lambda: len(site.messages("paul@one.example", ".lists")) == 1, "the message in the folder of its detail")


def an_unknown_user_is_refused_at_rcpt(mode="agent"):
    with make_site(mode, catch_all=False) as site:
        if mode == "agent":
            site.start_agent()
            open_socket_to_postfix(site)
        with make_postfix(site) as postfix:
            for unknown in ("nobody@one.example", "nobody@two.example", "nobody@uno.example", "x+paul@one.example"):
                code, text = postfix.refusal(unknown)
                expect(code == 550 and "5.1.1" in text, f"{unknown}: {code} {text}")
            code, text = postfix.refusal("paul@one.example")
            expect(code == 250, f"{code} {text}")


def an_unknown_user_is_refused_at_rcpt_without_the_agent():
    an_unknown_user_is_refused_at_rcpt("postfix")


def catch_all_takes_only_what_nobody_claims(mode="agent"):
    with make_site(mode) as site:
        site.mailctl("forward", "create", "team@two.example", "ringo", "paul@one.example")
        if mode == "agent":
            site.start_agent()
            open_socket_to_postfix(site)
        with make_postfix(site) as postfix:
            for recipient in ("ringo@two.example", "team@two.example", "anything@two.example", "boss@two.example"):
                expect(postfix.send("a@elsewhere.example", [recipient], PLAIN) == {}, recipient)
            postfix.wait_until_empty()
            wait_for(lambda: len(site.messages("boss@two.example")) == 2, "the catch-all's message and boss's own")
            expect(len(site.messages("ringo@two.example")) == 2, "ringo's own and team's")
            expect(len(site.messages("paul@one.example")) == 1, "team's")


def catch_all_takes_only_what_nobody_claims_without_the_agent():
    catch_all_takes_only_what_nobody_claims("postfix")


def banished_names_are_refused_or_lost(mode="agent"):
    with make_site(mode) as site:
        site.mailctl("banished", "add", "spam@two.example", "--answer", "reject")
        site.mailctl("banished", "add", "promo-*@two.example", "--answer", "reject")
        site.mailctl("banished", "add", "void@two.example", "--answer", "discard")
        if mode == "agent":
            site.start_agent()
            open_socket_to_postfix(site)
        with make_postfix(site) as postfix:
            for banished in ("spam@two.example", "promo-7@two.example"):
                code, text = postfix.refusal(banished)
                expect(code // 100 == 5, f"{banished}: {code} {text}")
            expect(postfix.send("a@elsewhere.example", ["void@two.example"], PLAIN) == {}, "discard must be silent")
            expect(postfix.send("a@elsewhere.example", ["other@two.example"], PLAIN) == {}, "the catch-all still works")
            postfix.wait_until_empty()
            wait_for(lambda: len(site.messages("boss@two.example")) == 1, "the catch-all's message")
            expect(len(site.messages("boss@two.example")) == 1, "banished mail went to the catch-all")


def banished_names_are_refused_or_lost_without_the_agent():
    banished_names_are_refused_or_lost("postfix")


def a_forward_leaves_with_an_srs_sender_and_its_bounce_comes_back():
    sink = SmtpSink()
    with make_site(settings=[f"submit=smtp:127.0.0.1:{sink.port}"]) as site:
        site.mailctl("forward", "create", "out@one.example", "friend@far.example")
        site.start_agent()
        open_socket_to_postfix(site)
        # The bounce's way home ends at the original sender, which for this test is a mailbox of ours reached through Postfix.
        with make_postfix(site) as postfix:
            expect(postfix.send("ringo@two.example", ["out@one.example"], PLAIN) == {}, "refused")
            wait_for(lambda: sink.messages, "the forward at the sink")
            sender, recipients, data = sink.messages[0]
            expect(recipients == ["friend@far.example"], f"recipients {recipients}")
            expect(re.match(r"SRS0=[^=]+=[^=]+=two\.example=ringo@mx\.test\.example$", sender, re.I), f"sender {sender}")
            expect(b"Delivered-To: out@one.example\r\n" in data, "no Delivered-To")
            expect(b"Return-Path:" not in data, "Return-Path leaked")
            bounce = b"From: <>\nTo: " + sender.encode() + b"\nSubject: bounce\n\nno such user\n"
            expect(postfix.send("", [sender], bounce) == {}, "the bounce was refused")
            wait_for(lambda: site.messages("ringo@two.example") or len(sink.messages) == 2, "the bounce")
            if len(sink.messages) == 2:
                sender, recipients, _ = sink.messages[1]
                expect((sender, recipients) == ("", ["ringo@two.example"]), f"bounce went from {sender!r} to {recipients}")
            code, text = postfix.refusal(sinkless := "SRS0=AAAA=BB=two.example=ringo@mx.test.example")
            expect(code // 100 in (2, 5), f"{sinkless}: {code} {text}")
    sink.close()


def over_quota_is_refused():
    with make_site() as site:
        site.mailctl("mailbox", "set", "paul@one.example", "quota=8 KiB")
        site.start_agent()
        open_socket_to_postfix(site)
        with make_postfix(site) as postfix:
            postfix.send("a@elsewhere.example", ["paul@one.example"], PLAIN)
            wait_for(lambda: len(site.messages("paul@one.example")) == 1, "the message that fits")
            postfix.send("a@elsewhere.example", ["paul@one.example"], MIME)
            wait_for(lambda: "552" in postfix.log() and "5.2.2" in postfix.log(), "Postfix to log 552 5.2.2")
            expect(len(site.messages("paul@one.example")) == 1, "mail over the quota was stored")
            with LmtpClient(site.socket) as client:
                replies, final = client.deliver("a@elsewhere.example", ["paul@one.example", "admin@one.example"], MIME)
                expect(final[-1].startswith("250"), f"one full mailbox must not stop the others: {replies} {final}")


def mail_waits_while_the_agent_is_stopped_and_is_delivered_exactly_once():
    with make_site() as site:
        site.start_agent()
        site.stop_agent()
        with make_postfix(site) as postfix:
            for number in range(5):
                message = PLAIN.replace(b"Subject: plain", b"Subject: number %d" % number)
                expect(postfix.send("a@elsewhere.example", ["paul@one.example"], message) == {}, "refused")
            wait_for(lambda: postfix.log().count("status=deferred") >= 5, "deferral")
            expect(not site.messages("paul@one.example"), "delivered by nobody")
            site.start_agent()
            open_socket_to_postfix(site)
            postfix.flush()
            postfix.wait_until_empty()
            stored = site.messages("paul@one.example")
            expect(sorted(re.search(rb"Subject: (.*)", m)[1] for m in stored) == [b"number %d" % n for n in range(5)],
                   f"{len(stored)} messages")
            expect("status=bounced" not in postfix.log(), "mail bounced")


def the_agent_works_without_write_access_to_its_configuration():
    with make_site() as site:
        site.start_agent()
        site.stop_agent()
        for top in ("etc", "lib/directory"):
            for directory, _, files in os.walk(site.path(top)):
                os.chown(directory, 0, -1)
                os.chmod(directory, 0o755)
                for name in files:
                    if name != "lock.mdb":
                        os.chown(os.path.join(directory, name), 0, -1)
                        os.chmod(os.path.join(directory, name), 0o640)
        site.start_agent()
        with LmtpClient(site.socket) as client:
            _, final = client.deliver("a@elsewhere.example", ["paul@one.example"], PLAIN)
            expect(final[0].startswith("250"), final)


def a_changed_password_works_at_once_and_the_old_one_no_more():
    with make_site() as site, Dovecot(site.path("lib", "maps", "dovecot.conf")) as dovecot:
        dovecot.login("paul@one.example", PASSWORD).logout()
        for number in range(3):
            new = f"another password {number}"
            site.mailctl("mailbox", "password", "paul@one.example", "--password-stdin", stdin=new + "\n")
            time.sleep(1.1)  # Dovecot looks at the file once a second
            dovecot.login("paul@one.example", new).logout()
            try:
                dovecot.login("paul@one.example", PASSWORD)
                raise AssertionError("the old password still works")
            except dovecot.login.__globals__["imaplib"].IMAP4.error:
                pass
        site.mailctl("mailbox", "suspend", "paul@one.example", "--login")
        time.sleep(1.1)
        try:
            dovecot.login("paul@one.example", "another password 2")
            raise AssertionError("a suspended account logged in")
        except dovecot.login.__globals__["imaplib"].IMAP4.error:
            pass


def dovecot_counts_the_same_quota_as_the_agent():
    with make_site() as site:
        site.mailctl("mailbox", "set", "paul@one.example", "quota=1 MiB")
        site.start_agent()
        with LmtpClient(site.socket) as client:
            for _ in range(7):
                client.deliver("a@elsewhere.example", ["paul@one.example"], PLAIN)
        with Dovecot(site.path("lib", "maps", "dovecot.conf")) as dovecot:
            client = dovecot.login("paul@one.example", PASSWORD)
            size = sum(len(m) for m in site.messages("paul@one.example"))
            lines = open(os.path.join(site.mailbox("paul@one.example"), "maildirsize"), encoding="ascii").read().splitlines()
            expect(lines[0] == "1048576S", lines)
            expect(sum(int(line.split()[0]) for line in lines[1:]) == size, f"{lines} but {size} bytes are there")
            _, answer = dovecot.doveadm("-f", "tab", "quota", "get", "-u", "paul@one.example")
            storage = next(line.split("\t") for line in answer.splitlines() if "\tSTORAGE\t" in line)
            expect(int(storage[2]) == (size + 1023) // 1024 or int(storage[2]) == size // 1024, f"{answer} but {size} bytes")
            client.logout()


def postfix_hands_mail_to_the_pipe_command():
    with make_site() as site:
        argv = " ".join([site.command("mailctl-deliver")[-1], "pipe", "--root", site.root, "-f", "${sender}", "--", "${recipient}"])
        service = f"mailctl unix - n n - - pipe\n  flags=Xq user={UNPRIVILEGED} null_sender= argv={argv}\n"
        fragments = open(site.path("lib", "maps", "main.cf"), encoding="utf-8").read()
        with Postfix(main=fragments + "\nvirtual_transport = mailctl\nmailctl_destination_recipient_limit = 1\n", master=service) as postfix:
            postfix.send("a@elsewhere.example", ["paul@one.example", "ringo@two.example"], PLAIN)
            postfix.send("", ["paul@one.example"], PLAIN)
            postfix.wait_until_empty()
            stored = site.messages("paul@one.example")
            expect(len(stored) == 2 and len(site.messages("ringo@two.example")) == 1, postfix.log()[-3000:])
            expect(any(m.startswith(b"Return-Path: <>\n") for m in stored), "the null sender was lost")
            expect(all(m.count(b"Return-Path:") == 1 for m in stored), "Return-Path is doubled")


if __name__ == "__main__":
    if os.getuid() != 0:
        print("not ok e2e needs root: Postfix and Dovecot start as root")
        sys.exit(1)
    sys.exit(run_tests("e2e", [
        mail_goes_through_the_whole_house, names_of_every_kind_reach_their_mailbox,
        an_unknown_user_is_refused_at_rcpt, an_unknown_user_is_refused_at_rcpt_without_the_agent,
        catch_all_takes_only_what_nobody_claims, catch_all_takes_only_what_nobody_claims_without_the_agent,
        banished_names_are_refused_or_lost, banished_names_are_refused_or_lost_without_the_agent,
        a_forward_leaves_with_an_srs_sender_and_its_bounce_comes_back, over_quota_is_refused,
        mail_waits_while_the_agent_is_stopped_and_is_delivered_exactly_once,
        the_agent_works_without_write_access_to_its_configuration,
        a_changed_password_works_at_once_and_the_old_one_no_more, dovecot_counts_the_same_quota_as_the_agent,
        postfix_hands_mail_to_the_pipe_command,
    ], side_by_side=WAITING))
