#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The picture of a terminal session in README: the commands below, typed into a real terminal of 100 columns, as an SVG.
tests/screens/picture.py > docs/session.svg (MAILCTL_BIN=directory of the program)"""
import html
import os
import re
import sys
import tempfile

import pexpect

COLUMNS = 100
TYPED = """\
mailctl domain create example.org --alias example.net
mailctl mailbox create ann@example.org --name 'Ann B.' --quota 2G --alias sales --no-password
mailctl mailbox set ann@example.org quota=3G forward=ann@elsewhere.example -n
mailctl explain sales+spring@example.net
mailctl address list example.org
mailctl mailbox sett ann@example.org
mailctl history list
""".splitlines()
COLOURS = {"31": "#e06c75", "32": "#98c379", "33": "#e5c07b", "34": "#61afef", "35": "#c678dd", "36": "#56b6c2", "1": None}
LETTER, LINE = 8.43, 19


def session():
    """What the terminal shows, line by line, with its colours."""
    binaries = os.environ.get("MAILCTL_BIN", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/release"))
    site = tempfile.mkdtemp(prefix="mail-", dir="/tmp")
    environment = {"PATH": f"{os.path.realpath(binaries)}:{os.environ['PATH']}", "MAILCTL_ROOT": site, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
                   "HOME": site, "TZ": "UTC", "SUDO_USER": "admin"}
    pexpect.run("mailctl init -q --hostname mx.example.org --postmaster admin@elsewhere.example", env=environment)
    pexpect.run("mailctl config set -q maps.type=texthash", env=environment)
    shown = []
    for line in TYPED:
        shown.append("\x1b[32m$\x1b[0m \x1b[1m" + line + "\x1b[0m")
        said = pexpect.run(f"bash -c \"{line}\"", env=environment, dimensions=(200, COLUMNS)).decode()
        shown += [each for each in said.replace("\r", "").rstrip("\n").split("\n") if each and "belongs to root" not in each]
    return [line.replace(site, "") for line in shown]


def spans(line):
    """One line as tspans."""
    out, style = "", ""
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        colour = re.fullmatch(r"\x1b\[([0-9;]*)m", piece)
        if colour:
            codes = colour.group(1).split(";")
            style = "".join(' font-weight="bold"' if code == "1" else f' fill="{COLOURS[code]}"' for code in codes if code in COLOURS)
        elif piece:
            out += f"<tspan{style}>{html.escape(piece)}</tspan>"
    return out


def picture(lines):
    width, height = int(COLUMNS * LETTER + 40), len(lines) * LINE + 40
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">')
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#282c34"/>')
    for number, line in enumerate(lines):
        print(f'<text x="20" y="{35 + number * LINE}" fill="#dcdfe4" xml:space="preserve">{spans(line)}</text>')
    print("</svg>")


picture(session())
sys.exit(0)
