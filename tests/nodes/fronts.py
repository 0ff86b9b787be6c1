#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A front end: its maps from what is published, and what a real Postfix and a real Dovecot make of them. Needs root, as they do."""
import imaplib
import os
import smtplib
import shutil
import subprocess
import sys
import time

from cluster import ADDRESSES, Cluster, expect
from harness.dovecot import Dovecot
from harness.postfix import Postfix
from harness.site import UNPRIVILEGED, Site, run_tests

MESSAGE = b"From: a@far.example\nTo: x\nSubject: hello\nMessage-ID: <1@far.example>\n\nhello\n"
PASSWORD = "correct horse"


def add_front(cluster, *settings):
    front = Site(hostname="front.test.example", settings=(f"publish.database={cluster.database.conninfo('reader')}", *settings))
    cluster.nodes["front"] = front  # closed with the others
    return front


def pull(front, status=0, *arguments):
    return front.mailctl("node", "pull", "--front", "--once", *arguments, status=status)


def text(front, name):
    with open(front.path("lib", "maps", name), encoding="utf-8") as file:
        return file.read()


def stamps(front):
    directory = front.path("lib", "maps")
    return {name: os.stat(os.path.join(directory, name)).st_mtime_ns for name in os.listdir(directory) if name.startswith("front-")}


def written(front, before):
    after = stamps(front)
    return sorted(name for name in after if after[name] != before.get(name))


def split(cluster, address, node):
    """The mailbox lives there; mail is not moved."""
    local, domain = address.split("@")
    path = cluster.admin.path("etc", "domains", f"{domain}.toml")
    with open(path, encoding="utf-8") as file:
        old = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(old.replace(f"[mailbox.{local}]\n", f'[mailbox.{local}]\nnode = "{node}"\n'))
    cluster.admin.mailctl("apply")


def everybody_is_led_to_his_machine_and_only_what_changed_is_written():
    with Cluster() as cluster:
        front = add_front(cluster, "maps.type=texthash")
        cluster.publish()
        pull(front)
        transport = text(front, "front-transport")
        expect("one.example lmtp:inet:[127.0.0.2]:24\n" in transport and "two.example lmtp:inet:[127.0.0.3]:24\n" in transport, transport)
        expect("bob@two.example ok\n" in text(front, "front-recipients") and "info@one.example ok\n" in text(front, "front-recipients"), "names are missing")
        expect("one.example:::::::proxy=y host=127.0.0.2 nopassword=y\n" in text(front, "front-routes"), text(front, "front-routes"))
        before = stamps(front)
        expect("nothing to change" in subprocess.run(front.command("mailctl", "node", "pull", "--front", "--once"), env=front.environment(),
                                                     capture_output=True, text=True, check=True).stderr, "a second pull changes something")
        expect(written(front, before) == [], written(front, before))
        cluster.admin.mailctl("mailbox", "create", "cleo@one.example", "--no-password")
        cluster.publish()
        pull(front)
        expect(written(front, before) == ["front-recipients"], written(front, before))
        split(cluster, "cleo@one.example", "b")
        cluster.publish()
        pull(front)
        expect("cleo@one.example lmtp:inet:[127.0.0.3]:24\n" in text(front, "front-transport"), text(front, "front-transport"))
        expect("cleo@one.example:::::::proxy=y host=127.0.0.3 nopassword=y\n" in text(front, "front-exceptions"), text(front, "front-exceptions"))
        cluster.admin.mailctl("mailbox", "delete", "cleo@one.example", "--yes")
        cluster.publish()
        pull(front)
        for name in ("front-transport", "front-exceptions", "front-recipients"):
            expect("cleo@" not in text(front, name).replace("#leo@", ""), f"{name} has a name that is no more")
        state = {row["id"]: row for row in cluster.admin.json("node", "status")}
        expect(state["front.test.example"]["lag"] == 0, state)


def no_password_comes_to_a_front_end():
    with Cluster() as cluster:
        front = add_front(cluster, "maps.type=texthash")
        cluster.admin.mailctl("mailbox", "password", "ann@one.example", "--password-stdin", stdin=PASSWORD)
        cluster.publish()
        pull(front)
        for directory, _, names in os.walk(front.path("lib")):
            for name in names:
                with open(os.path.join(directory, name), "rb") as file:
                    expect(b"$y$" not in file.read(), f"{name} has a hash")


