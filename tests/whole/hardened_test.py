#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is installed is hardened: the programs of the release build, looked at from outside."""
import pathlib
import subprocess
import sys

from house import leave, verdict

release = pathlib.Path(sys.argv[1]).resolve().parent / "release"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout


def missing_from(program):
    headers, dynamic, symbols = output("readelf", "-hlW", program), output("readelf", "-dW", program), output("nm", program)
    if "Type:                              DYN" not in headers:
        yield "it is not position independent"
    if "GNU_RELRO" not in headers or "BIND_NOW" not in dynamic and " NOW" not in dynamic:
        yield "its relocations stay writable (-Wl,-z,relro,-z,now)"
    if "__glibcxx_assert_fail" not in symbols:
        yield "the library's assertions are off (-D_GLIBCXX_ASSERTIONS)"
    if "Machine:                           Advanced Micro Devices X86-64" in headers:
        first = [line for line in output("objdump", "-d", "--no-show-raw-insn", "--disassemble=main", program).splitlines() if ":\t" in line][:1]
        if not first or "endbr64" not in first[0]:
            yield "jumps may lead anywhere (-fcf-protection)"


def missing_from_objects(wanted):
    """Libraries of others are guarded by those who built them: this looks at ours alone."""
    needed = {library.name: output("nm", "-u", library) for library in sorted(release.glob("libmailctl_*.a"))}
    if not needed:
        yield f"no library of ours is in {release}"
    for name, symbols in needed.items():
        if wanted not in symbols.replace("__stack_chk_fail", "guard"):
            yield name


verdict("every floor guards its stack", list(missing_from_objects("guard")))
verdict("calls of the C library are checked", [] if len(list(missing_from_objects("_chk"))) < 6 else ["-D_FORTIFY_SOURCE=3 is missing"])
for name in ("mailctl", "mailctl-deliver"):
    program = release / name
    verdict(f"{name} is hardened", list(missing_from(program)) if program.exists() else [f"{program} has not been built"])
leave()
