# SPDX-License-Identifier: Apache-2.0
# A site for the peers' generators: user0000..user9999@bench.example under $PERF/site, agent and floor program started.
# Source it. Everything lives under $PERF (default /tmp/perf); sockets are Unix sockets; what was started ends by pid.
# Agent and site belong to root here, as the peers' daemons do, so that nobody pays for a change of user.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BENCH_PEERS=${BENCH_PEERS:-$repository/../shared/bench}
BIN=${MAILCTL_BIN:-$repository/build/release}
PERF=${PERF:-/tmp/perf}
SITE=$PERF/site
mkdir -p "$PERF"
chmod 755 "$PERF"

make_site() {
  [ -d "$SITE/etc" ] && return
  "$BIN/mailctl" init --root "$SITE" --hostname mx.bench.example --postmaster user0000@bench.example -q
  "$BIN/mailctl" domain create bench.example --root "$SITE" -q
  for i in $(seq -f %04g 0 9999); do printf '\n[mailbox.user%s]\nname = "User %s"\n' "$i" "$i"; done >> "$SITE/etc/domains/bench.example.toml"
  "$BIN/mailctl" apply --root "$SITE" --yes -q
  chmod -R go+rX "$SITE"
}

start_agent() { # sets AGENT (pid); lmtp socket at $SITE/run/lmtp.sock
  "$BIN/mailctl-deliver" lmtp --root "$SITE" 2> "$PERF/agent.log" > /dev/null &
  AGENT=$!
  until grep -q ready "$PERF/agent.log"; do sleep 0.02; kill -0 $AGENT; done
  chmod 755 "$SITE/run" && chmod 666 "$SITE/run/lmtp.sock"
}

start_floor() { # sets FLOOR (pid); socket at $PERF/floor.sock
  [ "$PERF/lmtpfloor" -nt "$BENCH_PEERS/lmtpfloor.c" ] || gcc -O2 -o "$PERF/lmtpfloor" "$BENCH_PEERS/lmtpfloor.c" -lpthread
  "$PERF/lmtpfloor" "$PERF/floor.sock" "$PERF/floor.$$" &
  FLOOR=$!
  until [ -S "$PERF/floor.sock" ]; do sleep 0.02; done
}

stop_all() { kill ${AGENT:-} ${FLOOR:-} 2> /dev/null || true; wait 2> /dev/null || true; }
trap stop_all EXIT
