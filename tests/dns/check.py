#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dns check` against real name servers: nsd with the zones that `dns show` wrote, right and wrong, silent, large and at odds."""
import contextlib
import json
import os
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.listening_host import ListeningHost  # noqa: E402
from harness.nsd import Nsd, zone_text  # noqa: E402
from harness.site import Site, expect, run_tests  # noqa: E402

HOSTS = """mx1.hosts.example. IN A 192.0.2.1
mx1.hosts.example. IN AAAA 2001:db8::1
mx2.hosts.example. IN A 192.0.2.2
mx.test.example. IN A 192.0.2.1
alias.hosts.example. IN CNAME mx1.hosts.example.
other.hosts.example. IN A 203.0.113.9
"""
SETTINGS = ("dns.mx=10 mx1.hosts.example", "dns.mta_sts.mode=testing", "dns.tlsrpt=mailto:admin@one.example")


def make_site(settings=()):
    site = Site(settings=(*SETTINGS, *settings))
    site.mailctl("domain", "create", "one.example")
    site.mailctl("mailbox", "create", "admin@one.example", "--no-password")
    return site


def zones_of(site, change=lambda text: text):
    """Of everything below `example`, so that names which are not there are denied and not refused."""
    records = site.mailctl("dns", "show", "one.example", "--zone")
    return {"example": zone_text("example", HOSTS + change(records)),
            "2.0.192.in-addr.arpa": zone_text("2.0.192.in-addr.arpa", "1.2.0.192.in-addr.arpa. IN PTR mx.test.example.\n")}


def check(site, *arguments, status=0):
    return json.loads(site.mailctl("dns", "check", *arguments, "--json", status=status))


def row_of(rows, name, rrtype):
    found = [row for row in rows if (row["name"], row["rrtype"]) == (name, rrtype)]
    expect(found, f"no row {name} {rrtype}")
    return found[0]


def state_of(rows, name, rrtype):
    return row_of(rows, name, rrtype)["state"]


def not_ok(rows):
    return [(row["name"], row["rrtype"], row["state"], row["hint"]) for row in rows if row["state"] != "ok"]


def what_dns_show_writes_is_found_right():
    with make_site() as site, Nsd(zones_of(site)) as nsd:
        rows = check(site, "one.example", "--server", nsd.server)
        expect(rows and not not_ok(rows), f"{not_ok(rows)}")
        domain = site.json("domain", "list")[0]
        expect(domain["dns"] == "active" and domain["dns_since"], f"{domain}")
        expect(not check(site, "one.example", "--server", nsd.server, "--changes"), "the second round has news")
        expect(len(site.json("dns", "list", "one.example")) == len(rows), "dns list shows something else")


def an_mx_elsewhere_is_wrong():
    with make_site() as site, Nsd(zones_of(site, lambda text: text.replace("10 mx1.hosts", "10 other.hosts"))) as nsd:
        rows = check(site, "one.example", "--server", nsd.server, status=5)
        row = row_of(rows, "one.example", "MX")
        expect(row["state"] == "wrong" and "10 mx1.hosts.example." in row["hint"] and row["found"] == ["10 other.hosts.example."], f"{row}")
        expect(site.json("domain", "list")[0]["dns"] == "pending", "active in spite of it")


def another_name_of_our_host_is_right_and_an_alias_wrong():
    extra = "also.hosts.example. IN A 192.0.2.1\nalso.hosts.example. IN AAAA 2001:db8::1\n"
    for name, state, status in (("also", "ok", 0), ("alias", "wrong", 5)):
        with make_site() as site:
            with Nsd(zones_of(site, lambda text: text.replace("10 mx1.hosts", f"10 {name}.hosts") + extra)) as nsd:  # noqa: B023
                rows = check(site, "one.example", "--server", nsd.server, status=status)
                expect(state_of(rows, "one.example", "MX") == state, f"{name}: {rows[0]}")


def missing_records_come_with_the_line_to_paste():
    with make_site() as site:
        zone = site.mailctl("dns", "show", "one.example", "--zone")
        with Nsd({"example": zone_text("example", HOSTS)}) as nsd:
            rows = check(site, "one.example", "--server", nsd.server, status=5)
            for row in rows:
                if row["state"] == "missing":
                    expect(row["hint"].split("add: ")[1] in zone, f"{row}")
            expect(state_of(rows, "one.example", "MX") == "missing", f"{rows[0]}")


