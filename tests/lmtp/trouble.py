#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The agent in trouble: an MTA that says nothing, a state database that is locked or gone, things in a Maildir that are no files,
a journal nobody reads, no threads, no memory, and the end by SIGTERM in the midst of it.

Held to: who does not need the broken thing is served at once, the others get a clean 4xx in bounded time, and SIGTERM ends it.
"""
import fcntl
import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient, deliver  # noqa: E402
from harness.site import UNPRIVILEGED, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

MESSAGE = b"From: a@elsewhere.example\nTo: paul@one.example\nSubject: hello\n\nbody\n"
SENDER = "a@elsewhere.example"
PLAIN = "ringo@one.example"


def make_site(settings=(), unknown="reject", user=None):
    site = Site(settings=settings, user=user)
    site.mailctl("domain", "create", "one.example", "--unknown", unknown)
    site.mailctl("mailbox", "create", "admin@one.example", "paul@one.example", "ringo@one.example", "--no-password")
    for name in ("away", "gone", "far"):
        site.mailctl("forward", "create", f"{name}@one.example", f"{name}@elsewhere.example")
    return site


def timed(call, *arguments):
    start = time.monotonic()
    answer = call(*arguments)
    return time.monotonic() - start, answer


def all_at_once(calls):
    """What each call gave and how long it took; exceptions are what they gave."""
    results = [None] * len(calls)

    def work(index):
        try:
            results[index] = timed(calls[index])
        except Exception as problem:
            results[index] = (0, problem)
    threads = [threading.Thread(target=work, args=(index,), daemon=True) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    return threads, results


def plain_is_served_at_once(site, within=1.0):
    taken, (_, final) = timed(deliver, site.socket, SENDER, [PLAIN], MESSAGE)
    expect(final and final[0].startswith("250 2."), f"{final}")
    expect(taken < within, f"known mail took {taken:.2f} s")


def ends_within(site, seconds):
    site.agent.send_signal(signal.SIGTERM)
    try:
        status = site.agent.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        site.agent.kill()
        raise
    expect(status == 0, f"exit status {status}")


class SilentServer:
    """Takes connections and says nothing."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.listener.getsockname()[1]

    def close(self):
        self.listener.close()


def script(site, text):
    path = site.path("sendmail")
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


# ---- an MTA that says nothing

def a_silent_sendmail_stops_no_local_delivery():
    with make_site() as site:
        site.mailctl("config", "set", f"submit={script(site, 'exec sleep 100')}", "delivery.submit_timeout=5s")
        site.start_agent()
        threads, results = all_at_once([lambda: deliver(site.socket, SENDER, ["away@one.example"], MESSAGE)] * 32)
        time.sleep(0.5)
        for _ in range(5):
            plain_is_served_at_once(site, 0.5)
        for thread in threads:
            thread.join(20)
        expect(all(result and result[1][1][0].startswith("451") for result in results), f"{results}")
        expect(max(taken for taken, _ in results) < 8, "the deadline is not the one set")


def a_silent_smtp_server_stops_no_local_delivery():
    server = SilentServer()
    with make_site([f"submit=smtp:127.0.0.1:{server.port}"]) as site:
        site.mailctl("config", "set", "delivery.submit_timeout=5s")
        site.start_agent()
        threads, results = all_at_once([lambda: deliver(site.socket, SENDER, ["away@one.example"], MESSAGE)] * 40)
        time.sleep(0.5)
        for _ in range(5):
            plain_is_served_at_once(site, 0.5)
        for thread in threads:
            thread.join(20)
        expect(all(result and result[1][1][0].startswith("451") for result in results), f"{results}")
    server.close()


def forwards_of_one_message_wait_side_by_side():
    server = SilentServer()
    with make_site([f"submit=smtp:127.0.0.1:{server.port}"]) as site:
        site.mailctl("config", "set", "delivery.submit_timeout=3s")
        site.start_agent()
        recipients = ["away@one.example", "gone@one.example", "far@one.example", PLAIN]
        taken, (_, final) = timed(deliver, site.socket, SENDER, recipients, MESSAGE)
        expect([reply[:3] for reply in final] == ["451", "451", "451", "250"], f"{final}")
        expect(taken < 4.5, f"it took {taken:.1f} s")
        expect(len(site.messages(PLAIN)) == 1, "not one copy")
    server.close()


