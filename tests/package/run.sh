#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package in a clean system: built here, installed there, used, upgraded, removed, purged. Mail and domain files are
# looked for at each step. Needs root and Debian's archive; takes a few minutes, so tests/run.sh runs it only when it is named.
# tests/package/run.sh [--suite bookworm|trixie] [--keep] [--older DEB] [DEB]     DEB: one that was built already, for that suite,
# with mailctl-postgresql beside it; --keep: the system that built it stays; --older: one of an earlier version, whose site is upgraded
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/harness/clean_system.sh"
suite=$(. /etc/os-release && echo "$VERSION_CODENAME") deb='' older='' keep=no
while [ $# -gt 0 ]; do
    case $1 in
        --suite) suite=$2 && shift ;;
        --keep) keep=yes ;;
        --older) older=$(realpath "$2") && shift ;;
        *) deb=$(realpath "$1") ;;
    esac
    shift
done
work=$(mktemp -d /var/tmp/mailctl-package-XXXXXX)
root=$work/root builder=$systems/$suite
! is_ours "$builder" || keep=yes # another test's
trap 'halt; rm -rf --one-file-system "$work"; [ $keep = yes ] || remove_system "$builder"' EXIT
passed=0 failed=0

report() { # NAME STATUS: of what said $work/said
    if [ "$2" -eq 0 ]; then
        echo "ok package $1" && passed=$((passed + 1))
    else
        echo "not ok package $1" && sed 's/^/    /' "$work/said" && failed=$((failed + 1))
    fi
}
try() { # NAME COMMAND...: in the clean system
    local name=$1 status=0
    shift
    inside "$root" net "$@" > "$work/said" 2>&1 || status=$?
    report "$name" $status
}
refuse() { # NAME COMMAND...: it must fail
    local name=$1
    shift
    try "$name" sh -c '! "$@"' refuse "$@"
}

# In the system that tests/debian uses too, so that the one under test gets nothing but what the package asks for.
build() {
    exec 9> "$systems/$suite.lock" && flock 9
    is_ours "$builder" || make_system "$suite" "$builder"
    copy_tree "$builder/package/mailctl" && rm -f "$builder"/package/mailctl_*
    cache=$systems/$suite.cache && mkdir -p "$cache"
    inside "$builder" net sh -c '
        apt-get -qq update && apt-get -qq install -y --no-install-recommends build-essential ccache devscripts lintian &&
        cd /package/mailctl && apt-get -qq build-dep -y --no-install-recommends ./ && nice dpkg-buildpackage -b -us -uc' \
        > "$work/build.log" 2>&1 || { tail -40 "$work/build.log" && exit 1; }
    deb=$(ls "$builder"/package/mailctl_*.deb)
}

# lintian of the suite itself: each release has its own rules.
ask_lintian() {
    local status=0
    inside "$builder" net sh -c 'cd /package && lintian --allow-root --fail-on error,warning mailctl_*.changes' > "$work/said" 2>&1 || status=$?
    report 'lintian has nothing to say' $status
}

# Exposure as systemd counts it: 2.0 at most, and what units that need the net take besides, for which each says why.
ask_systemd() {
    local unit most exposure status
    for unit in deliver housekeeping track tls "$@"; do
        most=20
        case $unit in housekeeping) most=26 ;; publish) most=22 ;; *-pull*) most=27 ;; esac
        exposure=$(systemd-analyze security --offline=yes --root="$root" "mailctl-$unit.service" 2> "$work/said" | tee -a "$work/said" |
            sed -nE 's/.*exposure level for .*: ([0-9]+)\.([0-9]).*/\1\2/p')
        status=0
        [ "${exposure:-99}" -le $most ] || status=1
        report "mailctl-$unit.service is exposed by ${exposure:-?} tenths, $most at most" $status
    done
}

cache=''
if [ -z "$deb" ]; then build && ask_lintian; fi
cache=''
make_system "$suite" "$root"
cp "$deb" "$root/tmp/mailctl.deb"
cp "$(dirname "$deb")"/mailctl-postgresql_*.deb "$root/tmp/mailctl-postgresql.deb"
[ -z "$older" ] || cp "$older" "$root/tmp/older.deb"
inside "$root" net apt-get -qq update

try 'it installs with what it needs' apt-get -qq install -y --no-install-recommends /tmp/mailctl.deb postfix
try 'the mail user is there, and his directory is his' sh -c 'test "$(stat -c %U:%a /var/vmail)" = vmail:700'
refuse 'nothing was made that needs a site' test -e /etc/mailctl
try 'manual pages, completions and examples are there' sh -c 'ls /usr/share/man/man8/mailctl.8.gz /usr/share/bash-completion/completions/mailctl /usr/share/doc/mailctl/examples/systemd'
try 'units are there' sh -c 'ls /lib/systemd/system/mailctl-deliver.socket /lib/systemd/system/mailctl-housekeeping.timer /usr/lib/tmpfiles.d/mailctl.conf'
try 'what publishing needs is a package of its own' sh -c 'apt-get -qq install -y --no-install-recommends /tmp/mailctl-postgresql.deb &&
    grep -qi "create table" /usr/share/mailctl-postgresql/schema.sql'
