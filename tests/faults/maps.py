#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Maps that are changed row by row, when a system call fails, when mailctl is killed at one of them, and when postmap does not do
what it should: first the text, then its index, and mailctl may end between the two.

Held to what change.py holds every change to, and: Postfix finds for each name what it found before or what it finds after, and
never nothing for a name that it finds in both.
"""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from change import Change  # noqa: E402
from harness.site import ALL_CORES, expect, run_tests  # noqa: E402
from harness.syscalls import faults, kills  # noqa: E402
from harness.verdicts import try_all  # noqa: E402

WORK = tempfile.mkdtemp(prefix="mailctl-fault-maps-")
MANY = 3000  # forwards: with fewer the maps are so small that they are made whole
ROWS = os.path.join(WORK, "forwards.csv")
with open(ROWS, "w", encoding="utf-8") as file:
    file.write("address,type,to\n")
    file.writelines(f"f{number}@two.example,forward,boss@two.example\n" for number in range(MANY))

# An alias passes from one mailbox to another: its rows get another value, in one map a key goes, in one a key comes.
BEFORE = (("config", "set", "maps.type=lmdb"), ("import", ROWS), ("alias", "create", "info@one.example", "paul@one.example"), ("map", "build"))
MOVED = ("alias", "move", "info@one.example", "admin@one.example")
CREATED = ("mailbox", "create", "new@one.example", "--no-password", "--alias", "also")
DELETED = ("mailbox", "delete", "paul@one.example", "--yes")


class RowChange(Change):
    """A change of some rows, whose maps are asked as Postfix asks them."""

    def __init__(self, *command):
        super().__init__(*command, before=BEFORE)
        after = self.answers()
        self.restore()
        before = self.answers()
        self.known = {name: (before[name], after[name]) for name in before.keys() & after.keys()}
        expect(any(old != new for old, new in self.known.values()), f"{command} changes no row")

    def prepare_copy(self):
        """The ledger of maps knows files by inode and times. A copy has others, and would be taken for the work of a stranger."""
        ledger = self.site.path("lib", "maps", ".ledger")
        with open(ledger, encoding="utf-8") as file:
            rows = [self.restamped(row) for row in file]
        with open(ledger, "w", encoding="utf-8") as file:
            file.writelines(rows)

    def restamped(self, row):
        words = row.rstrip("\n").split(" ")
        if len(words) != 5:
            return row
        about = os.stat(self.site.path("lib", "maps", words[4]))
        return f"{about.st_ino} {about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} {words[4]}\n"

    def tables(self):
        folder = self.site.path("lib", "maps")
        return sorted(name[:-5] for name in os.listdir(folder) if name.endswith(".lmdb") and not name.startswith("sni"))

    def answers(self):
        """By table what each name leads to."""
        keys = "".join(f"{name}@{domain}\n" for domain in ("one.example", "uno.example", "two.example")
                       for name in ("info", "paul", "admin", "new", "also", "boss", "postmaster", "f1", "f2999")) + "one.example\ntwo.example\n"
        found = {}
        for table in self.tables():
            done = subprocess.run(["/usr/sbin/postmap", "-q", "-", f"lmdb:{self.site.path('lib', 'maps', table)}"], input=keys, text=True,
                                  capture_output=True, timeout=60)
            expect(not done.stderr, f"{table} cannot be asked: {done.stderr}")
            found[table] = dict(line.split("\t", 1) for line in done.stdout.splitlines())
        return found

    def check_answers(self):
        for table, answers in self.answers().items():
            before, after = self.known[table]
            for name in before.keys() | after.keys():
                seen = answers.get(name)
                expect(seen in (before.get(name), after.get(name)), f"{table}: '{name}' leads to {seen}")

    def ask(self):
        if hasattr(self, "known"):
            self.check_answers()
        return super().ask()

    def ended_with(self, postmap):
        """The change with a program in front of postmap: its exit status."""
        self.restore()
        folder = os.path.join(WORK, f"bin-{os.getpid()}")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        with open(os.path.join(folder, "postmap"), "w", encoding="utf-8") as script:
            script.write("#!/bin/bash\n" + postmap)
        os.chmod(os.path.join(folder, "postmap"), 0o755)
        environment = self.site.environment()
        environment["PATH"] = folder + ":" + environment["PATH"]
        done = subprocess.run(self.argv(), env=environment, capture_output=True, text=True, timeout=60)
        return done.returncode

    def mended(self):
        """The next command's maps, or those of `map build`, are right."""
        seen = self.look()
        expect(seen == self.states[1], "the change is recorded and must be seen")
        self.site.mailctl("mailbox", "set", "boss@two.example", "name=Boss")
        self.site.mailctl("map", "build")
        self.site.mailctl("map", "check")
        expect(self.answers() == {table: after for table, (_, after) in self.known.items()}, "the maps are not those of the change")


