# SPDX-License-Identifier: Apache-2.0
"""A clean Debian system of its own: made by debootstrap, booted with its own systemd, its own processes and a network of its own that
has loopback only. Needs root, systemd-nspawn and, to be made, Debian's archive."""
import os
import signal
import subprocess
import time

PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,iproute2,procps"
MIRROR = "http://deb.debian.org/debian"


class Machine:
    """`with Machine(folder) as machine:` booted from a system that `make` or somebody else put there."""

    def __init__(self, folder):
        self.folder, self.nspawn, self.leader = folder, None, None

    @staticmethod
    def make(folder, suite):
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, folder, MIRROR], check=True, stdout=subprocess.DEVNULL)
        with open(f"{folder}/etc/apt/sources.list", "w", encoding="ascii") as sources:
            sources.write(f"deb {MIRROR} {suite} main\ndeb {MIRROR}-security {suite}-security main\n")
        return Machine(folder)

    def prepare(self, *command):
        """In the system before it boots, with the network of this one."""
        subprocess.run(["chroot", self.folder, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", *command], check=True, stdout=subprocess.DEVNULL)

    def offer(self, package):
        """A package file, to be had by apt in the system."""
        place = f"{self.folder}/srv/packages"
        os.makedirs(place, exist_ok=True)
        subprocess.run(["cp", package, place], check=True)
        listed = subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=place, check=True, capture_output=True).stdout
        with open(f"{place}/Packages", "wb") as packages:
            packages.write(listed)
        with open(f"{self.folder}/etc/apt/sources.list.d/packages.list", "w", encoding="ascii") as source:
            source.write("deb [trusted=yes] file:/srv/packages ./\n")

    def __enter__(self):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": open(f"{self.folder}.console", "wb"), "stderr": subprocess.STDOUT}
        self.nspawn = subprocess.Popen(["systemd-nspawn", "-q", "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--hostname=mx",
                                        "-D", self.folder, "--boot"], **quiet)
        deadline = time.monotonic() + 120
        while not self.is_up():
            assert self.nspawn.poll() is None and time.monotonic() < deadline, f"it does not boot: {self.folder}.console"
            time.sleep(0.3)
        return self

    def is_up(self):
        children = subprocess.run(["pgrep", "-P", str(self.nspawn.pid)], capture_output=True, text=True).stdout.split()
        if not children:
            return False
        self.leader = int(children[-1])  # the first is gone once it has made the other
        said = self.type_in("systemctl is-system-running").stdout.strip()
        return said in ("running", "degraded")

    def type_in(self, lines, timeout=300):
        """What a root's shell says to these lines; it stops at the first that fails."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "TERM": "dumb", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(["nsenter", "-a", "-t", str(self.leader), "--wdns=/root", "/usr/bin/env", "bash", "-eu", "-o", "pipefail", "-c", lines],
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)

    def __exit__(self, *_):
        self.nspawn.send_signal(signal.SIGTERM)
        try:
            self.nspawn.wait(30)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
