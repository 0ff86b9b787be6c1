#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything a hostile mail user can plant, against every command of root's. See stage.py for what is held."""
import contextlib
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.site import expect, run_tests  # noqa: E402
from stage import COMMANDS, MAIL_GROUP, MAIL_USER, SECRET, Stage  # noqa: E402

stage = None

# As the mail user: one row more for each column of each table and each hostile value, and all columns at once.
PLANT_ROWS = r'''
import sqlite3, sys
db = sqlite3.connect(sys.argv[1] + "/lib/state.db", timeout=10)
texts = ["../../treasure/made", "../treasure", "/etc/passwd", "..", ".", "", "a\nb: c", "a\0b", "x" * 255, "é" * 300, "\x1b[31mred",
         "one.example/../../treasure", "%2E%2E", "ann@one.example", ".archive/../../treasure/x", ".archive/one.example/../../../treasure",
         ".archive/one.example/..", ".archive/one.example/.", ".archive/../ann", "-rf", "y" * 900000]
numbers = [-1, 0, 2**63 - 1, -2**63, 253402300800000000]
tables = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
planted = 0
for table in tables:
    columns = [(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({table})")]
    usual = {"address": "ann@one.example", "domain": "one.example", "archive": ".archive/one.example/x", "keep_until": 1}
    def row(number):
        return {name: usual.get(name, f"word{number}" if kind == "TEXT" else number + 1) for name, kind in columns}
    def put(values):
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        try:
            db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", list(values.values()))
            return 1
        except sqlite3.IntegrityError:
            return 0
    for name, kind in columns:
        for number, value in enumerate(texts if kind == "TEXT" else numbers):
            planted += put({**row(number), name: value})
        if kind == "TEXT":
            try:
                names = ", ".join(n for n, _ in columns)
                values = [b"\xff\xfe" if n == name else v for n, v in row(900).items()]
                marks = ", ".join("CAST(? AS TEXT)" if n == name else "?" for n, _ in columns)
                db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)
            except sqlite3.IntegrityError:
                pass
    for text in texts:
        planted += put({name: text if kind == "TEXT" else -1 for name, kind in columns})
db.commit()
print(planted)
'''

# As the mail user: `make` puts something hostile at each place below the mail root that a command may look at.
PLACES = r'''
import os, shutil, socket, sys
root, kind = sys.argv[1], sys.argv[2]
mail, treasure = root + "/mail", root + "/treasure"
os.chdir(mail)
def away(path):
    if os.path.islink(path) or not os.path.isdir(path):
        try: os.unlink(path)
        except FileNotFoundError: pass
    else: shutil.rmtree(path)
def link(path): os.symlink(treasure, path)
def fifo(path): os.mkfifo(path)
def sock(path):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
def file(path): open(path, "w").write("a file")
def directory(path): os.makedirs(path + "/inside/deeper")
make = {"links": link, "fifos": fifo, "sockets": sock, "files": file, "directories": directory}[kind]
places = sys.argv[3:]
for place in places:
    away(place)
    try:
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        make(place)
    except OSError as problem:
        print(place, problem)
'''
NAMES = ("ann", "bob", "cid", "dan", "eve", "fay")
HELD = ("kim", "lee", "moe")
DIRECTORIES = [ # of a group none is below another
    ["one.example"], [".archive"], [".archive/one.example", "one.example/.candidates", "one.example/.banished", "one.example/.held"],
    [f"one.example/{name}" for name in (*NAMES, "joe", "bill")] +
    [f"one.example/.candidates/{name}" for name in HELD] + ["one.example/.held/bob"],
    [f"one.example/{name}/{part}" for name in NAMES for part in ("new", "cur", "tmp")] +
    [f"one.example/.candidates/{name}/{part}" for name in HELD for part in ("new", "cur", "tmp")] +
    ["one.example/ann/.work", "one.example/ann/.cid", "one.example/cid/.Sent"],
]
FILES = [
    [f"one.example/{name}/maildirsize" for name in NAMES] + ["one.example/.candidates/.lock", "one.example/.held/.lock"],
    [f"one.example/{name}/{part}/1.M1P1.host" for name in NAMES for part in ("new", "cur", "tmp")] +
    [f"one.example/.candidates/{name}/{part}/1.M1P1.host" for name in HELD for part in ("new", "cur", "tmp")] +
    ["one.example/cid/dovecot-uidlist", "one.example/cid/dovecot-keywords"],
]
WITH_MAIL = ("init", "apply", "mailbox list", "mailbox show", "mailbox usage", "mailbox create joe", "mailbox clear", "mailbox suspend",
             "mailbox resume", "mailbox rename", "mailbox depart", "mailbox delete", "mailbox restore", "candidate", "explain",
             "domain delete", "check", "housekeeping")
