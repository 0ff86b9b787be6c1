# SPDX-License-Identifier: Apache-2.0
"""A site whose administrator is root and whose mail user is hostile, and what must not happen to anything else.

`Stage` holds a site below a directory of root's. Mail root and state.db belong to MAIL_USER, an id that no account has; beside
them lie treasures that he may not read. `act()` does something as him. `run_everything()` runs every command as root and holds
each to: it ends in time, by itself, without a control byte and without a word of the treasures.
"""
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import BINARIES, Failed, expect  # noqa: E402

MAIL_USER = MAIL_GROUP = 64731
SECRET = "treasure-4711"
BOUND = 45  # seconds that one command may take, on a machine that does other things too
MAY_BE_HIS = ("mail", "lib/state.db", "lib/state.db-wal", "lib/state.db-shm", "run")

# Every command, with what it needs; those that change something are dry runs first, so that what they say is seen too.
COMMANDS = [
    "init", "config show", "domain list", "domain show one.example", "domain set one.example limits.mailboxes=99", "domain create new.example",
    "domain alias-add one.example alias.example", "domain suspend one.example", "domain resume one.example",
    "mailbox list", "mailbox show ann@one.example", "mailbox usage", "mailbox usage ann@one.example",
    "mailbox create joe@one.example --no-password", "mailbox create -n jim@one.example --no-password",
    "mailbox set ann@one.example name=Ann", "mailbox password ann@one.example --no-password",
    "mailbox clear -n ann@one.example", "mailbox clear ann@one.example --folder INBOX --yes", "mailbox clear ann@one.example --yes",
    "mailbox suspend bob@one.example --receive hold", "mailbox resume bob@one.example",
    "mailbox rename bob@one.example bill@one.example", "mailbox rename bill@one.example bob@one.example",
    "mailbox settings ann@one.example", "mailbox invite -n ann@one.example", "mailbox password ann@one.example --no-password --code 1-2-3",
    "mailbox depart cid@one.example --to ann@one.example --hand-over --yes",
    "mailbox delete dan@one.example --yes", "mailbox restore dan@one.example",
    "mailbox delete eve@one.example --yes --archive {out}/eve.tar", "mailbox delete fay@one.example --confirm=fay@one.example --purge",
    "mailbox restore gone@one.example", "mailbox create gone2@one.example --no-password --reuse",
    "alias create anna@one.example ann@one.example", "alias list", "alias delete anna@one.example",
    "forward create fwd@one.example x@elsewhere.example", "forward list", "forward delete fwd@one.example",
    "list create club@one.example ann@one.example", "list list", "list delete club@one.example",
    "robot create info@one.example --subject S --message T", "robot list", "robot delete info@one.example",
    "autoreply set ann@one.example --subject S --message T", "autoreply show ann@one.example", "autoreply off ann@one.example",
    "address list", "candidate list", "candidate show kim@one.example", "candidate messages kim@one.example", "candidate promote kim@one.example --mailbox --no-password", "candidate banish lee@one.example --yes",
    "candidate expire -n --older-than 1s", "candidate expire --yes --older-than 1s",
    "banished add spam@one.example", "banished list", "banished remove spam@one.example", "catchall show one.example",
    "map build", "map check", "map show", "dns show", "dns show --host", "dns list", "explain ann@one.example", "explain ann+work@one.example", "explain kim@one.example",
    "check --only data,files,maps,mail", "check --only files,maps,mail --fix", "dkim list", "status", "node create n1 --lmtp 127.0.0.2:24 --imap 127.0.0.2", "node list", "node show n1", "node status", "node pull n1 --once", "publish", "housekeeping -n", "track search", "journal search",
    "export", "history list", "history show 1", "apply -n", "apply", "domain delete two.example --confirm=two.example --yes",
]


def as_mail_user(argv, **options):
    return subprocess.run(["setpriv", f"--reuid={MAIL_USER}", f"--regid={MAIL_GROUP}", "--clear-groups", *argv], **options)


def run_as_mail_user(script, *arguments):
    """Runs a piece of Python as the mail user; he may fail, for he is not everywhere welcome."""
    return as_mail_user([sys.executable, "-c", script, *arguments], capture_output=True, timeout=60)


def fingerprint(path):
    about = os.lstat(path)
    content = b""
    if stat.S_ISREG(about.st_mode):
        with open(path, "rb") as file:
            content = file.read()
    elif stat.S_ISLNK(about.st_mode):
        content = os.readlink(path).encode()
    return (stat.filemode(about.st_mode), about.st_uid, about.st_gid, about.st_nlink, about.st_mtime_ns, hashlib.sha256(content).hexdigest())


def tree(top):
    found = {top: fingerprint(top)}
    for directory, directories, files in os.walk(top):
        for name in directories + files:
            path = os.path.join(directory, name)
            found[path] = fingerprint(path)
    return found


def has_control(text):
    return any((byte < 0x20 and byte not in b"\n\t") or byte == 0x7f for byte in text)