def a_large_answer_comes_by_tcp():
    filling = "".join(f"one.example. IN TXT \"filling-{n}={'x' * 200}\"\n" for n in range(40))
    with make_site() as site, Nsd(zones_of(site, lambda text: text + filling)) as nsd:
        rows = check(site, "one.example", "--server", nsd.server)
        expect(state_of(rows, "one.example", "TXT") == "ok", f"{not_ok(rows)}")


def a_silent_server_is_unknown_and_changes_nothing():
    with make_site() as site, Nsd(zones_of(site)) as nsd, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        check(site, "one.example", "--server", nsd.server)
        silent.bind(("127.0.0.1", 0))
        began = time.monotonic()
        rows = check(site, "one.example", "--server", f"127.0.0.1:{silent.getsockname()[1]}", "--timeout", "1s", status=75)
        expect(time.monotonic() - began < 15, "it took too long")
        expect({row["state"] for row in rows} == {"unknown"}, f"{rows}")
        expect(site.json("domain", "list")[0]["dns"] == "active", "the state was changed")
        expect({row["state"] for row in site.json("dns", "list", "one.example")} == {"ok"}, "the rows were changed")


def a_server_that_refuses_is_unknown():
    with make_site() as site, Nsd({"elsewhere.example": zone_text("elsewhere.example", "")}) as nsd:
        rows = check(site, "one.example", "--server", nsd.server, status=75)
        expect({row["state"] for row in rows} == {"unknown"}, f"{rows}")


def servers_at_odds_are_propagating():
    with make_site() as site:
        old = zones_of(site, lambda text: text.replace("v=spf1 mx -all", "v=spf1 ip4:203.0.113.1 -all"))
        with Nsd(zones_of(site)) as new, Nsd(old) as other:
            rows = check(site, "one.example", "--server", other.server, "--server", new.server)
            expect(state_of(rows, "one.example", "TXT") == "propagating", f"{row_of(rows, 'one.example', 'TXT')}")
            expect(state_of(rows, "one.example", "MX") == "ok", "the MX as well")


def spf_is_for_the_address_that_was_drawn():
    with make_site(("source_ips=192.0.2.1,198.51.100.7",)) as site:
        site.mailctl("domain", "set", "one.example", "source_ip=auto")
        with Nsd(zones_of(site)) as nsd:
            rows = check(site, "one.example", "--server", nsd.server)
            row = row_of(rows, "one.example", "TXT")
            expect(row["state"] == "ok" and row["expected"].count("ip4:") == 1, f"{row}")


def after(update, records):
    """The records of a zone (lines as dns show writes them) once nsupdate has been through."""
    lines = [line for line in records.splitlines() if line]
    for line in update.splitlines():
        if line.startswith("update add "):
            lines.append(line.removeprefix("update add "))
        elif line.startswith("update delete "):
            name, _, rrtype, *value = line.removeprefix("update delete ").split(" ", 3)
            def is_meant(each):
                words = each.split(" ", 4)
                return words[0] == name and words[3] == rrtype and (not value or words[4] == value[0])  # noqa: B023
            expect(any(map(is_meant, lines)), f"nothing to delete by '{line}'")
            lines = [each for each in lines if not is_meant(each)]
        else:
            expect(line == "send", line)
    return "\n".join(dict.fromkeys(lines)) + "\n"


def what_nsupdate_is_told_mends_what_was_seen():
    with make_site() as site:
        site.mailctl("dkim", "create", "one.example", "--algorithm", "rsa")
        old = site.mailctl("dns", "show", "one.example", "--zone") + 'one.example. 3600 IN TXT "verification=1"\n'
        selector = site.json("dkim", "list", "one.example")[0]["selector"]
        site.mailctl("dkim", "delete", "one.example", "--selector", selector, "--force", "--yes")
        site.mailctl("domain", "set", "one.example", "source_ip=192.0.2.99")
        site.mailctl("config", "set", "dns.mta_sts.mode=enforce")
        with Nsd(zones_of(site, lambda _: old)) as nsd:
            rows = check(site, "one.example", "--server", nsd.server, status=5)
            gone = [row for row in rows if row["state"] == "extra"]
            expect([row["name"] for row in gone] == [f"{selector}._domainkey.one.example"] and "is gone" in gone[0]["hint"], f"{gone}")
            expect(state_of(rows, "one.example", "TXT") == "wrong", f"{rows}")
        new = after(site.mailctl("dns", "show", "one.example", "--nsupdate"), old)
        expect(new.count("v=spf1") == 1 and new.count("v=DMARC1") == 1 and "verification=1" in new and "_domainkey" not in new, new)
        with Nsd(zones_of(site, lambda _: new)) as nsd:
            rows = check(site, "one.example", "--server", nsd.server)
            expect(not not_ok(rows), f"{not_ok(rows)}")


