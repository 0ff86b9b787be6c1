#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/run.sh counts what can't be run as failed. It is run here on a house of cards: no compiler, suites of one line."""
import os
import pathlib
import shutil
import subprocess
import tempfile

from house import ROOT, leave, verdict

SUMMARY = "#!/bin/sh\necho '[doctest] test cases: {0} | {1} passed | {2} failed | {3} skipped'\nexit {4}\n"


class House:
    def __init__(self, folder):
        self.root = pathlib.Path(folder)
        self.write("tests/run.sh", (ROOT / "tests/run.sh").read_text())
        self.write("cmake/packages.sh", "build_packages=() test_packages=()\ninstall_packages() { :; }\n")
        self.write("bin/cmake", "#!/bin/sh\nexit ${CMAKE_SAYS:-0}\n")
        self.write("tests/unit/base/text_test.cpp", "")
        self.write("build/release/tests/unit_base", SUMMARY.format(3, 3, 0, 0, 0))
        self.write("tests/lmtp/run.sh", "#!/bin/sh\necho ok lmtp one\necho ok lmtp two\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(self, *suites, **environment):
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        done = subprocess.run([self.root / "tests/run.sh", *suites], capture_output=True, text=True, env={**os.environ, "PATH": path, **environment})
        return done.stdout.splitlines()[-1], done.returncode, done.stdout


def check(name, wanted, prepare=lambda house: None, suites=("unit", "lmtp"), **environment):
    """`wanted`: the last line; the exit status says the same."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(folder)
        prepare(house)
        last, status, output = house.run(*suites, **environment)
        good = last == wanted and (status == 0) == wanted.endswith(" 0 failed")
        verdict(f"tests/run.sh: {name}", [] if good else [f"exit {status}, '{last}', not '{wanted}'", *output.splitlines()])


check("cases of programs and lines of suites are added up", "5 passed, 0 failed")
check("a folder that is missing has failed", "3 passed, 1 failed", lambda house: shutil.rmtree(house.root / "tests/lmtp"))
check("a program of a floor that was not built has failed", "5 passed, 1 failed", lambda house: house.write("tests/unit/mail/srs_test.cpp", ""))
check("a skipped case has failed", "4 passed, 1 failed", lambda house: house.write("build/release/tests/unit_base", SUMMARY.format(2, 2, 0, 1, 0)))
check("failed cases are counted", "3 passed, 2 failed", lambda house: house.write("build/release/tests/unit_base", SUMMARY.format(3, 1, 2, 0, 1)))
check("a program that dies has failed", "2 passed, 1 failed", lambda house: house.write("build/release/tests/unit_base", "#!/bin/sh\nkill -9 $$\n"))
check("a suite without a result has failed", "3 passed, 1 failed", lambda house: house.write("tests/lmtp/run.sh", "#!/bin/sh\n"))
check("a suite that dies has failed", "5 passed, 1 failed", lambda house: house.write("tests/lmtp/run.sh", "#!/bin/sh\necho ok 1\necho ok 2\nexit 3\n"))
check("a suite nobody runs has failed", "5 passed, 1 failed", lambda house: house.write("tests/forgotten/run.sh", "#!/bin/sh\n"))
check("what is not built has failed", "0 passed, 3 failed", CMAKE_SAYS="1")
leave()
