# SPDX-License-Identifier: Apache-2.0
"""Which system calls a program makes (strace), and how it behaves when one of them fails or when it is killed at it (one_fault)."""
import atexit
import collections
import ctypes
import errno
import functools
import itertools
import os
import re
import shutil
import subprocess
import tempfile

CHILD_SUBREAPER = 36  # of prctl: orphans of our children become ours
CALL = re.compile(r"^(?:\[pid +\d+\] |(\d+) +)?(\w+)\(")

# What each call may really answer on a bad day; the first is the usual one.
ERRORS = {
    "write": ("ENOSPC", "EIO"), "writev": ("ENOSPC", "EIO"), "pwrite64": ("ENOSPC", "EIO"), "pwritev": ("ENOSPC",),
    "fsync": ("EIO", "ENOSPC"), "fdatasync": ("EIO",), "sync_file_range": ("EIO",), "syncfs": ("EIO",), "msync": ("EIO",), "close": ("EDQUOT", "EIO"),
    "open": ("ENOSPC", "EMFILE"), "openat": ("ENOSPC", "EMFILE"), "openat2": ("ENOSPC", "EIO"),
    "rename": ("EIO",), "renameat": ("EIO",), "renameat2": ("EIO", "ENOSPC"), "link": ("EDQUOT",), "linkat": ("EDQUOT",),
    "symlink": ("ENOSPC",), "symlinkat": ("ENOSPC",), "mknod": ("ENOSPC",), "mknodat": ("ENOSPC",),
    "mkdir": ("ENOSPC",), "mkdirat": ("ENOSPC",), "unlink": ("EIO",), "unlinkat": ("EIO",), "rmdir": ("EIO",),
    "read": ("EIO",), "readv": ("EIO",), "pread64": ("EIO",), "getdents64": ("EIO",), "readlink": ("EIO",), "readlinkat": ("EIO",),
    "truncate": ("EIO",), "ftruncate": ("ENOSPC",), "fallocate": ("ENOSPC",), "copy_file_range": ("ENOSPC",), "sendfile": ("EIO",),
    "mmap": ("ENOMEM",), "memfd_create": ("EMFILE",), "stat": ("EIO",), "lstat": ("EIO",), "fstat": ("EIO",),
    "newfstatat": ("EIO",), "statx": ("EIO",), "fstatfs": ("EIO",), "statfs": ("EIO",), "access": ("EIO",), "faccessat2": ("EIO",),
    "flock": ("EIO",), "fchown": ("EIO",), "fchownat": ("EIO",), "chown": ("EIO",), "chmod": ("EIO",), "fchmod": ("EIO",),
    "fchmodat": ("EIO",), "utimensat": ("EIO",), "sendto": ("EPIPE",), "recvfrom": ("ECONNRESET",), "sendmsg": ("EPIPE",),
    "recvmsg": ("ECONNRESET",), "pipe2": ("EMFILE",), "socket": ("EMFILE",), "socketpair": ("EMFILE",), "accept4": ("EMFILE",),
    "connect": ("ECONNREFUSED",), "clone3": ("EAGAIN",), "pidfd_open": ("EMFILE",), "epoll_create1": ("EMFILE",), "eventfd2": ("EMFILE",),
    "timerfd_create": ("EMFILE",), "fcntl lock": ("ENOLCK",), "fcntl copy": ("EMFILE",),
}
FCNTL = {"fcntl lock": re.compile(r"SETLKW?, .*F_(RD|WR)LCK"), "fcntl copy": re.compile(r"F_DUPFD")}

# Calls that can't fail where they are made by us, or whose failing is an ordinary answer (no terminal, no such lock).
HARMLESS = set("""
    alarm arch_prctl brk clock_gettime clock_nanosleep close_range dup dup2 epoll_ctl epoll_pwait epoll_wait exit exit_group
    fadvise64 fcntl futex getegid geteuid getgid getgroups getpeername getpid getppid getrandom getsockname getsockopt gettid
    getuid ioctl kill lseek madvise mincore mprotect mremap munmap pidfd_send_signal poll ppoll prctl prlimit64
    restart_syscall setitimer rseq rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait sched_getaffinity sched_yield setsockopt
    set_robust_list set_tid_address shutdown sigaltstack sysinfo tgkill timerfd_settime umask uname wait4 waitid
""".split())

