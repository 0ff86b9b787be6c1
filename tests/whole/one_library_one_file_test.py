#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each third-party library is included by one file, so that replacing it is one file's work. fmt may be anywhere. A library
with pure and impure functions (libsodium: an HMAC, random salts) may have one file on either side of the line."""
import re
from collections import defaultdict

from house import PURE, floor_of, includes, leave, shown, sources, verdict

# OpenSSL is two libraries under one name: what X.509 certificates say, and keys that sign.
SEVERAL_ROOMS = {"openssl": {"src/os/certificates.cpp", "src/os/signing_keys.cpp"}}
# Headers of the C library and the kernel that have no folder, or one of these.
SYSTEM_FOLDERS = {"sys", "arpa", "net", "netinet", "linux"}
SYSTEM_HEADERS = set("""
    dirent.h dlfcn.h endian.h err.h errno.h fcntl.h fnmatch.h glob.h grp.h iconv.h ifaddrs.h langinfo.h limits.h locale.h
    netdb.h poll.h pthread.h pwd.h sched.h shadow.h signal.h spawn.h stdio.h stdlib.h string.h sysexits.h syslog.h termios.h
    time.h unistd.h wchar.h
""".split())


def library_of(header):
    """The library a header belongs to; '' for the language's, the system's and fmt."""
    folder = header.split("/")[0]
    if "/" not in header:
        return "" if header in SYSTEM_HEADERS or not header.endswith((".h", ".hpp")) else re.sub(r"\.h(pp)?$", "", header)
    if folder in SYSTEM_FOLDERS | {"fmt"}:
        return ""
    return "boost " + header.split("/")[1].removesuffix(".hpp") if folder == "boost" else folder


users = defaultdict(lambda: {"pure": set(), "with effects": set()})
for path in sources("include", "src"):
    for kind, header in includes(path):
        if kind == "<" and library_of(header):
            side = "pure" if floor_of(path) in PURE else "with effects"
            users[library_of(header)][side].add(shown(path))

for library, sides in sorted(users.items()):
    crowd = [file for files in sides.values() if len(files) > 1 for file in sorted(files) if files != SEVERAL_ROOMS.get(library)]
    verdict(f"library '{library}' is included by one file", crowd)
if not users:
    verdict("third-party includes are found", ["none: this test looks in the wrong place"])
leave()
