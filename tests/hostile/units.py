#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The agent under what its systemd unit allows it: everything read-only but what ReadWritePaths names, as the unit's user.

Without systemd the unit's own words are turned into a mount namespace: `ProtectSystem=strict` mounts the whole of the system
read-only, each of `ReadWritePaths` is bound over it writable.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import BINARIES, REPOSITORY, expect, run_tests  # noqa: E402

UNIT = os.path.join(REPOSITORY, "examples", "systemd", "mailctl-deliver.service")
USER = 64731

# In a mount namespace of its own: a root directory below $1 with the programs of this machine and nothing else of it.
STAGE = r"""
set -e
root=$1 programs=$2
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
for place in usr proc dev tmp; do mkdir -p "$root/$place" && mount --rbind "/$place" "$root/$place"; done
for place in bin sbin lib lib32 lib64; do
    if [ -L "/$place" ]; then cp -a "/$place" "$root/"; elif [ -d "/$place" ]; then mkdir -p "$root/$place" && mount --bind "/$place" "$root/$place"; fi
done
mkdir -p "$root/opt/mailctl"
mount --bind "$programs" "$root/opt/mailctl"
exec chroot "$root" "$@"
"""
# Then, as the unit says: all is read-only but what it names. A path with '-' in front may be missing.
STRICT = r"""
set -e
for path in $WRITABLE; do
    case $path in /var/spool/postfix/*) continue ;; esac # Postfix's own
    case $path in -*) path=${path#-}; [ -e "$path" ] || continue ;; esac
    mount --bind "$path" "$path"
done
mount -o remount,bind,ro /
exec setpriv --reuid=64731 --regid=64731 --clear-groups --bounding-set=-all "$@"
"""
MAILCTL, AGENT = "/opt/mailctl/mailctl", "/opt/mailctl/mailctl-deliver"


def directive(name):
    with open(UNIT, encoding="utf-8") as file:
        return " ".join(re.findall(rf"^{name}=(.*)$", file.read(), re.MULTILINE))


