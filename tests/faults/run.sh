#!/usr/bin/env bash
# Every fault test against the release binaries. FAULT_STRIDE=n tries every n-th fault of a change only: all of them (1) take
# ten minutes, so a third of them is what a usual run does.
set -u
cd "$(dirname "$0")" || exit 1
export FAULT_STRIDE=${FAULT_STRIDE:-3}
status=0
python3 delivery.py "$@" || status=1
python3 change.py "$@" || status=1
python3 renaming.py "$@" || status=1
python3 candidates.py "$@" || status=1
python3 importing.py "$@" || status=1
exit $status
