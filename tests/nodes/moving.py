#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail that moves to another node while more of it comes: nothing is lost, nothing is there twice, whoever is killed on the way."""
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time

from cluster import ADDRESSES, Cluster, expect
from harness.site import Site, run_tests

VIP = "vip@one.example"


class Loop:
    """A `node pull` that goes on, and can be killed and started again."""

    def __init__(self, site, *words):
        self.site, self.words, self.process = site, words, None
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.site.command("mailctl", "node", "pull", *self.words), env=self.site.environment(),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()


class InetLmtp:
    """One message to one recipient at an agent; its last answer."""

    def __init__(self, address, port=24):
        self.socket = socket.create_connection((address, port), 30)
        self.file = self.socket.makefile("rb")

    def ask(self, text):
        if text:
            self.socket.sendall(text.encode())
        while True:
            line = self.file.readline().decode()
            if line[3:4] != "-":
                return line.strip()

    def deliver(self, recipient, number):
        try:
            self.ask("")
            for line in ("LHLO x", "MAIL FROM:<a@far.example>", f"RCPT TO:<{recipient}>", "DATA"):
                answer = self.ask(line + "\r\n")
                if answer[0] not in "23":
                    return answer
            return self.ask(f"Subject: {number}\r\nX-Number: {number}\r\n\r\nhello\r\n.\r\n")
        finally:
            self.socket.close()


class Front:
    """What Postfix would do by the front end's map: one message after another, each again until it is taken. Anything but a deferral is an error."""

    def __init__(self, site, recipient):
        self.site, self.recipient, self.taken, self.deferrals, self.trouble = site, recipient, [], 0, []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def target(self):
        with open(self.site.path("lib", "maps", "front-transport"), encoding="utf-8") as file:
            rows = dict(line.rstrip("\n").split(" ", 1) for line in file if " " in line and not line.startswith("#"))
        return rows.get(self.recipient) or rows[self.recipient.split("@")[1]]

    def run(self):
        number = 0
        while not self.ended.is_set():
            number += 1
            while not self.send(number):
                self.deferrals += 1
                time.sleep(0.02)

    def send(self, number):
        try:
            found = re.match(r"lmtp:inet:\[([0-9.]+)\]:(\d+)", self.target())
            if not found:
                return False
            answer = InetLmtp(found[1], int(found[2])).deliver(self.recipient, number)
        except (OSError, KeyError):
            return False
        if answer.startswith("250"):
            self.taken.append(number)
            return True
        if not answer.startswith("4"):
            self.trouble.append(answer)
            return True
        return False

    def end(self):
        self.ended.set()
        self.thread.join()