MAIL_COMMANDS = [command for command in COMMANDS if command.startswith(WITH_MAIL)]


def plant(kind, places):
    stage.reset()
    done = stage.act(PLACES, kind, *places)
    expect(done.returncode == 0, done.stderr.decode())
    stage.run_everything(MAIL_COMMANDS)
    stage.check(f"{kind} at {places[0]}")


def every_noun_of_the_program_is_among_the_commands():
    listed = {command["noun"] for command in json.loads(stage.run("__commands").stdout)}
    nouns = {command.split()[0] for command in COMMANDS}
    without_site = {"help", "version", "completion", "complete", "mailctl", "import"}
    missing = listed - nouns - without_site
    expect(len(listed) > 20, f"the help shows no nouns: {listed}")
    expect(not missing, f"commands that nobody attacks: {sorted(missing)}")


def without_an_attack_the_commands_do_their_work():
    stage.reset()
    said = stage.run_everything()
    failing = {command: answer for command, answer in said.items() if answer[0] not in (0,)}
    allowed = {"mailbox password ann@one.example --no-password --code 1-2-3", "status", "track search", "journal search",  # there is nothing to say
               "node status", "node pull n1 --once", "publish"}  # and no database
    expect(set(failing) <= allowed, f"{ {command: failing[command] for command in set(failing) - allowed} }")
    expect(os.path.exists(stage.out + "/eve.tar"), "the mail of eve was not packed")
    stage.check("no attack")


def what_root_makes_in_the_mail_root_belongs_to_the_mail_user():
    stage.reset()
    stage.run_everything()
    strange = [os.path.join(directory, name) for directory, directories, files in os.walk(stage.mail) for name in directories + files
               if os.lstat(os.path.join(directory, name)).st_uid != MAIL_USER or os.lstat(os.path.join(directory, name)).st_gid != MAIL_GROUP]
    expect(not strange, f"not the mail user's: {strange[:5]}")


def hostile_rows_are_skipped_and_named():
    stage.reset()
    done = stage.act(PLANT_ROWS)
    expect(done.returncode == 0 and int(done.stdout) > 100, done.stderr.decode() + done.stdout.decode())
    said = stage.run_everything()
    stage.check("hostile rows")
    expect("is skipped" in said["candidate expire --yes --older-than 1s"][1], said["candidate expire --yes --older-than 1s"])
    for command in ("candidate list", "candidate expire --yes --older-than 1s", "apply", "mailbox list", "banished list"):
        expect(said[command][0] == 0, f"{command}: {said[command]}")


def the_first_way_to_root_is_closed():
    stage.reset()
    done = stage.act('import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1] + "/lib/state.db")\n'
                     'db.execute("INSERT INTO candidates VALUES (?, ?, 1, 1, 1, 1, ?, ?)", ("../../treasure/service.d", "x", "s", "s"))\ndb.commit()')
    expect(done.returncode == 0, done.stderr.decode())
    done = stage.run("candidate expire --yes --older-than 1s")
    expect(done.returncode == 0, done.stderr.decode())
    stage.check("a candidate whose domain is a path")


