# SPDX-License-Identifier: Apache-2.0
"""What a tree of files says: equal digests for trees that differ only by time, inode, and what is locked in them.

A site is told by its files, with three kinds of number taken out: moments, the stamps by which mailctl knows a file again (they
become the name of the file that carries the stamp, or nothing), and what a database's own pages say about its past writes.
"""
import hashlib
import os
import re
import sqlite3
import stat
import subprocess
import sys
import tempfile

LOCKS = {"lock", "lock.mdb", "state.db-shm", "codes.db-shm", "agent.stderr"}
MOMENT = re.compile(rb"\d{4}-\d\d-\d\d[T ][0-9:.]+Z|\d{4}-\d\d-\d\dT?-?\d{6}Z?|\d{8}T\d{6}Z|\b1[5-9]\d{14}\b")
STAMP = re.compile(rb"(?<!\d)\d+ \d+ \d{19} \d{19}\b")  # inode, size, time of change, time of change of the inode
CHECKSUM = re.compile(rb"\A(.*\n)?digest ([0-9a-f]{64})\n\Z", re.S)  # the last line of a record of the history
UNIQUE = re.compile(r"\b\d{10}\.M\d+P\d+Q\d+")  # the name that a Maildir gives a message
known = {}  # digest of a file's bytes -> digest of what they say; or what they say, where stamps are in it


class Tree:
    def __init__(self, root, leaving_out=()):
        """`leaving_out`: names of directories that are not looked into."""
        self.root, self.leaving_out = root, set(leaving_out)
        self.places, self.stamps = {}, {}
        self.walk("")
        self.rows = sorted(self.row(*place) for place in self.places.items())
        self.digest = hashlib.sha256("\n".join(self.rows).encode(errors="surrogateescape")).hexdigest()

    def walk(self, folder):
        with os.scandir(os.path.join(self.root, folder)) as entries:
            for entry in entries:
                if entry.name in LOCKS or entry.name in self.leaving_out:
                    continue
                name, about = os.path.join(folder, entry.name), entry.stat(follow_symlinks=False)
                self.places[name] = about
                if stat.S_ISDIR(about.st_mode):
                    self.walk(name)
                elif stat.S_ISREG(about.st_mode):
                    self.stamps[b"%d %d %d %d" % (about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)] = name.encode()

    def row(self, name, about):
        what = ""
        if stat.S_ISLNK(about.st_mode):
            what = os.readlink(os.path.join(self.root, name))
        elif stat.S_ISREG(about.st_mode):
            what = self.content(name)
        shown = UNIQUE.sub("UNIQUE", MOMENT.sub(b"MOMENT", os.fsencode(name)).decode(errors="surrogateescape"))
        return f"{shown} {about.st_mode:o} {about.st_uid}:{about.st_gid} {what}"

    def content(self, name):
        """A digest of what a file says. It is found out once for the same bytes, unless there are stamps in them."""
        with open(os.path.join(self.root, name), "rb") as file:
            raw = file.read()
        if name.endswith(".db-wal"):
            return ""  # belongs to the database beside it
        if name.endswith(".db"):
            raw += read_if_there(os.path.join(self.root, name + "-wal"))
        key = hashlib.sha256(raw).digest()
        if key not in known:
            text = said(os.path.join(self.root, name), raw)
            known[key] = text if STAMP.search(text) else hashlib.sha256(text).hexdigest()
        if isinstance(known[key], str):
            return known[key]
        return hashlib.sha256(STAMP.sub(self.stamped, known[key])).hexdigest()

    def stamped(self, match):
        return b"stamp of " + self.stamps.get(match[0], b"nothing")


def digest(root, leaving_out=()):
    return Tree(root, leaving_out).digest


def checked(match):
    body = match[1] or b""
    right = hashlib.blake2b(body, digest_size=32).hexdigest().encode() == match[2]
    return body + (b"its digest is right" if right else match[2])


def read_if_there(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def said(path, raw):
    """A file's bytes without moments; of a database its rows."""
    text = None
    if path.endswith((".mdb", ".lmdb")):
        text = rows_of_lmdb(path)
    elif path.endswith(".db"):
        text = rows_of_sqlite(path)
    return MOMENT.sub(b"MOMENT", CHECKSUM.sub(checked, raw if text is None else text))


def rows_of_lmdb(path):
    """Keys and values as mdb_dump tells them; None where it can't."""
    flags = ["-a"] if os.path.basename(path) == "data.mdb" else ["-n"]
    where = os.path.dirname(path) if flags == ["-a"] else path
    dump = subprocess.run(["mdb_dump", *flags, where], capture_output=True, check=False)
    if dump.returncode != 0:
        return None
    lines = [bytes.fromhex(line[1:].decode()) if line.startswith(b" ") else line for line in dump.stdout.splitlines()
             if not line.startswith((b"mapsize", b"maxreaders"))]
    return b"\n".join(lines)


def rows_of_sqlite(path):
    """The rows of all tables; None where it is no database. Asked of a copy, because looking may change the files."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "db")
        for suffix in ("", "-wal"):
            with open(copy + suffix, "wb") as file:
                file.write(read_if_there(path + suffix))
        try:
            database = sqlite3.connect(copy)
            try:
                return "\n".join(database.iterdump()).encode(errors="surrogateescape")
            finally:
                database.close()
        except sqlite3.Error:
            return None


def marks(root):
    """By name what tells whether a file was touched: inode, mode, owner, size and times. Not of locks."""
    found = {}
    folders = [root]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name in LOCKS:
                    continue
                about = entry.stat(follow_symlinks=False)
                is_folder = stat.S_ISDIR(about.st_mode)
                found[entry.path] = (about.st_ino, about.st_mode, about.st_uid, about.st_gid,
                                     *([] if is_folder else [about.st_size, about.st_mtime_ns, about.st_ctime_ns]))
                if is_folder:
                    folders.append(entry.path)
    return found


if __name__ == "__main__":
    print("\n".join(Tree(sys.argv[1]).rows))
