#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes by mailctl when each system call fails, and when it is killed at each of them that changes something.

Held to: a reader that looks right after sees the old or the new configuration, never between; each file is old or new; the next
writer finishes or forgets the change; then maps, compiled directory and files agree again.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import ALL_CORES, Site, expect, run_tests  # noqa: E402
from harness.syscalls import faults, kills, run_with, trace  # noqa: E402
from harness.tree import digest  # noqa: E402
from harness.verdicts import Original, Verdicts, try_all  # noqa: E402


def packed():
    """Where an archive is packed to, by this process: tests run side by side."""
    return os.path.join(tempfile.gettempdir(), f"mailctl-fault-{os.getpid()}.tar")


def forget_packed():
    for path in glob.glob(os.path.join(os.path.dirname(packed()), f"*{os.path.basename(packed())}*"), include_hidden=True):
        os.unlink(path)


class Change:
    """A site, a command that changes it, and the two states it may be found in.

    Its table type is said: to ask Postfix for it takes a quarter of the time of all runs. One test leaves it to be asked.
    """

    def __init__(self, *command, before=(), prepare=lambda site: None):
        self.command = command
        self.site = Site(settings=("maps.type=hash",))
        self.site.mailctl("domain", "create", "one.example", "--alias", "uno.example")
        self.site.mailctl("domain", "create", "two.example")
        self.site.mailctl("mailbox", "create", "admin@one.example", "paul@one.example", "--no-password")
        self.site.mailctl("mailbox", "create", "boss@two.example", "--no-password")
        for part, name in (("new", "1700000000.M1P1Q1.mx,S=5"), ("cur", "1700000000.M1P1Q2.mx,S=5:2,FS")):
            path = os.path.join(self.site.mailbox("paul@one.example"), part, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write("mail\n")
        for earlier in before:
            self.site.mailctl(*earlier)
        prepare(self.site)
        self.original = Original(self.site.root, self.prepare_copy)
        self.verdicts, self.looks = Verdicts(self.site.root, self.judge), {}
        self.states, self.places = [self.look()], [self.mail()]
        forget_packed()
        self.calls, done = trace(self.argv(), self.site.environment(), self.site.root)
        expect(done.returncode == 0, f"{command}: exit {done.returncode} {done.stderr.decode()}")
        self.states.append(self.look())
        self.places.append(self.mail())
        expect(self.states[0] != self.states[1], f"{command} changes nothing")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.site.close()
        self.original.forget()
        forget_packed()

    def argv(self):
        return self.site.command("mailctl", *self.command)

    def restore(self):
        forget_packed()
        self.original.restore()

    def look(self):
        """What readers see. They are asked once about files that say the same."""
        files = digest(self.site.root)
        if files not in self.looks:
            self.looks[files] = self.ask()
        return self.looks[files]

    def ask(self):
        """Every noun's list, and the walk of the names at stake."""
        lists = [self.site.mailctl(noun, "list", "--plain") for noun in ("domain", "mailbox", "alias", "forward", "banished")]
        walks = [self.site.mailctl("explain", address, "--json", status=None)
                 for address in ("new@one.example", "paul@one.example", "info@one.example", "new@three.example")]
        # How full a mailbox is, and its last delivery, change when its mail moves, not with the configuration.
        lists[1] = ["\t".join(row.split("\t")[:4] + row.split("\t")[5:9]) for row in lists[1].splitlines()]
        return lists + walks

    def mail(self):
        """Where paul's messages are, by their names, which carry the flags."""
        return {os.path.basename(path): os.path.relpath(path, self.site.root).split("-2")[0]
                for path in glob.glob(self.site.path("mail", "**", "1700000000.*"), recursive=True, include_hidden=True)}

    def check(self, injection):
        self.restore()
        done = run_with(self.argv(), self.site.environment(), injection)
        return self.verdicts.on(done, packed_names())

    def prepare_copy(self):
        """What is done to each copy of the site before the change is tried in it."""

    def judge(self, done, names):
        seen = self.look()
        expect(seen in self.states, f"a reader sees neither the old nor the new state (exit {done.returncode} {done.stderr.decode()[-300:]})")
        if done.returncode == 0:
            expect(seen == self.states[1], "exit 0 but the change is not there")
        elif done.returncode > 0 and done.returncode < 128:
            expect(done.returncode in (1, 3, 4, 13, 75), f"exit {done.returncode} {done.stderr.decode()}")
            expect(done.stderr.strip(), f"exit {done.returncode} without a word")
        self.site.mailctl("apply", "--yes")
        expect(self.look() == seen, "the next writer changed what readers see")
        expect(self.mail() == self.places[self.states.index(seen)], f"the mail is not where it belongs: {self.mail()}")
        if packed() in self.command and seen == self.states[1]:
            expect(packed_names().count("1700000000.") == 2, f"not all was packed: {packed_names()}, {names} before")
        self.site.mailctl("map", "build")
        self.site.mailctl("map", "check")
        stray = leftovers(self.site.root)
        expect(not stray, f"left behind: {stray}")


def leftovers(root):
    """Files that a writer was about to put into place: `.NAME.new`, an archive's `.NAME.mailctl-CHANGE`, a change that waits."""
    return [os.path.relpath(path, root) for path in glob.glob(os.path.join(root, "**", "*"), recursive=True, include_hidden=True)
            if re.search(r"^\..*\.new$|\.mailctl-\d+$|^pending$", os.path.basename(path))]


def packed_names():
    """What the archive beside the site holds, one name a line; what is unfinished there, by its name."""
    unfinished = glob.glob(os.path.join(os.path.dirname(packed()), f".{os.path.basename(packed())}*"), include_hidden=True)
    if not os.path.exists(packed()):
        return " ".join(map(os.path.basename, unfinished))
    return subprocess.run(["tar", "-tf", packed()], capture_output=True, text=True, check=True).stdout + " ".join(unfinished)


def survive(injections_of, *command, **preparation):
    with Change(*command, **preparation) as change:
        try_all(injections_of(change.calls), change.check)


def make_large(site):
    """A domain file that a change of a mailbox reads in part."""
    with open(site.path("etc", "domains", "one.example.toml"), "a", encoding="utf-8") as file:
        for name in ("x1", "x2", "x3", "x4", "x5"):
            file.write(f"\n[mailbox.{name}]\n" + ("# much is said of it\n" * 60_000 if name == "x3" else ""))
    site.mailctl("apply", "--yes")


def creating_a_mailbox_survives_every_failing_call():
    survive(faults, "mailbox", "create", "new@one.example", "--no-password", "--alias", "info", before=[("config", "set", "maps.type=auto")])


def creating_a_mailbox_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "create", "new@one.example", "--no-password", "--alias", "info")


