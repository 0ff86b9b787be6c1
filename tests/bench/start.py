#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What it costs to start `mailctl` for something small, in times of `true`: the fastest of many runs in turn.

  start.py [ROUNDS]        MAILCTL_BIN=directory of the programs (default: build/release)

Ends with 1 where one costs twice what it did when LIMITS was written. The fastest run of a small program is steady on a
busy machine too, and `true` is as slow there as we are. One JSON object for each figure.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MAILCTL = os.path.join(os.environ.get("MAILCTL_BIN", os.path.join(HERE, "../../build/release")), "mailctl")
# In times of `true`: what was measured on 2026-11-28, doubled.
LIMITS = {"mailbox show": 10.6, "completion of an address": 10.2, "completion of a command": 8, "version": 9}


def start_ms(argv):
    begin = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status = os.waitpid(pid, 0)
    if status != 0:
        sys.exit(f"start.py: {' '.join(argv)} ended with {os.waitstatus_to_exitcode(status)}")
    return (time.perf_counter() - begin) * 1000


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory(prefix="mailctl-start-") as root:
        for words in (["init", "-q", "--hostname", "mx.bench.example", "--postmaster", "a@elsewhere.example"],
                      ["config", "set", "-q", "maps.type=texthash"], ["domain", "create", "-q", "bench.example"],
                      ["mailbox", "create", "-q", "paul@bench.example", "--no-password"]):
            subprocess.run([MAILCTL, *words, "--root", root], check=True, stdout=subprocess.DEVNULL)
        complete = [MAILCTL, "__complete", "--", "--root", root, "mailbox"]
        commands = {"true": ["/bin/true"], "mailbox show": [MAILCTL, "mailbox", "show", "paul@bench.example", "--root", root],
                    "completion of an address": [*complete, "show", "pa"], "completion of a command": [*complete, "sh"],
                    "version": [MAILCTL, "--version"]}
        times = {what: [] for what in commands}
        for _ in range(rounds):
            for what, argv in commands.items():
                times[what].append(start_ms(argv))
    slow = False
    for what, each in times.items():
        figure = {"what": what, "ms": round(min(each), 3), "times of true": round(min(each) / min(times["true"]), 2)}
        if what in LIMITS:
            figure["limit"] = LIMITS[what]
            slow = slow or figure["times of true"] > LIMITS[what]
        print(json.dumps(figure), flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
