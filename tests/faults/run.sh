#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every fault test against the release binaries: every call that can fail fails, and the program is killed at every call that
# changes something and after the last. The sites lie in memory; a kill, unlike a power failure, loses nothing that was written.
# tests/faults/run.sh [WORD...] runs the tests whose name has one of the words.
set -u
cd "$(dirname "$0")" || exit 1
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
status=0
for suite in delivery change copying renaming candidates importing maps looking interrupted keys; do
    python3 $suite.py "$@" || status=1
done
exit $status
