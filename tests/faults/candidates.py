#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`candidate promote` and `candidate banish` killed at each system call that changes something, and with each call failing.

Held to: every held message is whole, and in the old place or the new; the same command again and `apply` finish the job.
"""
import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import ALL_CORES, Site, expect, run_tests  # noqa: E402
from harness.syscalls import faults, kills, run_with, trace  # noqa: E402
from harness.verdicts import Original, Verdicts, try_all  # noqa: E402

TEXTS = [f"Subject: {number}\n\nmessage {number}\n".encode() for number in range(5)]


class Held:
    """A site whose candidate 'joe' has mail, and a command that decides about it."""

    def __init__(self, *command):
        self.command = command
        self.site = Site(settings=("maps.type=hash",))
        self.site.mailctl("domain", "create", "one.example", "--unknown", "candidate")
        self.site.mailctl("mailbox", "create", "paul@one.example", "--no-password")
        for text in TEXTS:
            status, line = self.site.pipe("a@elsewhere.example", ["joe@one.example"], text)
            expect(status == 0, line)
        self.original, self.verdicts = Original(self.site.root), Verdicts(self.site.root, self.judge)
        self.names = sorted(map(os.path.basename, self.find()))
        self.calls, done = trace(self.argv(), self.site.environment(), self.site.root)
        expect(done.returncode == 0, f"{command}: exit {done.returncode} {done.stderr.decode()}")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.site.close()
        self.original.forget()

    def argv(self):
        return self.site.command("mailctl", *self.command)

    def find(self):
        """Every message below the domain's mail directory."""
        return [path for part in ("new", "cur") for pattern in ("*", ".candidates/*", ".banished/*")
                for path in glob.glob(self.site.path("mail", "one.example", pattern, part, "*"))]

    def check(self, injection):
        self.original.restore()
        return self.verdicts.on(run_with(self.argv(), self.site.environment(), injection))

    def judge(self, done):
        self.expect_all("after the fault")
        expect(done.returncode != 0 or not self.site.json("candidate", "list"), "exit 0 but the candidate is still there")
        self.site.mailctl(*self.command)
        self.site.mailctl("apply", "--yes")  # moves what could not be moved when its change was made
        expect(not self.site.json("candidate", "list"), "the second run left the candidate")
        expect(not glob.glob(self.site.path("mail/one.example/.candidates/*/*/*")), "the second run left mail")
        self.expect_all("after the second run")

    def expect_all(self, when):
        found = self.find()
        expect(sorted(map(os.path.basename, found)) == self.names, f"{when}: {found}")
        bodies = sorted(open(path, "rb").read().split(b"\n\n", 1)[1] for path in found)
        expect(bodies == sorted(text.split(b"\n\n", 1)[1] for text in TEXTS), f"{when}: a message is not whole")


def survive(injections_of, *command):
    with Held(*command) as held:
        try_all(injections_of(held.calls), held.check)


def promoting_to_a_mailbox_survives_being_killed_at_every_call():
    survive(kills, "candidate", "promote", "joe@one.example", "--mailbox", "--no-password")


def promoting_to_an_alias_survives_being_killed_at_every_call():
    survive(kills, "candidate", "promote", "joe@one.example", "--alias-of", "paul@one.example")


def promoting_to_a_mailbox_survives_every_failing_call():
    survive(faults, "candidate", "promote", "joe@one.example", "--mailbox", "--no-password")


def banishing_survives_being_killed_at_every_call():
    survive(kills, "candidate", "banish", "joe@one.example", "--yes")


if __name__ == "__main__":
    sys.exit(run_tests("faults candidates", [
        promoting_to_a_mailbox_survives_being_killed_at_every_call, promoting_to_an_alias_survives_being_killed_at_every_call,
        promoting_to_a_mailbox_survives_every_failing_call, banishing_survives_being_killed_at_every_call,
    ], side_by_side=ALL_CORES))
