#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Candidates through the real agent and the real commands: recorded at delivery, bounded, promoted, banished, expired.

Held to: RCPT leaves no trace, limits hold, and no message is lost or left behind, also when mail arrives throughout a promotion.
"""
import os
import shutil
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient, deliver  # noqa: E402
from harness.site import WAITING, Site, expect, run_tests  # noqa: E402

SENDER = "a@elsewhere.example"


def message(text="hello", subject="hello"):
    return f"From: {SENDER}\nTo: somebody\nSubject: {subject}\n\n{text}\n".encode()


def make_site(settings=()):
    site = Site(settings=settings)
    site.mailctl("domain", "create", "one.example", "--unknown", "candidate")
    site.mailctl("mailbox", "create", "admin@one.example", "paul@one.example", "ringo@one.example", "--no-password")
    site.start_agent()
    return site


def held(site, local, area=".candidates"):
    directory = site.path("mail", "one.example", area, local)
    return sorted(name for part in ("new", "cur") if os.path.isdir(os.path.join(directory, part))
                  for name in os.listdir(os.path.join(directory, part)))


def names(site):
    return [row["address"] for row in site.json("candidate", "list")]


def send(site, recipient, text="hello", subject="hello", sender=SENDER):
    answers, final = deliver(site.socket, sender, [recipient], message(text, subject))
    return (final or answers)[0]


def an_unknown_name_is_recorded_when_its_message_has_arrived_and_not_before():
    with make_site() as site:
        with LmtpClient(site.socket) as client:
            client.ask(f"MAIL FROM:<{SENDER}>")
            expect(client.ask("RCPT TO:<joe@one.example>").startswith("250 2.1.5"), "RCPT")
            client.ask("RSET")
        expect(names(site) == [] and not os.path.exists(site.path("mail", "one.example", ".candidates")), "RCPT left a trace")
        expect(send(site, "Joe+x@one.example", subject="one").startswith("250 2.0.0"), "first")
        expect(send(site, "joe@one.example", subject="two\x1b[31m", sender="b@elsewhere.example").startswith("250 2.0.0"), "second")
        row, = site.json("candidate", "list", "one.example")
        expect(row["address"] == "joe@one.example" and row["messages"] == 2 and row["sender"] == "b@elsewhere.example", f"{row}")
        expect(row["subject"] == "two\\x1B[31m" and row["first"] <= row["last"] and row["bytes"] > 100, f"{row}")
        expect(len(held(site, "joe")) == 2, "held")
        expect("known" in site.mailctl("explain", "joe@one.example"), "explain does not know it")
        expect("2" in site.mailctl("candidate", "show", "joe@one.example"), "show")
        expect(site.journal()[-1]["result"] == "held", f"{site.journal()[-1]}")
        site.mailctl("candidate", "show", "jo@one.example", status=3)


def names_that_cannot_be_names_become_no_candidates():
    with make_site() as site:
        expect(send(site, "a!b@one.example").startswith("550 5.1.1"), "odd name")
        expect(names(site) == [], f"{names(site)}")


def over_a_limit_a_name_is_unknown():
    with make_site(("candidates.names=2", "candidates.name_messages=2", "candidates.name_bytes=4000")) as site:
        for name in ("a", "b"):
            expect(send(site, f"{name}@one.example").startswith("250"), name)
        expect(send(site, "c@one.example").startswith("550 5.1.1"), "a third name")
        expect(send(site, "a@one.example", text="x" * 5000).startswith("550 5.1.1"), "too big")
        expect(send(site, "a@one.example").startswith("250"), "second message")
        expect(send(site, "a@one.example").startswith("550 5.1.1"), "third message")
        with LmtpClient(site.socket) as client:
            client.ask(f"MAIL FROM:<{SENDER}>")
            expect(client.ask("RCPT TO:<c@one.example>").startswith("550 5.1.1"), "RCPT over the limit")
            expect(client.ask("RCPT TO:<b@one.example>").startswith("250"), "RCPT of a known candidate")
            client.ask("RSET")
            client.ask(f"MAIL FROM:<{SENDER}> SIZE=900000")
            expect(client.ask("RCPT TO:<b@one.example>").startswith("550 5.1.1"), "RCPT with a size over the limit")
        expect(names(site) == ["a@one.example", "b@one.example"] and len(held(site, "a")) == 2, "what is held")


def many_clients_at_once_stay_below_the_limits():
    with make_site(("candidates.names=10", "candidates.name_messages=5")) as site:
        answers = []

        def attack(number):
            with LmtpClient(site.socket) as client:
                for i in range(40):
                    replies, final = client.deliver(SENDER, [f"n{(number * 7 + i) % 20}@one.example"], message())
                    answers.extend(final or replies)
        threads = [threading.Thread(target=attack, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        accepted = sum(answer.startswith("250") for answer in answers)
        expect(all(answer.startswith(("250", "550 5.1.1")) for answer in answers), f"{set(answers)}")
        expect(len(names(site)) == 10 and accepted == 50, f"{len(names(site))} names, {accepted} accepted")
        expect(sum(len(held(site, f"n{i}")) for i in range(20)) == accepted, "accepted and held differ")


def promotion_moves_what_is_held_with_names_flags_and_dates():
    with make_site() as site:
        for text in ("one", "two"):
            send(site, "joe@one.example", text)
            send(site, "j.smith@one.example", text)
        directory = site.path("mail", "one.example", ".candidates", "joe")
        first = sorted(os.listdir(f"{directory}/new"))[0]
        os.rename(f"{directory}/new/{first}", f"{directory}/cur/{first}:2,FS")
        os.utime(f"{directory}/cur/{first}:2,FS", (1000000000, 1000000000))
        before = held(site, "joe")
        site.mailctl("candidate", "promote", "joe@one.example", status=2)
        site.mailctl("candidate", "promote", "jo@one.example", "--mailbox", "--no-password", status=3)
        site.mailctl("candidate", "promote", "joe@one.example", "--mailbox", "--no-password")
        inbox = site.path("mail", "one.example", "joe")
        after = sorted(os.listdir(f"{inbox}/new") + os.listdir(f"{inbox}/cur"))
        expect(after == before, f"{before} became {after}")
        expect(os.stat(f"{inbox}/cur/{first}:2,FS").st_mtime == 1000000000, "the date changed")
        expect(not os.path.exists(directory) and names(site) == ["j.smith@one.example"], f"{names(site)}")
        site.mailctl("candidate", "promote", "joe@one.example", "--mailbox", "--no-password")
        site.mailctl("candidate", "promote", "j.smith@one.example", "--alias-of", "joe@one.example")
        expect(len(site.messages("joe@one.example")) == 4 and names(site) == [], "alias")
        expect(send(site, "j.smith@one.example").startswith("250"), "alias")
        expect(len(site.messages("joe@one.example")) == 5, "mail for the alias")


def any_way_to_claim_the_name_moves_what_is_held():
    with make_site() as site:
        for name in ("joe", "jim", "sales"):
            send(site, f"{name}@one.example")
        site.mailctl("mailbox", "create", "joe@one.example", "--no-password")
        site.append("etc/domains/one.example.toml", '\n[mailbox.james]\naliases = ["jim"]\n')
        site.mailctl("apply")
        expect(len(site.messages("joe@one.example")) == 1 and len(site.messages("james@one.example")) == 1, "not moved")
        site.mailctl("candidate", "promote", "sales@one.example", "--list", "paul", "joe")
        row, = site.json("candidate", "list")
        expect(row["address"] == "sales@one.example" and row["claimed_by"] == "list 'sales'" and len(held(site, "sales")) == 1, f"{row}")
        expect('members = ["paul", "joe"]' in open(site.path("etc/domains/one.example.toml"), encoding="utf-8").read(), "members")


def banishing_sets_aside_what_is_held_and_no_candidate_comes_back():
    with make_site() as site:
        for name in ("casino", "spam"):
            send(site, f"{name}@one.example")
        site.mailctl("candidate", "banish", "casino@one.example", status=4)
        site.mailctl("banished", "add", "spam@one.example", "--answer", "reject", status=4)
        expect(len(names(site)) == 2, "banished without a yes")
        site.mailctl("candidate", "banish", "casino@one.example", "--yes")
        site.mailctl("banished", "add", "spam@one.example", "--answer", "reject", "--yes")
        expect(names(site) == [] and not held(site, "casino") and not held(site, "spam"), "still there")
        expect(all(len(held(site, name, ".banished")) == 1 for name in ("casino", "spam")), "not set aside")
        expect(send(site, "casino@one.example").startswith("250"), "discarded")
        for name in ("spam", "Spam+x"):  # counted when the message comes, not at RCPT
            with LmtpClient(site.socket) as client:
                client.ask("MAIL FROM:<a@elsewhere.example>")
                expect(client.ask(f"RCPT TO:<{name}@one.example>").startswith("550 5.7.1"), "refused")
                client.ask("DATA")
        expect(names(site) == [], "a banished name became a candidate")
        deadline = time.monotonic() + 10
        while True:
            hits = {row["address"]: row["hits"] for row in site.json("banished", "list")}
            if hits == {"casino@one.example": 1, "spam@one.example": 2}:
                break
            expect(time.monotonic() < deadline, f"{hits}")
            time.sleep(0.05)
        expect(all(row["last"] for row in site.json("banished", "list")), "no last time")
        site.mailctl("mailbox", "create", "spam@one.example", "--no-password", status=4)
        site.mailctl("banished", "remove", "spam@one.example", "casino@one.example")
        expect(names(site) == ["casino@one.example", "spam@one.example"] and len(held(site, "spam")) == 1, "not a candidate again")
        expect(all(row["messages"] == 1 and row["bytes"] > 10 for row in site.json("candidate", "list")), "not counted")


def candidates_expire_by_age():
    with make_site() as site:
        send(site, "old@one.example")
        time.sleep(1.1)
        send(site, "new@one.example")
        site.mailctl("candidate", "expire")
        expect(len(names(site)) == 2, "the default age")
        site.mailctl("candidate", "expire", "--older-than", "1s", "-n")
        expect(len(names(site)) == 2, "a dry run")
        site.mailctl("candidate", "expire", "--older-than", "1s", status=4)
        site.mailctl("candidate", "expire", "--older-than", "1s", "--yes")
        expect(names(site) == ["new@one.example"] and not held(site, "old") and held(site, "new"), f"{names(site)}")


def what_is_counted_heals():
    """A delivery that died between reserving and naming leaves the count too high; who lost mail by hand, too."""
    for command in (("apply",), ("candidate", "expire")):
        with make_site() as site:
            for name in ("right", "wrong", "wrong", "gone", "young"):
                send(site, f"{name}@one.example")
            state = sqlite3.connect(site.path("lib", "state.db"), isolation_level=None)
            rows = {row[0]: row[1:] for row in state.execute("SELECT local, count, bytes FROM candidates")}
            state.execute("UPDATE candidates SET last = last - 7200000000 WHERE local <> 'young'")
            state.execute("UPDATE candidates SET count = count + 5, bytes = bytes + 5000 WHERE local <> 'right'")
            state.close()
            shutil.rmtree(site.path("mail", "one.example", ".candidates", "gone"))
            site.mailctl(*command)
            state = sqlite3.connect(site.path("lib", "state.db"))
            after = {row[0]: row[1:] for row in state.execute("SELECT local, count, bytes FROM candidates")}
            state.close()
            rows["young"] = (rows["young"][0] + 5, rows["young"][1] + 5000)
            del rows["gone"]
            expect(after == rows, f"{command}: {after}, not {rows}")
            os.rename(site.path("mail", "one.example"), site.path("one.example"))  # its disk is not there
            site.mailctl(*command, status=None)
            expect(len(names(site)) == 3, "candidates are forgotten with their disk")


def mail_that_arrives_throughout_a_promotion_is_in_the_mailbox():
    for command in (["candidate", "promote", "joe@one.example", "--mailbox", "--no-password"],
                    ["candidate", "promote", "joe@one.example", "--alias-of", "paul@one.example"]):
        with make_site(("candidates.name_messages=100000", "candidates.name_bytes=1G", "candidates.bytes=1G")) as site:
            accepted, stop, odd = [], threading.Event(), []

            def stream(number):
                with LmtpClient(site.socket) as client:
                    while not stop.is_set():
                        text = f"{number}-{len(accepted)}-{time.monotonic_ns()}"
                        replies, final = client.deliver(SENDER, ["joe@one.example"], message(text))
                        answer = (final or replies)[0]
                        if answer.startswith("250"):
                            accepted.append(text)
                        elif not answer.startswith("451"):
                            odd.append(answer)
            threads = [threading.Thread(target=stream, args=(number,)) for number in range(6)]
            for thread in threads:
                thread.start()
            while len(held(site, "joe")) < 20:
                time.sleep(0.01)
            site.mailctl(*command)
            time.sleep(0.3)
            stop.set()
            for thread in threads:
                thread.join()
            target = "joe@one.example" if "--mailbox" in command else "paul@one.example"
            stored = b"".join(site.messages(target))
            missing = [text for text in accepted if text.encode() not in stored]
            expect(not odd, f"{odd[:3]}")
            expect(not missing, f"{len(missing)} of {len(accepted)} accepted messages are not in the mailbox")
            expect(not held(site, "joe") and names(site) == [], f"left behind: {held(site, 'joe')} {names(site)}")


def mail_of_a_suspended_mailbox_is_held_apart():
    with make_site() as site:
        path = "etc/domains/one.example.toml"
        text = open(site.path(path), encoding="utf-8").read()
        with open(site.path(path), "w", encoding="utf-8") as file:
            file.write(text.replace("[mailbox.ringo]\n", '[mailbox.ringo]\nsuspend = { login = true, receive = "hold" }\n'))
        site.mailctl("apply")
        expect(send(site, "ringo@one.example").startswith("250"), "hold")
        expect(len(held(site, "ringo", ".held")) == 1 and not site.messages("ringo@one.example"), "not held")
        expect(names(site) == [], "a suspended mailbox is no candidate")


if __name__ == "__main__":
    sys.exit(run_tests("lmtp candidates", [
        an_unknown_name_is_recorded_when_its_message_has_arrived_and_not_before, names_that_cannot_be_names_become_no_candidates,
        over_a_limit_a_name_is_unknown, many_clients_at_once_stay_below_the_limits,
        promotion_moves_what_is_held_with_names_flags_and_dates, any_way_to_claim_the_name_moves_what_is_held,
        banishing_sets_aside_what_is_held_and_no_candidate_comes_back, candidates_expire_by_age, what_is_counted_heals,
        mail_that_arrives_throughout_a_promotion_is_in_the_mailbox, mail_of_a_suspended_mailbox_is_held_apart,
    ], side_by_side=WAITING))
