#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DKIM keys when each system call fails, and when mailctl is killed at each of them that changes something.

Held to what change.py holds every change to, and: each selector that is there has its key, and there is no other key; nothing that
was staged is left.
"""
import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from change import Change  # noqa: E402
from harness.site import ALL_CORES, expect, run_tests  # noqa: E402
from harness.syscalls import faults, kills  # noqa: E402
from harness.verdicts import try_all  # noqa: E402

DUE = """[selector.{name}-retiring]
algorithm = "rsa"
state = "retiring"
since = 2020-01-01T00:00:00Z
public_key = "MIIB"

[selector.{name}-revoked]
algorithm = "ed25519"
state = "revoked"
since = 2020-01-01T00:00:00Z
public_key = "MIIB"

[selector.{name}-young]
algorithm = "rsa"
state = "active"
since = 2099-01-01T00:00:00Z
public_key = "MIIB"
"""
SIGNER = (("config", "set", "maps.type=texthash", "dkim.signer=rspamd"),)


def lay_due(site):
    """Two domains in which `rotate` has to do something, and a key goes."""
    for domain, name in (("one.example", "one"), ("two.example", "two")):
        directory = site.path("lib", "dkim", domain)
        os.makedirs(directory)
        with open(os.path.join(directory, "selectors.toml"), "w", encoding="utf-8") as file:
            file.write(DUE.format(name=name))
        for key in (f"{name}-retiring.pem", f"{name}-revoked.pem", f"{name}-revoked.rspamd", f"{name}-young.pem"):
            with open(os.path.join(directory, key), "w", encoding="utf-8") as file:
                file.write("key\n")


class KeyChange(Change):
    def ask(self):
        """Selectors and states; not since when, nor which key."""
        listed = self.site.mailctl("dkim", "list", "--plain")
        return ["\t".join(row.split("\t")[:4]) for row in listed.splitlines()]

    def judge(self, done, names):
        super().judge(done, names)
        wanted = set()
        for domain, selector, algorithm, state in (row.split("\t") for row in self.look()):
            if state != "gone":
                wanted.add(f"{domain}/{selector}.pem")
                wanted |= {f"{domain}/{selector}.rspamd"} if algorithm == "ed25519" else set()
        there = {os.path.relpath(path, self.site.path("lib", "dkim"))
                 for path in glob.glob(self.site.path("lib", "dkim", "*", "*")) if not path.endswith(".toml")}
        expect(there == wanted, f"keys {sorted(there)}, selectors want {sorted(wanted)}")
        expect(not os.path.exists(self.site.path("lib", "dkim.pending")), "the list of what is staged is left")


def keys_survive(injections_of, *command, **preparation):
    with KeyChange(*command, before=SIGNER, **preparation) as change:
        try_all(injections_of(change.calls), change.check)


def making_keys_of_two_domains_survives_every_failing_call():
    keys_survive(faults, "dkim", "create", "one.example", "two.example", "--algorithm", "ed25519", "--selector", "new")


def making_keys_of_two_domains_survives_being_killed_at_every_call():
    keys_survive(kills, "dkim", "create", "one.example", "two.example", "--algorithm", "ed25519", "--selector", "new")


def rotating_all_keys_survives_every_failing_call():
    keys_survive(faults, "dkim", "rotate", prepare=lay_due)


def rotating_all_keys_survives_being_killed_at_every_call():
    keys_survive(kills, "dkim", "rotate", prepare=lay_due)


if __name__ == "__main__":
    sys.exit(run_tests("faults keys", [
        making_keys_of_two_domains_survives_every_failing_call, making_keys_of_two_domains_survives_being_killed_at_every_call,
        rotating_all_keys_survives_every_failing_call, rotating_all_keys_survives_being_killed_at_every_call,
    ], side_by_side=ALL_CORES))
