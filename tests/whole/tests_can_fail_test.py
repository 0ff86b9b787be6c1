#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests that can fail: rapidcheck only says whether a property holds, so the test must look at what it says."""
import re

from house import leave, shown, sources, verdict

unheard = [f"{shown(path)}:{text[:found.start()].count(chr(10)) + 1}: put it into CHECK(...)"
           for path in sources("tests", suffixes=(".cpp",)) for text in [path.read_text()]
           for found in re.finditer(r"(?<!CHECK\()(?<!REQUIRE\()\brc::check\(", text)]
verdict("every property's answer is looked at", unheard)
leave()
