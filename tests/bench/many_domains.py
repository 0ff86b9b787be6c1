# SPDX-License-Identifier: Apache-2.0
"""A site of many domains, and the zone in which all their records are right: for dns.py and dkim.py."""
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MAILCTL = os.path.join(os.environ.get("MAILCTL_BIN", os.path.join(HERE, "..", "..", "build", "release")), "mailctl")
sys.path[:0] = [os.path.dirname(HERE), HERE]
import make_site  # noqa: E402
from harness.nsd import Nsd, zone_text  # noqa: E402

HOSTS = 'mx.bench.example. IN A 192.0.2.1\nmx.bench.example. IN TXT "v=spf1 a -all"\n'


def memory_kb(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def zone_value(row):
    text = row["value"]
    return " ".join(f'"{text[at:at + 255]}"' for at in range(0, len(text), 255)) if row["rrtype"] == "TXT" else text


class ManyDomains:
    def __init__(self, directory, count, *settings):
        self.root = os.path.join(directory, "site")
        self.environment = os.environ | {"MAILCTL_ROOT": self.root}
        self.names = sorted(make_site.domain_name(number) for number in range(count))
        self.mailctl("init", "--hostname", "mx.bench.example", "--postmaster", f"postmaster@{self.names[0]}")
        self.mailctl("config", "set", "maps.type=texthash", "dns.mx=10 mx.bench.example", *settings)
        subprocess.run([sys.executable, f"{HERE}/make_site.py", f"{self.root}/etc/domains", str(count), str(10 * count),
                        "--applied", f"{self.root}/lib/history/applied/domains"], check=True)
        self.mailctl("apply")

    def run(self, *words):
        done = subprocess.run([MAILCTL, *words], env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"mailctl {' '.join(words)[:200]}: {done.returncode} {done.stderr[-2000:]}")
        return done

    def mailctl(self, *words):
        return self.run(*words).stdout

    def mailctl_said(self, *words):
        return self.run(*words).stderr

    def measure(self, *words):
        """Seconds, seconds of CPU, and the most memory in MB: as the kernel counts it from exec on, for ru_maxrss knows of us too."""
        begin, highest, found = time.perf_counter(), 0, 0
        process = subprocess.Popen([MAILCTL, *words], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not found:
            highest = max(highest, memory_kb(process.pid))
            time.sleep(0.002)
            found, status, used = os.wait4(process.pid, os.WNOHANG)
        seconds = time.perf_counter() - begin
        if status != 0:
            sys.exit(f"mailctl {' '.join(words)[:200]} ended with {os.waitstatus_to_exitcode(status)}")
        return seconds, used.ru_utime + used.ru_stime, highest / 1024

    def name_server(self):
        """All in one zone, so that what is not there is denied by a server that knows."""
        wanted = json.loads(self.mailctl("dns", "show", "--json"))
        records = {f"{row['name']}. IN {row['rrtype']} {zone_value(row)}\n" for row in wanted}
        return Nsd({"example": zone_text("example", "".join(sorted(records)) + HOSTS)})


def say(what, rounds, **more):
    seconds = [each[0] for each in rounds]
    print(json.dumps({"what": what, "seconds": round(statistics.median(seconds), 3), "min": round(min(seconds), 3), "max": round(max(seconds), 3),
                      "cpu": round(statistics.median(each[1] for each in rounds), 3), "memory_mb": round(max(each[2] for each in rounds), 1), **more}),
          flush=True)
