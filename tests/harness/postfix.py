# SPDX-License-Identifier: Apache-2.0
"""A private Postfix: own configuration, queue and port on loopback; started and stopped by the test. Needs root, as Postfix does."""
import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time

from harness.site import expect

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = """
compatibility_level = 3.7
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.test.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
maillog_file = {directory}/maillog
maillog_file_prefixes = /var, /tmp
alias_maps =
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_tls_security_level = none
smtpd_tls_security_level = none
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Postfix:
    """`main` and `master` are appended to the configuration; the last setting of a name wins."""

    def __init__(self, main="", master=""):
        self.directory = tempfile.mkdtemp(prefix="mailctl-postfix-")
        self.port = free_port()
        os.chmod(self.directory, 0o755)
        for name in ("etc", "queue", "data"):
            os.mkdir(os.path.join(self.directory, name), 0o755)
        shutil.chown(os.path.join(self.directory, "data"), "postfix")
        self.write("main.cf", MAIN.format(directory=self.directory) + main)
        self.write("master.cf", MASTER.format(port=self.port) + master)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.close()

    @property
    def etc(self):
        return os.path.join(self.directory, "etc")

    def write(self, name, text):
        with open(os.path.join(self.etc, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, *command):
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def start(self):
        check = self.run("postfix", "-c", self.etc, "check")
        expect(check.returncode == 0, f"postfix check: {check.stderr}{self.log()}")
        start = self.run("postfix", "-c", self.etc, "start")
        expect(start.returncode == 0, f"postfix start: {start.stderr}{self.log()}")
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                expect(time.monotonic() < deadline, f"postfix does not answer: {self.log()}")
                time.sleep(0.1)

    def close(self):
        self.run("postfix", "-c", self.etc, "abort")
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        try:
            with open(os.path.join(self.directory, "maillog"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def smtp(self):
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.example", timeout=30)

    def send(self, sender, recipients, message):
        """Submit one message; {recipient: (code, text)} of those refused, as smtplib tells it."""
        with self.smtp() as client:
            return client.sendmail(sender, recipients, message.replace(b"\n", b"\r\n"))

    def refusal(self, recipient, sender="someone@elsewhere.example"):
        """(code, text) of Postfix's answer to RCPT."""
        with self.smtp() as client:
            client.ehlo()
            client.mail(sender)
            code, text = client.rcpt(recipient)
            return code, text.decode(errors="replace")

    def queue(self):
        return [line for line in self.run("postqueue", "-c", self.etc, "-j").stdout.splitlines() if line]

    def flush(self):
        self.run("postqueue", "-c", self.etc, "-f")

    def wait_until_empty(self, seconds=60):
        deadline = time.monotonic() + seconds
        while self.queue():
            expect(time.monotonic() < deadline, f"mail stays in the queue: {self.queue()}\n{self.log()[-4000:]}")
            time.sleep(0.1)
