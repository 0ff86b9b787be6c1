# SPDX-License-Identifier: Apache-2.0
"""A private nsd: authoritative for the zones it is given, on a loopback address and port of its own."""
import os
import shutil
import subprocess
import tempfile
import time

from harness.postfix import free_port
from harness.site import expect

HEAD = """$TTL 60
{zone}. IN SOA {ns}. hostmaster.{zone}. {serial} 3600 600 86400 60
{zone}. IN NS {ns}.
"""
CONFIGURATION = """
server:
  ip-address: {address}@{port}
  username: ""
  chroot: ""
  zonesdir: "{directory}"
  database: ""
  pidfile: "{directory}/nsd.pid"
  xfrdfile: ""
  xfrdir: "{directory}"
  zonelistfile: "{directory}/zone.list"
  logfile: "{directory}/log"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
"""


def zone_text(zone, records, ns="ns.test.example", serial=1):
    """A whole zone: what every zone needs, then `records`, as they are."""
    return HEAD.format(zone=zone, ns=ns, serial=serial) + records


class Nsd:
    def __init__(self, zones, address="127.0.0.1", port=None, options=""):
        self.directory = tempfile.mkdtemp(prefix="mailctl-nsd-")
        self.address, self.port = address, port or free_port()
        self.process = None
        self.options = options
        for zone, text in zones.items():
            self.write(zone, text)
        self.zones = sorted(zones)

    @property
    def server(self):
        return f"{self.address}:{self.port}"

    def write(self, zone, text):
        with open(os.path.join(self.directory, zone + ".zone"), "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        configuration = os.path.join(self.directory, "nsd.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(address=self.address, port=self.port, directory=self.directory))
            file.write(self.options)
            for zone in self.zones:
                file.write(f"zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}.zone\"\n")
        with open(os.path.join(self.directory, "errors"), "wb") as errors:
            self.process = subprocess.Popen(["nsd", "-d", "-c", configuration], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        deadline = time.monotonic() + 30
        while not self.answers():
            expect(self.process.poll() is None and time.monotonic() < deadline, f"nsd does not start: {self.said()}")
            time.sleep(0.05)

    def answers(self):
        done = self.drill(self.zones[0], "SOA")
        return "rcode: NOERROR" in done

    def drill(self, name, rrtype):
        return subprocess.run(["drill", "-p", str(self.port), f"@{self.address}", name, rrtype], capture_output=True, text=True, timeout=60,
                              check=False).stdout

    def said(self):
        text = ""
        for name in ("errors", "log"):
            path = os.path.join(self.directory, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += file.read()
        return text

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(timeout=30)
        self.process = None

    def serve(self, zones):
        """Other zones in place of those so far."""
        self.stop()
        self.zones = sorted(zones)
        for zone, text in zones.items():
            self.write(zone, text)
        self.start()
