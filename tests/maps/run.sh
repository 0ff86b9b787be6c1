#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Generated maps against the real Postfix and Dovecot, private instances on loopback. Needs root, as they do.
set -u
cd "$(dirname "$0")" || exit 1
status=0
for tests in agree.py written.py; do
    python3 "$tests" "$@" || status=1
done
exit $status
