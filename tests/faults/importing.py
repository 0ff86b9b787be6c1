#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Imports when each system call fails, when they are killed at each of them that changes something, and when many rows are killed at random moments.

Held to what change.py holds every change to, and: accounts are there all or none, and the history says so.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from change import survive  # noqa: E402
from harness.site import ALL_CORES, Site, expect, run_tests  # noqa: E402
from harness.syscalls import faults, kills  # noqa: E402
from harness.verdicts import Verdicts  # noqa: E402

MANY = int(os.environ.get("FAULT_ROWS", "3000"))
HASH = "{CRYPT}$6$saltsalt$abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"


def rows(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.write("address,type,name,password_hash,aliases,to\n")
        file.writelines(line + "\n" for line in lines)
    return path


FILE = rows(os.path.join(tempfile.mkdtemp(prefix="mailctl-fault-import-"), "accounts.csv"),
            [f"new@one.example,,New,{HASH},info,", "boss@two.example,,Boss,,chief,", "paul@one.example,,Paul,,,",
             "team@two.example,forward,,,,boss"])


MANY_DOMAINS = rows(FILE.replace("accounts", "domains"),
                    ["new@one.example,,New,,,"] + [f"u@d{number}.example,,User,{HASH},," for number in range(8)])


def importing_survives_every_failing_call():
    survive(faults, "import", FILE)


def importing_survives_being_killed_at_every_call():
    survive(kills, "import", FILE)


def importing_into_many_domains_survives_being_killed_at_every_call():
    """So many files are flushed together and not one by one."""
    survive(kills, "import", MANY_DOMAINS, "--create-domains")


def importing_into_many_domains_survives_every_failing_call():
    survive(faults, "import", MANY_DOMAINS, "--create-domains")


def big_site():
    site = Site()
    for number in range(10):
        site.mailctl("domain", "create", f"d{number}.example")
    site.mailctl("mailbox", "create", "old@d0.example", "--no-password")
    return site


def many_rows_killed_at_random_moments_are_all_there_or_none():
    rng = random.Random(os.environ.get("FAULT_SEED", "import"))
    with big_site() as site:
        site.patience = 120 + MANY / 100
        path = rows(site.path("many.csv"), [f"u{i}@d{i % 10}.example,,User {i},{HASH},," for i in range(MANY)])
        template = site.root + ".template"
        subprocess.run(["cp", "-a", site.root, template], check=True)
        try:
            begin = time.monotonic()
            site.mailctl("import", path)
            length = time.monotonic() - begin
            seen = set()

            def judge(_):
                counts = [site.mailctl("export").count(",mailbox,"), site.mailctl("mailbox", "list", "--plain").count("\n")]
                expect(set(counts) <= {1, MANY + 1} and len(set(counts)) == 1, f"neither old nor new: {counts}")
                site.mailctl("apply", "--yes")
                expect(site.mailctl("mailbox", "list", "--plain").count("\n") == counts[0], "the next writer changed what was seen")
                site.mailctl("map", "check")
                seen.add(counts[0])

            verdicts = Verdicts(site.root, judge)
            for _ in range(int(os.environ.get("FAULT_KILLS", "20"))):
                shutil.rmtree(site.root)
                subprocess.run(["cp", "-a", template, site.root], check=True)
                running = subprocess.Popen(site.command("mailctl", "import", path), env=site.environment(),
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(rng.random() * length)
                running.send_signal(signal.SIGKILL)
                running.wait()
                problem = verdicts.on(subprocess.CompletedProcess([], -signal.SIGKILL))
                expect(not problem, problem)
            expect(1 in seen, "it was never killed early")
        finally:
            shutil.rmtree(template, ignore_errors=True)


def a_disk_that_fills_up_leaves_the_old_state():
    with big_site() as site:
        path = rows(site.path("many.csv"), [f"u{i}@d{i % 10}.example,,User {i},{HASH},," for i in range(MANY)])
        before = site.mailctl("export")
        # No file may grow over 64 KiB: the record of the change is the first that would.
        argv = ["sh", "-c", "trap '' XFSZ; ulimit -f 128; exec \"$@\"", "sh", *site.command("mailctl", "import", path)]
        done = subprocess.run(argv, env=site.environment(), capture_output=True, text=True, timeout=120)
        expect(done.returncode in (1, 75), f"exit {done.returncode} {done.stderr}")
        expect("File too large" in done.stderr, f"the error does not say why: {done.stderr}")
        expect(site.mailctl("export") == before, "the old state is not there")
        expect(site.mailctl("import", path) is not None and site.mailctl("export").count(",mailbox,") == MANY + 1, "not all came later")


if __name__ == "__main__":
    sys.exit(run_tests("faults import", [
        importing_survives_every_failing_call, importing_survives_being_killed_at_every_call,
        importing_into_many_domains_survives_every_failing_call, importing_into_many_domains_survives_being_killed_at_every_call,
        many_rows_killed_at_random_moments_are_all_there_or_none, a_disk_that_fills_up_leaves_the_old_state,
    ], side_by_side=ALL_CORES))
