#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests that can fail: rapidcheck only says whether a property holds, so the test must look at what it says; a test in Python
runs only if it is named to run_tests."""
import re

from house import leave, shown, sources, verdict

unheard = [f"{shown(path)}:{text[:found.start()].count(chr(10)) + 1}: put it into CHECK(...)"
           for path in sources("tests", suffixes=(".cpp",)) for text in [path.read_text()]
           for found in re.finditer(r"(?<!CHECK\()(?<!REQUIRE\()\brc::check\(", text)]
verdict("every property's answer is looked at", unheard)

unnamed = [f"{shown(path)}: {name[1]} is called by nothing"
           for path in sources("tests", suffixes=(".py",)) for text in [path.read_text()] if "run_tests(" in text
           for name in re.finditer(r"^def (\w+)\(", text, re.M) if len(re.findall(rf"\b{name[1]}\b", text)) == 1]
verdict("every test is run", [line for line in unnamed if "harness/" not in line])
leave()
