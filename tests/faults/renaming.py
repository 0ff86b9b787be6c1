#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A mailbox that is renamed while mail for it arrives without a pause, and while the renaming is killed again and again.

Held to: every message that was accepted is in the mailbox once its senders are done, under its last name; nothing is left, and
nothing is made again, at an old place; nobody is told that there is no such user as long as an alias was left.
"""
import glob
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient  # noqa: E402
from harness.site import Site, expect, run_tests  # noqa: E402

ROUNDS = int(os.environ.get("RENAME_ROUNDS", "12"))


class Senders:
    """Threads that deliver numbered messages to one address, each until it was accepted, as an MTA does."""

    def __init__(self, socket, recipient, count=4):
        self.socket, self.recipient = socket, recipient
        self.accepted, self.refused, self.stop = [], [], False
        self.threads = [threading.Thread(target=self.send, args=(n,)) for n in range(count)]
        for thread in self.threads:
            thread.start()

    def send(self, number):
        with LmtpClient(self.socket) as client:
            message = 0
            while not self.stop:
                subject = f"{number}-{message}"
                text = f"Subject: {subject}\n\nhello\n".encode()
                answers, replies = client.deliver("x@elsewhere.example", [self.recipient], text)
                answer = (replies or answers)[0]
                if answer.startswith("250"):
                    self.accepted.append(subject)
                    message += 1
                elif not answer.startswith("4"):
                    self.refused.append(answer)
                    return

    def join(self):
        self.stop = True
        for thread in self.threads:
            thread.join()


def subjects(site, address):
    return sorted(message.split(b"Subject: ")[1].split(b"\n")[0].decode() for message in site.messages(address))


def check(site, senders, last_name):
    expect(not senders.refused, f"refused: {senders.refused}")
    expect(len(senders.accepted) > ROUNDS, f"only {len(senders.accepted)} messages")
    found = subjects(site, last_name)
    missing = set(senders.accepted) - set(found)
    expect(not missing, f"{len(missing)} of {len(senders.accepted)} are lost")
    expect(len(found) == len(set(found)), "some are there twice")
    places = {name for domain in ("one.example", "two.example") for name in os.listdir(site.path("mail", domain)) if not name.startswith(".")}
    expect(places == {last_name.split("@")[0]}, f"places: {places}")


def prepared():
    site = Site()
    site.mailctl("domain", "create", "one.example")
    site.mailctl("domain", "create", "two.example")
    site.mailctl("mailbox", "create", "name0@two.example", "--no-password")
    site.mailctl("mailbox", "rename", "name0@two.example", "name0@one.example")
    site.mailctl("alias", "create", "paul@one.example", "name0@one.example")
    site.start_agent()
    return site


def nothing_is_lost_while_a_mailbox_is_renamed_under_load():
    with prepared() as site:
        senders = Senders(site.socket, "paul@one.example")
        try:
            for round_ in range(ROUNDS):
                site.mailctl("mailbox", "rename", f"name{round_}@one.example", f"name{round_ + 1}@one.example")
                time.sleep(0.05)
        finally:
            senders.join()
        check(site, senders, f"name{ROUNDS}@one.example")


def nothing_is_lost_while_renaming_is_killed_under_load():
    with prepared() as site:
        senders = Senders(site.socket, "paul@one.example")
        try:
            for round_ in range(ROUNDS):
                change = site.command("mailctl", "mailbox", "rename", f"name{round_}@one.example", f"name{round_ + 1}@one.example")
                renaming = subprocess.Popen(change, env=site.environment(), stderr=subprocess.DEVNULL)
                time.sleep(0.004 * round_)
                renaming.send_signal(signal.SIGKILL)
                renaming.wait()
                site.mailctl("apply", "--yes")
                site.mailctl("mailbox", "rename", f"name{round_}@one.example", f"name{round_ + 1}@one.example", status=None)
        finally:
            senders.join()
        check(site, senders, f"name{ROUNDS}@one.example")


def held(site):
    """Of candidates, wherever it lies: by domain."""
    found = {}
    for path in glob.glob(site.path("mail", "*", ".candidates", "*", "[cn]*", "*")):
        domain = os.path.relpath(path, site.path("mail")).split(os.sep)[0]
        found[domain] = found.get(domain, 0) + 1
    return found


def mail_of_candidates_goes_along_when_their_domain_is_renamed():
    """It may arrive after the command has looked for it, and until the agent knows of the new name."""
    with prepared() as site:
        site.mailctl("config", "set", "postmaster=name0@one.example")
        site.mailctl("domain", "create", "old.example", "--unknown", "candidate")
        names = {True: "old.example", False: "new.example"}
        for round_ in range(ROUNDS):
            old, new = names[round_ % 2 == 0], names[round_ % 2 == 1]
            senders = Senders(site.socket, f"joe{round_}@{old}", count=1)
            try:
                done = subprocess.run(site.command("mailctl", "domain", "rename", old, new, "--leave-alias", "--yes"), env=site.environment(),
                                      capture_output=True, text=True, check=False)
            finally:
                senders.join()
            domain = new if done.returncode == 0 else old
            rows = site.json("candidate", "list", domain)
            expect(held(site) == ({domain: len(senders.accepted)} if senders.accepted else {}),
                   f"{len(senders.accepted)} were accepted, held are {held(site)}, the domain is {domain}: {done.stderr}")
            known = sum(row["messages"] for row in rows)  # one that was being delivered, and is told to come again, may be counted still
            expect(0 <= known - len(senders.accepted) <= 1, f"{len(senders.accepted)} were accepted, known are {rows}")
            if rows:
                site.mailctl("candidate", "expire", "--older-than", "0s", "--yes")
            if domain == old:
                site.mailctl("domain", "rename", old, new, "--leave-alias", "--yes")


if __name__ == "__main__":
    sys.exit(run_tests("faults renaming", [nothing_is_lost_while_a_mailbox_is_renamed_under_load,
                                           nothing_is_lost_while_renaming_is_killed_under_load,
                                           mail_of_candidates_goes_along_when_their_domain_is_renamed]))
