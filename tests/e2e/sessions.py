#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may log in no more is out at once: a running Dovecot ends his sessions, and mailctl says that it did."""
import imaplib
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.dovecot import Dovecot  # noqa: E402
from harness.site import UNPRIVILEGED, WAITING, Site, expect, run_tests  # noqa: E402

PASSWORD = "correct horse battery"
# On a real site it is root who runs both. Here it is the owner of the site, to whom Dovecot opens what it asks for.
OPEN = """
service anvil {
  unix_listener anvil {
    mode = 0666
  }
}
service auth {
  unix_listener auth-master {
    mode = 0666
  }
}
"""


def make_site():
    site = Site(user=UNPRIVILEGED, settings=("maps.type=texthash",))
    for domain in ("one.example", "two.example"):
        site.mailctl("domain", "create", domain)
    for name in ("paul@one.example", "ringo@one.example", "john@two.example"):
        site.mailctl("mailbox", "create", name, "--password-stdin", stdin=PASSWORD + "\n")
    return site


class OpenDovecot(Dovecot):
    def __init__(self, site):
        super().__init__(site.path("lib", "maps", "dovecot.conf"), OPEN)

    def start(self):
        super().start()
        os.chmod(os.path.join(self.directory, "run"), 0o755)


def says(site, *arguments, stdin=""):
    done = subprocess.run(site.command("mailctl", *arguments), input=stdin, text=True, capture_output=True, env=site.environment(),
                          timeout=120, check=False)
    expect(done.returncode == 0, f"{arguments}: {done.stderr}")
    return done.stderr


def is_open(session):
    try:
        return session.noop()[0] == "OK"
    except (imaplib.IMAP4.abort, OSError):
        return False


def ends(session):
    """doveadm kick returns when it has told the process, which is a moment before that obeys."""
    deadline = time.monotonic() + 20
    while is_open(session):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def sessions_end_with_the_right_to_log_in():
    with make_site() as site, OpenDovecot(site) as dovecot:
        site.mailctl("config", "set", f"maps.dovecot_config={dovecot.configuration}")
        ended = (("mailbox", "password", "paul@one.example", "--password-stdin"), ("mailbox", "suspend", "paul@one.example", "--login"),
                 ("mailbox", "delete", "ringo@one.example", "--yes"), ("domain", "suspend", "two.example", "--yes"))
        passwords = {"paul@one.example": [PASSWORD, "another one"], "ringo@one.example": [PASSWORD], "john@two.example": [PASSWORD]}
        for command, user in zip(ended, ("paul@one.example", "paul@one.example", "ringo@one.example", "john@two.example")):
            others = [dovecot.login(other, known[0]) for other, known in passwords.items() if other != user and known]
            time.sleep(1.1)  # Dovecot looks at the file once a second, and one command has just changed it
            session = dovecot.login(user, passwords[user].pop(0))
            said = says(site, *command, stdin="another one\n")
            expect("Dovecot ended the sessions of" in said and user in said, f"{command}: {said}")
            expect(ends(session), f"{command}: the session goes on")
            expect(all(map(is_open, others)), f"{command}: somebody else's session ended")


def other_changes_end_no_session():
    with make_site() as site, OpenDovecot(site) as dovecot:
        site.mailctl("config", "set", f"maps.dovecot_config={dovecot.configuration}")
        session = dovecot.login("paul@one.example", PASSWORD)
        for command in (("mailbox", "set", "paul@one.example", "quota=1G"), ("alias", "create", "macca@one.example", "paul@one.example"),
                        ("mailbox", "create", "new@one.example", "--no-password"), ("mailbox", "delete", "new@one.example", "--yes"),
                        ("mailbox", "suspend", "paul@one.example", "--receive", "defer")):
            expect("Dovecot" not in says(site, *command), f"{command}")
            expect(is_open(session), f"{command} ended a session")


def where_dovecot_does_not_run_nothing_is_said():
    with make_site() as site:
        dovecot = Dovecot(site.path("lib", "maps", "dovecot.conf"))
        site.mailctl("config", "set", f"maps.dovecot_config={dovecot.configuration}")
        expect("Dovecot" not in says(site, "mailbox", "suspend", "paul@one.example", "--login"), "it does not run")
        dovecot.close()


def a_dovecot_that_does_not_obey_is_told_of():
    with make_site() as site, Dovecot(site.path("lib", "maps", "dovecot.conf")) as dovecot:
        site.mailctl("config", "set", f"maps.dovecot_config={dovecot.configuration}")
        said = says(site, "mailbox", "delete", "ringo@one.example", "--yes")
        expect("warning: Dovecot may keep sessions of 'ringo@one.example' open" in said and "hint: doveadm" in said, said)


if __name__ == "__main__":
    if os.getuid() != 0:
        print("not ok e2e needs root: Dovecot starts as root")
        sys.exit(1)
    sys.exit(run_tests("e2e", [sessions_end_with_the_right_to_log_in, other_changes_end_no_session,
                               where_dovecot_does_not_run_nothing_is_said, a_dovecot_that_does_not_obey_is_told_of],
                       side_by_side=WAITING))