class Machines:
    def __enter__(self):
        self.cluster = Cluster().__enter__()
        self.admin, self.nodes = self.cluster.admin, self.cluster.nodes
        self.front = self.nodes["front"] = Site(hostname="front.test.example",
                                                settings=("maps.type=texthash", f"publish.database={self.cluster.database.conninfo('reader')}"))
        for name in ADDRESSES:
            self.admin.mailctl("node", "set", name, "mail=" + self.nodes[name].path("mail"))
        self.admin.mailctl("mailbox", "create", VIP, "--no-password", "--alias", "boss")
        self.cluster.publish()
        for name in ADDRESSES:
            self.cluster.pull(name)
            self.nodes[name].start_agent(arguments=("--listen", f"inet:{ADDRESSES[name]}:24"))
        self.front.mailctl("node", "pull", "--front", "--once")
        self.loops = [Loop(self.nodes["a"], "a"), Loop(self.nodes["b"], "b"), Loop(self.front, "--front")]
        return self

    def __exit__(self, *unused):
        for loop in self.loops:
            loop.kill()
        self.cluster.__exit__()

    def numbers(self, name, address=VIP):
        return sorted(int(re.search(rb"X-Number: (\d+)", message)[1]) for message in self.nodes[name].messages(address))

    def wait_for(self, condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            expect(time.monotonic() < deadline, what)
            time.sleep(0.05)


def check_all_there(machines, name, sender, address=VIP):
    expect(sender.trouble == [], f"refused: {sender.trouble[:3]}")
    there = machines.numbers(name, address)
    missing = sorted(set(sender.taken) - set(there))
    expect(missing == [], f"of {len(sender.taken)} messages {len(missing)} are lost: {missing[:5]}")
    twice = sorted(number for number in set(there) if there.count(number) > 1)
    expect(twice == [], f"twice: {twice[:5]}")


def a_mailbox_moves_there_and_back_while_mail_for_it_comes():
    with Machines() as machines:
        sender = Front(machines.front, VIP)
        machines.wait_for(lambda: len(sender.taken) > 20, "nothing arrives")
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "b", "--wait", "90s")
        expect(machines.admin.json("mailbox", "show", VIP)[0]["node"] == "b", "it does not say so")
        count = len(sender.taken)
        machines.wait_for(lambda: len(sender.taken) > count + 20, "nothing arrives at the new place")
        expect(sender.deferrals > 0, "nothing was deferred: the test did not test")
        machines.wait_for(lambda: not os.path.exists(machines.nodes["a"].mailbox(VIP)), "the source has it still")
        for name in (VIP, "boss@one.example", "vip+x@one.example"):
            answer = InetLmtp(ADDRESSES["a"]).deliver(name, 0)
            expect(answer.startswith("450"), f"what is still on its way to the old place bounces: {name}: {answer}")
        expect(InetLmtp(ADDRESSES["a"]).deliver("nobody@one.example", 0).startswith("550"), "unknown names are not refused any more")
        kept = [row for row in machines.nodes["a"].json("mailbox", "list", "--deleted") if row["address"] == VIP]
        expect(len(kept) == 1 and kept[0].get("keep_until"), f"{kept}")
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "a", "--wait", "90s")
        count = len(sender.taken)
        machines.wait_for(lambda: len(sender.taken) > count + 20, "nothing arrives at the old place")
        sender.end()
        check_all_there(machines, "a", sender)
        with open(machines.admin.path("etc", "domains", "one.example.toml"), encoding="utf-8") as file:
            text = file.read()
        expect("move_to" not in text and text.count("node = ") == 1, f"keys are left: {text}")


def a_domain_moves_with_all_that_lives_where_it_does():
    with Machines() as machines:
        sender = Front(machines.front, "boss@one.example")
        machines.wait_for(lambda: len(sender.taken) > 5, "nothing arrives")
        machines.admin.mailctl("domain", "move", "one.example", "--node", "b", "--wait", "90s")
        count = len(sender.taken)
        machines.wait_for(lambda: len(sender.taken) > count + 5, "nothing arrives at the new place")
        sender.end()
        check_all_there(machines, "b", sender)
        names = sorted(row["address"] for row in machines.nodes["b"].json("mailbox", "list", "one.example"))
        expect(names == ["admin@one.example", "ann@one.example", "bob@one.example", VIP], names)
        machines.wait_for(lambda: machines.nodes["a"].json("domain", "list") == [], "the source has it still")
        for name in (VIP, "info@one.example", "nobody@one.example"):
            expect(InetLmtp(ADDRESSES["a"]).deliver(name, 0).startswith("450"), f"{name} bounces")
        expect(any(name.startswith("vip-") for name in os.listdir(machines.nodes["a"].path("mail", ".archive", "one.example"))), "nothing is archived")


