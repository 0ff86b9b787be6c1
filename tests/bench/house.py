#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How large the house is, at any commit: sources, headers, lines, the median file and function, and how many files know a key of an account.

    tests/bench/house.py [COMMIT...]        a table in Markdown, a column for each (default: HEAD)

Read from git, so no commit has to be checked out or built. A function is counted from the line of its opening brace to that of its closing one,
as clang-format lays them out: the line ends in '{', the definition has a parameter list, and the closing brace has the same indentation.
A file "knows" a key when it has the key's name as a word of code, comments left out.
"""
import re
import statistics
import subprocess
import sys

KEYS = ["copy_to", "recovery"]  # of accounts; a name of nothing else
CONTROL = re.compile(r"^\s*(if|for|while|switch|else|do|catch|try|return|namespace|struct|class|enum|union|extern)\b")


def git(*words):
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout


def texts(commit, folder, ends):
    names = [name for name in git("ls-tree", "-r", "--name-only", commit, folder).split("\n") if name.endswith(ends)]
    listing = "".join(f"{commit}:{name}\n" for name in names)
    out = subprocess.run(["git", "cat-file", "--batch"], input=listing.encode(), check=True, capture_output=True).stdout
    found, at = {}, 0
    for name in names:
        end = out.index(b"\n", at)
        size = int(out[at:end].split()[2])
        found[name] = out[end + 1:end + 1 + size].decode()
        at = end + 2 + size
    return found


def functions(text):
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.endswith("{") or CONTROL.match(line) or line.lstrip().startswith(("//", "}", "[")):
            continue
        if not re.search(r"\)[\w\s:&,(){}>*-]*\{$", line) or "](" in line or "] {" in line:  # a lambda is part of its function
            continue
        closing = line[:len(line) - len(line.lstrip())] + "}"
        for end in range(number + 1, len(lines)):
            if lines[end] == closing:
                yield end - number + 1
                break


def code_of(text):
    return re.sub(r"//[^\n]*", "", text)


def column(commit):
    sources = texts(commit, "src", ".cpp")
    headers = {**texts(commit, "src", ".hpp"), **texts(commit, "include", ".hpp")}
    ours = {**sources, **headers}
    tests = {**texts(commit, "tests", (".cpp", ".hpp", ".py", ".sh"))}
    sizes = [text.count("\n") for text in ours.values()]
    lengths = sorted(length for text in ours.values() for length in functions(text))
    rows = {"sources": len(sources), "headers": len(headers),
            "of them beside their sources": sum(name.startswith("src/") for name in headers),
            "lines of sources and headers": sum(sizes), "lines of tests and their harness": sum(text.count("\n") for text in tests.values()),
            "median file (lines)": int(statistics.median(sizes)), "longest file": max(sizes),
            "functions of two lines and more": len(lengths), "median function (lines)": int(statistics.median(lengths)),
            "nine of ten functions have at most": lengths[len(lengths) * 9 // 10], "functions over 30 lines": sum(length > 30 for length in lengths)}
    for key in KEYS:
        knows = re.compile(rf"(?<![\w]){key}(?![\w])")
        rows[f"files that know `{key}`"] = sum(bool(knows.search(code_of(text))) for text in ours.values())
    return rows


def main():
    commits = sys.argv[1:] or ["HEAD"]
    names = [git("log", "-1", "--format=%h, %cs", commit).strip() for commit in commits]
    columns = [column(commit) for commit in commits]
    print("| | " + " | ".join(names) + " |\n|---|" + "---|" * len(commits))
    for row in columns[0]:
        print(f"| {row} | " + " | ".join(f"{each[row]:,}" for each in columns) + " |")


main()
