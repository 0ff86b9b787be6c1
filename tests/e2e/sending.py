#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How mail of our users leaves, with the real programs: through ports 465 and 587 with Dovecot's passwords, under their own addresses
only, and from the address of their domain."""
import os
import smtplib
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.dovecot import Dovecot  # noqa: E402
from harness.postfix import Postfix, free_port  # noqa: E402
from harness.site import UNPRIVILEGED, WAITING, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

PASSWORD = "correct horse battery"
MESSAGE = b"From: %s\r\nTo: friend@far.example\r\nSubject: out\r\n\r\nhello\r\n"


def make_site(*settings):
    site = Site(user=UNPRIVILEGED, settings=settings)
    site.mailctl("domain", "create", "one.example", "--alias", "uno.example")
    site.mailctl("domain", "create", "two.example")
    site.mailctl("mailbox", "create", "paul@one.example", "--alias", "macca", "--password-stdin", stdin=PASSWORD + "\n")
    site.mailctl("mailbox", "create", "ringo@two.example", "--password-stdin", stdin=PASSWORD + "\n")
    return site


def map_text(site, name):
    with open(site.path("lib", "maps", name), encoding="utf-8") as file:
        return file.read()


class Submission:
    """Postfix and Dovecot with our fragments, on ports of their own; what leaves arrives at a sink."""

    def __init__(self, site, sink):
        self.tls, self.starttls = free_port(), free_port()
        services = map_text(site, "submission.cf").replace("\nsubmission ", f"\n127.0.0.1:{self.starttls} ") \
            .replace("\nsubmissions ", f"\n127.0.0.1:{self.tls} ")
        self.postfix = Postfix(main=map_text(site, "main.cf") + f"relayhost = [127.0.0.1]:{sink.port}\nsmtpd_tls_chain_files = $queue_directory/../key.pem\n",
                               master=map_text(site, "master.cf") + services + "tlsmgr unix - - n 1000? 1 tlsmgr\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mx.test.example", "-keyout",
                        os.path.join(self.postfix.directory, "key.pem"), "-out", os.path.join(self.postfix.directory, "cert.pem")],
                       check=True, capture_output=True)
        with open(os.path.join(self.postfix.directory, "cert.pem"), encoding="ascii") as cert, \
                open(os.path.join(self.postfix.directory, "key.pem"), "a", encoding="ascii") as key:
            key.write(cert.read())
        self.dovecot = Dovecot(site.path("lib", "maps", "dovecot.conf"))

    def __enter__(self):
        self.dovecot.start()
        self.postfix.start()
        return self

    def __exit__(self, *unused):
        self.postfix.close()
        self.dovecot.close()

    def connect(self, port, login=True, user="paul@one.example", password=PASSWORD):
        context = ssl._create_unverified_context()
        if port == self.tls:
            client = smtplib.SMTP_SSL("127.0.0.1", port, local_hostname="laptop", timeout=30, context=context)
        else:
            client = smtplib.SMTP("127.0.0.1", port, local_hostname="laptop", timeout=30)
            client.ehlo()
            expect("auth" not in client.esmtp_features, "a password may be sent in clear text")
            client.starttls(context=context)
        if login:
            client.login(user, password)
        return client


def refused(call, *arguments):
    """(code, text) of a refusal."""
    try:
        call(*arguments)
    except smtplib.SMTPAuthenticationError as error:
        return error.smtp_code, error.smtp_error.decode()
    except smtplib.SMTPSenderRefused as error:
        return error.smtp_code, error.smtp_error.decode()
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return code, text.decode()
    raise AssertionError("it was taken")


def users_send_under_their_own_addresses_only():
    sink = SmtpSink()
    with make_site("maps.type=texthash") as site, Submission(site, sink) as submission:
        own = ("paul@one.example", "macca@one.example", "paul@uno.example")
        for port in (submission.tls, submission.starttls):
            for sender in own:
                with submission.connect(port) as client:
                    client.sendmail(sender, ["friend@far.example"], MESSAGE % sender.encode())
            for foreign in ("ringo@two.example", "stranger@far.example", "nobody@one.example"):
                with submission.connect(port) as client:
                    code, text = refused(client.sendmail, foreign, ["friend@far.example"], MESSAGE % foreign.encode())
                    expect(code == 553 and "not owned by user paul@one.example" in text, f"{foreign}: {code} {text}")
        with submission.connect(submission.tls, user="paul/one.example") as client:  # the other form of a login
            client.sendmail("paul@one.example", ["friend@far.example"], MESSAGE % b"paul@one.example")
        submission.postfix.wait_until_empty()
        expect(sorted(sender for sender, _, _ in sink.messages) == sorted(own * 2 + own[:1]), f"{[m[0] for m in sink.messages]}")
    sink.close()


def nobody_sends_without_a_password():
    sink = SmtpSink()
    with make_site("maps.type=texthash") as site, Submission(site, sink) as submission:
        for port in (submission.tls, submission.starttls):
            code, text = refused(submission.connect, port, True, "paul@one.example", "wrong")
            expect(code == 535, f"{code} {text}")
            for sender in ("paul@one.example", "stranger@far.example", ""):
                with submission.connect(port, login=False) as client:
                    code, text = refused(client.sendmail, sender, ["friend@far.example"], MESSAGE % sender.encode())
                    expect(code // 100 == 5, f"{sender}: {code} {text}")
        site.mailctl("mailbox", "suspend", "paul@one.example", "--login")
        time.sleep(1.1)  # Dovecot looks at the file once a second
        code, text = refused(submission.connect, submission.tls)
        expect(code == 535, f"a suspended user: {code} {text}")
        expect(not sink.messages, "something left")
    sink.close()


def mail_leaves_from_the_address_of_its_domain():
    sink = SmtpSink()
    with make_site("maps.type=texthash") as site:
        site.mailctl("config", "set", "source_ips=127.0.0.2 127.0.0.3")
        for domain in ("one.example", "two.example"):
            site.mailctl("domain", "set", domain, "source_ip=auto")
        site.mailctl("domain", "create", "fixed.example", "--source-ip", "127.0.0.3")
        chosen = {row["domain"]: row["source_ip_chosen"] for row in site.json("domain", "show", "one.example", "two.example")}
        expect(sorted(chosen.values()) == ["127.0.0.2", "127.0.0.3"], f"{chosen}: each should have one")
        relay = f"relayhost = [127.0.0.1]:{sink.port}\n"
        with Postfix(main=map_text(site, "main.cf") + relay) as postfix:
            # Postfix lacks the services: the map has no row that mail would get stuck at, and who builds it is told.
            done = subprocess.run(site.command("mailctl", "config", "set", f"maps.postfix_config_directory={postfix.etc}"),
                                  env=site.environment(), capture_output=True, text=True, check=True)
            expect("out-127-0-0-2" in done.stderr and "master.cf" in done.stderr, done.stderr)
            expect("out-" not in map_text(site, "sender-transport"), map_text(site, "sender-transport"))
            postfix.send("paul@one.example", ["friend@far.example"], MESSAGE % b"paul@one.example")
            postfix.wait_until_empty()
            expect(sink.peers == ["127.0.0.1"], f"{sink.peers}")
            with open(os.path.join(postfix.etc, "master.cf"), "a", encoding="utf-8") as file:
                file.write(map_text(site, "master.cf"))
            expect(postfix.run("postfix", "-c", postfix.etc, "reload").returncode == 0, "reload")
            site.mailctl("map", "build")
            expected = {"paul@one.example": chosen["one.example"], "paul@uno.example": chosen["one.example"],
                        "ringo@two.example": chosen["two.example"], "x@fixed.example": "127.0.0.3", "x@far.example": "127.0.0.1"}
            for sender, address in expected.items():
                sink.peers.clear()
                postfix.send(sender, ["friend@far.example"], MESSAGE % sender.encode())
                postfix.wait_until_empty()
                expect(sink.peers == [address], f"{sender} left from {sink.peers}, not {address}\n{postfix.log()[-2000:]}")
        site.mailctl("domain", "create", "more.example", "--source-ip", "auto")
        site.mailctl("map", "build")
        kept = {row["domain"]: row["source_ip_chosen"] for row in site.json("domain", "show", "one.example", "two.example")}
        expect(kept == chosen, f"another domain made them change: {chosen}, {kept}")
    sink.close()


if __name__ == "__main__":
    if os.getuid() != 0:
        print("not ok e2e needs root: Postfix and Dovecot start as root")
        sys.exit(1)
    sys.exit(run_tests("e2e", [users_send_under_their_own_addresses_only, nobody_sends_without_a_password,
                               mail_leaves_from_the_address_of_its_domain], side_by_side=WAITING))
