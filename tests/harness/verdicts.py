# SPDX-License-Identifier: Apache-2.0
"""Many runs with one fault each, judged once for each tree that they leave.

Two faults that leave the same files, and after which the program ended alike, are one case: what readers see, and what the next
writer makes of it, follows from the files. So each kind of end is looked at once, and every fault is tried.
"""
import subprocess
from harness.site import expect
from harness.tree import digest, marks


def ending(done):
    """How a program ended: killed, or its exit status and whether it said why."""
    if done.returncode < 0 or done.returncode >= 128:
        return "killed"
    return f"exit {done.returncode}" + ("" if done.stderr.strip() else " without a word")


class Original:
    """A copy of a site as it was; `restore` brings it back, if anything but a lock was touched since, and prepares it."""

    def __init__(self, root, prepare=lambda: None):
        self.root, self.copy, self.prepare = root, root + ".before", prepare
        subprocess.run(["cp", "-a", root, self.copy], check=True)
        self.marks = None

    def restore(self):
        if self.marks is None or marks(self.root) != self.marks:
            subprocess.run(["rm", "-rf", self.root], check=True)
            subprocess.run(["cp", "-a", self.copy, self.root], check=True)
            self.prepare()
            self.marks = marks(self.root)

    def forget(self):
        subprocess.run(["rm", "-rf", self.copy], check=True)


class Verdicts:
    def __init__(self, root, judge):
        """`judge(done)` looks at the tree below `root` that a run left, and raises if it is not as it must be."""
        self.root, self.judge = root, judge
        self.found = {}  # what a run left -> what is wrong with it, or None

    def on(self, done, *seen):
        """The verdict about the tree as it is, after a program that ended so and of which `seen` was seen besides."""
        key = (digest(self.root), ending(done), *seen)
        if key not in self.found:
            self.found[key] = None
            try:
                self.judge(done, *seen)
            except Exception as problem:  # collected, so that one run shows all of them
                self.found[key] = str(problem) or type(problem).__name__
        return self.found[key]


def try_all(injections, run, at_least=50):
    """run(injection) gives what is wrong, or None. Every fault is tried and all that went wrong are told."""
    problems = [f"{injection}: {problem}" for injection in injections for problem in [run(injection)] if problem]
    expect(not problems, f"{len(problems)} of {len(injections)} faults went wrong:\n" + "\n".join(problems[:20]))
    expect(len(injections) > at_least, f"only {len(injections)} faults: the trace is too short for what was run")
