#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mailctl in front of a person: hidden prompts, questions, Ctrl-C and colour on a real pseudo-terminal.
MAILCTL_ROOT is a site to copy nothing from but its shape: every test works on a copy. See run.sh."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import pexpect
except ImportError:
    print("not ok cases terminal: python3-pexpect is not installed")
    sys.exit(1)

MAILCTL = os.environ["MAILCTL"]
TEMPLATE = os.environ["MAILCTL_ROOT"]
work = pathlib.Path(tempfile.mkdtemp(prefix="mailctl-terminal."))
root = work / "site"
failed = False


def quietly(*words, **settings):
    return subprocess.run([MAILCTL, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment(**settings))


def environment(**settings):
    return {**os.environ, "MAILCTL_ROOT": str(root), "TERM": "xterm", **settings}


def spawn(*words, **settings):
    return pexpect.spawn(MAILCTL, list(words), env=environment(**settings), encoding="utf-8", timeout=20, dimensions=(40, 100))


def status(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def domain_file():
    return (root / "etc/domains/example.org.toml").read_text()


def test(sentence):
    """Runs the function on a fresh copy of the site and prints its verdict."""
    def run(function):
        global failed
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(TEMPLATE, root, symlinks=True)
        quietly("apply", "-q")
        try:
            function()
            print(f"ok cases terminal: {sentence}")
        except (AssertionError, pexpect.ExceptionPexpect) as problem:
            failed = True
            print(f"not ok cases terminal: {sentence}")
            print("\n".join("#   " + line for line in f"{type(problem).__name__} {problem}".splitlines()[:12]))
    return run


@test("a password is asked for twice and never shown")
def _():
    child = spawn("mailbox", "password", "ann@example.org")
    child.expect_exact("Password for ann@example.org: ")
    child.sendline("correct horse")
    child.expect_exact("(again): ")
    child.sendline("correct horse")
    assert status(child) == 0, child.before
    assert "correct horse" not in child.before
    assert 'password = "{CRYPT}$y$' in domain_file()


@test("two passwords that differ change nothing")
def _():
    before = domain_file()
    child = spawn("mailbox", "password", "ann@example.org")
    child.expect_exact(": ")
    child.sendline("one")
    child.expect_exact("(again): ")
    child.sendline("two")
    assert status(child) == 4, child.before
    assert "differ" in child.before
    assert domain_file() == before


@test("Ctrl-C at the password prompt ends with status 130, and echo is on again")
def _():
    child = pexpect.spawn("bash", ["--norc", "-i"], env=environment(PS1="> "), encoding="utf-8", timeout=20, dimensions=(40, 100))
    child.sendline(f"{MAILCTL} mailbox password ann@example.org; echo status''=$?; stty -a | grep -ow -- '-*echo'")
    child.expect_exact("Password for ann@example.org: ")
    child.sendintr()
    child.expect_exact("status=130")
    child.expect(r"(-?echo)\s")
    assert child.match.group(1) == "echo"
    child.close(force=True)


@test("nobody is asked for the password of a mailbox that does not exist")
def _():
    child = spawn("mailbox", "password", "nobody@example.org")
    assert status(child) == 3, child.before
    assert "Password" not in child.before


@test("nobody is asked for a password of a mailbox that cannot be made")
def _():
    for address, wrong in (("ann@nosuch.example", 3), ("team@example.org", 4), ("pa!ul@example.org", 4)):
        child = spawn("mailbox", "create", address)
        assert status(child) == wrong, child.before
        assert "Password" not in child.before


@test("a question names what it is about, or counts it")
def _():
    child = spawn("mailbox", "delete", "ann@example.org", "bob@example.org", "--redirect-to", "info@bücher.example")
    child.expect_exact("delete 2 mailboxes, 'ann@example.org' and 'bob@example.org'? Their mail goes")
    child.sendline("n")
    assert status(child) == 1
    child = spawn("mailbox", "clear", "ann@example.org")
    child.expect_exact("remove 0 messages (0 B) of 'ann@example.org', for good? [y/N]")
    child.sendline("n")
    assert status(child) == 1
    child = spawn("history", "revert", "2")
    child.expect_exact("+++ ")
    child.expect_exact("revert change 2 (mailctl ")
    child.sendline("n")
    assert status(child) == 1


@test("a listing of nothing says so on a terminal, and a pipe gets nothing")
def _():
    child = spawn("candidate", "list")
    assert status(child) == 0
    assert child.before.strip() == "no candidate to show", child.before
    assert quietly("candidate", "list").stderr == ""


@test("deleting a mailbox asks, and yes deletes it")
def _():
    child = spawn("mailbox", "delete", "bob@example.org")
    child.expect_exact("[y/N] ")
    child.sendline("y")
    assert status(child) == 0, child.before
    assert "[mailbox.bob]" not in domain_file()


@test("anything but yes leaves the mailbox alone")
def _():
    for answer in ("", "n", "yessir"):
        child = spawn("mailbox", "delete", "bob@example.org")
        child.expect_exact("[y/N] ")
        child.sendline(answer)
        assert status(child) == 1, child.before
        assert "nothing was changed" in child.before
    assert "[mailbox.bob]" in domain_file()


@test("the question before deleting shows who refers to the mailbox")
def _():
    child = spawn("mailbox", "delete", "ann@example.org")
    child.expect_exact("[y/N] ")
    assert "team" in child.before, child.before
    child.sendline("n")
    assert status(child) == 1


@test("Ctrl-C at a question ends with status 130")
def _():
    child = spawn("mailbox", "delete", "bob@example.org")
    child.expect_exact("[y/N] ")
    child.sendintr()
    assert status(child) == 130, child.before
    assert "[mailbox.bob]" in domain_file()


@test("--yes asks nothing, and a dry run neither")
def _():
    assert status(spawn("mailbox", "delete", "bob@example.org", "--dry-run")) == 0
    assert "[mailbox.bob]" in domain_file()
    assert status(spawn("mailbox", "delete", "bob@example.org", "--yes")) == 0
    assert "[mailbox.bob]" not in domain_file()


@test("a domain is not deleted by answering, only by its name")
def _():
    child = spawn("domain", "delete", "example.org")
    assert status(child) == 2, child.before
    assert "--confirm=example.org" in child.before


@test("a table has colour on a terminal, and none with NO_COLOR, TERM=dumb or --no-color")
def _():
    def has_colour(*words, **settings):
        child = spawn("mailbox", "list", *words, **settings)
        assert status(child) == 0
        return "\x1b[" in child.before
    assert has_colour()
    assert not has_colour(NO_COLOR="1")
    assert not has_colour(TERM="dumb")
    assert not has_colour("--no-color")
    assert has_colour("--color=always", NO_COLOR="1")


@test("no editor that fails changes a domain, and one that saves does")
def _():
    before = domain_file()
    child = spawn("domain", "edit", "example.org", EDITOR="false")
    assert status(child) == 1, child.before
    assert domain_file() == before
    child = spawn("domain", "edit", "example.org", EDITOR="sed -i s/Ann/Anna/")
    assert status(child) == 0, child.before
    assert domain_file() == before.replace("Ann", "Anna")


@test("a text that is wrong may be edited again")
def _():
    before = domain_file()
    child = spawn("domain", "edit", "example.org", EDITOR="sed -i s/1.GiB/1.XiB/")
    child.expect_exact("edit it again? [Y/n] ")
    assert "mailbox.ann.quota" in child.before, child.before
    child.sendline("n")
    assert status(child) == 4, child.before
    assert domain_file() == before


@test("a text that leaves a mailbox out asks, and no leaves all as it is")
def _():
    before = domain_file()
    child = spawn("domain", "edit", "example.org", EDITOR="sed -i /mailbox.bob/,$d")
    child.expect_exact("'bob@example.org'")
    child.expect_exact("install it, and archive the mail? [y/N] ")
    child.sendline("n")
    child.expect_exact("edit it again? [Y/n] ")
    child.sendline("n")
    assert status(child) != 0, child.before
    assert domain_file() == before
    child = spawn("domain", "edit", "example.org", EDITOR="sed -i /mailbox.bob/,$d")
    child.expect_exact("install it, and archive the mail? [y/N] ")
    child.sendline("y")
    assert status(child) == 0, child.before
    assert "mailbox.bob" not in domain_file()


@test("an import shows how far it has come while it takes long, on a terminal only and not with -q")
def _():
    passwords = 50 * os.cpu_count()  # of some 20 ms each
    def output(*words, **settings):
        rows = "".join(f"user{number}@example.org,word {len(settings)} {len(words)} {number}\n" for number in range(passwords))
        (work / "plain.csv").write_text("address,password\n" + rows)
        child = spawn("import", str(work / "plain.csv"), *words, **settings)
        child.timeout = 300  # a busy machine takes long for so many hashes
        assert status(child) == 0, child.before
        return child.before
    shown = output()
    assert re.search(rf"hashing passwords \d+ of {passwords}, \d+/s, \d+ s left", shown), shown
    assert "\r\x1b[K" in shown, "the line stays"
    assert "hashing" not in output("-q")
    assert "hashing" not in output(TERM="dumb")
    done = quietly("import", str(work / "plain.csv"))
    assert done.returncode == 0 and "hashing" not in done.stderr, done.stderr


shutil.rmtree(work)
sys.exit(1 if failed else 0)
