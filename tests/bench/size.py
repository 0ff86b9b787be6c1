#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a command costs as the site grows: time and peak memory, interleaved over sites of several sizes.

  size.py [--sizes 10,1000,100000,1000000] [--rounds 7] [--big 100000] [--keep]

Sites are made below $PERF (default /tmp/perf) by make_site.py, with their applied texts, so that no Maildirs are made for
them; `apply` then compiles the directory and builds all maps. Commands run against a domain of the middle size. Prints
Markdown and writes size.json, which plot.py draws. --big: one domain of that many mailboxes, beside the small site.
"""
import argparse
import csv
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("MAILCTL_BIN", os.path.join(HERE, "../../build/release"))
PERF = os.environ.get("PERF", "/tmp/perf")
sys.path.insert(0, HERE)
import make_site  # noqa: E402


def run(*argv, check=True, stdout=subprocess.DEVNULL):
    """Wall seconds, peak resident megabytes."""
    start = time.perf_counter()
    child = subprocess.Popen(argv, stdout=stdout, stderr=subprocess.PIPE)
    complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if check and os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(argv)}: {complaint.decode()}")
    return wall, usage.ru_maxrss / 1024


class Site:
    def __init__(self, mailboxes, domains):
        self.mailboxes, self.domains, self.figures = mailboxes, domains, {}
        self.root = f"{PERF}/size-{domains}-{mailboxes}"
        shutil.rmtree(self.root, ignore_errors=True)
        self.mailctl("init", "--hostname", "mx.bench.example", "--postmaster", f"postmaster@{make_site.domain_name(0)}")
        self.mailctl("config", "set", "maps.type=lmdb")
        subprocess.run([sys.executable, f"{HERE}/make_site.py", f"{self.root}/etc/domains", str(domains), str(mailboxes),
                        "--applied", f"{self.root}/lib/history/applied/domains"], check=True)
        self.domain = make_site.domain_name(domains // 2)
        counts = make_site.sizes(domains, mailboxes)
        text = make_site.domain_text(domains // 2, counts[domains // 2], domains)[1]
        self.known = text.split('[mailbox."')[1].split('"')[0]
        self.number = 0
        self.measure("apply", "apply")

    def mailctl(self, *words, **options):
        return run(f"{BIN}/mailctl", *words, "--root", self.root, **options)

    def measure(self, what, *words, **options):
        self.figures.setdefault(what, []).append(self.mailctl(*words, **options))

    def round(self):
        self.number += 1
        new, known = f"new{self.number}@{self.domain}", f"{self.known}@{self.domain}"
        self.measure("mailbox create", "mailbox", "create", new, "--no-password")
        self.measure("mailbox set", "mailbox", "set", new, f"quota={self.number} GiB")
        self.measure("alias create", "alias", "create", f"also{self.number}@{self.domain}", new)
        self.measure("list create", "list", "create", f"all{self.number}@{self.domain}", known)
        self.measure("autoreply set", "autoreply", "set", known, "--message", f"away {self.number}")
        self.measure("mailbox delete", "mailbox", "delete", new, "--yes")
        self.measure("mailbox list DOMAIN", "mailbox", "list", self.domain, "--plain")
        self.measure("mailbox show", "mailbox", "show", known)
        self.measure("explain", "explain", known)
        self.figures.setdefault("completion of a domain", []).append(
            run(f"{BIN}/mailctl", "__complete", "--", "--root", self.root, "domain", "show", self.domain[:3]))
        self.figures.setdefault("completion of an address", []).append(
            run(f"{BIN}/mailctl", "__complete", "--", "--root", self.root, "mailbox", "show", f"{self.known[:2]}@{self.domain}"))

    def whole_maps(self):
        for name in os.listdir(f"{self.root}/lib/maps"):
            os.unlink(f"{self.root}/lib/maps/{name}")
        self.measure("map build, all", "map", "build")
        self.measure("map build, nothing to do", "map", "build")
        self.measure("map check", "map", "check")
        self.measure("check, without Maildirs", "check", "--only", "data,files,maps,postfix,dovecot,dns,certificates,agent,host", check=False)
        total, copies = 0, f"{self.root}/copies"
        os.makedirs(copies, exist_ok=True)
        for name in os.listdir(f"{self.root}/lib/maps"):
            if name.endswith(".lmdb") and not name.startswith("sni"):
                shutil.copy(f"{self.root}/lib/maps/{name[:-5]}", copies)
                total += run("/usr/sbin/postmap", f"lmdb:{copies}/{name[:-5]}")[0]
        shutil.rmtree(copies)
        self.figures.setdefault("postmap of all tables", []).append((total, 0))

    def bulk(self):
        """All accounts out, each mailbox with another quota in again. None is new, so that no Maildir is made."""
        exported, changed = f"{self.root}/exported.csv", f"{self.root}/changed.csv"
        with open(exported, "wb") as file:
            self.measure("export, all", "export", "--with-hashes", stdout=file)
        with open(exported, newline="", encoding="utf-8") as source, open(changed, "w", newline="", encoding="utf-8") as target:
            writer = csv.DictWriter(target, ["address", "type", "quota"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(row | {"quota": "7 GiB"} for row in csv.DictReader(source) if row["type"] == "mailbox")
        self.measure("import, all changed", "import", changed)
        os.unlink(exported)
        os.unlink(changed)

    def agent(self):
        """Microseconds for one RCPT, megabytes of the agent that are not mapped files."""
        log = open(f"{self.root}/agent.log", "w+")
        agent = subprocess.Popen([f"{BIN}/mailctl-deliver", "lmtp", "--root", self.root], stderr=log, stdout=log)
        while "ready" not in open(f"{self.root}/agent.log").read():
            time.sleep(0.02)
        client = socket.socket(socket.AF_UNIX)
        client.connect(f"{self.root}/run/lmtp.sock")
        lines = client.makefile("rwb", buffering=0)

        def say(text):
            lines.write(text.encode() + b"\r\n")
            answer = lines.readline()
            while answer[3:4] == b"-":
                answer = lines.readline()
            return answer

        lines.readline()
        say("LHLO bench")
        say("MAIL FROM:<>")
        dice = random.Random(1)
        names = [make_site.domain_name(dice.randrange(self.domains)) for _ in range(500)]
        start = time.perf_counter()
        for name in names:
            say(f"RCPT TO:<info@{name}>")
        wall = (time.perf_counter() - start) / len(names)
        status = dict(line.split(":", 1) for line in open(f"/proc/{agent.pid}/status") if line.startswith("Rss"))
        agent.terminate()
        agent.wait()
        self.figures["agent lookup"] = [(wall, int(status["RssAnon"].split()[0]) / 1024)]


def cell(figures):
    walls = [wall for wall, _ in figures]
    middle = statistics.median(walls)
    unit, scale = ("us", 1e6) if middle < 1e-3 else ("ms", 1e3) if middle < 1 else ("s", 1)
    digits = 0 if middle * scale >= 10 else 1
    spread = f" ({min(walls) * scale:.{digits}f}-{max(walls) * scale:.{digits}f})" if len(walls) > 1 else ""
    memory = max(megabytes for _, megabytes in figures)
    return f"{middle * scale:.{digits}f} {unit}{spread}" + (f", {memory:.0f} MB" if memory else "")


def table(sites, heads):
    print(f"| |{'|'.join(f' {head} ' for head in heads)}|\n|{'---|' * (len(heads) + 1)}")
    for what in dict.fromkeys(what for site in sites for what in site.figures):
        print(f"| {what} |" + "|".join(f" {cell(site.figures[what])} " if what in site.figures else " " for site in sites) + "|")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="10,1000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--big", type=int, default=0)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    os.makedirs(PERF, exist_ok=True)
    sites = [Site(int(size), max(2, int(size) // 100)) for size in options.sizes.split(",") if size]
    heads = [f"{site.mailboxes:,} in {site.domains:,}" for site in sites]
    if options.big:
        sites.append(Site(options.big, 1))
        heads.append(f"{options.big:,} in one domain")
    for _ in range(options.rounds):
        for site in sites:
            site.round()
    for site in sites:
        site.whole_maps()
        site.bulk()
        if os.path.exists(f"{BIN}/mailctl-deliver"):
            site.agent()
    table(sites, heads)
    with open(f"{PERF}/size.json", "w") as file:
        json.dump([{"mailboxes": site.mailboxes, "domains": site.domains, "figures": site.figures} for site in sites], file)
    if not options.keep:
        for site in sites:
            shutil.rmtree(site.root)


if __name__ == "__main__":
    main()
