#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What became of mail, as real Postfix logs it: private instances whose log is a file (postlogd)."""
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mail_flows import make_site, open_socket_to_postfix, wait_for  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.site import expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

SENDER = "a@elsewhere.example"


def message(name):
    return f"From: {SENDER}\nTo: somebody\nSubject: {name}\nMessage-ID: <{name}@elsewhere.example>\n\nhello\n".encode()


def postfix_of(site, sink, extra=""):
    """Our fragments; everything else leaves for the sink."""
    fragments = [open(site.path("lib", "maps", name), encoding="utf-8").read() for name in ("main.cf", "master.cf")]
    return Postfix(main=fragments[0] + f"relayhost = [127.0.0.1]:{sink.port}\n" + extra, master=fragments[1])


class Log:
    """The log of a Postfix, copied to where the site's user may read it, and what `track` makes of it."""

    def __init__(self, site, postfix):
        self.site, self.postfix = site, postfix

    def update(self):
        with open(self.site.path("maillog"), "w", encoding="utf-8") as copy:
            copy.write(self.postfix.log())
        os.chmod(self.site.path("maillog"), 0o644)
        return self.site.json("track", "update", self.site.path("maillog"))

    def rows(self, *filters):
        self.update()
        return self.site.json("track", "search", *filters)

    def wait_for(self, status, *filters):
        """The rows of a search, once the first has the status."""
        found = []

        def has_status():
            found[:] = self.rows(*filters)
            return found and found[0]["status"] == status
        wait_for(has_status, f"status {status} of {filters}, not {[row['status'] for row in found]}")
        return found


def superuser(postfix, *words):
    done = postfix.run("postsuper", "-c", postfix.etc, *words)
    expect(done.returncode == 0, done.stderr)


def every_status_of_real_mail(long_ids=False):
    sink = SmtpSink(refuse={"gone@far.example": "550 5.1.1 no such user", "slow@far.example": "450 4.2.0 greylisted, come back"})
    with make_site() as site:
        site.mailctl("forward", "create", "out@one.example", "friend@far.example")
        site.start_agent()
        open_socket_to_postfix(site)
        extra = f"enable_long_queue_ids = {'yes' if long_ids else 'no'}\n"
        with postfix_of(site, sink, extra) as postfix:
            site.mailctl("config", "set", f"submit=smtp:127.0.0.1:{postfix.port}")
            log = Log(site, postfix)
            for name, recipient in (("here", "paul@one.example"), ("far", "friend@far.example"), ("gone", "gone@far.example"),
                                    ("slow", "slow@far.example"), ("out", "out@one.example")):
                expect(postfix.send(SENDER, [recipient], message(name)) == {}, recipient)
            code, _ = postfix.refusal("nobody@one.example", sender="spammer@elsewhere.example")
            expect(code == 550, "an unknown user was taken")

            here = log.wait_for("delivered", "--to", "paul@one.example")[0]
            expect(here["sender"] == SENDER and here["attempts"] == 1 and here["message_id"] == "here@elsewhere.example", here)
            expect("saved" in here["answer"] and here["delay"] >= 0, here)
            far = log.wait_for("sent", "--to", "friend@far.example", "--from", SENDER)[0]
            expect(f"127.0.0.1]:{sink.port}" in far["remote_host"], far)
            gone = log.wait_for("bounced", "--to", "gone@far.example")[0]
            expect("550 5.1.1 no such user" in gone["answer"], gone)
            slow = log.wait_for("deferred", "--to", "slow@far.example")[0]
            expect("greylisted" in slow["answer"], slow)
            refused = log.wait_for("rejected", "--from", "spammer@elsewhere.example")[0]
            expect(refused["recipient"] == "nobody@one.example" and refused["id"] == "NOQUEUE", refused)

            story = site.json("track", "show", gone["id"])
            expect(any("non-delivery notification" in line["text"] for line in story), story)
            expect(len({line["id"] for line in story}) > 1, "the notification is not in the story")
            forwarded = [row for row in log.rows("--id", "out@elsewhere.example") if row["recipient"] == "friend@far.example"]
            expect(len(forwarded) == 1 and len(forwarded[0]["ids"]) == 2, f"the forward is not joined: {forwarded}")
            told = site.mailctl("track", "show", "out@elsewhere.example")
            expect("mailctl-deliver" in told and "forwarded friend@far.example" in told, told)

            superuser(postfix, "-h", slow["ids"][-1])
            log.wait_for("held", "--to", "slow@far.example")
            superuser(postfix, "-H", slow["ids"][-1])
            superuser(postfix, "-r", slow["ids"][-1])
            waiting = log.rows("--to", "slow@far.example")
            expect([row["status"] for row in waiting] == ["deferred"], f"requeued and not picked up yet: {waiting}")
            postfix.run("postkick", "-c", postfix.etc, "public", "pickup", "W")
            wait_for(lambda: postfix.log().count(f"orig_id={slow['ids'][-1]}"), "pickup")
            log.wait_for("deferred", "--to", "slow@far.example")
            again = log.rows("--to", "slow@far.example")
            expect(len(again) == 1 and len(again[0]["ids"]) == 2, f"a requeued message is several rows: {again}")
            superuser(postfix, "-e", again[0]["ids"][-1])
            postfix.flush()
            log.wait_for("expired", "--to", "slow@far.example")
            update = log.update()
            expect(all(row["bad"] == 0 for row in update), f"lines of real Postfix are bad: {site.mailctl('track', 'update', '-v', site.path('maillog'))}")


