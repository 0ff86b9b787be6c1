#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail that must be copied because its domain lies on another file system, when calls fail and when mailctl is killed at them.

Held to, beside all that change.py holds changes to: every message is there once, with its flags, in the mailbox or in the archive,
and nothing is left of a copy.
"""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import change  # noqa: E402
from harness.site import ALL_CORES, expect, run_tests  # noqa: E402
from harness.syscalls import faults, kills, run_with  # noqa: E402
from harness.tree import digest  # noqa: E402
from harness.verdicts import try_all  # noqa: E402


def other_file_system(than):
    for place in ("/dev/shm", "/run", "/var/tmp", "/root"):
        if os.path.isdir(place) and os.access(place, os.W_OK) and os.stat(place).st_dev != os.stat(than).st_dev:
            return place
    raise AssertionError("this machine has one file system only")


class Copying(change.Change):
    """A change in a domain whose directory is a link to another disk."""

    def __init__(self, *command, before=(), prepare=lambda site: None):
        self.disk = self.kept = None

        def move_away(site):
            prepare(site)
            self.disk = tempfile.mkdtemp(prefix="mailctl-disk-", dir=other_file_system(site.root))
            place = site.path("mail", "one.example")
            subprocess.run(["cp", "-a", place + "/.", self.disk], check=True)
            shutil.rmtree(place)
            os.symlink(self.disk, place)
            self.kept = self.disk + ".before"
            subprocess.run(["cp", "-a", self.disk, self.kept], check=True)

        super().__init__(*command, before=before, prepare=move_away)

    def __exit__(self, *unused):
        super().__exit__()
        for path in (self.disk, self.kept):
            shutil.rmtree(path, ignore_errors=True)

    def restore(self):
        super().restore()
        shutil.rmtree(self.disk)
        subprocess.run(["cp", "-a", self.kept, self.disk], check=True)

    def check(self, injection):
        self.restore()
        done = run_with(self.argv(), self.site.environment(), injection)
        return self.verdicts.on(done, digest(self.disk))

    def judge(self, done, names):
        super().judge(done, names)
        found = subprocess.run(["find", "-L", self.site.path("mail"), "-name", "1700000000.*"], capture_output=True, text=True, check=True)
        expect(len(found.stdout.split()) == 2, f"not each message once: {found.stdout}")
        left = subprocess.run(["find", "-L", self.site.path("mail"), "-name", "[.%]copying-*", "-o", "-name", "%moving-*"],
                              capture_output=True, text=True, check=True)
        expect(not left.stdout, f"left behind: {left.stdout}")


def survive(injections_of, *command, **preparation):
    with Copying(*command, **preparation) as one:
        try_all(injections_of(one.calls), one.check)


def archiving_by_copying_survives_every_failing_call():
    survive(faults, "mailbox", "delete", "paul@one.example", "--yes")


def archiving_by_copying_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "delete", "paul@one.example", "--yes")


def renaming_by_copying_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "rename", "paul@one.example", "new@two.example")


def restoring_by_copying_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "restore", "paul@one.example", before=[("mailbox", "delete", "paul@one.example", "--yes")])


if __name__ == "__main__":
    sys.exit(run_tests("faults copying", [
        archiving_by_copying_survives_every_failing_call, archiving_by_copying_survives_being_killed_at_every_call,
        renaming_by_copying_survives_being_killed_at_every_call, restoring_by_copying_survives_being_killed_at_every_call,
    ], side_by_side=ALL_CORES))
