#!/usr/bin/env python3
"""A file includes its own floor and those its floor links, never above; a .cpp includes its own header first."""
from house import PURE, ROOT, floor_of, includes, leave, links, shown, sources, verdict

reach = links()


def upward_includes():
    for path in sources("include", "src"):
        floor = floor_of(path)
        if floor not in reach:
            yield f"{shown(path)}: '{floor}' is no floor of CMakeLists.txt"
            continue
        for kind, name in includes(path):
            parts = name.split("/")
            if kind == '"' and (parts[0] != "mailctl" or len(parts) < 3):
                yield f"{shown(path)}: includes \"{name}\", not \"mailctl/FLOOR/NAME.hpp\""
            elif kind == '"' and parts[1] not in reach[floor]:
                yield f"{shown(path)}: floor '{floor}' does not link '{parts[1]}' ({name})"
            elif kind == "<" and parts[0] == "mailctl":
                yield f"{shown(path)}: includes <{name}> with angle brackets"


def own_header_not_first():
    for path in sources("src", suffixes=(".cpp",)):
        own = "/".join(("mailctl",) + path.relative_to(ROOT / "src").with_suffix(".hpp").parts)
        found = includes(path)
        if (ROOT / "include" / own).exists() and (not found or found[0] != ('"', own)):
            yield f"{shown(path)}: the first include must be \"{own}\""


def below_the_line():
    for floor in PURE:
        if reach[floor] - set(PURE):
            yield f"the pure floor '{floor}' links {sorted(reach[floor] - set(PURE))}"
    if reach["delivery"] & {"site", "change", "admin", "cli"}:
        yield "the delivery agent links the administrator's floors"


verdict("files include their own floor and those below", list(upward_includes()))
verdict("every source file includes its own header first", list(own_header_not_first()))
verdict("pure floors and the delivery agent link nothing above them", list(below_the_line()))
leave()
