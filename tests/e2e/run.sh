#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole house with real Postfix and Dovecot, private instances on loopback. Needs root, as they do.
set -u
cd "$(dirname "$0")" || exit 1
status=0
for suite in mail_flows.py lists.py candidates_and_relays.py peers.py track.py signing.py sending.py sessions.py policy.py certificates.py; do
    python3 "$suite" "$@" || status=1
done
exit $status
