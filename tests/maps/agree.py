#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The generated maps against the real Postfix and Dovecot: does Postfix answer for every address as `mailctl explain` says?

One site with a name of every kind and a catch-all of every kind; a private Postfix in each map mode is asked at RCPT, and in
each mail is sent and looked for: Postfix and the agent together do what `explain` says, each what is its part.
"""
import os
import pwd
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness.postfix  # noqa: E402
from harness.dovecot import IS_23, VERSION  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.site import UNPRIVILEGED, Site, expect, run_tests  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402

DOMAINS = {
    "one.example": """
[domain]
aliases = ["uno.example"]
[mailbox.admin]
[mailbox.paul]
aliases = ["macca", "paul.m"]
quota = "1 MiB"
[mailbox.copied]
forward = ["x@far.example"]
copy_to = ["paul"]
[mailbox.away]
store = false
forward = ["x@far.example"]
[mailbox.unpaid]
suspend = { receive = "reject" }
[mailbox.later]
suspend = { receive = "defer" }
[forward.info]
to = ["paul", "someone@far.example"]
[forward.nested]
to = ["info", "macca", "ringo@two.example"]
[forward.to-unpaid]
to = ["unpaid"]
[forward.to-list]
to = ["sales", "y@far.example"]
[forward.to-robot]
to = ["feedback", "admin"]
[mailbox.replying]
[mailbox.replying.autoreply]
subject = "Away"
message = "until Monday"
[mailbox.kept]
suspend = { receive = "hold" }
[robot.feedback]
subject = "Thank you"
message = "for your mail"
copy_to = ["paul"]
[robot.mute]
enabled = false
copy_to = ["paul"]
[robot.off]
enabled = false
[list.sales]
members = ["paul", "inner", "copied"]
owner = "admin@one.example"
[list.inner]
members = ["ringo@two.example", "admin"]
[list.nobody-on-it]
members = []
[banished]
"void" = "discard"
"spam" = "reject"
"promo-ok*" = "discard"
"promo-*" = "reject"
""",
    "new.example": """
[domain]
unknown = { action = "candidate" }
[mailbox.real]
[forward.info]
to = ["real"]
""",
    "relay.example": """
[domain]
relay_to = "127.0.0.1:9"
[mailbox.real]
""",
    "both.example": """
[domain]
relay_to = "127.0.0.1:9"
unknown = { action = "domain", domain = "redirect.example" }
""",
    "answering.example": """
[mailbox.catchrest]
[mailbox.catchrest.autoreply]
subject = "Nobody here"
message = "of that name"
[mailbox.real]
""",
    "two.example": """
[mailbox.catchrest]
[mailbox.ringo]
[forward.postmaster]
to = ["ringo"]
[banished]
"void" = "discard"
"spam" = "reject"
"promo-*" = "reject"
""",
    "redirect.example": """
[domain]
unknown = { action = "redirect", to = ["paul@one.example", "x@far.example"] }
[mailbox.real]
""",
    "discard.example": """
[domain]
unknown = { action = "discard" }
[mailbox.real]
aliases = ["alias"]
""",
    "other.example": """
[domain]
unknown = { action = "domain", domain = "one.example" }
[mailbox.real]
""",
    "chain.example": """
[domain]
unknown = { action = "domain", domain = "redirect.example" }
""",
    "out.example": """
[domain]
unknown = { action = "domain", domain = "far.example" }
""",
    "closed.example": """
