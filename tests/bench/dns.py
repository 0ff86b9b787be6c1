#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dns check` of many domains against an nsd of its own, beside a plain resolver loop: the same questions, one after
another, each sent when the one before is answered. One JSON object for each figure.

  tests/bench/dns.py [DOMAINS [ROUNDS]]        MAILCTL_BIN=directory of the programs (default: build/release)
"""
import json
import os
import resource
import select
import socket
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from many_domains import ManyDomains, say  # noqa: E402

ANSWERED = (0, 3)  # NOERROR, NXDOMAIN


class Relay:
    """Stands before a name server and keeps what is asked."""

    def __init__(self, server_port):
        self.server, self.questions, self.askers = ("127.0.0.1", server_port), [], {}
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for each in (self.front, self.back):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.front.bind(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]
        threading.Thread(target=self.pass_on, daemon=True).start()

    def pass_on(self):
        while True:
            for ready in select.select([self.front, self.back], [], [])[0]:
                packet, sender = ready.recvfrom(65535)
                number = len(self.questions) % 65536
                if ready is self.front:
                    self.askers[number] = sender, packet[:2]
                    self.questions.append(packet)
                    self.back.sendto(number.to_bytes(2, "big") + packet[2:], self.server)
                else:
                    asker, its_number = self.askers.pop(int.from_bytes(packet[:2], "big"), (None, b""))
                    if asker:
                        self.front.sendto(its_number + packet[2:], asker)


def ask_one_after_another(questions, port):
    before = resource.getrusage(resource.RUSAGE_SELF)
    begin = time.perf_counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", port))
        client.settimeout(5)
        for question in questions:
            client.send(question)
            answer = client.recv(65535)
            assert answer[:2] == question[:2] and answer[3] & 15 in ANSWERED, answer[:12]
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory(prefix="mailctl-bench-") as here:
        site = ManyDomains(here, count)
        with site.name_server() as nsd:
            relay = Relay(nsd.port)
            site.measure("dns", "check", "-q", "--server", f"127.0.0.1:{relay.port}")
            ours, theirs = [], []
            for _ in range(rounds):
                theirs.append(ask_one_after_another(relay.questions, nsd.port))
                ours.append(site.measure("dns", "check", "-q", "--server", nsd.server))
            say("dns check", ours, domains=count, questions=len(relay.questions))
            say("plain loop", theirs, domains=count, questions=len(relay.questions))
            print(json.dumps({"what": "dns check over the plain loop", "ratio": round(statistics.median(a[0] / b[0] for a, b in zip(ours, theirs)), 2)}))
            say("dns list", [site.measure("dns", "list") for _ in range(rounds)], domains=count)


if __name__ == "__main__":
    main()
