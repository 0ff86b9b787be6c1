#!/usr/bin/env bash
# Every fault test against the release binaries. FAULT_STRIDE=n tries every n-th fault of a change only.
set -u
cd "$(dirname "$0")" || exit 1
status=0
python3 delivery.py "$@" || status=1
python3 change.py "$@" || status=1
exit $status
