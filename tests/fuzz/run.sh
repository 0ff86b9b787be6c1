#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target for SECONDS (default 20) from its seeds in corpus/NAME, in a fresh copy, and says `ok fuzz NAME` or
# `not ok fuzz NAME`. Finds stay in build/fuzz/finds/NAME. NAMES restricts the run: NAMES="toml_edit" tests/fuzz/run.sh 300
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${FUZZ_BUILD:-$root/build/fuzz}
seconds=${1:-20}

log=$(mktemp)
work=$(mktemp -d)
trap 'rm -rf "$log" "$work"' EXIT
names=${NAMES:-$(cd "$here" && ls *_fuzz.cpp | sed 's/_fuzz\.cpp$//')}
targets=$(for name in $names; do printf 'fuzz_%s ' "$name"; done)
if ! { cd "$root" && cmake --preset fuzz -B "$build" && cmake --build "$build" --target $targets; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "not ok fuzz build"
    exit 1
fi

fuzz_one() { # NAME
    name=$1 log=$work/$1.log dictionary=
    mkdir -p "$work/$name" "$build/finds/$name"
    [ -d "$here/corpus/$name" ] && cp -r "$here/corpus/$name/." "$work/$name/"
    [ -f "$here/$name.dict" ] && dictionary="-dict=$here/$name.dict"
    if "$build/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="$build/finds/$name/" $dictionary "$work/$name" >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "ok fuzz $name ($runs inputs in $seconds s)"
    else
        tail -n 40 "$log" >&2
        echo "not ok fuzz $name"
        touch "$work/failed"
    fi
}

# One target on each core.
for worker in $(seq "$(nproc)"); do
    for name in $names; do
        mkdir "$work/$name.taken" 2>/dev/null && fuzz_one "$name"
    done &
done
wait
[ ! -e "$work/failed" ]