def a_private_key_that_is_not_the_records_is_told():
    with make_site() as site:
        site.mailctl("dkim", "create", "one.example", "--algorithm", "rsa")
        selector = site.json("dkim", "list", "one.example")[0]["selector"]
        with Nsd(zones_of(site)) as nsd:
            site.mailctl("dkim", "activate", "one.example", "--selector", selector, "--force")
            expect(not not_ok(check(site, "one.example", "--server", nsd.server)), "a good key")
            path = site.path("lib", "dkim", "one.example", selector + ".pem")
            for make, said in ((lambda: subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True, capture_output=True), "another key"),
                               (lambda: os.remove(path), "it is not there")):
                make()
                wrong = [row for row in check(site, "one.example", "--server", nsd.server) if row["state"] != "ok"]
                expect(len(wrong) == 1 and wrong[0]["state"] == "wrong" and said in wrong[0]["hint"], f"{wrong}")


def make_key(directory, name):
    """NAME.key and NAME.pem, new."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                    "/CN=mx.test.example", "-keyout", f"{directory}/{name}.key", "-out", f"{directory}/{name}.pem"], check=True, capture_output=True)


def tlsa_is_held_against_the_key_that_postfix_serves_and_the_next_one():
    def tlsa_rows(*arguments, status=0):
        return [(row["state"], row["hint"]) for row in check(site, "--server", nsd.server, *arguments, status=status) if row["rrtype"] == "TLSA"]
    with make_site() as site, tempfile.TemporaryDirectory() as postfix:
        for name in ("now", "next"):
            make_key(postfix, name)
        with open(f"{postfix}/main.cf", "w", encoding="ascii") as file:
            file.write(f"keys = {postfix}\nsmtpd_tls_chain_files = $keys/now.key, $keys/now.pem\n")
        open(f"{postfix}/master.cf", "w", encoding="ascii").close()
        site.mailctl("config", "set", f"maps.postfix_config_directory={postfix}")
        wanted = [row for row in site.json("dns", "show", "--host", "--next-key", f"{postfix}/next.key") if row["rrtype"] == "TLSA"]
        expect([row["name"] for row in wanted] == ["_25._tcp.mx.test.example"] * 2, f"{wanted}")
        lines = [f"{row['name']}. IN TLSA {row['value']}\n" for row in wanted]
        with Nsd(zones_of(site, lambda text: text + lines[0])) as nsd:
            expect(tlsa_rows() == [], f"{tlsa_rows()}")
            rows = tlsa_rows("--next-key", f"{postfix}/next.pem")
            expect(len(rows) == 1 and rows[0][0] == "advice" and wanted[1]["value"] in rows[0][1], f"{rows}")
        with Nsd(zones_of(site, lambda text: text + "".join(lines))) as nsd:
            expect(tlsa_rows("--next-key", f"{postfix}/next.pem") == [], "both are there")
            make_key(postfix, "now")
            rows = tlsa_rows(status=5)
            expect(len(rows) == 1 and rows[0][0] == "wrong" and "now.key" in rows[0][1], f"{rows}")
        site.mailctl("dns", "check", "one.example", "--next-key", f"{postfix}/next.key", status=2)


def a_wildcard_is_told():
    change = lambda text: text + '*.one.example. IN TXT "anything"\n*.one.example. IN MX 10 other.hosts.example.\n'  # noqa: E731
    with make_site() as site, Nsd(zones_of(site, change)) as nsd:
        rows = check(site, "one.example", "--server", nsd.server)
        expect(state_of(rows, "*.one.example", "TXT") == "advice" and state_of(rows, "*.one.example", "MX") == "advice", f"{rows}")


def saved_answers_give_the_same_rows():
    with make_site() as site, Nsd(zones_of(site, lambda text: text.replace("10 mx1.hosts", "10 other.hosts"))) as nsd:
        file = os.path.join(site.root, "answers.json")
        rows = check(site, "one.example", "--server", nsd.server, "--save", file, status=5)
        again = check(site, "one.example", "--answers", file, status=5)
        expect([(row["name"], row["state"], row["found"]) for row in rows] == [(row["name"], row["state"], row["found"]) for row in again],
               f"{rows}\n{again}")


def the_zones_own_servers_are_asked_each_by_itself():
    """Two name servers at port 53 of loopback addresses, one of them out of date, and a third that is lame."""
    servers = "one.example. IN NS ns1.one.example.\none.example. IN NS ns2.one.example.\none.example. IN NS ns3.one.example.\n"
    addresses = "ns1.one.example. IN A 127.0.5.1\nns2.one.example. IN A 127.0.5.2\nns3.one.example. IN A 127.0.5.3\n"
    with make_site() as site:
        records = site.mailctl("dns", "show", "one.example", "--zone") + servers + addresses
        old = records.replace("p=quarantine", "p=none")
        resolver = Nsd({**zones_of(site), "one.example": zone_text("one.example", records, ns="ns1.one.example", serial=2)})
        current = Nsd({"one.example": zone_text("one.example", records, ns="ns1.one.example", serial=2)}, "127.0.5.1", 53)
        behind = Nsd({"one.example": zone_text("one.example", old, ns="ns1.one.example", serial=1)}, "127.0.5.2", 53)
        lame = Nsd({"elsewhere.example": zone_text("elsewhere.example", "")}, "127.0.5.3", 53)
        site.mailctl("domain", "set", "one.example", "dmarc.policy=quarantine")
        with resolver, current, behind, lame:
            site.mailctl("config", "set", f"dns.resolvers={resolver.server}", "dns.trust_anchor=/dev/null")
            rows = check(site, "one.example")
            row = row_of(rows, "_dmarc.one.example", "TXT")
            expect(row["state"] == "propagating" and "ns2.one.example" in row["hint"], f"{row}")
            expect(state_of(rows, "one.example", "MX") == "ok", f"{rows[0]}")
            expect("ns3.one.example" in row_of(rows, "one.example", "NS")["hint"], "the lame server is not named")
            expect(state_of(rows, "one.example", "SOA") == "advice", "the serials are not told")


class MailHost(ListeningHost):
    """Port 25 of an address: a greeting, EHLO and STARTTLS with a certificate, or without one."""

    def __init__(self, address, context=None, banner="220 mx1.hosts.example ESMTP"):
        super().__init__(address, 25)
        self.context, self.banner = context, banner

    def serve(self, client):
        client.sendall(self.banner.encode() + b"\r\n")
        for line in client.makefile("rb"):
            if line.upper().startswith(b"EHLO"):
                client.sendall(b"250-mx1.hosts.example\r\n" + (b"250-STARTTLS\r\n" if self.context else b"") + b"250 SMTPUTF8\r\n")
            elif line.upper().startswith(b"STARTTLS"):
                client.sendall(b"220 go\r\n")
                with self.context.wrap_socket(client, server_side=True) as safe:
                    safe.recv(100)
                return
            else:
                client.sendall(b"221 bye\r\n")
                return


class PolicyHost(ListeningHost):
    """Port 443 with one page."""

    def __init__(self, address, context, page):
        super().__init__(address, 443)
        self.context, self.page = context, page

    def serve(self, client):
        with self.context.wrap_socket(client, server_side=True) as safe:
            request = safe.recv(4096).decode()
            found = request.startswith("GET /.well-known/mta-sts.txt ") and "\r\nHost: mta-sts.one.example\r\n" in request
            safe.sendall((f"HTTP/1.1 {200 if found else 404} x\r\nContent-Type: text/plain\r\n\r\n" + self.page()).encode())


def certificate_for(directory, name):
    path = os.path.join(directory, name + ".pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=" + name, "-addext",
                    "subjectAltName=DNS:" + name, "-keyout", path + ".key", "-out", path], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, path + ".key")
    return path, context


def those_that_answer_are_called():
    """Greeting, STARTTLS, certificate, TLSA and policy: right, and wrong one after the other."""
    with make_site() as site, tempfile.TemporaryDirectory() as work:
        mail, mail_context = certificate_for(work, "mx1.hosts.example")
        web, web_context = certificate_for(work, "mta-sts.one.example")
        with open(os.path.join(work, "trusted"), "w", encoding="utf-8") as trusted:
            trusted.write("".join(open(path, encoding="utf-8").read() for path in (mail, web)))
        site.environment = lambda: {**Site.environment(site), "SSL_CERT_FILE": trusted.name}
        key = subprocess.run(f"openssl x509 -in {mail} -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum", shell=True,
                             check=True, capture_output=True, text=True).stdout.split()[0]
        zone = zones_of(site)["example"].replace("mx1.hosts.example. IN A 192.0.2.1\nmx1.hosts.example. IN AAAA 2001:db8::1\n",
                                                 "mx1.hosts.example. IN A 127.0.6.1\n")
        zone += f"_25._tcp.mx1.hosts.example. IN TLSA 3 1 1 {key}\nmta-sts.one.example. IN A 127.0.6.2\n"
        zone = "\n".join(line for line in zone.split("\n") if not (line.startswith("mta-sts.one.example.") and "127.0.6.2" not in line))
        site.mailctl("config", "set", "dns.mta_sts.mode=enforce")
        page = site.mailctl("dns", "policy", "one.example")

        def called(server, status=None):
            rows = check(site, "one.example", "--connect", "--server", server, status=status)
            return {(row["rrtype"], row["name"]) + ((row["hint"],) if row["state"] != "ok" else ()): row["state"] for row in rows
                    if row["rrtype"] in ("SMTP", "HTTPS", "TLSA")}, [row for row in rows if row["rrtype"] == "SMTP"]

        with Nsd({"example": zone}) as nsd:
            with MailHost("127.0.6.1", mail_context), PolicyHost("127.0.6.2", web_context, lambda: page.replace("\n", "\r\n")):
                seen, smtp = called(nsd.server)
                expect(len(smtp) == 3 and set(seen.values()) == {"ok"} and len(seen) == 3, f"{seen}")
            with MailHost("127.0.6.1", web_context), PolicyHost("127.0.6.2", web_context, lambda: page + "mx: other.example\n"):
                seen, smtp = called(nsd.server, status=5)
                hints = " ".join(word for key in seen for word in key)
                for words in ("does not vouch for 'mx1.hosts.example'", "none fits the key", "another one: put what 'mailctl dns policy"):
                    expect(words in hints, f"{words}: {seen}")
            with MailHost("127.0.6.1", None, "220 localhost"), PolicyHost("127.0.6.2", mail_context, lambda: page):
                seen, smtp = called(nsd.server, status=5)
                hints = " ".join(word for key in seen for word in key)
                for words in ("does not offer STARTTLS", "nobody can look up", "is not to be trusted"):
                    expect(words in hints, f"{words}: {seen}")
            seen, smtp = called(nsd.server)
            expect([row["state"] for row in smtp] == ["unknown"] and "127.0.6.1:25" in smtp[0]["hint"], f"{smtp}")


def housekeeping_asks_once_an_hour():
    with make_site() as site:
        wrong = zones_of(site, lambda text: text.replace("mx1.hosts.example.", "other.hosts.example."))
        site.mailctl("config", "set", "dns.resolvers=127.0.0.1:9", "dns.trust_anchor=/dev/null")
        site.mailctl("housekeeping")  # nobody answers, which is no news
        with Nsd(wrong) as nsd:
            site.mailctl("config", "set", f"dns.resolvers={nsd.server}")
            site.mailctl("housekeeping")  # what is wrong is not seen yet
            expect(site.json("dns", "list", "one.example") == [], "the net was asked again within the hour")
            with sqlite3.connect(os.path.join(site.root, "lib/state.db")) as state:
                changed = state.execute("UPDATE dns_domains SET counted = 0 WHERE counted NOT NULL")
                expect(changed.rowcount == 1, f"{changed.rowcount} rounds are remembered, not that of the hosts")
            site.mailctl("housekeeping", status=6)
            expect(site.json("dns", "list", "one.example"), "after an hour nobody was asked")


sys.exit(run_tests("dns", [
    what_dns_show_writes_is_found_right, an_mx_elsewhere_is_wrong, another_name_of_our_host_is_right_and_an_alias_wrong,
    missing_records_come_with_the_line_to_paste, a_large_answer_comes_by_tcp, a_silent_server_is_unknown_and_changes_nothing,
    a_server_that_refuses_is_unknown, servers_at_odds_are_propagating,
    spf_is_for_the_address_that_was_drawn, what_nsupdate_is_told_mends_what_was_seen, a_private_key_that_is_not_the_records_is_told,
    tlsa_is_held_against_the_key_that_postfix_serves_and_the_next_one, a_wildcard_is_told, saved_answers_give_the_same_rows,
    the_zones_own_servers_are_asked_each_by_itself, housekeeping_asks_once_an_hour,
    those_that_answer_are_called,
]))