def slow_answers_of_the_mta_are_waited_for_together():
    with make_site() as site:
        site.mailctl("config", "set", f"submit={script(site, 'cat >/dev/null; exec sleep 1')}")
        site.start_agent()
        recipients = ["away@one.example", "gone@one.example", "far@one.example"]
        taken, (_, final) = timed(deliver, site.socket, SENDER, recipients, MESSAGE)
        expect(all(reply.startswith("250") for reply in final), f"{final}")
        expect(taken < 2, f"one after the other: {taken:.1f} s")


def while_the_mta_is_silent_the_answer_comes_at_once_and_it_is_asked_again():
    with make_site() as site:
        silent = site.path("silent")
        open(silent, "w", encoding="ascii").close()
        program = script(site, f"[ -e {silent} ] && exec sleep 100; cat > /dev/null; exit 0")
        site.mailctl("config", "set", f"submit={program}", "delivery.submit_timeout=2s")
        site.start_agent()
        taken, (_, final) = timed(deliver, site.socket, SENDER, ["away@one.example"], MESSAGE)
        expect(final[0].startswith("451") and 1.5 < taken < 4, f"{taken} {final}")
        taken, (_, final) = timed(deliver, site.socket, SENDER, ["away@one.example"], MESSAGE)
        expect(final[0].startswith("451") and taken < 0.5, f"{taken} {final}")
        os.unlink(silent)
        deadline = time.monotonic() + 15
        while not deliver(site.socket, SENDER, ["away@one.example"], MESSAGE)[1][0].startswith("250"):
            expect(time.monotonic() < deadline, "never asked again")
            time.sleep(0.2)
        taken, (_, final) = timed(deliver, site.socket, SENDER, ["away@one.example"], MESSAGE)
        expect(final[0].startswith("250") and taken < 1, f"{taken} {final}")


def the_pipe_agent_has_the_same_deadline():
    with make_site() as site:
        site.mailctl("config", "set", f"submit={script(site, 'exec sleep 100')}", "delivery.submit_timeout=2s")
        taken, (status, _) = timed(site.pipe, SENDER, ["away@one.example"], MESSAGE)
        expect(status == 75 and taken < 5, f"{status} after {taken:.1f} s")


# ---- the state database

