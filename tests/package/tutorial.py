#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mailctl-tutorial(7), typed block by block into a clean Debian that was booted for it, with what each block must show.
tests/package/tutorial.py [--suite bookworm|trixie] [--keep FOLDER] DEB: FOLDER keeps the clean system for the next time, and
FOLDER.said what was answered. Needs root, systemd-nspawn, debootstrap, dpkg-scanpackages and, the first time, Debian's archive."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.machine import Machine  # noqa: E402

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../man/mailctl-tutorial.7.scd")
# What the answer to a block must hold, by a line of the block.
SHOWS = {
    "mailctl address list": ["sales@example.org", "team@example.org"],
    "quota=3G -n": ['+quota = "3 GiB"', "dry run", '[mailbox.ann]'],
    "doveadm auth test": ["auth succeeded"],
    "mailctl status": ["generation:"],
    "MAILINDEX=1": ["deliver to mailbox 'ann@example.org'", "Subject: the first mail", "It works."],
    "track search": ["sales@example.org", "delivered"],
    "dkim activate": ["v=DKIM1", "activated selector 'first'"],
    "MAILINDEX=2": ["Subject: signed", "d=example.org; s=first", "553"],
    "--zone": ["example.org. 3600 IN MX 10 mx.example.org.", "first._domainkey.example.org."],
    "mailctl check": ["mailctl-housekeeping.timer", "mailctl init"],
}


def blocks():
    with open(PAGE, encoding="utf-8") as page:
        text = page.read()
    return [block.replace("\\\\\n", "\\\n") for block in re.findall(r"```\n(.*?)```", text, re.DOTALL)]


def wanted_packages(block):
    """Those of the block that installs."""
    words = block.replace("\\\n", " ").split()
    return [word for word in words[2:] if not word.startswith("-")]


class Clean:
    """A layer over a clean system, which stays as it is."""

    def __init__(self, base):
        self.base, self.layer = base, tempfile.mkdtemp(prefix="mailctl-tutorial-", dir="/var/tmp")

    def __enter__(self):
        for name in ("up", "work", "root"):
            os.mkdir(f"{self.layer}/{name}")
        layers = f"lowerdir={self.base},upperdir={self.layer}/up,workdir={self.layer}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, f"{self.layer}/root"], check=True)
        return f"{self.layer}/root"

    def __exit__(self, *_):
        subprocess.run(["umount", f"{self.layer}/root"], check=True)
        subprocess.run(["rm", "-rf", self.layer], check=True)


def verdict(machine, block, said_file):
    """Absent, or what is wrong with the answer to a block."""
    done = machine.type_in(block)
    said_file.write("".join(f"# {line}\n" for line in block.splitlines()) + done.stdout + "\n")
    if done.returncode != 0:
        return f"exit {done.returncode}\n{done.stdout}\n{machine.type_in('journalctl -n 30 --no-pager').stdout}"
    wanted = [text for line, texts in SHOWS.items() if line in block for text in texts]
    missing = [text for text in wanted if text not in done.stdout]
    return f"{missing} missing in:\n{done.stdout}" if missing else None


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--suite", default="bookworm")
    options.add_argument("--keep")
    options.add_argument("deb")
    asked = options.parse_args()
    base = asked.keep or tempfile.mkdtemp(prefix="mailctl-debian-", dir="/var/tmp")
    if not os.path.exists(f"{base}/etc/debian_version"):
        Machine.make(base, asked.suite)
    passed, typed = 0, blocks()
    unused = [line for line in SHOWS if not any(line in block for block in typed)]
    assert not unused, f"no block has {unused}"
    with Clean(base) as root, open(f"{base}.said", "w", encoding="utf-8") as said:
        machine = Machine(root)
        machine.offer(asked.deb)
        machine.prepare("apt-get", "-qq", "update")
        machine.prepare("apt-get", "-qq", "install", "-y", "--no-install-recommends", "--download-only", *wanted_packages(typed[0]))
        with machine:
            for block in typed:
                trouble, name = verdict(machine, block, said), block.splitlines()[0]
                print(f"{'not ok' if trouble else 'ok'} tutorial {name}", flush=True)
                if trouble:
                    print("    " + trouble.replace("\n", "\n    "))
                    break
                passed += 1
    if not asked.keep:
        subprocess.run(["rm", "-rf", base], check=True)
    print(f"{passed} passed, {1 if passed < len(typed) else 0} failed")
    sys.exit(passed < len(typed))


main()