def maps_that_were_edited_or_lost_are_made_again_also_with_the_database_at_the_same_generation():
    with Cluster() as cluster:
        front = add_front(cluster, "maps.type=texthash")
        cluster.publish()
        pull(front)
        good = text(front, "front-routes")
        with open(front.path("lib", "maps", "front-routes"), "a", encoding="utf-8") as file:
            file.write("evil.example:::::::proxy=y host=192.0.2.1 nopassword=y\n")
        os.unlink(front.path("lib", "maps", "front-domains"))
        pull(front)
        expect(text(front, "front-routes") == good and "one.example" in text(front, "front-domains"), "not made again")
        front.mailctl("map", "build")
        expect(text(front, "front-routes") == good, "'map build' took them for leftovers")


def a_front_end_has_no_name_and_a_node_has_one():
    with Cluster() as cluster:
        front = add_front(cluster, "maps.type=texthash")
        front.mailctl("node", "pull", "mx1", "--front", "--once", status=2)
        front.mailctl("node", "pull", "--once", status=2)
        pull(front, 4)  # nothing was published yet
        cluster.publish()
        pull(front, 0, "-n")
        expect(not os.path.exists(front.path("lib", "maps", "front-routes")), "-n writes")


def start_nodes(cluster):
    for name, address in ADDRESSES.items():
        cluster.nodes[name].start_agent(arguments=("--listen", f"inet:{address}:24"))


def fragment(front):
    return text(front, "front-main.cf")


def wait_for_answer(postfix, recipient, code):
    """trivial-rewrite(8) looks every 10 seconds whether a table was replaced, and smtpd(8) remembers the last address for 30."""
    deadline = time.monotonic() + 60
    for number in range(1000):
        answer = postfix.refusal(recipient.replace("@", f"+{number}@"))
        if answer[0] == code:
            return
        expect(time.monotonic() < deadline, f"{recipient}: {answer}")
        time.sleep(0.5)


def send_when_taken(postfix, recipient, deadline):
    """Another smtpd(8) or trivial-rewrite(8) than the one that answered may know the old table for some seconds more."""
    while True:
        try:
            return postfix.send("a@far.example", [recipient], MESSAGE)
        except smtplib.SMTPRecipientsRefused as refused:
            expect(refused.recipients[recipient][0] == 450 and time.monotonic() < deadline, f"{refused}")
            time.sleep(0.5)


def count(cluster, name, address):
    return len(cluster.nodes[name].messages(address))


def mail_finds_its_machine_and_waits_for_one_that_is_drained_or_down():
    with Cluster() as cluster:
        front = add_front(cluster, "maps.type=lmdb")
        split(cluster, "bob@one.example", "b")
        cluster.publish()
        for name in ADDRESSES:
            cluster.pull(name)
        pull(front)
        start_nodes(cluster)
        with Postfix(main=fragment(front)) as postfix:
            expect(postfix.send("a@far.example", ["ann@one.example", "ann@two.example", "bob+x@one.example"], MESSAGE) == {}, "refused")
            postfix.wait_until_empty()
            expect((count(cluster, "a", "ann@one.example"), count(cluster, "b", "ann@two.example"), count(cluster, "b", "bob@one.example")) == (1, 1, 1),
                   postfix.log())
            for unknown in ("nobody@one.example", "cleo@two.example"):
                expect(postfix.refusal(unknown)[0] == 550, postfix.refusal(unknown))
            query = subprocess.run(["postmap", "-c", postfix.etc, "-q", "bob@one.example", "lmdb:" + front.path("lib", "maps", "front-transport")],
                                   capture_output=True, text=True, check=True).stdout
            expect(query == "lmtp:inet:[127.0.0.3]:24\n", query)

            cluster.admin.mailctl("node", "drain", "b")
            cluster.publish()
            pull(front)
            for drained in ("ann@two.example", "bob@one.example"):
                wait_for_answer(postfix, drained, 450)
            expect(postfix.refusal("ann@one.example")[0] == 250, "the other machine gets none")
            cluster.admin.mailctl("node", "resume", "b")
            cluster.publish()
            pull(front)
            wait_for_answer(postfix, "ann@two.example", 250)

            cluster.nodes["b"].stop_agent()
            expect(postfix.send("a@far.example", ["ann@one.example"], MESSAGE) == {}, "refused")
            deadline = time.monotonic() + 30
            send_when_taken(postfix, "ann@two.example", deadline)
            while count(cluster, "a", "ann@one.example") < 2:
                expect(time.monotonic() < deadline, "what can be delivered waits too")
                time.sleep(0.1)
            expect(len(postfix.queue()) == 1, "the other one does not wait")
            cluster.nodes["b"].start_agent(arguments=("--listen", f"inet:{ADDRESSES['b']}:24"))
            postfix.flush()
            postfix.wait_until_empty()
            expect(count(cluster, "b", "ann@two.example") == 2, "lost")


