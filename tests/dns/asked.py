#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `mailctl check` asks of others: block lists and names of addresses (nsd), and the host that mail goes on to (a
listening SMTP server). Spoilt one after the other, and right again."""
import contextlib
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.listening_host import ListeningHost  # noqa: E402
from harness.nsd import Nsd, zone_text  # noqa: E402
from harness.site import Site, expect, run_tests  # noqa: E402


@contextlib.contextmanager
def site_beside(main, zones=None):
    """A site whose Postfix has these lines in main.cf, and whose resolver is an nsd with these zones."""
    with Site() as site, tempfile.TemporaryDirectory() as postfix, Nsd(zones or {"example": zone_text("example", "")}) as nsd:
        with open(os.path.join(postfix, "main.cf"), "w", encoding="ascii") as file:
            file.write("compatibility_level = 3.6\n" + main)
        open(os.path.join(postfix, "master.cf"), "w", encoding="ascii").close()
        site.mailctl("config", "set", f"maps.postfix_config_directory={postfix}", f"dns.resolvers={nsd.server}", "dns.trust_anchor=/dev/null")
        yield site, nsd


def found(site, check, status=0):
    """Place and words of each finding of one check."""
    return [(row["place"], row["what"]) for row in site.json_of("check", "--only", check, status=status) if row["id"] == check]


def a_block_list_that_refuses_us_or_lists_everybody():
    asked = "smtpd_recipient_restrictions = permit_mynetworks, reject_rbl_client bl.lists.example=127.0.0.[2..11]\n"
    for records, status, words in (("2.0.0.127.bl.lists.example. IN A 127.0.0.2\n", 0, []),
                                   ("2.0.0.127.bl.lists.example. IN A 127.255.255.254\n", 5, ["127.255.255.254"]),
                                   ("*.bl.lists.example. IN A 127.0.0.2\n", 5, ["lists everybody"])):
        with site_beside(asked, {"lists.example": zone_text("lists.example", records)}) as (site, _):
            said = found(site, "dns.blocklist-refuses", status)
            expect(len(said) == len(words) and all(place == "bl.lists.example" and words[0] in what for place, what in said), f"{records}: {said}")


def a_block_list_that_nobody_answers_for_is_not_judged():
    with site_beside("postscreen_dnsbl_sites = bl.lists.example*2\n") as (site, nsd):  # it refuses, for the zone is not its own
        expect(found(site, "dns.blocklist-refuses") == [], "what was not answered is a finding")
        nsd.stop()
        expect(found(site, "dns.blocklist-refuses") == [], "who does not answer is a finding")


def an_ipv6_address_that_sends_mail_without_a_name():
    reverse = "8.b.d.0.1.0.0.2.ip6.arpa"
    name = "7" + ".0" * 23 + "." + reverse
    bound = "inet_protocols = all\nsmtp_bind_address6 = 2001:db8::7\n"
    for records, main, status, count in ((f"{name}. IN PTR mx.test.example.\n", bound, 0, 0), ("", bound, 5, 1),
                                         ("", bound.replace("all", "ipv4"), 0, 0)):
        with site_beside(main, {reverse: zone_text(reverse, records)}) as (site, _):
            said = found(site, "dns.ipv6-nameless", status)
            expect([place for place, _ in said] == ["2001:db8::7"] * count, f"{main}{records}: {said}")


class NextHop(ListeningHost):
    """An SMTP server that says these lines to EHLO, and nothing but 221 to anything else."""

    def __init__(self, *offers):
        super().__init__()
        self.answer = "".join(f"250{' ' if line == offers[-1] else '-'}{line}\r\n" for line in offers).encode()

    def serve(self, client):
        with client.makefile("rb") as stream:
            client.sendall(b"220 hop.example ESMTP\r\n")
            for line in stream:
                client.sendall(self.answer if line.upper().startswith(b"EHLO") else b"221 bye\r\n")


def a_next_hop_that_does_not_take_smtputf8():
    for offers, status, count in ((("hop.example", "8BITMIME", "SMTPUTF8"), 0, 0), (("hop.example", "8BITMIME"), 5, 1)):
        with NextHop(*offers) as hop, site_beside(f"relayhost = [127.0.0.1]:{hop.port}\n") as (site, _):
            said = found(site, "postfix.no-smtputf8", status)
            expect(len(said) == count and all("relayhost" in place or str(hop.port) in what + place for place, what in said), f"{offers}: {said}")
            port = hop.port
    with site_beside(f"relayhost = [127.0.0.1]:{port}\n") as (site, _):  # it has gone
        expect(found(site, "postfix.no-smtputf8") == [], "who does not answer is a finding")


sys.exit(run_tests("dns", [
    a_block_list_that_refuses_us_or_lists_everybody, a_block_list_that_nobody_answers_for_is_not_judged,
    an_ipv6_address_that_sends_mail_without_a_name, a_next_hop_that_does_not_take_smtputf8,
]))
