#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail in places that cannot be renamed: mount points, other file systems, attributes. Each test has mounts of its own."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import BINARIES, expect, run_tests  # noqa: E402
from stage import Stage  # noqa: E402

MAILCTL = os.path.join(BINARIES, "mailctl")
UNPAID = "lib/history/unmoved"


class Mounted:
    """A shell in a mount namespace, where each command's words, then its exit status, come back."""

    def __init__(self, script):
        words = f"set -e; mount --make-rprivate /; m() {{ {MAILCTL} \"$@\" 2>&1 && s=0 || s=$?; echo \"exit $s\"; }}; cd {stage.root}; {script}"
        done = subprocess.run(["unshare", "--mount", "sh", "-c", words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=stage.environment(), timeout=120)
        expect(done.returncode == 0, f"{script}: {done.stdout}{done.stderr}")
        self.answers = done.stdout.split("exit ")
        self.statuses = [int(answer.split("\n")[0]) for answer in self.answers[1:]]
        self.words = done.stdout


def says_before_the_record(words, what):
    stage.reset()
    before = stage.run("history list --plain").stdout
    found = Mounted(words)
    expect(found.statuses[:-1] == [4] * (len(found.statuses) - 1) and found.statuses[-1] == 0, f"{found.words}")
    expect(found.words.count(what) == len(found.statuses) - 1, found.words)
    expect(stage.run("history list --plain").stdout.count(b"\n") == before.count(b"\n") + 1, "more than the last was recorded")
    expect(stage.run("explain ann@one.example").stdout.count(b"deliver to mailbox 'ann@one.example'") == 1, "ann has gone")


def a_mailbox_that_is_a_mount_point_is_named_before_anything_is_written():
    says_before_the_record("mount -t tmpfs none mail/one.example/ann; m mailbox delete ann@one.example --yes; "
                           "m mailbox rename ann@one.example anna@one.example; m mailbox depart ann@one.example --to cid@one.example --yes; "
                           "m mailbox create joe@two.example --no-password", "is a mount point")


def a_mailbox_that_nobody_may_change_is_named_before_anything_is_written():
    says_before_the_record("mount -t tmpfs none mail/two.example; chown --reference=mail mail/two.example; "
                           "mkdir mail/two.example/zoe; chown --reference=mail mail/two.example/zoe; chattr +i mail/two.example/zoe; "
                           "m mailbox delete zoe@two.example --yes; m mailbox rename zoe@two.example zora@two.example; "
                           "m mailbox create joe@one.example --no-password", "may not be changed")


# Ann's folder is nobody's to read: copying stops in the middle.
FOREIGN = "mkdir mail/one.example/ann/.Work; chmod 700 mail/one.example/ann/.Work; mount -t tmpfs none mail/two.example; " \
          "chown --reference=mail mail/two.example; m mailbox rename ann@one.example ann@two.example; test -d " + UNPAID + "; " \
          "m mailbox create joe@one.example --no-password; "
MENDED = "chown --reference=mail mail/one.example/*ann/.Work; "
COUNT = f"test $(ls {UNPAID} | wc -l) = 0; find mail/*/*ann* -type f -path '*/new/*' | sed 's/^/found /'; "


def check_paid(script, place):
    stage.reset()
    found = Mounted(FOREIGN + script + COUNT)
    lines = [line for line in found.words.splitlines() if line.startswith("found ")]
    expect(len(lines) == 2 and all(line.startswith(f"found mail/{place}/new/") for line in lines), found.words)
    expect(found.statuses[0] not in (0, 4) and "some mail stays where it was" in found.words, found.words)
    expect(found.statuses[1:] == [0] * len(found.statuses[1:]), found.words)


def mail_that_cannot_be_copied_is_owed_and_moved_by_apply():
    check_paid(MENDED + "m apply; ", "two.example/ann")


def mail_that_cannot_be_copied_is_moved_by_the_next_change_of_its_domain():
    check_paid(MENDED + "m mailbox set ann@two.example name=Ann; ", "two.example/ann")


def a_rename_whose_mail_cannot_be_copied_can_be_reverted():
    check_paid("m history revert $(" + MAILCTL + " history list --plain | sed -n 2p | cut -f1) --yes; m apply; ", "one.example/ann")


if __name__ == "__main__":
    with Stage() as stage:
        sys.exit(run_tests("hostile mounts", [
            a_mailbox_that_is_a_mount_point_is_named_before_anything_is_written,
            a_mailbox_that_nobody_may_change_is_named_before_anything_is_written,
            mail_that_cannot_be_copied_is_owed_and_moved_by_apply,
            mail_that_cannot_be_copied_is_moved_by_the_next_change_of_its_domain, a_rename_whose_mail_cannot_be_copied_can_be_reverted]))
