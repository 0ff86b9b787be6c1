#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `dns show --zone` writes is loaded by nsd unchanged, and served as it was meant; nsupdate(1) can read --nsupdate."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.nsd import Nsd, zone_text  # noqa: E402
from harness.site import Site, expect, run_tests  # noqa: E402

SETTINGS = ("dns.mx=10 mx1.hosts.example, 20 mx2.hosts.example", "dns.addresses=127.0.0.1,::1", "dns.spf_include=spf.relay.example",
            "dns.mta_sts.mode=testing", "dns.tlsrpt=mailto:tls@one.example", 'dns.caa=0 issue "ca.example; validationmethods=dns-01"',
            "clients.webmail=https://webmail.%d/", "clients.imap_host=imap.%d", "clients.pop_security=off", "source_ips=127.0.0.9,2001:db8::9",
            "alternate_suffix=backup.test.example")
NAMES = ("one.example", "uno.example", "xn--bcher-kva.example", "oneexample.backup.test.example", "bare.example")


def make_site():
    site = Site(settings=SETTINGS)
    site.mailctl("domain", "create", "one.example", "--alias", "uno.example", "--source-ip", "auto")
    site.mailctl("domain", "set", "one.example", "dmarc.policy=reject", "dmarc.report_to=mailto:dmarc@collector.example")
    site.mailctl("domain", "create", "bücher.example")
    site.mailctl("domain", "create", "bare.example")
    return site


def fragment(site, name, form="--zone"):
    return site.mailctl("dns", "show", name, form)


def every_name_loads():
    with make_site() as site:
        for name in NAMES:
            with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
                file.write(zone_text(name, fragment(site, name)))
                file.flush()
                done = subprocess.run(["nsd-checkzone", name, file.name], capture_output=True, text=True, timeout=60, check=False)
                expect(done.returncode == 0, f"{name}: {done.stdout}{done.stderr}")


def what_is_served_is_what_is_wanted():
    with make_site() as site, Nsd({name: zone_text(name, fragment(site, name)) for name in NAMES}) as nsd:
        rows = site.json("dns", "show", "one.example")
        expect({row["name"] for row in rows} >= set(NAMES[:2]), "an alias is missing")
        for row in rows:
            if row["name"].endswith("collector.example"):
                continue  # of another zone
            said = nsd.drill(row["name"], row["rrtype"]).replace('" "', "")
            expect(row["value"] in said, f"{row['name']} {row['rrtype']}: {row['value']} is not in {said}")


def nsupdate_has_the_lines_of_the_zone():
    with make_site() as site:
        for name in NAMES:
            zone = fragment(site, name).splitlines()
            update = fragment(site, name, "--nsupdate").splitlines()
            expect(update == ["update add " + line for line in zone] + ["send"], f"{name}: {update}")


sys.exit(run_tests("dns", [every_name_loads, what_is_served_is_what_is_wanted, nsupdate_has_the_lines_of_the_zone]))
