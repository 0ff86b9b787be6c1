#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is written works where it is read: Dovecot and Postfix are asked for every name that a site may have.

Names hold every character that `addresses.local_part_characters` can allow, at the front, inside and at the end. Each must log in,
be found with its own home, and be taken at RCPT as `mailctl explain` says; a name that one of the readers cannot read is refused.
"""
import json
import os
import pwd
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.dovecot import Dovecot  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.site import UNPRIVILEGED, Site, expect, run_tests  # noqa: E402

SPECIALS = "-._!#$%&'+=^`{|}~"


def shapes(character):
    """Names with the character in every place it can have."""
    if character == ".":
        return ["a.b"]
    return [f"{character}a", f"a{character}b", f"a{character}", f"a{character}{character}b"]


def site_with_every_name():
    """The site, its names, and those it refused."""
    site = Site(user=UNPRIVILEGED, hostname="mx.one.example", postmaster="admin@elsewhere.example",
                settings=("addresses.local_part_characters=" + SPECIALS, "addresses.delimiters="))
    site.mailctl("domain", "create", "one.example")
    names, refused = [], []
    for name in [*(shape for character in SPECIALS for shape in shapes(character)), "o'brien", "d'a\"s".replace('"', "'")]:
        done = subprocess.run(site.command("mailctl", "mailbox", "create", "--password-stdin", "--", f"{name}@one.example"),
                              input="secret\n", capture_output=True, text=True, env=site.environment(), timeout=120)
        (names if done.returncode == 0 else refused).append(name)
        expect(done.returncode in (0, 4), f"{name}: {done.returncode} {done.stderr}")
        expect(done.returncode == 0 or f"'{name}'" in done.stderr, f"{name} is refused without a reason: {done.stderr}")
    return site, names, refused


def every_name_logs_in_and_has_its_home():
    site, names, refused = site_with_every_name()
    with site, Dovecot(site.path("lib", "maps", "dovecot.conf")) as dovecot:
        expect(refused == ["#a"], f"refused: {refused}")
        homes = set()
        for name in names:
            address = f"{name}@one.example"
            status, answer = dovecot.doveadm("auth", "test", "--", address, "secret")
            expect(status == 0, f"{name} cannot log in: {answer}{dovecot.log()[-2000:]}")
            _, home = dovecot.doveadm("user", "-f", "home", "--", address)
            expect(os.path.isdir(home.strip()), f"{name}: Dovecot's home '{home}' is not the mailbox")
            homes.add(home)
        expect(len(homes) == len(names), "two names have one home")
        expect("Ambiguous" not in dovecot.log(), dovecot.log())


def every_name_is_taken_by_postfix():
    site, names, _ = site_with_every_name()
    with site:
        with open(site.path("lib", "maps", "main.cf"), encoding="utf-8") as main, \
                open(site.path("lib", "maps", "master.cf"), encoding="utf-8") as master:
            postfix = Postfix(main=main.read(), master=master.read())
        with postfix:
            for name in names:
                code, text = postfix.refusal(f"{name}@one.example")
                expect(code == 250, f"{name}: {code} {text}")
            code, text = postfix.refusal("nobody@one.example")
            expect(code == 550, f"a name that nobody has: {code} {text}")


BANNED = ["#x", 'q"q', "b\\s", "-x", "!x", "%x", "w*", "#p*"]
ADDRESSED = ["#x", r'"q\"q"', r'"b\\s"', "-x", "!x", "%x", '"w w"', "#pq"]


def every_banished_name_is_refused(mode="agent"):
    settings = ("addresses.local_part_characters=" + SPECIALS, "maps.mode=" + mode)
    with Site(user=UNPRIVILEGED, hostname="mx.one.example", postmaster="admin@elsewhere.example", settings=settings) as site:
        site.mailctl("domain", "create", "one.example")
        site.mailctl("mailbox", "create", "paul@one.example", "--no-password")
        site.mailctl("catchall", "set", "one.example", "redirect:paul@one.example")
        site.append("etc/domains/one.example.toml", "\n[banished]\n" + "".join(f"{json.dumps(name)} = \"reject\"\n" for name in BANNED))
        site.mailctl("apply")
        expect(not site.json("map", "check"), "the maps are not current")
        with open(site.path("lib", "maps", "main.cf"), encoding="utf-8") as main, \
                open(site.path("lib", "maps", "master.cf"), encoding="utf-8") as master:
            postfix = Postfix(main=main.read(), master=master.read())
        with postfix:
            expect(postfix.refusal("other@one.example")[0] == 250, "the catch-all takes nothing")
            for name in ADDRESSED:
                code, text = postfix.refusal(f"{name}@one.example")
                expect(mode == "agent" or code == 550, f"{name}: {code} {text}")
                table = "transport" if mode == "agent" else "refused"
                found = {line for kind in (f"lmdb:{site.path('lib', 'maps', table)}", f"regexp:{site.path('lib', 'maps', table)}-patterns")
                         for line in postfix.run("postmap", "-q", f"{name}@one.example", kind).stdout.splitlines()}
                if name == '"w w"':
                    continue  # Postfix asks for it without its quotes too, postmap -q does not
                expect(any("refused" in line for line in found), f"{name}: {found}")


def every_banished_name_is_refused_when_postfix_resolves():
    every_banished_name_is_refused("postfix")


class Configuration:
    """A Postfix configuration that nobody runs: what our tables are in it, and what it has."""

    def __init__(self, site, main, master=""):
        self.postfix = Postfix(main=main.replace("MAPS", site.path("lib", "maps")), master=master)
        os.chmod(self.postfix.directory, 0o755)
        self.etc = self.postfix.etc

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.postfix.close()


def new_site(*settings):
    return Site(user=UNPRIVILEGED, hostname="mx.one.example", postmaster="admin@elsewhere.example", settings=settings)


def tables(site):
    return {name.rsplit(".", 1)[1] for name in os.listdir(site.path("lib", "maps")) if name.startswith("domains.")}


def the_table_type_stays_what_main_cf_says():
    for kind, ending in (("hash", "db"), ("lmdb", "lmdb")):
        with new_site() as site, Configuration(site, f"virtual_mailbox_domains = {kind}:MAPS/domains\n") as configuration:
            site.mailctl("config", "set", f"maps.postfix_config_directory={configuration.etc}")
            site.mailctl("domain", "create", "one.example")
            expect(tables(site) == {ending}, f"main.cf says {kind}, built were {tables(site)}")


def the_table_type_stays_what_it_was_where_main_cf_says_nothing():
    with new_site("maps.type=hash") as site:
        expect(tables(site) == {"db"}, f"built were {tables(site)}")
        site.mailctl("config", "set", "maps.type=auto")
        site.mailctl("domain", "create", "one.example")
        expect(tables(site) == {"db"}, f"an ordinary command built {tables(site)}")


def make_certificate(directory, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                    "/CN=" + name, "-keyout", f"{directory}/{name}.key", "-out", f"{directory}/{name}.pem"], check=True,
                   capture_output=True, timeout=60)
    for ending in ("key", "pem"):
        shutil.chown(f"{directory}/{name}.{ending}", UNPRIVILEGED)


def only_certificates_with_their_keys_go_into_the_maps():
    with new_site() as site:
        site.mailctl("domain", "create", "one.example", "two.example")
        os.mkdir(site.path("tls"), 0o755)
        for name in ("a", "b"):
            make_certificate(site.path("tls"), name)
        good = (site.path("tls", "a.pem"), site.path("tls", "a.key"))
        site.mailctl("domain", "set", "two.example", f"tls.certificate={good[0]}", f"tls.key={good[1]}")
        for certificate, key in (("/etc/passwd", "/etc/hosts"), (good[0], site.path("tls", "b.key")), (good[0], "/etc/hosts"),
                                 ("/etc/hosts", good[1]), (site.path("tls", "none"), good[1]), (site.path("tls"), good[1])):
            done = subprocess.run(site.command("mailctl", "domain", "set", "one.example", f"tls.certificate={certificate}",
                                               f"tls.key={key}"), capture_output=True, text=True, env=site.environment(), timeout=120)
            expect(done.returncode == 0 and "warning: one.example: " in done.stderr, f"{certificate} {key}: {done.stderr}")
            for table in ("sni", "dovecot-tls.conf"):
                with open(site.path("lib", "maps", table), encoding="utf-8") as file:
                    text = file.read()
                expect("one.example" not in text, f"{certificate} {key} stands in {table}")
                expect("two.example" in text, f"the good one is gone from {table}")
        site.mailctl("domain", "set", "one.example", f"tls.certificate={good[0]}", f"tls.key={good[1]}")
        with open(site.path("lib", "maps", "sni"), encoding="utf-8") as file:
            expect("one.example" in file.read(), "a good certificate is left out")


if __name__ == "__main__":
    if os.getuid() != 0 or not pwd.getpwnam(UNPRIVILEGED):
        print("not ok maps: needs root")
        sys.exit(1)
    sys.exit(run_tests("maps", [
        every_name_logs_in_and_has_its_home, every_name_is_taken_by_postfix, every_banished_name_is_refused,
        every_banished_name_is_refused_when_postfix_resolves, the_table_type_stays_what_main_cf_says,
        the_table_type_stays_what_it_was_where_main_cf_says_nothing,
        only_certificates_with_their_keys_go_into_the_maps]))
