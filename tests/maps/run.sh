#!/usr/bin/env bash
# Generated maps against the real Postfix and Dovecot, private instances on loopback. Needs root, as they do.
set -u
cd "$(dirname "$0")" || exit 1
exec python3 agree.py "$@"
