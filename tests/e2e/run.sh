#!/usr/bin/env bash
# The whole house with real Postfix and Dovecot, private instances on loopback. Needs root, as they do.
set -u
cd "$(dirname "$0")" || exit 1
exec python3 mail_flows.py "$@"
