#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shape of the text: no file too long to read in one go, formatting as .clang-format says."""
import shutil
import subprocess

from house import ROOT, leave, shown, sources, verdict

LONGEST = 400
# Still to be split; they may shrink, never grow.
TO_SPLIT: dict[str, int] = {}

lengths = {path: len(path.read_text().splitlines()) for path in sources("include", "src")}
verdict(f"no file of src/ and include/ is longer than {LONGEST} lines",
        [f"{shown(path)}: {lines} lines" for path, lines in lengths.items() if lines > TO_SPLIT.get(shown(path), LONGEST)])

version = subprocess.run(["bash", "-c", ". cmake/packages.sh; echo $clang"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
formatter = shutil.which(f"clang-format-{version}") or shutil.which("clang-format")
if formatter is None:
    verdict("files are formatted", [f"clang-format-{version} is not installed"])
else:
    check = subprocess.run([formatter, "--dry-run", "-Werror", *sources("include", "src", "tests")], capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in check.stderr.splitlines() if ": error:" in line})
    if check.returncode != 0 and not wrong:
        wrong = check.stderr.splitlines()[:5]
    verdict("files are formatted", [f"{name}: run clang-format -i on it" for name in wrong])
leave()
