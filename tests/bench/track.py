#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast a log of Postfix is read, beside pflogsumm on the same file, the rounds of both in turn; and how fast the
database answers. One JSON object for each figure.

  tests/bench/track.py [LINES] [ROUNDS]        MAILCTL_BIN=directory of the programs (default: build/release)
"""
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MAILCTL = os.path.join(os.environ.get("MAILCTL_BIN", os.path.join(HERE, "..", "..", "build", "release")), "mailctl")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def messages(chance):
    """Of each message its lines, without stamps: mostly delivered, some deferred, bounced or refused."""
    number = 0
    while True:
        number += 1
        queue_id = f"{chance.getrandbits(44):011X}"
        client = f"host{number % 250}.example.net[192.0.2.{number % 250}]"
        sender, recipient = f"sender{number % 5000}@example{number % 300}.net", f"user{number % 20000}@dom{number % 200}.example"
        hear = [f"postfix/smtpd[{number % 9000}]: connect from {client}"]
        end = [f"postfix/smtpd[{number % 9000}]: disconnect from {client} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"]
        if number % 20 == 2:
            yield hear + [f"postfix/smtpd[1]: NOQUEUE: reject: RCPT from {client}: 554 5.7.1 <{recipient}>: Relay access denied; "
                          f"from=<{sender}> to=<{recipient}> proto=ESMTP helo=<h>"] + end
            continue
        come = hear + [f"postfix/smtpd[{number % 9000}]: {queue_id}: client={client}",
                       f"postfix/cleanup[2]: {queue_id}: message-id=<{number}.{number % 977}@example.net>",
                       f"postfix/qmgr[3]: {queue_id}: from=<{sender}>, size={number % 90000}, nrcpt=1 (queue active)"] + end
        relay, delays = "mx.remote.example[198.51.100.7]:25", "delay=1.2, delays=0.1/0/0.5/0.6"
        if number % 20 == 0:
            yield come + [f"postfix/smtp[4]: {queue_id}: to=<{recipient}>, relay={relay}, {delays}, dsn=4.2.0, status=deferred "
                          f"(host {relay} said: 450 4.2.0 greylisted (in reply to RCPT TO command))"]
        elif number % 20 == 1:
            yield come + [f"postfix/smtp[4]: {queue_id}: to=<{recipient}>, relay={relay}, {delays}, dsn=5.1.1, status=bounced "
                          f"(host {relay} said: 550 5.1.1 no such user)", f"postfix/bounce[5]: {queue_id}: sender non-delivery notification: "
                          f"{chance.getrandbits(44):011X}", f"postfix/qmgr[3]: {queue_id}: removed"]
        else:
            yield come + [f"postfix/lmtp[6]: {queue_id}: to=<{recipient}>, relay=mx1[/run/mailctl/lmtp.sock], {delays}, dsn=2.0.0, "
                          f"status=sent (250 2.0.0 <{recipient}> {queue_id} saved)", f"postfix/qmgr[3]: {queue_id}: removed"]


def write_log(path, lines, days):
    """The lines of thirty messages at a time go in turn, as they do when many are under way; evenly spread over the days until now."""
    chance, source = random.Random(1), messages(random.Random(2))
    under_way = [iter(next(source)) for _ in range(30)]
    begin, step, written = time.time() - days * 86400, days * 86400 / lines, 0
    with open(path, "w", encoding="ascii") as log:
        while written < lines:
            place = chance.randrange(len(under_way))
            text = next(under_way[place], None)
            if text is None:
                under_way[place] = iter(next(source))
                continue
            when = time.localtime(begin + written * step)
            log.write(f"{MONTHS[when.tm_mon - 1]} {when.tm_mday:2} {when.tm_hour:02}:{when.tm_min:02}:{when.tm_sec:02} mx1 {text}\n")
            written += 1


def measure(argv, environment):
    """Seconds, and the most memory in MB."""
    begin = time.perf_counter()
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"track.py: {argv} ended with {status}")
    return time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def say(what, rounds, **more):
    seconds = [each[0] for each in rounds]
    print(json.dumps({"what": what, "seconds": round(statistics.median(seconds), 3), "min": round(min(seconds), 3), "max": round(max(seconds), 3),
                      "cpu": round(statistics.median(each[1] for each in rounds), 3), "memory_mb": round(max(each[2] for each in rounds), 1), **more}),
          flush=True)


def main():
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory(prefix="mailctl-bench-") as here:
        environment = os.environ | {"MAILCTL_ROOT": os.path.join(here, "site")}
        subprocess.run([MAILCTL, "init", "-q", "--hostname", "mx.example.org", "--postmaster", "a@elsewhere.example"], env=environment, check=True)
        log, database = os.path.join(here, "mail.log"), os.path.join(here, "site", "lib", "track.db")
        write_log(log, lines, 13)
        ours, theirs = [], []
        for _ in range(count):
            for name in os.listdir(os.path.dirname(database)):
                if name.startswith("track.db"):
                    os.unlink(os.path.join(os.path.dirname(database), name))
            if shutil.which("pflogsumm"):
                theirs.append(measure(["pflogsumm", log], environment))
            ours.append(measure([MAILCTL, "track", "update", "-q", log], environment))
        say("update of a new database", ours, lines=lines, database_mb=round(os.path.getsize(database) / 1e6, 1))
        if theirs:
            say("pflogsumm", theirs, lines=lines)
            print(json.dumps({"what": "pflogsumm's time over ours", "ratio": round(statistics.median(a[0] / b[0] for a, b in zip(theirs, ours)), 2)}))
        say("update with nothing new", [measure([MAILCTL, "track", "update", "-q", log], environment) for _ in range(5)])
        for words in (["--to", "user77@dom77.example"], ["--from", "sender77@example77.net"], ["--status", "bounced", "--limit", "50"], ["--since", "1h"],
                      ["--domain", "dom77.example", "--limit", "50"]):
            say("search " + " ".join(words), [measure([MAILCTL, "track", "search", "--json", *words], environment) for _ in range(5)])


if __name__ == "__main__":
    main()
