# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL: a cluster in a directory of its own, a Unix socket in there and no other, run by an unprivileged user."""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from harness.site import UNPRIVILEGED, expect

# Durability is not what is tested here, but for the server that is killed: WAL is, so that it recovers.
SETTINGS = "listen_addresses = ''\nfsync = off\nmax_connections = 40\nshared_buffers = 64MB\nmax_wal_size = 4GB\n"


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    expect(found, "PostgreSQL is not installed")
    return os.path.dirname(found[-1])


class Postgres:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mailctl-pg-")
        self.data = os.path.join(self.directory, "data")
        self.process = None
        os.chmod(self.directory, 0o755)
        if os.getuid() == 0:
            shutil.chown(self.directory, UNPRIVILEGED, pwd.getpwnam(UNPRIVILEGED).pw_gid)
        self.as_server([os.path.join(programs(), "initdb"), "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N"])
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(SETTINGS + f"unix_socket_directories = '{self.directory}'\n")

    def identity(self):
        if os.getuid() != 0:
            return []
        account = pwd.getpwnam(UNPRIVILEGED)
        return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]

    def as_server(self, argv):
        done = subprocess.run(self.identity() + argv, capture_output=True, text=True, timeout=120, check=False, cwd=self.directory)
        expect(done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}")

    def conninfo(self, user="postgres"):
        return f"host={self.directory} dbname=postgres user={user}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.process = subprocess.Popen(self.identity() + [os.path.join(programs(), "postgres"), "-D", self.data], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=self.directory)
        deadline = time.monotonic() + 60
        while subprocess.run(["psql", "-qAtc", "select 1", self.conninfo()], capture_output=True, check=False).returncode != 0:
            expect(self.process.poll() is None and time.monotonic() < deadline, f"PostgreSQL does not start: {self.said()}")
            time.sleep(0.05)

    def stop(self, how=signal.SIGQUIT):
        """SIGQUIT is `pg_ctl stop -m immediate`: no goodbye to anybody, and recovery at the next start."""
        if self.process is None:
            return
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        self.process = None

    def said(self):
        with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def sql(self, text, user="postgres", status=0):
        done = subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", self.conninfo(user)], input=text, text=True, capture_output=True,
                              timeout=120, check=False)
        expect(status is None or done.returncode == status, f"{text}: {done.stderr}")
        return done.stdout.strip() if done.returncode == 0 else done.stderr

    def save(self):
        """A copy of the whole cluster, as a backup has it. The server is stopped for it."""
        self.stop(signal.SIGINT)
        copy = tempfile.mkdtemp(prefix="backup-", dir=self.directory)
        subprocess.run(["cp", "-a", self.data + "/.", copy], check=True)
        self.start()
        return copy

    def restore(self, copy):
        self.stop(signal.SIGINT)
        shutil.rmtree(self.data)
        os.rename(copy, self.data)
        os.chmod(self.data, 0o700)
        if os.getuid() == 0:
            shutil.chown(self.data, UNPRIVILEGED, pwd.getpwnam(UNPRIVILEGED).pw_gid)
        self.start()
