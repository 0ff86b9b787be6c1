#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A domain whose mailboxes live on two machines: whatever leads to a name on the other one arrives there, by each machine's own Postfix."""
import os
import re
import shutil
import smtplib
import sys
import time

from cluster import ADDRESSES, Cluster, expect, message
from fronts import add_front, fragment, pull, split, start_nodes
from harness.postfix import Postfix
from harness.site import run_tests
from harness.smtp_sink import SmtpSink

SENDER = "someone@far.example"


def make_split(cluster):
    do = cluster.admin.mailctl
    split(cluster, "bob@one.example", "b")
    do("alias", "create", "robert@one.example", "bob@one.example")
    do("forward", "create", "both@one.example", "ann", "robert", "far@elsewhere.example")
    do("list", "create", "team@one.example", "ann", "bob", "ann@two.example")
    do("list", "create", "pair@two.example", "bob", "ann@one.example")
    do("forward", "create", "home@two.example", "ann@one.example", "bob@one.example")
    do("catchall", "set", "one.example", "redirect:ann@one.example")
    cluster.sync()


class Machines:
    """Nodes with agents and a Postfix each, and a front end, by which they reach other domains; it sends what is outside to a sink."""

    def __init__(self, mode="agent"):
        self.cluster, self.sink, self.postfixes, self.mode = Cluster(), SmtpSink(), {}, mode

    def __enter__(self):
        try:
            self.cluster.__enter__()
            for name in ADDRESSES:
                self.cluster.nodes[name].mailctl("config", "set", "maps.type=lmdb", f"maps.mode={self.mode}")
            make_split(self.cluster)
            start_nodes(self.cluster)
            front = add_front(self.cluster, "maps.type=lmdb")
            pull(front)
            self.add_postfix("front", fragment(front) + f"default_transport = sink:[127.0.0.1]:{self.sink.port}\n", "sink unix - - n - - smtp\n")
            for name in ADDRESSES:
                self.start_postfix(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def start_postfix(self, name):
        node = self.cluster.nodes[name]
        main, master = (open(node.path("lib", "maps", file), encoding="utf-8").read() for file in ("main.cf", "master.cf"))
        main = re.sub(r"(?m)^sender_dependent_default_transport_maps.*\n", "", main)
        self.add_postfix(name, main + f"default_transport = smtp:[127.0.0.1]:{self.postfixes['front'].port}\n", master)
        node.mailctl("config", "set", f"submit=smtp:127.0.0.1:{self.postfixes[name].port}")

    def add_postfix(self, name, main, master):
        self.postfixes[name] = Postfix(main=main, master=master)
        self.postfixes[name].start()

    def __exit__(self, *unused):
        for postfix in self.postfixes.values():
            postfix.close()
        self.cluster.__exit__()
        self.sink.close()

    def settle(self):
        for _ in range(3):
            for postfix in self.postfixes.values():
                postfix.wait_until_empty()

    def send(self, recipients, subject, sender=SENDER):
        expect(self.postfixes["front"].send(sender, recipients, message(subject)) == {}, f"{recipients}: refused")
        self.settle()

    def send_to_node(self, name, recipients, subject):
        """By LMTP, past every route."""
        with smtplib.LMTP(ADDRESSES[name], 24, local_hostname="front.test.example") as client:
            expect(client.sendmail(SENDER, recipients, message(subject)) == {}, f"node {name} refuses {recipients}")
        self.settle()

    def copies(self, subject):
        """{machine:mailbox: messages} of those with this subject."""
        found = {}
        for name in ADDRESSES:
            for address in ("ann@one.example", "bob@one.example", "ann@two.example", "bob@two.example"):
                mails = [mail for mail in self.cluster.nodes[name].messages(address) if f"Subject: {subject}\n".encode() in mail]
                if mails:
                    found[f"{name}:{address}"] = mails
        return found

    def arrive(self, subject, *places):
        copies = self.copies(subject)
        expect({place: len(mails) for place, mails in copies.items()} == {place: 1 for place in places}, f"{subject}: {copies}\n{self.logs()}")
        return copies

    def logs(self):
        return "\n".join(f"--- {name}\n{postfix.log()[-3000:]}" for name, postfix in self.postfixes.items())


def return_path(mail):
    return re.search(rb"(?m)^Return-Path: <(.*)>$", mail)[1].decode()


def what_leads_to_a_mailbox_on_another_machine_arrives_there(mode="agent"):
    with Machines(mode) as machines:
        machines.send(["both@one.example"], "both")
        copies = machines.arrive("both", "a:ann@one.example", "b:bob@one.example")
        expect(return_path(copies["b:bob@one.example"][0]) == SENDER, "the sender is rewritten within the site")
        senders = [sender for sender, recipients, _ in machines.sink.messages if recipients == ["far@elsewhere.example"]]
        expect(len(senders) == 1 and senders[0].startswith("SRS0="), f"{senders}")
        machines.send(["team@one.example"], "team")
        copies = machines.arrive("team", "a:ann@one.example", "b:bob@one.example", "b:ann@two.example")
        for mails in copies.values():
            expect(return_path(mails[0]) == "team-owner@one.example" and b"List-Id:" in mails[0], mails[0])
        machines.send(["pair@two.example"], "pair")
        machines.arrive("pair", "b:bob@two.example", "a:ann@one.example")
        machines.send(["home@two.example"], "home")
        machines.arrive("home", "a:ann@one.example", "b:bob@one.example")
        machines.send(["nobody@one.example"], "nobody")
        machines.arrive("nobody", "a:ann@one.example")


def mail_at_the_wrong_machine_is_passed_on_and_no_catch_all_takes_it(mode="agent"):
    with Machines(mode) as machines:
        for number, recipient in enumerate(("bob@one.example", "robert@one.example", "bob+x@one.example")):
            machines.send_to_node("a", [recipient], f"wrong{number}")
            copies = machines.arrive(f"wrong{number}", "b:bob@one.example")
            expect(return_path(copies["b:bob@one.example"][0]) == SENDER, "another sender")
        machines.send_to_node("b", ["ann@one.example"], "back")
        machines.arrive("back", "a:ann@one.example")
        machines.send_to_node("b", ["both@one.example"], "back-both")
        machines.arrive("back-both", "a:ann@one.example", "b:bob@one.example")
        machines.send_to_node("b", ["anybody@one.example"], "back-unknown")
        machines.arrive("back-unknown", "a:ann@one.example")
        for name in ADDRESSES:  # as a user of that machine submits
            postfix = machines.postfixes[name]
            expect(postfix.send(SENDER, [{"a": "bob", "b": "ann"}[name] + "@one.example"], message(f"submitted-{name}")) == {}, "refused")
            machines.settle()
            machines.arrive(f"submitted-{name}", {"a": "b:bob@one.example", "b": "a:ann@one.example"}[name])


def in_postfix_mode_too():
    what_leads_to_a_mailbox_on_another_machine_arrives_there("postfix")
    mail_at_the_wrong_machine_is_passed_on_and_no_catch_all_takes_it("postfix")


def machines_that_send_a_mail_to_each_other_let_it_wait():
    with Cluster() as cluster:
        make_split(cluster)
        node = cluster.nodes["a"]
        for mark, status in (("bob=one.example@b.test.example", (0, 75)), ("bob=one.example@a.test.example", (75,))):
            code, _ = node.pipe(SENDER, ["bob@one.example"], f"Delivered-To: {mark}\n".encode() + message("loop"))
            expect(code in status, f"{mark}: {code}")
        last = node.journal()[-1]
        expect("before" in str(last) and "deferred" in str(last), last)


def a_node_says_what_is_elsewhere_and_forgets_it_when_it_comes():
    with Cluster() as cluster:
        make_split(cluster)
        a, b = cluster.nodes["a"], cluster.nodes["b"]
        rows = {row["address"]: row["kind"] for row in a.json("address", "list", "one.example")}
        expect((rows["bob@one.example"], rows["robert@one.example"], rows["ann@one.example"]) == ("elsewhere", "elsewhere", "mailbox"), rows)
        plan = a.json("explain", "bob+x@one.example")[0]
        expect(plan["outcome"] == "deliver" and plan["forwards"] == ["bob+x@one.example"] and "on node 'b'" in plan["actions"][0], plan)
        plan = b.json("explain", "ann@one.example", "--from", SENDER)[0]
        expect(plan["forwards"] == ["ann@one.example"] and plan["sender"] is None and "on node 'a'" in plan["actions"][0], plan)
        expect(not os.path.exists(a.mailbox("bob@one.example")) and os.path.exists(b.mailbox("bob@one.example")), "a Maildir on the wrong machine")
        transport = open(a.path("lib", "maps", "transport"), encoding="utf-8").read()
        expect("bob@one.example lmtp:inet:[127.0.0.3]:24\n" in transport and "robert@one.example lmtp:inet:[127.0.0.3]:24\n" in transport, transport)
        expect("\none.example lmtp:inet:[127.0.0.2]:24\n" in open(b.path("lib", "maps", "transport"), encoding="utf-8").read(), "b does not know where the rest is")
        generation = cluster.generation()
        expect("nothing to publish" in cluster.admin_notes("publish"), "published again")
        cluster.admin.mailctl("node", "set", "b", "lmtp=127.0.0.3:2424")
        cluster.sync()
        expect("bob@one.example lmtp:inet:[127.0.0.3]:2424\n" in open(a.path("lib", "maps", "transport"), encoding="utf-8").read(), "the old address")
        split_back(cluster)
        cluster.sync()
        expect(cluster.generation() == generation + 2, "not one generation each")
        rows = {row["address"]: row["kind"] for row in a.json("address", "list", "one.example")}
        expect((rows["bob@one.example"], rows["robert@one.example"]) == ("mailbox", "alias"), rows)
        expect(cluster.database.sql("select count(*) from mailctl.entry where kind = 'e' and not deleted") == "0", "rows are left")
        expect(b.mailctl("domain", "list", "--plain").count("one.example") == 0, "b still has the domain")
        a.mailctl("map", "check")


def split_back(cluster):
    path = cluster.admin.path("etc", "domains", "one.example.toml")
    with open(path, encoding="utf-8") as file:
        old = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(old.replace('[mailbox.bob]\nnode = "b"\n', "[mailbox.bob]\n"))
    cluster.admin.mailctl("apply")


def nobody_is_warned_of_what_works():
    with Cluster() as cluster:
        make_split(cluster)
        said = cluster.admin_notes("config", "check") + cluster.admin_notes("publish", "--full")
        expect("passes no mail" not in said and "leaves out" not in said, said)


if __name__ == "__main__":
    tests = [a_node_says_what_is_elsewhere_and_forgets_it_when_it_comes, machines_that_send_a_mail_to_each_other_let_it_wait, nobody_is_warned_of_what_works]
    if os.getuid() == 0 and shutil.which("postfix", path="/usr/sbin:/usr/bin"):
        tests += [what_leads_to_a_mailbox_on_another_machine_arrives_there, mail_at_the_wrong_machine_is_passed_on_and_no_catch_all_takes_it,
                  in_postfix_mode_too]
    sys.exit(run_tests("nodes split", tests))
