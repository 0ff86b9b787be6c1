#!/usr/bin/env bash
# Every test of mailctl on a fresh Debian 12: installs what is missing, builds, runs the suites, and ends with one line
# "N passed, N failed". A suite that dies without saying what failed counts as a failure. What failed is printed once more
# before that line, because few readers of a long log see its middle.
#
#   tests/run.sh [SUITE...]      suites: unit whole cases lmtp maps hostile faults e2e stories fuzz (default: these), and asan, lint
#
# unit and asan are the doctest programs, in the presets dev and asan. Every other suite is tests/SUITE/run.sh, which prints
# "ok NAME" and "not ok NAME" lines; `whole` looks at the dev build, fuzz has a build of its own and tries each target for
# some seconds, lint is clang-tidy, the others drive the programs of build/release.
set -u
cd "$(dirname "$0")/.." || exit 1
usual_suites=(unit whole cases lmtp maps hostile faults e2e stories fuzz)
all_suites=("${usual_suites[@]}" asan lint) # the last two build the house anew: run them by name
suite_limit=2400 # seconds; a suite that hangs is ended and counted as failed

for suite in "$@"; do
    case " ${all_suites[*]} " in
        *" $suite "*) ;;
        *) echo "tests/run.sh: no suite '$suite'; there are: ${all_suites[*]}" >&2 && exit 2 ;;
    esac
done
suites=("$@")
[ $# -gt 0 ] || suites=("${usual_suites[@]}")

log=$(mktemp -d /tmp/mailctl-tests.XXXXXX)
trap 'rm -rf "$log"' EXIT
passed=0 failed=0

say() { printf '%s\n' "$*"; }
fail() {
    say "not ok $1" | tee -a "$log/failures"
    failed=$((failed + 1))
}
# note_failures: of the result lines on standard input, the failed ones, each with the start of its account.
note_failures() { awk '/^(not )?ok / { failed = /^not/; lines = 0 } failed && lines++ < 60' >> "$log/failures"; }
finish() {
    [ ! -s "$log/failures" ] || { say "== failed" && cat "$log/failures"; }
    say "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}

# build PRESET: configured and built once; what the compiler said is shown only if it failed.
declare -A built
build() {
    [ -n "${built[$1]:-}" ] && return "${built[$1]}"
    echo "== building $1" >&2
    built[$1]=0
    { cmake --preset "$1" && cmake --build --preset "$1"; } > "$log/build" 2>&1 || built[$1]=1
    if [ "${built[$1]}" -ne 0 ]; then
        tail -n 100 "$log/build"
        fail "preset '$1' builds"
    fi
    return "${built[$1]}"
}

# run_doctest PROGRAM NAME: its test cases are counted from its own summary line.
run_doctest() {
    local status=0 good bad
    timeout -k 30 "$suite_limit" "$1" --no-colors > "$log/unit" 2>&1 || status=$?
    read -r good bad < <(sed -nE 's/^\[doctest\] test cases: *[0-9]+ *\| *([0-9]+) passed \| *([0-9]+) failed.*/\1 \2/p' "$log/unit")
    passed=$((passed + ${good:-0}))
    if [ "$status" -eq 0 ] && [ "${good:-0}" -gt 0 ]; then
        say "ok $2: $good cases"
        return
    fi
    cat "$log/unit"
    if [ "${bad:-0}" -gt 0 ]; then
        say "not ok $2: $bad of $((good + bad)) cases"
        { say "not ok $2" && sed -n '/^=====/,$p' "$log/unit"; } | note_failures
        failed=$((failed + bad))
    else
        fail "$2: ended with status $status without a result"
    fi
}

run_doctests() { # PRESET
    local program found=no
    for program in build/"$1"/tests/unit_*; do
        [ -x "$program" ] || continue
        found=yes
        run_doctest "$program" "$1 $(basename "$program")"
    done
    [ $found = yes ] || fail "preset '$1' has unit tests"
}

# run_script SUITE [ARGUMENT...]: tests/SUITE/run.sh, its lines shown as they come and counted.
run_script() {
    local suite=$1 status=0 bad
    shift
    [ -d "tests/$suite" ] || return 0 # not built yet
    timeout -k 30 "$suite_limit" "tests/$suite/run.sh" "$@" | tee "$log/suite"
    status=${PIPESTATUS[0]}
    passed=$((passed + $(grep -c '^ok ' "$log/suite")))
    bad=$(grep -c '^not ok ' "$log/suite")
    failed=$((failed + bad))
    note_failures < "$log/suite"
    [ "$bad" -gt 0 ] || [ "$status" -eq 0 ] || fail "$suite: ended with status $status without saying what failed"
    grep -q -E '^(not )?ok ' "$log/suite" || [ "$status" -ne 0 ] || fail "$suite: no result"
}

run_suite() {
    case $1 in
        unit) build dev && run_doctests dev ;;
        asan) build asan && run_doctests asan ;;
        lint) build lint && say "ok clang-tidy finds nothing" && passed=$((passed + 1)) ;;
        whole) build dev && run_script whole "$PWD/build/dev" ;;
        fuzz) run_script fuzz ;;
        *) build release && run_script "$1" ;;
    esac
}

. cmake/packages.sh
install_packages "${build_packages[@]}" "${test_packages[@]}" || {
    fail "packages can be installed"
    finish
}
# Paths are left out of the cache's keys, so that a second clone compiles nothing twice.
command -v ccache > /dev/null && export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export MAILCTL_BIN=$PWD/build/release
# Property tests look for new counterexamples in every run; one that fails prints its seed ("Using configuration: seed=N"),
# and RC_PARAMS=seed=N repeats it.
for suite in "${suites[@]}"; do
    began=$SECONDS
    echo "== $suite" >&2
    run_suite "$suite"
    echo "== $suite: $((SECONDS - began)) s" >&2
done
finish
