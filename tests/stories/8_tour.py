#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tour of README, typed line by line as it stands there. What it says of a fresh site without servers holds too."""
import os
import re
import subprocess

from story import Story, expect

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../README.md")
# Lines that may end with another status, for nothing serves the site yet: findings.
FINDINGS = ("mailctl check",)


def tour():
    with open(PAGE, encoding="utf-8") as page:
        text = page.read()
    block = re.search(r"## A tour\n```\n(.*?)```", text, re.DOTALL).group(1)
    return [re.sub(r"\s+#.*", "", line) for line in block.splitlines()]


def type_in(line, environment):
    done = subprocess.run(["bash", "-uc", line], env=environment, cwd=environment["HOME"], capture_output=True, text=True, timeout=60)
    allowed = (0, 5) if line.startswith(FINDINGS) else (0,)
    expect(done.returncode in allowed, f"exit {done.returncode}\n{done.stdout}{done.stderr}")


with Story("tour") as story:  # for the programs and a home; the tour makes a site of its own
    home = story.site.path("home")
    os.mkdir(home)
    environment = {**story.site.environment(), "HOME": home}
    environment["PATH"] = os.path.dirname(story.site.command("mailctl")[-1]) + ":" + environment["PATH"]
    with open(os.path.join(home, "people.csv"), "w", encoding="ascii") as people:
        people.write("address,name\njohn@example.com,John\n")
    lines = tour()
    expect(lines[0].startswith("export MAILCTL_ROOT="), lines[0])
    environment["MAILCTL_ROOT"] = f"{home}/site"
    for line in lines[1:]:
        with story.step(line):
            if line.endswith("&"):
                agent = subprocess.Popen(["bash", "-c", "exec " + line.rstrip("& ")], env=environment, stderr=subprocess.PIPE, text=True)
                expect("ready" in agent.stderr.readline(), "the agent is not ready")
                agent.terminate()
                expect(agent.wait(20) == 0, "the agent does not end")
            else:
                type_in(line, environment)
