#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 5,000 idle connections: memory of the agent and the time one more answer takes.
set -eu
. "$(dirname "$0")/site.sh"
make_site
ulimit -n 20000
start_agent
python3 "$(dirname "$0")/idle.py" "$SITE/run/lmtp.sock" "$AGENT" "${1:-5000}"
