#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a command says of mail when a look at it fails: never that there is none.

Held to: success means that all of it was seen; where something could not be looked at the command fails, and the next one does
its work.
"""
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import Site, expect, run_tests  # noqa: E402
from harness.syscalls import faults, kills, run_with, trace  # noqa: E402

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


    def kill_at_every_call(self, is_done):
        """Whatever a killed run left, the next one comes to the whole."""
        argv = self.site.command("mailctl", *self.words)
        self.prepare(self.site)
        calls, done = trace(argv, self.site.environment(), self.site.root)
        expect(done.returncode == 0 and is_done(self.site), f"without a kill: {done.returncode} {done.stderr}")
        tried = kills(calls)
        expect(len(tried) > 20, "it changes nothing")
        for injection in tried:
            self.prepare(self.site)
            run_with(argv, self.site.environment(), injection)
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


def lose_state(site):
    """A candidate, and a deleted mailbox of which only the archive tells."""
    fill(site.path("mail", "one.example", ".candidates", "joe"))
    fill(site.path("mail", ".archive", "one.example", "gone-20261122T032800Z-7"))
    for path in glob.glob(site.path("lib", "*state.db*"), include_hidden=True):
        os.unlink(path)


def is_recalled(site):
    left = glob.glob(site.path("lib", ".*"), include_hidden=True)
    names_gone = "gone@one.example" in subprocess.run(
        site.command("mailctl", "mailbox", "create", "-n", "gone@one.example", "--no-password"), env=site.environment(),
        capture_output=True, text=True, check=False).stderr
    return [row["messages"] for row in site.json("candidate", "list")] == [MESSAGES] and names_gone and not left


def a_lost_state_is_recalled_whole_or_not_at_all():
    with Looking(lose_state, "apply") as looking:
        looking.try_all(is_recalled)


def a_lost_state_is_recalled_whole_after_a_kill_at_every_call():
    for words in (("apply",), ("candidate", "expire")):
        with Looking(lose_state, *words) as looking:
            looking.kill_at_every_call(is_recalled)


def no_command_makes_an_empty_state_in_place_of_a_lost_one():
    for words in (("init",), ("housekeeping",), ("dns", "check", "--answers", "answers"), ("candidate", "expire", "-n")):
        with Looking(lose_state, *words) as looking:
            with open(looking.site.path("answers"), "w", encoding="ascii") as file:
                file.write("{}")
            lose_state(looking.site)
            looking.site.mailctl(*[looking.site.path(word) if word == "answers" else word for word in words], status=None)
            looking.site.mailctl("apply")
            expect(is_recalled(looking.site), f"{words}: what was lost is not found any more")


if __name__ == "__main__":
    sys.exit(run_tests("faults looking", [clearing_a_mailbox_passes_over_no_message_that_it_cannot_look_at,
                                          a_lost_state_is_recalled_whole_or_not_at_all,
                                          a_lost_state_is_recalled_whole_after_a_kill_at_every_call,
                                          no_command_makes_an_empty_state_in_place_of_a_lost_one]))