# Calls after which a tree, or what a peer knows, may be another one than before; a child's work is its parent's.
CHANGES = set("""
    write writev pwrite64 pwritev rename renameat renameat2 link linkat symlink symlinkat mknod mknodat mkdir mkdirat unlink
    unlinkat rmdir truncate ftruncate fallocate copy_file_range sendfile splice chmod fchmod fchmodat chown fchown fchownat
    utimensat fsetxattr setxattr clone3 clone vfork wait4 waitid sendto sendmsg exit_group
""".split())
MAKES_A_FILE = re.compile(r"^open(at2?)?$"), re.compile(r"O_CREAT|O_TRUNC|O_TMPFILE")

# One call of a run: `number` counts those of its name from the start, in each process or thread for itself; `kind` is the key in
# ERRORS; `changes` says whether a tree may be another one after it.
Call = collections.namedtuple("Call", "name number kind changes")


def changes(name, line):
    return name in CHANGES or bool(MAKES_A_FILE[0].match(name) and MAKES_A_FILE[1].search(line))


def kind_of(name, line):
    return next((kind for kind, pattern in FCNTL.items() if name == "fcntl" and pattern.search(line)), name)


def calls_after(lines, marker):
    """The calls once a call that mentions `marker` was made.

    What comes before is the dynamic loader's, which no program of ours can answer for.
    """
    seen, result, started = {}, {}, set()
    for line in lines:
        match = CALL.match(line)
        if not match:
            continue
        thread, name = match[1], match[2]
        seen[thread, name] = seen.get((thread, name), 0) + 1
        if marker in line:
            started.add(thread)
        if thread in started or (started and thread is not None):
            key = (name, seen[thread, name])
            before = result.get(key, (name, False))
            result[key] = (before[0] if before[0] != name else kind_of(name, line), before[1] or changes(name, line))
    return [Call(*key, *about) for key, about in result.items()]


def trace(argv, environment, marker, stdin=b"", follow=False, limit=60):
    """The calls of one run from the first that mentions `marker` on: see calls_after."""
    with tempfile.NamedTemporaryFile() as log:
        done = subprocess.run(["strace", *(["-f"] if follow else []), "-qq", "-s", "200", "-o", log.name, "-e", "signal=none", *argv],
                              input=stdin, capture_output=True, env=environment, timeout=limit)
        return calls_after(log.read().decode(errors="replace").splitlines(), marker), done


@functools.cache
def one_fault():
    """The program of one_fault.c, built once by each test program."""
    folder = tempfile.mkdtemp(prefix="mailctl-fault-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = os.path.join(folder, "one_fault")
    subprocess.run(["cc", "-O1", "-o", program, os.path.join(os.path.dirname(__file__), "one_fault.c")], check=True)
    return program


@functools.cache
def numbers_of_calls():
    """As this machine's kernel knows them: "write" -> "1"."""
    defined = subprocess.run(["cc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null"], capture_output=True, text=True, check=True)
    return dict(re.findall(r"^#define __NR_(\w+) (\d+)$", defined.stdout, re.M))


def run_with(argv, environment, injection, stdin=b"", limit=60):
    """Run with one fault, as faults() and kills() spell it; the finished process (returncode < 0 or 128+n when killed). What the
    program had started, and could not wait for, is waited for here."""
    call, fault, when = injection.split(":")
    how = ("kill", "0") if fault == "signal=SIGKILL" else ("error", str(getattr(errno, fault.removeprefix("error="))))
    ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    done = subprocess.run([one_fault(), numbers_of_calls()[call], when.removeprefix("when="), *how, *argv],
                          input=stdin, capture_output=True, env=environment, timeout=limit)
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return done


def faults(calls):
    """Injections: every call that can fail fails once, the first of a name in the first way of ERRORS, the second in the next."""
    unknown = {call.kind for call in calls} - set(ERRORS) - HARMLESS
    if unknown:
        raise LookupError(f"can these calls fail? Say so in harness/syscalls.py: {', '.join(sorted(unknown))}")
    turns = {kind: itertools.cycle(ways) for kind, ways in ERRORS.items()}
    return [f"{call.name}:error={next(turns[call.kind])}:when={call.number}" for call in calls if call.kind in ERRORS]


def kills(calls):
    """Injections: death at every call that changes something, and after the last. In between nothing is new."""
    return [f"{call.name}:signal=SIGKILL:when={call.number}" for call in calls if call.changes]