[domain]
state = "suspended"
[mailbox.paul]
""",
}
NAMES = ["admin", "paul", "PAUL", "macca", "paul.m", "paul+detail", "copied", "away", "unpaid", "later", "info", "info+detail", "nested",
         "to-unpaid", "void", "void+x", "spam", "spam+x", "ringo", "real", "alias", "catchrest", "postmaster", "abuse+x", "nobody",
         "nobody+x", "x+paul", "to-list", "to-robot", "replying", "kept", "feedback", "mute", "off", "sales", "sales+x", "sales-owner",
         "inner", "nobody-on-it"]
# Postfix asks the agent about each name nobody claims there, and takes a second over it: a few have to do.
NAMES_OF_CANDIDATES = ["real", "REAL", "info", "info+detail", "real+x", "paul", "nobody", "nobody+x", "postmaster", "abuse+x", "promo-1"]
PATTERNS = ["promo-1", "promo-1+x", "promo-ok", "promo-ok+x"]
# Postfix refuses those it finds too slow, and waits before it answers others: not here.
PATIENCE = """
smtpd_hard_error_limit = 10000
smtpd_soft_error_limit = 10000
smtpd_error_sleep_time = 0
smtpd_junk_command_limit = 10000
address_verify_poll_delay = 1s
address_verify_poll_count = 30
"""


def make_site(mode):
    site = Site(UNPRIVILEGED)
    site.mailctl("config", "set", f"maps.mode={mode}", "alternate_suffix=backup.example.org")
    owner = pwd.getpwnam(UNPRIVILEGED)
    os.makedirs(site.path("etc", "domains"), exist_ok=True)
    for name, text in DOMAINS.items():
        path = site.path("etc", "domains", name + ".toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chown(path, owner.pw_uid, owner.pw_gid)
        os.makedirs(site.path("mail", name), exist_ok=True)
        os.chown(site.path("mail", name), owner.pw_uid, owner.pw_gid)
    site.mailctl("apply")
    return site


def addresses():
    found = []
    for domain in DOMAINS:
        # A pattern of the domain that `unknown = domain` leads to is only known to the agent, or refused as unknown.
        names = NAMES + ([] if domain == "other.example" else PATTERNS)
        if domain == "new.example":
            names = NAMES_OF_CANDIDATES
        forms = [domain, domain.replace(".", "") + ".backup.example.org"] + (["uno.example"] if domain == "one.example" else [])
        found += [f"{name}@{form}" for form in forms for name in names]
    return found


def make_postfix(site, sink):
    """The fragments as they are, but that Postfix relays for nobody and all mail for elsewhere goes to the sink."""
    main, master = (open(site.path("lib", "maps", name), encoding="utf-8").read() for name in ("main.cf", "master.cf"))
    main = re.sub(r"(?m)^sender_dependent_default_transport_maps.*\n", "", main)
    main += f"default_transport = sink:[127.0.0.1]:{sink.port}\n" + PATIENCE
    harness.postfix.MAIN = harness.postfix.MAIN.replace("mynetworks = 127.0.0.0/8", "mynetworks = 192.0.2.1/32")
    return Postfix(main=main, master=master + "\nsink unix - - n - - smtp\n")


def start_agent(site):
    """Where Postfix can reach it."""
    site.start_agent()
    os.chmod(site.path("run"), 0o755)
    os.chmod(site.socket, 0o666)


def agrees(explained, code, text):
    if explained["outcome"] == "reject":
        return code == 550 and explained["answer"].split()[1] in text
    return code == 250 or (explained["outcome"] == "defer" and code == 450)


def postfix_answers_at_rcpt_as_explain_says(mode="agent"):
    sink = SmtpSink()
    with make_site(mode) as site, make_postfix(site, sink) as postfix:
        start_agent(site)
        asked = addresses()
        explained = {row["address"].lower(): row for row in site.json("explain", *asked)}
        wrong = []
        with postfix.smtp() as client:
            client.ehlo()
            client.mail("someone@elsewhere.example")
            for address in asked:
                code, text = client.rcpt(address)
                if not agrees(explained[address.lower()], code, text.decode()):
                    wrong.append((address, explained[address.lower()]["actions"], code, text))
            client.rset()
        expect(not wrong, wrong)
        expect(len(asked) > 400 and {row["outcome"] for row in explained.values()} >= {"deliver", "discard", "reject", "defer"}, "asked too little")
        expect("warning" not in postfix.log(), postfix.log())
    sink.close()


def postfix_answers_at_rcpt_as_explain_says_without_the_agent():
    postfix_answers_at_rcpt_as_explain_says("postfix")


def where_it_went(site, sink):
    """Addresses of the mailboxes and of the sink that have mail; they are emptied."""
    taken = list(sink.messages)
    del sink.messages[:len(taken)]  # not clear(): the sink's thread may just be adding one
    found = [recipient for message in taken for recipient in message[1]]
    for directory, _, files in os.walk(site.path("mail")):
        for name in files:
            if os.path.basename(directory) == "new":
                local, domain = directory.split("/")[-2], directory.split("/")[-3]
                found.append(f"{local}@{domain}")
                os.unlink(os.path.join(directory, name))
    return sorted(found)


# What other parts of the agent do with it is for their own tests.
ELSEWHERE = ("may be answered", "hold for", "pass on")
OF_THE_AGENT = (*ELSEWHERE, "by list")


def says(row, words):
    return any(word in action for action in row["actions"] for word in words)


def went_to_the_agent(postfix, message):
    return f"{message}: " in postfix.log() and re.search(rf"{message}: to=.*relay=\S*lmtp\.sock", postfix.log()) is not None


def send_and_wait(postfix, address):
    """One message, until Postfix is through with it: its id and whether it has to wait. The log says so: the queue is a moving target."""
    with postfix.smtp() as client:
        client.ehlo()
        client.mail("someone@elsewhere.example")
        client.rcpt(address)
        code, answer = client.data(b"Subject: x\n\nx\n")
    expect(code == 250, f"{address}: {code} {answer}")
    message = re.search(r"queued as (\S+)", answer.decode())[1]
    deadline = time.monotonic() + 60
    while f"{message}: removed" not in postfix.log():
        if re.search(rf"{message}: .*status=deferred", postfix.log()):
            postfix.run("postsuper", "-c", postfix.etc, "-d", message)  # or it is tried again all the time
            return message, True
        expect(time.monotonic() < deadline, f"{address}: {postfix.log()[-3000:]}")
        time.sleep(0.02)
    return message, False


def wait_for_all(site, sink, wanted):
    """What the agent hands to Postfix comes a moment later."""
    got, deadline = where_it_went(site, sink), time.monotonic() + 10
    while len(got) < len(wanted) and time.monotonic() < deadline:
        time.sleep(0.02)
        got = sorted(got + where_it_went(site, sink))
    return got


def mail_goes_where_explain_says(mode):
    sink = SmtpSink()
    with make_site(mode) as site, make_postfix(site, sink) as postfix:
        site.mailctl("config", "set", f"submit=smtp:127.0.0.1:{sink.port}")
        start_agent(site)
        some = ("paul@", "nobody@", "nobody+x@", "void@", "sales@", "real@", "alias@", "catchrest@", "postmaster@", "promo")
        asked = [a for a in addresses() if a.startswith(some) or a.endswith(("@one.example", "@uno.example", "@two.example"))]
        rows = [row for row in site.json("explain", *asked) if row["outcome"] != "reject"]
        wrong = []
        for row in rows:
            message, waits = send_and_wait(postfix, row["address"])
            if says(row, OF_THE_AGENT) and not went_to_the_agent(postfix, message):
                wrong.append((row["address"], "not for the agent"))
            if says(row, ELSEWHERE):
                where_it_went(site, sink)
                continue
            wanted = sorted((row["mailboxes"] or []) + (row["forwards"] or []))
            got = wait_for_all(site, sink, wanted)
            if got != wanted or waits != (row["outcome"] == "defer"):
                wrong.append((row["address"], wanted, got, waits))
        expect(not wrong and len(rows) > 150, wrong or len(rows))
    sink.close()


def mail_goes_where_explain_says_through_the_agent():
    mail_goes_where_explain_says("agent")


def mail_goes_where_explain_says_when_postfix_resolves():
    mail_goes_where_explain_says("postfix")


def every_index_is_built_without_a_word():
    for mode in ("agent", "postfix"):
        with make_site(mode) as site:
            maps = site.path("lib", "maps")
            main = open(os.path.join(maps, "main.cf"), encoding="utf-8").read()
            tables = set(re.findall(r"(lmdb|hash|cdb):(\S+?)(?=[,\s])", main))
            expect(len(tables) >= 5, main)
            for kind, path in tables:
                option = ["-F"] if path.endswith("/sni") else []
                built = subprocess.run(["postmap", *option, f"{kind}:{path}"], capture_output=True, text=True, timeout=60)
                expect((built.returncode, built.stderr) == (0, ""), f"{path}: {built}")


def dovecot_reads_its_fragment():
    with make_site("agent") as site:
        main = site.path("dovecot.conf")
        with open(main, "w", encoding="utf-8") as file:
            file.write(f"{VERSION}!include {site.path('lib', 'maps', 'dovecot.conf')}\n")
        read = subprocess.run(["doveconf", "-n", "-c", main], capture_output=True, text=True, timeout=60)
        expect((read.returncode, read.stderr) == (0, ""), read.stderr)
        expect("driver = passwd-file" in read.stdout, read.stdout)
        expect(("quota = maildir:User quota" if IS_23 else 'quota "User quota" {') in read.stdout, read.stdout)


if __name__ == "__main__":
    if os.getuid() != 0 or not shutil.which("postfix") or not shutil.which("doveconf"):
        print("not ok maps needs root, Postfix and Dovecot")
        sys.exit(1)
    sys.exit(run_tests("maps", [
        every_index_is_built_without_a_word, dovecot_reads_its_fragment,
        postfix_answers_at_rcpt_as_explain_says, postfix_answers_at_rcpt_as_explain_says_without_the_agent,
        mail_goes_where_explain_says_through_the_agent, mail_goes_where_explain_says_when_postfix_resolves,
    ]))
