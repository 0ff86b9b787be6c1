# SPDX-License-Identifier: Apache-2.0
"""An administration host, nodes `a` and `b`, and a private PostgreSQL between them, all on this machine."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.postgres import Postgres  # noqa: E402
from harness.site import Site, expect  # noqa: E402, F401

ADDRESSES = {"a": "127.0.0.2", "b": "127.0.0.3"}
DOMAINS = {"one.example": "a", "two.example": "b"}


def message(subject):
    """One that far.example sends."""
    return f"From: someone@far.example\nTo: x\nSubject: {subject}\nMessage-ID: <{subject}@far.example>\n\nhello\n".encode()


class Cluster:
    def __init__(self):
        self.database = Postgres()
        self.admin = None
        self.nodes = {}

    def __enter__(self):
        try:
            self.make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def make(self):
        self.database.start()
        self.admin = Site(settings=("maps.type=texthash",))
        for name, address in ADDRESSES.items():
            self.admin.mailctl("node", "create", name, "--lmtp", f"{address}:24", "--imap", address)
        for name, node in DOMAINS.items():
            self.admin.mailctl("domain", "create", name)
            self.place(name, node)
            self.admin.mailctl("mailbox", "create", f"ann@{name}", f"bob@{name}", "--no-password")
            self.admin.mailctl("forward", "create", f"info@{name}", "ann", "far@elsewhere.example")
        self.admin.mailctl("mailbox", "create", "admin@one.example", "--no-password")
        self.database.sql(self.admin.mailctl("publish", "--init"))
        self.database.sql("create role writer login in role mailctl_writer; create role reader login in role mailctl_reader;")
        self.admin.mailctl("config", "set", f"publish.database={self.database.conninfo('writer')}")
        for name in ADDRESSES:
            self.add_node(name)

    def add_node(self, name):
        node = Site(hostname=f"{name}.test.example", settings=("maps.type=texthash", f"publish.database={self.database.conninfo('reader')}"))
        shutil.copy(self.admin.path("etc", "srs.secret"), node.path("etc", "srs.secret"))
        self.nodes[name] = node
        return node

    def __exit__(self, *unused):
        for site in (self.admin, *self.nodes.values()):
            if site:
                site.close()
        self.database.__exit__()

    def place(self, domain, node):
        """The domain lives there; mail is not moved."""
        path = self.admin.path("etc", "domains", f"{domain}.toml")
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith("node = ")]
        at = lines.index("[domain]\n")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines[:at + 1] + [f'node = "{node}"\n'] + lines[at + 1:])
        self.admin.mailctl("apply")

    def publish(self, *arguments, status=0):
        return self.admin.mailctl("publish", *arguments, status=status)

    def pull(self, name, *arguments, status=0):
        return self.nodes[name].mailctl("node", "pull", name, "--once", *arguments, status=status)

    def sync(self):
        self.publish()
        for name in self.nodes:
            self.pull(name)

    def admin_notes(self, *words):
        """What such a command tells people, on both streams."""
        done = subprocess.run(self.admin.command("mailctl", *words), env=self.admin.environment(), capture_output=True, text=True, check=True)
        return done.stdout + done.stderr

    def generation(self):
        return int(self.database.sql("select coalesce(max(id), 0) from mailctl.generation"))

    def addresses(self, name):
        """Of a node: every address with its kind and where it leads."""
        return {row["address"]: (row["type"], row.get("kind"), str(row.get("to"))) for row in self.nodes[name].json("address", "list")}


def addresses_on(site, *domains):
    return {row["address"]: (row.get("kind"), str(row.get("to"))) for row in site.json("address", "list", *domains)}
