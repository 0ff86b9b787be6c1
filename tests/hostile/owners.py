#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who owns what: root on the site of another user, a site of root's own, and directories of root's where the owner's belong."""
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import BINARIES, UNPRIVILEGED, Site, expect, run_tests  # noqa: E402

BY_ROOT = [
    "domain create three.example", "mailbox create paul@one.example --no-password", "mailbox suspend paul@one.example --receive hold",
    "mailbox resume paul@one.example", "robot create info@one.example --subject S --message T", "mailbox invite paul@one.example",
    "mailbox rename paul@one.example saul@one.example", "mailbox delete saul@one.example --yes", "mailbox restore saul@one.example",
    "config set time_zone=UTC", "map build", "candidate expire", "apply", "mailbox clear ann@one.example --yes", "history list",
]


def run_as_root(site, words, program="mailctl"):
    return subprocess.run([os.path.join(BINARIES, program), *words.split()], env=site.environment(), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)


def not_of(user, top):
    uid = pwd.getpwnam(user).pw_uid
    return [os.path.join(directory, name) for directory, names, files in os.walk(top) for name in names + files
            if os.lstat(os.path.join(directory, name)).st_uid != uid]


def site_of_another_user():
    site = Site(user=UNPRIVILEGED, settings=("submit=/bin/true",))
    for domain in ("one.example", "two.example"):
        site.mailctl("domain", "create", domain, "--unknown", "candidate")
    site.mailctl("mailbox", "create", "ann@one.example", "--no-password")
    return site


def no_command_of_root_leaves_anything_of_its_own_on_the_site_of_another_user():
    with site_of_another_user() as site:
        expect(not not_of(UNPRIVILEGED, site.root), "the site isn't its owner's")
        for words in BY_ROOT:
            done = run_as_root(site, words)
            expect(done.returncode == 0, f"{words}: {done.returncode} {done.stderr}")
            expect(not not_of(UNPRIVILEGED, site.root), f"{words}: root's now: {not_of(UNPRIVILEGED, site.root)[:5]}")
            site.mailctl("mailbox", "set", "ann@one.example", f"name={words[:20]}")
        status, said = site.pipe("x@elsewhere.example", ["saul@one.example", "stranger@two.example"], b"Subject: x\n\nx\n")
        expect(status == 0, f"the agent of the owner: {status} {said}")


def a_site_of_roots_own_is_warned_of():
    top = tempfile.mkdtemp(prefix="mailctl-owners-")
    try:
        environment = {"PATH": os.environ["PATH"], "MAILCTL_ROOT": os.path.join(top, "site"), "LC_ALL": "C.UTF-8"}

        def run(*words):
            return subprocess.run([os.path.join(BINARIES, "mailctl"), *words], env=environment, capture_output=True, text=True, timeout=60)
        made = run("init", "--hostname", "mx.one.example", "--postmaster", "admin@elsewhere.example")
        expect(made.returncode == 0 and "belongs to root (uid 0)" in made.stderr and "give '" in made.stderr, made.stderr)
        again = run("init", "--hostname", "mx.one.example", "--postmaster", "admin@elsewhere.example")
        expect("belongs to root (uid 0)" in again.stderr, f"the second time: {again.stderr}")
    finally:
        shutil.rmtree(top)


def a_directory_of_roots_in_place_of_a_domain_stops_that_domain_only():
    with site_of_another_user() as site:
        place = site.path("mail", "one.example")
        shutil.rmtree(place)
        os.mkdir(place, 0o755)  # as rsync of root's would make it
        before = site.mailctl("history", "list", "--plain").count("\n")
        done = subprocess.run(site.command("mailctl", "mailbox", "create", "bob@one.example", "--no-password"), env=site.environment(),
                              capture_output=True, text=True, timeout=60)
        expect(done.returncode != 0 and place in done.stderr and "hint:" in done.stderr, f"{done.returncode} {done.stderr}")
        expect(site.mailctl("history", "list", "--plain").count("\n") == before, "it was recorded")
        site.mailctl("mailbox", "create", "zoe@two.example", "--no-password")
        site.mailctl("domain", "set", "one.example", "owner=x")
        site.mailctl("config", "set", "time_zone=UTC")
        site.mailctl("apply")
        os.chown(place, pwd.getpwnam(UNPRIVILEGED).pw_uid, pwd.getpwnam(UNPRIVILEGED).pw_gid)
        site.mailctl("mailbox", "create", "bob@one.example", "--no-password")


if __name__ == "__main__":
    sys.exit(run_tests("hostile owners", [no_command_of_root_leaves_anything_of_its_own_on_the_site_of_another_user,
                                          a_site_of_roots_own_is_warned_of,
                                          a_directory_of_roots_in_place_of_a_domain_stops_that_domain_only]))
