#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables agree: the command table, the help, the completions, the man pages and the README say the same."""
import json
import pathlib
import re
import subprocess
import sys

from house import ROOT, leave, verdict

build = pathlib.Path(sys.argv[1])
mailctl = build / "mailctl"
if not mailctl.exists():
    verdict("mailctl is built", [f"{mailctl} is missing"])
    leave()


def output(*words):
    return subprocess.run([mailctl, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


def candidates(*words):
    return {line.split("\t")[0] for line in output("__complete", "--", *words).splitlines()[1:]}


def plain_page(path):
    """A built page as plain words, without roff's fonts and line ends."""
    text = path.read_text()
    text = re.sub(r"\\f[BIRP]", "", text).replace("\\&", "").replace("\\-", "-")
    return re.sub(r"\s+", " ", re.sub(r"^\.br$", "", text, flags=re.M))


commands = json.loads(output("__commands"))
nouns = list(dict.fromkeys(command["noun"] for command in commands))
options_of_all = set(commands[-1]["all_options"]) - set(commands[-1]["options"])
writer = next(command for command in commands if command["writes"])
options_of_writers = set(writer["all_options"]) - set(writer["options"]) - options_of_all


def words(command):
    return [word for word in (command["noun"], command["verb"]) if word]


# help
wrong = [f"the overview lacks '{noun}'" for noun in nouns if not re.search(rf"^  {noun} ", output("--help"), re.M)]
for command in commands:
    text = output(*words(command), "--help")
    shown = set(re.findall(r"^ {2}(?:-\w, )? *(--[a-z-]+|-\w)\b", text, re.M))
    if shown != set(command["all_options"]):
        wrong.append(f"help of '{command['id']}' and the table differ in {sorted(shown ^ set(command['all_options']))}")
    if command["synopsis"] not in re.sub(r"\s+", " ", text):
        wrong.append(f"help of '{command['id']}' has another synopsis")
    if command["verb"] and not re.search(rf"^  {command['verb']} ", output(command["noun"], "--help"), re.M):
        wrong.append(f"help of '{command['noun']}' lacks '{command['verb']}'")
verdict("help shows the commands and options of the table", wrong)

# completions
wrong = []
if candidates("") != set(nouns):
    wrong.append(f"nouns differ in {sorted(candidates('') ^ set(nouns))}")
for noun in nouns:
    verbs = {command["verb"] or "" for command in commands if command["noun"] == noun}
    if verbs != {""} and candidates(noun, "") != verbs:
        wrong.append(f"verbs of '{noun}' differ in {sorted(candidates(noun, '') ^ verbs)}")
for command in commands:
    offered = candidates(*words(command), "-")
    if offered != set(command["all_options"]):
        wrong.append(f"options of '{command['id']}' differ in {sorted(offered ^ set(command['all_options']))}")
verdict("completions offer the commands and options of the table", wrong)

# man pages
man = build / "man"
wrong = [f"{noun}: no page mailctl-{noun}.8" for noun in nouns if not (man / f"mailctl-{noun}.8").exists()]
wrong += [f"{page.name} is about no noun" for page in man.glob("mailctl-*.8")
          if page.stem not in {f"mailctl-{noun}" for noun in nouns} | {"mailctl-deliver"}]
for command in commands if not wrong else []:
    page = plain_page(man / f"mailctl-{command['noun']}.8")
    if page.count(command["synopsis"]) < 2:
        wrong.append(f"mailctl-{command['noun']}(8) lacks the synopsis of '{command['id']}' in SYNOPSIS or COMMANDS")
    for option in command["options"]:
        if not re.search(rf"(^|[ ,]){re.escape(option)}\b", page):
            wrong.append(f"mailctl-{command['noun']}(8) lacks {option}")
overview = plain_page(man / "mailctl.8")
wrong += [f"mailctl(8) lacks {name}" for name in [*(f"mailctl-{noun}" for noun in nouns), *options_of_all, *options_of_writers]
          if not re.search(rf"(^|[ ,]){re.escape(name)}\b", overview)]
verdict("man pages have the synopses and options of the table", wrong)

# words that look like commands, wherever we write them
wrong = []
known = {" ".join(words(command)) for command in commands}
prose = [ROOT / "README.md", *sorted((ROOT / "man").glob("*.scd")), *sorted((ROOT / "examples").glob("*.sh"))]
for path in prose:
    for noun, verb in re.findall(r"\bmailctl\*? (?:--?\S+ )*\*?([a-z]+)\b\*?(?: \*?([a-z]+(?:-[a-z]+)*)\b)?", path.read_text()):
        if noun in nouns and noun not in known and verb and f"{noun} {verb}" not in known:
            wrong.append(f"{path.name}: 'mailctl {noun} {verb}' is no command")
verdict("README, man pages and examples name commands that exist", wrong)
