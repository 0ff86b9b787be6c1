#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every test of mailctl on a fresh Debian 12: installs what is missing, builds, runs the suites, and ends with one line
# "N passed, N failed". What can't be run has failed: a suite that is missing, dies without saying what failed or has no result,
# and a test that is skipped. What failed is printed once more before that line, because few readers of a long log see its middle.
#
#   tests/run.sh [SUITE...]      suites: unit whole cases screens lmtp maps dns nodes foreign hostile faults e2e stories fuzz (default: these), and asan, lint, package, debian
#
# unit and asan are the doctest programs; those of unit stand on the very objects that are installed. Every other suite is
# tests/SUITE/run.sh, which prints "ok NAME" and "not ok NAME" lines; fuzz has a build of its own and tries each target for
# some seconds, lint is clang-tidy, the others drive the programs of build/release. All is built first.
# MAILCTL_TEST_PRESET=dev tests build/dev instead: quicker to build, slower to run.
set -u
cd "$(dirname "$0")/.." || exit 1
# The first row computes, each suite on all cores; beside it two rows that mostly wait for servers, as long as each other.
# The last one builds the house anew: run its suites by name.
rows=("unit whole cases screens foreign faults fuzz" "lmtp maps dns hostile" "nodes e2e stories" "asan lint package debian")
read -ra all_suites <<< "${rows[*]}"
read -ra usual_suites <<< "${rows[*]:0:3}"
parts_of_suites=" completion " # folders with a run.sh that a suite calls
no_suites=" bench "            # and those whose run.sh measures, which is no test
suite_limit=2400               # seconds; a suite that hangs is ended and counted as failed; of `debian`, which has suites in it, three times that
cores=$(nproc)
driven=${MAILCTL_TEST_PRESET:-release}

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

presets_of() { # SUITE
    case $1 in
        whole) echo release "$driven" ;; # how the release is made is looked at, whatever is driven
        asan | lint | fuzz) echo "$1" ;;
        package | debian) ;; # has a build of its own, as Debian makes it
        *) echo "$driven" ;;
    esac
}

# build PRESET: configured and built once; the compiler's progress is shown, and what it said once more if it failed.
build() {
    local target=() tests=OFF
    case $1 in
        asan) tests=ON ;;
        fuzz) target=(--target fuzz) ;;
        "$driven") [[ ! " ${suites[*]} " =~ \ (unit|faults)\  ]] || tests=ON ;; # faults need a program that stands beside those of unit
    esac
    echo "== building $1" >&2
    if { cmake --preset "$1" -DMAILCTL_TESTS=$tests && cmake --build --preset "$1" "${target[@]}"; } 2>&1 | tee "$log/build-$1" >&2; [ "${PIPESTATUS[0]}" -eq 0 ]; then
        touch "$log/$1.built"
    else
        echo "not ok preset '$1' builds"
        tail -n 100 "$log/build-$1" | sed 's/^/#   /'
    fi
}

# A doctest program counts its cases itself, also those it skipped.
run_doctest() { # PROGRAM NAME
    local status=0 name=$2 good bad skipped output
    output=$(timeout -k 30 "$suite_limit" "$1" --no-colors 2>&1) || status=$?
    read -r good bad skipped < <(sed -nE 's/^\[doctest\] test cases: *[0-9]+ *\| *([0-9]+) passed \| *([0-9]+) failed \| *([0-9]+) skipped.*/\1 \2 \3/p' <<< "$output")
    if [ "$status" -eq 0 ] && [ "${good:-0}" -gt 0 ] && [ "${skipped:-1}" -eq 0 ]; then
        echo "ok $name: $good cases"
    elif [ $((${bad:-0} + ${skipped:-0})) -gt 0 ]; then
        printf 'not ok %s: %d of %d cases failed or were skipped\n%s\n' "$name" $((bad + skipped)) $((good + bad + skipped)) "$(sed -n '/^=====/,$p' <<< "$output")"
        [ "$good" -eq 0 ] || echo "ok $name: $good cases"
    else
        printf 'not ok %s: ended with status %d without a result\n%s\n' "$name" "$status" "$output"
    fi
}
export -f run_doctest
export suite_limit

