"""Which system calls a program makes, and how it behaves when one of them fails or when it is killed at it (strace)."""
import re
import subprocess
import tempfile

CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\(")


def trace(argv, environment, stdin=b"", limit=60):
    """The system calls of one run, in order, of the process itself (not its children)."""
    with tempfile.NamedTemporaryFile() as log:
        done = subprocess.run(["strace", "-qq", "-o", log.name, "-e", "signal=none", *argv], input=stdin,
                              capture_output=True, env=environment, timeout=limit)
        matches = [CALL.match(line) for line in log.read().decode(errors="replace").splitlines()]
    return [match[1] for match in matches if match], done


def ordinals(calls):
    """[(name, n)]: the n-th call of that name, for every call of the trace."""
    seen, result = {}, []
    for name in calls:
        seen[name] = seen.get(name, 0) + 1
        result.append((name, seen[name]))
    return result


def run_with(argv, environment, injection, stdin=b"", limit=60):
    """Run under `strace -e inject=INJECTION`; the finished process (returncode < 0 or 128+n when killed)."""
    return subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", "inject=" + injection, *argv], input=stdin,
                          capture_output=True, env=environment, timeout=limit)