def a_locked_state_holds_up_neither_known_mail_nor_a_refusal():
    with make_site(unknown="candidate") as site:
        site.mailctl("banished", "add", "spam@one.example", "--answer", "discard")
        site.start_agent()
        deliver(site.socket, SENDER, ["first@one.example", "spam@one.example"], MESSAGE)
        lock = sqlite3.connect(site.path("lib", "state.db"), isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")

        def candidate(number):
            return lambda: deliver(site.socket, SENDER, [f"someone{number}@one.example"], MESSAGE)
        threads, results = all_at_once([candidate(number) for number in range(40)])
        time.sleep(0.2)
        # Who was banished before in this connection does not hold it up either.
        for recipients in ([PLAIN], [PLAIN, "spam@one.example"], [PLAIN]):
            taken, (_, final) = timed(deliver, site.socket, SENDER, recipients, MESSAGE)
            expect(final[0].startswith("250") and taken < 1, f"known mail: {final} after {taken:.1f} s")
        taken, (replies, _) = timed(deliver, site.socket, SENDER, ["x@elsewhere.example"], MESSAGE)
        expect(replies[0].startswith("550 5.1.2") and taken < 1, f"a refusal: {replies} after {taken:.1f} s")
        for thread in threads:
            thread.join(10)
        expect(all(result is not None for result in results), "a candidate got no answer in 10 s")
        for taken, answer in results:
            expect(taken < 5 and (answer[1] or answer[0])[0].startswith("451"), f"{answer} after {taken:.1f} s")
        many = [f"other{number}@one.example" for number in range(100)]
        taken, (replies, final) = timed(deliver, site.socket, SENDER, many, MESSAGE)
        expect(taken < 10 and all(reply.startswith("451") for reply in final), f"100 candidates took {taken:.1f} s")
        lock.execute("ROLLBACK")
        lock.close()
        deadline = time.monotonic() + 10
        while not deliver(site.socket, SENDER, ["later@one.example"], MESSAGE)[1][0].startswith("250"):
            expect(time.monotonic() < deadline, "it does not go on")
            time.sleep(0.1)


def a_locked_place_of_held_mail_holds_up_neither_known_mail_nor_other_domains():
    with make_site(unknown="candidate") as site:
        site.mailctl("domain", "create", "two.example", "--unknown", "candidate")
        site.start_agent()
        for domain in ("one.example", "two.example"):
            deliver(site.socket, SENDER, [f"first@{domain}"], MESSAGE)
        file = open(site.path("mail", "one.example", ".candidates", ".lock"), "r+b")
        fcntl.lockf(file, fcntl.LOCK_EX)

        def candidate(number):
            return lambda: deliver(site.socket, SENDER, [f"someone{number}@one.example"], MESSAGE)
        threads, results = all_at_once([candidate(number) for number in range(80)])
        time.sleep(0.2)
        for recipient in (PLAIN, "other@two.example", PLAIN):
            taken, (_, final) = timed(deliver, site.socket, SENDER, [recipient], MESSAGE)
            expect(final[0].startswith("250") and taken < 1, f"{recipient}: {final} after {taken:.1f} s")
        for thread in threads:
            thread.join(10)
        expect(all(result is not None for result in results), "a candidate got no answer in 10 s")
        for taken, answer in results:
            expect(taken < 5 and (answer[1] or answer[0])[0].startswith("451"), f"{answer} after {taken:.1f} s")
        many = [f"other{number}@one.example" for number in range(100)]
        taken, (replies, final) = timed(deliver, site.socket, SENDER, many, MESSAGE)
        expect(taken < 5 and all(reply.startswith("451") for reply in final), f"100 candidates took {taken:.1f} s: {final[:3]}")
        all_at_once([candidate(number) for number in range(40)])
        time.sleep(0.1)
        file.close()
        _, (_, final) = timed(deliver, site.socket, SENDER, ["later@one.example"], MESSAGE)
        expect(final[0].startswith("250"), f"it does not go on: {final}")
        ends_within(site, 6)


def unknown_names_of_a_domain_without_candidates_need_no_state():
    with make_site() as site:
        site.start_agent()
        deliver(site.socket, SENDER, ["first@one.example"], MESSAGE)
        lock = sqlite3.connect(site.path("lib", "state.db"), isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        many = [f"nobody{number}@one.example" for number in range(100)]
        taken, (replies, _) = timed(deliver, site.socket, SENDER, many, MESSAGE)
        expect(taken < 1 and all(reply.startswith("550 5.1.1") for reply in replies), f"{replies[:3]} after {taken:.1f} s")
        lock.close()


def sigterm_ends_it_while_the_state_is_locked():
    with make_site(unknown="candidate") as site:
        site.start_agent()
        deliver(site.socket, SENDER, ["first@one.example"], MESSAGE)
        lock = sqlite3.connect(site.path("lib", "state.db"), isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        all_at_once([lambda: deliver(site.socket, SENDER, ["other@one.example"], MESSAGE)] * 40)
        time.sleep(0.3)
        ends_within(site, 6)
        lock.close()


def known_mail_needs_no_state():
    def missing(path):
        os.unlink(path)

    def damaged(path):
        with open(path, "r+b") as file:
            file.write(b"\x55" * 16384)

    def a_directory(path):
        os.unlink(path)
        os.mkdir(path)

    def a_fifo(path):
        os.unlink(path)
        os.mkfifo(path)
    for harm in (missing, damaged, a_directory, a_fifo):
        with make_site(unknown="candidate") as site:
            site.mailctl("banished", "add", "spam@one.example", "--answer", "discard")
            harm(site.path("lib", "state.db"))
            for suffix in ("-wal", "-shm"):
                if os.path.exists(site.path("lib", "state.db" + suffix)):
                    os.unlink(site.path("lib", "state.db" + suffix))
            site.start_agent()
            plain_is_served_at_once(site)
            taken, (_, final) = timed(deliver, site.socket, SENDER, [PLAIN, "spam@one.example"], MESSAGE)
            expect([reply[:3] for reply in final] == ["250", "250"] and taken < 1, f"{harm.__name__}: {final} {taken}")
            taken, (replies, final) = timed(deliver, site.socket, SENDER, ["new@one.example"], MESSAGE)
            expect((final or replies)[0].startswith("451") and taken < 5, f"{harm.__name__}: {replies} {final} {taken}")
            ends_within(site, 5)


# ---- what lies in a Maildir

def a_maildirsize_that_is_no_file_holds_up_nobody():
    def fifo(path):
        os.mkfifo(path)

    def listening(path):
        server = socket.socket(socket.AF_UNIX)
        place = os.getcwd()
        os.chdir(os.path.dirname(path))
        server.bind(os.path.basename(path))
        os.chdir(place)
        return server

    def link_to_a_device(path):
        os.symlink("/dev/zero", path)
    for make in (fifo, listening, link_to_a_device, os.mkdir):
        with make_site() as site:
            site.mailctl("mailbox", "set", "paul@one.example", "quota=1 MiB")
            site.start_agent()
            deliver(site.socket, SENDER, ["paul@one.example"], MESSAGE)
            path = os.path.join(site.mailbox("paul@one.example"), "maildirsize")
            os.unlink(path)
            kept = make(path)
            threads, results = all_at_once([lambda: deliver(site.socket, SENDER, ["paul@one.example"], MESSAGE)] * 40)
            for thread in threads:
                thread.join(10)
            expect(all(result and result[1][1][0].startswith("250") for result in results), f"{make.__name__}: {results}")
            plain_is_served_at_once(site)
            ends_within(site, 5)
            del kept


def a_last_line_of_maildirsize_without_its_end_is_not_written_to():
    with make_site() as site:
        site.mailctl("mailbox", "set", "paul@one.example", "quota=1 MiB")
        site.start_agent()
        deliver(site.socket, SENDER, ["paul@one.example"], MESSAGE)
        path = os.path.join(site.mailbox("paul@one.example"), "maildirsize")
        for broken in (b"1048576S\n12", b"1048576S\n300 1\n30", b"1048576S"):
            with open(path, "wb") as file:
                file.write(broken)
            deliver(site.socket, SENDER, ["paul@one.example"], MESSAGE)
            lines = open(path, encoding="ascii").read().splitlines()[1:]
            stored = site.messages("paul@one.example")
            sums = [sum(int(line.split()[column]) for line in lines) for column in (0, 1)]
            expect(sums == [sum(map(len, stored)), len(stored)], f"{broken}: {lines} for {len(stored)} messages")


# ---- the journal

def lines_of(data):
    return [json.loads(line) for line in data.splitlines()]


def read_all(fd, seconds=5.0):
    os.set_blocking(fd, False)
    data, deadline = b"", time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            piece = os.read(fd, 1 << 20)
        except BlockingIOError:
            time.sleep(0.02)
            continue
        if not piece:
            break
        data += piece
    return data


def many_are_served(site, count=600):
    with LmtpClient(site.socket) as client:
        for _ in range(count // 50):
            taken, (_, final) = timed(client.deliver, SENDER, [PLAIN] * 50, MESSAGE)
            expect(len(final) == 50 and all(reply.startswith("250") for reply in final), f"{final[:3]}")
            expect(taken < 2, f"{taken:.1f} s for one message")


def a_journal_nobody_reads_holds_up_nobody():
    with make_site() as site:
        fifo = site.path("fifo")
        os.mkfifo(fifo)
        site.mailctl("config", "set", f"delivery.journal={fifo}")
        site.start_agent()
        plain_is_served_at_once(site)  # nobody has it open
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        many_are_served(site)
        plain_is_served_at_once(site)
        data = read_all(reader, 1.5)
        expect(data.endswith(b"\n"), "half a line at the end")
        expect(len(lines_of(data)) >= 600, f"{len(lines_of(data))} lines of 601")
        many_are_served(site)
        ends_within(site, 8)
        os.close(reader)


def a_blocked_standard_stream_holds_up_nobody():
    for stream in ("stdout", "stderr"):
        with make_site([f"delivery.journal={stream}"]) as site:
            read, write = os.pipe()
            streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: write}
            site.agent_errors = open(site.path("agent.stderr"), "ab+")
            site.agent = subprocess.Popen(site.command("mailctl-deliver", "lmtp"), env=site.environment(), stdin=subprocess.DEVNULL, **streams)
            os.close(write)
            deadline = time.monotonic() + 10
            while not os.path.exists(site.socket):
                expect(time.monotonic() < deadline, "no socket")
                time.sleep(0.05)
            time.sleep(0.2)
            many_are_served(site, 2000)
            ends_within(site, 8)
            data = read_all(read)
            lines = [line for line in data.split(b"\n") if line.startswith(b"{")]
            expect(len(lines) > 100, f"{len(lines)} lines")
            for line in lines[:-1]:  # the last may be cut by the end of the process
                json.loads(line)
            os.close(read)


def lines_come_whole_and_in_order_when_a_slow_reader_goes_on():
    with make_site(["delivery.journal=stdout"]) as site:
        read, write = os.pipe()
        site.agent_errors = open(site.path("agent.stderr"), "ab+")
        site.agent = subprocess.Popen(site.command("mailctl-deliver", "lmtp"), env=site.environment(), stdin=subprocess.DEVNULL,
                                      stdout=write, stderr=subprocess.DEVNULL)
        os.close(write)
        deadline = time.monotonic() + 10
        while not os.path.exists(site.socket):
            expect(time.monotonic() < deadline, "no socket")
            time.sleep(0.05)
        time.sleep(0.2)
        with LmtpClient(site.socket) as client:
            for number in range(20):
                client.deliver(SENDER, [PLAIN] * 50, b"Message-ID: <%d@x>\n" % number + MESSAGE)
        site.agent.send_signal(signal.SIGTERM)
        lines = lines_of(read_all(read))
        expect(site.agent.wait(timeout=10) == 0, "exit status")
        expect([line["message_id"] for line in lines] == [f"<{number}@x>" for number in range(20) for _ in range(50)],
               f"{len(lines)} lines of 1000, or not in order")
        os.close(read)


def fields_of_the_journal_are_bounded():
    with make_site() as site:
        site.start_agent()
        message = b"Message-ID: <" + b"x" * 2_000_000 + b"@y>\nSubject: z\n\nbody\n"
        _, final = deliver(site.socket, SENDER, [PLAIN] * 100, message)
        expect(all(reply.startswith("250") for reply in final), f"{final[:2]}")
        size = os.path.getsize(site.path("lib", "delivery.log"))
        expect(size < 300_000, f"{size} bytes of journal")
        expect(len(site.journal()) == 100, "lines")


# ---- descriptors, threads, memory, file sizes

def a_closed_standard_input_is_no_message():
    with make_site() as site:
        program = " ".join(site.command("mailctl-deliver", "pipe", "-f", SENDER, "--", PLAIN))
        for closed in ("<&-", "<&- >&-", "<&- >&- 2>&-"):
            done = subprocess.run(["sh", "-c", f"exec {program} {closed}"], env=site.environment(), capture_output=True, timeout=20)
            expect(done.returncode == 75, f"{closed}: exit {done.returncode}")
            expect(not site.messages(PLAIN), f"{closed}: something was delivered")


def an_agent_without_standard_descriptors_delivers_what_it_is_given():
    with make_site() as site:
        program = " ".join(site.command("mailctl-deliver", "lmtp"))
        site.agent_errors = open(site.path("agent.stderr"), "ab+")
        site.agent = subprocess.Popen(["sh", "-c", f"exec {program} <&- >&- 2>&-"], env=site.environment())
        deadline = time.monotonic() + 10
        while not os.path.exists(site.socket):
            expect(time.monotonic() < deadline, "no socket")
            time.sleep(0.05)
        time.sleep(0.2)
        plain_is_served_at_once(site)
        for fd in range(3):
            expect(os.readlink(f"/proc/{site.agent.pid}/fd/{fd}") == "/dev/null", f"descriptor {fd}")
        ends_within(site, 5)
        before = os.listdir(site.path("lib"))
        done = subprocess.run(["sh", "-c", f"exec {' '.join(site.command('mailctl', 'mailbox', 'create', 'new@one.example', '--no-password'))} <&- >&- 2>&-"],
                              env=site.environment(), timeout=20)
        expect(done.returncode == 0 and sorted(os.listdir(site.path("lib"))) == sorted(before), f"{done.returncode}")


def run_limited(site, limit, value, seconds=3):
    """(exit status or None, what it said) of an agent under a limit."""
    errors = open(site.path("limited"), "wb+")
    agent = subprocess.Popen(site.command("mailctl-deliver", "lmtp"), env=site.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=errors, preexec_fn=lambda: resource.setrlimit(limit, (value, value)))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and agent.poll() is None and b"ready" not in open(site.path("limited"), "rb").read():
        time.sleep(0.05)
    return agent, lambda: open(site.path("limited"), "rb").read().decode()


def too_few_threads_are_an_answer_or_a_clean_end():
    with make_site(user="news") as site:  # the limit is of all processes of a user: of one whom no other test runs as
        for most in (1, 2, 4, 20):
            agent, said = run_limited(site, resource.RLIMIT_NPROC, most)
            if agent.poll() is None:
                plain_is_served_at_once(site, 3)
                agent.terminate()
                expect(agent.wait(timeout=10) == 0, f"{most}: exit status; {said()}")
            else:
                expect(agent.returncode == 75 and "thread" in said(), f"{most}: exit {agent.returncode}: {said()}")


def too_little_memory_is_an_answer_or_a_clean_end():
    with make_site() as site:
        for megabytes in (20, 40, 60, 80, 120, 200, 400, 1000):
            agent, said = run_limited(site, resource.RLIMIT_AS, megabytes << 20)
            if agent.poll() is None:
                try:
                    clients = [LmtpClient(site.socket) for _ in range(20)]
                    for client in clients:
                        replies, final = client.deliver(SENDER, [PLAIN], MESSAGE)
                        expect((final or replies)[0][0] in "24", f"{replies} {final}")
                        client.socket.close()
                except (ConnectionError, OSError):
                    pass  # turned away
                agent.terminate()
                expect(agent.wait(timeout=15) in (0, 75), f"{megabytes} MB: exit {agent.returncode}; {said()}")
            else:
                expect(agent.returncode == 75 and said(), f"{megabytes} MB: exit {agent.returncode}: {said()}")


def a_limit_of_file_sizes_is_an_answer():
    with make_site() as site:
        agent, said = run_limited(site, resource.RLIMIT_FSIZE, 100_000)
        big = MESSAGE + b"x" * 70 * 1 + b"\n"
        _, final = deliver(site.socket, SENDER, [PLAIN], MESSAGE + (b"y" * 70 + b"\n") * 3000)
        expect(final[0].startswith("452"), f"{final} {said()}")
        _, final = deliver(site.socket, SENDER, [PLAIN], big)
        expect(final[0].startswith("250"), f"{final} {said()}")
        agent.terminate()
        expect(agent.wait(timeout=10) == 0, "exit status")


# ---- SIGTERM

def sigterm_refuses_at_once_whoever_has_no_message_in_hand():
    with make_site() as site:
        site.start_agent()
        busy = LmtpClient(site.socket)
        for line in (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{PLAIN}>", "DATA"):
            busy.ask(line)
        busy.send(b"Subject: late\r\n\r\nbegin ")
        others = [LmtpClient(site.socket) for _ in range(4)]
        others[1].ask(f"MAIL FROM:<{SENDER}>")
        for line in (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{PLAIN}>"):
            others[2].ask(line)
        others[3].send(b"MAIL FR")
        time.sleep(0.2)
        start = time.monotonic()
        site.agent.send_signal(signal.SIGTERM)
        for client in others:
            expect(client.reply().startswith("421 4.3.2"), "no 421")
        expect(time.monotonic() - start < 1, "not at once")
        late = socket.socket(socket.AF_UNIX)
        late.settimeout(5)
        try:
            late.connect(site.socket)
            expect(late.recv(100)[:3] in (b"421", b""), "somebody answers")
        except (ConnectionRefusedError, FileNotFoundError, ConnectionResetError):
            pass
        expect(time.monotonic() - start < 2, "a client that comes now hangs")
        busy.send(b"end\r\n.\r\n")
        expect(busy.reply().startswith("250"), "the message in hand was not finished")
        start = time.monotonic()
        expect(site.agent.wait(timeout=10) == 0, "exit status")
        expect(time.monotonic() - start < 1, "more than a second after the last")


def it_takes_away_no_socket_but_its_own():
    with make_site() as site:
        site.start_agent()
        busy = LmtpClient(site.socket)
        for line in (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{PLAIN}>", "DATA"):
            busy.ask(line)
        time.sleep(0.1)
        first = site.agent
        first.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        site.start_agent()  # the next one need not wait for the last message of the old one
        busy.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
        expect(busy.reply().startswith("250"), "not finished")
        expect(first.wait(timeout=10) == 0, "exit status")
        plain_is_served_at_once(site)


# ---- what has no side effect

def rcpt_and_rset_count_no_ban_hit():
    with make_site() as site:
        site.mailctl("banished", "add", "spam@one.example", "--answer", "reject")
        site.mailctl("banished", "add", "lost@one.example", "--answer", "discard")
        site.start_agent()
        with LmtpClient(site.socket) as client:
            for end in ("RSET", "LHLO x", "QUIT"):
                client.ask(f"MAIL FROM:<{SENDER}>")
                expect(client.ask("RCPT TO:<spam@one.example>").startswith("550"), "not refused")
                expect(client.ask("RCPT TO:<lost@one.example>").startswith("250"), "not taken")
                client.ask(end)
        time.sleep(0.3)

        def hits():
            return {row["address"]: row["hits"] for row in site.json("banished", "list")}
        expect(hits() == {"spam@one.example": 0, "lost@one.example": 0}, f"{hits()}")
        with LmtpClient(site.socket) as client:
            client.deliver(SENDER, ["spam@one.example", "lost@one.example"], MESSAGE)
            client.ask(f"MAIL FROM:<{SENDER}>")
            client.ask("RCPT TO:<spam@one.example>")
            expect(client.ask("DATA").startswith("503"), "DATA without a recipient")
        deadline = time.monotonic() + 10
        while hits() != {"spam@one.example": 2, "lost@one.example": 1}:
            expect(time.monotonic() < deadline, f"{hits()}")
            time.sleep(0.1)


def without_its_secret_no_forward_leaves_with_a_foreign_sender():
    sink = SmtpSink()
    for content in (None, "", "\n \n"):
        with make_site([f"submit=smtp:127.0.0.1:{sink.port}"]) as site:
            secret = next(os.path.join(where, name) for where, _, names in os.walk(site.path("etc")) for name in names if "srs" in name)
            if content is None:
                os.unlink(secret)
            else:
                with open(secret, "w", encoding="ascii") as file:
                    file.write(content)
            site.start_agent()
            _, final = deliver(site.socket, SENDER, ["away@one.example", PLAIN], MESSAGE)
            expect([reply[:3] for reply in final] == ["451", "250"], f"{content!r}: {final}")
            expect(not sink.messages, "it left all the same")
            line = next(line for line in site.journal() if line["recipient"] == "away@one.example")
            expect("secret" in line["why"], f"{line}")
            _, final = deliver(site.socket, "", ["away@one.example"], MESSAGE)  # nothing to rewrite
            site.mailctl("config", "set", "delivery.srs=false")
            _, final = deliver(site.socket, SENDER, ["away@one.example"], MESSAGE)
            expect(final[0].startswith("250") and sink.messages, f"{final}")
            sink.messages.clear()
    sink.close()


if __name__ == "__main__":
    sys.exit(run_tests("lmtp trouble", [
        a_silent_sendmail_stops_no_local_delivery, a_silent_smtp_server_stops_no_local_delivery, forwards_of_one_message_wait_side_by_side,
        slow_answers_of_the_mta_are_waited_for_together, while_the_mta_is_silent_the_answer_comes_at_once_and_it_is_asked_again,
        the_pipe_agent_has_the_same_deadline, a_locked_state_holds_up_neither_known_mail_nor_a_refusal, sigterm_ends_it_while_the_state_is_locked,
        a_locked_place_of_held_mail_holds_up_neither_known_mail_nor_other_domains,
        unknown_names_of_a_domain_without_candidates_need_no_state,
        known_mail_needs_no_state, a_maildirsize_that_is_no_file_holds_up_nobody, a_last_line_of_maildirsize_without_its_end_is_not_written_to,
        a_journal_nobody_reads_holds_up_nobody, a_blocked_standard_stream_holds_up_nobody, lines_come_whole_and_in_order_when_a_slow_reader_goes_on,
        fields_of_the_journal_are_bounded, a_closed_standard_input_is_no_message, an_agent_without_standard_descriptors_delivers_what_it_is_given,
        too_few_threads_are_an_answer_or_a_clean_end, too_little_memory_is_an_answer_or_a_clean_end, a_limit_of_file_sizes_is_an_answer,
        sigterm_refuses_at_once_whoever_has_no_message_in_hand, it_takes_away_no_socket_but_its_own, rcpt_and_rset_count_no_ban_hit,
        without_its_secret_no_forward_leaves_with_a_foreign_sender,
    ]))
