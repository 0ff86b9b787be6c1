#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`publish` and `node pull` killed at each of their calls that changes something.

Held to: the database has the generation before or the one after, whole; a node serves what it served before or what it serves
after; and the next run ends where one that nobody killed would have.
"""
import subprocess
import sys

from cluster import Cluster, expect
from harness.site import run_tests
from harness.syscalls import kills, numbers_of_calls, one_fault, trace

ROWS = "select coalesce(string_agg(node || ' ' || domain || ' ' || local || ' ' || md5(payload), ',' order by node, domain, local), '') " \
       "from mailctl.entry where not deleted"


class Toggle:
    """A change that comes and goes: a mailbox with an alias, so that several rows must change together."""

    def __init__(self, cluster):
        self.cluster, self.there = cluster, False

    def change(self):
        words = ("delete", "cleo@one.example", "--yes") if self.there else ("create", "cleo@one.example", "--alias", "c", "--no-password", "--reuse")
        self.cluster.admin.mailctl("mailbox", *words)
        self.there = not self.there

    def addresses(self):
        return addresses_of(self.cluster.admin)


def addresses_of(site):
    return sorted((row["address"], str(row.get("kind"))) for row in site.json("address", "list", "one.example"))


def argv_of(site, *words):
    return site.command("mailctl", *words)


def every_kill(site, words, prepare):
    """The kills of a run of these words; `prepare` makes something to do for it."""
    prepare()
    calls, done = trace(argv_of(site, *words), site.environment(), site.root, follow=True)
    expect(done.returncode == 0, done.stderr)
    found = kills(calls)
    expect(len(found) > 5, f"{words} makes no calls: {found}")
    return found


def killed(site, words, kill):
    call, _, when = kill.split(":")
    # Not run_with: it waits for every child of ours, and the database is one.
    done = subprocess.run([one_fault(), numbers_of_calls()[call], when.removeprefix("when="), "kill", "0", *argv_of(site, *words)],
                          capture_output=True, env=site.environment(), timeout=60)
    expect(done.returncode in (-9, 137, 0), f"{kill}: {done.returncode} {done.stderr.decode()}")
    return done.returncode != 0


def a_publish_that_is_killed_leaves_the_generation_before_or_the_one_after():
    with Cluster() as cluster:
        cluster.publish()
        toggle = Toggle(cluster)
        hits = 0
        for kill in every_kill(cluster.admin, ("publish",), toggle.change):
            cluster.publish()
            before, generation = cluster.database.sql(ROWS), cluster.generation()
            toggle.change()
            hits += killed(cluster.admin, ("publish",), kill)
            wait_for_sessions(cluster)
            now, then = cluster.database.sql(ROWS), cluster.generation()
            expect((now == before) == (then == generation), f"{kill}: generation {generation} and then {then}, rows {'as before' if now == before else 'changed'}")
            cluster.publish()
            expect(cluster.generation() == generation + 1, f"{kill}: generation {cluster.generation()} after {generation}")
            expect(("cleo" in cluster.database.sql(ROWS)) == toggle.there, f"{kill}: not what was to be published")
        expect(hits > 5, f"only {hits} kills hit")
        cluster.pull("a")
        expect(addresses_of(cluster.nodes["a"]) == toggle.addresses(), "the node has something else in the end")


def wait_for_sessions(cluster):
    """A server notices late that its client is dead."""
    for _ in range(200):
        if cluster.database.sql("select count(*) from pg_stat_activity where usename = 'writer'") == "0":
            return
        subprocess.run(["sleep", "0.05"], check=True)
    expect(False, "a session of the dead publisher goes on")


def a_pull_that_is_killed_leaves_a_node_that_serves_and_the_next_one_ends_it():
    with Cluster() as cluster:
        cluster.sync()
        toggle, node = Toggle(cluster), cluster.nodes["a"]
        words = ("node", "pull", "a", "--once")

        def next_generation():
            toggle.change()
            cluster.publish()

        hits = 0
        for kill in every_kill(node, words, next_generation):
            before = addresses_of(node)
            next_generation()
            hits += killed(node, words, kill)
            expect(addresses_of(node) in (before, toggle.addresses()), f"{kill}: neither before nor after")
            cluster.pull("a")
            expect(addresses_of(node) == toggle.addresses(), f"{kill}: the next pull does not end it")
            node.mailctl("map", "check")
            state = {row["id"]: row for row in cluster.admin.json("node", "status")}["a"]
            expect((state["lag"], state["error"]) == (0, None), f"{kill}: {state}")
        expect(hits > 20, f"only {hits} kills hit")


sys.exit(run_tests("nodes killed", [a_publish_that_is_killed_leaves_the_generation_before_or_the_one_after,
                                    a_pull_that_is_killed_leaves_a_node_that_serves_and_the_next_one_ends_it], 2))
