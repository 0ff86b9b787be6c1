#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Signed mail with the real programs: keys made by mailctl, tables for OpenDKIM and rspamd, records served by nsd, and a verifier that
knows nothing but the message and the DNS."""
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.nsd import Nsd, zone_text  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.signers import OpenDkim, Rspamd  # noqa: E402
from harness.site import WAITING, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

tempfile.tempdir = "/var/lib"  # OpenDKIM refuses keys below a directory that everybody may write to, as /tmp is

MESSAGE = (b"From: Paul <paul@%s>\nTo: friend@far.example\nSubject: signed\nMessage-ID: <signed@one.example>\n"
           b"Date: Mon, 6 Jan 2025 10:00:00 +0000\n\nhello\n")


def make_site(signer, user):
    """Keys belong to the signer, so the site is root's; below a directory of its own all the same."""
    site = Site(settings=("maps.type=texthash", f"dkim.signer={signer}", f"dkim.user={user}"))
    site.mailctl("domain", "create", "one.example", "--alias", "uno.example")
    return site


def serve(site, *names):
    zones = {name: zone_text(name, site.mailctl("dns", "show", name, "--zone")) for name in names}
    return Nsd(zones | {"test.example": zone_text("test.example", "mx.test.example. IN A 192.0.2.1\n")})


def activate_all(site, *names):
    for name in names:
        for row in site.json("dkim", "list", name):
            if row["state"] == "new":
                site.mailctl("dkim", "activate", name, "--selector", row["selector"], "--force")


def tables_of(site):
    maps = site.path("lib", "maps")
    return f"KeyTable {maps}/opendkim-keys\nSigningTable refile:{maps}/opendkim-signing\n"


def signed_by_milter(milter, sender_domain):
    """One message through a Postfix with this milter, as it arrives elsewhere."""
    return sent_through(Postfix, milter, sender_domain)[0]


def arrived_elsewhere(site, milter, sender_domain):
    """The same through a Postfix with the maps of the site; and the address it came from."""
    def our_postfix(main):
        fragments = {}
        for name in ("main.cf", "master.cf"):
            with open(site.path("lib", "maps", name), encoding="utf-8") as file:
                fragments[name] = file.read()
        postfix = Postfix(main=fragments["main.cf"] + main, master=fragments["master.cf"])
        site.mailctl("config", "set", f"maps.postfix_config_directory={postfix.etc}")
        return postfix
    return sent_through(our_postfix, milter, sender_domain)


def sent_through(make_postfix, milter, sender_domain):
    sink = SmtpSink()
    settings = f"smtpd_milters = inet:127.0.0.1:{milter.port}\nrelayhost = [127.0.0.1]:{sink.port}\nmilter_default_action = tempfail\n"
    with make_postfix(main=settings) as postfix:
        postfix.send(f"paul@{sender_domain}", ["friend@far.example"], MESSAGE % sender_domain.encode())
        deadline = time.monotonic() + 30
        while not sink.messages:
            expect(time.monotonic() < deadline, f"nothing arrived: {postfix.log()[-3000:]}{milter.read('errors')}")
            time.sleep(0.05)
    sink.close()
    return sink.messages[0][2], sink.peers[0]


def signatures(message):
    return message.replace(b"\r\n", b"\n").count(b"\nDKIM-Signature: ") + message.startswith(b"DKIM-Signature: ")


def opendkim_signs_what_others_verify():
    with make_site("opendkim", "opendkim") as site:
        site.mailctl("dkim", "create", "one.example")
        selector, = site.json("dkim", "list", "one.example")
        expect(selector["algorithm"] == "rsa", "OpenDKIM's tables hold one algorithm")
        key = site.path("lib", "dkim", "one.example", selector["selector"] + ".pem")
        status = os.stat(key)
        expect(stat.S_IMODE(status.st_mode) == 0o600, f"mode {status.st_mode:o}")
        activate_all(site, "one.example")
        with serve(site, "one.example", "uno.example") as nsd, OpenDkim(nsd, tables_of(site)) as milter:
            code, said = milter.test_key("one.example", selector["selector"], key)
            expect(code == 0 and "key loaded" in said, f"opendkim-testkey: {code} {said}")
            site.mailctl("dkim", "create", "one.example", "--selector", "another")
            code, said = milter.test_key("one.example", selector["selector"], key.replace(selector["selector"], "another"))
            expect(code != 0, f"opendkim-testkey takes any key: {said}")
            for domain in ("one.example", "uno.example"):
                message = signed_by_milter(milter, domain)
                expect(signatures(message) == 1 and b"d=" + domain.encode() in message, message)
                verdict = milter.verify(message)
                expect("verification (s=%s, d=%s" % (selector["selector"], domain) in verdict and "succeeded" in verdict, verdict)
            forged = milter.verify(message.replace(b"hello", b"hallo"))
            expect("succeeded" not in forged, f"a forged body was verified: {forged}")


