#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mailctl-json(7) says of every type of row which keys it has and of what kind they are. A site with something of everything is asked
for all it has, and both are held against each other: `tests/stories/7_json.py --write` prints the types as the page has them."""
import json
import os
import re
import sys
import time

from story import Story, expect

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../man/mailctl-json.7.scd")
KINDS = {str: "string", bool: "boolean", int: "number", float: "number", list: "list", dict: "object", type(None): "null"}
ORDER = ["string", "number", "boolean", "list", "object", "null"]
MADE = """
node create n1 --lmtp 127.0.0.2:24 --imap 127.0.0.2
domain create one.example --alias uno.example
domain create two.example
mailbox create paul@one.example --no-password --quota 1G --alias macca --name Paul
mailbox create ann@one.example bob@one.example gone@two.example --no-password
mailbox set ann@one.example forward=ann@far.example
mailbox suspend bob@one.example --reason holiday
mailbox create eve@two.example --no-password --forward paul@one.example
alias create sales@one.example paul@one.example
forward create team@one.example paul ann@far.example
list create all@one.example paul ann --post members
domain set one.example owner=alice limits.mailboxes=9 limits.quota=5G
robot create echo@one.example --subject Thanks --message Read
autoreply set paul@one.example --subject Away --message Later --start 2026-01-01 --end 2099-01-01
banished add promo-*@one.example --answer reject
catchall set one.example candidate
mailbox delete gone@two.example --yes
config set dkim.signer=none track.logs={log} dns.addresses=127.0.0.1 dns.resolvers=127.0.0.1:9 dns.mta_sts.mode=testing
dkim create one.example --selector first --algorithm rsa
"""
ASKED = """
address list
alias list
autoreply list
autoreply show paul@one.example
banished list
candidate list
candidate show maybe@one.example
candidate messages maybe@one.example
catchall show
config show
dkim list
dkim show one.example
domain list
domain show one.example
domain show two.example
explain paul@one.example
explain team@one.example --from bob@one.example
explain promo-1@one.example
forward list
forward show team@one.example
history list
history show 2
housekeeping
journal search paul@one.example
list list
list show all@one.example
mailbox list
mailbox list --deleted
mailbox show paul@one.example
mailbox show bob@one.example
mailbox show eve@two.example
mailbox usage
mailbox settings paul@one.example
map check
map diff
map show domains
node list
node show n1
robot list
robot show echo@one.example
status
track update
track search
track show 4F2A811
track report
track top --since 7d
version
check
dns policy one.example
dns show one.example
dns check --timeout 1s
dns check --answers {folder}/answers.json
dns list
mailbox set paul@one.example quota=2G
mailbox clear ann@one.example --yes
mailbox invite paul@one.example
import {folder}/new.csv -n
import {folder}/new.csv
mailbox set ann@one.example quota=3G -n
"""
LOG = ("{0}.000000+00:00 mx postfix/submission/smtpd[1]: 4F2A811: client=x[192.0.2.1], sasl_method=PLAIN, sasl_username=paul@one.example\n"
       "{0}.100000+00:00 mx postfix/qmgr[2]: 4F2A811: from=<paul@one.example>, size=900, nrcpt=1 (queue active)\n"
       "{0}.200000+00:00 mx postfix/smtp[3]: 4F2A811: to=<x@far.example>, relay=mx.far.example[192.0.2.9]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)\n")


def rows_of(site, line):
    said = site.mailctl(*line.split(), "--json", status=None)
    return json.loads(said) if said.lstrip().startswith("[") else []


def types_of(rows, found):
    for row in rows:
        keys = found.setdefault(row["type"], {})
        for key, value in row.items():
            keys.setdefault(key, set()).add(KINDS[type(value)])


def page_types():
    """Type -> key -> kinds, as the page has them."""
    found, keys = {}, None
    with open(PAGE, encoding="utf-8") as page:
        for line in page:
            heading = re.match(r"\*(\w+)\*: ", line)
            if heading:
                keys = found.setdefault(heading.group(1), {})
            elif line.startswith("\t") and keys is not None:
                for key, kinds in re.findall(r"_([\w\\]+)_ \(([a-z, ]+)\)", line):
                    keys[key.replace("\\", "")] = set(kinds.split(", "))
            elif line.startswith("# "):
                keys = None
    return found


def written(found, asked_by):
    for name in sorted(found):
        print(f"*{name}*: {', '.join(sorted(asked_by[name]))}")
        cells = [f"_{key.replace('_', chr(92) + '_')}_ ({', '.join(kind for kind in ORDER if kind in kinds)})"
                 for key, kinds in found[name].items() if key not in ("schema", "type")]
        print("\t" + ",\n\t".join(cells) + "\n")


with Story("json", "maps.type=texthash") as story:
    log = story.site.path("mail.log")
    with open(log, "w", encoding="ascii") as file:
        file.write(LOG.format(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 60))))
    with open(story.site.path("answers.json"), "w", encoding="ascii") as file:
        json.dump({"one.example MX": {"rcode": "NOERROR", "secure": False, "answers": ["10 elsewhere.example."]}}, file)
    with open(story.site.path("new.csv"), "w", encoding="ascii") as file:
        file.write("address,name\nnew@one.example,New\n")
    for line in MADE.format(log=log).strip().splitlines():
        story.run(line)
    story.taken("paul@one.example")
    story.taken("maybe@one.example")
    found, asked_by = {}, {}
    for line in ASKED.format(folder=story.site.path()).strip().splitlines():
        rows = rows_of(story.site, line)
        types_of(rows, found)
        for row in rows:
            asked_by.setdefault(row["type"], set()).add(" ".join(line.split()[:2]))
    if "--write" in sys.argv:
        written(found, asked_by)
        sys.exit(0)
    page = page_types()
    with story.step("every type of row is on the page"):
        expect(set(found) <= set(page), f"missing: {set(found) - set(page)}")
    for name, keys in found.items():
        with story.step(f"the keys of '{name}' are those on the page"):
            said = {key: kinds for key, kinds in keys.items() if key not in ("schema", "type")}
            missing = {key: kinds - page[name].get(key, set()) for key, kinds in said.items() if kinds - page[name].get(key, set())}
            expect(not missing, f"not on the page: {missing}")
            expect(set(page[name]) <= set(said), f"no row has {set(page[name]) - set(said)}")
