# SPDX-License-Identifier: Apache-2.0
"""A private Dovecot, 2.3 or 2.4, that includes the generated fragment; IMAP on a loopback port of its own. Needs root, as Dovecot does."""
import imaplib
import os
import shutil
import subprocess
import tempfile
import time

from harness.postfix import free_port
from harness.site import expect

# Dovecot 2.4 is set up in other words, whatever number stands behind.
IS_23 = subprocess.run(["dovecot", "--version"], capture_output=True, text=True).stdout.startswith("2.3")

VERSION = "" if IS_23 else "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"
WORDS = """
protocols = imap
disable_plaintext_auth = no
""" if IS_23 else """
protocols {
  imap = yes
}
auth_allow_cleartext = yes
"""

# The generated fragment comes first; what stands here only makes the instance private.
CONFIGURATION = """
!include {fragment}
base_dir = {directory}/run
state_dir = {directory}/run
log_path = {directory}/log
listen = {address}
ssl = no
first_valid_uid = 1
first_valid_gid = 1
service auth {{
  user = root
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def served_with(certificate, key):
    """The lines that serve a certificate where no name is known."""
    if IS_23:
        return f"ssl = yes\nssl_cert = <{certificate}\nssl_key = <{key}\n"
    return f"ssl = yes\nssl_server_cert_file = {certificate}\nssl_server_key_file = {key}\n"


def is_running(pid):
    """One that ended is there until whoever inherited it takes notice, which not every first process of a container does."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Dovecot:
    def __init__(self, fragment, extra="", address="127.0.0.1", port=None):
        self.directory = tempfile.mkdtemp(prefix="mailctl-dovecot-")
        os.chmod(self.directory, 0o755)
        self.address, self.port = address, port or free_port()
        self.configuration = os.path.join(self.directory, "dovecot.conf")
        with open(self.configuration, "w", encoding="utf-8") as file:
            private = CONFIGURATION.format(fragment=fragment, directory=self.directory, address=address, port=self.port)
            file.write(VERSION + private + WORDS + extra)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.close()

    def start(self):
        # The daemon keeps what it inherits: pipes would never close.
        done = subprocess.run(["dovecot", "-c", self.configuration], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=60)
        expect(done.returncode == 0, f"dovecot does not start: {self.log()}")
        deadline = time.monotonic() + 30
        while not os.path.exists(os.path.join(self.directory, "run", "master.pid")):
            expect(time.monotonic() < deadline, f"dovecot does not start: {self.log()}")
            time.sleep(0.05)

    def close(self):
        try:
            with open(os.path.join(self.directory, "run", "master.pid"), encoding="ascii") as file:
                pid = int(file.read())
            os.kill(pid, 15)
            deadline = time.monotonic() + 30
            while is_running(pid):
                expect(time.monotonic() < deadline, f"dovecot does not end: {self.log()}")
                time.sleep(0.05)
        except (FileNotFoundError, ProcessLookupError):
            pass
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        try:
            with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def login(self, user, password):
        client = imaplib.IMAP4(self.address, self.port, timeout=30)
        client.login(user, password)
        return client

    def messages(self, user, password, folder="INBOX"):
        """Bytes of every message as IMAP serves them (CRLF)."""
        client = self.login(user, password)
        status, _ = client.select(folder, readonly=True)
        expect(status == "OK", f"cannot select {folder}")
        _, found = client.search(None, "ALL")
        result = [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in found[0].split()]
        client.logout()
        return result

    def doveadm(self, *arguments):
        done = subprocess.run(["doveadm", "-c", self.configuration, *arguments], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr
