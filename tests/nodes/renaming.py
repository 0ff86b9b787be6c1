#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mailboxes and domains that get other names: their mail goes along on the node, and nobody sees another's."""
import os
import sys

from cluster import Cluster, expect, message
from harness.site import run_tests


def subjects(node, address):
    return sorted(line[9:].decode() for mail in node.messages(address) for line in mail.splitlines() if line.startswith(b"Subject: "))


def fill(cluster, name="a", domain="one.example"):
    """Each mailbox has a message with its own name, as subject."""
    cluster.sync()
    for local in ("ann", "bob"):
        code, said = cluster.nodes[name].pipe("someone@far.example", [f"{local}@{domain}"], message(local))
        expect(code == 0, said)


def archived(node):
    """Messages that lie in the archive."""
    folders = [directory for directory, _, _ in os.walk(node.path("mail", ".archive")) if os.path.basename(directory) in ("new", "cur")]
    return [file for folder in folders for file in os.listdir(folder)]


def rename(cluster, noun, old, new, *options):
    """As the administrator says it, published at once."""
    cluster.admin.mailctl(noun, "rename", old, new, *options)
    cluster.publish()


def a_mailbox_with_another_name_keeps_its_mail():
    with Cluster() as cluster:
        fill(cluster)
        node = cluster.nodes["a"]
        cluster.admin.mailctl("mailbox", "rename", "ann@one.example", "anna@one.example")
        cluster.sync()
        expect(subjects(node, "anna@one.example") == ["ann"] and not os.path.exists(node.mailbox("ann@one.example")), subjects(node, "anna@one.example"))
        expect(archived(node) == [], archived(node))
        rename(cluster, "mailbox", "anna@one.example", "hanna@one.example")
        rename(cluster, "mailbox", "hanna@one.example", "ann@one.example", "--leave-alias")
        cluster.admin.mailctl("mailbox", "rename", "ann@one.example", "johanna@one.example")
        cluster.sync()  # three names in one pull
        expect(subjects(node, "johanna@one.example") == ["ann"], subjects(node, "johanna@one.example"))
        cluster.admin.mailctl("history", "revert", str(cluster.admin.json("history", "list")[0]["id"]), "--yes")
        cluster.sync()
        expect(subjects(node, "ann@one.example") == ["ann"], "a revert takes the mail back")
        expect(archived(node) == [], archived(node))


def a_domain_with_another_name_keeps_its_mail():
    with Cluster() as cluster:
        fill(cluster)
        node = cluster.nodes["a"]
        cluster.admin.mailctl("domain", "rename", "one.example", "uno.example")
        cluster.sync()
        for local in ("ann", "bob"):
            expect(subjects(node, f"{local}@uno.example") == [local], f"{local}: {subjects(node, f'{local}@uno.example')}")
        expect(not os.path.exists(node.path("mail", "one.example")) and archived(node) == [], archived(node))
        rename(cluster, "mailbox", "ann@uno.example", "anna@uno.example")
        cluster.admin.mailctl("domain", "rename", "uno.example", "eins.example", "--leave-alias")
        cluster.sync()
        expect(subjects(node, "anna@eins.example") == ["ann"] and subjects(node, "bob@eins.example") == ["bob"], "both at once")


def nobody_gets_the_mail_of_who_had_his_name():
    with Cluster() as cluster:
        fill(cluster)
        node = cluster.nodes["a"]
        for old, new in (("ann", "third"), ("bob", "ann"), ("third", "bob")):
            cluster.admin.mailctl("mailbox", "rename", f"{old}@one.example", f"{new}@one.example")
        cluster.sync()  # rows are what they were
        for name in ("ann", "bob"):
            expect(name not in subjects(node, f"{name}@one.example"), f"{name}@ has the mail of who had the name before")
        expect(len(archived(node)) == 2, archived(node))
        cluster.admin.mailctl("mailbox", "rename", "ann@one.example", "cleo@one.example")
        cluster.admin.mailctl("mailbox", "create", "ann@one.example", "--no-password", "--reuse")
        code, said = node.pipe("someone@far.example", ["ann@one.example"], message("cleo"))  # the name is still the old one's there
        expect(code == 0, said)
        cluster.sync()
        expect(subjects(node, "ann@one.example") == [], "who comes after sees what was there")
        expect(len(archived(node)) == 3, f"what came to the old name is neither here nor there: {archived(node)}")


def a_mailbox_takes_no_new_name_on_another_machine():
    with Cluster() as cluster:
        fill(cluster)
        cluster.admin.mailctl("mailbox", "rename", "ann@one.example", "anna@two.example", status=4)
        cluster.admin.mailctl("domain", "create", "three.example")
        cluster.place("three.example", "a")
        cluster.admin.mailctl("mailbox", "rename", "ann@one.example", "anna@three.example")
        cluster.sync()
        expect(subjects(cluster.nodes["a"], "anna@three.example") == ["ann"], "the mail stays behind")


def after_all_is_taken_anew_no_old_name_counts():
    with Cluster() as cluster:
        fill(cluster)
        node = cluster.nodes["a"]
        cluster.admin.mailctl("mailbox", "rename", "ann@one.example", "anna@one.example")
        cluster.sync()
        cluster.publish("--full")
        os.unlink(node.path("lib", "pulled"))
        cluster.pull("a")
        expect(subjects(node, "anna@one.example") == ["ann"], "lost by taking all anew")


sys.exit(run_tests("nodes renaming", [a_mailbox_with_another_name_keeps_its_mail, a_domain_with_another_name_keeps_its_mail,
                                      nobody_gets_the_mail_of_who_had_his_name, a_mailbox_takes_no_new_name_on_another_machine,
                                      after_all_is_taken_anew_no_old_name_counts]))
