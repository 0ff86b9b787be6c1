# SPDX-License-Identifier: Apache-2.0
"""The figures of each benchmark, the target for each, and both as a table. Targets are ratios inside one run wherever a
peer does the same; where there is none they are times, memory or counts, and mean little on another machine."""
import collections
import csv
import json
import re
import statistics

BEGIN, END = "<!-- written by run.sh: do not edit -->", "<!-- end of what run.sh writes -->"


# Figures: a flat dictionary of numbers for each benchmark.

def medians(path, keys, values):
    groups = collections.defaultdict(list)
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for name, column in values.items():
                if row[column]:
                    groups[" ".join([row[key] for key in keys] + [name]).strip()].append(float(row[column]))
    return {name: statistics.median(found) for name, found in groups.items()}


def read_growth(text):
    groups = collections.defaultdict(list)
    for variant, size, rate in re.findall(r"^(\w+),(\d+),([\d.]+),", text, re.MULTILINE):
        groups[variant].append((int(size), float(rate)))
    figures = {}
    for variant, points in groups.items():
        first, last = [rate for _, rate in points[:3]], [rate for _, rate in points[-3:]]
        figures[f"{variant} slower"] = statistics.median(first) / statistics.median(last)
    return figures


def read_syscalls(text):
    return {f"{name} {what}": float(value) for name, all_calls, sync in re.findall(r"^\|([^|]+)\|(\d+)\|([\d.]+)\|", text, re.MULTILINE)
            for what, value in (("all", all_calls), ("sync", sync))}


def read_size(path):
    with open(path, encoding="utf-8") as file:
        sites = json.load(file)
    figures = {"largest": max(site["mailboxes"] for site in sites if site["domains"] > 1),
               "smallest": min(site["mailboxes"] for site in sites), "one domain": max([site["mailboxes"] for site in sites if site["domains"] == 1] or [0])}
    for site in sites:
        place = "one" if site["domains"] == 1 else str(site["mailboxes"])
        for what, runs in site["figures"].items():
            figures[f"{place} {what} s"] = statistics.median(wall for wall, _ in runs)
            figures[f"{place} {what} MB"] = max(megabytes for _, megabytes in runs)
    return figures


def read_bulk(text):
    figures = {}
    for what, wall, memory in re.findall(r"^\| (.+?) \| ([\d.]+) s \| .+? \| (\d+) MB \|$", text, re.MULTILINE):
        figures[f"{what} s"], figures[f"{what} MB"] = float(wall), float(memory)
    rows = re.search(r"^\| ([\d,]+) rows, ", text, re.MULTILINE)
    ratio = re.search(r"^([\d.]+) times as fast", text, re.MULTILINE)
    return figures | ({"rows": int(rows[1].replace(",", ""))} if rows else {}) | ({"hashing": float(ratio[1])} if ratio else {})


def read_objects(text):
    figures = {}
    for line in text.splitlines():
        if line.startswith("{"):
            found = json.loads(line)
            figures |= {f"{found['what']} {key}": value for key, value in found.items() if key != "what"}
    return figures


def read(stage, perf, text):
    if stage == "lmtp":
        return medians(f"{perf}/lmtp.csv", ("variant", "bytes", "rcpts", "c"),
                       {"rate": "deliv_per_s", "cpu": "server_cpu_us_per_deliv", "pss": "pss_kb"})
    if stage == "oneshot":
        return medians(f"{perf}/oneshot.csv", ("agent",), {"": "wall_ms"})
    if stage == "postfix":
        return medians(f"{perf}/postfix.csv", ("variant",), {"": "deliv_per_s"})
    if stage == "idle":
        found = re.search(r"connections (\d+), PSS [\d.]+ -> ([\d.]+) MB, NOOP p50 ([\d.]+) ms", text)
        return dict(zip(("connections", "MB", "ms"), map(float, found.groups()))) if found else {}
    if stage == "size":
        return read_size(f"{perf}/size.json")
    return {"growth": read_growth, "syscalls": read_syscalls, "bulk": read_bulk, "track": read_objects, "start": read_objects,
            "dns": read_objects, "dkim": read_objects}[stage](text)


# Targets.

