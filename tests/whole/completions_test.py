#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""completions/: what the program prints is the file, and each shell and shellcheck find it sound."""
import pathlib
import subprocess
import sys

from house import ROOT, leave, verdict

mailctl = pathlib.Path(sys.argv[1]) / "mailctl"
SCRIPTS = {"bash": "mailctl.bash", "zsh": "_mailctl", "fish": "mailctl.fish"}


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


for shell, name in SCRIPTS.items():
    path = ROOT / "completions" / name
    status, printed = run(mailctl, "completion", shell)
    verdict(f"mailctl completion {shell} prints completions/{name}", [] if (status, printed) == (0, path.read_text()) else [printed[:200]])
    status, said = run(shell, "-n", path)
    verdict(f"completions/{name} is {shell}", [said] if status or said else [])
status, said = run("shellcheck", ROOT / "completions/mailctl.bash")
verdict("shellcheck finds nothing in completions/mailctl.bash", said.splitlines() if status else [])
leave()
