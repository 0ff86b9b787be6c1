#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The agent through its real socket: clients that stall, flood, vanish or speak nonsense, signals, socket activation, limits.

Held to: nothing partial is delivered, the others are served meanwhile, one clear reply, and the agent stays up.
"""
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import LmtpClient, deliver  # noqa: E402
from harness.site import WAITING, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

MESSAGE = b"From: a@elsewhere.example\nTo: paul@one.example\nSubject: hello\n\nbody\n"
SENDER = "a@elsewhere.example"


def make_site(settings=()):
    site = Site(settings=settings)
    site.mailctl("domain", "create", "one.example")
    site.mailctl("mailbox", "create", "admin@one.example", "paul@one.example", "ringo@one.example", "--no-password")
    site.mailctl("alias", "create", "macca@one.example", "paul@one.example")
    return site


def still_serving(site):
    _, final = deliver(site.socket, SENDER, ["ringo@one.example"], MESSAGE)
    expect(final and final[0].startswith("250 2."), f"{final}")
    expect(site.agent.poll() is None, "the agent died")


def memory_mb(site):
    with open(f"/proc/{site.agent.pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


def a_client_that_stalls_in_its_message_is_closed_and_nothing_is_delivered():
    with make_site(["delivery.idle_timeout=2s"]) as site:
        site.start_agent()
        with LmtpClient(site.socket) as client:
            for line in (f"MAIL FROM:<{SENDER}>", "RCPT TO:<paul@one.example>", "DATA"):
                client.ask(line)
            client.send(b"Subject: half\r\n\r\nnot the end")
            start = time.monotonic()
            still_serving(site)
            expect(client.reply().startswith("421 4.4.2"), "no 421 4.4.2")
            expect(1 < time.monotonic() - start < 10, "the timeout is not the one set")
        expect(not site.messages("paul@one.example"), "half a message was delivered")


def a_client_that_vanishes_delivers_nothing():
    with make_site() as site:
        site.start_agent()
        for size in (10, 100_000, 1_000_000):
            client = LmtpClient(site.socket)
            for line in (f"MAIL FROM:<{SENDER}>", "RCPT TO:<paul@one.example>", "DATA"):
                client.ask(line)
            client.send(b"Subject: half\r\n\r\n" + b"x" * size)
            client.socket.close()
        time.sleep(0.3)
        still_serving(site)
        expect(not site.messages("paul@one.example"), "half a message was delivered")
        left = [name for _, _, names in os.walk(site.path("mail")) for name in names if "/tmp" in _ or name.startswith(".")]
        expect(not left, f"left behind: {left}")


def a_client_that_leaves_after_the_last_dot_still_gets_its_mail_delivered():
    with make_site() as site:
        site.start_agent()
        client = LmtpClient(site.socket)
        client.send(f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<paul@one.example>\r\nDATA\r\n".encode() + MESSAGE.replace(b"\n", b"\r\n") + b".\r\n")
        client.socket.close()
        deadline = time.monotonic() + 10
        while not site.messages("paul@one.example"):
            expect(time.monotonic() < deadline, "not delivered")
            time.sleep(0.05)


def a_flood_of_one_endless_line_costs_one_reply_and_no_memory():
    with make_site() as site:
        site.start_agent()
        before = memory_mb(site)
        with LmtpClient(site.socket) as client:
            for _ in range(200):
                client.send(b"A" * 65536)
            client.send(b"\r\n")
            expect(client.reply().startswith("500 5.5.2"), "no 500")
            expect(client.ask("NOOP").startswith("250"), "out of step")
        expect(memory_mb(site) - before < 8, f"memory grew from {before} to {memory_mb(site)} MB")
        still_serving(site)


def a_flood_of_bad_commands_is_cut_off():
    with make_site() as site:
        site.start_agent()
        with LmtpClient(site.socket) as client:
            replies = []
            client.send(b"NONSENSE\r\n" * 50)
            try:
                while True:
                    replies.append(client.reply())
            except (ConnectionError, OSError):
                pass
            expect(replies[-1].startswith("421 4.7.0") and len(replies) <= 12, f"{replies}")
        still_serving(site)


def a_flood_of_recipients_meets_the_limit_and_the_others_stay_valid():
    with make_site(["delivery.max_recipients=100"]) as site:
        site.start_agent()
        with LmtpClient(site.socket) as client:
            replies, final = client.deliver(SENDER, ["paul@one.example"] * 130, MESSAGE)
            expect([r[:3] for r in replies] == ["250"] * 100 + ["452"] * 30, f"{replies[95:105]}")
            expect(len(final) == 100 and all(r.startswith("250") for r in final), f"{len(final)} {final[:3]}")
        expect(len(site.messages("paul@one.example")) == 1, "more than one copy")


def too_many_connections_are_told_so():
    with make_site(["delivery.max_connections=5"]) as site:
        site.start_agent()
        clients = [LmtpClient(site.socket) for _ in range(5)]
        extra = LmtpClient(site.socket, greet=False)
        expect(extra.reply().startswith("421"), "no 421")
        for client in clients:
            client.socket.close()
        time.sleep(0.2)
        still_serving(site)


def nonsense_does_no_harm():
    chance = random.Random(1)
    samples = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"\0" * 5000, b"\r\n" * 100,
               b"\n" * 100, b"LHLO\r\nMAIL\r\nRCPT\r\nDATA\r\n.\r\n", b"BDAT 99999999999999999999 LAST\r\n", b"BDAT -1\r\n"]
    samples += [bytes(chance.randrange(256) for _ in range(chance.randrange(1, 3000))) for _ in range(100)]
    with make_site() as site:
        site.start_agent()
        for sample in samples:
            client = LmtpClient(site.socket, greet=False)
            client.reply()
            try:
                client.send(b"LHLO x\r\n" + sample)
                client.socket.shutdown(socket.SHUT_WR)
                while client.socket.recv(65536):
                    pass
            except OSError:
                pass
            client.socket.close()
        still_serving(site)
        expect(not site.messages("paul@one.example"), "nonsense was delivered")


def bytes_arrive_as_they_were_sent():
    odd = b"Subject: odd\nX-Eight: \xe9\xff\n\n" + bytes(range(1, 10)) + b"\x00\x0b\x0c" + bytes(range(14, 256)) + b"\n..two dots\n.\nlone\rreturn\n" + b"long " * 5000 + b"\n"
    with make_site() as site:
        site.start_agent()
        for message in (odd, b"\n", b"no header at all\n", b".\n", b"Subject: no body\n", odd * 300):
            before = len(site.messages("paul@one.example"))
            _, final = deliver(site.socket, SENDER, ["paul@one.example"], message)
            expect(final[0].startswith("250"), f"{final}")
            stored = site.messages("paul@one.example")
            expect(len(stored) == before + 1, "not exactly one copy")
            newest = next(m for m in stored if m.endswith(message[-200:]) and len(m) >= len(message) and len(m) - len(message) < 1500)
            expect(newest.endswith(message), f"bytes differ for {message[:30]!r}")


def many_transactions_on_one_connection_leave_nothing_open():
    with make_site() as site:
        site.start_agent()
        with LmtpClient(site.socket) as client:
            client.deliver(SENDER, ["paul@one.example"], MESSAGE)
            before = len(os.listdir(f"/proc/{site.agent.pid}/fd"))
            for _ in range(150):
                _, final = client.deliver(SENDER, ["paul@one.example", "ringo@one.example"], MESSAGE)
                expect(all(reply.startswith("250") for reply in final), f"{final}")
            expect(len(os.listdir(f"/proc/{site.agent.pid}/fd")) <= before + 1, "descriptors leak")
        expect(len(site.messages("paul@one.example")) == 151, "copies are missing")


def fifty_clients_at_one_mailbox_lose_nothing():
    with make_site() as site:
        site.mailctl("mailbox", "set", "paul@one.example", "quota=100 MiB")
        site.start_agent()
        failures = []

        def work(number):
            try:
                with LmtpClient(site.socket) as client:
                    for _ in range(10):
                        while True:
                            replies, final = client.deliver(SENDER, ["paul@one.example"], MESSAGE)
                            if (final or replies)[-1].startswith("250"):
                                break
                            expect((final or replies)[-1].startswith("4"), f"{replies} {final}")
                            time.sleep(0.02)
            except Exception as problem:
                failures.append(f"{number}: {problem}")
        threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(not failures, f"{failures[:3]}")
        stored = site.messages("paul@one.example")
        expect(len(stored) == 500, f"{len(stored)} copies of 500")
        # While many write, a recalculation may count a message that is just being added twice; the next one is exact.
        maildirsize = os.path.join(site.mailbox("paul@one.example"), "maildirsize")
        os.unlink(maildirsize)
        deliver(site.socket, SENDER, ["paul@one.example"], MESSAGE)
        lines = open(maildirsize, encoding="ascii").read().splitlines()[1:]
        expect(sum(int(line.split()[0]) for line in lines) == sum(map(len, site.messages("paul@one.example"))), "maildirsize does not add up")


def sigterm_finishes_what_is_in_hand():
    with make_site() as site:
        site.start_agent()
        client = LmtpClient(site.socket)
        idle = LmtpClient(site.socket)
        for line in (f"MAIL FROM:<{SENDER}>", "RCPT TO:<paul@one.example>", "DATA"):
            client.ask(line)
        client.send(b"Subject: late\r\n\r\nbegin ")
        time.sleep(0.1)
        site.agent.send_signal(signal.SIGTERM)
        expect(idle.reply().startswith("421"), "an idle client is told 421")
        time.sleep(0.3)
        client.send(b"end\r\n.\r\n")
        expect(client.reply().startswith("250"), "the message in hand was not finished")
        expect(site.agent.wait(timeout=30) == 0, "exit status")
        expect(len(site.messages("paul@one.example")) == 1, "not delivered")
        expect(not os.path.exists(site.socket), "the socket file stays")


def sighup_reopens_the_journal():
    with make_site() as site:
        site.start_agent()
        deliver(site.socket, SENDER, ["paul@one.example"], MESSAGE)
        os.rename(site.path("lib", "delivery.log"), site.path("lib", "delivery.log.1"))
        site.agent.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        deliver(site.socket, SENDER, ["ringo@one.example", "nobody@one.example"], MESSAGE)
        lines = site.journal()
        expect(any(line["recipient"] == "ringo@one.example" and line["result"] == "delivered" for line in lines), f"{lines}")
        expect(all("time" in line and "id" in line and "sender" in line and "why" in line for line in lines), f"{lines}")


def a_new_configuration_is_seen_without_a_restart():
    with make_site() as site:
        site.start_agent()
        with LmtpClient(site.socket) as client:
            replies, _ = client.deliver(SENDER, ["new@one.example"], MESSAGE)
            expect(replies[0].startswith("550 5.1.1"), f"{replies}")
            site.mailctl("mailbox", "create", "new@one.example", "--no-password")
            _, final = client.deliver(SENDER, ["new@one.example"], MESSAGE)
            expect(final and final[0].startswith("250"), f"{final}")
            site.mailctl("mailbox", "delete", "new@one.example", "--yes")
            replies, _ = client.deliver(SENDER, ["new@one.example"], MESSAGE)
            expect(replies[0].startswith("550 5.1.1"), f"{replies}")


def a_probe_leaves_no_trace():
    with make_site() as site:
        site.start_agent()
        before = sorted(os.walk(site.path("mail")))
        with LmtpClient(site.socket) as client:
            for recipient in ("paul@one.example", "nobody@one.example", "paul+x@one.example"):
                client.ask("MAIL FROM:<>")
                client.ask(f"RCPT TO:<{recipient}>")
                client.ask("RSET")
        expect(sorted(os.walk(site.path("mail"))) == before, "RCPT had a side effect")


def systemd_hands_over_a_socket_and_is_told_when_ready():
    with make_site() as site:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(site.path("activated.sock"))
        listener.listen(10)
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(site.path("notify.sock"))
        notify.settimeout(20)
        # LISTEN_PID must be the agent's own pid, which only the shell that becomes it knows.
        script = f"export LISTEN_PID=$$; exec {' '.join(site.command('mailctl-deliver', 'lmtp'))}"

        def place():
            os.dup2(listener.fileno(), 3)
        agent = subprocess.Popen(["sh", "-c", script], env={**site.environment(), "LISTEN_FDS": "1", "NOTIFY_SOCKET": site.path("notify.sock")},
                                 preexec_fn=place, pass_fds=(3,), stderr=subprocess.DEVNULL)
        try:
            expect(b"READY=1" in notify.recv(4096), "no READY=1")
            _, final = deliver(site.path("activated.sock"), SENDER, ["paul@one.example"], MESSAGE)
            expect(final[0].startswith("250"), f"{final}")
        finally:
            agent.terminate()
            expect(agent.wait(timeout=30) == 0, "exit status")
        expect(b"STOPPING=1" in notify.recv(4096), "no STOPPING=1")


def it_refuses_port_25_and_a_socket_that_answers():
    with make_site() as site:
        done = subprocess.run(site.command("mailctl-deliver", "lmtp", "--listen", "inet:127.0.0.1:25"), env=site.environment(), capture_output=True, text=True, timeout=20)
        expect(done.returncode != 0 and "25" in done.stderr, f"{done.returncode} {done.stderr}")
        site.start_agent()
        done = subprocess.run(site.command("mailctl-deliver", "lmtp"), env=site.environment(), capture_output=True, text=True, timeout=20)
        expect(done.returncode != 0 and "lmtp.sock" in done.stderr, f"{done.returncode} {done.stderr}")
        still_serving(site)
        site.stop_agent(signal.SIGKILL)
        expect(os.path.exists(site.socket), "this test needs a stale socket")
        site.start_agent()
        still_serving(site)


def a_bounce_of_a_forward_finds_its_way_back_after_a_restart():
    """What signs the sender of a forward is the site's secret and not the process's."""
    sink = SmtpSink()
    with make_site([f"submit=smtp:127.0.0.1:{sink.port}"]) as site:
        site.mailctl("forward", "create", "away@one.example", "friend@far.example")
        site.start_agent()
        _, final = deliver(site.socket, SENDER, ["away@one.example"], MESSAGE)
        expect(final and final[0].startswith("250"), f"{final}")
        sender = sink.messages[0][0]
        expect(sender.startswith("SRS0="), sender)
        site.stop_agent()
        site.start_agent()
        answers, final = deliver(site.socket, "", [sender], MESSAGE)
        expect(final and final[0].startswith("250"), f"{answers} {final}")
        expect(sink.messages[1][:2] == ("", [SENDER]), f"{sink.messages[1]}")
        expect("return to " + SENDER in site.mailctl("explain", sender), "mailctl does not know it")
    sink.close()


def it_listens_on_loopback_too():
    from harness.postfix import free_port
    with make_site() as site:
        port = free_port()
        site.start_agent(arguments=("--listen", f"inet:127.0.0.1:{port}", "--listen", f"unix:{site.socket}"))
        still_serving(site)
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            expect(client.recv(100).startswith(b"220 mx.test.example"), "banner")


if __name__ == "__main__":
    sys.exit(run_tests("lmtp agent", [
        a_client_that_stalls_in_its_message_is_closed_and_nothing_is_delivered, a_client_that_vanishes_delivers_nothing,
        a_client_that_leaves_after_the_last_dot_still_gets_its_mail_delivered, a_flood_of_one_endless_line_costs_one_reply_and_no_memory,
        a_flood_of_bad_commands_is_cut_off, a_flood_of_recipients_meets_the_limit_and_the_others_stay_valid, too_many_connections_are_told_so,
        nonsense_does_no_harm, bytes_arrive_as_they_were_sent, many_transactions_on_one_connection_leave_nothing_open,
        fifty_clients_at_one_mailbox_lose_nothing, sigterm_finishes_what_is_in_hand, sighup_reopens_the_journal,
        a_new_configuration_is_seen_without_a_restart, a_probe_leaves_no_trace, systemd_hands_over_a_socket_and_is_told_when_ready,
        it_refuses_port_25_and_a_socket_that_answers, it_listens_on_loopback_too,
        a_bounce_of_a_forward_finds_its_way_back_after_a_restart,
    ], side_by_side=WAITING))
