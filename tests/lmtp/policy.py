#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Postfix's questions at RCPT, on the agent's policy socket: pieces, several on one connection, nonsense, floods, and the end.

Held to: one answer for each question and no refusal without a decision, LMTP is served meanwhile, and the agent stays up.
"""
import os
import random
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import deliver  # noqa: E402
from harness.site import UNPRIVILEGED, WAITING, Site, expect, run_tests  # noqa: E402

MESSAGE = b"From: a@elsewhere.example\nTo: paul@one.example\nSubject: hello\n\nbody\n"
SENDER = "a@elsewhere.example"
SUSPENDED = "action=550 5.2.1 mailbox is suspended\n\n"
DUNNO = "action=DUNNO\n\n"
# What Postfix 3.7 sends besides.
REST = """protocol_name=ESMTP
client_address=192.0.2.7
client_name=far.example
client_port=41234
reverse_client_name=far.example
server_address=192.0.2.1
server_port=25
helo_name=far.example
queue_id=
instance=123.456.7
etrn_domain=
stress=
sasl_method=
sasl_username=
sasl_sender=
ccert_subject=
ccert_issuer=
encryption_protocol=
encryption_keysize=0
policy_context=
compatibility_level=3.7
mail_version=3.7.11
"""


def make_site(settings=(), unknown="reject"):
    site = Site(settings=settings, user=UNPRIVILEGED)
    site.mailctl("domain", "create", "one.example", "--unknown", unknown)
    site.mailctl("mailbox", "create", "admin@one.example", "paul@one.example", "ringo@one.example", "gone@one.example", "--no-password")
    site.mailctl("mailbox", "suspend", "gone@one.example", "--receive", "reject")
    site.mailctl("list", "create", "team@one.example", "paul", "ringo", "--post", "members")
    return site


def question(recipient, sender=SENDER, size=0, state="RCPT"):
    return (f"request=smtpd_access_policy\nprotocol_state={state}\nsender={sender}\nrecipient={recipient}\nrecipient_count=0\n"
            f"size={size}\n{REST}\n").encode()


class Asker:
    def __init__(self, site, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(site if isinstance(site, str) else site.policy_socket)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def say(self, text):
        self.socket.sendall(text)

    def hear(self):
        """One answer; what there was if the connection ends."""
        heard = b""
        while not heard.endswith(b"\n\n"):
            try:
                piece = self.socket.recv(1)
            except ConnectionError:
                piece = b""
            if not piece:
                break
            heard += piece
        return heard.decode()

    def ask(self, *arguments, **named):
        self.say(question(*arguments, **named))
        return self.hear()


def still_serving(site):
    start = time.monotonic()
    _, final = deliver(site.socket, SENDER, ["ringo@one.example"], MESSAGE)
    expect(final and final[0].startswith("250 2."), f"{final}")
    with Asker(site) as asker:
        expect(asker.ask("gone@one.example") == SUSPENDED, "the policy socket does not answer")
    expect(time.monotonic() - start < 5, "slowly")
    expect(site.agent.poll() is None, "the agent died")


def memory_mb(site):
    with open(f"/proc/{site.agent.pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


def questions_are_answered_one_by_one_in_whatever_pieces_they_come():
    with make_site() as site:
        site.start_agent()
        with Asker(site) as asker:
            for recipient, wanted in (("gone@one.example", SUSPENDED), ("paul@one.example", DUNNO), ("nobody@one.example", DUNNO),
                                      ("team@one.example", "action=550 5.7.1 you may not post to this list\n\n"),
                                      ("x@elsewhere.example", DUNNO), ("postmaster", DUNNO), ("GONE+x@One.example", SUSPENDED)):
                expect(asker.ask(recipient) == wanted, f"{recipient}: not {wanted}")
            expect(asker.ask("team@one.example", sender="paul@one.example") == DUNNO, "a member may post")
            expect(asker.ask("gone@one.example", state="DATA") == DUNNO, "only RCPT is asked for")
            for byte in question("gone@one.example"):
                asker.say(bytes([byte]))
            expect(asker.hear() == SUSPENDED, "byte by byte")
            asker.say(question("gone@one.example") + question("paul@one.example") + question("gone@one.example"))
            expect([asker.hear() for _ in range(3)] == [SUSPENDED, DUNNO, SUSPENDED], "three in one piece")
            status, = site.json("status")
            expect((status["asked"], status["turned_away"]) == (13, 6), f"{status}")


def a_full_mailbox_is_known_at_rcpt():
    with make_site() as site:
        site.mailctl("mailbox", "set", "paul@one.example", "quota=8 KiB")
        site.start_agent()
        with Asker(site) as asker:
            expect(asker.ask("paul@one.example") == DUNNO, "it is empty")
            _, final = deliver(site.socket, SENDER, ["paul@one.example"], MESSAGE + b"x" * 70 + b"\n" * 7000)
            expect(final[0].startswith("250"), f"{final}")
            expect(asker.ask("paul@one.example", size=2000).startswith("action=552 5.2.2 "), "by the declared size and what it holds")
            expect(asker.ask("paul@one.example", size=200) == DUNNO, "a small one fits")
            site.mailctl("config", "set", "delivery.over_quota=defer")
            expect(asker.ask("paul@one.example", size=2000).startswith("action=452 4.2.2 "), "as the site wants it, at once")
            for name in os.listdir(site.mailbox("paul@one.example", "new")):
                os.unlink(os.path.join(site.mailbox("paul@one.example", "new"), name))
            deadline = time.monotonic() + 60
            while asker.ask("paul@one.example", size=2000) != DUNNO:
                expect(time.monotonic() < deadline, "a mailbox that was cleared stays full")
                time.sleep(1)


def a_changed_site_changes_the_answers_at_once():
    with make_site() as site:
        site.start_agent()
        with Asker(site) as asker:
            expect(asker.ask("gone@one.example") == SUSPENDED, "suspended")
            site.mailctl("mailbox", "resume", "gone@one.example")
            expect(asker.ask("gone@one.example") == DUNNO, "no more")
            site.mailctl("domain", "suspend", "one.example", "--yes")
            expect(asker.ask("paul@one.example") == "action=450 4.2.1 domain is suspended\n\n", "the whole domain")


def nonsense_is_answered_and_refuses_nobody():
    with make_site() as site:
        site.start_agent()
        chance = random.Random(4711)
        with Asker(site) as asker:
            for junk in (b"\n", b"hello\n\n", b"=\n\n", b"request=smtpd_access_policy\n\n", b"GET / HTTP/1.1\r\nHost: x\n\n",
                         question("gone@one.example").replace(b"sender=", b"recipient=x@y\nsender="),
                         question("gone@one.example\x00"), question("\xff\xfe@one.example"), question("@"), question("a" * 3000 + "@one.example"),
                         question("gone@one.example", sender="\x01@x.example")):
                asker.say(junk)
                expect(asker.hear() == DUNNO, f"{junk[:60]}")
            expect(asker.ask("gone@one.example") == SUSPENDED, "and the connection goes on")
        for _ in range(200):
            with Asker(site) as asker:
                junk = bytes(chance.choice(b"\n=\x00\xffrequestsmtpd_ RCPT@.") for _ in range(chance.randrange(300)))
                asker.say(junk + b"\n\n")
                expect(asker.hear() == DUNNO, f"{junk}")
        still_serving(site)


def a_question_without_end_is_bounded():
    with make_site() as site:
        site.start_agent()
        still_serving(site)
        before = memory_mb(site)

        def flood():
            with Asker(site) as asker:
                try:
                    for _ in range(2000):
                        asker.say(b"x=" + b"y" * 10000)
                except OSError:
                    return
                expect(asker.hear() == DUNNO and asker.hear() == "", "the end")
        threads = [threading.Thread(target=flood) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        still_serving(site)
        expect(memory_mb(site) - before < 10, f"{before} MB became {memory_mb(site)} MB")
        with Asker(site) as asker:
            expect(asker.ask("gone@one.example", sender="a" * 2000 + "@x.example") == SUSPENDED, "long, but not too long")


def clients_that_say_nothing_keep_nobody_out():
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with make_site() as site:
        site.start_agent()
        idle = []
        while len(idle) < 3000:
            try:
                idle.append(Asker(site))
            except BlockingIOError:  # more than the kernel keeps waiting
                time.sleep(0.01)
        for asker in idle[::3]:
            asker.socket.setblocking(False)
            try:
                asker.say(b"request=")
            except OSError:
                pass
        still_serving(site)
        with Asker(site) as asker:
            for _ in range(100):
                expect(asker.ask("gone@one.example") == SUSPENDED, "in the crowd")
        open_files = len(os.listdir(f"/proc/{site.agent.pid}/fd"))
        expect(open_files < 1200, f"{open_files} descriptors")
        for asker in idle:
            asker.socket.close()
        still_serving(site)


def many_clients_are_answered_beside_mail():
    with make_site() as site:
        site.start_agent()
        wrong = []

        def work(number):
            with Asker(site) as asker:
                for _ in range(50):
                    recipient, wanted = (("gone@one.example", SUSPENDED), ("paul@one.example", DUNNO))[number % 2]
                    if (answer := asker.ask(recipient)) != wanted:
                        wrong.append(answer)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(60)]
        for thread in threads:
            thread.start()
        for _ in range(10):
            still_serving(site)
        for thread in threads:
            thread.join(60)
        expect(not wrong, f"{wrong[:3]}")


def what_nobody_can_tell_now_is_no_refusal():
    with make_site(unknown="candidate") as site:
        deliverable = site.path("lib", "directory")
        site.start_agent()
        _, final = deliver(site.socket, SENDER, ["stranger@one.example"], MESSAGE)
        expect(final[0].startswith("250"), f"{final}")
        lock = sqlite3.connect(site.path("lib", "state.db"), isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        with Asker(site) as asker:
            expect(asker.ask("stranger2@one.example") == DUNNO, "a locked state")
            expect(asker.ask("gone@one.example") == SUSPENDED, "what needs no state is known")
        lock.execute("ROLLBACK")
        site.stop_agent()
        os.rename(deliverable, deliverable + ".away")
        site.start_agent()
        with Asker(site) as asker:
            expect(asker.ask("gone@one.example") == DUNNO, "nothing is compiled")
            os.rename(deliverable + ".away", deliverable)
            expect(asker.ask("gone@one.example") == SUSPENDED, "now there is")


def it_ends_with_the_agent_and_leaves_no_socket():
    with make_site() as site:
        site.start_agent()
        with Asker(site) as idle, Asker(site) as half:
            half.say(b"request=smtpd_access_policy\n")
            expect(idle.ask("gone@one.example") == SUSPENDED, "answered")
            start = time.monotonic()
            expect(site.stop_agent() == 0, "exit status")
            expect(time.monotonic() - start < 5, "it waited for a client that says nothing")
            expect(idle.hear() == "" and half.hear() == "", "the connections are closed")
        expect(not os.path.exists(site.policy_socket), "the socket stays")
        site.start_agent()
        still_serving(site)
        site.stop_agent(signal.SIGKILL)
        expect(os.path.exists(site.policy_socket), "this test needs a stale socket")
        site.start_agent()
        still_serving(site)


def mail_flows_where_the_policy_socket_cannot_be_had():
    with make_site() as site:
        os.mkdir(site.policy_socket)
        site.start_agent()
        expect("Postfix cannot ask this agent at RCPT" in site.agent_stderr(), site.agent_stderr())
        _, final = deliver(site.socket, SENDER, ["ringo@one.example"], MESSAGE)
        expect(final and final[0].startswith("250 2."), f"{final}")


def it_listens_where_it_is_told_and_on_a_socket_that_is_passed():
    with make_site() as site:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        site.start_agent(arguments=("--policy", f"unix:{site.path('other.sock')}", f"--policy=inet:127.0.0.1:{port}"))
        expect(not os.path.exists(site.policy_socket), "the option replaces the site's socket")
        with Asker(site.path("other.sock")) as asker:
            expect(asker.ask("gone@one.example") == SUSPENDED, "a Unix socket")
            asker.socket.close()
            asker.socket = socket.create_connection(("127.0.0.1", port), 20)
            expect(asker.ask("gone@one.example") == SUSPENDED, "a TCP port")
        site.stop_agent()
        listeners = [socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
        for listener, name in zip(listeners, ("mail.sock", "policy-passed.sock")):
            listener.bind(site.path(name))
            listener.listen(10)
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(site.path("notify.sock"))
        os.chmod(site.path("notify.sock"), 0o666)
        notify.settimeout(20)
        script = f"export LISTEN_PID=$$; exec {' '.join(site.command('mailctl-deliver', 'lmtp'))}"

        def place():
            for number, listener in ((13, listeners[0]), (14, listeners[1])):  # not onto one another
                os.dup2(listener.fileno(), number)
            os.dup2(13, 3)
            os.dup2(14, 4)
        environment = {**site.environment(), "LISTEN_FDS": "2", "LISTEN_FDNAMES": "mailctl-deliver.socket:policy", "NOTIFY_SOCKET": site.path("notify.sock")}
        agent = subprocess.Popen(["sh", "-c", script], env=environment, preexec_fn=place, pass_fds=(3, 4), stderr=subprocess.DEVNULL)
        try:
            expect(b"READY=1" in notify.recv(4096), "no READY=1")
            with Asker(site.path("policy-passed.sock")) as asker:
                expect(asker.ask("gone@one.example") == SUSPENDED, "the passed socket")
            _, final = deliver(site.path("mail.sock"), SENDER, ["paul@one.example"], MESSAGE)
            expect(final[0].startswith("250"), f"{final}")
        finally:
            agent.terminate()
            expect(agent.wait(timeout=30) == 0, "exit status")


if __name__ == "__main__":
    sys.exit(run_tests("lmtp", [
        questions_are_answered_one_by_one_in_whatever_pieces_they_come, a_full_mailbox_is_known_at_rcpt,
        a_changed_site_changes_the_answers_at_once, nonsense_is_answered_and_refuses_nobody, a_question_without_end_is_bounded,
        clients_that_say_nothing_keep_nobody_out, many_clients_are_answered_beside_mail, what_nobody_can_tell_now_is_no_refusal,
        it_ends_with_the_agent_and_leaves_no_socket, mail_flows_where_the_policy_socket_cannot_be_had,
        it_listens_where_it_is_told_and_on_a_socket_that_is_passed], side_by_side=WAITING))