Target = collections.namedtuple("Target", "name stage how unit sign limit")
Verdict = collections.namedtuple("Verdict", "value target met date load")


def ratio(above, below):
    return lambda figures: figures[above] / figures[below]


def lmtp_targets():
    floor, dovecot = "of the floor program's rate", "of Dovecot's rate (tuned)"
    for recipients, connections, times in ((1, 1, 3), (1, 8, 5), (1, 32, 6), (10, 8, 10), (10, 32, 15)):
        shape = f"4096 {recipients} {connections} rate"
        title = f"LMTP, 4 KiB, {recipients} recipient{'s' if recipients > 1 else ''}, c={connections}"
        yield Target(f"{title}, over Dovecot", "lmtp", ratio(f"mailctl {shape}", f"optimized-tuned {shape}"), dovecot, ">=", times)
        if recipients == 1:
            yield Target(f"{title}, over the floor", "lmtp", ratio(f"mailctl {shape}", f"floor {shape}"), floor, ">=", 0.9)


def at_largest(what, unit, scale=1.0):
    return lambda figures: figures[f"{figures['largest']} {what} {unit}"] * scale


def of_site(sizes, what):
    return lambda figures: figures[f"{figures[sizes[0]]} {what} s"] / figures[f"{figures[sizes[1]]} {what} s"]


TARGETS = (
    *lmtp_targets(),
    Target("LMTP, CPU of a 4 KiB delivery, c=8", "lmtp", lambda f: f["mailctl 4096 1 8 cpu"], "us", "<=", 300),
    Target("LMTP, memory at c=32", "lmtp", lambda f: f["mailctl 4096 1 32 pss"] / 1024, "MB", "<=", 12),
    Target("LMTP, syncs of a delivery to one", "syscalls", lambda f: f["mailctl sync"], "calls", "<=", 2),
    Target("LMTP, system calls of a delivery to one", "syscalls", lambda f: f["mailctl all"], "calls", "<=", 18),
    Target("LMTP, slower in a full mailbox", "growth", lambda f: f["mailctl slower"], "of the time in an empty one", "<=", 1.1),
    Target("LMTP, memory with 5,000 idle connections", "idle", lambda f: f["MB"], "MB", "<=", 80),
    Target("pipe, over `true`", "oneshot", lambda f: f["mailctl"] - f["true"], "ms", "<=", 0.9),
    Target("pipe, over `true`, against procmail", "oneshot", lambda f: (f["mailctl"] - f["true"]) / (f["procmail"] - f["true"]),
           "of procmail's time", "<=", 1.0),
    Target("drain of Postfix's queue, over virtual(8)", "postfix", ratio("mailctl", "virtual"), "of its rate", ">=", 0.75),
    Target("drain of Postfix's queue, over Dovecot", "postfix", ratio("mailctl", "lmtp-dovecot"), "of its rate", ">=", 2.5),
    Target("mailbox create, largest site over smallest", "size", of_site(("largest", "smallest"), "mailbox create"), "of its time", "<=", 1.5),
    Target("mailbox show, largest site", "size", at_largest("mailbox show", "s", 1000), "ms", "<=", 20),
    Target("explain, largest site", "size", at_largest("explain", "s", 1000), "ms", "<=", 20),
    Target("completion, largest site", "size", at_largest("completion of an address", "s", 1000), "ms", "<=", 20),
    Target("mailbox create, one domain", "size", lambda f: f["one mailbox create s"] * 1000, "ms", "<=", 250),
    Target("mailbox delete, one domain", "size", lambda f: f["one mailbox delete s"] * 1000, "ms", "<=", 170),
    Target("mailbox list, one domain", "size", lambda f: f["one mailbox list DOMAIN s"], "s", "<=", 0.3),
    Target("mailbox list, one domain, memory", "size", lambda f: f["one mailbox list DOMAIN MB"], "MB", "<=", 100),
    Target("map build, nothing to do, largest site", "size", at_largest("map build, nothing to do", "s"), "s", "<=", 0.2),
    Target("map check, largest site", "size", at_largest("map check", "s"), "s", "<=", 0.2),
    Target("check of everything but Maildirs, largest site", "size", at_largest("check, without Maildirs", "s"), "s", "<=", 30),
    Target("map build, all, over postmap", "size", lambda f: f[f"{f['largest']} map build, all s"] / f[f"{f['largest']} postmap of all tables s"],
           "of postmap's time", "<=", 3),
    Target("apply of everything, largest site", "size", at_largest("apply", "s"), "s", "<=", 20),
    Target("import, all changed, largest site", "size", at_largest("import, all changed", "s"), "s", "<=", 30),
    Target("import, all changed, largest site, memory", "size", at_largest("import, all changed", "MB"), "MB", "<=", 1536),
    Target("import of new accounts, Maildirs there", "bulk", lambda f: f["the export into another site, every Maildir there already s"], "s", "<=", 30),
    Target("import of new accounts, memory", "bulk", lambda f: f["the export into another site, every Maildir there already MB"], "MB", "<=", 1536),
    Target("import with nothing to change", "bulk", lambda f: f["the same file again: nothing to change s"], "s", "<=", 3),
    Target("hashing on all cores", "bulk", lambda f: f["hashing"], "of one core's rate", ">=", 1.8),
    Target("track update, 1,000,000 lines", "track", lambda f: f["update of a new database seconds"], "s", "<=", 1.5),
    Target("track update, over pflogsumm", "track", lambda f: f["pflogsumm's time over ours ratio"], "times as fast", ">=", 4.7),
    Target("dns check, 1,000 domains, over a plain loop", "dns", lambda f: f["dns check over the plain loop ratio"], "of its time", "<=", 10),
    Target("dns check, 1,000 domains", "dns", lambda f: f["dns check seconds"], "s", "<=", 5),
    Target("dns check, memory", "dns", lambda f: f["dns check memory_mb"], "MB", "<=", 100),
    Target("dkim rotate, 10,000 domains, nothing due", "dkim", lambda f: f["rotate, nothing due seconds"], "s", "<=", 2),
    Target("dkim rotate, 10,000 domains, all activated", "dkim", lambda f: f["rotate, all activated seconds"], "s", "<=", 120),
    Target("dkim rotate, memory", "dkim", lambda f: max(f[f"{what} memory_mb"] for what in ("rotate, all activated", "rotate, a tenth due, after kills")),
           "MB", "<=", 250),
    Target("dkim create, 100 RSA keys", "dkim", lambda f: f["create, RSA seconds"] / f["create, RSA domains"] * 1000, "ms a key", "<=", 250),
    Target("start: mailbox show", "start", lambda f: f["mailbox show times of true"] / f["mailbox show limit"], "of its limit", "<=", 1),
    Target("start: completion", "start", lambda f: f["completion of an address times of true"] / f["completion of an address limit"],
           "of its limit", "<=", 1),
)


