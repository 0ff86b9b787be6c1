#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Candidates of nodes, and what else the administration host sees of them or says that it does not."""
import sys

from cluster import Cluster, expect, message
from harness.site import run_tests


def hold(cluster, *names):
    cluster.admin.mailctl("catchall", "set", "two.example", "candidate")
    cluster.sync()
    for name in names:
        code, said = cluster.nodes["b"].pipe("someone@far.example", [f"{name}@two.example"], message(name))
        expect(code == 0, said)
    cluster.pull("b")


def candidates(cluster):
    return {row["address"]: row for row in cluster.admin.json("candidate", "list", "two.example")}


def what_a_node_holds_is_listed_promoted_and_banished_from_the_administration_host():
    with Cluster() as cluster:
        hold(cluster, "jim", "joe", "jan")
        known = candidates(cluster)
        expect(sorted(known) == ["jan@two.example", "jim@two.example", "joe@two.example"], known)
        jim = known["jim@two.example"]
        expect((jim["messages"], jim["node"], jim["subject"], jim["claimed_by"]) == (1, "b", "jim", None), jim)
        cluster.admin.mailctl("candidate", "promote", "jim@two.example", "--mailbox")
        cluster.admin.mailctl("candidate", "promote", "jan@two.example", "--alias-of", "bob@two.example")
        expect(candidates(cluster)["jim@two.example"]["claimed_by"] == "mailbox 'jim'", "not shown as pending")
        cluster.admin.mailctl("candidate", "banish", "joe@two.example", "--yes")
        cluster.sync()
        node = cluster.nodes["b"]
        expect([b"Subject: jim" in mail for mail in node.messages("jim@two.example")] == [True], "held mail stays held")
        expect([b"Subject: jan" in mail for mail in node.messages("bob@two.example")] == [True], "held mail stays held")
        expect(candidates(cluster) == {}, candidates(cluster))
        cluster.admin.mailctl("candidate", "promote", "nobody@two.example", "--mailbox", status=3)


def what_is_not_seen_is_said():
    with Cluster() as cluster:
        hold(cluster, "jim")
        cluster.admin.mailctl("candidate", "messages", "jim@two.example", status=4)
        usage = cluster.admin_notes("mailbox", "usage")
        expect("known on the nodes" in usage, usage)
        rows = {row["address"]: row for row in cluster.admin.json("mailbox", "usage")}
        expect(rows["ann@two.example"]["used"] is None, rows["ann@two.example"])
        cluster.database.stop()
        said = cluster.admin_notes("candidate", "list")
        expect(said.count("are not shown") == 1, f"told once, whatever number of domains: {said}")
        cluster.admin.mailctl("candidate", "promote", "jim@two.example", "--mailbox", status=75)


sys.exit(run_tests("nodes candidates", [what_a_node_holds_is_listed_promoted_and_banished_from_the_administration_host, what_is_not_seen_is_said]))
