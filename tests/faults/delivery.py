#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Deliveries when each system call fails, and when the agent is killed at each of them that changes something.

Held to: success answered means a whole copy is there; a failure is always temporary (75, 4xx) and leaves no copy, except where the
very last step (making the directory entry durable) failed after the copy became visible; nothing partial is ever visible; the next
try succeeds.
"""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient  # noqa: E402
from harness.site import ALL_CORES, Site, expect, run_tests  # noqa: E402
from harness.syscalls import calls_after, faults, kills, run_with, trace  # noqa: E402
from harness.verdicts import Original, Verdicts, try_all  # noqa: E402

MESSAGE = b"From: a@elsewhere.example\nTo: paul@one.example\nSubject: fault\nMessage-ID: <1@elsewhere.example>\n\n" + b"line of text\n" * 300
BIG = b"Subject: big\n\n" + b"0123456789abcdef" * 64 * 400 + b"\n"
RECIPIENTS = ["paul@one.example", "ringo@one.example"]


def make_site(settings=()):
    site = Site(settings=settings)
    site.mailctl("domain", "create", "one.example")
    site.mailctl("mailbox", "create", "admin@one.example", "paul@one.example", "--no-password")
    site.mailctl("mailbox", "create", "ringo@one.example", "--no-password", "--quota", "100 MiB")
    return site


def whole_copies(site, address, message):
    """How many copies are visible; each must be whole."""
    body = message.split(b"\n\n", 1)[1]
    copies = site.messages(address)
    for copy in copies:
        expect(copy.split(b"\n\n", 1)[1] == body, f"a partial message of {len(copy)} bytes is visible")
    return len(copies)


class PipeDelivery:
    """A site, and one run of the pipe agent that delivers to two mailboxes of it."""

    def __init__(self, message):
        self.message, self.site = message, make_site()
        self.original, self.verdicts = Original(self.site.root), Verdicts(self.site.root, self.judge)
        self.calls, done = trace(self.argv(), self.site.environment(), self.site.root, message)
        expect(done.returncode == 0, f"exit {done.returncode} {done.stderr!r}")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.original.forget()
        self.site.close()

    def argv(self):
        return self.site.command("mailctl-deliver", "pipe", "-f", "a@elsewhere.example", "--", *RECIPIENTS)

    def check(self, injection):
        self.original.restore()
        return self.verdicts.on(run_with(self.argv(), self.site.environment(), injection, self.message))

    def judge(self, done):
        copies = [whole_copies(self.site, address, self.message) for address in RECIPIENTS]
        killed = done.returncode < 0 or done.returncode >= 128
        if done.returncode == 0:
            expect(min(copies) == 1, f"exit 0 but copies {copies}")
        elif not killed:
            expect(done.returncode == 75, f"exit {done.returncode}: {done.stdout!r} {done.stderr!r}")
        expect(max(copies) <= 1, f"copies {copies}")
        status, output = self.site.pipe("a@elsewhere.example", RECIPIENTS, self.message)
        expect(status == 0, f"the next try: exit {status} {output}")
        after = [whole_copies(self.site, address, self.message) for address in RECIPIENTS]
        expect(min(after) >= 1 and max(after) <= 2, f"copies after the next try {after}")


TEMPLATE = []


def make_site_once():
    """A copy of one prepared site: making it anew for each fault would take most of the time."""
    if not TEMPLATE:
        TEMPLATE.append(make_site())
    return TEMPLATE[0].copy()


def pipe_survives(injections_of, message):
    with PipeDelivery(message) as delivery:
        try_all(injections_of(delivery.calls), delivery.check, at_least=10)


def a_pipe_delivery_survives_every_failing_call():
    pipe_survives(faults, MESSAGE)


def a_pipe_delivery_survives_being_killed_at_every_call():
    pipe_survives(kills, MESSAGE)


def a_big_pipe_delivery_survives_every_failing_call():
    pipe_survives(lambda calls: [fault for fault in faults(calls) if not fault.startswith("read:")], BIG)


def is_traced(pid):
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii", errors="replace") as status:
            if "\nTracerPid:\t0\n" in status.read():
                return False
    return True


def lmtp_once(site, *options):
    """One delivery to two mailboxes through a server that strace joins when it is ready, so that calls are counted from there in each
    thread: (replies to RCPT, final replies), or None for both if the connection broke. The agent is killed afterwards."""
    pid = site.start_agent()
    tracer = subprocess.Popen(["strace", "-f", "-qq", *options, "-p", str(pid)], stderr=subprocess.DEVNULL)
    try:
        while not is_traced(pid):
            time.sleep(0.01)
        with LmtpClient(site.socket, timeout=20) as client:
            return client.deliver("a@elsewhere.example", RECIPIENTS, MESSAGE)
    except (OSError, ConnectionError):
        return None, None
    finally:
        time.sleep(0.2)
        site.stop_agent(signal.SIGKILL)
        tracer.wait()


class LmtpDelivery:
    """A site with an agent of one thread, and one delivery to two mailboxes of it."""

    def __init__(self):
        self.site = make_site()
        self.site.mailctl("config", "set", "delivery.threads=1")
        self.original, self.verdicts = Original(self.site.root), Verdicts(self.site.root, self.judge)
        log = self.site.path("trace")
        _, final = lmtp_once(self.site, "-s", "200", "-o", log, "-e", "signal=none")
        expect(final and all(reply.startswith("250") for reply in final), f"{final}")
        with open(log, encoding="utf-8", errors="replace") as file:
            self.calls = calls_after(file.read().splitlines(), "one.example")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.original.forget()
        self.site.close()

    def check(self, injection):
        """The agent is killed after the delivery, if it wasn't by the fault: how it ended says nothing, what it answered does."""
        self.original.restore()
        replies, final = lmtp_once(self.site, "-o", "/dev/null", "-e", "trace=" + injection.split(":")[0], "-e", "inject=" + injection)
        ended = subprocess.CompletedProcess([], -signal.SIGKILL)
        return self.verdicts.on(ended, tuple(replies or ()), None if final is None else tuple(final))

    def judge(self, _, replies, final):
        copies = [whole_copies(self.site, address, MESSAGE) for address in RECIPIENTS]
        expect(max(copies) <= 1, f"copies {copies}")
        if final is not None:
            accepted = [address for address, reply in zip(RECIPIENTS, replies) if reply.startswith("250")]
            for reply in [*replies, *final]:
                expect(reply[0] in "24", f"a fault became a bounce: {reply}")
            for address, reply in zip(accepted, final):
                if reply.startswith("250"):
                    expect(whole_copies(self.site, address, MESSAGE) == 1, f"{reply} but no copy for {address}")
        self.site.start_agent()
        with LmtpClient(self.site.socket) as client:
            _, again = client.deliver("a@elsewhere.example", RECIPIENTS, MESSAGE)
        expect(all(reply.startswith("250") for reply in again), f"the next try: {again}")
        self.site.stop_agent()