def long_queue_ids():
    every_status_of_real_mail(long_ids=True)


def a_filter_gives_mail_back():
    sink = SmtpSink()
    with make_site() as site:
        site.start_agent()
        open_socket_to_postfix(site)
        with postfix_of(site, sink) as second:
            # the first Postfix sends all to the second, as to a filter on this machine
            with Postfix(main=f"content_filter = smtp:[127.0.0.1]:{second.port}\nmydestination =\nrelay_domains = far.example\n") as first:
                expect(first.send(SENDER, ["friend@far.example"], message("filtered")) == {}, "refused")
                first.wait_until_empty()
                alone = Log(site, first).rows("--to", "friend@far.example")
                expect([row["status"] for row in alone] == ["filtered"], alone)
                second.wait_until_empty()
                rows = Log(site, second).rows("--to", "friend@far.example")
                expect([row["status"] for row in rows] == ["sent"] and len(rows[0]["ids"]) == 2, rows)


def held_by_a_header_check_and_deleted():
    sink = SmtpSink()
    with make_site() as site:
        site.start_agent()
        with postfix_of(site, sink) as postfix:
            checks = os.path.join(postfix.etc, "checks")
            with open(checks, "w", encoding="utf-8") as file:
                file.write("/^Subject: hold/ HOLD\n/^Subject: drop/ DISCARD dropped\n/^Subject: refuse/ REJECT no\n")
            subprocess.run(["postconf", "-c", postfix.etc, f"header_checks=regexp:{checks}"], check=True)
            postfix.run("postfix", "-c", postfix.etc, "reload")
            time.sleep(1)
            log = Log(site, postfix)
            for name in ("hold", "drop"):
                expect(postfix.send(SENDER, [f"{name}@far.example"], message(name)) == {}, name)
            try:
                postfix.send(SENDER, ["refuse@far.example"], message("refuse"))
            except Exception:  # refused after the data, as it must be
                pass
            held = log.wait_for("held", "--to", "hold@far.example")[0]
            log.wait_for("discarded", "--to", "drop@far.example")
            log.wait_for("rejected", "--to", "refuse@far.example")
            superuser(postfix, "-d", held["id"])
            log.wait_for("discarded", "--to", "hold@far.example")


def guarded_by_postscreen(master, port):
    """The text of master.cf where postscreen(8) listens at the port, and hands on to smtpd(8)."""
    services = f"127.0.0.1:{port} inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\ndnsblog unix - - n - 0 dnsblog\ntlsproxy unix - - n - 0 tlsproxy\n"
    return master.replace(f"127.0.0.1:{port} inet n - n - - smtpd\n", services)


def say_blindly(postfix, sender, recipient, address="127.0.0.1", patience=0):
    """As a spammer's program does: it waits for no answer, and for the greeting only so long."""
    with socket.create_connection(("127.0.0.1", postfix.port), 30, (address, 0)) as client:
        time.sleep(patience)
        for line in ("EHLO h.example", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "QUIT"):
            client.sendall(line.encode() + b"\r\n")
            time.sleep(0.3)
        while client.recv(4096):
            pass


def postscreen_lets_in_and_keeps_out():
    sink = SmtpSink()
    with make_site() as site:
        site.start_agent()
        open_socket_to_postfix(site)
        postfix = postfix_of(site, sink, "postscreen_cache_map = lmdb:$data_directory/postscreen\npostscreen_greet_wait = 2s\npostscreen_greet_action = enforce\n"
                                         "postscreen_access_list = cidr:$config_directory/access\npostscreen_denylist_action = enforce\n")
        postfix.write("access", "127.0.5.9 reject\n")
        with open(os.path.join(postfix.etc, "master.cf"), encoding="utf-8") as file:
            master = file.read()
        postfix.write("master.cf", guarded_by_postscreen(master, postfix.port))
        with postfix:
            log = Log(site, postfix)
            say_blindly(postfix, "early@elsewhere.example", "paul@one.example")
            say_blindly(postfix, "listed@elsewhere.example", "paul@one.example", "127.0.5.9", patience=4)
            time.sleep(1)
            expect(postfix.send(SENDER, ["paul@one.example"], message("patient")) == {}, "a patient client is refused")
            log.wait_for("delivered", "--to", "paul@one.example", "--from", SENDER)
            for sender, words in (("early", "550 5.5.1 Protocol error"), ("listed", "550 5.3.2 Service currently unavailable")):
                row = log.wait_for("rejected", "--from", f"{sender}@elsewhere.example")[0]
                expect(row["id"] == "NOQUEUE" and row["recipient"] == "paul@one.example" and words in row["answer"], row)
            for word in ("PREGREET", "PASS NEW", "DENYLISTED"):
                expect(word in postfix.log(), f"postscreen did not say {word}:\n{postfix.log()}")
            expect(all(row["bad"] == 0 for row in log.update()), site.mailctl("track", "update", "-v", site.path("maillog")))


if __name__ == "__main__":
    sys.exit(run_tests("e2e", [every_status_of_real_mail, long_queue_ids, a_filter_gives_mail_back, held_by_a_header_check_and_deleted,
                               postscreen_lets_in_and_keeps_out]))
