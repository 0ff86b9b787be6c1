#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cases: what mailctl answers, one directory each: tests/cases/NOUN/WHAT-HAPPENS/.
#   cmd      bash, run in an empty directory with `mailctl` in PATH and MAILCTL_ROOT set to a private site
#   before/  files laid over the site first, as if edited by hand (absent: the site as `make_site` below makes it)
#   stdin    what the command reads (absent: nothing; never a terminal)
#   stdout, stderr, status   what it must answer (absent: nothing, 0)
#   after/   files of the site as they must be then
#   unchanged   (an empty file) the whole site says the same after as before: tests/harness/tree.py
# Paths, times and password hashes are replaced by ROOT, TIME and HASH before anything is compared.
#
#   tests/cases/run.sh [NOUN[/NAME]...]             MAILCTL=path to the program, or MAILCTL_BIN=its directory
#   tests/cases/run.sh --accept [NOUN[/NAME]...]    writes what was answered into the cases; look at the diff!
set -u
here=$(cd "$(dirname "$0")" && pwd)
MAILCTL=${MAILCTL:-${MAILCTL_BIN:-$here/../../build/release}/mailctl}
MAILCTL=$(realpath "$MAILCTL")
[ -x "$MAILCTL" ] || { echo "not ok cases: no program '$MAILCTL'" && exit 1; }
accept=no
[ "${1:-}" != --accept ] || { accept=yes && shift; }

# In memory where that can be: nothing here is about durability. Widths of columns depend on the length of the path: 22 letters here,
# and three more for each worker.
all=$(mktemp -d /dev/shm/mail-XXXXXXXX 2> /dev/null || mktemp -d /tmp/mail-cases-XXXXXX)
trap 'rm -rf "$all"' EXIT
mkdir "$all/bin"
ln -s "$MAILCTL" "$all/bin/mailctl"
unset TMPDIR MAILCTL_DOMAIN NO_COLOR VISUAL EDITOR
export PATH=$all/bin:$PATH SUDO_USER=admin TERM=xterm TZ=UTC LC_ALL=C.UTF-8

# use_work DIRECTORY: where the cases of one worker run.
use_work() {
    work=$1
    mkdir "$work" "$work/answer"
    export MAILCTL_ROOT=$work/site HOME=$work
    make_site && mv "$work/site" "$work/template"
}

# The site every case begins with. texthash needs no program of Postfix: the real indexes are tests/e2e's.
make_site() {
    mailctl init -q --hostname mx.example.org --postmaster admin@elsewhere.example &&
        mailctl config set -q maps.type=texthash &&
        mailctl domain create -q example.org --alias example.net &&
        mailctl domain create -q bücher.example &&
        mailctl mailbox create -q info@bücher.example --no-password &&
        mailctl catchall set -q bücher.example redirect:info@bücher.example &&
        mailctl mailbox create -q ann@example.org --name 'Ann B.' --quota 1G --alias sales --no-password &&
        mailctl mailbox create -q bob@example.org --no-password -m 'new colleague' &&
        mailctl forward create -q team@example.org ann someone@elsewhere.example &&
        mailctl banished add -q 'promo-*@example.org' --answer reject
}

normalise() {
    sed -E -e "s|$work/site|ROOT|g; s|$work|WORK|g" -e 's/[0-9]{8}T[0-9]{6}Z/TIME/g; s/[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+Z| [0-9]{2}:[0-9]{2}(:[0-9]{2})?)\b/TIME/g' \
        -e '/^warning: mail of this site belongs to root/d' -e 's/\{(CRYPT|ARGON2ID|BLF-CRYPT|SHA512-CRYPT)\}[$][A-Za-z0-9.\/$=,+-]+/{\1}HASH/g' -e 's/SRS0=[^=]+=[^=]+=/SRS0=HASH=DAY=/g; s/mailctl-edit-[A-Za-z0-9]{6}/mailctl-edit-XXXXXX/g' \
        -e 's/userdb_quota_storage_size=([0-9]+)B/userdb_quota_rule=*:bytes=\1/' # as Dovecot 2.4 has it, and 2.3
}

