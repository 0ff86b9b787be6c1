#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One delivery by the pipe command: wall and CPU time over `true`, beside procmail, maildrop, fdm, dovecot-lda and the floor program.
set -eu
. "$(dirname "$0")/site.sh"
make_site
gcc -O2 -o "$PERF/oneshotfloor" "$BENCH_PEERS/oneshotfloor.c"
mkdir -p "$PERF/oneshot-maildir"/{tmp,new,cur}
"$BENCH_PEERS/peers-oneshot.sh" -e "floor=$PERF/oneshotfloor $PERF/oneshot-maildir" \
  -e "mailctl=$BIN/mailctl-deliver pipe --root $SITE -f sender@bench.example -- user0001@bench.example" "$@"
