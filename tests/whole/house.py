# SPDX-License-Identifier: Apache-2.0
"""The house as the tests of this folder see it: its source files, what they include, and its floors as CMake links them."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PURE = ["base", "model", "mail", "report", "routing", "config", "exchange"]


def sources(*folders, suffixes=(".hpp", ".cpp")):
    return sorted(p for f in folders for p in (ROOT / f).rglob("*") if p.suffix in suffixes)


def shown(path):
    return str(path.relative_to(ROOT))


def floor_of(path):
    """include/mailctl/FLOOR/..., src/FLOOR/...; a main file of src/ is a floor by its own name."""
    parts = path.relative_to(ROOT).parts
    return parts[2] if parts[0] == "include" else parts[1]


def includes(path):
    """What a file includes, in order: ('"', 'mailctl/base/text.hpp') or ('<', 'vector')."""
    return re.findall(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', path.read_text(), re.M)


def header(path, name):
    """The file that `#include "name"` in `path` reads: a floor's promise, or a header that stands beside its sources."""
    promised = ROOT / "include" / name
    return promised if name.startswith("mailctl/") else path.parent / name


def links():
    """floor -> every floor it may include, itself too: the DEPENDS lists of CMakeLists.txt, followed downwards."""
    cmake = (ROOT / "CMakeLists.txt").read_text()
    reach = {}
    for name, rest in re.findall(r"^mailctl_floor\((\w+)([^)]*)\)", cmake, re.M):
        depends = re.search(r"\bDEPENDS\s+((?:[a-z_]+\s*)+)", rest)
        reach[name] = {name}
        for below in depends.group(1).split() if depends else []:
            reach[name] |= reach[below]  # a floor that is not declared above this line is a KeyError: the order is the rule
    for main, floor in re.findall(r"^mailctl_program\(\S+ src/(\S+) FLOORS (\w+)(?: STATIC)?\)", cmake, re.M):
        reach[main] = reach[floor]
    return reach


def verdict(name, problems):
    """Prints the result line of one test and what is wrong."""
    print(("not ok " if problems else "ok ") + name)
    for problem in problems:
        print(f"#   {problem}")
    verdict.failed = verdict.failed or bool(problems)


verdict.failed = False


def leave():
    sys.exit(1 if verdict.failed else 0)
