#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Behind a private Postfix: inject to all delivered, and the drain of a full queue (-q), beside virtual(8), maildrop and Dovecot.
set -eu
. "$(dirname "$0")/site.sh"
make_site
start_agent
"$BENCH_PEERS/peers-postfix.sh" -e "mailctl=lmtp:unix:$SITE/run/lmtp.sock,$AGENT" "$@"
