#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real Postfix that asks the agent at RCPT: what the agent would refuse is refused before it is taken, and nobody gets a bounce."""
import os
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.site import UNPRIVILEGED, WAITING, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

MESSAGE = b"From: a@elsewhere.example\nTo: paul@one.example\nSubject: plain\nMessage-ID: <plain@elsewhere.example>\n\nhello\n"
LARGE = MESSAGE + b"x" * 70 + b"\n" * 7000
FAR = "someone@elsewhere.example"


def make_site(mode="agent", policy="on", settings=()):
    site = Site(user=UNPRIVILEGED)
    site.mailctl("config", "set", f"maps.mode={mode}", f"maps.policy={policy}", *settings)
    site.mailctl("domain", "create", "one.example", "--unknown", "reject")
    site.mailctl("domain", "create", "two.example", "--unknown", "domain:one.example")
    site.mailctl("mailbox", "create", *(f"{name}@one.example" for name in ("admin", "paul", "ringo", "full", "gone", "later")), "--no-password")
    site.mailctl("mailbox", "set", "full@one.example", "quota=8 KiB")
    site.mailctl("mailbox", "suspend", "gone@one.example", "--receive", "reject")
    site.mailctl("mailbox", "suspend", "later@one.example", "--receive", "defer", "--until", "2099-12-31")
    site.mailctl("list", "create", "team@one.example", "paul", "ringo", "--post", "members")
    site.mailctl("banished", "add", "spam@one.example", "promo-*@one.example", "--answer", "reject")
    site.mailctl("banished", "add", "void@one.example", "--answer", "discard")
    return site


def make_postfix(site, extra=""):
    fragments = [open(site.path("lib", "maps", name), encoding="utf-8").read() for name in ("main.cf", "master.cf")]
    return Postfix(main=fragments[0] + extra, master=fragments[1])


def start_agent(site):
    """The sockets' group is Postfix's on a real site; a site under --root belongs to its caller, so the test opens the door."""
    site.start_agent()
    os.chmod(site.path("run"), 0o755)
    for path in (site.socket, site.policy_socket):
        os.chmod(path, 0o666)


def fill(site):
    with LmtpClient(site.socket) as client:
        _, final = client.deliver(FAR, ["full@one.example"], LARGE)
        expect(final[-1].startswith("250"), f"{final}")
        while final[-1].startswith("250"):
            replies, final = client.deliver(FAR, ["full@one.example"], MESSAGE)
            final = final or replies


def answer_to(postfix, recipient):
    """To RCPT, from a client that announces the size of its message, as mail servers do."""
    with postfix.smtp() as client:
        client.ehlo()
        client.mail(FAR, [f"SIZE={len(LARGE)}"])
        code, text = client.rcpt(recipient)
        return code, text.decode(errors="replace")


def no_mail_came_of_it(postfix):
    postfix.wait_until_empty()
    log = postfix.log()
    for word in ("status=bounced", "status=deferred", "sender non-delivery", "warning: problem talking to server"):
        expect(word not in log, f"{word}: {log[-3000:]}")


def what_the_agent_would_refuse_is_refused_at_rcpt(mode="agent"):
    with make_site(mode) as site:
        start_agent(site)
        fill(site)
        with make_postfix(site) as postfix:
            for recipient, wanted in (("full@one.example", (552, "5.2.2")), ("gone@one.example", (550, "5.2.1")), ("later@one.example", (450, "4.2.1")),
                                      ("team@one.example", (550, "5.7.1")), ("spam@one.example", (550, "5.7.1")), ("promo-7@one.example", (550, "5.7.1")),
                                      ("nobody@one.example", (550, "5.1.1")), ("nobody@two.example", (550, "5.1.1"))):
                code, text = answer_to(postfix, recipient)
                expect((code, wanted[1] in text) == (wanted[0], True), f"{recipient}: {code} {text}, not {wanted}\n{postfix.log()[-2000:]}")
            for recipient, words in (("full@one.example", "full"), ("gone@one.example", "mailbox is suspended"), ("team@one.example", "you may not post to this list")):
                expect(words in answer_to(postfix, recipient)[1], f"{recipient}: {answer_to(postfix, recipient)}")
            for taken in (["paul@one.example", "ringo@one.example", "void@one.example"], ["paul@two.example"]):
                expect(postfix.send(FAR, taken, MESSAGE) == {}, "refused")
            expect(postfix.send("paul@one.example", ["team@one.example"], MESSAGE) == {}, "a member may post")
            no_mail_came_of_it(postfix)
            expect(len(site.messages("paul@one.example")) == 3, f"{len(site.messages('paul@one.example'))} messages for paul")
            expect(len(site.messages("ringo@one.example")) == 2, "the list reached ringo")


def so_it_is_where_postfix_delivers_by_itself():
    what_the_agent_would_refuse_is_refused_at_rcpt("postfix")


def a_size_that_is_announced_counts():
    with make_site(settings=["delivery.over_quota=defer"]) as site:
        start_agent(site)
        with LmtpClient(site.socket) as client:
            client.deliver(FAR, ["full@one.example"], MESSAGE)
        with make_postfix(site) as postfix, postfix.smtp() as client:
            client.ehlo()
            client.mail(FAR, ["SIZE=100000"])
            code, text = client.rcpt("full@one.example")
            expect(code == 452 and b"4.2.2" in text, f"{code} {text}")
            expect(client.rcpt("paul@one.example")[0] == 250, "the others are taken")


