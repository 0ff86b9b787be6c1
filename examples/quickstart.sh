#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to delivered mail in one command: installs what the build needs, builds, makes a mail site in a
# directory of its own, starts the delivery agent, sends real messages through LMTP and through the pipe command, and shows where
# each went and why. Touches nothing outside build/ and the site's directory, which it leaves for you to look at.
#
#   examples/quickstart.sh [DIRECTORY]        (default: a new directory below /tmp)
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"

step() { printf '\n== %s\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }

step "Installing what the build needs"
. cmake/packages.sh
install_packages "${build_packages[@]}" swaks

step "Building (release)"
cmake --preset release > build-configure.log 2>&1 || { cat build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build --preset release
PATH=$here/build/release:$PATH

export MAILCTL_ROOT=${1:-$(mktemp -d /tmp/mailctl-quickstart.XXXXXX)}
agent=
stop_agent() { [ -z "$agent" ] || { kill "$agent" 2> /dev/null && wait "$agent" || true; agent=; }; }
trap stop_agent EXIT

step "A site in $MAILCTL_ROOT: two domains, one of them internationalized"
run mailctl init --hostname mx.example.com --postmaster paul@example.com
run mailctl domain create example.com --alias example.net --unknown reject
run mailctl domain create bücher.example --unknown redirect:info@bücher.example

step "Mailboxes, an alias, a forward, a catch-all, a banished address"
printf 'yellow submarine\n' | run mailctl mailbox create paul@example.com --name Paul --quota "1 GiB" --alias macca --password-stdin
run mailctl mailbox create ringo@example.com --no-password
run mailctl mailbox create info@bücher.example --no-password
run mailctl alias create sales@example.com ringo@example.com
run mailctl forward create team@example.com paul ringo
run mailctl banished add "promo-*@bücher.example" --answer reject
run mailctl banished add void@example.com --answer discard

step "The file behind it, made to be read and edited by hand"
run cat "$MAILCTL_ROOT/etc/domains/example.com.toml"

step "The delivery agent (LMTP)"
mailctl-deliver lmtp 2> "$MAILCTL_ROOT/agent.log" &
agent=$!
for _ in $(seq 100); do grep -q ready "$MAILCTL_ROOT/agent.log" && break; sleep 0.05; done
cat "$MAILCTL_ROOT/agent.log"

lmtp() { # SENDER RECIPIENT FILE
  printf '$ LMTP  %-28s <- %s\n' "$2" "$(basename "$3")"
  swaks --protocol LMTP --socket "$MAILCTL_ROOT/run/lmtp.sock" --helo quickstart.example --from "$1" --to "$2" --data "@$3" \
    --silent 2 --hide-all --show-raw-text > /dev/null 2>&1 || {
    swaks --protocol LMTP --socket "$MAILCTL_ROOT/run/lmtp.sock" --helo quickstart.example --from "$1" --to "$2" --data "@$3" || true
    return 1
  }
}
pipe() { # SENDER RECIPIENT FILE
  printf '$ pipe  %-28s <- %s\n' "$2" "$(basename "$3")"
  mailctl-deliver pipe -f "$1" -- "$2" < "$3"
}
messages=$here/examples/messages

step "Real messages through LMTP: a plain one, one with an attachment, one in UTF-8"
lmtp alice@elsewhere.example macca@example.net "$messages/plain.eml"
lmtp bob@elsewhere.example sales@example.com "$messages/attachment.eml"
lmtp zoe@elsewhere.example nobody-in-particular@xn--bcher-kva.example "$messages/utf8.eml"

step "And through the pipe command that an MTA would run"
pipe alice@elsewhere.example team@example.com "$messages/plain.eml"
pipe bob@elsewhere.example void@example.com "$messages/attachment.eml"
status=0
pipe spammer@elsewhere.example promo-7@xn--bcher-kva.example "$messages/plain.eml" || status=$?
echo "refused with exit status $status, as a banished address should be"

step "Why each went where it went"
for address in macca@example.net sales@example.com nobody-in-particular@bücher.example team@example.com void@example.com promo-7@bücher.example; do
  run mailctl explain "$address"
done

step "Where they lie"
run mailctl mailbox list
find "$MAILCTL_ROOT/mail" -path '*/new/*' -type f | sed "s|$MAILCTL_ROOT/||"

step "The agent ends cleanly"
stop_agent
trap - EXIT

delivered=$(find "$MAILCTL_ROOT/mail" -path '*/new/*' -type f | wc -l)
[ "$delivered" -eq 5 ] || { echo "expected 5 delivered messages, found $delivered"; exit 1; }
cat <<END

5 messages delivered, 1 discarded, 1 refused. What to look at next (export MAILCTL_ROOT=$MAILCTL_ROOT, PATH=$here/build/release:\$PATH):
  mailctl                                  the commands, each with examples: mailctl mailbox create --help
  mailctl mailbox set paul@example.com quota="2 GiB" --dry-run    every change can be shown before it is made
  mailctl history list                     and undone after: mailctl history revert N
  mailctl map show main.cf                 what to put into Postfix; mailctl map show dovecot.conf for Dovecot
  $MAILCTL_ROOT/etc/domains/       edit by hand, then: mailctl apply
  man $here/build/release/man/mailctl.8
END
