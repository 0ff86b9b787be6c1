#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# System calls per delivery (strace), beside Dovecot, Postfix virtual(8) and the one-shot agents.
set -eu
. "$(dirname "$0")/site.sh"
make_site
start_agent
"$BENCH_PEERS/peers-syscalls.sh" -e "mailctl=unix:$SITE/run/lmtp.sock,$AGENT" "$@"