ask_systemd publish front-pull node-pull@x
try 'and goes without the other' sh -c 'apt-get -qq purge -y mailctl-postgresql && command -v mailctl'
try 'a site is made' mailctl init --hostname mx.example.org --postmaster ann@example.org
try 'a domain' mailctl domain create example.org
try 'and a mailbox' mailctl mailbox create ann@example.org --no-password
deliver='printf "Subject: hello\n\nhello\n" | runuser -u vmail -- mailctl-deliver pipe -f bob@example.net -- ann@example.org'
try 'mail comes as the mail user' sh -c "$deliver"
try 'the message is there' sh -c 'test "$(ls /var/vmail/example.org/ann/new | wc -l)" = 1'
try 'maps are as the domain files say' mailctl map check
try 'an upgrade over the same state' sh -c 'dpkg -i /tmp/mailctl.deb && mailctl map check'
try 'and mail comes afterwards' sh -c "$deliver"
try 'it is removed' apt-get -qq remove -y mailctl
try 'mail, domain files and state stay' sh -c 'test "$(ls /var/vmail/example.org/ann/new | wc -l)" = 2 && ls /etc/mailctl/domains/example.org.toml /var/lib/mailctl/history'
try 'it comes back with all it had' sh -c 'apt-get -qq install -y /tmp/mailctl.deb && mailctl mailbox list --plain | grep -q ann@example.org'
try 'it is purged, and nobody said that mail is to go' apt-get -qq purge -y mailctl
try 'mail and domain files stay' sh -c 'test "$(ls /var/vmail/example.org/ann/new | wc -l)" = 2 && ls /etc/mailctl/domains/example.org.toml'
refuse 'what can be made again is gone' ls /var/lib/mailctl/directory /var/lib/mailctl/maps
try 'installed again' sh -c 'apt-get -qq install -y /tmp/mailctl.deb && mailctl init && mailctl apply --yes'
try 'the mailbox is there with its mail' sh -c "mailctl mailbox list --json | grep -q last_delivery && $deliver && test \"\$(ls /var/vmail/example.org/ann/new | wc -l)\" = 3"
try 'somebody says that all is to go' sh -c 'echo mailctl mailctl/purge-data boolean true | debconf-set-selections && apt-get -qq purge -y mailctl'
refuse 'all is gone' ls /var/vmail /etc/mailctl /var/lib/mailctl

# What an earlier version has left: its site with history, state, maps and mail.
upgrade_from_older() {
    local deliver='printf "Subject: older\n\nhello\n" | runuser -u vmail -- mailctl-deliver pipe -f bob@example.net -- ann@example.org'
    try 'an earlier version is installed' apt-get -qq install -y --no-install-recommends /tmp/older.deb
    try 'its site, with mail' sh -c "mailctl init --hostname mx.example.org --postmaster ann@example.org && mailctl domain create example.org &&
        mailctl mailbox create ann@example.org --no-password && mailctl alias create sales@example.org ann@example.org &&
        mailctl mailbox create bob@example.org --no-password && mailctl mailbox delete bob@example.org --yes && $deliver"
    try 'the older site as it stood' sh -c 'mailctl --version; cp -a /etc/mailctl /tmp/older.etc; ls -a /var/lib/mailctl /var/lib/mailctl/maps; mailctl history list --plain | wc -l > /tmp/older.count'
    try 'it is upgraded to this one' apt-get -qq install -y --no-install-recommends /tmp/mailctl.deb
    try 'nothing that a person wrote has changed' diff -r /tmp/older.etc/domains /etc/mailctl/domains
    try 'its history is there' sh -c 'test "$(mailctl history list --plain | wc -l)" -ge "$(cat /tmp/older.count)"'
    try 'it is brought into force' sh -c 'mailctl apply --yes && mailctl map build && mailctl map check'
    try 'mail of then is there, and mail of now comes' sh -c "$deliver && test \"\$(ls /var/vmail/example.org/ann/new | wc -l)\" = 2"
    try 'what was deleted then comes back now' mailctl mailbox restore bob@example.org
    # shellcheck disable=SC2016 # the shell inside expands it
    try 'a change of then is undone now' sh -c 'mailctl history revert "$(mailctl history list --plain | grep "alias create" | cut -f1)" --yes &&
        ! mailctl address list example.org --plain | grep "^sales@"'
    try 'it goes with all it had' sh -c 'echo mailctl mailctl/purge-data boolean true | debconf-set-selections && apt-get -qq purge -y mailctl'
}
[ -z "$older" ] || upgrade_from_older

try 'it is installed once more, beside Postfix and Dovecot' apt-get -qq install -y --no-install-recommends \
    /tmp/mailctl.deb postfix postfix-lmdb dovecot-imapd systemd-sysv dbus swaks curl dns-root-data
cp "$here/tests/package/life.sh" "$root/root/life.sh"
: > "$work/said"
if boot "$root" 2> "$work/said"; then
    in_booted bash /root/life.sh > "$work/life" 2>&1 || true
    cat "$work/life"
    passed=$((passed + $(grep -c '^ok ' "$work/life" || true))) failed=$((failed + $(grep -c '^not ok ' "$work/life" || true)))
else
    cat "$root/boot.log" >> "$work/said"
    report 'the system boots' 1
fi
halt

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
