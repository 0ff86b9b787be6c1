#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types unfinished commands into bash, zsh and fish, presses TAB and reads the line back."""
import os
import pathlib
import shutil
import subprocess
import sys

try:
    import pexpect
except ImportError:
    print("not ok completion: python3-pexpect is not installed")
    sys.exit(1)

work = pathlib.Path(sys.argv[1])
(work / "only-directory").mkdir()
(work / "only-file").write_text("")

# what is typed, and what stands there after TAB (^ marks that no space follows)
CASES = [
    ("a noun", "mailctl mailb", "mailctl mailbox "),
    ("a verb", "mailctl mailbox cr", "mailctl mailbox create "),
    ("an option behind the verb", "mailctl mailbox create --dry", "mailctl mailbox create --dry-run "),
    ("an option before the noun", "mailctl --js", "mailctl --json "),
    ("the value of an option", "mailctl mailbox create --scheme bc", "mailctl mailbox create --scheme bcrypt "),
    ("the value behind '='", "mailctl mailbox create --scheme=bc", "mailctl mailbox create --scheme=bcrypt "),
    ("a domain", "mailctl domain show example.o", "mailctl domain show example.org "),
    ("an address", "mailctl mailbox show ann@example.o", "mailctl mailbox show ann@example.org "),
    ("the second address", "mailctl mailbox show bob@example.org ann@example.o", "mailctl mailbox show bob@example.org ann@example.org "),
    ("a key, with no space behind it", "mailctl mailbox set ann@example.org quo", "mailctl mailbox set ann@example.org quota="),
    ("a directory", f"mailctl --root {work}/only-d", f"mailctl --root {work}/only-directory/"),
    ("a file", f"mailctl mailbox create a --password-file {work}/only-f", f"mailctl mailbox create a --password-file {work}/only-file "),
]
failed = False


def verdict(shell, what, typed, wanted, got):
    global failed
    if got.rstrip("\0") == wanted:
        print(f"ok completion {shell}: {what}")
    else:
        failed = True
        print(f"not ok completion {shell}: {what}\n#   {typed!r} became {got!r}, not {wanted!r}")


def interactive(shell, command, setup):
    """A key prints the edited line between marks; TAB and that key are pressed for each case."""
    child = pexpect.spawn(command[0], command[1:], encoding="utf-8", timeout=20, dimensions=(50, 200), env=dict(os.environ, PS1="> "))
    for line in setup:
        child.sendline(line)
    child.sendline("echo rea''dy")
    child.expect("ready")
    for what, typed, wanted in CASES:
        child.send(typed + "\t")
        child.send("\x18\x0c")  # ^X^L
        child.expect(r"<<<(.*?)>>>")
        got = child.match.group(1)
        child.send("\x15")  # ^U: away with the line
        verdict(shell, what, typed, wanted, got)
    child.sendline("exit")
    child.close(force=True)


def bash():
    interactive("bash", ["bash", "--norc", "--noprofile", "-i"], [
        "bind 'set enable-bracketed-paste off'",
        "show_line() { printf '<<''<%s>''>>' \"$READLINE_LINE\"; }",
        "bind -x '\"\\C-x\\C-l\": show_line'",
        'eval "$(mailctl completion bash)"',
    ])


def zsh():
    interactive("zsh", ["zsh", "-f", "-i"], [
        "unset zle_bracketed_paste; setopt no_prompt_cr no_prompt_sp; bindkey -e",
        f"autoload -Uz compinit && compinit -u -d {work}/zcompdump",
        "show-line() { print -n -r -- '<<''<'\"$BUFFER\"'>''>>' }; zle -N show-line; bindkey '^X^L' show-line",
        'eval "$(mailctl completion zsh)"',
    ])


def fish():
    """fish answers what it would offer: `complete -C`."""
    for what, typed, wanted in CASES:
        script = f"mailctl completion fish | source; complete -C {typed!r}"
        result = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=60)
        offered = [line.split("\t")[0] for line in result.stdout.splitlines()]
        last = wanted.split(" ")[-1] or wanted.split(" ")[-2]
        got = wanted if offered == [last] else f"{offered} {result.stderr}"
        verdict("fish", what, typed, wanted, got)


for name, run in (("bash", bash), ("zsh", zsh), ("fish", fish)):
    if shutil.which(name) is None:
        failed = True
        print(f"not ok completion {name}: it is not installed")
        continue
    try:
        run()
    except (pexpect.TIMEOUT, pexpect.EOF) as problem:
        failed = True
        print(f"not ok completion {name}: no answer")
        print("\n".join("#   " + line for line in str(problem).splitlines()[:12]))
sys.exit(1 if failed else 0)