PLANT_CODE = r"""
import hashlib, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1] + "/lib/state.db")
code = hashlib.blake2b(b"ann@one.example 1-2-3", digest_size=32).hexdigest()
now = int(time.time() * 1000000)
db.execute("INSERT INTO codes (address, hash, issued, expires) VALUES ('ann@one.example', ?, ?, ?)", (code, now, now + 3600 * 1000000))
db.commit()
"""


def a_code_that_the_mail_user_planted_opens_no_mailbox():
    stage.reset()
    done = stage.act(PLANT_CODE)
    expect(done.returncode == 0, done.stderr)
    done = stage.run("mailbox password ann@one.example --no-password --code 1-2-3")
    expect(done.returncode == 13 and b"does not open" in done.stderr, f"{done.returncode} {done.stderr}")
    expect(stage.run("mailbox invite -n ann@one.example").returncode == 0, "nobody is invited any more")
    files = [os.path.join(directory, name) for directory, _, names in os.walk(stage.root + "/lib/history") for name in names]
    expect(all(os.lstat(path).st_uid == 0 and os.lstat(path).st_mode & 0o077 == 0 for path in files), "the codes are open to others")


def links_in_place_of_directories():
    for places in DIRECTORIES:
        plant("links", places)


def links_in_place_of_files():
    for places in FILES:
        plant("links", places)


def fifos_and_sockets():
    for kind in ("fifos", "sockets"):
        for places in DIRECTORIES[2:4] + FILES:
            plant(kind, places)


def files_in_place_of_directories_and_the_other_way_round():
    for places in DIRECTORIES:
        plant("files", places)
    for places in FILES:
        plant("directories", places)


