#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A hostile mail user against everything that root's mailctl does with the mail root and state.db. Needs root.
cd "$(dirname "$0")" || exit 1
[ "$(id -u)" = 0 ] || { echo "not ok hostile: only root can play root and the mail user" && exit 1; }
status=0
python3 planted.py "$@" || status=1
python3 mounts.py "$@" || status=1
python3 owners.py "$@" || status=1
python3 units.py "$@" || status=1
exit $status