class Stage:
    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="mailctl-hostile-")
        os.chmod(self.top, 0o755)
        self.root = os.path.join(self.top, "site")
        self.mail = os.path.join(self.root, "mail")
        self.treasures = [os.path.join(self.top, "treasure"), os.path.join(self.root, "treasure")]
        self.out = os.path.join(self.top, "out")
        os.makedirs(self.mail)
        os.chown(self.mail, MAIL_USER, MAIL_GROUP)
        os.mkdir(self.out, 0o700)
        self.make_site()
        for treasure in self.treasures:
            self.make_treasure(treasure)
        self.pristine = self.top + ".pristine"
        subprocess.run(["cp", "-a", self.top, self.pristine], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.top, ignore_errors=True)
        shutil.rmtree(self.pristine, ignore_errors=True)

    def reset(self):
        """The site as it was, and a look at everything that is not the mail user's."""
        shutil.rmtree(self.top)
        subprocess.run(["cp", "-a", self.pristine, self.top], check=True)
        self.before = [tree(treasure) for treasure in self.treasures]

    def make_site(self):
        for command in (
                "init --hostname mx.one.example --postmaster admin@elsewhere.example", "config set maps.type=texthash",
                "domain create one.example --unknown candidate", "domain create two.example"):
            self.must(command)
        for name in ("ann", "bob", "cid", "dan", "eve", "fay", "gone"):
            self.must(f"mailbox create {name}@one.example --no-password --quota 1G")
        self.must("mailbox suspend bob@one.example --receive hold")
        self.must("mailbox create zoe@two.example --no-password")
        for recipient in ("ann", "ann", "bob", "cid", "dan", "eve", "fay", "gone", "kim", "lee", "moe"):
            self.pipe(recipient + "@one.example")
        self.must("mailbox delete gone@one.example --yes --keep 1s")

    def pipe(self, recipient):
        done = as_mail_user([os.path.join(BINARIES, "mailctl-deliver"), "pipe", "-f", "x@elsewhere.example", "--", recipient],
                            input=b"Subject: mail\n\nmail\n", env=self.environment(), timeout=60)
        expect(done.returncode == 0, f"{recipient} gets no mail")

    @staticmethod
    def make_treasure(path):
        os.makedirs(os.path.join(path, "new"))
        os.makedirs(os.path.join(path, "open"), mode=0o777)
        for name in ("file", "new/1.M1P1.host", "maildirsize", "shadow"):
            with open(os.path.join(path, name), "w", encoding="ascii") as file:
                file.write(f"1000S\n{SECRET} 1\n")
            os.chmod(os.path.join(path, name), 0o600)
        os.utime(path, (1_000_000_000, 1_000_000_000))

    def environment(self):
        return {"PATH": os.environ["PATH"], "MAILCTL_ROOT": self.root, "LC_ALL": "C.UTF-8", "HOME": self.top, "SUDO_USER": "admin"}

    def run(self, command):
        return subprocess.run([os.path.join(BINARIES, "mailctl"), *command.split()], stdin=subprocess.DEVNULL, capture_output=True,
                              env=self.environment(), timeout=BOUND)

    def must(self, command):
        done = self.run(command)
        expect(done.returncode == 0, f"{command}: {done.returncode} {done.stderr.decode()}")

    def act(self, script, *arguments):
        return run_as_mail_user(script, self.root, *arguments)

    def run_everything(self, commands=None, answered=None):
        """`answered` bounds the seconds that all together may take; what they said, by command."""
        said = {}
        began = time.monotonic()
        for template in commands or COMMANDS:
            command = template.format(out=self.out)
            try:
                done = self.run(command)
            except subprocess.TimeoutExpired as late:
                raise Failed(f"'{command}' did not end within {BOUND} s") from late
            words = done.stdout + done.stderr
            expect(done.returncode >= 0, f"'{command}' was ended by signal {-done.returncode}: {words[-500:]}")
            expect(b"defect" not in words and b"terminate" not in words, f"'{command}': {words[-500:]}")
            expect(done.returncode == 0 or words.strip(), f"'{command}' says nothing about exit {done.returncode}")
            expect(not has_control(words), f"'{command}' prints a control byte: {words[-500:]}")
            expect(SECRET.encode() not in words, f"'{command}' shows what the mail user may not read")
            said[template] = (done.returncode, words.decode(errors="replace"))
        expect(answered is None or time.monotonic() - began < answered, f"all commands together took more than {answered} s")
        return said

    def check(self, where):
        """Nothing but mail and state has changed, and nothing of it is in what became of mail."""
        for treasure, before in zip(self.treasures, self.before):
            after = tree(treasure)
            changed = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
            expect(not changed, f"{where}: changed outside the mail root: {sorted(changed)[:5]}")
        expect(sorted(os.listdir(self.top)) == ["out", "site", "treasure"], f"{where}: made beside the site: {os.listdir(self.top)}")
        expect(set(os.listdir(self.root)) <= {"etc", "lib", "mail", "run", "treasure"}, f"{where}: made in the site: {os.listdir(self.root)}")
        for directory, directories, files in os.walk(self.top):
            for name in directories + files:
                path = os.path.join(directory, name)
                place = os.path.relpath(path, self.root)
                if any(place == his or place.startswith(his + "/") for his in MAY_BE_HIS):
                    continue
                expect(os.lstat(path).st_uid == 0, f"{where}: '{path}' was given to the mail user")
        for name in os.listdir(self.out):
            with open(os.path.join(self.out, name), "rb") as file:
                expect(SECRET.encode() not in file.read(), f"{where}: '{name}' holds what the mail user may not read")