def lmtp_survives(injections_of):
    with LmtpDelivery() as delivery:
        try_all(injections_of(delivery.calls), delivery.check, at_least=10)


def an_lmtp_delivery_survives_every_failing_call():
    lmtp_survives(lambda calls: [fault for fault in faults(calls) if not fault.startswith(("recvfrom", "sendto"))])


def an_lmtp_delivery_survives_being_killed_at_every_call():
    lmtp_survives(kills)


def a_missing_mail_root_is_temporary():
    with make_site_once() as site:
        os.rename(site.path("mail"), site.path("mail.away"))
        status, output = site.pipe("a@elsewhere.example", ["paul@one.example"], MESSAGE)
        expect(status == 75, f"exit {status} {output}")
        expect(not os.path.exists(site.path("mail")), "the agent made a mail root")
        site.start_agent()
        with LmtpClient(site.socket) as client:
            replies, final = client.deliver("a@elsewhere.example", ["paul@one.example"], MESSAGE)
        expect((final or replies)[0].startswith("4"), f"{replies} {final}")
        os.rename(site.path("mail.away"), site.path("mail"))
        with LmtpClient(site.socket) as client:
            _, final = client.deliver("a@elsewhere.example", ["paul@one.example"], MESSAGE)
        expect(final[0].startswith("250"), f"{final}")
        expect(whole_copies(site, "paul@one.example", MESSAGE) == 1, "not delivered")


def a_missing_compiled_directory_is_temporary():
    with make_site_once() as site:
        os.rename(site.path("lib", "directory"), site.path("lib", "away"))
        for recipient in ("paul@one.example", "nobody@one.example", "a@other.example"):
            status, output = site.pipe("a@elsewhere.example", [recipient], MESSAGE)
            expect(status == 75, f"{recipient}: exit {status} {output}")


def a_full_disk_is_temporary():
    """A real full file system (tmpfs) under the mail root, not an injected error. Only root can mount one."""
    with make_site_once() as site:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=0755", "tmpfs", site.path("mail")], check=True)
        try:
            status, output = site.pipe("a@elsewhere.example", ["paul@one.example"], BIG)
            expect(status == 75, f"exit {status} {output}")
            status, output = site.pipe("a@elsewhere.example", ["paul@one.example"], MESSAGE)
            expect(status == 0, f"exit {status} {output}")
            expect(whole_copies(site, "paul@one.example", MESSAGE) == 1, "not exactly one copy")
            left = [name for _, _, names in os.walk(site.mailbox("paul@one.example", "tmp")) for name in names]
            expect(not left, f"left in tmp/: {left}")
        finally:
            subprocess.run(["umount", site.path("mail")], check=True)


if __name__ == "__main__":
    sys.exit(run_tests("faults delivery", [
        a_pipe_delivery_survives_every_failing_call, a_pipe_delivery_survives_being_killed_at_every_call,
        a_big_pipe_delivery_survives_every_failing_call,
        an_lmtp_delivery_survives_every_failing_call, an_lmtp_delivery_survives_being_killed_at_every_call,
        a_missing_mail_root_is_temporary, a_missing_compiled_directory_is_temporary, a_full_disk_is_temporary,
    ], side_by_side=ALL_CORES))
