#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accounts in bulk: import, the same again, export and back, hashing on one core and on all, files full of errors.

  bulk.py [--rows 100000,1000000] [--errors 100000] [--passwords 400] [--rounds 3] [--type lmdb] [--keep]

Rows are make_site.py's people with hashes, in a hundredth as many new domains. The first import makes a Maildir for each,
four directories of the file system; the export goes into a second site whose mail root has them already. Sites are made
below $PERF (default /tmp/perf): for a million rows that is 20 GB and four million directories, which take longer to
remove than to make; a file system of its own that can be thrown away is kinder. Prints Markdown.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("MAILCTL_BIN", os.path.join(HERE, "../../build/release"))
PERF = os.environ.get("PERF", "/tmp/perf")
sys.path.insert(0, HERE)
import make_site  # noqa: E402


class Figure:
    """One run: wall and processor seconds, peak memory in MB, and what it printed."""

    def __init__(self, *argv, stdout=subprocess.DEVNULL, status=0):
        start = time.perf_counter()
        child = subprocess.Popen(argv, stdout=stdout, stderr=subprocess.PIPE)
        self.said = child.stderr.read()
        _, code, usage = os.wait4(child.pid, 0)
        self.wall = time.perf_counter() - start
        self.user, self.system, self.memory = usage.ru_utime, usage.ru_stime, usage.ru_maxrss / 1024
        if os.waitstatus_to_exitcode(code) != status:
            sys.exit(f"{' '.join(argv)}: {self.said.decode()[:2000]}")

    def line(self, what):
        print(f"| {what} | {self.wall:.1f} s | {self.user:.1f} + {self.system:.1f} s | {self.memory:.0f} MB |", flush=True)


class Site:
    def __init__(self, name, database):
        self.root = f"{PERF}/bulk-{name}"
        shutil.rmtree(self.root, ignore_errors=True)
        self.mailctl("init", "--hostname", "mx.bench.example", "--postmaster", "postmaster@elsewhere.example")
        self.mailctl("config", "set", f"maps.type={database}")

    def command(self, *words):
        return [f"{BIN}/mailctl", *words, "--root", self.root]

    def mailctl(self, *words, **options):
        return Figure(*self.command(*words), **options)


def write_rows(path, domains, mailboxes):
    dice = random.Random(7)
    with open(path, "w", encoding="utf-8") as file:
        file.write("address,name,password_hash,quota,aliases,forward\n")
        for index, count in enumerate(make_site.sizes(domains, mailboxes)):
            domain = make_site.domain_name(index)
            for number in range(count):
                first, last = dice.choice(make_site.FIRST), dice.choice(make_site.LAST)
                salt = "".join(dice.choices(make_site.SALT, k=65))
                alias = f"{first[0]}{last[0]}{number}" if dice.random() < 0.25 else ""
                forward = f"{first}.{last}@elsewhere.example.net" if dice.random() < 0.04 else ""
                file.write(f"{first}.{last}{number}@{domain},{first.title()} {last.title()},{{CRYPT}}$y$j9T${salt[:22]}${salt[22:]},"
                           f"{dice.choice((1, 2, 5, 10))} GiB,{alias},{forward}\n")


def table(head):
    print(f"\n| {head} | wall | user + system | peak memory |\n|---|---|---|---|", flush=True)


def accounts(mailboxes, options):
    domains = max(2, mailboxes // 100)
    table(f"{mailboxes:,} rows, {domains:,} domains")
    rows, exported = f"{PERF}/bulk-{mailboxes}.csv", f"{PERF}/bulk-{mailboxes}-exported.csv"
    write_rows(rows, domains, mailboxes)
    site = Site(str(mailboxes), options.type)
    site.mailctl("import", rows, "--create-domains").line("import, every Maildir made")
    site.mailctl("import", rows, "--create-domains").line("the same file again: nothing to change")
    with open(exported, "wb") as file:
        site.mailctl("export", "--with-hashes", stdout=file).line("export --with-hashes")
    second = Site(f"{mailboxes}-second", options.type)
    shutil.rmtree(f"{second.root}/mail")
    os.rename(f"{site.root}/mail", f"{second.root}/mail")
    second.mailctl("import", exported, "--create-domains").line("the export into another site, every Maildir there already")
    if not options.keep:
        for path in (rows, exported):
            os.unlink(path)
        for each in (site, second):
            shutil.rmtree(each.root)


def errors(count, options):
    table(f"{count:,} rows that are wrong")
    site = Site("errors", options.type)
    site.mailctl("domain", "create", "known.example")
    path, wrong = f"{PERF}/bulk-errors.csv", f"{PERF}/bulk-wrong.csv"
    for what, row in (("a quota that is none", "user{0}@known.example,{0} GX\n"),
                      ("a domain that is not there", "user@unknown{0}.example,1 GiB\n")):
        with open(path, "w", encoding="utf-8") as file:
            file.write("address,quota\n")
            file.writelines(row.format(number) for number in range(count))
        for more in ([], ["--errors", wrong]):
            done = site.mailctl("import", path, *more, status=4)
            done.line(f"{what}{', --errors FILE' if more else ''}: {len(done.said):,} bytes told")
    shutil.rmtree(site.root)
    for each in (path, wrong):
        os.unlink(each)


def hashing(count, options):
    """The best of several rounds, each with a new site: an import that finds its passwords there hashes nothing."""
    path = f"{PERF}/bulk-plain.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("address,password\n")
        file.writelines(f"user{number}@plain.example,secret number {number}\n" for number in range(count))
    best = {}
    for _ in range(options.rounds):
        for what, prefix in (("one core", ["taskset", "-c", "0"]), ("all cores", [])):
            site = Site("hashing", options.type)
            site.mailctl("domain", "create", "plain.example")
            done = Figure(*prefix, *site.command("import", path))
            best[what] = min(best.get(what, done), done, key=lambda each: each.wall)
            shutil.rmtree(site.root)
    table(f"{count:,} plain passwords, yescrypt, best of {options.rounds}")
    for what, done in best.items():
        done.line(what)
    print(f"\n{best['one core'].wall / best['all cores'].wall:.2f} times as fast on {os.cpu_count()} cores")
    os.unlink(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--errors", type=int, default=100000)
    parser.add_argument("--passwords", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--type", default="lmdb")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    os.makedirs(PERF, exist_ok=True)
    for mailboxes in options.rows.split(","):
        if mailboxes:
            accounts(int(mailboxes), options)
    if options.errors:
        errors(options.errors, options)
    if options.passwords:
        hashing(options.passwords, options)


if __name__ == "__main__":
    main()
