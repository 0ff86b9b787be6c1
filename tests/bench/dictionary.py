#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A dictionary attack on a domain that records candidates: what it costs in disk and state, and what the others notice.

100,000 unknown addresses come in over several connections, each a whole message as far as the agent lets it, while one client
asks for a real mailbox all the time. Prints the latency of its RCPT before and during, and sizes after.

    MAILCTL_BIN=build/release tests/bench/dictionary.py [ADDRESSES [CONNECTIONS]]
"""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient  # noqa: E402
from harness.site import Site  # noqa: E402

MESSAGE = b"From: a@elsewhere.example\nSubject: offer\n\n" + b"buy this now, before it is gone\n" * 120


def ask_for_a_real_mailbox(site, latencies, finished):
    with LmtpClient(site.socket) as client:
        while not finished():
            client.ask("MAIL FROM:<a@elsewhere.example>")
            begun = time.perf_counter()
            answer = client.ask("RCPT TO:<paul@one.example>")
            latencies.append(time.perf_counter() - begun)
            assert answer.startswith("250"), answer
            client.ask("RSET")
            time.sleep(0.0005)


def attack(site, numbers, counts):
    with LmtpClient(site.socket) as client:
        for number in numbers:
            replies, final = client.deliver("a@elsewhere.example", [f"name{number}@one.example"], MESSAGE)
            code = (final or replies)[0][:3]
            counts[code] = counts.get(code, 0) + 1


def size_of(path):
    return sum(os.stat(os.path.join(directory, name)).st_blocks * 512
               for directory, _, names in os.walk(path) for name in names) / 2**20


def figures(label, latencies):
    ordered = sorted(latencies)
    print(f"RCPT of a real mailbox {label}: n {len(ordered)}, p50 {ordered[len(ordered) // 2] * 1000:.2f} ms, "
          f"p99 {ordered[len(ordered) * 99 // 100] * 1000:.2f} ms, max {ordered[-1] * 1000:.1f} ms")


def main():
    addresses = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with Site() as site:
        site.mailctl("domain", "create", "one.example", "--unknown", "candidate")
        site.mailctl("mailbox", "create", "paul@one.example", "--no-password")
        site.start_agent()
        before, during, counts = [], [], [{} for _ in range(connections)]
        until = time.monotonic() + 3
        ask_for_a_real_mailbox(site, before, lambda: time.monotonic() > until)
        attackers = [threading.Thread(target=attack, args=(site, range(first, addresses, connections), counts[first]))
                     for first in range(connections)]
        begun = time.monotonic()
        for thread in attackers:
            thread.start()
        ask_for_a_real_mailbox(site, during, lambda: not any(thread.is_alive() for thread in attackers))
        seconds = time.monotonic() - begun
        answers = {code: sum(count.get(code, 0) for count in counts) for count in counts for code in count}
        print(f"{addresses} addresses over {connections} connections in {seconds:.0f} s: {answers}")
        figures("before", before)
        figures("during", during)
        state = sum(os.stat(site.path("lib", name)).st_size for name in ("state.db", "state.db-wal")) / 2**20
        print(f"state.db with its log {state:.1f} MiB, held mail on disk {size_of(site.path('mail', 'one.example', '.candidates')):.1f} MiB, "
              f"{len(site.json('candidate', 'list'))} candidates, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
