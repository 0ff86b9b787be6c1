#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Deliveries per second over LMTP: Dovecot tuned, the floor program and mailctl-deliver, interleaved by the peers' own script.
#   lmtp.sh [options of peers-lmtp.sh: -n REPS -s "4096 65536" -c "1 8 32" -r "1 10"]
set -eu
. "$(dirname "$0")/site.sh"
make_site
start_agent
start_floor
"$BENCH_PEERS/peers-lmtp.sh" -v optimized-tuned -e "floor=unix:$PERF/floor.sock,$FLOOR" -e "mailctl=unix:$SITE/run/lmtp.sock,$AGENT" "$@"