def rows_survive(injections_of, *command):
    with RowChange(*command) as change:
        try_all(injections_of(change.calls), change.check)


def moving_an_alias_survives_every_failing_call():
    rows_survive(faults, *MOVED)


def moving_an_alias_survives_being_killed_at_every_call():
    rows_survive(kills, *MOVED)


def creating_a_mailbox_survives_being_killed_at_every_call():
    rows_survive(kills, *CREATED)


def deleting_a_mailbox_survives_being_killed_at_every_call():
    rows_survive(kills, *DELETED)


# The whole table is made by the real program; what changes rows is `-r -i` and `-d`.
CHANGES_ROWS = 'case "$*" in *" -i "* | *-i\\ * | -d\\ *) rows=yes ;; *) rows= ;; esac\n'


def a_postmap_that_finds_no_space_leaves_it_to_whole_maps():
    for command in (MOVED, CREATED, DELETED):
        with RowChange(*command) as change:
            status = change.ended_with(CHANGES_ROWS + 'if [ "$rows" ]; then echo "postmap: fatal: No space left on device" >&2; exit 1; fi\n'
                                       'exec /usr/sbin/postmap "$@"\n')
            expect(status == 0, f"exit {status}")
            expect(change.answers() == {table: after for table, (_, after) in change.known.items()}, "the maps are not whole")
            change.site.mailctl("map", "check")


def killed_before_and_after_postmap_changes_an_index():
    for command in (MOVED, CREATED, DELETED):
        with RowChange(*command) as change:
            killed = 0
            for number in (1, 2, 3):
                for script in ("kill -9 $PPID; exit 1", '/usr/sbin/postmap "$@"; kill -9 $PPID'):
                    counter = os.path.join(WORK, f"counter-{os.getpid()}")
                    with open(counter, "w", encoding="utf-8"):
                        pass
                    status = change.ended_with(CHANGES_ROWS + f'if [ "$rows" ]; then echo >> {counter}; '
                                               f'if [ $(wc -l < {counter}) = {number} ]; then {script}; exit; fi; fi\nexec /usr/sbin/postmap "$@"\n')
                    if os.path.getsize(counter) < number:
                        continue  # fewer indexes than that are changed
                    expect(status == -9, f"exit {status}, not killed")
                    killed += 1
                    change.check_answers()
                    change.mended()
            expect(killed >= 2, f"{command} was killed {killed} times")


if __name__ == "__main__":
    result = run_tests("faults maps", [
        moving_an_alias_survives_every_failing_call, moving_an_alias_survives_being_killed_at_every_call,
        creating_a_mailbox_survives_being_killed_at_every_call, deleting_a_mailbox_survives_being_killed_at_every_call,
        a_postmap_that_finds_no_space_leaves_it_to_whole_maps, killed_before_and_after_postmap_changes_an_index,
    ], side_by_side=ALL_CORES)
    shutil.rmtree(WORK)
    sys.exit(result)
