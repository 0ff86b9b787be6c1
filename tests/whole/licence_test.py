#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source says under which licence it stands, in its first line or behind '#!': whoever copies one file alone still knows."""
import subprocess

from house import ROOT, leave, shown, verdict

SAYS = "SPDX-License-Identifier: Apache-2.0"
SUFFIXES = {".cpp", ".hpp", ".in", ".py", ".sh", ".cmake"}

tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split("\n")
listed = [ROOT / name for name in tracked if name] or [p for f in ("src", "include", "tests", "cmake", "man", "examples") for p in (ROOT / f).rglob("*")]
sources = [path for path in listed if path.is_file() and (path.suffix in SUFFIXES or path.name == "CMakeLists.txt")]


def says_nothing(path):
    lines = path.read_text(encoding="utf-8").split("\n", 2)
    return SAYS not in lines[1 if lines[0].startswith("#!") and len(lines) > 1 else 0]


verdict("every source says under which licence it stands",
        [shown(path) for path in sources if says_nothing(path)] if len(sources) > 500 else [f"only {len(sources)} sources were found"])
leave()
