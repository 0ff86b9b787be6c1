#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A small cluster on one machine: an administration host, two nodes that hold mail, a front end that holds none, and a private
# PostgreSQL between them, each below a directory of its own. Mail comes to the front end, finds its node, waits for one that is
# drained, and a mailbox moves from one node to the other while the database is up and is served while it is down.
#
#   examples/cluster/cluster.sh [DIRECTORY]        (default: a new directory below /tmp)
#
# Needs mailctl and mailctl-deliver in PATH or in build/release (examples/quickstart.sh builds them), PostgreSQL, rsync and
# swaks. As root and with Postfix and postfix-lmdb installed the front end is a private Postfix on 127.0.0.1:2525; otherwise a
# few lines of shell stand in for it, which read the same map. Nothing outside DIRECTORY is touched.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$here/build/release:$PATH:/usr/sbin:/sbin
directory=${1:-$(mktemp -d /tmp/mailctl-cluster.XXXXXX)}
mkdir -p "$directory" && chmod 755 "$directory" && cd "$directory"

step() { printf '\n== %s\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }
admin() { mailctl --root "$directory/admin" "$@"; }
node() { mailctl --root "$directory/$1" "${@:2}"; }

programs=$(dirname "$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | tail -1)")
server_user=$([ "$(id -u)" -ne 0 ] || echo nobody) # PostgreSQL does not run as root
as_server=()
[ -z "$server_user" ] || as_server=(setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups)

started=()
end() {
  for pid in "${started[@]}"; do kill "$pid" 2> /dev/null || true; done
  [ ! -e postfix/etc/main.cf ] || postfix -c "$directory/postfix/etc" stop 2> /dev/null || true
  wait
}
trap end EXIT

step "PostgreSQL: a cluster of its own, on a Unix socket in $directory/database"
mkdir -p database && { [ -z "$server_user" ] || chown "$server_user" database; }
"${as_server[@]}" "$programs/initdb" -D "$directory/database/data" -A trust -U postgres -E UTF8 --locale=C > database.log
start_database() {
  "${as_server[@]}" "$programs/postgres" -D "$directory/database/data" -c listen_addresses= -c unix_socket_directories="$directory/database" >> database.log 2>&1 &
  database=$!
  started+=("$database")
  until psql -qAtc 'select 1' "host=$directory/database user=postgres dbname=postgres" > /dev/null 2>&1; do sleep 0.1; done
}
start_database

step "The administration host: a site as any other, and who has whose mail"
admin init --hostname admin.example.net --postmaster paul@example.com > /dev/null
run admin node create store1 --lmtp 127.0.0.2:2424 --imap 127.0.0.2 --mail-root "$directory/store1/mail"
run admin node create store2 --lmtp 127.0.0.3:2424 --imap 127.0.0.3 --mail-root "$directory/store2/mail"
for name in example.com example.org; do admin domain create "$name" --unknown reject 2> /dev/null; done
# A new domain lives on the administration host; its file says where else.
sed -i 's/^\[domain\]$/[domain]\nnode = "store1"/' admin/etc/domains/example.com.toml
sed -i 's/^\[domain\]$/[domain]\nnode = "store2"/' admin/etc/domains/example.org.toml
run admin apply
run admin mailbox create paul@example.com ringo@example.com george@example.org --no-password

step "Tables and roles, and the first generation"
admin publish --init | psql -q -v ON_ERROR_STOP=1 "host=$directory/database user=postgres dbname=postgres"
psql -q "host=$directory/database user=postgres dbname=postgres" \
  -c 'create role publisher login in role mailctl_writer; create role machine login in role mailctl_reader;'
admin config set publish.database="host=$directory/database user=publisher dbname=postgres" > /dev/null
run admin publish

step "Two nodes and a front end take what is theirs, again whenever something is published"
for name in store1 store2 front; do
  node "$name" init --hostname "$name.example.net" > /dev/null
  node "$name" config set publish.database="host=$directory/database user=machine dbname=postgres" > /dev/null
  cp admin/etc/srs.secret "$name/etc/srs.secret" # bounces of one machine come to another
done
run node store1 node pull store1 --once
run node store2 node pull store2 --once
run node front node pull --front --once
serve() { # NODE ADDRESS
  mailctl-deliver lmtp --root "$directory/$1" --listen "inet:$2:2424" 2>> "$1.log" & started+=($!)
  mailctl --root "$directory/$1" node pull "$1" 2>> "$1.log" & started+=($!)
}
serve store1 127.0.0.2
serve store2 127.0.0.3
mailctl --root "$directory/front" node pull --front 2>> front.log & started+=($!)
run cat front/lib/maps/front-transport front/lib/maps/front-routes

step "Mail comes to the front end"
if [ "$(id -u)" -eq 0 ] && postconf -m 2> /dev/null | grep -qx lmdb; then
  front_port=2525
  mkdir -p postfix/etc postfix/queue postfix/data && chown postfix postfix/data
  cat > postfix/etc/main.cf << END
compatibility_level = 3.6
queue_directory = $directory/postfix/queue
data_directory = $directory/postfix/data
myhostname = front.example.net
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = $directory/postfix/log
maillog_file_prefixes = /
alias_maps =
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
END
  cat front/lib/maps/front-main.cf >> postfix/etc/main.cf
  { echo "127.0.0.1:$front_port inet n - n - - smtpd"; grep -E '^(cleanup|qmgr|rewrite|bounce|defer|trace|verify|proxymap|lmtp|smtp|error|retry|anvil|scache|showq|postlog) ' /usr/share/postfix/master.cf.dist |
    grep -v inet | sed -E 's/^(\S+\s+\S+\s+\S+\s+\S+\s+)\S+/\1n/'; } > postfix/etc/master.cf
  postfix -c "$directory/postfix/etc" start
  send() { swaks --server "127.0.0.1:$front_port" --helo example --from alice@elsewhere.example --to "$1" --header "Subject: $2" --silent 2 --hide-all > /dev/null 2>&1; }
else
  send() { # what Postfix would do by the map
    local row
    row=$(grep -m1 "^$1 " front/lib/maps/front-transport || grep -m1 "^${1#*@} " front/lib/maps/front-transport)
    [[ $row == *" lmtp:inet:["* ]] || return 1
    row=${row##*lmtp:inet:[}
    swaks --protocol LMTP --server "${row%%]*}:${row##*:}" --helo example --from alice@elsewhere.example --to "$1" --header "Subject: $2" --silent 2 --hide-all > /dev/null 2>&1
  }
fi
deliver() { # ADDRESS SUBJECT
  if send "$1" "$2"; then echo "taken:    $1: $2"; else echo "deferred: $1: $2"; fi
}
count() { find "$1/mail/${2#*@}/${2%@*}" -path '*/new/*' -type f 2> /dev/null | wc -l; }
until_there() { # NODE ADDRESS NUMBER
  for _ in $(seq 200); do [ "$(count "$1" "$2")" -ge "$3" ] && break; sleep 0.1; done
  echo "$1 has $(count "$1" "$2") message(s) of $2"
  [ "$(count "$1" "$2")" -eq "$3" ]
}
until_map_says() { for _ in $(seq 200); do grep -q "$1" front/lib/maps/front-transport && return; sleep 0.1; done; echo "the front end does not hear of it" >&2; return 1; }
deliver paul@example.com one
deliver george@example.org one
until_there store1 paul@example.com 1
until_there store2 george@example.org 1
deliver nobody@example.com 'nobody is there'

step "A node is drained: its mail waits, the other's does not"
run admin node drain store2
run admin publish
until_map_says '^example.org retry:'
[ ! -e postfix/etc/main.cf ] || sleep 11 # trivial-rewrite(8) looks every 10 seconds whether a table was replaced
deliver george@example.org two
deliver paul@example.com two
run admin node resume store2
run admin publish
until_map_says '^example.org lmtp:'
until_there store1 paul@example.com 2

step "A mailbox moves to the other node, with its mail"
run admin mailbox move paul@example.com --node store2
until_map_says '^paul@example.com lmtp:.*127.0.0.3'
deliver paul@example.com three
until_there store2 paul@example.com 3
run admin mailbox show paul@example.com

step "Without the database everybody is served as before"
kill -QUIT "$database"; wait "$database" || true
deliver paul@example.com four
until_there store2 paul@example.com 4
run admin mailbox create john@example.com --no-password
run admin publish || echo "status $?: the change stands, and is published when the database is back"
start_database
run admin publish
sleep 6 # the nodes try again every few seconds
run admin node status

step "All of it is in $directory: look at admin/etc/domains, store1/etc/domains, front/lib/maps"