def hard_links_to_files_of_root():
    """As on a system without protected_hardlinks: root makes the links that the mail user would make there."""
    stage.reset()
    target = stage.treasures[1] + "/file"
    for place in FILES[0] + FILES[1]:
        path = os.path.join(stage.mail, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        os.link(target, path)
    about = os.stat(target)
    stage.run_everything(MAIL_COMMANDS)
    after = os.stat(target)
    expect((about.st_uid, about.st_gid, about.st_mode, about.st_mtime_ns) == (after.st_uid, after.st_gid, after.st_mode, after.st_mtime_ns),
           "a file of root's was changed through a hard link")
    with open(target, encoding="ascii") as file:
        expect(SECRET in file.read(), "a file of root's was written to")


def long_names_and_deep_trees():
    stage.reset()
    done = stage.act(r'''
import os, sys
os.chdir(sys.argv[1] + "/mail")
for top in ("one.example/ann", "one.example/cid", "one.example/eve", "one.example/fay", "one.example/.candidates", "one.example/.banished", "one.example/.held", ".archive/one.example"):
    for name in ("x" * 255, "." + "f" * 254, "\x1b[31m", "a\nb", "%", "%ZZ", "%2E%2E", "-rf", "é" * 127):
        os.makedirs(f"{top}/{name}/new", exist_ok=True)
    for part in ("new", "cur"):
        os.makedirs(f"{top}/{part}", exist_ok=True)
        for name in ("y" * 255, "1,S=9223372036854775807:2,", "2,S=18446744073709551615:2,", "\x1b]0;t\x07", "c\nd"):
            open(f"{top}/{part}/{name}", "w").close()
    here = os.getcwd()
    os.chdir(top)
    for depth in range(600):
        os.mkdir("deep")
        os.chdir("deep")
    os.chdir(here)
''')
    expect(done.returncode == 0, done.stderr.decode())
    stage.run_everything()
    stage.check("long names and deep trees")


# As the mail user, until killed: each place becomes a link to the treasure and itself again, as fast as it goes.
RACER = r'''
import ctypes, os, sys
os.chdir(sys.argv[1] + "/mail")
libc = ctypes.CDLL(None, use_errno=True)
places = [p.encode() for p in sys.argv[2:]]
for place in places:
    try: os.symlink((sys.argv[1] + "/treasure").encode(), place + b".link")
    except OSError: pass
print("racing", flush=True)
while True:
    for place in places:
        libc.renameat2(-100, place, -100, place + b".link", 2)
'''


@contextlib.contextmanager
def held_up(script, *arguments):
    """While the mail user does something that does not end; it says a word when it has begun."""
    holder = subprocess.Popen(["setpriv", f"--reuid={MAIL_USER}", f"--regid={MAIL_GROUP}", "--clear-groups", sys.executable, "-c", script,
                               stage.root, *arguments], stdout=subprocess.PIPE)
    try:
        expect(holder.stdout.readline(), "it does not begin")
        yield
        expect(holder.poll() is None, "it ended before its time")
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def a_racer_that_exchanges_directories_for_links():
    races = [[".archive", "one.example/.candidates", "one.example/.banished", "one.example/.held"], ["one.example"],
             ["one.example/ann", "one.example/cid", "one.example/dan", "one.example/eve", "one.example/fay"],
             ["one.example/ann/new", "one.example/ann/cur", "one.example/cid/new", "one.example/eve/new", "one.example/.candidates/kim"]]
    for places in races:
        stage.reset()
        with held_up(RACER, *places):
            stage.run_everything(["init"] * 10 + MAIL_COMMANDS + ["init"] * 10)
        stage.check(f"a race at {places[0]}")


def spoil(script, commands=None):
    stage.reset()
    done = stage.act("import os, sqlite3, sys\npath = sys.argv[1] + '/lib/state.db'\n"
                     "db = sqlite3.connect(path); db.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchall(); db.close()\n" + script)
    expect(done.returncode == 0, done.stderr.decode())
    said = stage.run_everything(commands or ["candidate list", "candidate show kim@one.example", "candidate expire --yes --older-than 1s",
                                             "banished list", "mailbox create joe@one.example --no-password", "explain kim@one.example",
                                             "mailbox list", "mailbox restore gone@one.example", "apply"])
    stage.check("a spoilt database")
    return said


def a_database_that_is_not_ours_is_named_with_its_remedy():
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'one.example' AS domain, 'x' || i AS local, " \
              "1 AS first, 1 AS last, 1 AS count, 1 AS bytes, '' AS last_sender, '' AS last_subject FROM n"
    for script in (
            f"db = sqlite3.connect(path); db.executescript('DROP TABLE candidates; CREATE VIEW candidates AS {endless.replace(chr(39), chr(92) + chr(39))};')",
            "db = sqlite3.connect(path); db.executescript('CREATE TRIGGER t AFTER DELETE ON candidates BEGIN DELETE FROM tombstones; END')",
            "open(path, 'r+b').write(os.urandom(4096))", "open(path, 'r+b').truncate(5000)", "open(path, 'r+b').truncate(0)",
            "open(path, 'w').write('not a database' * 1000)"):
        said = spoil(script)
        code, words = said["candidate list"]
        empty = "truncate(0)" in script
        expect(empty or (code == 75 and "state.db" in words and "mailctl apply" in words), f"{script}: {code} {words}")
        expect(said["mailbox list"][0] == 0, f"{script}: mailboxes can't be listed: {said['mailbox list']}")


def a_cut_shared_memory_file_ends_with_words():
    for suffix in ("-shm", "-wal"):
        for script in (f"open(path + '{suffix}', 'r+b').truncate(0)", f"open(path + '{suffix}', 'r+b').write(b'\\xff' * 4096)"):
            spoil(script)


def a_locked_database_is_given_up():
    stage.reset()
    with held_up("import sqlite3, sys, time\ndb = sqlite3.connect(sys.argv[1] + '/lib/state.db')\n"
                 "db.execute('BEGIN EXCLUSIVE')\nprint('held', flush=True)\ntime.sleep(300)"):
        said = stage.run_everything(["candidate expire --yes --older-than 1s", "mailbox list", "apply"])
        expect("writing to it" in said["candidate expire --yes --older-than 1s"][1], said)


# The mail user keeps every place of held mail for himself.
HELD_LOCKS = r"""
import fcntl, glob, os, sys, time
kept = []
for area in (".candidates", ".held"):
    for path in glob.glob(sys.argv[1] + "/mail/*/" + area):
        kept.append(open(path + "/.lock", "a+b"))
        fcntl.lockf(kept[-1], fcntl.LOCK_EX)
assert kept
print("held", flush=True)
time.sleep(300)
"""


def locked_places_of_held_mail_are_given_up():
    """Each command waits once, however many names it is about, and says for which file."""
    waiting = ["candidate expire --yes --older-than 1s", "candidate promote kim@one.example --mailbox --no-password",
               "candidate banish lee@one.example --yes", "mailbox resume bob@one.example", "mailbox delete bob@one.example --yes"]
    time.sleep(1.1)  # the youngest candidate is old enough
    for command in waiting + ["apply"]:
        stage.reset()
        for number in range(3):
            stage.must(f"mailbox suspend {('cid', 'dan', 'eve')[number]}@one.example --receive hold")
            stage.pipe(("cid", "dan", "eve")[number] + "@one.example")
        if command == "apply":
            for name in ("cid", "dan", "eve"):
                stage.must(f"mailbox suspend {name}@one.example --receive hold --until 2020-01-01")
        with held_up(HELD_LOCKS):
            said = stage.run_everything([command, "mailbox list"], answered=30)
        code, words = said[command]
        expect(code != 0 or command == "apply", f"{command}: {code} {words}")
        expect("/.lock' is locked by another program" in words, f"{command}: {words}")
        expect(stage.run("mailbox create joe@two.example --no-password").returncode == 0, f"{command} stops others")
        stage.check(command)
        expect(stage.run("apply").returncode == 0, f"{command}: it does not heal")


# As the mail user: keeps the lock file in use, as a reader does, so that nobody makes it anew, and writes into both mutexes
# (after magic and format; after the first line of the cache) that a thread holds them which does not exist.
LOCK_WORDS = r"""
import fcntl, os, struct, sys, time
file = open(sys.argv[1] + "/lib/directory/lock.mdb", "r+b", buffering=0)
fcntl.lockf(file, fcntl.LOCK_SH, 1, 0)
for at in (8, 64):
    file.seek(at)
    file.write(struct.pack("=I", 0x80000000 | 0x3ffffff0))
print("held", flush=True)
time.sleep(300)
"""
# And one who locks the whole file, so that it cannot even be opened.
LOCK_FILE = r"""
import fcntl, sys, time
file = open(sys.argv[1] + "/lib/directory/lock.mdb", "r+b", buffering=0)
fcntl.lockf(file, fcntl.LOCK_EX, 1, 0)
print("held", flush=True)
time.sleep(300)
"""


# Numbers that LMDB would follow out of its memory, or a table that is cut short.
LOCK_TABLE = r"""
import fcntl, struct, sys, time
file = open(sys.argv[1] + "/lib/directory/lock.mdb", "r+b", buffering=0)
fcntl.lockf(file, fcntl.LOCK_SH, 1, 0)
if sys.argv[2] == "readers":
    file.seek(56)
    file.write(struct.pack("=I", 0x7fffffff))
else:
    file.truncate(int(sys.argv[2]))
print("held", flush=True)
time.sleep(300)
"""


# What these say when they did without the directory, or made it anew.
DONE = {"explain": "deliver to mailbox 'ann@one.example'", "mailbox": " mailbox '"}


def a_spoilt_table_of_readers_ends_with_words():
    for how in ("readers", "0", "100"):
        stage.reset()
        with held_up(LOCK_TABLE, how):
            said = stage.run_everything(["explain ann@one.example", "mailbox create joe@one.example --no-password",
                                         "mailbox delete dan@one.example --yes"])
            for command, (code, words) in said.items():
                refused = code == 75 and "lock.mdb' is damaged" in words and "hint:" in words
                expect(refused or code == 0 and DONE[command.split()[0]] in words, f"{how}: {command}: {code} {words}")
        expect(stage.run("mailbox create zoe@one.example --no-password").returncode == 0, f"{how}: it does not heal")
        expect(b"deliver to mailbox 'zoe@one.example'" in stage.run("explain zoe@one.example").stdout, f"{how}: it is not whole")


# Every way to have another file under a name of the compiled directory, or another content of what is looked at before it
# is mapped.
SWAP = r"""
import os, sys
place = sys.argv[1] + "/lib/directory/"
open(sys.argv[1] + "/mail/other", "w").write("other")
done = []
def attempt(what, *words):
    try:
        what(*words)
        done.append(what.__name__ + " " + str(words))
    except OSError:
        pass
for name in ("data.mdb", "lock.mdb", "seal"):
    attempt(os.unlink, place + name)
    attempt(os.rename, sys.argv[1] + "/mail/other", place + name)
    attempt(os.rename, place + name, place + "away")
    attempt(os.chmod, place + name, 0o666)
attempt(os.link, sys.argv[1] + "/mail/other", place + "new")
attempt(os.symlink, "/etc/passwd", place + "new")
attempt(os.mkdir, place + "new")
for name in ("data.mdb", "seal"):
    attempt(os.open, place + name, os.O_WRONLY)
attempt(os.rename, sys.argv[1] + "/lib/directory", sys.argv[1] + "/lib/away")
print("did:", done)
"""


def no_name_of_the_compiled_directory_can_be_exchanged():
    """So what was looked at is what gets mapped (store/row_check, store/lock_table): only words within lock.mdb are the agent's."""
    stage.reset()
    done = stage.act(SWAP)
    expect(done.returncode == 0 and done.stdout == b"did: []\n", f"{done.stdout} {done.stderr}")


def words_and_locks_in_the_directorys_lock_file_hang_nobody():
    """The agent's group must be able to write lock.mdb: readers enter themselves there."""
    for script in (LOCK_WORDS, LOCK_FILE):
        stage.reset()
        with held_up(script):
            said = stage.run_everything(["explain ann@one.example", "mailbox create joe@one.example --no-password"])
            for command, (code, words) in said.items():
                expect(code == 75 and "lock.mdb' is held up" in words and "hint:" in words, f"{command}: {code} {words}")
            expect(stage.run("domain list").returncode == 0, "what needs no directory fails too")
        stage.check("a spoilt lock.mdb")
        os.unlink(stage.root + "/lib/directory/lock.mdb")
        expect(stage.run("apply").returncode == 0, "after the remedy of the hint it does not work")
        expect(stage.run("mailbox create joe@one.example --no-password").returncode == 0, "nothing can be changed after the remedy")


if __name__ == "__main__":
    with Stage() as stage:
        sys.exit(run_tests("hostile", [
            every_noun_of_the_program_is_among_the_commands, without_an_attack_the_commands_do_their_work,
            what_root_makes_in_the_mail_root_belongs_to_the_mail_user, the_first_way_to_root_is_closed,
            a_code_that_the_mail_user_planted_opens_no_mailbox, hostile_rows_are_skipped_and_named,
            links_in_place_of_directories, links_in_place_of_files, fifos_and_sockets, files_in_place_of_directories_and_the_other_way_round,
            hard_links_to_files_of_root, long_names_and_deep_trees, a_racer_that_exchanges_directories_for_links,
            a_database_that_is_not_ours_is_named_with_its_remedy, a_cut_shared_memory_file_ends_with_words, a_locked_database_is_given_up,
            locked_places_of_held_mail_are_given_up,
            no_name_of_the_compiled_directory_can_be_exchanged,
            words_and_locks_in_the_directorys_lock_file_hang_nobody, a_spoilt_table_of_readers_ends_with_words]))
