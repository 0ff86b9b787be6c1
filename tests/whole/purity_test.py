#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pure floors need no symbol that opens, waits, asks the clock, rolls dice or reads the environment; the delivery
agent needs none that asks the name service, which a statically linked program cannot load.
purity_test.py BUILD_DIRECTORY"""
import pathlib
import re
import subprocess
import sys

from house import PURE, leave, verdict

# Names of the C library as the linker sees them; 64 and @version suffixes are cut off before the comparison.
IMPURE = set("""
    open openat creat fopen fdopen freopen tmpfile mkstemp opendir readdir scandir read pread write pwrite
    stat lstat fstat fstatat statx access unlink unlinkat rename renameat link linkat symlink mkdir mkdirat rmdir chmod chown
    fsync fdatasync flock mmap ioctl isatty poll select epoll_wait
    socket connect bind listen accept accept4 send recv sendto recvfrom getaddrinfo gethostbyname res_query
    getenv secure_getenv setenv putenv environ setlocale
    clock_gettime gettimeofday time localtime localtime_r mktime tzset clock nanosleep usleep sleep
    rand srand random srandom rand_r drand48 getrandom getentropy arc4random
    fork vfork execve execv execvp posix_spawn posix_spawnp system popen kill getpid getuid geteuid getpwnam gethostname
    pthread_create syscall sodium_init
""".split())
IMPURE_PREFIXES = (
    "randombytes",                              # libsodium
    "_ZNSt13random_device",                     # std::random_device
    "_ZNSt13basic_filebuf", "_ZNSt14basic_ifstream", "_ZNSt14basic_ofstream", "_ZNSt13basic_fstream",
    "_ZNSt10filesystem", "_ZNKSt10filesystem",  # any call into std::filesystem; its path class alone needs none
    "_ZNSt6chrono3_V212system_clock3now", "_ZNSt6chrono3_V212steady_clock3now",
    "_ZSt4cout", "_ZSt4cerr", "_ZSt3cin",
    "_ZN5boost", "mdb_", "sqlite3_",
)

NAME_SERVICE = set("getpwnam getpwnam_r getpwuid getpwuid_r getgrnam getgrnam_r getgrgid getgrgid_r getaddrinfo getnameinfo".split())


def impure_symbols(library, impure=IMPURE, prefixes=IMPURE_PREFIXES):
    listing = subprocess.run(["nm", "-u", library], check=True, capture_output=True, text=True).stdout
    where = ""
    for line in listing.splitlines():
        if line.endswith(":"):
            where = line.rstrip(":")
        symbol = line.split()[-1] if line.startswith(" ") else ""
        plain = re.sub(r"(64)?(@.*)?$", "", symbol)
        if plain in impure or symbol.startswith(prefixes):
            yield f"{where} needs {symbol}"


build = pathlib.Path(sys.argv[1])
for floor in PURE:
    library = build / f"libmailctl_{floor}.a"
    missing = [] if library.exists() else [f"{library} has not been built"]
    verdict(f"floor '{floor}' is pure", missing or list(impure_symbols(library)))
for floor in ("os", "maildir", "store", "delivery"):
    found = list(impure_symbols(build / f"libmailctl_{floor}.a", NAME_SERVICE, ()))
    verdict(f"floor '{floor}' leaves names to name_service", found)
leave()
