"""Which system calls a program makes, and how it behaves when one of them fails or when it is killed at it (strace)."""
import re
import subprocess
import tempfile

CALL = re.compile(r"^(?:\[pid +\d+\] |(\d+) +)?(\w+)\(")

# What each call may really answer on a bad day; the first is the usual one.
ERRORS = {
    "write": ("ENOSPC", "EIO"), "writev": ("ENOSPC", "EIO"), "pwrite64": ("ENOSPC", "EIO"), "pwritev": ("ENOSPC",),
    "fsync": ("EIO", "ENOSPC"), "fdatasync": ("EIO",), "close": ("EDQUOT", "EIO"), "openat": ("ENOSPC", "EMFILE"),
    "openat2": ("ENOSPC", "EIO"), "renameat2": ("EIO", "ENOSPC"), "rename": ("EIO",), "renameat": ("EIO",), "linkat": ("EDQUOT",),
    "mkdir": ("ENOSPC",), "mkdirat": ("ENOSPC",), "read": ("EIO",), "pread64": ("EIO",), "ftruncate": ("ENOSPC",),
    "fallocate": ("ENOSPC",), "mmap": ("ENOMEM",), "copy_file_range": ("ENOSPC",), "newfstatat": ("EIO",), "fstat": ("EIO",),
    "unlink": ("EIO",), "unlinkat": ("EIO",), "flock": ("EIO",), "msync": ("EIO",), "fchown": ("EIO",), "fchmod": ("EIO",),
    "getdents64": ("EIO",), "statx": ("EIO",), "sendto": ("EPIPE",), "recvfrom": ("ECONNRESET",),
}


def calls_after(lines, marker):
    """[(name, n)] for every call once a call that mentions `marker` was made; n counts from the start, per process or thread.

    What comes before is the dynamic loader's, which no program of ours can answer for.
    """
    seen, result, started = {}, [], set()
    for line in lines:
        match = CALL.match(line)
        if not match:
            continue
        thread, name = match[1], match[2]
        seen[thread, name] = seen.get((thread, name), 0) + 1
        if marker in line:
            started.add(thread)
        if thread in started or (started and thread is not None):
            result.append((name, seen[thread, name]))
    return list(dict.fromkeys(result))


def trace(argv, environment, marker, stdin=b"", follow=False, limit=60):
    """The calls of one run from the first that mentions `marker` on: see calls_after."""
    with tempfile.NamedTemporaryFile() as log:
        done = subprocess.run(["strace", *(["-f"] if follow else []), "-qq", "-s", "200", "-o", log.name, "-e", "signal=none", *argv],
                              input=stdin, capture_output=True, env=environment, timeout=limit)
        return calls_after(log.read().decode(errors="replace").splitlines(), marker), done


def run_with(argv, environment, injection, stdin=b"", limit=60):
    """Run under `strace -e inject=INJECTION`; the finished process (returncode < 0 or 128+n when killed)."""
    return subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", "inject=" + injection, *argv], input=stdin,
                          capture_output=True, env=environment, timeout=limit)


def faults(calls):
    """Injections for strace: every call failing in the ways of ERRORS."""
    return [f"{name}:error={error}:when={n}" for name, n in calls for error in ERRORS.get(name, ())]


def kills(calls):
    """Injections for strace: death at every call."""
    return [f"{name}:signal=SIGKILL:when={n}" for name, n in calls if name != "exit_group"]
