#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Domain files of a realistic site, the same for the same arguments.

  make_site.py DIRECTORY DOMAINS MAILBOXES [--applied DIRECTORY]

Sizes of the domains follow a power law (the largest of 10,000 holds about a twentieth of all mailboxes); one domain gets
all of them. People have names, quotas, hashes of the length of yescrypt's, some have aliases, forward elsewhere or are
away; domains have role addresses, a list, banished names, some a catch-all or an alias. --applied writes a second copy,
as lib/history/applied/domains, for a site whose directory and maps are to be made without a million Maildirs.
"""
import os
import random
import sys

FIRST = ("anna ben carla david elena felix greta hugo ines jonas karin leo maria nils olga paul quentin rosa stefan tina "
         "ulrich vera walter xenia yusuf zoe amir bianca cesar daria emil frida georg hanna igor julia").split()
LAST = ("schmidt rossi nguyen kowalski silva jansen novak petrov haddad tanaka okafor larsen dubois moreno keller weber "
        "fischer braun costa ricci lindgren horvat popescu yilmaz cohen singh chen kim brown taylor").split()
WORDS = "north river stone blue light garden harbour mill oak bridge star field green summit lake silver".split()
SALT = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def sizes(domains, mailboxes):
    weights = [1 / (rank + 3) ** 0.75 for rank in range(domains)]
    total = sum(weights)
    counts = [max(1, int(mailboxes * weight / total)) for weight in weights]
    counts[0] += mailboxes - sum(counts)
    return counts


def domain_name(index):
    return f"{WORDS[index % 16]}-{WORDS[index // 16 % 16]}{index}.example"


def quoted(names):
    return ", ".join(f'"{name}"' for name in names)


def mailbox(dice, local, index, first, last, other_domain):
    salt = "".join(dice.choices(SALT, k=22))
    lines = [f"[mailbox.\"{local}\"]", f'name     = "{first.title()} {last.title()}"',
             f'password = "{{CRYPT}}$y$j9T${salt}${"".join(dice.choices(SALT, k=43))}"',
             f'quota    = "{dice.choice((1, 2, 5, 10))} GiB"']
    if dice.random() < 0.25:
        lines.append(f'aliases  = ["{first[0]}{last[0]}{index}"]')
    chance = dice.random()
    if chance < 0.04:
        lines.append(f'forward  = ["{first}.{last}@elsewhere.example.net"]')
    elif chance < 0.05:
        lines.append(f'copy_to  = ["postmaster@{other_domain}"]')
    if dice.random() < 0.01:
        lines += [f'[mailbox."{local}".autoreply]', 'subject = "Away"', 'message = "I am away until Monday."']
    return "\n".join(lines) + "\n"


def domain_text(index, count, domains):
    dice = random.Random(index * 1_000_003 + count)
    name = domain_name(index)
    other = domain_name(dice.randrange(domains))
    action = dice.choices(("reject", "redirect", "candidate"), (90, 5, 5))[0]
    text = [f"# The mail domain {name}, as generated for a benchmark.\n[domain]\nowner   = \"owner{index % 500}\"\n"]
    if dice.random() < 0.1:
        text.append(f'aliases = ["www.{name}"]\n')
    text.append(f'unknown = {{ action = "{action}"' + (', to = ["postmaster"]' if action == "redirect" else "") + " }\n")
    locals_ = []
    for number in range(count):
        first, last = dice.choice(FIRST), dice.choice(LAST)
        local = f"{first}.{last}{number}"
        locals_.append(local)
        text.append("\n" + mailbox(dice, local, number, first, last, other))
    text.append(f'\n[forward.postmaster]\nto = ["{locals_[0]}"]\n')
    text.append(f'\n[forward.info]\nto = [{quoted(dice.sample(locals_, min(2, count)))}]\n')
    text.append(f'\n[list.team]\nmembers = [{quoted(dice.sample(locals_, min(8, count)))}]\n')
    text.append('\n[banished]\n"spam.trap" = "discard"\n')
    return name, "".join(text)


def main():
    places = [sys.argv[1]] + (sys.argv[5:] if sys.argv[4:5] == ["--applied"] else [])
    domains, mailboxes = int(sys.argv[2]), int(sys.argv[3])
    for place in places:
        os.makedirs(place, mode=0o700, exist_ok=True)
    for index, count in enumerate(sizes(domains, mailboxes)):
        name, text = domain_text(index, count, domains)
        for place in places:
            with open(f"{place}/{name}.toml", "w") as file:
                file.write(text)
            os.chmod(f"{place}/{name}.toml", 0o640)


if __name__ == "__main__":
    main()