def unknown_names_are_for_the_machine_to_decide_where_it_does():
    with Cluster() as cluster:
        front = add_front(cluster, "maps.type=lmdb")
        cluster.admin.mailctl("catchall", "set", "one.example", "candidate")
        cluster.admin.mailctl("banished", "add", "spam@one.example", "--answer", "reject")
        cluster.publish()
        cluster.pull("a")
        pull(front)
        start_nodes(cluster)
        with Postfix(main=fragment(front) + "address_verify_poll_count = 5\naddress_verify_poll_delay = 1s\naddress_verify_map =\n") as postfix:
            expect(postfix.refusal("new@one.example")[0] == 250, postfix.refusal("new@one.example"))
            answer = postfix.refusal("spam@one.example")
            expect(answer[0] == 550, f"{answer}")


def become_unprivileged(cluster, name):
    """Dovecot serves no mail of root's."""
    cluster.nodes[name].close()
    node = Site(user=UNPRIVILEGED, hostname=f"{name}.test.example", settings=("maps.type=texthash", f"publish.database={cluster.database.conninfo('reader')}"))
    shutil.copy(cluster.admin.path("etc", "srs.secret"), node.path("etc", "srs.secret"))
    shutil.chown(node.path("etc", "srs.secret"), UNPRIVILEGED)
    cluster.nodes[name] = node


def logins_are_passed_on_and_no_password_is_accepted_here():
    with Cluster() as cluster:
        for address in ("ann@one.example", "ann@two.example", "bob@one.example"):
            cluster.admin.mailctl("mailbox", "password", address, "--password-stdin", stdin=PASSWORD)
        split(cluster, "bob@one.example", "b")
        front = add_front(cluster, "maps.type=texthash")
        cluster.publish()
        for name in ADDRESSES:
            become_unprivileged(cluster, name)
            cluster.pull(name)
        pull(front)
        backs = [Dovecot(cluster.nodes[name].path("lib", "maps", "dovecot.conf"), address=address, port=143) for name, address in ADDRESSES.items()]
        with backs[0], backs[1], Dovecot(front.path("lib", "maps", "front-dovecot.conf")) as proxy:
            for user in ("ann@one.example", "ann@two.example", "bob@one.example", "ann/two.example"):
                proxy.login(user, PASSWORD).logout()
            for user in ("ann@one.example", "bob@one.example", "nobody@one.example", "x@elsewhere.example"):
                try:
                    proxy.login(user, "wrong")
                    expect(False, f"{user} is let in with a wrong password")
                except imaplib.IMAP4.error:
                    pass
            for service in ("smtp", "submission", "doveadm"):
                for user in ("ann@one.example", "bob@one.example"):
                    status, said = proxy.doveadm("auth", "test", "-x", f"service={service}", user, PASSWORD)
                    expect(status != 0 and "auth failed" in said, f"{service}: {said}")


if __name__ == "__main__":
    tests = [everybody_is_led_to_his_machine_and_only_what_changed_is_written, no_password_comes_to_a_front_end,
             maps_that_were_edited_or_lost_are_made_again_also_with_the_database_at_the_same_generation, a_front_end_has_no_name_and_a_node_has_one]
    if os.getuid() == 0 and shutil.which("postfix", path="/usr/sbin:/usr/bin") and shutil.which("dovecot", path="/usr/sbin:/usr/bin"):
        tests += [mail_finds_its_machine_and_waits_for_one_that_is_drained_or_down, unknown_names_are_for_the_machine_to_decide_where_it_does,
                  logins_are_passed_on_and_no_password_is_accepted_here]
    sys.exit(run_tests("nodes fronts", tests))
