#!/usr/bin/env python3
"""Each public header compiles when it is the only one included, and may be included twice."""
import concurrent.futures
import os
import subprocess

from house import ROOT, leave, shown, sources, verdict

FLAGS = "-std=c++23 -DFMT_HEADER_ONLY -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ -".split()


def problems_of(header):
    line = f'#include "{header.relative_to(ROOT / "include")}"\n'
    compiled = subprocess.run([os.environ.get("CXX", "g++"), "-I", ROOT / "include", *FLAGS], input=line * 2, capture_output=True, text=True)
    return [] if compiled.returncode == 0 else compiled.stderr.splitlines()[:6]


headers = sources("include", suffixes=(".hpp",))
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
    for path, problems in zip(headers, workers.map(problems_of, headers)):
        verdict(f"{shown(path)} compiles alone", problems)
leave()