run_case() { # DIRECTORY
    local case=$1 status=0 input=/dev/null
    rm -rf "$work/site" "$work/here" && mkdir "$work/here"
    cp -a "$work/template" "$work/site"
    [ ! -d "$case/before" ] || cp -R "$case/before/." "$work/site/"
    [ ! -f "$case/stdin" ] || input=$case/stdin
    [ ! -f "$case/unchanged" ] || say_site > "$work/before"
    (cd "$work/here" && exec timeout 300 bash "$case/cmd") < "$input" > "$work/out" 2> "$work/err" || status=$?
    normalise < "$work/out" > "$work/answer/stdout"
    normalise < "$work/err" > "$work/answer/stderr"
    echo "$status" > "$work/answer/status"
}

say_site() { python3 "$here/../harness/tree.py" "$work/site"; }

# What of the answer differs from the case, as a diff.
differences() { # DIRECTORY
    local case=$1 name expected
    for name in stdout stderr status; do
        expected=$case/$name
        if [ ! -f "$expected" ]; then
            expected=$work/nothing
            if [ "$name" = status ]; then echo 0 > "$expected"; else : > "$expected"; fi
        fi
        diff -u --label "expected $name" --label "$name" "$expected" "$work/answer/$name"
    done
    [ ! -f "$case/unchanged" ] || diff -u --label "the site before" --label "the site after" "$work/before" <(say_site)
    [ -d "$case/after" ] || return
    (cd "$case/after" && find . -type f) | while read -r name; do
        diff -u --label "expected $name" --label "$name" "$case/after/$name" <(normalise < "$work/site/$name" 2>&1)
    done
}

accept_case() { # DIRECTORY
    local case=$1 name
    for name in stdout stderr; do
        if [ -s "$work/answer/$name" ]; then cp "$work/answer/$name" "$case/$name"; else rm -f "$case/$name"; fi
    done
    if [ "$(cat "$work/answer/status")" = 0 ]; then rm -f "$case/status"; else cp "$work/answer/status" "$case/status"; fi
    [ -d "$case/after" ] || return 0
    (cd "$case/after" && find . -type f) | while read -r name; do normalise < "$work/site/$name" > "$case/after/$name"; done
}

# Every worker takes the next case that nobody has taken, in a site of its own.
work_on() { # NUMBER
    local cmd case name problems
    use_work "$all/w$1" || { echo "not ok cases: the site cannot be made" && return; }
    while read -r cmd; do
        case=$(dirname "$cmd")
        name=${case#"$here/"}
        mkdir "$all/taken/${name//\//:}" 2> /dev/null || continue
        run_case "$case"
        [ $accept = no ] || accept_case "$case"
        problems=$(differences "$case" | sed 's/^/#   /')
        if [ -z "$problems" ]; then echo "ok cases $name"; else printf 'not ok cases %s\n%s\n' "$name" "$problems"; fi
    done < "$all/cases"
}

find "$here" -mindepth 3 -maxdepth 3 -name cmd | sort | while read -r cmd; do
    name=$(dirname "${cmd#"$here/"}")
    [ $# -gt 0 ] && [[ " $* " != *" $name "* && " $* " != *" ${name%%/*} "* ]] || echo "$cmd"
done > "$all/cases"
[ -s "$all/cases" ] || { echo "not ok cases: there is none of '$*'" && exit 1; }
mkdir "$all/taken"
for number in $(seq "$(nproc)" | head -n 9); do work_on "$number" > "$all/$number.results" & done
wait
cat "$all"/*.results

# The same program in front of a person: a real terminal, and real shells.
if [ $# -eq 0 ]; then
    use_work "$all/w0" || { echo "not ok cases: the site cannot be made" && exit 1; }
    {
        MAILCTL_ROOT=$work/template MAILCTL=$MAILCTL python3 "$here/terminal.py"
        MAILCTL=$MAILCTL "$here/../completion/run.sh"
    } | tee "$all/person.results"
fi
! grep -q '^not ok ' "$all"/*.results
