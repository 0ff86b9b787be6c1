#!/usr/bin/env bash
# Every fault test against the release binaries. FAULT_STRIDE=n tries every n-th fault of a change only: all of them (1) take
# two hours on two cores, so a usual run takes an eleventh. FAULT_OFFSET says with which it begins.
set -u
cd "$(dirname "$0")" || exit 1
export FAULT_STRIDE=${FAULT_STRIDE:-11}
status=0
python3 delivery.py "$@" || status=1
python3 change.py "$@" || status=1
python3 renaming.py "$@" || status=1
python3 candidates.py "$@" || status=1
python3 importing.py "$@" || status=1
python3 maps.py "$@" || status=1
exit $status
