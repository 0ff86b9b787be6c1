#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What became of mail, as real Postfix logs it: private instances whose log is a file (postlogd)."""
import os
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


if __name__ == "__main__":
    sys.exit(run_tests("e2e", [every_status_of_real_mail, long_queue_ids, a_filter_gives_mail_back, held_by_a_header_check_and_deleted]))
