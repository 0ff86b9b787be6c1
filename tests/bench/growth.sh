#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The cost of a delivery as one mailbox fills from 0 to 10,000 messages, beside Dovecot.
set -eu
. "$(dirname "$0")/site.sh"
make_site
start_agent
"$BENCH_PEERS/peers-growth.sh" -e "mailctl=unix:$SITE/run/lmtp.sock,$AGENT" "$@"
