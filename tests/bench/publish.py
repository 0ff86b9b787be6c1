#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long `publish` and `node pull` take, by the size of the site: the first of all, one change, nothing, and every row compared.

  publish.py MAILBOXES[:DOMAINS]...     MAILCTL_BIN=directory of the programs; default 1000:10 100000:1000

A private PostgreSQL (fsync off) and a node on this machine. Maps of the node are texthash, without postmap. Nothing is changed
outside temporary directories.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from harness.postgres import Postgres  # noqa: E402
from harness.site import Site  # noqa: E402


def timed(site, *words):
    begin = time.monotonic()
    with tempfile.NamedTemporaryFile() as usage:
        subprocess.run(["/usr/bin/env", "time", "-f", "%M", "-o", usage.name, *site.command("mailctl", *words)], env=site.environment(), check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=3600)
        return time.monotonic() - begin, int(usage.read().split()[-1]) // 1024


def measure(mailboxes, domains):
    with Postgres() as database, Site(settings=("maps.type=texthash",)) as admin, Site(settings=("maps.type=texthash",)) as node:
        for site in (admin, node):
            site.patience = 3600
        admin.mailctl("node", "create", "a", "--lmtp", "127.0.0.2:24", "--imap", "127.0.0.2")
        subprocess.run([sys.executable, os.path.join(HERE, "make_site.py"), admin.path("etc", "domains"), str(domains), str(mailboxes)], check=True,
                       stdout=subprocess.DEVNULL)
        first = None
        for name in sorted(os.listdir(admin.path("etc", "domains"))):
            path = admin.path("etc", "domains", name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace("[domain]\n", '[domain]\nnode = "a"\n', 1))
            if "[mailbox." in text:
                first = name[:-5]  # the last by name: not the largest
        applied = timed(admin, "apply")
        database.sql(admin.mailctl("publish", "--init"))
        for site in (admin, node):
            site.mailctl("config", "set", f"publish.database={database.conninfo()}")
        shutil.copy(admin.path("etc", "srs.secret"), node.path("etc", "srs.secret"))
        rows = {"apply": applied, "publish all": timed(admin, "publish")}
        rows["pull all"] = timed(node, "node", "pull", "a", "--once")
        admin.mailctl("mailbox", "create", f"one-more@{first}", "--no-password")
        rows["publish one"] = timed(admin, "publish")
        rows["pull one"] = timed(node, "node", "pull", "a", "--once")
        rows["publish nothing"] = timed(admin, "publish")
        rows["pull nothing"] = timed(node, "node", "pull", "a", "--once")
        rows["publish --full"] = timed(admin, "publish", "--full")
        size = database.sql("select pg_size_pretty(pg_database_size('postgres')), (select count(*) from mailctl.entry)")
        for what, (seconds, megabytes) in rows.items():
            print(f"{mailboxes:>9} mailboxes  {what:<16} {seconds:9.3f} s  {megabytes:>6} MiB", flush=True)
        print(f"{mailboxes:>9} mailboxes  database and rows: {size}", flush=True)


for argument in sys.argv[1:] or ["1000:10", "100000:1000"]:
    count, _, of = argument.partition(":")
    measure(int(count), int(of or 10))
