#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every row of the table of `mailctl check` is planted: in facts (tests/unit/admin), and where a real machine can be
spoilt, in one too. With -v, which test plants which."""
import pathlib
import re
import subprocess
import sys

from house import ROOT, leave, shown, verdict

build = pathlib.Path(sys.argv[1])
UNITS = sorted((ROOT / "tests/unit/admin").glob("check_*_test.cpp")) + [ROOT / "tests/unit/admin/check_test.cpp"]
# What is printed of a finding, or asked of one: a case's expected output, a test that speaks with real servers.
LIVE = sorted((ROOT / "tests/cases/check").glob("*/stdout")) + sorted(
    path for folder in ("dns", "e2e", "stories", "faults", "maps", "lmtp", "nodes", "debian", "foreign") for path in (ROOT / "tests" / folder).rglob("*.py"))


def rows_of_the_table():
    said = subprocess.run([build / "mailctl", "__complete", "--", "check", "--only", ""], capture_output=True, text=True, check=True).stdout
    return [word for word in (line.split("\t")[0] for line in said.splitlines()) if re.fullmatch(r"[a-z]+\.[a-z0-9-]+", word)]


def places(paths, pattern):
    return [shown(path) for path in paths if re.search(pattern, path.read_text(encoding="utf-8"))]


rows = rows_of_the_table()
verdict("the table of checks has rows", [] if len(rows) > 80 else [f"{len(rows)} rows"])
planted = {row: (places(UNITS, rf'"{re.escape(row)}"'), places(LIVE, rf"(?<![\w.-]){re.escape(row)}(?![\w-])")) for row in rows}
if "-v" in sys.argv:
    for row, (units, live) in planted.items():
        print(f"# {row}: {', '.join(units)}; {', '.join(live) or 'in facts only'}")
verdict("every check is planted in facts once", [f"no test in tests/unit/admin plants '{row}'" for row, (units, _) in planted.items() if not units])
leave()
