#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Certificates of domains, as a client sees them that asks Postfix and Dovecot for each name; before and after a renewal."""
import os
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.dovecot import Dovecot, served_with  # noqa: E402
from harness.postfix import Postfix, free_port  # noqa: E402
from harness.site import Site, expect, run_tests  # noqa: E402

# A domain below another one, whose name comes first: its own certificate must win over the wildcard of the other.
NAMES = {"a.one.example": ("a.one.example", "imap.a.one.example"), "one.example": ("one.example", "*.one.example"),
         "two.example": ("two.example", "imap.two.example", "pop.two.example", "smtp.two.example")}
# What a client asks for, and whose certificate it gets.
ASKED = {"a.one.example": "a.one.example", "imap.a.one.example": "a.one.example", "one.example": "one.example",
         "imap.one.example": "one.example", "smtp.two.example": "two.example", "two.example": "two.example"}


# What RFC 5280 4.2.1 wants of an authority and of a server; clients hold certificates to it since Python 3.13 (and ours always).
EXTENSIONS = {
    "authority": "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n",
    "server": "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n",
}
KEY_IDENTIFIERS = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n"


class Authority:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mailctl-tls-")
        os.chmod(self.directory, 0o755)
        self.make("root.pem", "root.key", "/CN=authority", EXTENSIONS["authority"])

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    @staticmethod
    def openssl(*arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout

    def make(self, certificate, key, subject, extensions, *signed_by):
        """A key and its certificate, both new; of itself, or signed with what `signed_by` names."""
        with open(self.path("request.conf"), "w", encoding="ascii") as file:
            file.write(f"[req]\ndistinguished_name=name\n[name]\n[extensions]\n{extensions}{KEY_IDENTIFIERS}")
        self.openssl("req", "-config", self.path("request.conf"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
                     "-keyout", self.path(key), "-out", self.path("request"))
        self.openssl("x509", "-req", "-days", "30", "-in", self.path("request"), "-extfile", self.path("request.conf"), "-extensions", "extensions",
                     "-out", self.path(certificate), *(signed_by or ("-signkey", self.path(key))))

    def issue(self, domain, names=()):
        """A key and a certificate, both new, in the domain's two files; its serial number."""
        names = "subjectAltName=" + ",".join(f"DNS:{name}" for name in names or NAMES[domain]) + "\n"
        self.make(domain + ".pem", domain + ".key", "/CN=whoever", EXTENSIONS["server"] + names,
                  "-CA", self.path("root.pem"), "-CAkey", self.path("root.key"), "-CAcreateserial")
        return self.openssl("x509", "-noout", "-serial", "-in", self.path(domain + ".pem")).strip().removeprefix("serial=")

    def keys(self, domain):
        return f"tls.certificate={self.path(domain + '.pem')}", f"tls.key={self.path(domain + '.key')}"

    def context(self):
        context = ssl.create_default_context(cafile=self.path("root.pem"))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context


def served_by_postfix(postfix, authority, name):
    """The serial number of the certificate; the client has checked chain and name."""
    with smtplib.SMTP("127.0.0.1", postfix.port, local_hostname="client.example", timeout=30) as client:
        client._host = name  # what smtplib asks for
        client.starttls(context=authority.context())
        return client.sock.getpeercert()["serialNumber"]


def served_by_dovecot(port, authority, name):
    with socket.create_connection(("127.0.0.1", port), 30) as plain, authority.context().wrap_socket(plain, server_hostname=name) as client:
        return client.getpeercert()["serialNumber"]


class Servers:
    """Postfix and Dovecot with our maps; without a name that is known they have a certificate of two.example."""

    def __init__(self, site, authority):
        with open(site.path("lib", "maps", "main.cf"), encoding="utf-8") as file:
            main = file.read()
        key, certificate = authority.path("two.example.key"), authority.path("two.example.pem")
        self.postfix = Postfix(main=f"{main}smtpd_tls_security_level = may\nsmtpd_tls_chain_files = {key}, {certificate}\n",
                               master="tlsmgr unix - - n 1000? 1 tlsmgr\n")
        self.leave_out_overridden()
        self.imaps = free_port()
        self.dovecot = Dovecot(site.path("lib", "maps", "dovecot.conf"), served_with(certificate, key) +
                               f"service imap-login {{\n  inet_listener imaps {{\n    port = {self.imaps}\n    ssl = yes\n  }}\n}}\n")
        site.mailctl("config", "set", f"maps.postfix_config_directory={self.postfix.etc}", f"maps.dovecot_config={self.dovecot.configuration}")

    def leave_out_overridden(self):
        """postmap warns of them, and mailctl takes no index that postmap warns of."""
        path = os.path.join(self.postfix.etc, "main.cf")
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines() if "=" in line]
        settings = {line.partition("=")[0].strip(): line for line in lines}
        self.postfix.write("main.cf", "\n".join(settings.values()) + "\n")

    def __enter__(self):
        self.postfix.start()
        self.dovecot.start()
        return self

    def __exit__(self, *unused):
        self.postfix.close()
        self.dovecot.close()


def said_by(site, *arguments, status=0):
    done = subprocess.run(site.command("mailctl", *arguments), text=True, capture_output=True, env=site.environment(), timeout=120, check=False)
    expect(done.returncode == status, f"{arguments}: {done.returncode} {done.stderr}")
    return done.stderr


def make_site(authority, *settings):
    site = Site(settings=settings)
    site.mailctl("domain", "create", *NAMES)
    serials = {domain: authority.issue(domain) for domain in NAMES}
    for domain in NAMES:
        site.mailctl("domain", "set", domain, *authority.keys(domain))
    return site, serials


def expect_served(servers, authority, serials):
    for name, domain in ASKED.items():
        for server, serial in (("Postfix", served_by_postfix(servers.postfix, authority, name)),
                               ("Dovecot", served_by_dovecot(servers.imaps, authority, name))):
            expect(serial == serials[domain], f"{server}: {name} gets {serial}, not that of {domain}: {serials}")


def a_client_gets_the_certificate_of_the_name(maps_type):
    with Authority() as authority:
        site, serials = make_site(authority, f"maps.type={maps_type}")
        with site, Servers(site, authority) as servers:
            expect_served(servers, authority, serials)


def each_name_has_its_certificate_lmdb():
    a_client_gets_the_certificate_of_the_name("lmdb")


def each_name_has_its_certificate_hash():
    a_client_gets_the_certificate_of_the_name("hash")


def each_name_has_its_certificate_texthash():
    a_client_gets_the_certificate_of_the_name("texthash")


def a_renewed_certificate_is_served_after_the_hook():
    with Authority() as authority:
        site, serials = make_site(authority, "maps.type=lmdb")
        with site, Servers(site, authority) as servers:
            expect_served(servers, authority, serials)
            serials["one.example"] = authority.issue("one.example")
            said = said_by(site, "map", "build", "--tls")
            expect("reloaded Postfix" in said and "reloaded Dovecot" in said and "maps/sni'" in said, said)
            expect_served(servers, authority, serials)
            # A tool that keeps the times of the files it copies: nothing looks newer than before.
            serials["two.example"] = authority.issue("two.example")
            for kind in (".pem", ".key"):
                os.utime(authority.path("two.example" + kind), (1_000_000_000, 1_000_000_000))
            said_by(site, "map", "build", "--tls")
            expect_served(servers, authority, serials)


def an_index_that_embeds_an_older_certificate_is_stale():
    with Authority() as authority:
        site, _ = make_site(authority, "maps.type=lmdb")
        with site:
            said_by(site, "map", "check")
            authority.issue("one.example")
            expect([row["map"] for row in site_rows(site)] == ["sni"], "the renewal is not seen")
            expect("maps/sni'" in said_by(site, "map", "build"), "the index is not made anew")
            said_by(site, "map", "check")


def site_rows(site):
    import json
    return json.loads(site.mailctl("map", "check", "--json", status=5))


def a_server_that_is_not_reloaded_fails_the_hook():
    with Authority() as authority:
        site, _ = make_site(authority, "maps.type=texthash")
        with site, Servers(site, authority) as servers:
            with open(os.path.join(servers.postfix.etc, "main.cf"), "a", encoding="ascii") as file:
                file.write("daemon_directory = /nowhere\n")
            said = said_by(site, "map", "build", "--tls", status=1)
            expect("warning: Postfix could not be reloaded" in said and "reloaded Dovecot" in said, said)
            servers.leave_out_overridden()
            with open(os.path.join(servers.postfix.etc, "main.cf"), encoding="ascii") as file:
                text = file.read().replace("/nowhere", "/usr/lib/postfix/sbin")
            servers.postfix.write("main.cf", text)  # so that it can be ended
            expect("reloaded Postfix" in said_by(site, "map", "build", "--tls"), "it is not tried again")


def nothing_is_reloaded_for_nothing():
    with Authority() as authority:
        site, _ = make_site(authority, "maps.type=lmdb")
        with site, Servers(site, authority) as servers:
            said_by(site, "map", "build", "--tls")
            index = os.stat(site.path("lib", "maps", "sni.lmdb")).st_mtime_ns
            said = said_by(site, "map", "build", "--tls")
            expect("no certificate changed" in said and "reloaded" not in said, said)
            expect(servers.postfix.log().count("reload -- version") == 1, servers.postfix.log())
            expect(os.stat(site.path("lib", "maps", "sni.lmdb")).st_mtime_ns == index, "the index is made anew for nothing")
            # No file is new, but a name has another.
            site.mailctl("domain", "set", "a.one.example", *authority.keys("two.example"))
            expect("reloaded Dovecot" in said_by(site, "map", "build", "--tls"), "another certificate for a name is not seen")


def the_certificate_of_the_host_counts():
    with Authority() as authority:
        site, serials = make_site(authority, "maps.type=lmdb")
        with site, Servers(site, authority) as servers:
            site.mailctl("domain", "set", "two.example", "tls.certificate=", "tls.key=")
            said_by(site, "map", "build", "--tls")
            serials["two.example"] = authority.issue("two.example")
            said = said_by(site, "map", "build", "--tls")
            expect("two.example.pem'" in said and "reloaded Postfix" in said and "reloaded Dovecot" in said, said)
            expect_served(servers, authority, serials)


def a_server_that_was_stopped_is_no_fault():
    with Authority() as authority:
        site, _ = make_site(authority, "maps.type=lmdb")
        with site, Servers(site, authority) as servers:
            servers.postfix.run("postfix", "-c", servers.postfix.etc, "stop")
            said = said_by(site, "map", "build", "--tls")
            expect("Postfix does not run here" in said and "reloaded Dovecot" in said, said)


def a_certificate_of_no_use_is_told_by_the_hook():
    with Authority() as authority:
        site, serials = make_site(authority, "maps.type=lmdb")
        with site, Servers(site, authority) as servers:
            shutil.copy(authority.path("two.example.key"), authority.path("a.one.example.key"))
            said = said_by(site, "map", "build", "--tls", status=5)
            expect("warning: a.one.example: " in said, said)
            expect(served_by_dovecot(servers.imaps, authority, "one.example") == serials["one.example"], "others suffer")


def where_no_server_runs_it_is_said():
    with Authority() as authority:
        site, _ = make_site(authority, "maps.type=lmdb")
        with site:
            said = said_by(site, "map", "build", "--tls")
            expect("Postfix does not run here" in said and "Dovecot does not run here" in said, said)


def what_is_doubtful_is_said_when_it_is_set():
    with Authority() as authority:
        site, _ = make_site(authority, "maps.type=lmdb")
        with site:
            authority.issue("two.example", ("two.example", "*.imap.two.example"))
            os.chmod(authority.path("two.example.key"), 0o644)
            site.mailctl("domain", "set", "two.example", "tls.key=", "tls.certificate=")
            for command in (("domain", "set", "two.example", *authority.keys("two.example")), ("map", "build")):
                said = said_by(site, *command)
                expect("not for 'imap.two.example', 'pop.two.example', 'smtp.two.example'" in said, f"{command}: {said}")
                expect("can be read by everybody" in said, f"{command}: {said}")
            expect("certificate" not in said_by(site, "mailbox", "create", "a@two.example", "--no-password"), "it is no news")


if __name__ == "__main__":
    if os.getuid() != 0:
        print("not ok e2e needs root: Postfix and Dovecot start as root")
        sys.exit(1)
    sys.exit(run_tests("e2e", [each_name_has_its_certificate_lmdb, each_name_has_its_certificate_hash, each_name_has_its_certificate_texthash,
                               a_renewed_certificate_is_served_after_the_hook, an_index_that_embeds_an_older_certificate_is_stale,
                               a_server_that_is_not_reloaded_fails_the_hook, nothing_is_reloaded_for_nothing, the_certificate_of_the_host_counts,
                               a_server_that_was_stopped_is_no_fault, a_certificate_of_no_use_is_told_by_the_hook, where_no_server_runs_it_is_said,
                               what_is_doubtful_is_said_when_it_is_set]))
