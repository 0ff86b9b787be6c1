#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a node makes of what is published: its own files, by which it serves on whatever becomes of the database."""
import os
import signal
import subprocess
import sys
import time

from cluster import Cluster, expect
from harness.lmtp_client import LmtpClient
from harness.site import WAITING, run_tests

MESSAGE = "From: a@far.example\r\nSubject: hello\r\n\r\nhello\r\n"


def deliver(site, recipient):
    with LmtpClient(site.socket) as client:
        client.say("MAIL FROM:<a@far.example>")
        client.reply()
        client.say(f"RCPT TO:<{recipient}>")
        answer = client.reply()
        if not str(answer).lstrip("[('").startswith("250"):
            return answer
        client.say("DATA")
        client.reply()
        client.send((MESSAGE + ".\r\n").encode())
        return client.reply()


def mailboxes(site):
    return sorted(row["address"] for row in site.json("mailbox", "list"))


def what_is_published_is_on_the_node_that_has_it_and_nowhere_else():
    with Cluster() as cluster:
        cluster.sync()
        expect(mailboxes(cluster.nodes["a"]) == ["admin@one.example", "ann@one.example", "bob@one.example"], mailboxes(cluster.nodes["a"]))
        expect(mailboxes(cluster.nodes["b"]) == ["ann@two.example", "bob@two.example"], mailboxes(cluster.nodes["b"]))
        for name, domain in (("a", "one.example"), ("b", "two.example")):
            node = cluster.nodes[name]
            expect(node.mailctl("export", domain, "--with-hashes") == cluster.admin.mailctl("export", domain, "--with-hashes").replace(f",{name}\n", ",\n"),
                   "the node says something else than the administration host")
            node.mailctl("map", "check")
            node.mailctl("config", "check")
            expect(os.path.isdir(node.mailbox(f"ann@{domain}", "new")), "no Maildir")
            expect("nothing to change" in pull_again(cluster, name), "a second pull changes something")


def pull_again(cluster, name):
    node = cluster.nodes[name]
    done = subprocess.run(node.command("mailctl", "node", "pull", name, "--once"), capture_output=True, text=True, env=node.environment(), check=True)
    return done.stdout + done.stderr


def every_kind_of_account_and_every_change_arrives():
    with Cluster() as cluster:
        cluster.sync()
        run = cluster.admin.mailctl
        for words in (["mailbox", "create", "cleo@one.example", "--alias", "c", "--quota", "1G", "--generate"],
                      ["autoreply", "set", "cleo@one.example", "--message", "Away\n\n'''\"\"\"\\ \t end", "--subject", "x # y"],
                      ["robot", "create", "hello@one.example", "--message", "hi"],
                      ["list", "create", "all@one.example", "ann@one.example", "ann@two.example", "--post", "members"],
                      ["banished", "add", "promo-*@one.example", "promo-good@one.example", "--answer", "reject"],
                      ["catchall", "set", "one.example", "redirect:ann@one.example"],
                      ["domain", "set", "one.example", "owner=alice", "limits.mailboxes=6"],
                      ["domain", "alias-add", "one.example", "eins.example"],
                      ["mailbox", "set", "bob@one.example", "name=Bob", "aliases+=robert"],
                      ["mailbox", "suspend", "ann@one.example", "--reason", "unpaid"],
                      ["alias", "move", "robert@one.example", "ann@one.example"],
                      ["mailbox", "rename", "bob@one.example", "rob@one.example", "--leave-alias"],
                      ["forward", "delete", "info@one.example", "--yes"],
                      ["mailbox", "create", "info@one.example", "--no-password"],
                      ["config", "set", "delivery.over_quota=defer", "candidates.names=7", "alternate_suffix=alt.example"],
                      ["mailbox", "delete", "cleo@one.example", "--yes"],
                      ["banished", "remove", "promo-*@one.example"], ["config", "set", "delivery.over_quota="]):
            run(*words, stdin="")
            cluster.sync()
            same_on_both(cluster, words)


def same_on_both(cluster, words):
    node, admin = cluster.nodes["a"], cluster.admin
    expect(node.mailctl("export", "one.example", "--with-hashes") == admin.mailctl("export", "one.example", "--with-hashes").replace(",a\n", ",\n"),
           f"after {words}: accounts differ")
    for verb in (["banished", "list"], ["catchall", "show"], ["list", "list"]):
        expect(node.mailctl(*verb, "one.example", "--plain") == admin.mailctl(*verb, "one.example", "--plain"), f"after {words}: {verb} differ")
    for key in ("delivery.over_quota", "candidates.names", "alternate_suffix"):
        expect(node.mailctl("config", "show", key, "--plain").split("\t")[1] == admin.mailctl("config", "show", key, "--plain").split("\t")[1], f"{words}: {key}")
    node.mailctl("map", "check")