def judge(stages):
    """By name, those that could be measured; a figure that is not there has no verdict."""
    verdicts = {}
    for target in TARGETS:
        stage = stages.get(target.stage, {"figures": {}})
        try:
            value = target.how(stage["figures"])
        except (KeyError, ZeroDivisionError):
            continue
        met = value >= target.limit if target.sign == ">=" else value <= target.limit
        verdicts[target.name] = Verdict(value, target, met, stage.get("date", ""), stage.get("load", 0))
    return verdicts


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(verdicts):
    lines = ["| what | target | figure | figure / target | | date, load |", "|---|---|---|---|---|---|"]
    for name, verdict in verdicts.items():
        target = verdict.target
        lines.append(f"| {name} | {target.sign} {number(target.limit)} {target.unit} | {number(verdict.value)} | {verdict.value / target.limit:.2f} | "
                     f"{'met' if verdict.met else '**missed**'} | {verdict.date}, {verdict.load:.1f} |")
    absent = [target.name for target in TARGETS if target.name not in verdicts]
    return "\n".join(lines) + (f"\n\nNot measured: {'; '.join(absent)}." if absent else "")


def write_results(path, verdicts, run, told):
    """Between the marks; what stands around them is somebody's."""
    with open(path, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    text = f"Machine: {run['machine']}. Dates and the load average stand with each figure.\n\n{table(verdicts)}\n"
    if told:
        text += "\n" + "\n".join(f"- {line}" for line in told) + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n{text}{END}{after}")
