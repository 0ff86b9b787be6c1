#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks one after another and writes RESULTS.md: see run.sh.

Each benchmark is a row of STAGES: what it needs, its command in short and in full, and where its figures lie afterwards.
What they mean, and which target each has to meet, is targets.py's. Figures of an earlier run (figures.json here) stay
for what is left out by --only, so that one benchmark can be repeated. Its exit status is 1 where a target is missed that
was met before, or a benchmark failed.
"""
import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
BIN = os.environ.get("MAILCTL_BIN", os.path.join(REPOSITORY, "build/release"))
PEERS = os.environ.get("BENCH_PEERS", os.path.join(REPOSITORY, "../shared/bench"))
PERF = os.environ.get("PERF", "/tmp/perf")
sys.path.insert(0, HERE)
import targets  # noqa: E402

PROGRAMS = {"dovecot": "/usr/sbin/dovecot", "postfix": "/usr/sbin/postfix", "procmail": "procmail", "maildrop": "maildrop", "fdm": "fdm",
            "pflogsumm": "pflogsumm", "nsd": "nsd", "strace": "strace", "gcc": "gcc"}
HEADERS = {"liburing-dev": "/usr/include/liburing.h"}  # which one of the peers' generators wants


class Stage:
    def __init__(self, name, full, quick, needs=(), peers=True, rounds=None):
        self.name, self.full, self.quick, self.needs, self.peers, self.rounds = name, full, quick, needs, peers, rounds

    def argv(self, options, present):
        words = list(self.quick if options.quick else self.full)
        if self.rounds:
            words += [self.rounds, str(options.rounds)]
        if self.name == "lmtp" and "dovecot" not in present:
            words += ["-v", ""]
        return [os.path.join(HERE, words[0]), *words[1:]]


STAGES = (
    Stage("start", ["start.py"], ["start.py"], peers=False),
    Stage("lmtp", ["lmtp.sh", "-s", "4096 65536"], ["lmtp.sh", "-s", "4096", "-k", "0.5"], ["gcc", "liburing-dev"], rounds="-n"),
    Stage("growth", ["growth.sh"], ["growth.sh", "-s", "0 1000"], ["dovecot", "gcc", "liburing-dev"]),
    Stage("syscalls", ["syscalls.sh"], ["syscalls.sh"], ["dovecot", "strace", "gcc", "liburing-dev"]),
    Stage("idle", ["idle.sh"], ["idle.sh", "1000"], ["gcc"], peers=False),
    Stage("oneshot", ["oneshot.sh", "-n", "50"], ["oneshot.sh", "-n", "20"], ["dovecot", "gcc"], rounds="-i"),
    Stage("postfix", ["postfix.sh", "-q"], ["postfix.sh", "-q", "-m", "1000"], ["dovecot", "postfix", "maildrop", "gcc", "liburing-dev"], rounds="-n"),
    Stage("size", ["size.py", "--big", "100000"], ["size.py", "--sizes", "10,1000,10000", "--big", "10000", "--rounds", "3"], ["postfix"], peers=False),
    Stage("bulk", ["bulk.py", "--rows", "1000000"], ["bulk.py", "--rows", "10000", "--errors", "10000", "--passwords", "100", "--rounds", "1"],
          peers=False),
    Stage("track", ["track.py", "1000000"], ["track.py", "100000"], ["pflogsumm"], peers=False),
    Stage("dns", ["dns.py", "1000"], ["dns.py", "100", "2"], ["nsd"], peers=False),
    Stage("dkim", ["dkim.py", "10000", "100"], ["dkim.py", "100", "4"], ["nsd"], peers=False),
)


def find_present():
    return {name for name, program in PROGRAMS.items() if shutil.which(program)} | {name for name, path in HEADERS.items() if os.path.exists(path)}


def missing(stage, present):
    lacking = [name for name in stage.needs if name not in present]
    if stage.peers and not os.path.isdir(PEERS):
        lacking.append(f"the peers' generators ({PEERS}; BENCH_PEERS names another place)")
    return lacking


def run_stage(stage, options, present, told):
    lacking = missing(stage, present)
    if lacking:
        told.append(f"{stage.name} is left out: {', '.join(lacking)} not here")
        return None
    print(f"== {stage.name}", flush=True)
    begin = time.time()
    done = subprocess.run(stage.argv(options, present), env=os.environ | {"PERF": PERF, "MAILCTL_BIN": BIN, "BENCH_PEERS": PEERS},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    with open(f"{PERF}/{stage.name}.log", "w", encoding="utf-8") as log:
        log.write(done.stdout)
    print(done.stdout[-2000:], flush=True)
    if done.returncode != 0:
        told.append(f"{stage.name} failed with {done.returncode}: {PERF}/{stage.name}.log")
    figures = targets.read(stage.name, PERF, done.stdout) if done.returncode == 0 else {}
    print(f"== {stage.name}: {time.time() - begin:.0f} s, {len(figures)} figures", flush=True)
    return figures if done.returncode == 0 else None


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    system = next((line.split("=")[1].strip().strip('"') for line in open("/etc/os-release", encoding="utf-8") if line.startswith("PRETTY_NAME")), "")
    store = subprocess.run(["findmnt", "-no", "FSTYPE", "-T", PERF], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return f"{os.cpu_count()} cores, {model}, {system}, kernel {platform.release()}, {store}"


def load_earlier():
    try:
        with open(f"{HERE}/figures.json", encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small and few: whether all of it runs; RESULTS.md stays as it is")
    parser.add_argument("--only", default="", help="names of benchmarks; all others keep their figures")
    parser.add_argument("--rounds", type=int, default=3, help="of those that go in turn with peers")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def main():
    options, present, told = parse_options(), find_present(), []
    if options.list:
        for stage in STAGES:
            print(f"{stage.name:10} {'needs ' + ', '.join(missing(stage, present)) if missing(stage, present) else 'can run'}")
        return 0
    if not os.path.exists(f"{BIN}/mailctl"):
        sys.exit(f"no '{BIN}/mailctl': cmake --preset release, ninja -C build/release, or MAILCTL_BIN=DIRECTORY")
    os.makedirs(PERF, exist_ok=True)
    for name in sorted({*PROGRAMS, *HEADERS} - present):
        told.append(f"{name} is not installed")
    wanted = options.only.split() or [stage.name for stage in STAGES]
    unknown = set(wanted) - {stage.name for stage in STAGES}
    if unknown:
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}: --list")
    run = {"load": os.getloadavg()[0], "date": time.strftime("%Y-%m-%d %H:%M"), "machine": machine()}
    stages = {} if options.quick else load_earlier()
    before = targets.judge(stages)
    for stage in STAGES:
        if stage.name in wanted:
            figures = run_stage(stage, options, present, told)
            if figures is not None:
                stages[stage.name] = {"figures": figures, "date": run["date"], "load": run["load"]}
    after = targets.judge(stages)
    print(targets.table(after) + "\n" + "\n".join(told))
    if not options.quick:
        with open(f"{HERE}/figures.json", "w", encoding="utf-8") as file:
            json.dump(stages, file, indent=1)
        targets.write_results(f"{HERE}/RESULTS.md", after, run, told)
        if "size" in wanted and os.path.exists(f"{PERF}/size.json"):
            with open(f"{HERE}/size.svg", "w", encoding="utf-8") as svg:
                subprocess.run([sys.executable, f"{HERE}/plot.py", f"{PERF}/size.json"], stdout=svg, check=True)
    worse = [name for name, verdict in after.items() if not verdict.met and before.get(name) and before[name].met]
    for name in worse:
        print(f"met before and missed now: {name}")
    return 1 if worse or any("failed" in line for line in told) else 0


if __name__ == "__main__":
    sys.exit(main())
