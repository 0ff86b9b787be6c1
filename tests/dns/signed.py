#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""DNSSEC: signed zones of nsd and a trust anchor of our own; right, forged, expired, about to expire, and not signed at all."""
import datetime
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.nsd import Nsd, zone_text  # noqa: E402
from harness.site import Site, expect, run_tests  # noqa: E402

HOSTS = "mx.test.example. IN A 192.0.2.1\n"


def day(offset):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=offset)).strftime("%Y%m%d")


class Signer:
    """A key of the zone `example`, and what it signs."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mailctl-keys-")
        self.keys = [self.run("ldns-keygen", "-r", "/dev/urandom", "-a", "ECDSAP256SHA256", *role, "example").stdout.strip() for role in (["-k"], [])]

    def run(self, *words):
        return subprocess.run(words, cwd=self.directory, capture_output=True, text=True, timeout=60, check=True)

    @property
    def anchor(self):
        return os.path.join(self.directory, self.keys[0] + ".key")

    def sign(self, text, expires=30, begins=-40):
        with open(os.path.join(self.directory, "zone"), "w", encoding="utf-8") as file:
            file.write(text)
        self.run("ldns-signzone", "-i", day(begins), "-e", day(expires), "-f", "signed", "zone", *self.keys)
        with open(os.path.join(self.directory, "signed"), encoding="utf-8") as file:
            return file.read()


def make_site(anchor):
    site = Site(settings=(f"dns.trust_anchor={anchor}",))
    site.mailctl("domain", "create", "one.example")
    return site


def zone_of(site):
    return zone_text("example", HOSTS + site.mailctl("dns", "show", "one.example", "--zone"))


def check(site, nsd, status):
    done = site.mailctl("dns", "check", "one.example", "--server", nsd.server, "--json", status=status)
    return {(row["name"], row["rrtype"]): row for row in reversed(json.loads(done))}  # of several of a name, the record itself


def what_is_signed_is_secure():
    signer = Signer()
    with make_site(signer.anchor) as site, Nsd({"example": signer.sign(zone_of(site))}) as nsd:
        rows = check(site, nsd, 0)
        expect(rows["one.example", "DS"]["state"] == "ok", f"{rows['one.example', 'DS']}")
        expect({row["state"] for row in rows.values()} == {"ok"}, f"{rows}")


def what_is_not_signed_below_an_anchor_is_bogus():
    signer = Signer()
    with make_site(signer.anchor) as site, Nsd({"example": zone_of(site)}) as nsd:
        row = check(site, nsd, 5)["one.example", "MX"]
        expect(row["state"] == "bogus" and row["hint"], f"{row}")
        expect(site.json("domain", "list")[0]["dns"] == "pending", "active in spite of it")


def what_was_forged_is_bogus():
    signer = Signer()
    with make_site(signer.anchor) as site:
        signed = signer.sign(zone_of(site))
        forged = signed.replace("\tMX\t10 mx.test.example.", "\tMX\t10 mx.evil.example.")
        expect(forged != signed, "the MX was not found in the signed zone")
        with Nsd({"example": forged}) as nsd:
            rows = check(site, nsd, 5)
            expect(rows["one.example", "MX"]["state"] == "bogus", f"{rows['one.example', 'MX']}")
            expect(rows["one.example", "TXT"]["state"] != "bogus", "the others are bogus as well")


def a_signature_that_has_ended_is_bogus():
    signer = Signer()
    with make_site(signer.anchor) as site, Nsd({"example": signer.sign(zone_of(site), expires=-2)}) as nsd:
        row = check(site, nsd, 5)["one.example", "MX"]
        expect(row["state"] == "bogus" and "expired" in row["hint"], f"{row}")


def a_signature_that_ends_soon_is_told():
    signer = Signer()
    with make_site(signer.anchor) as site, Nsd({"example": signer.sign(zone_of(site), expires=2)}) as nsd:
        done = json.loads(site.mailctl("dns", "check", "one.example", "--server", nsd.server, "--json"))
        told = [row for row in done if row["rrtype"] == "MX" and row["state"] == "advice"]
        expect(told and "signature ends" in told[0]["hint"], f"{done}")


def without_an_anchor_nothing_is_validated():
    signer = Signer()
    with make_site("") as site, Nsd({"example": signer.sign(zone_of(site), expires=-2)}) as nsd:
        rows = check(site, nsd, 0)
        expect(("one.example", "DS") not in rows, "it says something about DNSSEC")


def a_resolver_that_leaves_signatures_out_makes_nothing_bogus():
    with make_site("") as site, Nsd({"example": zone_of(site)}) as nsd:
        site.mailctl("config", "set", f"dns.resolvers={nsd.server}")
        rows = json.loads(site.mailctl("dns", "check", "one.example", "--json"))
        expect({row["state"] for row in rows} <= {"ok", "advice"}, f"{[row for row in rows if row['state'] != 'ok']}")


def a_zone_outside_the_anchor_is_unsigned():
    signer = Signer()
    with make_site(signer.anchor) as site:
        site.mailctl("domain", "create", "open.test")
        zone = zone_text("test", site.mailctl("dns", "show", "open.test", "--zone"))
        with Nsd({"example": signer.sign(zone_of(site)), "test": zone}) as nsd:
            rows = json.loads(site.mailctl("dns", "check", "open.test", "--server", nsd.server, "--json"))
            states = {(row["name"], row["rrtype"]): row["state"] for row in rows}
            expect(states["open.test", "DS"] == "unsigned" and states["open.test", "MX"] == "ok", f"{states}")


sys.exit(run_tests("dns", [
    what_is_signed_is_secure, what_is_not_signed_below_an_anchor_is_bogus, what_was_forged_is_bogus, a_signature_that_has_ended_is_bogus,
    a_signature_that_ends_soon_is_told, without_an_anchor_nothing_is_validated,
    a_resolver_that_leaves_signatures_out_makes_nothing_bogus, a_zone_outside_the_anchor_is_unsigned,
]))