run_doctests() { # PRESET
    local program wanted
    wanted=$(find tests/unit -name '*_test.cpp' -printf '%h\n' | sort -u | sed 's|.*/|unit_|')
    for program in $wanted; do
        [ -x "build/$1/tests/$program" ] || echo "not ok preset '$1' has $program"
    done
    printf '%s\n' build/"$1"/tests/unit_* | PRESET=$1 xargs -P "$cores" -I '{}' bash -c 'run_doctest "$1" "$PRESET ${1##*/}"' - '{}'
}

# Prints the suite's result lines. They are shown when it has ended, because others print meanwhile.
run_suite() { # SUITE
    local preset
    for preset in $(presets_of "$1"); do
        if [ ! -e "$log/$preset.built" ]; then
            echo "not ok $1: there is no build of preset '$preset'"
            return
        fi
    done
    case $1 in
        unit | asan) run_doctests "$preset" ;;
        lint) echo "ok clang-tidy finds nothing" ;;
        whole) run_script whole "$PWD/build/$driven" ;;
        *) run_script "$1" ;;
    esac
}

run_script() { # SUITE [ARGUMENT...]
    local suite=$1 status limit=$suite_limit
    shift
    [ "$suite" != debian ] || limit=$((3 * suite_limit))
    if [ ! -x "tests/$suite/run.sh" ]; then
        echo "not ok $suite: tests/$suite/run.sh is missing"
        return
    fi
    timeout -k 30 "$limit" "tests/$suite/run.sh" "$@" | tee "$log/$suite.said"
    status=${PIPESTATUS[0]}
    grep -q '^not ok ' "$log/$suite.said" || [ "$status" -eq 0 ] || echo "not ok $suite: ended with status $status without saying what failed"
    grep -qE '^(not )?ok ' "$log/$suite.said" || [ "$status" -ne 0 ] || echo "not ok $suite: no result"
}

run_suites() { # SUITE...
    local suite began cpu TIMEFORMAT='%U %S'
    for suite in "$@"; do
        echo "== $suite" >&2
        began=$SECONDS
        { time run_suite "$suite" > "$log/$suite.results" 2> "$log/$suite.errors"; } 2> "$log/$suite.cpu"
        cpu=$(awk '{ printf "%d", $1 + $2 }' "$log/$suite.cpu")
        flock "$log" sh -c 'cat "$1.errors" >&2; cat "$1.results"' - "$log/$suite"
        echo "== $suite: $((SECONDS - began)) s, $cpu s of CPU" >&2
    done
}

# Of the result lines on standard input, the failed ones, each with the start of its account.
failures() { awk '/^(not )?ok / { failed = /^not/; lines = 0 } failed && lines++ < 60'; }

# A line "NAME: N cases" stands for N results.
count() { # PATTERN
    cat "$log"/*.results | sed -nE "s/^$1 .*: ([0-9]+) (of [0-9]+ )?cases.*/\\1/p; t; s/^$1 .*/1/p" | awk '{ sum += $1 } END { print sum + 0 }'
}

. cmake/packages.sh
{
    for script in tests/*/run.sh; do
        [ -e "$script" ] || continue
        name=$(basename "$(dirname "$script")")
        [[ " ${all_suites[*]} $parts_of_suites $no_suites " == *" $name "* ]] || echo "not ok $script is in no suite"
    done
    install_packages "${build_packages[@]}" "${test_packages[@]}" || echo "not ok packages can be installed"
    for preset in $(for suite in "${suites[@]}"; do presets_of "$suite"; done | tr ' ' '\n' | awk '!seen[$0]++'); do build "$preset"; done
} > "$log/before.results"
cat "$log/before.results"

export MAILCTL_BIN=$PWD/build/$driven
# Property tests look for new counterexamples in every run; one that fails prints its seed ("Using configuration: seed=N"),
# and RC_PARAMS=seed=N repeats it.
for row in "${rows[@]}"; do
    chosen=()
    for suite in $row; do [[ " ${suites[*]} " != *" $suite "* ]] || chosen+=("$suite"); done
    run_suites "${chosen[@]}" &
done
wait

cat "$log"/*.results | failures > "$log/failed"
[ ! -s "$log/failed" ] || { echo "== failed" && cat "$log/failed"; }
passed=$(count ok) failed=$(count 'not ok')
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
