#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every recipe of mailctl-recipes(7), typed as it stands there, on a site with a domain, a mailbox and a log."""
import os
import re
import subprocess

from story import Story

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../man/mailctl-recipes.7.scd")
CRON = re.compile(r"^[\d*/]+ [\d*]+ \* \* \* root ")
LOG = ("2026-11-28T10:00:00.000000+00:00 mx postfix/submission/smtpd[1]: 4F2A811: client=x[192.0.2.1], sasl_method=PLAIN, sasl_username=ann@example.org\n"
       "2026-11-28T10:00:00.100000+00:00 mx postfix/qmgr[2]: 4F2A811: from=<ann@example.org>, size=900, nrcpt=1 (queue active)\n")


def recipes():
    """Heading -> the blocks below it."""
    heading, block, found = "", None, []
    with open(PAGE, encoding="utf-8") as page:
        for line in page:
            if line.startswith("# "):
                heading = line[2:].strip()
            elif line.startswith("```"):
                if block is None:
                    block = []
                else:
                    found.append((heading, block))
                    block = None
            elif block is not None:
                block.append(CRON.sub("", line))
    return found


def type_in(site, block, folder):
    """The lines of a block, in a shell that stops at the first that fails."""
    places = {"CONFIGURATION": site.path("etc"), "STATE": site.path("lib"), "MAIL": site.path("mail")}
    environment = site.environment() | places
    environment["PATH"] = os.path.dirname(site.command("mailctl")[-1]) + ":" + environment["PATH"]
    done = subprocess.run(["bash", "-eu", "-c", "".join(block)], cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"exit {done.returncode}\n{''.join(block)}\n{done.stdout}{done.stderr}"


with Story("recipes", "maps.type=texthash") as story:
    folder = story.site.path("work")
    os.mkdir(folder)
    for line in ("domain create example.org", "mailbox create ann@example.org --no-password"):
        story.run(line)
    with open(os.path.join(folder, "mail.log"), "w", encoding="ascii") as log:
        log.write(LOG)
    with open(os.path.join(folder, "accounts.csv"), "w", encoding="ascii") as accounts:
        accounts.write("address,name\nbob@example.org,Bob\n")
    story.run(f"config set track.logs={folder}/mail.log dns.resolvers=127.0.0.1:9")
    for heading, block in recipes():
        with story.step(heading.lower() + ": " + block[0].strip()):
            type_in(story.site, block, folder)