def mail_to_elsewhere_is_none_of_its_business():
    sink = SmtpSink()
    with make_site() as site:
        start_agent(site)
        with make_postfix(site, f"relayhost = [127.0.0.1]:{sink.port}\n") as postfix:
            expect(postfix.send("paul@one.example", ["friend@far.example"], MESSAGE) == {}, "refused")
            no_mail_came_of_it(postfix)
            expect(len(sink.messages) == 1, "it did not leave")
            code, text = postfix.refusal("postmaster")
            expect(code == 250, f"{code} {text}")
    sink.close()


def an_alias_in_a_map_of_the_administrators_own_is_left_to_postfix():
    with make_site() as site:
        start_agent(site)
        own = site.path("own-aliases")
        with open(own, "w", encoding="ascii") as file:
            file.write("nobody@one.example paul@one.example\n")
        with make_postfix(site, f"virtual_alias_maps = texthash:{own}\n") as postfix:
            expect(postfix.send(FAR, ["nobody@one.example"], MESSAGE) == {}, "refused")
            no_mail_came_of_it(postfix)
            expect(len(site.messages("paul@one.example")) == 1, "not delivered")


def without_the_agent_mail_is_taken_and_waits():
    with make_site() as site:
        start_agent(site)
        site.stop_agent()
        with make_postfix(site) as postfix:
            expect(postfix.send(FAR, ["paul@one.example"], MESSAGE) == {}, "mail was not taken")
            code, text = postfix.refusal("nobody@one.example")
            expect(code == 550 and "5.1.1" in text, f"what the maps know is still refused: {code} {text}")
            start_agent(site)
            postfix.flush()
            postfix.wait_until_empty()
            expect(len(site.messages("paul@one.example")) == 1, "not delivered")
            code, text = postfix.refusal("gone@one.example")
            expect(code == 550 and "5.2.1" in text, f"once the agent is back: {code} {text}")
            expect("status=bounced" not in postfix.log(), "a bounce")


def an_agent_that_restarts_makes_no_mistake():
    with make_site() as site:
        start_agent(site)
        with make_postfix(site) as postfix, postfix.smtp() as client:
            client.ehlo()
            client.mail("a@far.example")
            expect(client.rcpt("team@one.example")[0] == 550, "not refused")
            site.stop_agent()
            start_agent(site)
            code, text = client.rcpt("team@one.example")
            expect(code == 550 and b"5.7.1" in text, f"the connection of before: {code} {text}")


def an_smtpd_in_its_chroot_asks_on_a_socket_that_is_passed():
    """As on stock Debian, where systemd makes the socket in Postfix's queue directory."""
    with make_site(policy="unix:private/mailctl-policy") as site:
        postfix = make_postfix(site)
        with open(os.path.join(postfix.etc, "master.cf"), encoding="utf-8") as file:
            postfix.write("master.cf", file.read().replace("inet n - n - - smtpd", "inet n - y - - smtpd"))
        with postfix, socket.socket(socket.AF_UNIX) as listener:
            path = os.path.join(postfix.directory, "queue", "private", "mailctl-policy")
            listener.bind(path)
            shutil.chown(path, UNPRIVILEGED, "postfix")
            os.chmod(path, 0o660)
            listener.listen(100)
            script = f"export LISTEN_PID=$$; exec {' '.join(site.command('mailctl-deliver', 'lmtp'))}"
            environment = {**site.environment(), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "policy"}
            agent = subprocess.Popen(["sh", "-c", script], env=environment, preexec_fn=lambda: os.dup2(listener.fileno(), 3), pass_fds=(3,),
                                     stderr=subprocess.DEVNULL)
            try:
                deadline = time.monotonic() + 30
                while not os.path.exists(site.socket):
                    expect(agent.poll() is None and time.monotonic() < deadline, "the agent does not start")
                    time.sleep(0.05)
                code, text = postfix.refusal("team@one.example")
                expect(code == 550 and "5.7.1" in text, f"{code} {text} {postfix.log()[-2000:]}")
                expect(postfix.refusal("paul@one.example")[0] == 250, "the others are taken")
                expect(not os.path.exists(site.policy_socket), "it listens where nobody asks")
            finally:
                agent.terminate()
                expect(agent.wait(timeout=30) == 0, "exit status")


def switched_off_postfix_asks_nobody():
    with make_site(policy="off") as site:
        start_agent(site)
        with open(site.path("lib", "maps", "main.cf"), encoding="utf-8") as file:
            expect("policy" not in file.read(), "it is off")
        with make_postfix(site) as postfix:
            code, text = postfix.refusal("team@one.example")
            expect(code == 250, f"{code} {text}")


if __name__ == "__main__":
    if os.getuid() != 0:
        print("not ok e2e needs root: Postfix starts as root")
        sys.exit(1)
    sys.exit(run_tests("e2e", [
        what_the_agent_would_refuse_is_refused_at_rcpt, so_it_is_where_postfix_delivers_by_itself, a_size_that_is_announced_counts,
        mail_to_elsewhere_is_none_of_its_business, an_alias_in_a_map_of_the_administrators_own_is_left_to_postfix,
        without_the_agent_mail_is_taken_and_waits, an_agent_that_restarts_makes_no_mistake,
        an_smtpd_in_its_chroot_asks_on_a_socket_that_is_passed, switched_off_postfix_asks_nobody],
        side_by_side=WAITING))
