# SPDX-License-Identifier: Apache-2.0
"""Programs that sign and verify mail: OpenDKIM and rspamd, private instances on loopback. They ask the resolver that the test gives."""
import os
import shutil
import subprocess
import tempfile
import time

from harness.postfix import free_port
from harness.site import expect

UNBOUND = """server:
  do-not-query-localhost: no
  module-config: "iterator"
forward-zone:
  name: "."
  forward-addr: {address}@{port}
"""
OPENDKIM = """Syslog no
UserID {user}
Mode {mode}
Canonicalization relaxed/simple
ResolverConfiguration {directory}/unbound.conf
Socket inet:{port}@127.0.0.1
PidFile {directory}/opendkim.pid
On-KeyNotFound accept
"""
RSPAMD = """
.include "$CONFDIR/common.conf"
options {{ pidfile = "{directory}/rspamd.pid"; filters = "dkim"; local_addrs = [127.0.0.0/8]; dns {{ nameserver = ["{address}:{dns_port}"]; }} }}
logging {{ type = "file"; filename = "{directory}/log"; level = "info"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
"""


def wait_for_port(port, process, what, seconds=60):
    import socket
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            expect(process.poll() is None and time.monotonic() < deadline, f"{what} does not answer")
            time.sleep(0.1)


class Program:
    """A directory, and a process that is ended with it."""

    def __init__(self, name):
        self.directory = tempfile.mkdtemp(prefix=f"mailctl-{name}-")
        os.chmod(self.directory, 0o755)
        self.port = free_port()
        self.process = None

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def read(self, name):
        with open(os.path.join(self.directory, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
        shutil.rmtree(self.directory, ignore_errors=True)


class OpenDkim(Program):
    """A milter that signs. `tables`: lines for its configuration; without them it only verifies, and no process is there."""

    def __init__(self, nsd, tables=""):
        super().__init__("opendkim")
        self.write("unbound.conf", UNBOUND.format(address=nsd.address, port=nsd.port))
        self.signs = bool(tables)
        settings = {"user": "opendkim", "directory": self.directory, "port": self.port}
        self.configuration = self.write("conf", OPENDKIM.format(mode="s", **settings) + tables)
        self.verifier = self.write("verifier.conf", OPENDKIM.format(mode="v", **settings))

    def start(self):
        if not self.signs:
            return
        with open(os.path.join(self.directory, "errors"), "wb") as errors:
            self.process = subprocess.Popen(["opendkim", "-f", "-x", self.configuration], stdin=subprocess.DEVNULL,
                                            stdout=errors, stderr=errors)
        wait_for_port(self.port, self.process, f"opendkim: {self.read('errors')}")

    def verify(self, message):
        """What opendkim says of a message, without any instance running."""
        path = self.write("message", message.decode())
        done = subprocess.run(["opendkim", "-t", path, "-x", self.verifier], capture_output=True, text=True, timeout=60, check=False)
        return done.stdout + done.stderr

    def test_key(self, domain, selector, key):
        done = subprocess.run(["opendkim-testkey", "-vv", "-x", self.configuration, "-d", domain, "-s", selector, "-k", key],
                              capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr


class Rspamd(Program):
    """`local`: files of its local.d."""

    def __init__(self, nsd, local):
        super().__init__("rspamd")
        self.write("rspamd.conf", RSPAMD.format(directory=self.directory, port=self.port, address=nsd.address, dns_port=nsd.port))
        for name, text in local.items():
            self.write(f"local.d/{name}", text)
        shutil.chown(self.directory, "_rspamd", "_rspamd")

    def start(self):
        variables = [f"--var={name}={self.directory}" for name in ("LOCAL_CONFDIR", "DBDIR", "LOGDIR", "RUNDIR")]
        with open(os.path.join(self.directory, "errors"), "wb") as errors:
            self.process = subprocess.Popen(["rspamd", "-f", "-c", os.path.join(self.directory, "rspamd.conf"), *variables, "-u", "_rspamd",
                                             "-g", "_rspamd"], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        wait_for_port(self.port, self.process, f"rspamd: {self.read('errors')}")

    def sign(self, message):
        """The message as rspamd hands it back."""
        path = self.write("message", message.decode())
        done = subprocess.run(["rspamc", "-h", f"127.0.0.1:{self.port}", "--mime", "--ip", "127.0.0.1", path], capture_output=True,
                              timeout=60, check=False)
        expect(done.returncode == 0, done.stderr.decode(errors="replace"))
        return done.stdout