def what_is_given_up_stays_where_it_was():
    with Machines() as machines:
        sender = Front(machines.front, VIP)
        machines.wait_for(lambda: len(sender.taken) > 5, "nothing arrives")
        machines.loops[1].kill()  # b does not answer
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "b", "--wait", "1s", status=75)
        machines.wait_for(lambda: machines.cluster.database.sql("select digest from mailctl.move_status where node = 'a'") != "", "a tells nothing")
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "b", "--wait", "1s", status=75)
        said = subprocess.run(machines.admin.command("mailctl", "node", "status"), env=machines.admin.environment(), capture_output=True, text=True, check=True)
        expect("vip@one.example moves from a to b: waits for b to fetch the mail" in said.stdout + said.stderr, said.stdout + said.stderr)
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "a")
        count = len(sender.taken)
        machines.wait_for(lambda: len(sender.taken) > count + 5, "mail waits still")
        sender.end()
        check_all_there(machines, "a", sender)
        machines.loops[1].start()
        machines.wait_for(lambda: VIP not in str(machines.nodes["b"].json("mailbox", "list")), "b has it")


def a_delivery_that_began_before_is_waited_for():
    with Machines() as machines:
        lib = machines.nodes["a"].path("lib", "deliveries")
        holder = subprocess.Popen([sys.executable, "-c", "import fcntl, struct, sys, time\nf = open(sys.argv[1])\n"
                                   "fcntl.fcntl(f, 37, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, 1, 1, 0))\nprint('held', flush=True)\ntime.sleep(600)", lib],
                                  stdout=subprocess.PIPE, text=True)
        try:
            expect(holder.stdout.readline() == "held\n", "no lock")
            machines.admin.mailctl("mailbox", "move", VIP, "--node", "b", "--wait", "4s", status=75)
            told = machines.cluster.database.sql("select digest || '/' || error from mailctl.move_status where node = 'a'")
            expect(told.startswith("/deliveries are under way"), told)
        finally:
            holder.kill()
            holder.wait()
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "b", "--wait", "90s")


def whoever_is_killed_the_same_command_goes_on():
    chance = random.Random(7)
    with Machines() as machines:
        sender = Front(machines.front, VIP)
        machines.wait_for(lambda: len(sender.taken) > 20, "nothing arrives")
        place = "a"
        for round_ in range(6):
            target = "b" if place == "a" else "a"
            deadline = time.monotonic() + 120
            while True:
                command = machines.admin.command("mailctl", "mailbox", "move", VIP, "--node", target)
                move = subprocess.Popen(command, env=machines.admin.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    if move.wait(chance.uniform(0.05, 3)) == 0:
                        break
                except subprocess.TimeoutExpired:
                    pass
                move.kill()
                move.wait()
                loop = chance.choice(machines.loops)
                loop.kill()
                loop.start()
                expect(time.monotonic() < deadline, f"round {round_}: it never ends")
            place = target
            count = len(sender.taken)
            machines.wait_for(lambda: len(sender.taken) > count, f"round {round_}: nothing arrives at {place}")
        sender.end()
        check_all_there(machines, place, sender)


def what_cannot_move_says_why():
    with Machines() as machines:
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "nowhere", status=3)
        machines.admin.mailctl("mailbox", "move", "nobody@one.example", "--node", "b", status=3)
        machines.admin.mailctl("mailbox", "move", VIP, status=2)
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "a")  # it is there
        machines.admin.mailctl("node", "set", "a", "mail=")
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "b", "--wait", "4s", status=75)
        machines.wait_for(lambda: "mail=HOST:PATH" in machines.cluster.database.sql("select error from mailctl.move_status where node = 'b'"), "no reason")
        machines.admin.mailctl("domain", "move", "one.example", "--node", "b", "--wait", "0s", status=4)
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "a")
        machines.cluster.database.stop()
        machines.admin.mailctl("mailbox", "move", VIP, "--node", "b", status=75)
        machines.cluster.database.start()


if __name__ == "__main__":
    sys.exit(run_tests("nodes moving", [a_mailbox_moves_there_and_back_while_mail_for_it_comes, a_domain_moves_with_all_that_lives_where_it_does,
                                        what_is_given_up_stays_where_it_was, a_delivery_that_began_before_is_waited_for,
                                        whoever_is_killed_the_same_command_goes_on, what_cannot_move_says_why]))
