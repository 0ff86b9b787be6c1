#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A file includes its own floor and those its floor links, never above; a .cpp includes its own header first."""
from collections import defaultdict

from house import PURE, ROOT, floor_of, header, includes, leave, links, shown, sources, verdict

reach = links()


def upward_includes():
    for path in sources("include", "src"):
        floor = floor_of(path)
        if floor not in reach:
            yield f"{shown(path)}: '{floor}' is no floor of CMakeLists.txt"
            continue
        for kind, name in includes(path):
            parts = name.split("/")
            if kind == '"' and len(parts) == 1:
                if path.is_relative_to(ROOT / "include"):
                    yield f"{shown(path)}: what other floors read includes \"{name}\", which is its floor's own"
                elif not header(path, name).exists():
                    yield f"{shown(path)}: no \"{name}\" stands beside it"
            elif kind == '"' and (parts[0] != "mailctl" or len(parts) < 3):
                yield f"{shown(path)}: includes \"{name}\", not \"mailctl/FLOOR/NAME.hpp\""
            elif kind == '"' and parts[1] not in reach[floor]:
                yield f"{shown(path)}: floor '{floor}' does not link '{parts[1]}' ({name})"
            elif kind == "<" and parts[0] == "mailctl":
                yield f"{shown(path)}: includes <{name}> with angle brackets"


def own_header_not_first():
    for path in sources("src", suffixes=(".cpp",)):
        promised = "/".join(("mailctl",) + path.relative_to(ROOT / "src").with_suffix(".hpp").parts)
        beside = path.with_suffix(".hpp").name
        own = promised if (ROOT / "include" / promised).exists() else beside
        found = includes(path)
        if header(path, own).exists() and (not found or found[0] != ('"', own)):
            yield f"{shown(path)}: the first include must be \"{own}\""


def room(path):
    """The folder below include/mailctl/ or src/ that a file is in."""
    return path.relative_to(ROOT / ("include/mailctl" if path.is_relative_to(ROOT / "include") else "src")).parent


def read_in_its_room_alone():
    """include/ is what floors promise each other: a header that only its own folder (and its test) reads isn't there."""
    readers = defaultdict(set)
    for path in sources("include", "src", "tests"):
        for kind, name in includes(path):
            if kind == '"' and name.startswith("mailctl/"):
                readers[header(path, name)].add(path)
    for template in ROOT.glob("cmake/*.in"):
        for _, name in includes(template):
            readers[header(template, name)].add(template)
    def is_promise(path, on_the_way=()):
        return any(not reader.is_relative_to(ROOT / "include") and not reader.is_relative_to(ROOT / "src")
                   and not reader.is_relative_to(ROOT / "tests/unit" / floor_of(path))
                   or reader.is_relative_to(ROOT / "src") and room(reader) != room(path)
                   or reader.is_relative_to(ROOT / "include") and (room(reader) != room(path) or reader not in on_the_way
                                                                   and is_promise(reader, (*on_the_way, path)))
                   for reader in readers[path])
    for path in sources("include"):
        if not is_promise(path):
            yield f"{shown(path)}: only its own folder reads it: it stands beside its source"


def below_the_line():
    for floor in PURE:
        if reach[floor] - set(PURE):
            yield f"the pure floor '{floor}' links {sorted(reach[floor] - set(PURE))}"
    if reach["delivery"] & {"site", "change", "admin", "cli"}:
        yield "the delivery agent links the administrator's floors"


verdict("files include their own floor and those below", list(upward_includes()))
verdict("include/ holds what floors promise each other", list(read_in_its_room_alone()))
verdict("every source file includes its own header first", list(own_header_not_first()))
verdict("pure floors and the delivery agent link nothing above them", list(below_the_line()))
leave()
