# SPDX-License-Identifier: Apache-2.0
"""A private mail site for tests: a directory of its own, the real binaries, an agent that is ended by pid.

Everything runs as the caller. Where that is root, `user` names the unprivileged account that owns the site and runs the agent,
because that is how a real site runs.
"""
import copy
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARIES = os.environ.get("MAILCTL_BIN", os.path.join(REPOSITORY, "build", "release"))
UNPRIVILEGED = "mail"
ALL_CORES = os.cpu_count() or 1  # for run_tests: tests that compute
WAITING = 2 * ALL_CORES  # tests that mostly wait for servers


class Failed(Exception):
    """A step of a test did not do what it must."""


def expect(condition, message):
    if not condition:
        raise Failed(message)


class Site:
    def __init__(self, user=None, settings=(), hostname="mx.test.example", postmaster="admin@one.example"):
        self.user = user if os.getuid() == 0 else None
        self.root = tempfile.mkdtemp(prefix="mailctl-test-")
        self.agent = None
        self.agent_errors = None
        self.patience = 120  # seconds that one command may take
        os.chmod(self.root, 0o755)
        if self.user:
            shutil.chown(self.root, self.user, pwd.getpwnam(self.user).pw_gid)
        self.mailctl("init", "--hostname", hostname, "--postmaster", postmaster)
        if settings:
            self.mailctl("config", "set", *settings)

    def copy(self):
        """Another site with the same files. Its agent, if it is to have one, must be started."""
        other = copy.copy(self)
        other.root = tempfile.mkdtemp(prefix="mailctl-test-")
        other.agent = other.agent_errors = None
        subprocess.run(["cp", "-a", self.root + "/.", other.root], check=True)
        return other

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.stop_agent()
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def command(self, program, *arguments):
        """argv that runs a binary of ours as the site's user."""
        argv = [os.path.join(BINARIES, program), *arguments]
        if self.user:
            account = pwd.getpwnam(self.user)
            argv = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", *argv]
        return argv

    def environment(self):
        sanitizers = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        return {"PATH": os.environ["PATH"], "MAILCTL_ROOT": self.root, "LC_ALL": "C.UTF-8", "HOME": self.root, **sanitizers}

    def mailctl(self, *arguments, stdin="", status=0):
        """Run mailctl; its standard output. Another exit status than `status` fails the test; None accepts any."""
        done = subprocess.run(self.command("mailctl", *arguments), input=stdin, text=True, capture_output=True,
                              env=self.environment(), timeout=self.patience)
        if status is not None and done.returncode != status:
            raise Failed(f"mailctl {' '.join(arguments)}: exit {done.returncode}, wanted {status}\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.mailctl(*arguments, "--json"))

    def json_of(self, *arguments, status):
        """The same where another exit status than 0 is expected."""
        return json.loads(self.mailctl(*arguments, "--json", status=status))

    def pipe(self, sender, recipients, message, environment=None):
        """One run of the pipe agent: (exit status, standard output)."""
        done = subprocess.run(self.command("mailctl-deliver", "pipe", "-f", sender, "--", *recipients), input=message,
                              capture_output=True, env={**self.environment(), **(environment or {})}, timeout=120)
        return done.returncode, done.stdout.decode(errors="replace")

    @property
    def socket(self):
        return self.path("run", "lmtp.sock")

    @property
    def policy_socket(self):
        return self.path("run", "policy.sock")

    def start_agent(self, wrapper=(), arguments=()):
        self.agent_errors = open(self.path("agent.stderr"), "ab+")
        self.agent = subprocess.Popen([*wrapper, *self.command("mailctl-deliver", "lmtp", *arguments)], env=self.environment(),
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.agent_errors)
        deadline = time.monotonic() + 30
        while "ready" not in self.agent_stderr():
            expect(self.agent.poll() is None, f"the agent ended: {self.agent_stderr()}")
            expect(time.monotonic() < deadline, f"the agent is not ready: {self.agent_stderr()}")
            time.sleep(0.01)
        return self.agent.pid

    def agent_stderr(self):
        with open(self.path("agent.stderr"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop_agent(self, how=signal.SIGTERM):
        if self.agent is None:
            return None
        if self.agent.poll() is None:
            self.agent.send_signal(how)
        status = self.agent.wait(timeout=60)
        self.agent = None
        self.agent_errors.close()
        os.unlink(self.path("agent.stderr"))
        return status

    def mailbox(self, address, folder=None):
        local, domain = address.rsplit("@", 1)
        return self.path("mail", domain, local, *([folder] if folder else []))

    def messages(self, address, folder=None):
        """Contents of all messages of a mailbox in new/ and cur/, oldest name first."""
        found = []
        for part in ("new", "cur"):
            directory = os.path.join(self.mailbox(address, folder), part)
            if os.path.isdir(directory):
                found += [os.path.join(directory, name) for name in os.listdir(directory)]
        return [open(path, "rb").read() for path in sorted(found, key=os.path.basename)]

    def append(self, name, text):
        with open(self.path(name), "a", encoding="utf-8") as file:
            file.write(text)

    def journal(self):
        with open(self.path("lib", "delivery.log"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def run_tests(suite, tests, side_by_side=1):
    """Run functions named like sentences; print `ok`/`not ok`; exit status for the shell. Arguments choose tests by words of their
    names. Side by side: so many at a time, each in a process of its own; for tests that share nothing."""
    import sys
    wanted = sys.argv[1:]
    chosen = [test for test in tests if not wanted or any(word in test.__name__ for word in wanted)]
    if not chosen:
        print(f"# {suite}: no test has {' or '.join(wanted)} in its name", file=sys.stderr)
    if side_by_side == 1:
        return max([run_test(suite, test) for test in chosen], default=0)
    waiting, running, failures = list(chosen), {}, 0
    while waiting or running:
        while waiting and len(running) < side_by_side:
            test = waiting.pop(0)
            output = tempfile.TemporaryFile("w+", encoding="utf-8")
            running[fork_test(suite, test, output)] = test, output
        process, status = os.wait()
        test, output = running.pop(process)
        output.seek(0)
        print(output.read() or f"not ok {suite} {test.__name__}: died with status {status}", end="", flush=True)
        failures += status != 0
    return 1 if failures else 0


def fork_test(suite, test, output):
    import sys
    process = os.fork()
    if process == 0:
        status = 1
        try:
            sys.stdout = output
            status = run_test(suite, test)
            output.flush()
        finally:
            os._exit(status)
    return process


def run_test(suite, test):
    import traceback
    name = test.__name__.replace("_", " ")
    try:
        test()
        print(f"ok {suite} {name}", flush=True)
        return 0
    except Exception:  # whatever went wrong, the other tests still run
        print(f"not ok {suite} {name}\n  # " + traceback.format_exc().replace("\n", "\n  # "), flush=True)
        return 1
