#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every thread gets signals all the time, and none of its calls is begun again by the kernel (a handler without SA_RESTART).

Held to: nothing is lost, nothing is there twice, and nobody is told of a trouble that was none. EINTR is no error.
"""
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
work = tempfile.mkdtemp(prefix="mailctl-interrupted-")
# The shim below is loaded with the libraries, and the agent that is installed needs none: here it is the one beside the unit tests.
built = os.path.abspath(os.environ.get("MAILCTL_BIN", os.path.join(os.path.dirname(TESTS), "build", "release")))
for name, place in (("mailctl", "mailctl"), ("mailctl-deliver", "tests/mailctl-deliver")):
    os.symlink(os.path.join(built, place), os.path.join(work, name))
os.environ["MAILCTL_BIN"] = work
sys.path.insert(0, TESTS)
from harness.lmtp_client import LmtpClient  # noqa: E402
from harness.site import Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

# Loaded into the program: whoever hears this signal goes on, but his call ends with EINTR.
SHIM = r"""
#include <signal.h>
static void heard(int number) { (void)number; }
__attribute__((constructor)) static void listen_to_it(void) {
    struct sigaction action = {0};
    action.sa_handler = heard;
    sigaction(SIGUSR1, &action, 0);
}
"""
MESSAGE = b"From: a@elsewhere.example\nSubject: interrupted\n\n" + b"line of text\n" * 5000
LIBC = ctypes.CDLL(None, use_errno=True)
TGKILL = {"x86_64": 234, "aarch64": 131}[os.uname().machine]


def make_shim():
    source, library = os.path.join(work, "shim.c"), os.path.join(work, "shim.so")
    with open(source, "w", encoding="ascii") as file:
        file.write(SHIM)
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", library, source], check=True)
    return library


class Storm:
    """Signals for all threads of a process and of those that it forks, as long as they have the handler."""

    def __init__(self, pid):
        self.pid, self.over, self.sent = pid, False, 0
        self.thread = threading.Thread(target=self.blow)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.over = True
        self.thread.join()

    def blow(self):
        while not self.over:
            for pid in [self.pid, *children(self.pid)]:
                if not hears(pid):
                    continue
                for thread in threads(pid):
                    self.sent += LIBC.syscall(TGKILL, pid, thread, signal.SIGUSR1) == 0
            time.sleep(0.0005)


def threads(pid):
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def hears(pid):
    """It would live on: the handler is there, as it is not between exec(2) and the loader's work."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            caught = next(line for line in file if line.startswith("SigCgt:"))
    except (OSError, StopIteration):
        return False
    return bool(int(caught.split()[1], 16) >> (signal.SIGUSR1 - 1) & 1)


def environment(site):
    return {**site.environment(), "LD_PRELOAD": shim}


def run_in_storm(site, program, *words, text=b"", slowly=False):
    """What it answers; `slowly`: its input comes in pieces."""
    process = subprocess.Popen(site.command(program, *words), env=environment(site), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with Storm(process.pid) as storm:
        for at in range(0, len(text), 1000 if slowly else len(text) or 1):
            process.stdin.write(text[at:at + (1000 if slowly else len(text))])
            process.stdin.flush()
            time.sleep(0.001 if slowly else 0)
        out, err = process.communicate(timeout=120)
    return process.returncode, (out + err).decode(errors="replace"), storm.sent


def make_site(settings=()):
    site = Site(settings=("maps.type=texthash", *settings))
    site.mailctl("domain", "create", "one.example", "--unknown", "candidate")
    site.mailctl("mailbox", "create", "paul@one.example", "ringo@one.example", "--no-password", "--quota", "1G")
    return site


def the_agent_delivers_every_message_once():
    with contextlib.closing(SmtpSink()) as sink, make_site((f"submit=smtp:127.0.0.1:{sink.port}",)) as site:
        site.mailctl("forward", "create", "away@one.example", "x@elsewhere.example")
        site.start_agent(wrapper=("env", f"LD_PRELOAD={shim}"))
        count = 60
        with Storm(site.agent.pid) as storm, LmtpClient(site.socket) as client:
            for number in range(count):
                answers, replies = client.deliver("a@elsewhere.example", ["paul@one.example", "ringo@one.example", "away@one.example",
                                                                          f"joe{number % 5}@one.example"], MESSAGE)
                expect([reply[:3] for reply in replies] == ["250"] * 4, f"{answers} {replies}")
            expect(storm.sent > 100, f"only {storm.sent} signals came")
        for name in ("paul", "ringo"):
            found = site.messages(f"{name}@one.example")
            expect(len(found) == count and all(MESSAGE.split(b"\n\n")[1] in text for text in found), f"{name}: {len(found)} of {count}")
        expect(len(sink.messages) == count, f"{len(sink.messages)} of {count} were forwarded")
        expect(sum(row["messages"] for row in site.json("candidate", "list")) == count, "held mail is missing")
        expect(site.stop_agent() == 0, "it did not end by itself")


def the_pipe_agent_takes_a_message_that_comes_slowly():
    with make_site() as site:
        status, said, sent = run_in_storm(site, "mailctl-deliver", "pipe", "-f", "a@elsewhere.example", "--", "paul@one.example",
                                          text=MESSAGE, slowly=True)
        expect(status == 0 and sent > 20, f"{status} {said}, {sent} signals")
        expect([MESSAGE.split(b"\n\n")[1] in text for text in site.messages("paul@one.example")] == [True], "the message isn't whole")


def commands_do_their_work():
    with make_site() as site:
        rows = "address,password\n" + "".join(f"user{number}@one.example,Secret word {number}\n" for number in range(100))
        status, said, sent = run_in_storm(site, "mailctl", "import", "-", text=rows.encode(), slowly=True)
        expect(status == 0 and sent > 20, f"{status} {said}, {sent} signals")
        for words in (("apply",), ("mailbox", "delete", "user1@one.example", "user2@one.example", "--yes"), ("mailbox", "restore", "user1@one.example"),
                      ("mailbox", "rename", "user3@one.example", "user300@one.example"), ("candidate", "expire"), ("map", "build"),
                      ("mailbox", "usage"), ("domain", "delete", "one.example", "--confirm=one.example", "--yes")):
            status, said, _ = run_in_storm(site, "mailctl", *words)
            expect(status == 0, f"{words}: {status} {said}")


def whoever_waits_for_the_lock_goes_on_waiting():
    with make_site() as site:
        results = {}

        def create(number):
            results[number] = run_in_storm(site, "mailctl", "mailbox", "create", f"name{number}@one.example", "--no-password")
        workers = [threading.Thread(target=create, args=(number,)) for number in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        expect(all(result[0] == 0 for result in results.values()), f"{results}")
        expect(site.mailctl("mailbox", "list", "--plain").count("name") >= 8, "some are missing")


if __name__ == "__main__":
    shim = make_shim()
    try:
        sys.exit(run_tests("faults interrupted", [the_agent_delivers_every_message_once, the_pipe_agent_takes_a_message_that_comes_slowly,
                                                  commands_do_their_work, whoever_waits_for_the_lock_goes_on_waiting]))
    finally:
        subprocess.run(["rm", "-rf", work], check=True)
