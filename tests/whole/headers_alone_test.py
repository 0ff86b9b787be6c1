#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each header compiles when it is the only one included, and may be included twice.

Most of the work would be to read the same headers again for each. So the headers that many others include are compiled first, and
one that includes such a header, at whatever depth, begins with it: it gets nothing that it doesn't ask for itself.
"""
import concurrent.futures
import functools
import os
import subprocess
import tempfile

from house import ROOT, header, includes, leave, shown, sources, verdict

COMPILER = os.environ.get("CXX", "g++")
FLAGS = "-std=c++23 -DFMT_HEADER_ONLY -Wall -Wextra -Wpedantic -Werror -x".split()
COMPILED_FIRST = 8
headers = sources("include", "src", suffixes=(".hpp",))


@functools.cache
def reach(name):
    """All that a header includes, itself too."""
    path = ROOT / name
    if not path.exists():
        return {name}
    return {name}.union(*(reach(shown(header(path, below)) if kind == '"' else below) for kind, below in includes(path)))


def beginning(name, compiled):
    """Of the headers compiled first, the one that spares this header most."""
    return max((first for first in compiled if first in reach(name)), key=lambda first: len(reach(first)), default=None)


def spared(first, chosen):
    """How many headers needn't be read any more if `first` were compiled first as well."""
    now = [beginning(shown(path), chosen) for path in headers]
    return sum(max(0, len(reach(first)) - len(reach(before) if before else ())) for path, before in zip(headers, now)
               if first in reach(shown(path)))


def compiled_first(folder):
    """The headers worth it, each with what the compiler made of it; one that does not compile is left to its own test."""
    chosen = []
    for _ in range(COMPILED_FIRST):
        chosen.append(max((shown(path) for path in headers), key=lambda name: spared(name, chosen)))
    def compile_one(name):
        copy = os.path.join(folder, name.replace("/", "-"))
        with open(copy, "w", encoding="utf-8") as file:
            file.write(f'#include "{ROOT / name}"\n')
        done = subprocess.run([COMPILER, "-I", ROOT / "include", *FLAGS, "c++-header", copy, "-o", copy + ".gch"], capture_output=True)
        return copy if done.returncode == 0 else None
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        return {name: copy for name, copy in zip(chosen, workers.map(compile_one, chosen)) if copy}


def problems_of(path, compiled):
    name = shown(path)
    first = beginning(name, compiled)
    ready = ["-include", compiled[first], "-Winvalid-pch"] if first else []
    line = f'#include "{path}"\n'
    done = subprocess.run([COMPILER, "-I", ROOT / "include", *FLAGS, "c++", "-fsyntax-only", *ready, "-"], input=line * 2, capture_output=True, text=True)
    return [] if done.returncode == 0 else done.stderr.splitlines()[:6]


with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
    ready = compiled_first(folder)
    for path, problems in zip(headers, workers.map(lambda path: problems_of(path, ready), headers)):
        verdict(f"{shown(path)} compiles alone", problems)
leave()