def creating_a_mailbox_in_a_large_domain_survives_every_failing_call():
    survive(faults, "mailbox", "create", "new@one.example", "--no-password", "--alias", "info", prepare=make_large)


def creating_a_mailbox_in_a_large_domain_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "create", "new@one.example", "--no-password", "--alias", "info", prepare=make_large)


def creating_mailboxes_in_two_domains_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "create", "new@one.example", "new@two.example", "--no-password")


def deleting_a_mailbox_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "delete", "paul@one.example", "--yes")


def deleting_a_mailbox_with_a_successor_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "delete", "paul@one.example", "--redirect-to", "boss@two.example", "--keep", "30d", "--yes")


def packing_a_deleted_mailbox_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "delete", "paul@one.example", "--archive", packed(), "--yes")


def restoring_a_mailbox_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "restore", "paul@one.example", before=[("mailbox", "delete", "paul@one.example", "--yes")])


def renaming_a_mailbox_survives_every_failing_call():
    survive(faults, "mailbox", "rename", "paul@one.example", "new@three.example", "--leave-alias", before=[("domain", "create", "three.example")])


def renaming_a_mailbox_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "rename", "paul@one.example", "new@three.example", "--leave-alias", before=[("domain", "create", "three.example")])


def renaming_a_domain_survives_being_killed_at_every_call():
    survive(kills, "domain", "rename", "one.example", "three.example", "--leave-alias")


def departing_survives_being_killed_at_every_call():
    survive(kills, "mailbox", "depart", "paul@one.example", "--to", "boss@two.example", "--hand-over", "--yes")


def creating_a_domain_survives_being_killed_at_every_call():
    survive(kills, "domain", "create", "three.example", "--unknown", "discard")


if __name__ == "__main__":
    sys.exit(run_tests("faults change", [
        creating_a_mailbox_survives_every_failing_call, creating_a_mailbox_survives_being_killed_at_every_call,
        creating_a_mailbox_in_a_large_domain_survives_every_failing_call,
        creating_a_mailbox_in_a_large_domain_survives_being_killed_at_every_call,
        creating_mailboxes_in_two_domains_survives_being_killed_at_every_call,
        deleting_a_mailbox_survives_being_killed_at_every_call,
        deleting_a_mailbox_with_a_successor_survives_being_killed_at_every_call,
        packing_a_deleted_mailbox_survives_being_killed_at_every_call, restoring_a_mailbox_survives_being_killed_at_every_call,
        renaming_a_mailbox_survives_every_failing_call, renaming_a_mailbox_survives_being_killed_at_every_call,
        renaming_a_domain_survives_being_killed_at_every_call, departing_survives_being_killed_at_every_call,
        creating_a_domain_survives_being_killed_at_every_call,
    ], side_by_side=ALL_CORES))