def a_retired_key_is_not_signed_with_and_still_verifies():
    with make_site("opendkim", "opendkim") as site:
        site.mailctl("dkim", "create", "one.example", "--selector", "old")
        activate_all(site, "one.example")
        with serve(site, "one.example") as nsd, OpenDkim(nsd, tables_of(site)) as milter:
            before = signed_by_milter(milter, "one.example")
        site.mailctl("dkim", "create", "one.example", "--selector", "young")
        site.mailctl("dkim", "activate", "one.example", "--selector", "young", "--force")
        with serve(site, "one.example") as nsd, OpenDkim(nsd, tables_of(site)) as milter:
            after = signed_by_milter(milter, "one.example")
            expect(b"s=old" in before and b"s=young" in after, "the wrong key signed")
            for message in (before, after):
                expect("succeeded" in milter.verify(message), "mail on its way is not verified any more")
        site.mailctl("dkim", "revoke", "one.example", "--selector", "old", "--force")
        with serve(site, "one.example") as nsd, OpenDkim(nsd, tables_of(site)) as verifier:
            expect("succeeded" not in verifier.verify(before), "a revoked key verifies")
            expect("succeeded" in verifier.verify(after), "and the active one does not")


def an_imported_key_goes_on_signing():
    with make_site("opendkim", "opendkim") as site:
        with make_site("opendkim", "opendkim") as other:
            other.mailctl("dkim", "create", "one.example", "--selector", "mail")
            given = shutil.copy(other.path("lib", "dkim", "one.example", "mail.pem"), site.path("given.pem"))
            record = other.mailctl("dkim", "show", "one.example")
        site.mailctl("dkim", "create", "one.example", "--selector", "mail", "--key", given)
        expect(site.mailctl("dkim", "show", "one.example") == record, "the record of the same key differs")
        activate_all(site, "one.example")
        with serve(site, "one.example") as nsd, OpenDkim(nsd, tables_of(site)) as milter:
            expect("succeeded" in milter.verify(signed_by_milter(milter, "one.example")), "not verified")


def rspamd_signs_twice_and_both_are_verified():
    with make_site("rspamd", "_rspamd") as site:
        site.mailctl("dkim", "create", "one.example")
        activate_all(site, "one.example")
        settings = f'.include "{site.path("lib", "maps", "rspamd-dkim_signing.conf")}"\n'
        with serve(site, "one.example", "uno.example") as nsd, Rspamd(nsd, {"dkim_signing.conf": settings}) as signer, \
                OpenDkim(nsd) as verifier:
            for domain in ("one.example", "uno.example"):
                message = signer.sign(MESSAGE % domain.encode())
                expect(signatures(message) == 2, message)
                expect(b"a=rsa-sha256" in message and b"a=ed25519-sha256" in message, message)
                verdict = verifier.verify(message)
                expect(verdict.count("succeeded") >= 1 and "failed" not in verdict, verdict)
            unsigned = signer.sign(MESSAGE % b"sub.one.example")
            expect(signatures(unsigned) == 0, "mail of a subdomain was signed with its parent's key")


def spf_verdict(nsd, sender, address):
    """What Mail::SPF says, which asks the server that the environment names."""
    variables = {"RES_NAMESERVERS": nsd.address, "RES_OPTIONS": f"port:{nsd.port} retry:2 retrans:2"}
    done = subprocess.run(["spfquery.mail-spf-perl", "--scope", "mfrom", "--identity", sender, "--ip-address", address, "--helo-identity",
                           "mx.test.example"], env=os.environ | variables, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.split("\n")[0] or done.stderr


def mail_from_the_address_of_its_domain_passes_spf_and_dkim():
    with make_site("opendkim", "opendkim") as site:
        site.mailctl("config", "set", "source_ips=127.0.0.2 127.0.0.3")
        site.mailctl("domain", "set", "one.example", "source_ip=auto")
        site.mailctl("dkim", "create", "one.example")
        activate_all(site, "one.example")
        ours = site.json("domain", "show", "one.example")[0]["source_ip_chosen"]
        other = "127.0.0.2" if ours == "127.0.0.3" else "127.0.0.3"
        with serve(site, "one.example", "uno.example") as nsd, OpenDkim(nsd, tables_of(site)) as milter:
            for domain in ("one.example", "uno.example"):
                message, peer = arrived_elsewhere(site, milter, domain)
                expect(peer == ours, f"mail of {domain} left from {peer}, not {ours}")
                verdict = spf_verdict(nsd, f"paul@{domain}", peer)
                expect(verdict.startswith("pass"), f"SPF of {domain} from {peer}: {verdict}")
                verdict = spf_verdict(nsd, f"paul@{domain}", other)
                expect(verdict.startswith("fail"), f"SPF of {domain} from {other}: {verdict}")
                verdict = milter.verify(message)
                expect(f"d={domain}" in verdict and "succeeded" in verdict, verdict)


if __name__ == "__main__":
    if os.getuid() != 0:
        print("not ok e2e needs root: the keys belong to the signers")
        sys.exit(1)
    tests = [opendkim_signs_what_others_verify, a_retired_key_is_not_signed_with_and_still_verifies, an_imported_key_goes_on_signing,
             mail_from_the_address_of_its_domain_passes_spf_and_dkim]
    # Debian 13 has no rspamd; where it is packaged it has to be there.
    with open("/etc/os-release", encoding="utf-8") as release:
        if shutil.which("rspamd") or 'VERSION_ID="12"' in release.read():
            tests.append(rspamd_signs_twice_and_both_are_verified)
    sys.exit(run_tests("e2e", tests, side_by_side=WAITING))
