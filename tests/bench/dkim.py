#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys of many domains: made, published, seen, activated and followed by successors; what one `dkim rotate` over all of
them costs, and that one which is killed again and again does exactly what is due. One JSON object for each figure.

  tests/bench/dkim.py [DOMAINS [RSA_DOMAINS]]        MAILCTL_BIN=directory of the programs (default: build/release)

Keys are Ed25519, which takes no time, so that what we do for each domain is seen; RSA is measured by itself.
"""
import datetime
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from many_domains import MAILCTL, ManyDomains, say  # noqa: E402

SETTINGS = ("dkim.signer=rspamd", "dkim.rotate_every=52w")
LONG_AGO = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=400)


def selectors_path(site, name):
    return os.path.join(site.root, "lib", "dkim", name, "selectors.toml")


def read_all(site):
    texts = {}
    for name in site.names:
        with open(selectors_path(site, name), encoding="utf-8") as file:
            texts[name] = file.read()
    return texts


def make_due(site, names):
    """The keys of these have signed for longer than dkim.rotate_every."""
    for name in names:
        with open(selectors_path(site, name), encoding="utf-8") as file:
            text = file.read()
        with open(selectors_path(site, name), "w", encoding="utf-8") as file:
            file.write(re.sub(r"since = .*", f"since = {LONG_AGO:%Y-%m-%dT%H:%M:%SZ}", text))


def kill_midway(site, seconds):
    process = subprocess.Popen([MAILCTL, "dkim", "rotate"], env=site.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def expect_only_due(before, after, due):
    for name, text in after.items():
        added = len(re.findall(r"^\[selector\.", text, re.MULTILINE)) - len(re.findall(r"^\[selector\.", before[name], re.MULTILINE))
        if added != (name in due) or (name not in due and text != before[name]):
            sys.exit(f"{name}, which was {'' if name in due else 'not '}due: {before[name]}\n{text}")


def measure_steps(count, here):
    site = ManyDomains(here, count, *SETTINGS)
    say("create", [site.measure("dkim", "create", "-q", "--algorithm", "ed25519", *site.names)], domains=count)
    with site.name_server() as nsd:
        say("dns check", [site.measure("dns", "check", "-q", "--server", nsd.server)], domains=count)
    activation = site.measure("dkim", "rotate", "-q")
    say("rotate, all activated", [activation], domains=count)
    say("rotate, nothing due", [site.measure("dkim", "rotate", "-q") for _ in range(3)], domains=count)
    say("list", [site.measure("dkim", "list") for _ in range(3)], domains=count)
    due = set(random.Random(count).sample(site.names, count // 10))
    make_due(site, due)
    before = read_all(site)
    say("rotate, a tenth due, dry run", [site.measure("dkim", "rotate", "-n")], domains=count)
    killed = sum(kill_midway(site, activation[0] * share) for share in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3))
    say("rotate, a tenth due, after kills", [site.measure("dkim", "rotate", "-q")], domains=count, killed=killed)
    after = read_all(site)
    expect_only_due(before, after, due)
    if "nothing to change" not in site.mailctl_said("dkim", "rotate") or read_all(site) != after:
        sys.exit("the next run changes something")


def measure_rsa(count, here):
    site = ManyDomains(here, count, *SETTINGS)
    say("create, RSA", [site.measure("dkim", "create", "-q", "--algorithm", "rsa", *site.names)], domains=count)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for measure, domains in ((measure_steps, count), (measure_rsa, int(sys.argv[2]) if len(sys.argv) > 2 else 100)):
        with tempfile.TemporaryDirectory(prefix="mailctl-bench-") as here:
            measure(domains, here)


if __name__ == "__main__":
    main()
