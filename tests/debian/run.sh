#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Suites on a clean Debian of another release: made by debootstrap, given the packages of cmake/packages.sh, a copy of the files as
# they stand in this tree, and no net while they run. Needs root and Debian's archive. It builds the house anew with that Debian's
# compiler (half an hour on two cores, a few minutes when its cache is warm), so tests/run.sh runs it only when it is named.
#
#   tests/debian/run.sh [--suite trixie|bookworm] [--part] [--keep] [--shell] [SUITE...]
#
#   SUITE     as for tests/run.sh, with the programs of the dev build; default: those below
#   --part    what another compiler, OpenSSL, Python and Postfix show first, in a third of the time: unit, cases and maps
#   --keep    the system stays where it is, and the next run begins with it
#   --shell   a shell in it instead of suites, or the script that stands on standard input
#
# MAILCTL_DEBIAN (default /var/tmp/mailctl-debian) holds SUITE.base, the system without anything, SUITE, the one with everything,
# and SUITE.cache, what ccache keeps between runs.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/harness/clean_system.sh"
usual=(unit cases screens lmtp maps dns nodes foreign hostile e2e stories)
suite=trixie keep=no shell=no suites=()
while [ $# -gt 0 ]; do
    case $1 in
        --suite) suite=$2 && shift ;;
        --part) suites+=(unit cases maps) ;;
        --keep) keep=yes ;;
        --shell) shell=yes ;;
        -*) echo "tests/debian/run.sh: no option '$1'" >&2 && exit 2 ;;
        *) suites+=("$1") ;;
    esac
    shift
done
[ ${#suites[@]} -gt 0 ] || suites=("${usual[@]}")
root=$systems/$suite cache=$systems/$suite.cache
mkdir -p "$cache"
exec 9> "$systems/$suite.lock"
flock -n 9 || { echo "tests/debian/run.sh: another run uses $root" >&2 && exit 1; }

leave() { [ $keep = yes ] || remove_system "$root"; }
trap leave EXIT

is_ours "$root" || make_system "$suite" "$root"
copy_tree "$root/mailctl"
git -C "$root/mailctl" init -q && git -C "$root/mailctl" add -A # some tests ask what is tracked
# shellcheck disable=SC2016 # it is the shell inside that expands it
inside "$root" net bash -c 'cd /mailctl && . cmake/packages.sh && install_packages "${build_packages[@]}" "${test_packages[@]}"'
if [ $shell = yes ]; then
    inside "$root" net sh -c 'cd /mailctl && exec bash'
else
    inside "$root" alone env MAILCTL_TEST_PRESET=dev /mailctl/tests/run.sh "${suites[@]}"
fi
