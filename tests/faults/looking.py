#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a command says of mail when a look at it fails: never that there is none.

Held to: success means that all of it was seen; where something could not be looked at the command fails, and the next one does
its work.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import Site, expect, run_tests  # noqa: E402
from harness.syscalls import faults, run_with, trace  # noqa: E402

MESSAGES = 3
LOOKS = {"newfstatat", "fstat", "statx", "openat", "openat2", "getdents64", "fcntl"}


class Looking:
    """A site with messages, and a command that looks at all of them; `prepare` puts it into the state before, every time."""

    def __init__(self, prepare, *words):
        self.site = Site(settings=("maps.type=texthash",))
        self.site.mailctl("domain", "create", "one.example", "--unknown", "candidate")
        self.site.mailctl("mailbox", "create", "paul@one.example", "--no-password")
        self.prepare, self.words = prepare, words

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.site.close()

    def try_all(self, is_done):
        argv = self.site.command("mailctl", *self.words)
        self.prepare(self.site)
        calls, done = trace(argv, self.site.environment(), self.site.root)
        expect(done.returncode == 0 and is_done(self.site), f"without a fault: {done.returncode} {done.stderr}")
        tried = [injection for injection in faults([call for call in calls if call.name in LOOKS])]
        expect(len(tried) > 10, "it looks at nothing")
        for injection in tried:
            self.prepare(self.site)
            done = run_with(argv, self.site.environment(), injection)
            expect(done.returncode > 0 or is_done(self.site), f"{injection}: 'done' is not true: {done.stdout} {done.stderr}")
            expect(done.returncode >= 0, f"{injection}: ended by signal {-done.returncode}")
            self.site.mailctl(*self.words)
            expect(is_done(self.site), f"{injection}: the next one does not do it")


def fill(directory):
    os.makedirs(os.path.join(directory, "cur"), exist_ok=True)
    for number in range(MESSAGES):
        with open(os.path.join(directory, "cur", f"17000{number}.a.host:2,S"), "w", encoding="ascii") as file:
            file.write("Subject: x\n\nx\n")


def clearing_a_mailbox_passes_over_no_message_that_it_cannot_look_at():
    def prepare(site):
        fill(site.mailbox("paul@one.example"))
        fill(site.mailbox("paul@one.example", ".Sent"))

    def is_done(site):
        return not site.messages("paul@one.example") and not site.messages("paul@one.example", ".Sent")
    with Looking(prepare, "mailbox", "clear", "paul@one.example", "--yes") as looking:
        looking.try_all(is_done)


def a_lost_state_is_recalled_whole_or_not_at_all():
    def prepare(site):
        fill(site.path("mail", "one.example", ".candidates", "joe"))
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(site.path("lib", "state.db" + suffix)):
                os.unlink(site.path("lib", "state.db" + suffix))

    def is_done(site):
        return [row["messages"] for row in site.json("candidate", "list")] == [MESSAGES]
    with Looking(prepare, "apply") as looking:
        looking.try_all(is_done)


if __name__ == "__main__":
    sys.exit(run_tests("faults looking", [clearing_a_mailbox_passes_over_no_message_that_it_cannot_look_at,
                                          a_lost_state_is_recalled_whole_or_not_at_all]))