def a_node_serves_for_as_long_as_the_database_is_down():
    with Cluster() as cluster:
        cluster.sync()
        node = cluster.nodes["a"]
        node.start_agent()
        loop = subprocess.Popen(node.command("mailctl", "node", "pull", "a"), env=node.environment(), stderr=subprocess.PIPE, text=True)
        try:
            time.sleep(1)
            cluster.database.stop(signal.SIGQUIT)
            cluster.admin.mailctl("mailbox", "create", "cleo@one.example", "--no-password")
            cluster.publish(status=75)
            cluster.pull("a", status=75)
            cluster.admin.mailctl("node", "status", status=75)
            expect(str(deliver(node, "ann@one.example")).count("250") == 1, "no delivery")
            expect(len(node.messages("ann@one.example")) == 1, "not delivered")
            expect("550" in str(deliver(node, "nobody@one.example")), "an unknown name is not refused")
            expect(loop.poll() is None, "the loop ended")
            cluster.database.start()
            cluster.publish()
            deadline = time.monotonic() + 60
            while "cleo@one.example" not in mailboxes(node):
                expect(time.monotonic() < deadline and loop.poll() is None, "the loop does not come back")
                time.sleep(0.2)
            cluster.admin.mailctl("mailbox", "create", "dan@one.example", "--no-password")
            begin = time.monotonic()
            cluster.publish()
            while "dan@one.example" not in mailboxes(node):
                expect(time.monotonic() - begin < 20, "a notification is not heard")
                time.sleep(0.1)
        finally:
            loop.kill()
            said = loop.communicate()[1]
        expect(said.count("cannot connect") <= 2, f"the same is said again and again: {said}")


def a_node_that_was_away_for_three_generations_catches_up_with_one_pull():
    with Cluster() as cluster:
        cluster.sync()
        for name in ("cleo", "dan", "eve"):
            cluster.admin.mailctl("mailbox", "create", f"{name}@one.example", "--no-password")
            cluster.publish()
        cluster.admin.mailctl("mailbox", "delete", "dan@one.example", "--yes")
        cluster.publish()
        state = {row["id"]: row for row in cluster.admin.json("node", "status")}
        expect((state["a"]["generation"], state["a"]["lag"]) == (1, 4), state)
        cluster.pull("a")
        expect(mailboxes(cluster.nodes["a"]) == [f"{name}@one.example" for name in ("admin", "ann", "bob", "cleo", "eve")], "not caught up")
        state = {row["id"]: row for row in cluster.admin.json("node", "status")}
        expect((state["a"]["lag"], state["b"]["lag"], state["a"]["error"]) == (0, 4, None), state)


def mail_of_what_goes_is_kept():
    with Cluster() as cluster:
        cluster.sync()
        node = cluster.nodes["a"]
        node.start_agent()
        deliver(node, "bob@one.example")
        cluster.admin.mailctl("mailbox", "delete", "bob@one.example", "--yes")
        cluster.sync()
        expect(not os.path.isdir(node.mailbox("bob@one.example")), "the Maildir is there still")
        kept = [name for _, _, files in os.walk(node.path("mail", ".archive")) for name in files]
        expect(kept, "nothing was kept")
        expect("550" in str(deliver(node, "bob@one.example")), "it takes mail still")


def what_a_hand_changed_on_the_node_is_put_right():
    with Cluster() as cluster:
        cluster.sync()
        node = cluster.nodes["a"]
        node.mailctl("mailbox", "create", "stray@one.example", "--no-password")
        node.mailctl("mailbox", "set", "ann@one.example", "name=Wrong")
        cluster.admin.mailctl("mailbox", "set", "bob@one.example", "name=Bob")
        cluster.sync()
        same_on_both(cluster, ["a hand"])
        os.unlink(node.path("lib", "pulled"))
        node.mailctl("mailbox", "create", "stray@one.example", "--no-password", "--reuse")
        cluster.pull("a")
        same_on_both(cluster, ["a lost book"])


def another_secret_is_refused():
    with Cluster() as cluster:
        cluster.publish()
        node = cluster.nodes["a"]
        with open(node.path("etc", "srs.secret"), "w", encoding="utf-8") as file:
            file.write("another-secret-than-that-of-all-others\n")
        cluster.pull("a", status=4)
        expect(node.json("domain", "list") == [], "it took something")
        expect("srs.secret" in {row["id"]: row for row in cluster.admin.json("node", "status")}["a"]["error"], "not reported")


def what_is_not_the_nodes_is_not_taken_away_unasked():
    with Cluster() as cluster:
        cluster.publish()
        cluster.admin.mailctl("node", "pull", "a", "--once", status=4)
        expect(len(cluster.admin.json("domain", "list")) == 2, "the administration host lost domains")
        node = cluster.nodes["a"]
        node.mailctl("domain", "create", "own.example")
        cluster.pull("a", status=4)
        expect([row["domain"] for row in node.json("domain", "list")] == ["own.example"], "it went, or something came")
        cluster.pull("a", "--yes")
        expect([row["domain"] for row in node.json("domain", "list")] == ["one.example"], node.json("domain", "list"))


def a_name_that_is_no_node_is_not_found():
    with Cluster() as cluster:
        cluster.publish()
        cluster.nodes["a"].mailctl("node", "pull", "aa", "--once", status=3)


def a_dry_run_shows_and_writes_nothing():
    with Cluster() as cluster:
        cluster.publish()
        text = cluster.pull("a", "-n")
        expect("+[mailbox.ann]" in text, text)
        expect(cluster.nodes["a"].json("domain", "list") == [] and not os.path.exists(cluster.nodes["a"].path("lib", "pulled")), "it wrote")



sys.exit(run_tests("nodes", [what_is_published_is_on_the_node_that_has_it_and_nowhere_else, every_kind_of_account_and_every_change_arrives,
                             a_node_serves_for_as_long_as_the_database_is_down, a_node_that_was_away_for_three_generations_catches_up_with_one_pull,
                             mail_of_what_goes_is_kept, what_a_hand_changed_on_the_node_is_put_right, another_secret_is_refused, what_is_not_the_nodes_is_not_taken_away_unasked,
                             a_name_that_is_no_node_is_not_found, a_dry_run_shows_and_writes_nothing], WAITING))
