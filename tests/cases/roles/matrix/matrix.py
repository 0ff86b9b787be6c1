# SPDX-License-Identifier: Apache-2.0
"""Every command as every role, against the real program: who may run it. A refusal must leave the site as it was."""
import json
import os
import pathlib
import shutil
import subprocess

SITE = pathlib.Path(os.environ["MAILCTL_ROOT"])
ROLES = {"site": [], "owner": ["--as", "owner:alice"], "other": ["--as", "owner:bob"], "postm.": ["--as", "postmaster@example.org"],
         "ann": ["--as", "ann@example.org"], "bob": ["--as", "bob@example.org"], "info": ["--as", "info@bücher.example"]}
# One line for each command, as it is carried out for ann@example.org or her domain.
LINES = """
init --hostname mx.example.org
domain create new.example
check
domain list
domain show example.org
domain set example.org unknown=discard
domain delete example.org --confirm=example.org
domain suspend example.org
domain resume example.org
domain alias-add example.org more.example
domain alias-remove example.org example.net
domain edit example.org
domain rename example.org renamed.example
domain move example.org --node store1 --yes
mailbox create new@example.org --no-password
mailbox list example.org
mailbox show ann@example.org
mailbox set ann@example.org forward=ann@elsewhere.example
mailbox settings ann@example.org
mailbox delete bob@example.org --yes
mailbox restore left@example.org
mailbox rename bob@example.org robert@example.org
mailbox move bob@example.org --node store1 --yes
mailbox depart bob@example.org --to ann@example.org --yes
mailbox clear bob@example.org --yes
mailbox invite bob@example.org -n
mailbox suspend ann@example.org
mailbox resume ann@example.org
mailbox password ann@example.org --generate
mailbox usage ann@example.org
address list example.org
alias create new ann@example.org
alias list example.org
alias delete sales@example.org
alias move sales@example.org bob@example.org
forward create new@example.org ann bob
forward list example.org
forward show team@example.org
forward set team@example.org to+=bob@example.org
forward delete team@example.org
robot create new@example.org --message hello
robot list example.org
robot show feedback@example.org
robot set feedback@example.org subject=x
robot delete feedback@example.org
robot enable feedback@example.org
robot disable feedback@example.org
autoreply list example.org
autoreply show ann@example.org
autoreply set ann@example.org --message away
autoreply on ann@example.org
autoreply off ann@example.org
list create new@example.org ann bob
list list example.org
list show staff@example.org
list set staff@example.org post=members
list add staff@example.org bob
list remove staff@example.org ann
list delete staff@example.org
candidate list example.org
candidate show joe@example.org
candidate messages joe@example.org
candidate release HELD --to ann@example.org
candidate promote joe@example.org --mailbox --no-password
candidate banish joe@example.org --yes
candidate expire
catchall show example.org
catchall set example.org discard
banished add spam@example.org
banished list example.org
banished remove promo-*@example.org
explain ann@example.org
import -
export example.org
dns show example.org
dns policy example.org
dns check example.org --answers -
dns list example.org
dkim list example.org
dkim show example.org
dkim create example.org --algorithm rsa
dkim activate example.org --selector x
dkim retire example.org --selector x
dkim revoke example.org --selector x
dkim delete example.org --selector x
dkim rotate example.org
map build
map check
map diff
map show
apply
config show
config set time_zone=UTC
config check
node create n2 --lmtp 127.0.0.3:24 --imap 127.0.0.3
node list
node show n1
node set n1 mail=/srv/mail
node drain n1
node resume n1
node status
node pull n1 --once
node delete n1
publish
history list
history show 1
history revert 1
track update
track search
track show 4F2A811
track report
track top
journal search
status
housekeeping -n
completion bash
version
""".strip().splitlines()


IMPORTED = "address,name\nann@example.org,Ann C.\n"


def run(words):
    return subprocess.run(["mailctl", *words], capture_output=True, text=True, input=IMPORTED if "import" in words else "{}" if "--answers" in words else "",
                          env=os.environ | {"EDITOR": "true"})


def state():
    return {path: path.read_bytes() for path in SITE.rglob("*") if path.is_file() and path.name != "lock"}


held = json.loads(run(["candidate", "messages", "joe@example.org", "--json"]).stdout)[0]["id"]
LINES = [line.replace("HELD", held) for line in LINES]
original = SITE.with_name("original")
shutil.copytree(SITE, original, symlinks=True)
commands = json.loads(run(["__commands"]).stdout)
missing = [c["id"] for c in commands if not any((line + " ").startswith(c["id"] + " ") for line in LINES)]
print("commands without a line here:", missing)
print(f"{'':22}" + "".join(f"{role:8}" for role in ROLES))
for line in LINES:
    answers = []
    for role, prefix in ROLES.items():
        shutil.rmtree(SITE)
        shutil.copytree(original, SITE, symlinks=True)
        before = state()
        done = run([*prefix, *line.split()])
        if done.returncode == 13:
            answers.append("-")
            if done.stdout or state() != before:
                print(f"'{line}' as {role} was refused, but it said or did something")
        else:
            answers.append("yes")
            if role != "site" and done.returncode not in (0, 5, 75):
                print(f"'{line}' as {role} ended with {done.returncode}: {done.stderr}")
    print((f"{' '.join(line.split()[:2 if len(line.split()) > 1 and not line.startswith(('explain', 'import', 'export', 'completion', 'init')) else 1]):22}"
           + "".join(f"{answer:8}" for answer in answers)).rstrip())
