#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail domains and mailboxes of a panel: default actions, sizes, copies, settings, and seeing what the user sees."""
import os
import subprocess

from story import Story  # first: it knows where the harness is
from harness.nsd import Nsd, zone_text
from harness.postfix import Postfix
from harness.site import expect


def postfix_of(site):
    read = [open(site.path("lib", "maps", name), encoding="utf-8").read() for name in ("main.cf", "master.cf")]
    os.chmod(site.path("run"), 0o755)
    os.chmod(site.socket, 0o666)
    return Postfix(main=read[0], master=read[1])


with Story("panel", "source_ips=192.0.2.10 192.0.2.11", "dns.mx=10 mx1.hosts.example") as story:
    with story.step("a mail domain has an owner and an address that its mail leaves from"):
        story.run("domain create shop.example --owner alice --source-ip auto")
        story.run("domain create other.example")
        expect(story.site.json("domain", "show", "shop.example")[0]["source_ip"] == "auto", "source_ip")
    with story.step("DMARC, switched on, is a TXT record, and SPF names the address that was drawn; pasted into DNS both are right"):
        story.run("domain set shop.example dmarc.policy=quarantine")
        shown, = story.site.json("domain", "show", "shop.example")
        drawn = shown["source_ip_chosen"]
        expect(drawn in ("192.0.2.10", "192.0.2.11"), f"{shown}")
        wanted = story.run("dns show shop.example --zone")
        lines = [line.split(None, 4) for line in wanted.splitlines()]
        texts = {line[0]: line[4] for line in lines if line[3] == "TXT"}
        expect("v=DMARC1; p=quarantine" in texts["_dmarc.shop.example."], wanted)
        expect(f"ip4:{drawn}" in texts["shop.example."] and wanted.count("ip4:") == 1, wanted)
        hosts = "mx1.hosts.example. IN A 192.0.2.1\nmx.test.example. IN A 192.0.2.1\n"
        for records, status, state in ((wanted, 0, "ok"), (wanted.replace("p=quarantine", "p=soon"), 5, None)):
            with Nsd({"example": zone_text("example", hosts + records)}) as nsd:
                rows = story.site.json_of("dns", "check", "shop.example", "--server", nsd.server, status=status)
                row = next(row for row in rows if row["name"] == "_dmarc.shop.example")
                expect(row["state"] == state if state else row["state"] != "ok", f"{row}")
    with story.step("an error tells the sender that a mailbox does not exist, already in Postfix"):
        with postfix_of(story.site) as postfix:
            code, text = postfix.refusal("nobody@shop.example")
            expect(code == 550 and "5.1.1" in text, f"{code} {text}")
    with story.step("or such mail is accepted and deleted"):
        story.run("domain set shop.example unknown=discard")
        story.taken("nobody@shop.example")
    with story.step("or redirected to an address"):
        story.run("mailbox create owner@shop.example --no-password")
        story.run("catchall set shop.example redirect:owner@shop.example")
        with story.gains("owner@shop.example"):
            story.taken("nobody@shop.example")
    with story.step("or looked for in another domain"):
        story.run("mailbox create info@other.example --no-password")
        story.run("catchall set shop.example domain:other.example")
        with story.gains("info@other.example"):
            story.taken("info@shop.example")
        story.refused("nobody@shop.example", "550")
        story.run("catchall set shop.example reject")
    with story.step("a mailbox has other names, a size and copies that its user does not see"):
        story.run("mailbox create ann@shop.example --name Ann --alias sales --alias ann.b --quota 1G --copy-to owner --generate")
        with story.gains("ann@shop.example", 3), story.gains("owner@shop.example", 3):
            for name in ("ann", "sales", "ann.b"):
                story.taken(f"{name}@shop.example")
    with story.step("the list shows the size used of the largest size, and mail over it is refused"):
        story.run("mailbox create small@shop.example --quota 20k --no-password")
        story.taken("small@shop.example")
        row = next(row for row in story.site.json("mailbox", "list", "shop.example") if row["address"] == "small@shop.example")
        expect(0 < row["used"] < row["quota"] == 20 * 1024, f"{row}")
        story.refused("small@shop.example", "552", text=("x" * 60 + "\n") * 500)
        story.run("mailbox set small@shop.example quota=1G")
        story.taken("small@shop.example", text=("x" * 60 + "\n") * 500)
    with story.step("mail is not saved only where it goes somewhere else"):
        story.run("mailbox set owner@shop.example store=false", status=4)
        story.run("mailbox set owner@shop.example forward=owner@elsewhere.example store=false")
        with story.gains("owner@shop.example", 0), story.goes_out():
            story.taken("owner@shop.example")
    with story.step("a user who is away has senders answered, with a file attached and under the name he wants"):
        os.makedirs(story.site.path("etc", "attachments"), exist_ok=True)
        story.site.append("etc/attachments/price-list.pdf", "%PDF-1.4 prices\n")
        story.site.mailctl("autoreply", "set", "ann@shop.example", "--subject", "Away until Monday", "--message", "I am away.",
                           "--from", "Ann of the shop <ann@shop.example>", "--attach", "price-list.pdf")
        with story.gains("ann@shop.example"), story.replies("buyer@outside.example") as replies:
            story.taken("ann@shop.example", sender="buyer@outside.example")
        reply = replies[0]
        attached, = reply.iter_attachments()
        expect(reply["Subject"] == "Away until Monday" and str(reply["From"]) == "Ann of the shop <ann@shop.example>", str(reply))
        expect(attached.get_filename() == "price-list.pdf" and attached.get_payload(decode=True) == b"%PDF-1.4 prices\n", str(reply))
    with story.step("an empty message, or the switch, ends that"):
        story.run("autoreply off ann@shop.example")
        with story.replies("second@outside.example", 0):
            story.taken("ann@shop.example", sender="second@outside.example")
        story.run("autoreply on ann@shop.example")
        story.site.mailctl("autoreply", "set", "ann@shop.example", "--message", "")
        with story.replies("third@outside.example", 0):
            story.taken("ann@shop.example", sender="third@outside.example")
    with story.step("the contents of a mailbox are deleted, and the mailbox stays"):
        expect(story.count("ann@shop.example") > 3, "nothing to clear")
        story.run("mailbox clear ann@shop.example", status=2)  # nobody is there to be asked
        story.run("mailbox clear ann@shop.example --yes")
        expect(story.count("ann@shop.example") == 0, "cleared")
        with story.gains("ann@shop.example"):
            story.taken("ann@shop.example")
    with story.step("a mailbox is not made with characters a name may not have"):
        for name in ("a b", "a/b", "ä", "a*b", ""):
            story.site.mailctl("mailbox", "create", f"{name}@shop.example", "--no-password", status=4)
    with story.step("its settings give all the information a mail program needs"):
        sheet = story.run("mailbox settings ann@shop.example")
        expect(all(word in sheet for word in ("mx.test.example", "993", "465", "ann@shop.example", "ann/shop.example")), sheet)
        expect(story.run("mailbox settings ann@shop.example --format html").startswith("<!DOCTYPE html>"), "html")
    with story.step("the administrator sees what the user sees, and the owner what is his"):
        shown = story.run("--as ann@shop.example mailbox show ann@shop.example --json")
        expect("copy_to" not in shown and "sales" in shown, shown)
        story.run("--as ann@shop.example mailbox set ann@shop.example copy_to=", status=13)
        expect([row[0] for row in story.rows("--as owner:alice domain list")] == ["shop.example"], "the owner's domains")
        story.run("--as owner:alice mailbox create x@other.example --no-password", status=13)
    with story.step("the certificate of the domain is told to Postfix and Dovecot"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                        "/CN=mail.shop.example", "-keyout", story.site.path("key.pem"), "-out", story.site.path("certificate.pem")],
                       check=True, capture_output=True)
        os.chmod(story.site.path("key.pem"), 0o644)  # the site is not root's
        story.run(f"domain set shop.example tls.certificate={story.site.path('certificate.pem')} tls.key={story.site.path('key.pem')}")
        expect("shop.example" in story.run("map show dovecot-tls.conf"), "map")
        story.run("domain set shop.example tls.certificate= tls.key=")
    with story.step("deleting asks first, and several go together or not at all"):
        story.run("mailbox delete ann@shop.example", status=2)
        story.run("mailbox delete ann@shop.example nobody@shop.example --yes", status=3)
        story.run("mailbox delete ann@shop.example --yes")
        story.refused("ann@shop.example", "550")
