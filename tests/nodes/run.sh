#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Many machines: what `publish` sends to a real PostgreSQL, and what nodes make of it.
set -u
cd "$(dirname "$0")" || exit 1
status=0
for part in publishing.py pulling.py killed.py fronts.py moving.py split.py renaming.py candidates.py; do python3 "$part" "$@" || status=1; done
exit $status