class Host:
    """A root directory of its own, and commands that live in it."""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="mailctl-units-")
        self.top = self.directory.name
        os.chmod(self.top, 0o755)
        for place in ("etc/mailctl", "var/lib", "run/mailctl"):
            os.makedirs(self.path(place))
        self.write("etc/passwd", f"root:x:0:0::/root:/bin/sh\nvmail:x:{USER}:{USER}::/:/bin/false\n")
        self.write("etc/group", f"root:x:0:\nvmail:x:{USER}:\n")
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\n")
        self.write("etc/mailctl/sendmail", "#!/bin/sh\ncat > /dev/null\n")
        os.chmod(self.path("etc/mailctl/sendmail"), 0o755)
        self.write("etc/mailctl/mailctl.toml", 'hostname = "mx.one.example"\npostmaster = "admin@elsewhere.example"\n\n[maps]\ntype = "texthash"\n')
        self.mailctl("init", "--hostname", "mx.one.example", "--postmaster", "admin@elsewhere.example")
        self.mailctl("config", "set", "submit=/etc/mailctl/sendmail")
        self.mailctl("domain", "create", "one.example", "--unknown", "candidate")
        self.mailctl("mailbox", "create", "ann@one.example", "--no-password", "--quota", "1G")
        self.mailctl("robot", "create", "info@one.example", "--subject", "hello", "--message", "hello")
        return self

    def __exit__(self, *unused):
        self.directory.cleanup()

    def path(self, name):
        return os.path.join(self.top, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def run(self, *argv, env=None, **options):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", **(env or {})}
        return subprocess.run(["unshare", "--mount", "bash", "-c", STAGE, "stage", self.top, BINARIES, *argv], capture_output=True,
                              env=environment, timeout=120, **options)

    def mailctl(self, *words):
        done = self.run(MAILCTL, *words, stdin=subprocess.DEVNULL)
        expect(done.returncode == 0, f"mailctl {words}: {done.returncode} {done.stderr.decode()}")
        return done.stdout.decode()

    def as_unit(self, *argv, **options):
        return self.run("bash", "-c", STRICT, "strict", *argv, env={"WRITABLE": directive("ReadWritePaths")}, **options)

    def deliver(self, recipient):
        done = self.as_unit(AGENT, "pipe", "-f", "x@elsewhere.example", "--", recipient,
                            input=b"From: x@elsewhere.example\nSubject: mail\n\nmail\n")
        return done.returncode, done.stdout.decode() + done.stderr.decode()


def under_its_unit_the_agent_delivers_records_candidates_and_answers():
    with Host() as host:
        for recipient in ("ann", "kim", "info"):
            status, words = host.deliver(f"{recipient}@one.example")
            expect(status == 0, f"{recipient}: {status} {words}")
        listed = host.mailctl("candidate", "list", "--plain")
        expect("kim" in listed, f"no candidate: {listed}")
        expect(os.stat(host.path("var/lib/mailctl/state.db")).st_uid == USER, "state.db is not the mail user's")


def a_state_database_made_anew_is_found_under_the_unit():
    with Host() as host:
        for name in ("state.db", "state.db-wal", "state.db-shm"):
            os.unlink(host.path(f"var/lib/mailctl/{name}"))
        status, words = host.deliver("ann@one.example")
        expect(status == 0, f"known mail without the state: {status} {words}")
        status, words = host.deliver("kim@one.example")
        expect(status == 75, f"a candidate without the state: {status} {words}")
        host.mailctl("apply")
        status, words = host.deliver("kim@one.example")
        expect(status == 0, f"a candidate with the new state: {status} {words}")


def what_is_the_administrators_the_agent_cannot_write():
    with Host() as host:
        for path in ("/var/lib/mailctl/history/x", "/var/lib/mailctl/maps/x", "/etc/mailctl/x", "/var/lib/mailctl/x", "/usr/x", "/x"):
            done = host.as_unit("touch", path)
            expect(done.returncode == 1, f"the agent may write {path}: {done.returncode} {done.stderr.decode()}")


def a_row_of_the_state_is_no_path_of_the_system():
    """As it was found: root's `candidate expire` made the directory and gave it to the mail user."""
    with Host() as host:
        os.makedirs(host.path("etc/systemd/system"))
        plant = ("import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('INSERT INTO candidates VALUES (?, ?, 1, 1, 1, 1, ?, ?)', "
                 "('../../etc/systemd/system/x.service.d', 'x', 's', 's')); db.commit()")
        done = as_vmail([sys.executable, "-c", plant, host.path("var/lib/mailctl/state.db")], capture_output=True)
        expect(done.returncode == 0, done.stderr.decode())
        host.mailctl("candidate", "expire", "--older-than", "1s", "--yes")
        expect(not os.listdir(host.path("etc/systemd/system")), "a row of the mail user's made a directory of systemd's")


def init_run_again_gives_nothing_away_through_a_link():
    """The mail user exchanges `.archive` with a link as fast as he can; what the link leads to stays root's."""
    race = ("import ctypes, os, sys\nos.chdir(sys.argv[1])\nos.symlink(sys.argv[2], 'link')\nlibc = ctypes.CDLL(None)\nprint('racing', flush=True)\n"
            "while True:\n    try: os.rename('.archive', 'away')\n    except OSError: pass\n"
            "    try: os.symlink(sys.argv[2], '.archive')\n    except OSError: pass\n"
            "    try: os.unlink('.archive')\n    except OSError: pass\n    try: os.rmdir('.archive')\n    except OSError: pass\n"
            "    try: os.rmdir('away')\n    except OSError: pass\n")
    with Host() as host:
        treasure = host.path("var/lib/treasure")
        os.mkdir(treasure, 0o711)
        before = os.stat(treasure)
        racer = as_vmail([sys.executable, "-c", race, host.path("var/vmail"), "/var/lib/treasure"], start=subprocess.Popen, stdout=subprocess.PIPE)
        try:
            expect(racer.stdout.readline() == b"racing\n", "the racer does not race")
            host.run("bash", "-c", f"for turn in $(seq 100); do {MAILCTL} init; done", stdin=subprocess.DEVNULL)
            expect(racer.poll() is None, "the racer ended before its time")
        finally:
            racer.kill()
            racer.wait()
            racer.stdout.close()
        after = os.stat(treasure)
        expect((before.st_mode, before.st_uid, before.st_gid) == (after.st_mode, after.st_uid, after.st_gid), "a directory of root's was given away")


def agent_for_a_moment(host, groups="--clear-groups"):
    """What the agent says on standard error, on the system paths and as the mail user; and its socket's mode, user and group."""
    look = "for wait in $(seq 100); do grep -q ready $words && break; sleep 0.1; done; stat -c '%a %U %G' /run/mailctl/lmtp.sock; kill $!; wait $!"
    script = f"words=$(mktemp); setpriv --reuid={USER} --regid={USER} {groups} {AGENT} lmtp 2> $words & {look}; cat $words >&2"
    done = host.run("bash", "-c", script, stdin=subprocess.DEVNULL)
    return done.stderr.decode(), done.stdout.decode().strip()


def the_socket_is_for_the_group_of_the_mta_and_who_cannot_give_it_says_so():
    """By the man page alone: as vmail the socket was 0660 vmail:vmail, and Postfix said no more than 'Permission denied'."""
    with Host() as host:
        os.chown(host.path("run/mailctl"), USER, USER)
        words, about = agent_for_a_moment(host)
        expect("there is no group 'postfix'" in words and about == "660 vmail vmail", f"{about}: {words}")
        with open(host.path("etc/group"), "a", encoding="ascii") as file:
            file.write("postfix:x:64733:\n")
        words, about = agent_for_a_moment(host)
        expect("not in the group 'postfix'" in words and "usermod -aG postfix" in words and about == "660 vmail vmail", f"{about}: {words}")
        words, about = agent_for_a_moment(host, "--groups=64733")
        expect("MTA" not in words and about == "660 vmail postfix", f"{about}: {words}")
        os.chmod(host.path("run/mailctl"), 0o700)
        words, about = agent_for_a_moment(host, "--groups=64733")
        expect("cannot pass '/run/mailctl'" in words, f"{about}: {words}")


def a_directory_of_sockets_that_a_boot_took_away_is_named_with_what_makes_it():
    with Host() as host:
        os.rmdir(host.path("run/mailctl"))
        done = host.run("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", AGENT, "lmtp", stdin=subprocess.DEVNULL)
        words = done.stderr.decode()
        expect(done.returncode == 75 and "'/run/mailctl'" in words and "tmpfiles.d" in words and "mailctl init" in words, f"{done.returncode}: {words}")
        host.mailctl("init")
        about = os.stat(host.path("run/mailctl"))
        expect((about.st_uid, about.st_mode & 0o777) == (USER, 0o755), f"init makes it again: {about}")
        words, _ = agent_for_a_moment(host)
        expect("ready" in words, words)


def as_vmail(argv, start=subprocess.run, **options):
    return start(["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *argv], **options)


if __name__ == "__main__":
    sys.exit(run_tests("hostile units", [under_its_unit_the_agent_delivers_records_candidates_and_answers,
                                         a_state_database_made_anew_is_found_under_the_unit, what_is_the_administrators_the_agent_cannot_write,
                                         a_row_of_the_state_is_no_path_of_the_system,
                                         the_socket_is_for_the_group_of_the_mta_and_who_cannot_give_it_says_so,
                                         a_directory_of_sockets_that_a_boot_took_away_is_named_with_what_makes_it, init_run_again_gives_nothing_away_through_a_link]))
