#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `mailctl dns` shows against a real name server (nsd), and what it finds there.
set -u
cd "$(dirname "$0")" || exit 1
status=0
for part in zones.py check.py signed.py asked.py; do python3 "$part" "$@" || status=1; done
exit $status
