#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Postfix takes with its defaults as a sender or a target is never bounced by us: by LMTP, and by pipe with and without flag q."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.postfix import Postfix  # noqa: E402
from harness.site import UNPRIVILEGED, Site, expect, run_tests  # noqa: E402

MESSAGE = b"From: a@far.example\nTo: paul@one.example\nSubject: hello\nDate: Mon, 6 Jan 2025 10:00:00 +0000\n\nbody\n"
SENDERS = ["news@mail_out.far.example", "a@_far.example", "a@xn--i-7iq.ws", "a@xn--a.example", "x" * 65 + "@far.example", "y" * 300 + "@far.example",
           '"a b"@far.example', '"a@b"@far.example', '"a\\"b"@far.example', '""@far.example', "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "a..b@far.example",
           "<#@[]>", "@x.example,@y_z.example:a@far.example", "a@-b.example", "a@b..example", "-a@far.example", "SRS0=opaque@fwd_a.example",
           "prvs=1234abcd=a@far_away.example", "a@localhost", "somebody", "#@[]", "a@far.example."]
RECIPIENTS = ["paul@one.example", "paul+a/b@one.example", '"paul+a b"@one.example', "-paul@one.example", "PAUL@ONE.EXAMPLE"]


def make_site():
    site = Site(user=UNPRIVILEGED)
    site.mailctl("domain", "create", "one.example")
    site.mailctl("mailbox", "create", "admin@one.example", "--no-password")
    site.mailctl("mailbox", "create", "paul@one.example", "--no-password")
    site.mailctl("alias", "create", "--domain", "one.example", "--", "-paul", "paul@one.example")
    return site


def give(postfix, sender, recipient):
    """Whether Postfix takes the message; addresses go to it exactly as they are here."""
    with postfix.smtp() as client:
        client.ehlo()
        for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
            if client.docmd(command)[0] != 250:
                return False
        return client.data(MESSAGE.replace(b"\n", b"\r\n"))[0] == 250


def nothing_that_postfix_takes_is_bounced(postfix, site):
    taken = 0
    for sender in SENDERS:
        taken += give(postfix, sender, "paul@one.example")
    for recipient in RECIPIENTS:
        expect(give(postfix, "a@far.example", recipient), f"Postfix refuses {recipient}: {postfix.log()[-600:]}")
        taken += 1
    postfix.wait_until_empty()
    stored = len(site.messages("paul@one.example"))
    log = postfix.log()
    expect("status=bounced" not in log, "\n".join(line for line in log.splitlines() if "bounced" in line))
    expect(taken >= 20, f"Postfix took {taken} only: the test says nothing")
    expect(stored == taken, f"Postfix took {taken}, stored are {stored}")


def over_lmtp():
    with make_site() as site:
        site.start_agent()
        os.chmod(site.path("run"), 0o755)
        os.chmod(site.socket, 0o666)
        fragments = [open(site.path("lib", "maps", name), encoding="utf-8").read() for name in ("main.cf", "master.cf")]
        with Postfix(main=fragments[0], master=fragments[1]) as postfix:
            nothing_that_postfix_takes_is_bounced(postfix, site)


def over_pipe(flags):
    with make_site() as site:
        argv = " ".join([site.command("mailctl-deliver")[-1], "pipe", "--root", site.root, "-f", "${sender}", "--", "${recipient}"])
        service = f"mailctl unix - n n - - pipe\n  flags={flags} user={UNPRIVILEGED} null_sender= argv={argv}\n"
        main = open(site.path("lib", "maps", "main.cf"), encoding="utf-8").read()
        with Postfix(main=main + "\nvirtual_transport = mailctl\nmailctl_destination_recipient_limit = 1\n", master=service) as postfix:
            nothing_that_postfix_takes_is_bounced(postfix, site)


def over_pipe_as_generated():
    with make_site() as site:
        expect("flags=Xq " in open(site.path("lib", "maps", "master.cf"), encoding="utf-8").read(), "master.cf has other flags")
    over_pipe("Xq")


def over_pipe_with_the_flags_of_older_sites():
    over_pipe("X")


if __name__ == "__main__":
    if os.getuid() != 0:
        print("not ok e2e needs root: Postfix starts as root")
        sys.exit(1)
    sys.exit(run_tests("e2e peers", [over_lmtp, over_pipe_as_generated, over_pipe_with_the_flags_of_older_sites]))
