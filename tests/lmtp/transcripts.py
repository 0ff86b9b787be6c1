#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The transcripts beside this file through the agent's real socket, each in one piece and byte by byte.

Left out are those that need limits a site may not have (`L:`) or recipients that only the unit test's handler knows; what the rest
says of replies and stored bytes must hold for the real agent too.
"""
import glob
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient  # noqa: E402
from harness.site import Site, expect, run_tests  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
KNOWN = {"one", "two", "three", "unknown", "temp", "full", "postmaster", ""}
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}


def unescape(text):
    def byte(match):
        return ESCAPES[match[1].decode()] if match[1] else bytes([int(match[2], 16)])
    return re.sub(rb"\\(?:([rnt\\])|x([0-9a-fA-F]{2}))", byte, text.encode())


def read(path):
    """[(kind, argument)] of a transcript, or None if a site cannot play it."""
    lines = [line.rstrip("\n") for line in open(path, encoding="utf-8")]
    steps = [(line[:2], line[3:]) for line in lines if line and not line.startswith("#")]
    recipients = re.findall(r"^C: RCPT TO:<(.*?)@?(?:example\.org)?>", "\n".join(lines), re.M | re.I)
    playable = all(kind != "L:" for kind, _ in steps) and all(name.lower() in KNOWN for name in recipients)
    return steps if playable else None


def make_site():
    site = Site(hostname="example.org", postmaster="one@example.org")
    site.mailctl("domain", "create", "example.org")
    site.mailctl("mailbox", "create", "one@example.org", "two@example.org", "three@example.org", "--no-password")
    site.mailctl("mailbox", "create", "full@example.org", "--no-password", "--quota", "1")
    site.append("etc/domains/example.org.toml", '\n[forward.temp] # leads nowhere: 451 4.3.5\nto = ["missing"]\n')
    site.mailctl("apply")
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(site.mailbox("full@example.org"), part), exist_ok=True)
    with open(os.path.join(site.mailbox("full@example.org"), "new", "1.M1P1.host,S=100,W=100"), "wb") as file:
        file.write(b"x" * 100)
    with open(os.path.join(site.mailbox("full@example.org"), "maildirsize"), "wb") as file:
        file.write(b"1S\n100 1\n")
    return site


def stored(site):
    return [message for name in ("one", "two", "three") for message in site.messages(f"{name}@example.org")]


def play(site, steps, piecewise):
    before = len(stored(site))
    client = LmtpClient(site.socket, greet=False)
    expect(client.reply().startswith("220 example.org"), "greeting")
    saved = 0

    def send(data):
        for piece in ([data[i:i + 1] for i in range(len(data))] if piecewise and len(data) < 3000 else [data]):
            try:
                client.send(piece)
            except OSError:
                return  # the server has closed; what it said is still to be read
    for kind, argument in steps:
        if kind == "C:":
            send(unescape(argument) + b"\r\n")
        elif kind == "C>":
            send(unescape(argument))
        elif kind == "C*":
            count, text = argument.split(" ", 1)
            send(unescape(text) * int(count))
        elif kind == "S:":
            line = client.line()
            expect(line.startswith(argument), f"wanted '{argument}', got '{line}'")
        elif kind == "D:":
            wanted = unescape(argument.split(" ", 1)[1])
            saved += 1
            expect(any(message.endswith(wanted) for message in stored(site)), f"no stored message ends with {wanted!r}")
        elif kind == "E:":
            client.socket.close()
        elif kind == "Q:":
            try:
                expect(not client.socket.recv(100), "the server should have closed the connection")
            except ConnectionResetError:
                pass
            break
    client.socket.close()
    if not saved:
        time.sleep(0.05)
        expect(len(stored(site)) == before, "something was stored")


def every_playable_transcript_holds():
    problems, played = [], 0
    with make_site() as site:
        site.start_agent()
        for path in sorted(glob.glob(os.path.join(HERE, "*.txt"))):
            steps = read(path)
            if steps is None:
                continue
            played += 1
            for piecewise in (False, True):
                try:
                    play(site, steps, piecewise)
                except Exception as problem:
                    problems.append(f"{os.path.basename(path)} {'byte by byte' if piecewise else 'whole'}: {problem}")
    expect(not problems, "\n".join(problems))
    expect(played >= 10, f"only {played} transcripts were played")


if __name__ == "__main__":
    sys.exit(run_tests("lmtp transcripts", [every_playable_transcript_holds]))
