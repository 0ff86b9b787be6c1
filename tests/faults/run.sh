#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every fault test against the release binaries: every call that can fail fails, and the program is killed at every call that
# changes something and after the last. The sites lie in memory; a kill, unlike a power failure, loses nothing that was written.
# Two files are tried at a time, because some of them wait, and all have a last test that is alone.
# tests/faults/run.sh [WORD...] runs the tests whose name has one of the words.
set -u
cd "$(dirname "$0")" || exit 1
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
told=$(mktemp -d)
trap 'rm -rf "$told"' EXIT
try() { # FOLDER FILE [WORD...]: what it says is shown when it has ended, because another prints meanwhile
    local told=$1 file=$2
    shift 2
    python3 "$file.py" "$@" > "$told/$file" || touch "$told/failed"
    flock "$told" cat "$told/$file"
}
export -f try
printf '%s\n' change delivery importing renaming candidates maps keys copying interrupted looking |
    xargs -P 2 -I '{}' bash -c 'try "$@"' - "$told" '{}' "$@"
[ ! -e "$told/failed" ]
